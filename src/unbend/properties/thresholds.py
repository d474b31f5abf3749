"""Where a gradient is small: beyond which place for good, on how much of a normal input, and where it is dead."""

import math

import numpy as np
from numpy.typing import NDArray

from unbend.properties.extremes import flat_pieces
from unbend.properties.line import Line
from unbend.properties.tails import Tail

Floats = NDArray[np.float64]
Interval = tuple[float, float]
DEAD = 1e-6
_BISECTIONS = 60


def below_for_good(line: Line, tails: tuple[Tail, Tail], limit: float) -> tuple[float | None, float | None]:
    """The places beyond which, to the left and to the right, |f'| stays below ``limit``; None where it does not."""
    return _below(line, tails[0], limit, -1), _below(line, tails[1], limit, 1)


def _below(line: Line, tail: Tail, limit: float, side: int) -> float | None:
    ends = [end for end in (tail.high, tail.low) if end is not None]
    if any(abs(end) >= limit for end in ends) or not len(line.z):
        return None
    z, slopes = (line.z, line.gradient) if side > 0 else (line.z[::-1], line.gradient[::-1])
    large = np.flatnonzero(np.abs(slopes) >= limit)
    if not len(large):
        return -side * math.inf
    last = int(large[-1])
    if last == len(z) - 1 or (not ends and abs(z[last]) > 1e3):  # a wave goes on
        return None
    return float(_crossings(line, limit, z[last : last + 1], z[last + 1 : last + 2])[0])


def _crossings(line: Line, limit: float, low: Floats, high: Floats) -> Floats:
    """Where |f'| crosses ``limit`` between pairs of places on different sides of it."""
    first = np.abs(line.activation.gradient(low)) < limit
    for _ in range(_BISECTIONS):
        middle = low + (high - low) / 2
        same = (np.abs(line.activation.gradient(middle)) < limit) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high


def normal_share_below(line: Line, limit: float) -> float | None:
    """P(|f'(z)| < limit) for z ~ N(0, 1); None where the formula has no value on some of the line."""
    if not len(line.z) or len(line.gaps) > 1 or not _on_both_sides(line):
        return None
    below = np.abs(line.gradient) < limit
    change = np.flatnonzero(below[1:] != below[:-1])
    edges = _crossings(line, limit, line.z[change], line.z[change + 1]) if len(change) else np.zeros(0)
    probabilities = np.array([0.0, *map(_normal_share, edges.tolist()), 1.0])
    inside = np.diff(probabilities)[(0 if below[0] else 1) :: 2]
    return float(min(1.0, inside.sum()))


def _on_both_sides(line: Line) -> bool:
    """Whether the formula has a value to the left and to the right of a gap."""
    return all(line.z[0] < gap < line.z[-1] for gap in line.gaps.tolist())


def _normal_share(z: float) -> float:
    """P(Z < z) for a standard normal Z."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def dead_zones(line: Line, tails: tuple[Tail, Tail]) -> list[tuple[Interval, bool]]:
    """Intervals without gradient, ascending: exactly 0 (True), or below 1e-6 for good."""
    flat = flat_pieces(line)
    left, right = below_for_good(line, tails, DEAD)
    zones: list[tuple[Interval, bool]] = [(piece, True) for piece in flat]
    if left is not None and not any(low == -math.inf for low, _ in flat):
        zones.insert(0, ((-math.inf, left), False))
    if right is not None and not any(high == math.inf for _, high in flat):
        zones.append(((right, math.inf), False))
    return zones
