"""The best that any straight line can do on points of two classes in the plane, by trying all of them.

A line that parts the points can be pushed until it touches one of them; so it is enough to turn a line around every
point and to count each time it passes another: n turns, each sorted by angle, O(n² log n) in all. Points within 1e-12
of a common line count as being on it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.labelled import labelled

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
TIE = 1e-12
BEYOND = 4.0  # the angle, above pi, of the points that lie on the pivot itself
_PAIRS = 300_000  # of points at a time


@dataclass(frozen=True, eq=False)
class BestLine:
    """Class 1 where ``x @ weight + bias > 0``, ``weight`` (2,): the ``accuracy`` that no straight line exceeds."""

    accuracy: float
    weight: Array
    bias: float


@dataclass(frozen=True, eq=False)
class _Turn:
    """The best of the lines around one point: how many are ``correct``, between which two angles it lies, whether class
    1 is on its ``left``, and whether the ``pivot`` itself is."""

    correct: int
    pivot: int
    angles: tuple[float, float]
    one_is_left: bool
    pivot_is_left: bool


def best_line_accuracy(x: Any, y: Any) -> float:
    """The largest accuracy that any straight line reaches on points x (n, 2) of classes y (n,) 0 and 1; exact.

    >>> best_line_accuracy([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    0.75
    """
    return best_line(x, y).accuracy


def best_line(x: Any, y: Any) -> BestLine:
    """A line of that accuracy. Raises `UnbendError` for other classes and for points that are not in the plane.

    >>> x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    >>> line = best_line(x, y)
    >>> int(((x @ line.weight + line.bias > 0) == y).sum())
    3
    """
    points, labels = labelled(x, y, "best_line")
    if points.shape[1] != 2:
        raise UnbendError(f"best_line needs points with two coordinates, these have {points.shape[1]}")
    middle = points.mean(axis=0)
    points = points - middle
    sign = np.where(labels == 1, 1, -1)
    all_one = int((sign > 0).sum())
    pivots = np.array_split(np.arange(len(points)), 1 + len(points) ** 2 // _PAIRS)
    turns = [_best_turn(points, sign, some) for some in pivots if len(some)]
    best = max(turns, key=lambda turn: turn.correct)
    if max(all_one, len(sign) - all_one) >= best.correct:
        constant = 1.0 if 2 * all_one >= len(sign) else -1.0
        return BestLine(max(all_one, len(sign) - all_one) / len(sign), np.zeros(2), constant)
    weight, bias = _line(points, best)
    return BestLine(best.correct / len(sign), weight, float(bias - middle @ weight))


def _best_turn(points: Array, sign: Integers, pivots: Integers) -> _Turn:
    """The best line around any of the points ``pivots`` (m,), turned from angle 0 to pi.

    A point above the pivot leaves the line's left side when the line passes it, a point below enters it.
    """
    right, up = (coordinate[None] - coordinate[pivots, None] for coordinate in points.T)
    same = (right == 0) & (up == 0)
    angle = np.arctan2(up, right)
    above = (angle >= -TIE) & (angle < np.pi - TIE)
    angle = np.where(above, angle, angle + np.where(angle > 0, -np.pi, np.pi))
    order = np.argsort(np.where(same, BEYOND, angle), axis=1)
    angle = np.take_along_axis(np.where(same, BEYOND, angle), order, axis=1)
    change = np.take_along_axis(np.where(same, 0, np.where(above, -sign, sign)), order, axis=1)
    left = np.where(above & ~same, sign, 0).sum(axis=1)[:, None] + np.cumsum(change, axis=1)
    own = np.where(same, sign, 0).sum(axis=1)
    following = np.concatenate([angle[:, 1:], angle[:, :1] + np.pi], axis=1)
    following = np.where(following < BEYOND, following, angle[:, :1] + np.pi)
    return _winner(left, own, np.stack([angle, following]), pivots, int((sign > 0).sum()))


def _winner(left: Integers, own: Integers, angles: Array, pivots: Integers, ones: int) -> _Turn:
    """The best of all turns: ``left`` (m, n) is class-1 less class-0 points on the left after each passing."""
    zeros = left.shape[1] - ones
    tied = angles[1] - angles[0] <= TIE
    most, least = np.where(tied, -left.shape[1], left), np.where(tied, left.shape[1], left)
    turns: list[_Turn] = []
    for one_is_left, extreme in ((True, most.argmax(axis=1)), (False, least.argmin(axis=1))):
        value = np.take_along_axis(left, extreme[:, None], axis=1)[:, 0]
        for pivot_is_left in (False, True):
            total = value + own if pivot_is_left else value
            correct = zeros + total if one_is_left else ones - total
            row = int(correct.argmax())
            low, high = angles[:, row, extreme[row]]
            turns.append(_Turn(int(correct[row]), int(pivots[row]), (low, high), one_is_left, pivot_is_left))
    return max(turns, key=lambda turn: turn.correct)


def _line(points: Array, turn: _Turn) -> tuple[Array, float]:
    """The line in the middle of its two angles, moved half-way from its pivot to the nearest other point."""
    angle = sum(turn.angles) / 2
    normal = np.array([-np.sin(angle), np.cos(angle)])
    pivot = points[turn.pivot]
    distance = np.abs((points - pivot) @ normal)
    room = distance[(points != pivot).any(axis=1)].min() / 2
    bias = (room if turn.pivot_is_left else -room) - normal @ pivot
    return (normal, bias) if turn.one_is_left else (-normal, -bias)
