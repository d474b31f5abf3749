"""From the words of `train` to a network and a recipe; every argument is checked here, at the door."""

from collections.abc import Mapping
from dataclasses import fields, replace
from math import isfinite
from typing import Any

import numpy as np

from unbend.activations import Activation, activation
from unbend.data.dataset import Dataset, Task
from unbend.errors import UnbendError, did_you_mean
from unbend.network import Network, initializer
from unbend.training import LINK_OF_LOSS, Recipe, validate
from unbend.training.recipe import Loss

LOSS_OF_TASK: dict[Task, Loss] = {
    "binary": "binary_cross_entropy",
    "multiclass": "cross_entropy",
    "regression": "squared",
}
DEFAULTS: dict[str, Any] = {"hidden": (2,), "activation": "tanh", "init": "glorot_normal", "gain": None, "loss": None}
RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))
WIDEST = 4096


def known_arguments(given: Mapping[str, Any], caller: str = "train") -> None:
    """Refuse argument names that `train` does not have, with the nearest one it has."""
    names = tuple(dict.fromkeys((*DEFAULTS, *RECIPE_FIELDS)))
    for name in given:
        if name not in names:
            raise UnbendError(f"{caller} has no argument {name!r}; {did_you_mean(name, names)}")


def specification(data: Dataset, given: Mapping[str, Any]) -> tuple[Network, Recipe]:
    """The network and the recipe that the arguments of `train` describe for a data set."""
    if not isinstance(data, Dataset):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UnbendError(
            f"the first argument must be a data set such as ub.data.curves() or ub.data.table(...), not {data!r:.60}"
        )
    chosen = DEFAULTS | dict(given)
    recipe = _recipe(data, chosen)
    hidden = hidden_widths(chosen["hidden"])
    network = Network(
        widths=(data.x.shape[1], *hidden, data.output_width),
        activations=layer_activations(chosen["activation"], len(hidden)),
        output=LINK_OF_LOSS[recipe.loss],
        initializer=_initializer(chosen["init"]),
        gain=gain_of(chosen["gain"]),
    )
    return network, recipe


def changed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A recipe with some fields replaced; named epochs of the old ``keep`` are not carried over."""
    for name in changes:
        if name in DEFAULTS and name != "loss":
            raise UnbendError(f"fork trains the same network on, and {name!r} makes another one; call train for that")
        if name == "seed":
            raise UnbendError(
                "'seed' decides the starting weights, and a fork starts from kept ones; "
                "change shuffle_seed for another order of the batches"
            )
        if name not in RECIPE_FIELDS:
            raise UnbendError(f"a recipe has no {name!r}; {did_you_mean(name, RECIPE_FIELDS)}")
    keep = "dense-early" if isinstance(recipe.keep, tuple) else recipe.keep
    settings: dict[str, Any] = {"keep": keep} | {name: _plain(name, value) for name, value in changes.items()}
    return replace(recipe, **settings)


def _recipe(data: Dataset, chosen: Mapping[str, Any]) -> Recipe:
    """The recipe among the arguments; the loss follows the task of the data set where none is named."""
    usual = LOSS_OF_TASK[data.task]
    settings: dict[str, Any] = {name: _plain(name, chosen[name]) for name in RECIPE_FIELDS if name in chosen}
    if settings["loss"] is None:
        settings["loss"] = usual
    recipe = Recipe(**settings)
    validate(recipe)
    if LINK_OF_LOSS[recipe.loss] != LINK_OF_LOSS[usual]:
        raise UnbendError(f"loss={recipe.loss!r} does not fit the {data.task} data set {data.name!r}; use {usual!r}")
    return recipe


def _plain(name: str, value: Any) -> Any:
    """NumPy's scalars as Python's, and the epochs of ``keep`` as a tuple; several values are for `train_many` alone."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    if not isinstance(value, (list, range, np.ndarray)):
        return value
    if name == "keep":
        return tuple(_plain("", epoch) for epoch in value)
    raise UnbendError(f"{name}={value!r:.60} must be one value here; train_many takes several")


def hidden_widths(hidden: Any) -> tuple[int, ...]:
    """A number or a sequence of numbers as widths."""
    given = list(hidden) if isinstance(hidden, (list, tuple, range, np.ndarray)) else [hidden]
    for width in given:
        if not isinstance(width, (int, np.integer)) or isinstance(width, bool) or not 1 <= width <= WIDEST:
            raise UnbendError(f"hidden={hidden!r:.60} must be widths from 1 to {WIDEST}, such as (2,) or (32, 32)")
    return tuple(int(width) for width in given)


def layer_activations(spec: Any, layers: int) -> tuple[Activation, ...]:
    """One activation per hidden layer: the same for all, or a list or tuple with one for each."""
    if not isinstance(spec, (list, tuple)):
        return (activation(spec),) * layers
    given: list[Any] = [*spec]
    if len(given) != layers:
        raise UnbendError(f"activation names {len(given)} layers and hidden {layers}; give one for each hidden layer")
    return tuple(activation(one) for one in given)


def _initializer(name: Any) -> str:
    if not isinstance(name, str):
        raise UnbendError(f"init={name!r:.60} must be the name of an initializer, such as 'glorot_normal'")
    initializer(name)
    return name


def gain_of(gain: Any) -> Any:
    """A gain as `Network` takes it: None, ``"exact"`` or a finite float above 0."""
    if gain is None or (isinstance(gain, str) and gain == "exact"):
        return gain
    number = isinstance(gain, (int, float, np.integer, np.floating)) and not isinstance(gain, bool)
    value = float(gain) if number else -1.0
    if not (isfinite(value) and value > 0):
        raise UnbendError(f"gain={gain!r:.60} must be None, 'exact', or a number above 0")
    return value
