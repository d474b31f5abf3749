"""Whether an activation keeps the order of its inputs: strictly, so that nothing is folded, flattened or torn.

A formula is taken apart at its switches. On each piece it is analytic, so it is constant there only if its branch is
constant altogether: values that stop changing because float64 runs out of digits (tanh(40) == 1.0) are no flat piece.
A slope counts as negative, or positive, only beyond its own rounding error. Features narrower than 1/128, and what
happens beyond 100, are not seen.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.activations.derivative import differentiate
from unbend.activations.expression import Node
from unbend.activations.leaves import is_constant
from unbend.activations.numpy_algebra import numpy_values
from unbend.activations.pieces import Piece, pieces
from unbend.activations.rounding import values_with_errors

Array = NDArray[np.float64]
REACH = 100.0
_GRID = np.linspace(-REACH, REACH, 200 * 128 + 1)
_NEAR = np.geomspace(1e-9, 1e-2, 30)  # how near to the end of a piece its slope is looked at
_ROUNDS = 60


@dataclass(frozen=True)
class Monotony:
    """``direction`` 1: never falls, -1: never rises, 0: does both, or neither.

    ``flat``: the first interval on which the activation is constant. ``turn``: a place at which it turns round.
    ``jump``: a place at which it jumps, or has no value. Each is None where there is none.
    """

    direction: int
    flat: tuple[float, float] | None
    turn: float | None
    jump: float | None

    @property
    def strict(self) -> bool:
        """Whether it is continuous and always rises, or always falls: then it can be undone."""
        return self.direction != 0 and self.flat is None and self.turn is None and self.jump is None


@dataclass(frozen=True)
class _Course:
    """One piece: whether it rises (1), falls (-1), both or neither (0), and where it turns or jumps."""

    direction: int
    turn: float | None = None
    jump: float | None = None


def monotony(activation: Activation) -> Monotony:
    """Whether ``activation`` rises or falls everywhere, and what keeps it from that.

    >>> from unbend.activations import activation
    >>> monotony(activation("tanh")).strict, monotony(activation("relu")).flat
    (True, (-inf, 0.0))
    >>> round(monotony(activation("gelu")).turn, 4)
    -0.7518
    """
    return _monotony(activation.expression)


@lru_cache(maxsize=512)
def _monotony(expression: Node) -> Monotony:
    parts = pieces(expression)
    flat = [_is_flat(part) for part in parts]
    courses = [_Course(0) if level else _course(part) for part, level in zip(parts, flat, strict=True)]
    directions = {course.direction for course, level in zip(courses, flat, strict=True) if not level} - {0}
    turns = [course.turn for course in courses if course.turn is not None]
    jumps = [course.jump for course in courses if course.jump is not None]
    jumps += [left.high for left, right in pairwise(parts) if _jumps(left, right)]
    if not turns and not jumps and directions == {-1, 1}:
        turns = [_change(parts, courses)]
    levels = [part for at, part in enumerate(parts) if flat[at] and not _is_guard(parts, at)]
    return Monotony(
        direction=directions.pop() if len(directions) == 1 and not turns and not jumps else 0,
        flat=(levels[0].low, levels[0].high) if levels else None,
        turn=turns[0] if turns else None,
        jump=jumps[0] if jumps else None,
    )


def _is_flat(part: Piece) -> bool:
    """Whether the branch is constant: everywhere, for analytic functions know no half measures."""
    if is_constant(part.branch):
        return True
    values, errors = values_with_errors(part.branch, np.concatenate([_GRID, _places(part)]))
    known = np.isfinite(values) & np.isfinite(errors)
    return bool(known.any()) and bool(np.ptp(values[known]) <= errors[known].max())


def _is_guard(parts: tuple[Piece, ...], at: int) -> bool:
    """Whether a flat piece only says what float64 makes of its neighbour anyway, as min(x, 30) inside exp does."""
    beside = [(parts[at - 1], parts[at].low)] if at else []
    beside += [(parts[at + 1], parts[at].high)] if at + 1 < len(parts) else []
    return any(
        _at(other.branch, edge + step) == _at(parts[at].branch, edge)
        for other, edge in beside
        for step in [-1.0 if edge == parts[at].low else 1.0]
        if other.low < edge + step < other.high
    )


def _at(branch: Node, place: float) -> float:
    return float(numpy_values(branch, np.array(place)))


def _jumps(left: Piece, right: Piece) -> bool:
    ends = np.array([_at(left.branch, left.high), _at(right.branch, left.high)])
    return not bool(np.abs(ends[1] - ends[0]) <= 1e-9 * max(1.0, float(np.abs(ends).max())))


def _change(parts: tuple[Piece, ...], courses: list[_Course]) -> float:
    """The first place between pieces at which the direction changes."""
    moving = [(part, course.direction) for part, course in zip(parts, courses, strict=True) if course.direction]
    return next(other.low for (_, one_way), (other, other_way) in pairwise(moving) if one_way != other_way)


def _places(part: Piece) -> Array:
    """Where a piece is looked at: a grid, and close to its ends."""
    low, high = max(part.low, min(-REACH, part.high - 1.0)), min(part.high, max(REACH, part.low + 1.0))
    extent = high - low
    near = [low + extent * _NEAR, high - extent * _NEAR]
    places = np.concatenate([_GRID, np.linspace(low, high, 1001), *near])
    return np.unique(places[(places > part.low) & (places < part.high)])


def _course(part: Piece) -> _Course:
    places = _places(part)
    derivative = differentiate(part.branch)
    values, errors = values_with_errors(part.branch, places)
    hole = _hole(places, values)
    if hole is not None:
        return _Course(0, jump=hole)
    slopes, slips = values_with_errors(derivative, places)
    rising, falling = slopes > slips, slopes < -slips
    if rising.any() == falling.any():
        return _Course(0, turn=_turn(derivative, places, rising, falling)) if rising.any() else _Course(0)
    direction = 1 if rising.any() else -1
    dip = _dip(derivative, places, direction * slopes, direction)
    if dip is not None:
        return _Course(0, turn=dip)
    with np.errstate(invalid="ignore"):
        back = np.flatnonzero(direction * np.diff(values) < -(errors[1:] + errors[:-1]))
    return _Course(0, jump=_nearest(places[back])) if len(back) else _Course(direction)


def _hole(places: Array, values: Array) -> float | None:
    """A place without a value: not a number, or infinite with finite values on both sides (an overflow has but one)."""
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return float(places[0])
    bad = np.flatnonzero(~np.isfinite(values))
    bad = bad[np.isnan(values[bad]) | ((bad > finite[0]) & (bad < finite[-1]))]
    return _nearest(places[bad]) if len(bad) else None


def _nearest(places: Array) -> float:
    """The place nearest to 0."""
    return float(places[np.argmin(np.abs(places))])


def _turn(derivative: Node, places: Array, rising: NDArray[np.bool_], falling: NDArray[np.bool_]) -> float:
    """The change of sign of the slope that is nearest to 0."""
    signs = rising.astype(int) - falling
    known = np.flatnonzero(signs)
    changes = np.flatnonzero(np.diff(signs[known]))
    lows, highs = places[known[changes]], places[known[changes + 1]]
    nearest = int(np.argmin(np.abs(lows + highs)))
    low, high, sign = float(lows[nearest]), float(highs[nearest]), signs[known[changes[nearest]]]
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if sign * _at(derivative, middle) > 0 else (low, middle)
    return 0.0 if abs(low + high) < 1e-12 else (low + high) / 2


def _dip(derivative: Node, places: Array, slopes: Array, direction: int) -> float | None:
    """A place between two of the grid at which the slope falls below 0, found by going down from its minima there."""
    lowest = 1 + np.flatnonzero((slopes[1:-1] <= slopes[:-2]) & (slopes[1:-1] < slopes[2:]))
    low, high = places[lowest - 1], places[lowest + 1]
    for _ in range(_ROUNDS if len(lowest) else 0):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        left = direction * numpy_values(derivative, first) < direction * numpy_values(derivative, second)
        low, high = np.where(left, low, first), np.where(left, second, high)
    middle = (low + high) / 2
    bottom, slips = values_with_errors(derivative, middle)
    below = np.flatnonzero(direction * bottom < -slips)
    return _nearest(middle[below]) if len(below) else None
