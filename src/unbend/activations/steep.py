"""Where a smooth activation is steep: the soft counterpart of a kink.

A zone is steep where the slope has at least half of its largest size: tanh between -0.88 and 0.88, softplus from 0 on.
Where the slope grows without bound (a square), 1 takes the place of the largest: the slope of a unit that hands its
input on unchanged.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.activations.expression import Node
from unbend.activations.numpy_algebra import numpy_values

Array = NDArray[np.float64]
REACH, FAR = 100.0, 1e4
_GRID = np.linspace(-REACH, REACH, 200 * 128 + 1)
_SETTLED = 0.01  # a slope that is larger far out than within reach by more than this share grows without bound
_ROUNDS = 60


@dataclass(frozen=True)
class SteepZone:
    """The activation is steep from ``low`` to ``high``, one of which, or both, may be infinite."""

    low: float
    high: float

    @property
    def edges(self) -> tuple[float, ...]:
        """The ends that are finite."""
        return tuple(end for end in (self.low, self.high) if math.isfinite(end))

    @property
    def middle(self) -> float | None:
        """The middle; the one edge of a zone without end; None where the slope is never small."""
        return sum(self.edges) / len(self.edges) + 0.0 if self.edges else None


def steep_zones(activation: Activation) -> tuple[SteepZone, ...]:
    """The steep zones within 100 of 0, from left to right; nothing narrower than 1/128 is seen.

    >>> from unbend.activations import activation
    >>> [(round(zone.low, 3), zone.middle, round(zone.high, 3)) for zone in steep_zones(activation("tanh"))]
    [(-0.881, 0.0, 0.881)]
    >>> steep_zones(activation("softplus"))
    (SteepZone(low=0.0, high=inf),)
    """
    return _zones(activation.derivative)


@lru_cache(maxsize=512)
def _zones(derivative: Node) -> tuple[SteepZone, ...]:
    sizes = np.abs(numpy_values(derivative, _GRID))
    half = _largest(derivative, sizes) / 2
    steep = sizes >= half
    edges = _edges(derivative, half, np.flatnonzero(steep[1:] != steep[:-1]))
    ends = ([-math.inf] if steep[0] else []) + edges + ([math.inf] if steep[-1] else [])
    return tuple(SteepZone(low, high) for low, high in zip(*_without_points(ends), strict=True))


def _largest(derivative: Node, sizes: Array) -> float:
    """The largest slope, or 1 where there is none."""
    beyond = np.geomspace(REACH, FAR, 50)
    far = float(np.nan_to_num(np.abs(numpy_values(derivative, np.concatenate([-beyond, beyond])))).max())
    top = float(sizes.max())
    if not math.isfinite(top) or far > (1.0 + _SETTLED) * top:
        return 1.0
    at = int(sizes.argmax())
    around = np.linspace(_GRID[max(at - 1, 0)], _GRID[min(at + 1, len(_GRID) - 1)], 257)
    return max(far, float(np.abs(numpy_values(derivative, around)).max()))


def _edges(derivative: Node, half: float, at: NDArray[np.intp]) -> list[float]:
    """The places right of the grid's points ``at`` at which the slope passes ``half``, by bisection."""
    low, high = _GRID[at], _GRID[at + 1]
    steep = np.abs(numpy_values(derivative, low)) >= half
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        same = (np.abs(numpy_values(derivative, middle)) >= half) == steep
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    places = (low + high) / 2
    return np.where(np.abs(places) < 1e-12, 0.0, places).tolist()


def _without_points(ends: list[float]) -> tuple[list[float], list[float]]:
    """Starts and ends of zones; gaps and zones that are single points (a slope at a kink) do not count."""
    kept: list[float] = []
    for end in ends:
        if kept and end - kept[-1] < 1e-9:
            kept.pop()
        else:
            kept.append(end)
    return kept[::2], kept[1::2]
