"""What a function does far out, told from its highest and lowest values in each decade from 10 to 1e150.

A sequence that stays the same for six decades has reached its limit; one that grows in every decade, and does not slow
down like a sum that ends, has none that is finite. Anything else, such as a wave, has no limit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DECADES, PER_DECADE = 150, 48
LEVEL, ROUNDING = 6, 1e-12


@dataclass(frozen=True)
class Tail:
    """The limit at one end of the line (None: there is none), and what highest and lowest values tend to."""

    limit: float | None
    high: float | None
    low: float | None


def tail(function: Callable[[Floats], Floats], side: int) -> Tail:
    """How ``function`` ends at +inf (``side`` 1) or -inf (-1).

    >>> tail(np.arctan, 1).limit == np.pi / 2, tail(np.square, -1).limit, tail(np.sin, 1).limit
    (True, inf, None)
    """
    decades = np.arange(1, DECADES)[:, None] + np.arange(PER_DECADE) / PER_DECADE
    with np.errstate(all="ignore"):
        values = function((side * 1.0137 * 10.0**decades).ravel()).reshape(decades.shape)
        high, low = (_tends_to(edge) for edge in (values.max(axis=1), values.min(axis=1)))
    return Tail(high if _same(high, low) else None, high, low)


def _same(high: float | None, low: float | None) -> bool:
    if high is None or low is None or np.isinf(high) or np.isinf(low):
        return high is not None and high == low
    return abs(high - low) <= 1e-9 * max(1.0, abs(high))


def approach(function: Callable[[Floats], Floats], place: float, side: int) -> float | None:
    """What ``function`` tends to on the way to a finite place, from the right (``side`` 1) or the left: a limit that it
    keeps, or infinity; None where it only comes nearer to a number, or does neither.

    >>> approach(np.reciprocal, 0.0, -1), approach(np.log, 0.0, 1), approach(np.square, 3.0, 1)
    (-inf, -inf, None)
    """
    distances = 10.0 ** -np.arange(2.0, 16.0 if place else DECADES)
    with np.errstate(all="ignore"):
        return _tends_to(function(place + side * distances * max(1.0, abs(place))))


def _tends_to(values: Floats) -> float | None:
    """The limit of a sequence, infinite if it grows without bound; None if it does neither."""
    finite = np.isfinite(values)
    length = len(values) if finite.all() else int(np.argmin(finite))
    settled = _level(values[:length])
    if settled is not None:
        return settled
    beyond = values[length] if length < len(values) else np.nan
    if length < 4:
        return float(beyond) if np.isinf(beyond) else None
    return _growth(values[:length], beyond)


def _level(values: Floats) -> float | None:
    """The value that a sequence keeps from some place on, at least for a while."""
    if len(values) <= LEVEL:
        return None
    size, next_size = np.abs(values[:-1]), np.abs(values[1:])
    alike = np.abs(np.diff(values)) <= ROUNDING * size
    vanishing = (next_size <= size) & (size < ROUNDING)
    kept = alike | vanishing
    runs = np.lib.stride_tricks.sliding_window_view(kept, LEVEL).all(axis=1)
    if not runs.any():
        return None
    first = int(np.argmax(runs))
    rest = kept[first:]
    last = first + (len(rest) if rest.all() else int(np.argmin(rest)))
    value = float(values[last])
    return 0.0 if abs(value) < ROUNDING else value


def _growth(values: Floats, beyond: float) -> float | None:
    later = np.abs(values[len(values) // 2 :])
    steps = np.diff(later)
    if not (np.all(steps > 0) and np.all(np.sign(values[len(values) // 2 :]) == np.sign(values[-1]))):
        return None
    if not np.isinf(beyond) and steps[-1] < 0.35 * steps[0]:  # log log x slows down like 1/k, and grows for ever
        return None
    return float(np.copysign(np.inf, values[-1]))
