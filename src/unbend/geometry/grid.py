"""The grid of straight lines over the input plane, sampled so finely that folds stay sharp when it is bent."""

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.input_plane import Box

Array = NDArray[np.float64]
LINES = 13
SAMPLES = 161


def grid_lines(limits: Box, lines: int = LINES, samples: int = SAMPLES) -> Array:
    """(2 * lines, samples, 2) lines parallel to the axes of the plane, the upright ones first.

    >>> grid_lines((0, 1, 0, 2), lines=3, samples=5).shape
    (6, 5, 2)
    """
    left, right, bottom, top = limits
    across, along = np.linspace(left, right, lines), np.linspace(bottom, top, lines)
    upright = np.stack(np.meshgrid(across, np.linspace(bottom, top, samples), indexing="ij"), axis=-1)
    level = np.stack(np.meshgrid(along, np.linspace(left, right, samples), indexing="ij"), axis=-1)[..., ::-1]
    return np.concatenate([upright, level])


def single_line(limits: Box, samples: int = 3 * SAMPLES) -> Array:
    """(1, samples, 2) the line of all inputs that data with one feature has.

    >>> single_line((0, 1, -1, 1), samples=3).tolist()
    [[[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]]]
    """
    across = np.linspace(limits[0], limits[1], samples)
    return np.stack([across, np.zeros(samples)], axis=-1)[None]


def torn(lines: Array, side: NDArray[np.bool_]) -> tuple[Array, ...]:
    """Lines (m, samples, 2) as polylines, cut where any ``side`` (m, samples, units) changes from sample to sample.

    >>> [part.tolist() for part in torn(np.array([[[0.0, 0], [1, 0], [5, 0]]]), np.array([[[False], [False], [True]]]))]
    [[[0.0, 0.0], [1.0, 0.0]], [[5.0, 0.0]]]
    """
    cuts = (side[:, 1:] != side[:, :-1]).any(axis=-1)
    return tuple(
        part for line, cut in zip(lines, cuts, strict=True) for part in np.split(line, np.flatnonzero(cut) + 1)
    )


def raster(limits: Box, columns: int, rows: int) -> tuple[Array, Array, Array]:
    """Coordinates (columns,) and (rows,) over a box, and all their points (rows * columns, 2), row after row.

    >>> raster((0, 1, 0, 2), 2, 2)[2].tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 2.0]]
    """
    left, right, bottom, top = limits
    x, y = np.linspace(left, right, columns), np.linspace(bottom, top, rows)
    return x, y, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
