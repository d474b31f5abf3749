"""Means over normal input, for many variances at once, by Gauss–Legendre quadrature between the joints of a formula."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation

Floats = NDArray[np.float64]
_SETTLED = 1e-8


@dataclass(frozen=True, eq=False)
class Moments:
    """For x ~ N(0, q) at each q of an array: the means of f, f², f'², x·f·f' and x·f'; NaN where they do not exist."""

    mean: Floats
    square: Floats
    slope_square: Floats
    drift: Floats
    tilt: Floats


def moments(activation: Activation, joints: Floats, variances: Floats, checked: bool = True) -> Moments:
    """The moments at each variance (n,), by quadrature up to 12 standard deviations.

    ``checked``: they are computed a second time, coarser, up to 10, and NaN where the two differ.

    >>> from unbend.activations import activation
    >>> found = moments(activation("relu"), np.array([0.0]), np.array([1.0, 4.0]))
    >>> found.square.round(12).tolist(), found.slope_square.round(12).tolist()
    ([0.5, 2.0], [0.5, 0.5])
    """
    fine = _integrals(activation, joints, variances, reach=12.0, nodes=16)
    if not checked:
        return Moments(*fine)
    rough = _integrals(activation, joints, variances, reach=10.0, nodes=10)
    with np.errstate(all="ignore"):
        size = np.sqrt(fine[1]), fine[1], fine[2], fine[1] + fine[2] * variances, np.sqrt(fine[2] * variances)
        settled = [np.abs(a - b) <= _SETTLED * np.abs(s) + 1e-300 for a, b, s in zip(rough, fine, size, strict=True)]
    return Moments(*(np.where(good, value, np.nan) for good, value in zip(settled, fine, strict=True)))


def _integrals(activation: Activation, joints: Floats, variances: Floats, reach: float, nodes: int) -> list[Floats]:
    spread = np.sqrt(variances)[:, None]
    edges = _edges(joints, spread, reach)
    places, shares = _legendre(nodes)
    half = np.diff(edges, axis=1)[:, :, None] / 2
    x = (edges[:, :-1, None] + edges[:, 1:, None]) / 2 + half * places
    with np.errstate(all="ignore"):
        density = np.exp(-((x / spread[:, :, None]) ** 2) / 2) / (spread[:, :, None] * np.sqrt(2 * np.pi))
        weight = half * shares * density
        f, slope = activation(x), activation.gradient(x)
        products = f, f * f, slope * slope, x * f * slope, x * slope
        return [np.sum(np.where(weight > 0, weight * product, 0.0), axis=(1, 2)) for product in products]


@cache
def _legendre(nodes: int) -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(nodes)


def _edges(joints: Floats, spread: Floats, reach: float) -> Floats:
    """(n, panels + 1) the panels of each variance: one standard deviation wide at most, and finer near 0."""
    fixed = np.concatenate([np.arange(-8.0, 8.5), joints])
    steps = spread * np.linspace(-reach, reach, round(2 * reach) + 1)
    inside = np.clip(fixed, -reach * spread, reach * spread)
    return np.sort(np.concatenate([steps, inside], axis=1), axis=1)
