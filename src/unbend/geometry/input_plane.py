"""The plane of the input that a picture shows: all of it for one or two features, an honest slice for more."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.geometry.projection import Projection, plain_view, view_of

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, right, bottom, top
MARGIN = 0.12


@dataclass(frozen=True, eq=False)
class InputPlane:
    """The view of the inputs, the data's ``points`` (n, 2) in it, and the ``limits`` around them with a margin.

    For one feature the second coordinate is zero.
    """

    projection: Projection
    points: Array
    limits: Box

    def inputs(self, seen: Any) -> Array:
        """The network's inputs (n, d) at places (n, 2) of the plane."""
        return self.projection.back(seen)


def input_plane(data: Dataset) -> InputPlane:
    """The plane for a data set: its own two features; for more, the plane through the mean that holds the direction
    which best tells the target (ridge regression on it) and the main variance beside that.

    >>> from unbend.data import curves
    >>> input_plane(curves()).projection.axes.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    wide = data.x.shape[1] > 2
    projection = view_of(data.x, _telling_directions(data)) if wide else plain_view(data.x)
    points = projection(data.x)
    left, right, bottom, top = box_around(points)
    return InputPlane(
        projection, points, (left, right, -1.0, 1.0) if data.x.shape[1] == 1 else (left, right, bottom, top)
    )


def box_around(points: Array, margin: float = MARGIN) -> Box:
    """The box that holds points (n, 2), widened on every side by a share of its extent.

    >>> box_around(np.array([[0.0, 0.0], [2.0, 4.0]]), margin=0.5)
    (-1.0, 3.0, -2.0, 6.0)
    """
    low, high = extremes(points)
    size = np.maximum(np.abs(low), np.abs(high))
    extent = np.where(high - low > 1e-9 * np.maximum(size, 1.0), high - low, np.maximum(size, 1.0))
    low, high = low - margin * extent, high + margin * extent
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def extremes(points: Array) -> tuple[Array, Array]:
    """The least and the largest coordinates, (2,) each, of points (n, 2)."""
    rows = np.ascontiguousarray(points.T)  # ten times as fast as down the columns
    return rows.min(axis=1), rows.max(axis=1)


def _telling_directions(data: Dataset) -> Array:
    """(d, k) covariances of the features with the target, one column for each class where there are several.

    This is the first direction of partial least squares (Wold 1975): unlike a regression's it leans to where the data
    varies, so that the plane shows much of the variance too.
    """
    several = data.task == "multiclass"
    target = data.y[:, None] == np.arange(data.output_width) if several else data.y[:, None]
    return (data.x - data.x.mean(axis=0)).T @ (target - target.mean(axis=0)) / len(data.x)
