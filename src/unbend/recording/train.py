"""`train`: one network, trained and recorded."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.network import Network
from unbend.progress import track
from unbend.recording.arguments import changed, known_arguments, specification
from unbend.recording.recording import Recording
from unbend.training import Recipe, Trained, train_population, validate


def train(
    data: Dataset,
    hidden: Any = (2,),
    activation: Any = "tanh",
    init: str = "glorot_normal",
    gain: Any = None,
    optimizer: str = "sgd",
    learning_rate: float = 0.05,
    batch_size: int | None = 16,
    epochs: int = 150,
    seed: int = 0,
    loss: str | None = None,
    **settings: Any,
) -> Recording:
    """Train one network and keep its weights.

    ``hidden``: widths; none, ``()``, is a linear model. ``activation``: a name, a formula or a callable, or a list with
    one for each hidden layer. ``gain``: None, a number or ``"exact"``. ``loss``: None is the usual one of the task.
    ``batch_size``: None is all rows at once. ``settings`` are the other fields of `unbend.training.Recipe`:
    ``momentum``, ``weight_decay``, ``l1``, ``schedule``, ``keep``, … Raises `UnbendError` for what cannot be followed.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.xor(), hidden=3, learning_rate=1.0, batch_size=None, epochs=500, seed=1)
    >>> run.history["accuracy"][-1].item(), run.weights()[0][0].shape
    (1.0, (2, 3))
    """
    known_arguments(settings)
    network, recipe = specification(
        data,
        {
            "hidden": hidden, "activation": activation, "init": init, "gain": gain, "loss": loss,
            "optimizer": optimizer, "learning_rate": learning_rate, "batch_size": batch_size, "epochs": epochs,
            "seed": seed,
        } | settings,
    )  # fmt: skip
    return _record(data, network, recipe, None)


def train_from(run: Recording, start: NDArray[Any], changes: Mapping[str, Any]) -> Recording:
    """Train a recording's network on from the weights ``start`` (parameter_count,) with a changed recipe."""
    recipe = changed(run.recipe, changes)
    validate(recipe, run.network.output)
    return _record(run.dataset, run.network, recipe, start[None])


def _record(data: Dataset, network: Network, recipe: Recipe, start: NDArray[Any] | None) -> Recording:
    """Train one network from its seed, or from ``start`` (1, parameter_count), and record it."""
    with track(recipe.epochs, "training") as advance:
        trained = train_population(
            data.x, data.y, network, recipe, np.array([recipe.seed]), np.array([recipe.learning_rate]),
            weights=start, progress=advance,
        )  # fmt: skip
    return recording_of(data, network, recipe, trained, 0)


def recording_of(data: Dataset, network: Network, recipe: Recipe, trained: Trained, index: int) -> Recording:
    """The recording of one network of a population; it shares no memory with the others."""
    name = "r2" if network.output == "identity" else "accuracy"
    diverged_at = int(trained.diverged_at[index])
    return Recording(
        dataset=data,
        network=network,
        recipe=recipe,
        epochs=trained.epochs,
        weights_at=trained.weights[:, index].copy(),
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
