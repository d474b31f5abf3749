"""`train_many`: the product of all values that are given, trained as populations."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.progress import track
from unbend.recording.arguments import known_arguments, specification
from unbend.recording.population import Group, Population
from unbend.training import Recipe, train_population

IN_A_GROUP = ("learning_rate", "seed")  # networks that differ in these alone share a kernel and its vectors


def train_many(data: Dataset, **arguments: Any) -> "Population":
    """Train one network for every combination of the values given.

    The arguments are those of `train`; a list, range or array stands for several values (a tuple is one value: widths,
    or the activations of the layers). Networks are ordered like nested loops over the arguments as they are written
    here, learning rates and seeds innermost. Raises `UnbendError` as `train` does.

    >>> import unbend as ub
    >>> runs = ub.train_many(ub.data.xor(), activation=["tanh", "relu"], seed=range(3), batch_size=None, epochs=5)
    >>> len(runs), runs.table()["activation"], runs.table()["seed"]
    (6, ['tanh', 'tanh', 'tanh', 'relu', 'relu', 'relu'], [0, 1, 2, 0, 1, 2])
    """
    known_arguments(arguments)
    values = {name: _values(name, value) for name, value in arguments.items()}
    outer = {name: found for name, found in values.items() if name not in IN_A_GROUP}
    rates = values.get("learning_rate", [Recipe.learning_rate])
    seeds = values.get("seed", [Recipe.seed])
    arms = [dict(zip(outer, combination, strict=True)) for combination in product(*outer.values())]
    inner = list(product(rates, seeds))
    checked = [_checked(data, arm, rates, seeds) for arm in arms]
    epochs = sum(recipe.epochs for _, recipe in checked)
    groups: list[Group] = []
    with track(epochs * len(inner), "training") as advance:
        for arm, (network, recipe) in zip(arms, checked, strict=True):
            trained = train_population(
                data.x, data.y, network, recipe,
                np.array([seed for _, seed in inner]), np.array([rate for rate, _ in inner]), progress=advance,
            )  # fmt: skip
            recipes = tuple(replace(recipe, learning_rate=float(rate), seed=int(seed)) for rate, seed in inner)
            groups.append(Group(arm, network, recipes, trained))
    return Population(data, tuple(values), tuple(groups))


def _checked(data: Dataset, arm: dict[str, Any], rates: list[Any], seeds: list[Any]) -> Any:
    for rate in rates:
        for seed in (min(seeds), max(seeds)):
            network, recipe = specification(data, arm | {"learning_rate": rate, "seed": seed})
    return network, recipe  # pyright: ignore[reportPossiblyUnboundVariable]


def _values(name: str, value: Any) -> list[Any]:
    """The values that an argument stands for."""
    if not isinstance(value, (list, range, np.ndarray)) or name == "keep":
        return [value]
    found: Iterable[Any] = value.tolist() if isinstance(value, np.ndarray) else value
    values = list(found)
    if not values:
        raise UnbendError(f"{name}=[] gives train_many nothing to train; give at least one value")
    return values
