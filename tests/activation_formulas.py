"""Random formulas for the tests of activations, and the derivative that complex numbers give."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy import special

# bounded or slowly growing, so that depth does not turn a rounding error into a different number
UNARY = ("tanh", "sigmoid", "softplus", "erf", "gaussian", "sin", "cos", "atan", "abs", "relu", "step", "sign")
GROWING = ("exp", "expm1", "sinh", "cosh")
POSITIVE = ("log1p({}**2)", "log(2+sin({}))", "sqrt(1+({})**2)", "1/(2+cos({}))", "tan(tanh({}))", "(1+{}**2)**-1.5")
RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
NUMBERS = st.sampled_from(["0.3", "2", "1.7", "0.5", "3", "pi", "e", "-0.8"])


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(UNARY), inner),
        st.builds("{}(tanh({}))".format, st.sampled_from(GROWING), inner),
        st.builds(lambda form, a: form.format(f"({a})"), st.sampled_from(POSITIVE), inner),
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("({}*{})".format, NUMBERS, inner),
        st.builds("({})**{}".format, inner, st.sampled_from([2, 3, 4])),
        st.builds("{}({},{})".format, st.sampled_from(["min", "max"]), inner, st.one_of(inner, NUMBERS)),
        st.builds("clip({},-0.7,1.3)".format, inner),
        st.builds("where({}{}{},{},{})".format, inner, st.sampled_from(RELATIONS), NUMBERS, inner, inner),
    )


FORMULAS = st.recursive(st.just("x"), _joined, max_leaves=6).filter(lambda text: len(text) <= 200 and "x" in text)
POINTS = np.array([-4.03, -2.51, -1.337, -0.61, -0.1234, -1e-8, 1e-8, 0.0917, 0.571, 1.093, 1.87, 2.77, 4.09])


def comparable(*values: Any) -> Any:
    """Where all values are ordinary numbers."""
    return np.all([np.isfinite(value) & (np.abs(value) < 1e8) for value in values], axis=0)


class ComplexAlgebra:
    """Every operation on x + ih; branches look at the real part, and h carries the derivative without cancellation."""

    def constant(self, value: float) -> Any:
        return complex(value)

    def power(self, a: Any, b: Any) -> Any:
        whole = np.ndim(b) == 0 and b == int(b.real)
        return np.power(a, int(b.real)) if whole else np.power(a, b)

    def abs(self, a: Any) -> Any:
        return np.sign(np.real(a)) * a

    def sign(self, a: Any) -> Any:
        return np.sign(np.real(a)) + 0j

    def sigmoid(self, a: Any) -> Any:
        return 0.5 + 0.5 * np.tanh(a / 2)

    def softplus(self, a: Any) -> Any:
        size = np.sign(np.real(a)) * a
        return np.where(np.real(a) > 0, a, 0) + np.log(1 + np.exp(-size))

    def erf(self, a: Any) -> Any:
        return special.erf(a)

    def gaussian(self, a: Any) -> Any:
        return np.exp(-a * a)

    def relu(self, a: Any) -> Any:
        return np.where(np.real(a) > 0, a, 0)

    def step(self, a: Any) -> Any:
        return np.where(np.real(a) > 0, 1, 0) + 0j

    def atan(self, a: Any) -> Any:
        return np.arctan(a)

    def minimum(self, a: Any, b: Any) -> Any:
        return np.where(np.real(a) < np.real(b), a, b)

    def maximum(self, a: Any, b: Any) -> Any:
        return np.where(np.real(a) > np.real(b), a, b)

    def where(self, mask: Any, a: Any, b: Any) -> Any:
        return np.where(mask, a, b)

    def __getattr__(self, operation: str) -> Any:
        function = getattr(np, operation)
        if operation in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
            return lambda a, b: function(np.real(a), np.real(b))
        return function
