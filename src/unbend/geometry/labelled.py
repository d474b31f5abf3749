"""The one check of points with classes 0 and 1 that come as plain arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

Array = NDArray[np.float64]


def labelled(x: Any, y: Any, asked_by: str) -> tuple[Array, Array]:
    """Points x (n, d) and classes y (n,) as float64; what is not that raises `UnbendError` in the name of the asker.

    >>> labelled([[1, 2]], [1], "best_line")[1].tolist()
    [1.0]
    """
    points, labels = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if points.ndim != 2 or not len(points) or labels.shape != points.shape[:1]:
        raise UnbendError(
            f"{asked_by} needs points x (n, d) and a class y (n,) for each; x has the shape {points.shape}, "
            f"y {labels.shape}"
        )
    if not np.isfinite(points).all():
        row, column = np.argwhere(~np.isfinite(points))[0]
        raise UnbendError(f"{asked_by}: x[{row}, {column}] is {points[row, column]}; every coordinate must be finite")
    strange = labels[~np.isin(labels, (0.0, 1.0))]
    if len(strange):
        raise UnbendError(f"{asked_by} needs classes 0 and 1; y holds {strange[0]:g}")
    return points, labels
