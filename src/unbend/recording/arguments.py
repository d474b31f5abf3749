"""From the words of `train` to a network and a recipe; every argument is checked here, at the door."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from unbend.activations import Activation, activation
from unbend.data.dataset import Dataset
from unbend.errors import UnbendError, did_you_mean
from unbend.network import Network, initializer
from unbend.training import LINK_OF_LOSS, Recipe, validate

LOSS_OF_TASK = {"binary": "binary_cross_entropy", "multiclass": "cross_entropy", "regression": "squared"}
DEFAULTS: dict[str, Any] = {"hidden": (2,), "activation": "tanh", "init": "glorot_normal", "gain": None, "loss": None}
RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))


def known_arguments(given: Mapping[str, Any]) -> None:
    """Refuse argument names that `train` does not have, with the nearest one it has."""
    names = (*DEFAULTS, *RECIPE_FIELDS)
    for name in given:
        if name not in names:
            raise UnbendError(f"train has no argument {name!r}; {did_you_mean(name, names)}")


def specification(data: Dataset, given: Mapping[str, Any]) -> tuple[Network, Recipe]:
    """The network and the recipe that the arguments of `train` describe for a data set."""
    known_arguments(given)
    if not isinstance(data, Dataset):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UnbendError(f"train needs a data set such as ub.data.curves() or ub.data.table(...), not {data!r}")
    chosen = DEFAULTS | dict(given)
    recipe = recipe_for(data, chosen)
    hidden = hidden_widths(chosen["hidden"])
    initializer(chosen["init"])
    network = Network(
        widths=(data.x.shape[1], *hidden, data.output_width),
        activations=layer_activations(chosen["activation"], len(hidden)),
        output=LINK_OF_LOSS[recipe.loss],
        initializer=chosen["init"],
        gain=_gain(chosen["gain"]),
    )
    return network, recipe


def recipe_for(data: Dataset, chosen: Mapping[str, Any]) -> Recipe:
    """The recipe among the arguments; the loss follows the task of the data set where none is named."""
    usual = LOSS_OF_TASK[data.task]
    named = {name: _plain(chosen[name]) for name in RECIPE_FIELDS if name in chosen}
    recipe = Recipe(**{**named, "loss": chosen["loss"] or usual})
    validate(recipe)
    if LINK_OF_LOSS[recipe.loss] != LINK_OF_LOSS[usual]:  # pyright: ignore[reportArgumentType]
        raise UnbendError(f"loss={recipe.loss!r} does not fit the {data.task} data set {data.name!r}; use {usual!r}")
    return recipe


def _plain(value: Any) -> Any:
    """NumPy's scalars as Python's, a list as a tuple."""
    if isinstance(value, np.generic):
        return value.item()
    return tuple(int(item) for item in value) if isinstance(value, (list, range, np.ndarray)) else value


def hidden_widths(hidden: Any) -> tuple[int, ...]:
    """A number or a sequence of numbers as widths."""
    widths = (hidden,) if isinstance(hidden, (int, np.integer)) else tuple(hidden)
    for width in widths:
        if not isinstance(width, (int, np.integer)) or isinstance(width, bool) or not 1 <= width <= 4096:
            raise UnbendError(f"hidden={hidden!r} must be widths from 1 to 4096, such as (2,) or (32, 32)")
    return tuple(int(width) for width in widths)


def layer_activations(spec: Any, layers: int) -> tuple[Activation, ...]:
    """One activation per hidden layer: the same for all, or a sequence with one for each."""
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        if len(spec) != layers:
            raise UnbendError(
                f"activation names {len(spec)} layers and hidden {layers}; give one for each hidden layer"
            )
        return tuple(activation(one) for one in spec)
    return (activation(spec),) * layers


def _gain(gain: Any) -> Any:
    sound = gain is None or gain == "exact" or (isinstance(gain, (int, float)) and 0 < gain < np.inf)
    if not sound or isinstance(gain, bool):
        raise UnbendError(f"gain={gain!r} must be None, 'exact', or a number above 0")
    return gain
