"""The central type of this room: points, targets and what they are called."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points with their targets.

    ``x``: (n, d) float64. ``y``: (n,) float64; 0 and 1 for ``binary``, 0 … k-1 for ``multiclass``, the (standardised)
    target for ``regression``. ``x_mean``, ``x_scale`` (d,) and ``y_mean``, ``y_scale`` undo the standardisation:
    ``original = x * x_scale + x_mean``. ``origin`` says in words where the data comes from.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    task: Task
    feature_names: tuple[str, ...]
    target_name: str = "y"
    class_names: tuple[str, ...] = ()
    origin: str = ""
    x_mean: NDArray[np.float64] | None = None
    x_scale: NDArray[np.float64] | None = None
    y_mean: float = 0.0
    y_scale: float = 1.0

    def __len__(self) -> int:
        """The number of points n."""
        return len(self.x)

    @property
    def output_width(self) -> int:
        """Units of the output layer: k for multiclass, else 1."""
        return len(self.class_names) if self.task == "multiclass" else 1

    def __post_init__(self) -> None:
        """Make the arrays read-only, so that a recording can share them."""
        for array in (self.x, self.y, self.x_mean, self.x_scale):
            _freeze(array)


def _freeze(array: "NDArray[Any] | None") -> None:
    if array is not None:
        array.flags.writeable = False
