"""The toy data sets with a number as target: curves over [-1, 1], and one plane over the square.

Each function is a formula written in its docstring; ``n`` points evenly spaced, ``noise`` the standard deviation added
to the target, ``seed`` from 0 to 2^32 - 1. Impossible values raise `unbend.errors.UnbendError`.
"""

import numpy as np

from unbend.data.dataset import Dataset
from unbend.data.toy_parts import Floats, check_integer, check_toy, regression, uniform_points

TARIFF_KINKS = (-0.4, 0.3)


def sine(n: int = 400, noise: float = 0.05, seed: int = 0, waves: int = 2) -> Dataset:
    """A smooth curve of 1 to 20 ``waves``: y = sin(waves pi x).

    >>> data = sine(n=5, noise=0)
    >>> data.task, data.x[:, 0].tolist(), (data.y.round(12) + 0.0).tolist()
    ('regression', [-1.0, -0.5, 0.0, 0.5, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0])
    """
    check_integer("sine", "waves", waves, 1, 20)
    check_toy("sine", n, noise, seed)
    x = _evenly(n)
    origin = f"y = sin({waves} pi x)" if waves > 1 else "y = sin(pi x)"
    return regression("sine", x, np.sin(waves * np.pi * x[:, 0]), noise, seed, origin)


def step(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """A jump: y = -0.5 for x < 0, and 0.5 from there on.

    >>> step(n=4, noise=0).y.tolist()
    [-0.5, -0.5, 0.5, 0.5]
    """
    check_toy("step", n, noise, seed)
    x = _evenly(n)
    return regression("step", x, np.where(x[:, 0] < 0.0, -0.5, 0.5), noise, seed, "a jump from -0.5 to 0.5 at x = 0")


def bumps(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Three bell curves: y = g((x + 0.6) / 0.15) - 0.6 g(x / 0.1) + 0.8 g((x - 0.55) / 0.2), g(t) = exp(-t^2 / 2).

    >>> bumps(n=5, noise=0).y.round(3).tolist()
    [0.029, 0.801, -0.581, 0.775, 0.064]
    """
    check_toy("bumps", n, noise, seed)
    x = _evenly(n)
    bells = ((1.0, -0.6, 0.15), (-0.6, 0.0, 0.1), (0.8, 0.55, 0.2))
    y = sum((height * np.exp(-0.5 * ((x[:, 0] - at) / width) ** 2) for height, at, width in bells), np.zeros(n))
    return regression("bumps", x, y, noise, seed, "three bell curves, two up and one down")


def absolute(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """A corner: y = |x|.

    >>> absolute(n=5, noise=0).y.tolist()
    [1.0, 0.5, 0.0, 0.5, 1.0]
    """
    check_toy("absolute", n, noise, seed)
    x = _evenly(n)
    return regression("absolute", x, np.abs(x[:, 0]), noise, seed, "y = |x|")


def tariff(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """A price list of three straight pieces: y = 0.4 max(x + 0.4, 0) + 1.2 max(x - 0.3, 0) - 0.5.

    Nothing to pay up to -0.4, a low price up to 0.3, four times that price beyond.

    >>> tariff(n=5, noise=0).y.round(12).tolist()
    [-0.5, -0.5, -0.34, 0.1, 0.9]
    """
    check_toy("tariff", n, noise, seed)
    x = _evenly(n)
    free, dear = x[:, 0] - TARIFF_KINKS[0], x[:, 0] - TARIFF_KINKS[1]
    y = 0.4 * np.maximum(free, 0.0) + 1.2 * np.maximum(dear, 0.0) - 0.5
    return regression("tariff", x, y, noise, seed, "a price list with kinks at -0.4 and 0.3")


def plane(n: int = 400, noise: float = 0.05, seed: int = 0) -> Dataset:
    """A tilted plane over points spread evenly in the square (-1, 1)^2: y = 0.6 x1 - 0.4 x2.

    >>> data = plane(noise=0)
    >>> bool(np.allclose(data.y, data.x @ [0.6, -0.4]))
    True
    """
    check_toy("plane", n, noise, seed)
    x = uniform_points("plane", n, 2, seed)
    return regression("plane", x, 0.6 * x[:, 0] - 0.4 * x[:, 1], noise, seed, "y = 0.6 x1 - 0.4 x2")


def _evenly(n: int) -> Floats:
    return np.linspace(-1.0, 1.0, n)[:, None]
