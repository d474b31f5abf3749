"""How a signal and its gradient fare in a deep, wide network with random weights: mean-field theory.

The variance of a pre-activation goes from layer to layer as q -> σ_w² E f(√q z)² + σ_b², and a gradient grows by
χ₁ = σ_w² E f'(√q z)² at the variance q where that settles (Poole et al. 2016; Schoenholz et al. 2017). χ₁ = 1 is the
edge of chaos; elsewhere a gradient changes by a factor of e within 1/|ln χ₁| layers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.properties.normal import Moments, moments

Floats = NDArray[np.float64]
SIGMA_B = (0.1, 0.2, 0.3, 0.5, 1.0)
_GRID = np.geomspace(1e-10, 1e3, 53)
_ONE = int(np.argmin(np.abs(_GRID - 1.0)))
_STEPS = 40
_ZERO = 1e-7
_TOLERANCE, _ROUNDING = 1e-9, 1e-12


@dataclass(frozen=True)
class Start:
    """A way to start weights, with biases 0: the variance q at which signals settle, χ₁ there, and the depth scale.

    The variance is inf where it grows without bound; then χ₁ is what it comes to, if the gradient has limits. None
    where a mean does not exist.
    """

    sigma_w: float
    variance: float | None
    chi: float | None
    depth: float | None


@dataclass(frozen=True, eq=False)
class Field:
    """The moments of one activation over a grid of variances."""

    activation: Activation
    joints: Floats

    @cached_property
    def grid(self) -> Moments:
        """The moments at 53 variances from 1e-10 to 1000."""
        return moments(self.activation, self.joints, _GRID)

    def at(self, variance: float, checked: bool = False) -> Moments:
        """The moments at one variance."""
        return moments(self.activation, self.joints, np.array([variance]), checked)

    @cached_property
    def slope_square_at_zero(self) -> float:
        """E f'(√q z)² for q towards 0: half from each side."""
        return float(np.mean(self.activation.gradient([-1e-30, 1e-30]) ** 2))

    def started(self, sigma_w: float) -> Start:
        """What becomes of inputs of variance 1 when weights have variance ``sigma_w``² / fan-in and biases are 0."""
        variance = self._settled(sigma_w**2)
        if variance is None:
            return Start(sigma_w, None, None, None)
        square = self._slope_square(variance)
        chi = float(f"{sigma_w**2 * square:.14g}")  # 1 where it is 1
        if not np.isfinite(chi):
            return Start(sigma_w, variance, None, None)
        depth = 0.0 if chi == 0 else np.inf if abs(chi - 1) < _ZERO else 1 / abs(np.log(chi))
        return Start(sigma_w, variance, chi, float(depth))

    def _slope_square(self, variance: float) -> float:
        """E f'(√q z)², for q of 0 and inf as well; NaN where there is none."""
        if variance == 0:
            return self.slope_square_at_zero
        if variance < np.inf:
            return float(self.at(variance, checked=True).slope_square[0])
        far, farther = (self.activation.gradient([-place, place]) for place in (1e8, 1e9))
        return float(np.mean(farther**2)) if np.allclose(far, farther, rtol=1e-6, atol=1e-6) else np.nan

    def _settled(self, weight: float) -> float | None:
        """The variance that q -> weight E f(√q z)² comes to from 1: 0 if it vanishes, inf if it explodes."""
        growth = weight * self.grid.square / _GRID - 1
        at_one = float(weight * self.at(1.0, checked=True).square[0] - 1)
        if not np.isfinite(at_one):
            return None
        if abs(at_one) < _TOLERANCE:
            return 1.0
        way = range(_ONE, len(_GRID)) if at_one > 0 else range(_ONE, -1, -1)
        for place in way:
            if np.isfinite(growth[place]) and growth[place] * np.sign(at_one) < -_ROUNDING:
                ends = (_GRID[place], _GRID[place - (1 if at_one > 0 else -1)])
                return _root(lambda q: float(weight * self.at(q).square[0] / q - 1), min(ends), max(ends))
        return np.inf if at_one > 0 else 0.0

    def bias_variance(self, variance: float) -> float:
        """σ_b² of the network at the edge of chaos whose pre-activations settle at this variance."""
        found = self.at(variance)
        return float(variance - found.square[0] / found.slope_square[0])

    def critical(self, sigma_b: float) -> list[float]:
        """The σ_w, ascending, at which a network with this σ_b > 0 is at the edge of chaos and its variance settles.

        >>> from unbend.activations import activation
        >>> round(Field(activation("tanh"), np.zeros(0)).critical(0.05**0.5)[0] ** 2, 2)
        1.76
        """
        excess = self._bias_variances() - sigma_b**2
        change = np.flatnonzero(excess[:-1] * excess[1:] < 0)
        roots = [_root(lambda q: self.bias_variance(q) - sigma_b**2, _GRID[i], _GRID[i + 1]) for i in change]
        return sorted(self._weight_at(q) for q in roots if self._is_stable(q))

    def critical_without_bias(self) -> list[float]:
        """The σ_w, ascending, of networks at the edge of chaos with σ_b = 0; signals may vanish slowly there."""
        excess = self._bias_variances() / _GRID
        sign = np.where(np.isfinite(excess) & (np.abs(excess) > _ZERO), np.sign(excess), 0)
        change = np.flatnonzero(sign[:-1] * sign[1:] < 0)
        roots = [_root(self.bias_variance, _GRID[i], _GRID[i + 1]) for i in change]
        return sorted([*self._critical_at_zero(excess), *(self._weight_at(q) for q in roots if self._is_stable(q))])

    def _critical_at_zero(self, excess: Floats) -> list[float]:
        """The σ_w at which a variance of 0 is on the edge, if small variances do not grow away from it."""
        if not (abs(excess[0]) < _ZERO and 0 < self.slope_square_at_zero < np.inf):
            return []
        growth = self.grid.square / self.slope_square_at_zero / _GRID - 1
        away = growth[np.abs(growth) > _ZERO]
        return [] if len(away) and away[0] > 0 else [float(1 / np.sqrt(self.slope_square_at_zero))]

    def _bias_variances(self) -> Floats:
        with np.errstate(all="ignore"):
            return _GRID - self.grid.square / self.grid.slope_square

    def _weight_at(self, variance: float) -> float:
        return float(1 / np.sqrt(self.at(variance).slope_square[0]))

    def _is_stable(self, variance: float) -> bool:
        """Whether a variance next to this one comes back: dq'/dq = σ_w² E x·f·f' / q is below 1."""
        found = self.at(variance)
        return bool(found.drift[0] / found.slope_square[0] / variance < 1 + _ZERO)


def edge_of_chaos(field: Field) -> list[tuple[float, float]] | None:
    """Points (σ_w, σ_b) of the critical line, by σ_b; None if it has none of those looked at."""
    points = [(sigma_w, 0.0) for sigma_w in field.critical_without_bias()]
    points += [(sigma_w, sigma_b) for sigma_b in SIGMA_B for sigma_w in field.critical(sigma_b)]
    return points or None


def self_normalising(field: Field) -> bool:
    """Whether mean 0 and variance 1 are a stable fixed point under lecun_normal (Klambauer et al. 2017, section 2).

    The mean of the next layer does not depend on that of this one where weights sum to 0, so that the stability is
    decided by how the next variance answers to this one.
    """
    found = field.at(1.0, checked=True)
    mean, square = float(found.mean[0]), float(found.square[0])
    if not (abs(mean) < 1e-6 and abs(square - 1) < 1e-6):
        return False
    return bool(abs(found.drift[0] - mean * found.tilt[0]) < 1 - 1e-6)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """A zero between two places of different sign, by the Illinois form of the secant rule."""
    at_low, at_high = function(low), function(high)
    middle = low
    for _ in range(_STEPS):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        here = function(middle)
        if abs(high - low) < 1e-13 * abs(middle) or here == 0 or abs(here) < 1e-15:
            break
        if here * at_high < 0:
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = middle, here
    return float(middle)
