"""No warning, and no NaN where the limit exists: far away, close to 0, in both precisions, however it is spelled."""

import subprocess
import sys

import numpy as np
import pytest

from unbend.activations import activation, catalogue_names
from unbend.activations.text import to_text

POINTS = np.array([-1e4, -1e-8, 0.0, 1e-8, 1e4])
UNSAFE = {  # as people write it: as it is computed
    "log(1 + exp(x))": "softplus(x)",
    "log(exp(x) + 1)": "softplus(x)",
    "log1p(exp(x))": "softplus(x)",
    "-log(1 + exp(-x))": "-softplus(-x)",
    "log(1/(1 + exp(-x)))": "-softplus(-x)",
    "log(sigmoid(x))": "-softplus(-x)",
    "log(1 - sigmoid(x))": "-softplus(x)",
    "log(1 + exp(2*x))/2": "0.5*softplus(2*x)",
    "log(exp(x) + exp(-x))": "softplus(2*x)-x",
    "1/(1 + exp(-x))": "sigmoid(x)",
    "exp(x)/(1 + exp(x))": "sigmoid(x)",
    "1/(1 + e**-x)": "sigmoid(x)",
    "exp(x)/(1 + exp(x))**2": "sigmoid(x)*sigmoid(-x)",
    "x/(1 + exp(-1.5*x))": "x*sigmoid(1.5*x)",
    "x*exp(x)/(1 + exp(x))": "x*sigmoid(x)",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))": "tanh(x)",
    "(exp(2*x) - 1)/(exp(2*x) + 1)": "tanh(x)",
    "(1 - exp(-x))/(1 + exp(-x))": "tanh(0.5*x)",
    "sinh(x)/cosh(x)": "tanh(x)",
    "exp(-x**2)": "gaussian(x)",
    "exp(-x*x)": "gaussian(x)",
    "sqrt(x**2)": "abs(x)",
    "where(x > 0, x, exp(x) - 1)": "where(x>0,x,expm1(x))",
    "log(1 + x**2)": "log1p(x**2)",
    "(1 + tanh(x/2))/2": "sigmoid(x)",
}
AS_WRITTEN = [
    "x*tanh(log(1 + exp(x)))", "x*tanh(exp(x))", "exp(-exp(x))", "exp(-exp(-x))", "1/cosh(x)", "log(cosh(x))",
    "x/sqrt(1 + x*x)", "x*log(1 + sigmoid(x))", "x*erf(softplus(x))", "x*tanh(log(1 + sigmoid(x)))",
    "sin(x)*gaussian(x)", "log(cosh(x)/3)",
    "x*gaussian(exp(x))", "tanh(sinh(x))", "atan(exp(x))", "softplus(-exp(x))", "sigmoid(x**5)", "1/(1 + exp(x**3))",
    "x**2/(1 + x**2)", "clip(x, -1, 1)", "log(2*cosh(x))", "1 - 2/(exp(2*x) + 1)", "erf(sinh(x))", "relu(-exp(x))",
    "x*(1 - exp(-x))/(1 + exp(-x))", "sqrt(x*x + 4)", "0.5*(x + sqrt(x*x + 4))", "(1 + tanh(x/2))/2", "x - tanh(x)",
]  # fmt: skip


@pytest.mark.parametrize(("written", "computed"), UNSAFE.items())
def test_an_unsafe_spelling_becomes_the_safe_one(written, computed):
    assert to_text(activation(written).expression) == computed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("text", [*catalogue_names(), *UNSAFE, *AS_WRITTEN])
def test_values_and_derivatives_exist(text, dtype):
    known = activation(text)
    for values in (known(POINTS.astype(dtype)), known.gradient(POINTS.astype(dtype))):
        assert values.dtype == dtype
        assert not np.isnan(values).any(), values
        assert np.isfinite(values[1:4]).all()


@pytest.mark.parametrize(
    ("text", "values", "slopes"),
    [
        ("log(1 + exp(x))", (0, 1e4), (0, 1)), ("log(sigmoid(x))", (-1e4, 0), (1, 0)), ("gelu", (0, 1e4), (0, 1)),
        ("mish", (0, 1e4), (0, 1)), ("gelu_tanh", (0, 1e4), (0, 1)), ("log(cosh(x))", (1e4, 1e4), (-1, 1)),
        ("x*tanh(exp(x))", (0, 1e4), (0, 1)), ("exp(-exp(x))", (1, 0), (0, 0)), ("1/cosh(x)", (0, 0), (0, 0)),
        ("softsign", (-1, 1), (0, 0)), ("elu", (-1, 1e4), (0, 1)),
    ],
)  # fmt: skip
def test_the_limits_are_right(text, values, slopes):
    known, far = activation(text), np.array([-1e4, 1e4])
    np.testing.assert_allclose(known(far), values, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(known.gradient(far), slopes, atol=1e-3)


@pytest.mark.parametrize("text", ["log(1 + x)", "exp(x) - 1", "log(1 + x**2)/x", "tanh(x)", "x/(1 + abs(x))"])
def test_small_arguments_keep_their_digits(text):
    assert activation(text)(1e-8) == pytest.approx(1e-8, rel=2e-8)


def test_tails_keep_their_digits():
    """Exact values by mpmath 1.3: mp.dps = 30; 0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))."""
    assert activation("gelu_tanh")(-7.0) == pytest.approx(-2.315442262072549e-15, rel=1e-13)


def test_any_shape_and_type():
    relu = activation("relu")
    assert relu(np.ones((2, 3, 4), np.float32)).shape == (2, 3, 4)
    assert relu(3).shape == ()
    assert relu([[1, -2]]).dtype == np.float64
    assert activation("identity").gradient(np.ones((2, 3))).tolist() == [[1.0] * 3] * 2
    assert relu(np.empty((0, 5))).shape == (0, 5)


def test_the_result_is_never_the_argument():
    z = np.ones(3)
    assert not np.shares_memory(activation("identity")(z), z)


def test_nan_stays_nan():
    assert np.isnan(activation("tanh")(np.array([np.nan]))).all()
    assert np.isnan(activation("relu")(np.array([np.nan]))).all()


def test_importing_loads_only_numpy():
    heavy = ("scipy", "matplotlib", "torch", "jax", "sklearn", "llvmlite", "tomllib")
    found = f"import sys, unbend.activations; print([name for name in {heavy!r} if name in sys.modules])"
    assert _printed(found) == "[]\n"
    assert "scipy" in _printed(found.replace("unbend.activations", "unbend.activations, scipy"))  # the test can fail


def _printed(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
