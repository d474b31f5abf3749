"""Points of the plane where the largest of several scores changes hands, found on the edges of a raster and polished.

An edge whose ends have different winners brackets a crossing: on it the first end's winner leads by less and less, and
the zero of its lead is found by regula falsi (Illinois), or, where that fails, by cutting the bracket into equal parts.
Nothing here knows of networks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Scores = Callable[[Array], Array]  # points (n, 2) -> scores (n, k), k >= 2
Look = Callable[[Integers, Array], tuple[Array, NDArray[np.bool_]]]  # edges, places along them -> lead, whether ahead
ACCURACY = 1e-12  # aimed at
EXACT = 1e-6  # what a polished vertex has at most, unless the scores jump there
LARGEST = 1e150  # so that differences stay finite
_ROUNDS = 12  # after these the scores jump, or nearly so, and only narrower brackets help
_NARROW = 1e-15  # of an edge
_PARTS, _SECTIONS = 8, 18  # 8**18 = 2**54: down to neighbouring numbers


@dataclass(frozen=True, eq=False)
class Crossings:
    """``places`` (m, 2), the ``gap`` (m,) between the two largest scores left there, and the raster's edges as numbers
    of crossings, -1 for none: ``level`` (rows, columns - 1) and ``upright`` (rows - 1, columns)."""

    places: Array
    gap: Array
    level: Integers
    upright: Integers


def bounded(scores: Array) -> Array:
    """The scores without NaN (they count as 0) and infinities."""
    return np.clip(np.nan_to_num(scores), -LARGEST, LARGEST)


def winners(scores: Array) -> Integers:
    """(…) the first of the largest scores (…, k).

    >>> winners(np.array([[1.0, 2.0], [3.0, 3.0]])).tolist()
    [1, 0]
    """
    return (scores[..., 1] > scores[..., 0]).astype(np.int64) if scores.shape[-1] == 2 else scores.argmax(axis=-1)


def lead(scores: Array, winner: Integers) -> Array:
    """(n,) by how much the score of class ``winner`` (n,) exceeds the best other one of ``scores`` (n, k).

    >>> lead(np.array([[0.0, 3.0, 1.0]]), np.array([1])).tolist()
    [2.0]
    """
    if scores.shape[1] == 2:
        return np.where(winner == 0, 1.0, -1.0) * (scores[:, 0] - scores[:, 1])
    rows = np.arange(len(scores))
    others = scores.copy()
    others[rows, winner] = -np.inf
    return scores[rows, winner] - others.max(axis=1)


def find_crossings(scores: Scores, x: Array, y: Array, values: Array) -> Crossings:
    """All crossings on the edges of the raster ``x`` (columns,), ``y`` (rows,); ``values`` (rows, columns, k) on it."""
    winner = winners(values)
    level, level_numbers = _numbered(winner[:, :-1] != winner[:, 1:], 0)
    upright, upright_numbers = _numbered(winner[:-1] != winner[1:], len(level))
    row, column = np.concatenate([level, upright]).T
    along = np.arange(len(row)) < len(level)
    next_row, next_column = row + ~along, column + along
    start, end = np.stack([x[column], y[row]], axis=1), np.stack([x[next_column], y[next_row]], axis=1)
    first = winner[row, column]
    leads = lead(values[row, column], first), lead(values[next_row, next_column], first)
    places, gap = _polished(scores, start, end, first, leads)
    return Crossings(places, gap, level_numbers, upright_numbers)


def _numbered(changes: NDArray[np.bool_], start: int) -> tuple[Integers, Integers]:
    """The (row, column) of each edge where the winner changes, and the numbers of all edges."""
    found = np.argwhere(changes)
    numbers = np.full(changes.shape, -1, np.int64)
    numbers[changes] = np.arange(start, start + len(found))
    return found, numbers


def _polished(
    scores: Scores, start: Array, end: Array, winner: Integers, leads: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Where the lead of ``winner`` ends between ``start`` and ``end`` (m, 2), and what is left of it there.

    Where an end has no lead at all, it may lie in a region without any: then only the end of that region is a crossing.
    """

    def look(rows: Integers, place: Array) -> tuple[Array, NDArray[np.bool_]]:
        here = bounded(scores(start[rows] + place[:, None] * (end[rows] - start[rows])))
        return lead(here, winner[rows]), winners(here) == winner[rows]

    if not len(start):
        return np.zeros((0, 2)), np.zeros(0)
    level_end = (leads[0] == 0) | (leads[1] == 0)
    low, high, place, gap = _approached(look, leads)
    rest = np.flatnonzero(level_end | ((gap > ACCURACY) & (high - low > _NARROW)))
    if len(rest):
        low, high = _sectioned(look, rest, low[rest], high[rest])
        gaps = np.abs([look(rest, low)[0], look(rest, high)[0], gap[rest]])
        jumps = gaps.min(axis=0) > EXACT  # also the end of a region without a lead: there is what the sections came to
        best = np.where(jumps | level_end[rest], 0, gaps.argmin(axis=0)), np.arange(len(rest))
        place[rest], gap[rest] = np.stack([low, high, place[rest]])[best], gaps[best]
    return start + place[:, None] * (end - start), gap


def _approached(look: Look, leads: tuple[Array, Array]) -> tuple[Array, Array, Array, Array]:
    """Brackets (m,) and (m,) that regula falsi has narrowed, the place (m,) with the least lead it met, and that."""
    low_lead, high_lead = leads
    rows = np.arange(len(low_lead))
    low, high, moved_low = np.zeros(len(rows)), np.ones(len(rows)), np.zeros(len(rows))  # 1: the low end moved last
    best, gap = np.zeros(len(rows)), np.full(len(rows), np.inf)
    for round_ in range(_ROUNDS):
        straight = round_ % 4 < 3
        place = _straight_place(low, high, low_lead, high_lead) if straight else (low + high) / 2
        value, ahead = look(rows, place)
        closer = np.abs(value) < gap
        best, gap = np.where(closer, place, best), np.where(closer, np.abs(value), gap)
        high_lead = np.where(ahead, np.where(moved_low > 0, high_lead / 2, high_lead), value)  # Illinois: the end that
        low_lead = np.where(ahead, value, np.where(moved_low < 0, low_lead / 2, low_lead))  # stays counts half
        low, high = np.where(ahead, place, low), np.where(ahead, high, place)
        moved_low = np.where(ahead, 1.0, -1.0)
        if ((gap <= ACCURACY) | (high - low <= _NARROW)).all():
            break
    return low, high, best, gap


def _sectioned(look: Look, rows: Integers, low: Array, high: Array) -> tuple[Array, Array]:
    """The brackets (m,) and (m,) of the edges ``rows`` cut into equal parts again and again, until they are empty."""
    parts = np.arange(1, _PARTS) / _PARTS
    row = np.arange(len(rows))
    for _ in range(_SECTIONS):
        inner = low[:, None] + (high - low)[:, None] * parts
        ahead = look(np.repeat(rows, len(parts)), inner.ravel())[1].reshape(inner.shape)
        first = np.where(ahead.all(axis=1), len(parts), ahead.argmin(axis=1))
        places = np.column_stack([low, inner, high])
        low, high = places[row, first], places[row, first + 1]
    return low, high


def _straight_place(low: Array, high: Array, low_lead: Array, high_lead: Array) -> Array:
    """Where a straight line through both ends has no lead, or the middle if that is no place between them."""
    difference = low_lead - high_lead
    place = low + (high - low) * low_lead / np.where(difference > 0, difference, 1.0)
    return np.where((place > low) & (place < high), place, (low + high) / 2)
