"""How the outputs f(z) of an activation are distributed when z follows the standard normal law."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.network import normal_mean

Array = NDArray[np.float64]


def moments(f: Activation) -> tuple[float, float]:
    """Mean and standard deviation of the outputs.

    >>> from unbend.activations import activation
    >>> tuple(round(value, 12) for value in moments(activation("3*x - 1")))
    (-1.0, 3.0)
    """
    mean = round(normal_mean(f, f.kinks), 12) + 0.0  # of an odd function 0, not the rounding left over
    return mean, float(np.sqrt(normal_mean(lambda z: (f(z) - mean) ** 2, f.kinks)))


def excess_kurtosis(f: Activation) -> float:
    """That of the outputs: 0 for a normal law; −1.2 for a uniform one."""
    mean, deviation = moments(f)
    return normal_mean(lambda z: ((f(z) - mean) / deviation) ** 4, f.kinks) - 3.0


def distance_from_normal(f: Activation) -> float:
    """The Kolmogorov distance between the law of the outputs of an increasing f and the normal law fitted to it."""
    mean, deviation = moments(f)
    standard, fitted = NormalDist(), NormalDist(mean, deviation)
    return max(abs(standard.cdf(z) - fitted.cdf(float(f(z)))) for z in np.linspace(-8, 8, 3201).tolist())


def density(f: Activation, z: Array) -> Array:
    """The density of the outputs of an increasing smooth f at the places f(z), for z (n,)."""
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / f.gradient(z)
