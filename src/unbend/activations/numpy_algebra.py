"""The algebra in which a formula becomes NumPy arrays; it says what is right for all other back ends.

Every method takes and returns arrays of one floating type. Values that overflow become infinite without a warning, and
the composed functions (sigmoid, softplus) are written so that no infinity meets another.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations.expression import OPERATIONS, Node, evaluate
from unbend.activations.powers import whole_power

Array = NDArray[Any]


def numpy_values(node: Node, array: Array) -> Array:
    """The value of a tree at every element of ``array`` (any shape, float32 or float64; shape and type are kept).

    >>> numpy_values(Node("sigmoid", (Node("x"),)), np.array([-1e4, 0.0, 1e4]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(all="ignore"):
        (value,) = evaluate([node], array, NumpyAlgebra(array.dtype.type))
    if node.op == "x" or np.shape(value) != array.shape:
        return np.array(np.broadcast_to(value, array.shape), dtype=array.dtype)
    return np.asarray(value, dtype=array.dtype)


class NumpyAlgebra:
    """Arrays of one floating type; constants are scalars of that type."""

    def __init__(self, scalar: Any = np.float64):
        """``scalar``: ``np.float32`` or ``np.float64``."""
        self.scalar = scalar

    def constant(self, value: float) -> Any:
        """A scalar of the floating type."""
        return self.scalar(value)

    def power(self, a: Any, b: Any) -> Any:
        """a ** b; products where b is a whole constant; NaN for a < 0 and a broken b."""
        if np.ndim(b) == 0 and isinstance(b, np.floating) and 1 <= abs(b) <= 64 and b == int(b):
            value = whole_power(a, abs(int(b)), np.multiply)
            return value if b > 0 else self.scalar(1) / value
        return np.power(a, b)

    def sigmoid(self, a: Any) -> Any:
        """1 / (1 + e**-a), small values exact."""
        grown = np.exp(-np.abs(a))
        return np.where(a >= 0, self.scalar(1), grown) / (self.scalar(1) + grown)

    def softplus(self, a: Any) -> Any:
        """log(1 + e**a)."""
        return np.maximum(a, self.scalar(0)) + np.log1p(np.exp(-np.abs(a)))

    def gaussian(self, a: Any) -> Any:
        """e**(-a*a)."""
        return np.exp(-(a * a))

    def erf(self, a: Any) -> Any:
        """Gauss's error function, by SciPy."""
        from scipy.special import erf  # not before it is needed: importing unbend loads only NumPy

        return erf(a)

    def relu(self, a: Any) -> Any:
        """max(a, 0)."""
        return np.maximum(a, self.scalar(0))

    def step(self, a: Any) -> Any:
        """1 where a > 0, else 0."""
        return np.where(a > 0, self.scalar(1), self.scalar(0))

    def __getattr__(self, operation: str) -> Any:
        """Every other operation is a function of NumPy."""
        return _OF_NUMPY[operation]


_OF_NUMPY: dict[str, Any] = {
    **{name: getattr(np, name) for name in OPERATIONS if hasattr(np, name)},
    "atan": np.arctan,
}
