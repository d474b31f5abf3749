"""The algebra in which a formula becomes its Taylor series at many places at once: derivatives of every order.

A value is an array (order + 1, n): row k holds f⁽ᵏ⁾/k! at n places. The recurrences are those of Griewank and Walther,
Evaluating Derivatives (2008), chapter 13. A branch follows the value at its place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations.expression import Node, evaluate
from unbend.activations.numpy_algebra import NumpyAlgebra
from unbend.activations.powers import whole_power

Floats = NDArray[np.float64]


def taylor(node: Node, at: Any, order: int) -> Floats:
    """(order + 1, n) Taylor coefficients of a tree at the places ``at`` (n,).

    >>> from unbend.activations import activation
    >>> taylor(activation("exp(x)").expression, [0.0], 3)[:, 0].tolist()
    [1.0, 1.0, 0.5, 0.16666666666666666]
    """
    places = np.asarray(at, np.float64)
    x = np.zeros((order + 1, len(places)))
    x[0] = places
    x[1:2] = 1.0
    with np.errstate(all="ignore"):
        (value,) = evaluate([node], x, _SeriesAlgebra(order))
    return np.array(np.broadcast_to(value, x.shape))


class _SeriesAlgebra:
    def __init__(self, order: int):
        self.order = order
        self.values = NumpyAlgebra()

    def constant(self, value: float) -> Floats:
        series = np.zeros((self.order + 1, 1))
        series[0] = value
        return series

    # ------------------------------------------------------------------ arithmetic
    def add(self, a: Floats, b: Floats) -> Floats:
        return a + b

    def subtract(self, a: Floats, b: Floats) -> Floats:
        return a - b

    def negative(self, a: Floats) -> Floats:
        return -a

    def multiply(self, a: Floats, b: Floats) -> Floats:
        return np.stack([_product_term(a, b, k) for k in range(self.order + 1)])

    def divide(self, a: Floats, b: Floats) -> Floats:
        a, b = np.broadcast_arrays(a, b)
        quotient = np.zeros(a.shape)
        for k in range(self.order + 1):
            rest = sum((b[i] * quotient[k - i] for i in range(1, k + 1)), np.zeros(a.shape[1]))
            quotient[k] = (a[k] - rest) / b[0]
        return quotient

    def power(self, a: Floats, b: Floats) -> Floats:
        if b.shape[1] > 1 or np.any(b[1:]):
            return self.exp(self.multiply(b, self.log(a)))
        exponent = float(b[0, 0])
        if exponent.is_integer() and 1 <= abs(exponent) <= 64:
            value = whole_power(a, abs(int(exponent)), self.multiply)
            return value if exponent > 0 else self.divide(self.constant(1), value)
        result = np.zeros(a.shape)
        result[0] = np.power(a[0], exponent)
        for k in range(1, self.order + 1):
            terms = ((i * exponent - (k - i)) * a[i] * result[k - i] for i in range(1, k + 1))
            result[k] = sum(terms, np.zeros(a.shape[1])) / (k * a[0])
        return result

    def sqrt(self, a: Floats) -> Floats:
        return self.power(a, self.constant(0.5))

    # ------------------------------------------------------------------ functions, by their differential equations
    def _solved(self, u: Floats, start: Any, slope: Callable[[Floats], Floats]) -> Floats:
        """g(u) with g' = slope(g): row k needs the slope's rows below k alone."""
        g = np.zeros(u.shape)
        g[0] = start
        for k in range(1, self.order + 1):
            g[k] = _integrated(u, slope(g), k)
        return g

    def _composed(self, u: Floats, start: Any, slope: Floats) -> Floats:
        """g(u) from g at the places and the series of g'(u)."""
        return self._solved(u, start, lambda _: slope)

    def exp(self, u: Floats) -> Floats:
        return self._solved(u, np.exp(u[0]), lambda g: g)

    def expm1(self, u: Floats) -> Floats:
        return self._solved(u, np.expm1(u[0]), lambda g: g + self.constant(1))

    def tanh(self, u: Floats) -> Floats:
        return self._solved(u, np.tanh(u[0]), lambda g: self.constant(1) - self.multiply(g, g))

    def tan(self, u: Floats) -> Floats:
        return self._solved(u, np.tan(u[0]), lambda g: self.constant(1) + self.multiply(g, g))

    def sigmoid(self, u: Floats) -> Floats:
        return self._solved(u, self.values.sigmoid(u[0]), lambda g: g - self.multiply(g, g))

    def log(self, u: Floats) -> Floats:
        return self._composed(u, np.log(u[0]), self.divide(self.constant(1), u))

    def log1p(self, u: Floats) -> Floats:
        return self._composed(u, np.log1p(u[0]), self.divide(self.constant(1), u + self.constant(1)))

    def atan(self, u: Floats) -> Floats:
        under = self.constant(1) + self.multiply(u, u)
        return self._composed(u, np.arctan(u[0]), self.divide(self.constant(1), under))

    def softplus(self, u: Floats) -> Floats:
        return self._composed(u, self.values.softplus(u[0]), self.sigmoid(u))

    def gaussian(self, u: Floats) -> Floats:
        return self.exp(-self.multiply(u, u))

    def erf(self, u: Floats) -> Floats:
        return self._composed(u, self.values.erf(u[0]), 2 / np.sqrt(np.pi) * self.gaussian(u))

    def _pair(self, u: Floats, sine: Any, cosine: Any, sign: float) -> tuple[Floats, Floats]:
        """sin and cos, or sinh and cosh: each is the other's slope."""
        s, c = np.zeros(u.shape), np.zeros(u.shape)
        s[0], c[0] = sine(u[0]), cosine(u[0])
        for k in range(1, self.order + 1):
            s[k], c[k] = _integrated(u, c, k), sign * _integrated(u, s, k)
        return s, c

    def sin(self, u: Floats) -> Floats:
        return self._pair(u, np.sin, np.cos, -1)[0]

    def cos(self, u: Floats) -> Floats:
        return self._pair(u, np.sin, np.cos, -1)[1]

    def sinh(self, u: Floats) -> Floats:
        return self._pair(u, np.sinh, np.cosh, 1)[0]

    def cosh(self, u: Floats) -> Floats:
        return self._pair(u, np.sinh, np.cosh, 1)[1]

    # ------------------------------------------------------------------ branches
    def _level(self, values: Any) -> Floats:
        series = np.zeros((self.order + 1, len(values)))
        series[0] = values
        return series

    def step(self, u: Floats) -> Floats:
        return self._level(u[0] > 0)

    def sign(self, u: Floats) -> Floats:
        return self._level(np.sign(u[0]))

    def abs(self, u: Floats) -> Floats:
        return np.sign(u[0]) * u

    def relu(self, u: Floats) -> Floats:
        return np.where(u[0] > 0, u, 0.0)

    def minimum(self, a: Floats, b: Floats) -> Floats:
        return np.where(a[0] < b[0], a, b)

    def maximum(self, a: Floats, b: Floats) -> Floats:
        return np.where(a[0] > b[0], a, b)

    def where(self, mask: Any, a: Floats, b: Floats) -> Floats:
        return np.where(mask, a, b)

    def __getattr__(self, relation: str) -> Any:
        """Comparisons look at the value."""
        compare = getattr(np, relation)
        return lambda a, b: compare(a[0], b[0])


def _product_term(a: Floats, b: Floats, k: int) -> Floats:
    """Row k of a product."""
    return np.sum([a[i] * b[k - i] for i in range(k + 1)], axis=0)


def _integrated(u: Floats, slope: Floats, k: int) -> Floats:
    """Row k of g(u) from the rows below k of g'(u)."""
    return np.sum([i * u[i] * slope[k - i] for i in range(1, k + 1)], axis=0) / k
