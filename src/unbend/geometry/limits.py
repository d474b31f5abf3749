"""The box through which a bent space is seen: around the points, with so much of the grid as leaves them in sight."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.input_plane import Box, box_around, extremes

Array = NDArray[np.float64]
ROOM = 0.6  # how far beyond the points, in their own extent, the box follows the grid
MARGIN = 0.06
FAR_TOO_LARGE = 20.0  # a box so much larger than the median of a film does not stretch the film's box


def space_limits(points: Array, grid: Sequence[Array]) -> Box:
    """The box for ``points`` (n, 2) and the polylines of ``grid``.

    >>> space_limits(np.array([[0.0, 0.0], [1.0, 1.0]]), [np.array([[-0.5, 0.5], [9.0, 0.5]])])
    (-0.626, 1.726, -0.06, 1.06)
    """
    (low, high), bent = extremes(points), np.stack(extremes(np.concatenate(grid)))
    extent = high - low
    room = np.where(extent > 1e-6 * (bent[1] - bent[0]), ROOM * extent, np.inf)
    seen = np.clip(bent, low - room, high + room)
    return box_around(np.concatenate([[low, high], seen]), MARGIN)


def shared_limits(boxes: Sequence[Box]) -> Box:
    """One box for all the boxes of a film, save those that are far too large (a network on its way to infinity).

    >>> shared_limits([(0, 1, 0, 1), (-1, 1, 0, 2), (-1e9, 1e9, 0, 1)])
    (-1.0, 1.0, 0.0, 2.0)
    """
    sides = np.array(boxes, np.float64)
    size = np.maximum(sides[:, 1] - sides[:, 0], sides[:, 3] - sides[:, 2])
    near = sides[size <= FAR_TOO_LARGE * np.median(size)]
    low, high = near.min(axis=0), near.max(axis=0)
    return float(low[0]), float(high[1]), float(low[2]), float(high[3])
