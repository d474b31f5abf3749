"""How much an activation shrinks its signal, and the factor that makes up for it."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from unbend.activations.activation import Activation
from unbend.errors import UnbendError

_REACH = 12.0  # beyond this many standard deviations the normal density is below 1e-31
_SETTLED = 1e-6  # a finite mean square changes less than this, relatively, when it is computed more carefully


def calculate_gain(activation: Activation) -> float:
    """The gain PyTorch recommends (``torch.nn.init.calculate_gain``); 1 for activations it does not know.

    >>> from unbend.activations import activation
    >>> calculate_gain(activation("tanh"))
    1.6666666666666667
    """
    if activation.name == "leaky_relu":
        return float(np.sqrt(2 / (1 + activation.parameters["alpha"] ** 2)))
    return {"tanh": 5 / 3, "relu": float(np.sqrt(2)), "selu": 0.75}.get(activation.name, 1.0)


@lru_cache(maxsize=256)
def exact_gain(activation: Activation) -> float:
    """1 / sqrt(E f(z)²) for z ~ N(0, 1), by Gauss–Legendre quadrature between the kinks (He et al. 2015, section 2.2).

    Raises `UnbendError` where the mean square is 0, not finite, or too wild to be computed.

    >>> from unbend.activations import activation
    >>> round(exact_gain(activation("relu")), 12) == round(2**0.5, 12)
    True
    """
    total = _mean_square(activation, _REACH, nodes=24)
    fault = "" if 0 < total < np.inf else f"is {total:g}"
    if not fault and not abs(_mean_square(activation, 1.25 * _REACH, nodes=40) / total - 1) <= _SETTLED:
        fault = "does not settle"  # a pole, or tails that outgrow the density
    if fault:
        raise UnbendError(
            f"gain='exact' needs a finite mean square, and that of {activation.name or activation.formula!r} for "
            f"standard normal input {fault}; pass a number as gain"
        )
    return float(1 / np.sqrt(total))


def _mean_square(activation: Activation, reach: float, nodes: int) -> float:
    """E f(z)² within ``reach`` standard deviations, with ``nodes`` points in every half of one."""
    kinks = [kink for kink in activation.kinks if abs(kink) < reach]
    edges = np.unique(np.concatenate([np.linspace(-reach, reach, round(4 * reach) + 1), kinks]))
    places, shares = np.polynomial.legendre.leggauss(nodes)
    total = 0.0
    with np.errstate(over="ignore"):
        for low, high in pairwise(edges):
            z = (low + high) / 2 + (high - low) / 2 * places
            density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
            total += float((high - low) / 2 * (shares * density * activation(z) ** 2).sum())
    return total
