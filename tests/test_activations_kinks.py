"""Kinks: exactly those points where the formula changes."""

import time

import numpy as np
import pytest

from unbend.activations import activation

ROOT2 = float(np.sqrt(2))


@pytest.mark.parametrize(
    ("text", "kinks"),
    [
        ("relu", (0,)), ("step", (0,)), ("leaky_relu", (0,)), ("selu", (0,)), ("abs(x)", (0,)), ("sign(x)", (0,)),
        ("identity", ()), ("tanh", ()), ("gelu", ()), ("mish", ()), ("sine", ()),
        ("elu", ()), ("elu(alpha=0.5)", (0,)), ("softsign", ()),
        ("clip(x, -1, 1)", (-1, 1)), ("max(x, 0.5*x + 1)", (2,)), ("min(max(x, 0), 6)", (0, 6)),
        ("where(x*x < 2, x, 3)", (-ROOT2, ROOT2)), ("abs(x*x - 2)", (-ROOT2, ROOT2)), ("relu(x*(x - 3))", (0, 3)),
        ("relu(x)**2", ()), ("x*abs(x)", ()), ("abs(x)**3", ()), ("abs(x**2 + 1)", ()), ("where(x < 1, x, x)", ()),
        ("where(x < 1, x*x, 2*x - 1)", ()), ("where(x < 1, x*x, 2*x)", (1,)), ("where(x == 2, 5, x)", (2,)),
        ("where(x == 0, 1, x*x + 1)", ()), ("max(x, -x) + relu(3 - x)", (0, 3)), ("sqrt(abs(x))", (0,)),
        ("relu(1/x)", (0,)), ("relu((x - 0.1)/3)", (0.1,)), ("0*abs(x) + x", ()), ("abs(abs(x) - 1)", (-1, 0, 1)),
        ("max(sin(x), 5)", ()), ("log(relu(x))", (0,)), ("where(x < 40, 0, x)", (40,)), ("relu(1e-6*x)", (0,)),
        ("relu(x - 1e6)", (1e6,)), ("where(exp(x) < 2, 0, 1)", (np.log(2),)), ("relu(x**3 - 0.001)", (0.1,)),
        ("1e-12*relu(x)", (0,)), ("abs(x - 0.1) + abs(3*x - 0.3)", (0.1,)), ("relu(x) - relu(x)", ()),
        ("relu(x) + relu(-x) - abs(x)", ()), ("relu(relu(x) - 1)", (1,)), ("relu(2*(x + 1) - 3*(x - 4))", (14,)),
    ],
)  # fmt: skip
def test_kinks(text, kinks):
    found = activation(text).kinks
    assert found == pytest.approx(kinks, rel=4e-16, abs=1e-17), found
    assert all(type(kink) is float for kink in found)


def test_an_affine_switch_is_solved_exactly():
    assert activation("max(x, 0.5*x + 1)").kinks == (2.0,)
    assert activation("clip(x, -0.3, 0.7)").kinks == (-0.3, 0.7)


def test_a_periodic_switch_gives_the_hundred_nearest():
    kinks = activation("abs(sin(7*x))").kinks
    assert len(kinks) == 100
    np.testing.assert_allclose(kinks, np.pi / 7 * np.round(np.array(kinks) * 7 / np.pi), atol=1e-12)
    assert max(map(abs, kinks)) < 51 * np.pi / 7


def test_kinks_are_found_quickly():
    activation("relu(x - 0.01)")
    started = time.perf_counter()
    for shift in range(50):
        activation(f"max(x, 0.5*x + {shift})")
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes
