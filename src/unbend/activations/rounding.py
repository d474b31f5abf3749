"""The algebra in which a formula becomes values together with a bound on their rounding errors (first order).

So a slope of -1e-17 that is left of 1 - tanh(x)**2 can be told from a slope that is truly negative. The formula must be
without switches (`unbend.activations.pieces`), save for the ``where`` that a derivative brings along.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations.build import make
from unbend.activations.derivative import differentiate
from unbend.activations.expression import Node, evaluate
from unbend.activations.leaves import RELATIONS, X
from unbend.activations.numpy_algebra import NumpyAlgebra, numpy_values

Array = NDArray[np.float64]
Rounded = tuple[Any, Any]  # value, error
UNIT = 4 * np.finfo(np.float64).eps  # what one operation or library function is off by, at most


def values_with_errors(node: Node, places: Array) -> tuple[Array, Array]:
    """The values of a tree at ``places`` (m,) and how far rounding can have moved each of them.

    >>> value, error = values_with_errors(make("subtract", make("exp", X), make("exp", X)), np.array([1.0]))
    >>> bool(error[0] >= abs(value[0]))
    True
    """
    with np.errstate(all="ignore"):
        ((value, error),) = evaluate([node], (places, np.zeros_like(places)), _Rounding())
    return np.broadcast_to(value, places.shape) + 0.0, np.broadcast_to(error, places.shape) + 0.0


class _Rounding:
    """Values and errors go through every operation together."""

    def constant(self, value: float) -> Rounded:
        return np.float64(value), np.float64(0.0)

    def add(self, a: Rounded, b: Rounded) -> Rounded:
        return _rounded(a[0] + b[0], a[1] + b[1])

    def subtract(self, a: Rounded, b: Rounded) -> Rounded:
        return _rounded(a[0] - b[0], a[1] + b[1])

    def negative(self, a: Rounded) -> Rounded:
        return -a[0], a[1]

    def multiply(self, a: Rounded, b: Rounded) -> Rounded:
        return _rounded(a[0] * b[0], np.abs(a[0]) * b[1] + np.abs(b[0]) * a[1])

    def divide(self, a: Rounded, b: Rounded) -> Rounded:
        value = a[0] / b[0]
        return _rounded(value, (a[1] + np.abs(value) * b[1]) / np.abs(b[0]))

    def power(self, a: Rounded, b: Rounded) -> Rounded:
        value = NumpyAlgebra().power(a[0], b[0])
        by_base = np.abs(b[0] * NumpyAlgebra().power(a[0], b[0] - 1)) * a[1]
        by_exponent = np.where(b[1] > 0, np.abs(value * np.log(np.abs(a[0]))) * b[1], 0.0)
        return _rounded(value, by_base + by_exponent + UNIT * np.abs(b[0] * value))

    def where(self, mask: Any, a: Rounded, b: Rounded) -> Rounded:
        return np.where(mask, a[0], b[0]), np.where(mask, a[1], b[1])

    def __getattr__(self, operation: str) -> Any:
        if operation in RELATIONS:
            return lambda a, b: getattr(NumpyAlgebra(), operation)(a[0], b[0])

        def function(a: Rounded) -> Rounded:
            slope = numpy_values(_slope(operation), np.asarray(a[0]))
            return _rounded(getattr(NumpyAlgebra(), operation)(a[0]), np.abs(slope) * a[1])

        return function


def _rounded(value: Any, error: Any) -> Rounded:
    return value, error + UNIT * np.abs(value)


@lru_cache(maxsize=64)
def _slope(operation: str) -> Node:
    return differentiate(make(operation, X))
