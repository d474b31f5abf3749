"""Python functions become formulas, or a sentence that says why not."""

import math
import time

import numpy as np
import pytest
from scipy import special

from unbend.activations import activation
from unbend.errors import UnbendError

POINTS = np.linspace(-3, 3, 25) + 0.013
FUNCTIONS = [
    lambda x: x * np.tanh(np.log1p(np.exp(x))),
    lambda x: 1 / (1 + np.exp(-x)),
    lambda x: np.where(x > 0, x, 0.1 * x),
    lambda x: np.where(x <= 0, np.expm1(x), x),
    lambda x: np.where(x > 0, x, 0),
    lambda x: np.where(x != 2, 1, x),
    lambda x: np.clip(x, -1, 1),
    lambda x: np.clip(x, 0, None),
    lambda x: np.clip(x, a_min=None, a_max=0.5),
    lambda x: np.maximum(0, x) + np.minimum(x, 0.5),
    lambda x: np.maximum(x, np.sin(x)),
    lambda x: (x > 0) * x,
    lambda x: 1 - (x < 1),
    lambda x: abs(x) ** 1.5 + np.abs(x) ** 2,
    lambda x: -x + +x * 2 - 3 + x / 2 + 2 / (x + 9),
    lambda x: 2**x + x**2 + np.square(x) + np.power(x, 3),
    lambda x: 0.5 * x * (1 + special.erf(x / np.sqrt(2))),
    lambda x: x * special.expit(x) + special.log_expit(x),
    lambda x: np.logaddexp(0, x) + np.logaddexp(x, 1),
    lambda x: np.exp2(x) + np.log2(9 + x) + np.log10(9 + x) + np.reciprocal(9 + x),
    lambda x: np.arctan(x) + np.cos(x) * np.cosh(x) + np.sinh(x) + np.tan(x / 9) + np.sign(x),
    lambda x: np.float64(2) * x + np.array(0.5) + np.float32(1),
    lambda x: np.positive(x) + np.negative(x) + np.sqrt(x * x) + np.fabs(x),
    lambda x: sum(c * x**n for n, c in enumerate((0.1, 0.2, 0.3))),
    lambda x: x,
    np.tanh,
    special.expit,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=range(len(FUNCTIONS)))
def test_the_formula_is_the_function(function):
    traced = activation(function)
    np.testing.assert_allclose(traced(POINTS), function(POINTS), rtol=1e-13, atol=1e-14)
    assert activation(traced.formula).expression is traced.expression


def my_curve(x, slope=0.1):
    return np.maximum(x, slope * x)


def test_name_and_parameters():
    assert activation(my_curve).name == "my_curve"
    assert activation(my_curve).formula == "max(x,0.1*x)"
    assert activation(my_curve, slope=0.5).formula == "max(x,0.5*x)"
    assert activation(lambda x: x * x).name == "x**2"

    class Callable:
        def __call__(self, x):
            return np.sin(x)

    assert activation(Callable()).name == "Callable"


def _assigns(x):
    x[x < 0] = 0
    return x


REFUSED = [
    (lambda x: x if x > 0 else 0, "it branches on its argument", "np.where(x > 0, a, b)"),
    (lambda x: max(x, 0), "it branches on its argument", "np.maximum"),
    (lambda x: x > 0 and x, "it branches", "np.where"),
    (lambda x: math.tanh(x), "into a plain number", "NumPy's functions"),
    (lambda x: float(x), "into a plain number", "np.where"),
    (lambda x: np.sum(x), "it calls np.sum", "np.where and np.clip"),
    (lambda x: np.floor(x), "it calls floor", "known are"),
    (lambda x: np.add.reduce(x), "it calls add", "known are"),
    (lambda x: np.exp(x, dtype=np.float32), "it calls exp", "without options"),
    (lambda x: x.clip(0, 1), "it uses .clip", "operators and NumPy's functions"),
    (lambda x: x.shape[0] * x, "it uses .shape", "operators"),
    (_assigns, "an assignment", "np.where"),
    (lambda x: x[0], "an index", "np.where"),
    (lambda x: x + np.ones(3), "only plain numbers", "array([1., 1., 1.])"),
    (lambda x: x + "1", "only plain numbers", "'1'"),
    (lambda x: np.where((x > 0) & (x < 1), x, 0), "joins comparisons", "nest np.where"),
    (lambda x: np.where(x, x, 0), "is no comparison", "np.where(x > 0, a, b)"),
    (lambda x: x + float("nan"), "it uses nan", "finite numbers only"),
    (lambda: 3, "gave TypeError", "operators and NumPy's functions"),
    (lambda x: None, "None", "only plain numbers"),
    (lambda x: 3, "a formula needs x", ""),
    (lambda x: x**99, "at most 64", ""),
    (lambda x: x // 2, "gave TypeError", ""),
    (lambda x: sum(np.sin(n * x) for n in range(1, 40)), "at most 200 are allowed", "write a shorter one"),
]


@pytest.mark.parametrize(("function", "reason", "mend"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_traced_is_refused_with_the_mend(function, reason, mend):
    with pytest.raises(UnbendError) as caught:
        activation(function)
    assert reason in str(caught.value)
    assert mend in str(caught.value)


def test_the_refusal_names_the_function():
    def hinge(x):
        return x if x > 1 else 0

    with pytest.raises(UnbendError, match="the function 'hinge' cannot become a formula: it branches"):
        activation(hinge)


@pytest.mark.parametrize("rounds", [50, 10**9])
def test_an_endless_or_exploding_function_is_stopped(rounds):
    def explode(x):
        y = x
        for _ in range(rounds):
            y = y * y + x * np.sin(y)
        return y

    started = time.perf_counter()
    with pytest.raises(UnbendError, match="write a shorter"):
        activation(explode)
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes
