"""`train_many`: the product of all values that are given, trained as populations."""

from itertools import product
from typing import Any

import numpy as np

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.network import Network
from unbend.progress import track
from unbend.recording.arguments import known_arguments, specification
from unbend.recording.population import Group, Population
from unbend.training import Recipe, train_population

IN_A_GROUP = ("learning_rate", "seed")  # networks that differ in these alone share a kernel and its vectors


def train_many(data: Dataset, **arguments: Any) -> Population:
    """Train one network for every combination of the values given.

    The arguments are those of `train`; a list, range or array stands for several values (a tuple is one value: widths,
    or the activations of the layers; ``keep`` is always one value). Networks are ordered like nested loops over the
    arguments as they are written here, learning rates and seeds innermost. Raises `UnbendError` as `train` does.

    >>> import unbend as ub
    >>> runs = ub.train_many(ub.data.xor(), activation=["tanh", "relu"], seed=range(3), batch_size=None, epochs=5)
    >>> len(runs), runs.table()["activation"], runs.table()["seed"]
    (6, ['tanh', 'tanh', 'tanh', 'relu', 'relu', 'relu'], [0, 1, 2, 0, 1, 2])
    """
    known_arguments(arguments, "train_many")
    values = {name: _values(name, value) for name, value in arguments.items()}
    outer = {name: found for name, found in values.items() if name not in IN_A_GROUP}
    rates, seeds = values.get("learning_rate", [Recipe.learning_rate]), values.get("seed", [Recipe.seed])
    arms = [dict(zip(outer, combination, strict=True)) for combination in product(*outer.values())]
    checked = [_checked(data, arm, rates, seeds) for arm in arms]
    all_rates, all_seeds = np.repeat(np.array(rates, np.float64), len(seeds)), np.tile(np.array(seeds), len(rates))
    groups: list[Group] = []
    with track(sum(recipe.epochs for _, recipe in checked) * len(all_seeds), "training") as advance:
        for arm, (network, recipe) in zip(arms, checked, strict=True):
            trained = train_population(data.x, data.y, network, recipe, all_seeds, all_rates, progress=advance)
            groups.append(Group(arm, network, recipe, all_seeds, all_rates, trained))
    return Population(data, tuple(values), tuple(groups))


def _checked(data: Dataset, arm: dict[str, Any], rates: list[Any], seeds: list[Any]) -> tuple[Network, Recipe]:
    """Network and recipe of an arm, every learning rate and seed looked at."""
    doubtful = [seed for seed in seeds if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool)]
    for seed in doubtful[:1] or [min(seeds), max(seeds)]:
        specification(data, arm | {"seed": seed})
    for rate in rates:
        specification(data, arm | {"learning_rate": rate})
    return specification(data, arm)


def _values(name: str, value: Any) -> list[Any]:
    """The values that an argument stands for."""
    if not isinstance(value, (list, range, np.ndarray)) or name == "keep":
        return [value]
    values = value.tolist() if isinstance(value, np.ndarray) else list(value)
    if not isinstance(values, list):
        return [values]
    if not values:
        raise UnbendError(f"{name}=[] gives train_many nothing to train; give at least one value")
    return values
