"""`train`: one network, trained and recorded."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError, did_you_mean
from unbend.network import Network
from unbend.progress import track
from unbend.recording.arguments import specification
from unbend.recording.recording import Recording
from unbend.training import Recipe, Trained, train_population, validate


def train(data: Dataset, **arguments: Any) -> Recording:
    """Train one network and keep its weights.

    ``hidden=(2,)`` widths; ``activation="tanh"`` a name, formula or callable, or a list with one for each hidden layer;
    ``init="glorot_normal"``; ``gain=None``, a number or ``"exact"``; ``loss=None`` (the task's); and every field of
    `unbend.training.Recipe`: ``optimizer="sgd"``, ``learning_rate=0.05``, ``batch_size=16`` (None: all rows),
    ``epochs=150``, ``seed=0``, ``momentum``, ``weight_decay``, ``schedule``, ``keep``, … Raises `UnbendError` for
    arguments that cannot be followed.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.xor(), hidden=3, learning_rate=1.0, batch_size=None, epochs=500, seed=1)
    >>> run.history["accuracy"][-1].item(), run.weights()[0][0].shape
    (1.0, (2, 3))
    """
    network, recipe = specification(data, arguments)
    return record(data, network, recipe, None)


def train_from(run: Recording, start: NDArray[Any], changes: Mapping[str, Any]) -> Recording:
    """Train a recording's network on from the weights ``start`` (parameter_count,) with a changed recipe."""
    names = tuple(field.name for field in fields(Recipe))
    for name in changes:
        if name not in names:
            raise UnbendError(f"a recipe has no {name!r}; {did_you_mean(name, names)}")
    recipe = replace(run.recipe, **changes)
    validate(recipe, run.network.output)
    return record(run.dataset, run.network, recipe, start[None])


def record(data: Dataset, network: Network, recipe: Recipe, start: NDArray[Any] | None) -> Recording:
    """Train one network from its seed, or from ``start`` (1, parameter_count), and record it."""
    with track(recipe.epochs, "training") as advance:
        trained = train_population(
            data.x, data.y, network, recipe, np.array([recipe.seed]), np.array([recipe.learning_rate]),
            weights=start, progress=advance,
        )  # fmt: skip
    return recording_of(data, network, recipe, trained, 0)


def recording_of(data: Dataset, network: Network, recipe: Recipe, trained: Trained, index: int) -> Recording:
    """The recording of one network of a population."""
    name = "r2" if network.output == "identity" else "accuracy"
    diverged_at = int(trained.diverged_at[index])
    return Recording(
        dataset=data,
        network=network,
        recipe=recipe,
        epochs=trained.epochs,
        weights_at=np.ascontiguousarray(trained.weights[:, index]),
        history={"loss": trained.loss[:, index].copy(), name: trained.metric[:, index].copy()},
        diverged_at=None if diverged_at < 0 else diverged_at,
        versions=versions(),
    )


@cache
def versions() -> dict[str, str]:
    """The versions that a recording is made with."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in ("unbend", "numpy", "llvmlite"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
