"""Where f(z) = z: single places, and whole stretches of the identity."""

import numpy as np
from numpy.typing import NDArray

from unbend.properties.line import NEAR, Line

Floats = NDArray[np.float64]
MOST_POINTS = 20  # those nearest to 0 are kept
_BISECTIONS = 60
_TOUCH = 1e-13


def fixed_points(line: Line) -> list[float | tuple[float, float]]:
    """The fixed points up to |z| = 12, ascending, at most 20; an interval where f is the identity on a piece.

    >>> from unbend.activations import activation
    >>> from unbend.properties.line import draw_line
    >>> fixed_points(draw_line(activation("max(x, 0)"))), fixed_points(draw_line(activation("x**2")))
    ([(0.0, inf)], [0.0, 1.0])
    """
    stretches = _identical(line)
    at_switches = line.switches[line.activation(line.switches) == line.switches]
    places = np.concatenate([_crossed(line), _touched(line), at_switches])
    places = places[np.abs(places) <= NEAR]
    free = [z for z in _distinct(places) if not any(low - 1e-9 <= z <= high + 1e-9 for low, high in stretches)]
    free = sorted(sorted(free, key=abs)[:MOST_POINTS])
    return sorted([*free, *stretches], key=_start)


def _start(point: float | tuple[float, float]) -> float:
    return point[0] if isinstance(point, tuple) else point


def _identical(line: Line) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for piece in line.pieces:
        inside = line.inside(piece)
        z = line.z[inside]
        same = len(z) and np.all(np.abs(line.value[inside] - z) <= 1e-14 * np.abs(z))
        if same and joined and joined[-1][1] == piece[0]:
            joined[-1] = (joined[-1][0], piece[1])
        elif same:
            joined.append(piece)
    return joined


def _crossed(line: Line) -> Floats:
    """Where f(z) - z changes sign between two places and is continuous there, or is 0 between opposite signs."""
    away = line.value - line.z
    sign = np.sign(np.where(np.abs(away) <= 1e-12 * np.abs(line.z), 0.0, away))
    exact = np.flatnonzero((sign[1:-1] == 0) & (sign[:-2] * sign[2:] != 0)) + 1
    change = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    low, high = line.z[change], line.z[change + 1]
    for _ in range(_BISECTIONS if len(change) else 0):
        middle = low + (high - low) / 2
        same = np.sign(line.activation(middle) - middle) == sign[change]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    real = np.abs(line.activation(high) - high) <= 1e-6 * np.maximum(1.0, np.abs(high))
    return np.concatenate([high[real], line.z[exact]])


def _touched(line: Line) -> Floats:
    """Where f(z) - z touches 0 without a change of sign: its slope crosses 0 there."""
    slope = np.sign(line.gradient - 1.0)
    change = np.flatnonzero(slope[:-1] * slope[1:] < 0)
    low, high = line.z[change], line.z[change + 1]
    for _ in range(_BISECTIONS if len(change) else 0):
        middle = low + (high - low) / 2
        same = np.sign(line.activation.gradient(middle) - 1.0) == slope[change]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high[np.abs(line.activation(high) - high) <= _TOUCH * np.maximum(1.0, np.abs(high))]


def _distinct(places: Floats) -> list[float]:
    """Ascending, with those that rounding cannot tell apart as one; of such the one with fewer digits stays."""
    kept: list[float] = []
    for place in np.sort(places).tolist():
        if kept and place - kept[-1] <= 1e-4 * max(1.0, abs(place)):
            kept[-1] = min(kept[-1], place + 0.0, key=lambda value: len(repr(value)))
        else:
            kept.append(place + 0.0)
    return kept
