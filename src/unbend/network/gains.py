"""How much an activation shrinks its signal, and the factor that makes up for it."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

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
    with np.errstate(over="ignore"):
        return normal_mean(lambda z: activation(z) ** 2, activation.kinks, reach, nodes)


def normal_mean(
    values: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    kinks: Sequence[float] = (),
    reach: float = _REACH,
    nodes: int = 24,
) -> float:
    """E g(z) for z ~ N(0, 1), ``values`` being g on arrays; ``kinks`` are the places where it is not smooth.

    Gauss–Legendre quadrature within ``reach`` standard deviations, with ``nodes`` points in every half of one.

    >>> round(normal_mean(np.abs, (0.0,)) ** 2 * np.pi / 2, 12)
    1.0
    """
    inside = [kink for kink in kinks if abs(kink) < reach]
    edges = np.unique(np.concatenate([np.linspace(-reach, reach, round(4 * reach) + 1), inside]))
    places, shares = np.polynomial.legendre.leggauss(nodes)
    total = 0.0
    for low, high in pairwise(edges):
        z = (low + high) / 2 + (high - low) / 2 * places
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        total += float((high - low) / 2 * (shares * density * values(z)).sum())
    return total
