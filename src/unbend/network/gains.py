"""How much an activation shrinks its signal, and the factor that makes up for it."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from unbend.activations.activation import Activation
from unbend.errors import UnbendError

_REACH = 12.0  # beyond this many standard deviations the normal density is below 1e-31


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

    Raises `UnbendError` where the mean square is 0 or not finite.

    >>> from unbend.activations import activation
    >>> round(exact_gain(activation("relu")), 12) == round(2**0.5, 12)
    True
    """
    kinks = [kink for kink in activation.kinks if abs(kink) < _REACH]
    edges = np.unique(np.concatenate([np.linspace(-_REACH, _REACH, 49), kinks]))
    nodes, shares = np.polynomial.legendre.leggauss(24)
    total = 0.0
    for low, high in pairwise(edges):
        z = (low + high) / 2 + (high - low) / 2 * nodes
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        total += float((high - low) / 2 * (shares * density * activation(z) ** 2).sum())
    if not 0 < total < np.inf:
        raise UnbendError(
            f"gain='exact' needs a finite mean square, and that of {activation.name or activation.formula!r} for "
            f"standard normal input is {total:g}; pass a number as gain"
        )
    return float(1 / np.sqrt(total))
