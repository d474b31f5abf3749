"""The symbolic derivative against complex numbers, and its conventions where there is none."""

import time

import numpy as np
import pytest
from hypothesis import given, settings

from activation_formulas import FORMULAS, POINTS, ComplexAlgebra, comparable
from unbend.activations import activation
from unbend.activations.derivative import differentiate
from unbend.activations.expression import Node, distinct_nodes, evaluate
from unbend.activations.grammar import read_formula
from unbend.activations.leaves import X
from unbend.activations.text import to_text
from unbend.errors import UnbendError

STEP = 1e-30


def _complex_derivative(node, points):
    with np.errstate(all="ignore"):
        (value,) = evaluate([node], points + 1j * STEP, ComplexAlgebra())
    return np.broadcast_to(np.imag(value) / STEP, points.shape)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FORMULAS)
def test_the_derivative_is_that_of_complex_numbers(text):
    node = read_formula(text).expression
    exact = _complex_derivative(node, POINTS)
    ours = activation(text).gradient(POINTS)
    apart = np.min(np.abs(POINTS[:, None] - np.array([*activation(text).kinks, 1e9])), axis=1) > 1e-6
    judged = apart & comparable(exact, ours)
    np.testing.assert_allclose(ours[judged], exact[judged], rtol=1e-7, atol=1e-9)


WITH_A_DOMAIN = [
    "x**1.5", "x**x", "2**x", "x**-2.5", "abs(x)**0.3", "sqrt(x)", "log(x)", "tan(x)", "x**sin(x)", "1/x",
    "(1+x)/(2+x**2)", "exp(x)/x", "x**-3", "log(x)/log(2+x)", "1/cosh(x)", "tanh(exp(x))", "exp(-exp(x))",
]  # fmt: skip


@pytest.mark.parametrize("text", WITH_A_DOMAIN)
def test_the_derivative_of_functions_with_a_domain(text):
    points = np.array([0.21, 0.7, 1.3, 2.9])
    exact = _complex_derivative(read_formula(text).expression, points)
    np.testing.assert_allclose(activation(text).gradient(points), exact, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("relu(x)", 0, 0), ("max(x, 0)", 0, 0), ("max(0, x)", 0, 0), ("min(x, 0)", 0, 0), ("abs(x)", 0, 0),
        ("sign(x)", 0, 0), ("step(x)", 0, 0), ("step(x)", 3, 0), ("max(x, 0.01*x)", 0, 0.01),
        ("max(0.01*x, x)", 0, 0.01),
        ("clip(x, -1, 1)", 1, 0), ("clip(x, -1, 1)", -1, 0), ("max(-1, min(x, 1))", 1, 0),
        ("where(x > 0, x, 2*x)", 0, 2),
        ("where(x >= 0, x, 2*x)", 0, 1), ("max(x*x, 0)", 0, 0), ("max(sin(x), x*x)", 0, 0), ("relu(2*x)", 0, 0),
        ("x*abs(x)", 0, 0), ("sqrt(x*x)", 0, 0),
    ],
)  # fmt: skip
def test_the_derivative_at_a_kink_is_the_stated_one(text, at, slope):
    assert activation(text).gradient(np.array([float(at)]))[0] == slope


@pytest.mark.parametrize(
    ("text", "derivative"),
    [
        ("sigmoid(x)", "sigmoid(x)*(1-sigmoid(x))"), ("tanh(x)", "1-tanh(x)**2"), ("softplus(x)", "sigmoid(x)"),
        ("x/(1+abs(x))", "1/(abs(x)+1)**2"), ("relu(x)", "step(x)"), ("exp(x)", "exp(x)"), ("x", "1"),
        ("gaussian(x)", "-2*(gaussian(x)*x)"), ("log(cosh(x))", "2*sigmoid(2*x)-1"), ("x**3", "3*x**2"),
    ],
)  # fmt: skip
def test_the_derivative_shares_the_value(text, derivative):
    assert to_text(differentiate(read_formula(text).expression)) == derivative


def test_a_shared_subexpression_is_computed_once():
    silu = activation("silu")
    calls = []

    class Counting(ComplexAlgebra):
        def sigmoid(self, a):
            calls.append(a)
            return super().sigmoid(a)

    evaluate([silu.expression, silu.derivative], POINTS + 0j, Counting())
    assert len(calls) == 1


def test_deep_nesting_stays_small_and_fast():
    deep = activation("tanh(" * 20 + "x" + ")" * 20)
    started = time.perf_counter()
    activation("x*(" * 19 + "sin(x)" + ")" * 19)
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes
    assert sum(1 for _ in distinct_nodes(deep.expression, deep.derivative)) < 100


def test_a_derivative_without_bound_is_refused():
    waves = [Node("sin", (Node("multiply", (Node("constant", value=float(n)), X)),)) for n in range(2, 1026)]
    while len(waves) > 1:
        waves = [Node("multiply", pair) for pair in zip(waves[::2], waves[1::2], strict=True)]
    with pytest.raises(UnbendError, match="operations; at most 2000 are allowed: write a shorter formula"):
        differentiate(waves[0])
