"""Crossings joined into curves: marching squares for any number of classes, with the points where three meet.

What is smaller than a cell of the raster is not seen; what is seen is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.crossings import EXACT, Crossings, Scores, bounded, find_crossings, winners
from unbend.geometry.grid import raster
from unbend.geometry.input_plane import Box
from unbend.geometry.joining import joined_paths

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
RESOLUTION = 121  # points of the raster on each side


@dataclass(frozen=True, eq=False)
class Curves:
    """``curves``, each (m, 2); ``exact``, each (m,): at which vertices the two largest scores are equal.

    They are not where scores jump: such a vertex lies on the jump.
    """

    curves: tuple[Array, ...]
    exact: tuple[NDArray[np.bool_], ...]


def boundary_curves(scores: Scores, limits: Box, values: Array) -> Curves:
    """The curves inside a box on which the largest of ``scores`` changes hands.

    ``values`` (rows, columns, k) are the scores on the box's raster.

    >>> scores = lambda p: np.stack([np.ones(len(p)), (p**2).sum(axis=1)], axis=1)
    >>> values = scores(raster((-2, 2, -2, 2), 41, 41)[2]).reshape(41, 41, 2)
    >>> circle, = boundary_curves(scores, (-2, 2, -2, 2), values).curves
    >>> bool(abs((circle**2).sum(axis=1) - 1).max() < 1e-10)
    True
    """
    rows, columns = values.shape[:2]
    x, y, _ = raster(limits, columns, rows)
    values = bounded(values)
    found = find_crossings(scores, x, y, values)
    sides = found.level[:-1], found.upright[:, 1:], found.level[1:], found.upright[:, :-1]
    count = np.zeros(sides[0].shape, np.int64)
    for side in sides:
        count += side >= 0
    cells = np.stack(sides, axis=-1)
    meetings, spokes = _meetings(scores, x, y, values, cells, np.argwhere(count == 3), len(found.places))
    pairs = np.concatenate([_across(cells[count == 2]), _saddles(scores, x, y, values, cells, count), spokes])
    return _curves(found, meetings, pairs)


def zero_curves(function: Scores, limits: Box, values: Array) -> Curves:
    """The curves inside a box on which ``function``, points (n, 2) -> (n,), is zero; ``values`` (rows, columns) on its
    raster.

    >>> values = raster((0, 1, 0, 1), 5, 5)[2][:, 0].reshape(5, 5) - 0.3
    >>> zero_curves(lambda p: p[:, 0] - 0.3, (0, 1, 0, 1), values).curves[0][:, 0].round(12).tolist()
    [0.3, 0.3, 0.3, 0.3, 0.3]
    """
    return boundary_curves(lambda points: against_zero(function(points)), limits, against_zero(values))


def against_zero(values: Array) -> Array:
    """One score (…) as two classes (…, 2), the first of which always has 0."""
    return np.stack([np.zeros_like(values), values], axis=-1)


def _across(cells: Integers) -> Integers:
    """(m, 2) the two crossings of each cell that has two."""
    return cells[cells >= 0].reshape(-1, 2)


def _saddles(scores: Scores, x: Array, y: Array, values: Array, cells: Integers, count: Integers) -> Integers:
    """(2 m, 2) how the four crossings of a cell belong together: its middle says which opposite corners are one."""
    row, column = np.argwhere(count == 4).T
    if not len(row):
        return np.zeros((0, 2), np.int64)
    middle = np.stack([x[column] + x[column + 1], y[row] + y[row + 1]], axis=1) / 2
    winner = winners(bounded(scores(middle)))
    corners = winners(values)
    rising = (winner == corners[row, column]) | (winner == corners[row + 1, column + 1])
    bottom, right, top, left = cells[row, column].T
    cut_off = np.where(rising, [bottom, right, top, left], [left, bottom, right, top])
    return np.concatenate([cut_off[:2].T, cut_off[2:].T])


def _meetings(
    scores: Scores, x: Array, y: Array, values: Array, cells: Integers, where: Integers, start: int
) -> tuple[Array, Integers]:
    """The points (m, 2) where three classes meet, and the pairs (3 m, 2) that lead to them from the cells' edges."""
    row, column = where.T
    if not len(row):
        return np.zeros((0, 2)), np.zeros((0, 2), np.int64)
    corners = winners(values)
    around = [corners[row, column], corners[row, column + 1], corners[row + 1, column + 1], corners[row + 1, column]]
    three = np.sort(np.stack(around, axis=1), axis=1)
    three = three[np.arange(4) != _double(three)[:, None]].reshape(-1, 3)
    low, size = np.stack([x[column], y[row]], axis=1), np.array([x[1] - x[0], y[1] - y[0]])
    places = _newton(scores, low + size / 2, three, size)
    final = bounded(scores(places))
    spread = final.max(axis=1) - np.take_along_axis(final, three, axis=1).min(axis=1)
    sound = ((places >= low) & (places <= low + size)).all(axis=1) & (spread <= EXACT)
    edges = cells[row[sound], column[sound]]
    hub = np.repeat(start + np.arange(sound.sum()), 3)
    return places[sound], np.stack([edges[edges >= 0], hub], axis=1)


def _double(sorted_labels: Integers) -> Integers:
    """Where in each sorted row of four labels the second of two equal ones stands."""
    return 1 + (sorted_labels[:, 1:] == sorted_labels[:, :-1]).argmax(axis=1)


def _newton(scores: Scores, places: Array, three: Integers, size: Array) -> Array:
    """Newton's steps from ``places`` (m, 2) to where the scores of the classes ``three`` (m, 3) are equal."""

    def differences(at: Array) -> Array:
        chosen = np.take_along_axis(bounded(scores(at)), three, axis=1)
        return chosen[:, 1:] - chosen[:, :1]

    steps = 1e-6 * size * np.eye(2)
    for _ in range(8):
        here = differences(places)
        slope = np.stack([(differences(places + step) - here) / step.sum() for step in steps], axis=-1)
        determinant = slope[:, 0, 0] * slope[:, 1, 1] - slope[:, 0, 1] * slope[:, 1, 0]
        safe = np.where(determinant == 0, 1.0, determinant)
        across = (slope[:, 1, 1] * here[:, 0] - slope[:, 0, 1] * here[:, 1]) / safe
        along = (slope[:, 0, 0] * here[:, 1] - slope[:, 1, 0] * here[:, 0]) / safe
        places = places - np.clip(np.stack([across, along], axis=1), -size, size)
    return places


def _curves(found: Crossings, meetings: Array, pairs: Integers) -> Curves:
    places = np.concatenate([found.places, meetings])
    exact = np.concatenate([found.gap <= EXACT, np.ones(len(meetings), np.bool_)])
    paths = joined_paths(pairs, len(places))
    return Curves(tuple(places[path] for path in paths), tuple(exact[path] for path in paths))
