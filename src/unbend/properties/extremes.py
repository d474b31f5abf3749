"""The highest and lowest value of a function and of its gradient: how large, where, and whether it is reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.properties.line import Line
from unbend.properties.series import taylor
from unbend.properties.tails import Tail, approach

Floats = NDArray[np.float64]
Place = float | tuple[float, float] | None
MOST_TURNS, MOST_EDGES = 256, 24  # those nearest to 0 are looked at
_BISECTIONS = 60
_SAME = 1e-12
_POLE = 1e6  # a value that grows this much between two neighbouring places has no bound there


@dataclass(frozen=True)
class Extreme:
    """A supremum, and where it is reached: a place, an interval, or None if it is only approached."""

    value: float
    at: Place


@dataclass(frozen=True, eq=False)
class Critical:
    """All that an extreme can be made of, for the value (``order`` 0) or the gradient (``order`` 1): what the ends of
    the line and the edges of gaps tend to, values at single places, and pieces on which it is one number."""

    order: int
    limits: tuple[float, ...]
    places: Floats
    values: Floats
    level: tuple[tuple[tuple[float, float], float], ...]


def critical(line: Line, order: int, tails: Sequence[Tail], poles: Floats) -> Critical:
    """What decides about the extremes of the value (``order`` 0) or of the gradient (1)."""
    ends = [end for tail in tails for end in (tail.high, tail.low) if end is not None]
    turns, at_turns = _turns(line, order)
    real = np.isfinite(at_turns)
    places, values = _single_values(line, order)
    return Critical(
        order,
        (*ends, *_limits_at_edges(line, order, poles)),
        np.concatenate([turns[real], places]),
        np.concatenate([at_turns[real], values]),
        tuple(_level_pieces(line, order)),
    )


def highest(line: Line, found: Critical, sign: float) -> Extreme:
    """The supremum of ``sign`` times the value, or of the absolute gradient (``sign`` 1)."""

    def shaped(values: Floats) -> Floats:
        return sign * values if found.order == 0 else np.abs(values)

    sampled = shaped(line.value if found.order == 0 else line.gradient)
    limits, values = shaped(np.array(found.limits, np.float64)), shaped(found.values)
    top = float(np.concatenate([limits, values, sampled, [-np.inf]]).max())
    if not np.isfinite(top):
        return Extreme(top, None)
    near = top - _SAME * max(1.0, abs(top))
    flat = [piece for piece, value in found.level if shaped(np.array(value)) >= near]
    if flat:
        return Extreme(top, (flat[0][0], flat[-1][1]))
    reached = found.places[values >= near]
    if not len(reached) and not np.any(limits >= near):
        reached = line.z[sampled >= near]
    if not len(reached):
        return Extreme(top, None)
    nearest = reached[np.lexsort((reached < 0, np.round(np.abs(reached), 9)))[0]]
    return Extreme(top, float(nearest))


def flat_pieces(line: Line) -> list[tuple[float, float]]:
    """The pieces on which the gradient is exactly 0."""
    inner = [(piece, line.gradient[line.inside(piece)]) for piece in line.pieces]
    return [piece for piece, slopes in inner if len(slopes) and not np.any(slopes)]


def find_poles(line: Line) -> Floats:
    """Places between those of the sample where the value or the gradient has no bound."""
    found = [_turns(line, order) for order in (0, 1)]
    return np.unique(np.concatenate([turns[~np.isfinite(values)] for turns, values in found]))


def _level_pieces(line: Line, order: int) -> list[tuple[tuple[float, float], float]]:
    values = line.value if order == 0 else line.gradient
    found: list[tuple[tuple[float, float], float]] = []
    for piece in line.pieces:
        inside = values[line.inside(piece)]
        if len(inside) and np.ptp(inside) <= _SAME * max(1.0, float(np.abs(inside).max())):
            found.append((piece, float(inside[0])))
    return found


def _turns(line: Line, order: int) -> tuple[Floats, Floats]:
    """Places where the next derivative changes sign within a piece, and the values there; not finite at a pole."""
    slopes = np.sign(line.gradient if order == 0 else _derivative(line, line.z, 2))
    own = line.value if order == 0 else line.gradient
    exact = np.flatnonzero((slopes[1:-1] == 0) & (slopes[:-2] * slopes[2:] < 0)) + 1
    change = np.flatnonzero(slopes[:-1] * slopes[1:] < 0)
    change = change[~_parted(line, change)]
    change = change[np.argsort(np.abs(line.z[change]), kind="stable")][:MOST_TURNS]
    low, high = line.z[change], line.z[change + 1]
    for _ in range(_BISECTIONS if len(change) else 0):
        middle = low + (high - low) / 2
        same = np.sign(_derivative(line, middle, order + 1)) == slopes[change]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    places = np.concatenate([low, line.z[exact]])
    values = np.concatenate([_derivative(line, low, order), own[exact]])
    left, right = np.concatenate([own[change], own[exact - 1]]), np.concatenate([own[change + 1], own[exact + 1]])
    with np.errstate(all="ignore"):
        values[~(np.abs(values) <= _POLE * (1 + np.maximum(np.abs(left), np.abs(right))))] = np.inf
    real = _stands_out(values, left, right)  # where a curve is level to the last digit, signs are noise
    return places[real], values[real]


def _stands_out(values: Floats, left: Floats, right: Floats) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        step = np.maximum(np.abs(values - left), np.abs(values - right))
    return step > 10 * _SAME * np.maximum(1.0, np.abs(left))


def _parted(line: Line, before: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether a switch or a gap lies between a place and the next one."""
    marks = np.sort(np.concatenate([line.switches, line.gaps]))
    return np.searchsorted(marks, line.z[before]) != np.searchsorted(marks, line.z[before + 1])


def _derivative(line: Line, z: Floats, order: int) -> Floats:
    if order < 2:
        return line.activation(z) if order == 0 else line.activation.gradient(z)
    return 2 * taylor(line.activation.expression, z, 2)[2]


def _limits_at_edges(line: Line, order: int, poles: Floats) -> list[float]:
    """What is approached at poles, at the edges of gaps and at joints, where that is a limit that can be told."""
    edges = np.concatenate([line.joints, line.gaps, poles])
    edges = edges[np.argsort(np.abs(edges), kind="stable")][:MOST_EDGES]
    ways = [approach(lambda z: _derivative(line, z, order), float(edge), side) for edge in edges for side in (-1, 1)]
    return [way for way in ways if way is not None and np.isinf(way)]


def _single_values(line: Line, order: int) -> tuple[Floats, Floats]:
    """Values at joints and gaps, and the limits from both sides where they are not the value."""
    sides = [_from_side(line, order, side) for side in (-1, 1)]
    jumps = np.isin(line.switches, line.joints[np.array(line.jumping, int) == 0]) | (order == 1)
    places = [line.switches[jumps], line.switches[jumps]]
    values = [side[jumps] for side in sides]
    if order == 0:
        marks = np.concatenate([line.switches, line.gaps])
        own, (left, right) = line.activation(marks), (line.activation(marks + side) for side in (-0.1, 0.1))
        real = _stands_out(own, left, right) | np.isin(marks, line.gaps)
        places.append(marks[real])
        values.append(own[real])
    at, joined = np.concatenate(places), np.concatenate(values)
    return at[np.isfinite(joined)], joined[np.isfinite(joined)]


def _from_side(line: Line, order: int, side: int) -> Floats:
    """The one-sided limit at every switch, extrapolated from three places close by; at 0 simply next to it."""
    at = line.switches
    step = side * np.where(at == 0, 1e-30, 1e-6 * np.maximum(1.0, np.abs(at)))
    near, middle, far = (_derivative(line, at + k * step, order) for k in (1, 2, 3))
    with np.errstate(all="ignore"):
        return np.where(at == 0, near, 3 * near - 3 * middle + far)
