"""Whether the parts of a recording that was read from a file belong together; the file may come from anyone."""

from typing import Any, get_args

import numpy as np

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.network import Network
from unbend.recording.arguments import LOSS_OF_TASK
from unbend.recording.recording import Recording, Unit
from unbend.training import LINK_OF_LOSS, validate


def check(run: Recording) -> None:
    """Raise `UnbendError` with everything about a recording that does not fit together."""
    if run.dataset.task not in LOSS_OF_TASK:
        raise UnbendError(f"there is no task {run.dataset.task!r:.60}")
    validate(run.recipe, LINK_OF_LOSS[LOSS_OF_TASK[run.dataset.task]])
    sound = _of_data(run.dataset) | _of_network(run.network, run.dataset) | _of_epochs(run)
    faults = [what for what, holds in sound.items() if not holds]
    if faults:
        raise UnbendError(f"{', '.join(faults)} do not fit the rest")


def whole(value: Any) -> int:
    """A whole number above 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UnbendError(f"{value!r:.60} must be a whole number above 0")
    return value


def _of_data(data: Dataset) -> dict[str, bool]:
    rows = len(data.x)
    classes = max(data.output_width, 2)
    codes = data.y >= 0
    codes &= (data.y < classes) & (data.y == np.rint(data.y))
    scale, mean = data.x_scale, data.x_mean
    return {
        "the points": data.x.ndim == 2 and rows > 0 and bool(np.isfinite(data.x).all()),
        "the targets": data.y.shape == (rows,) and bool(np.isfinite(data.y).all()),
        "the feature names": len(data.feature_names) == data.x.shape[-1],
        "the class names": data.task == "regression" or len(data.class_names) in (0, classes),
        "the classes": data.task == "regression" or bool(codes.all()),
        "the scale": (mean is None) == (scale is None)
        and all(part is None or part.shape == data.x.shape[1:] for part in (mean, scale))
        and (mean is None or bool(np.isfinite(mean).all()))
        and (scale is None or bool((np.isfinite(scale) & (scale > 0)).all())),
        "the target's scale": bool(np.isfinite(data.y_mean) and np.isfinite(data.y_scale) and data.y_scale > 0),
    }


def _of_network(network: Network, data: Dataset) -> dict[str, bool]:
    return {
        "the widths": (network.widths[0], network.widths[-1]) == (data.x.shape[-1], data.output_width),
        "the activations": len(network.widths) == len(network.activations) + 2,
        "the output": network.output == LINK_OF_LOSS[LOSS_OF_TASK[data.task]],
    }


def _of_epochs(run: Recording) -> dict[str, bool]:
    epochs, weights, kept = run.epochs, run.weights_at, run.epochs.size
    lengths = {values.shape for values in run.history.values()}
    diverged: Any = run.diverged_at
    return {
        "the epochs": epochs.shape == (kept,)
        and epochs.dtype == np.int64
        and kept > 0
        and bool((np.diff(epochs) > 0).all() and epochs[0] >= 0 and epochs[-1] <= run.recipe.epochs),
        "the weights": weights.shape == (kept, run.network.parameter_count)
        and weights.dtype.name in ("float32", "float64")
        and bool(np.isfinite(weights).all()),
        "the history": set(run.history) == {"loss", run.metric_name}
        and lengths in ({(kept,)}, {(run.recipe.epochs + 1,)})
        and all(values.dtype == np.float64 for values in run.history.values()),
        "the unit": run.unit in get_args(Unit),
        "the divergence": diverged is None or (type(diverged) is int and 0 <= diverged <= run.recipe.epochs),
    }
