"""The vector algebra agrees with NumPy in float64, operation by operation and on whole formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

pytest.importorskip("llvmlite")

from unbend.activations import activation, catalogue_names
from unbend.activations.expression import evaluate
from unbend.training.kernel.compile import compile_kernel, host_lanes
from unbend.training.kernel.numbers import aligned
from unbend.training.vector import INT64, VectorAlgebra

FUNCTIONS = ["tanh", "sigmoid", "softplus", "erf", "sin", "atan", "abs", "relu", "gaussian"]
REFERENCE = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "abs": np.abs,
    "sign": np.sign, "sin": np.sin, "cos": np.cos, "tan": np.tan, "atan": np.arctan, "sinh": np.sinh,
    "cosh": np.cosh, "tanh": np.tanh, "sigmoid": special.expit, "erf": special.erf,
    "softplus": lambda x: np.logaddexp(0, x), "relu": lambda x: np.maximum(x, 0),
    "step": lambda x: (x > 0) * 1.0, "gaussian": lambda x: np.exp(-x * x), "negative": np.negative,
}  # fmt: skip


def run(emit, x, lanes=None):
    """Results (k, n) of a function that emits k vectors from one, on float32 numbers x (n,)."""
    v = VectorAlgebra(lanes or host_lanes())
    pointer = v.vector.as_pointer()
    job = v.function("train", [INT64.as_pointer()], internal=False).args[0]
    fields = [v.builder.load(v.at(job, k)) for k in range(3)]
    source, target = (v.builder.inttoptr(field, pointer) for field in fields[:2])
    results = []

    def body(i):
        results[:] = emit(v, v.load(source, i))
        for k, value in enumerate(results):
            v.store(value, target, (i, len(results)), k)

    v.loop(fields[2], body)
    v.builder.ret_void()
    count = -(-len(x) // v.lanes)
    given_x = aligned((count, v.lanes))
    given_x.reshape(-1)[: len(x)] = x
    found = aligned((count, len(results), v.lanes))
    record = np.array([given_x.ctypes.data, found.ctypes.data, count], np.int64)
    compile_kernel(str(v.module), lambda: str(v.module))(record.ctypes.data)
    return found.transpose(1, 0, 2).reshape(len(results), -1)[:, : len(x)]


POINTS = np.concatenate(
    [np.linspace(-30, 30, 4001), np.linspace(-2, 2, 1001), [0, 1e-8, -1e-8, 1e-4, -1e-4, 80, -80, 1e4, -1e4]]
).astype(np.float32)


@pytest.mark.parametrize("name", REFERENCE)
def test_every_operation_agrees_with_float64(name):
    found = run(lambda v, x: [getattr(v, name)(x)], POINTS)[0].astype(np.float64)
    with np.errstate(all="ignore"):
        expected = REFERENCE[name](POINTS.astype(np.float64)).astype(np.float32).astype(np.float64)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.array_equal(np.isinf(found), np.isinf(expected))
    usual = np.isfinite(expected)
    np.testing.assert_allclose(found[usual], expected[usual], rtol=2e-5, atol=4e-7)


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "erf", "log1p", "softplus", "sin", "relu", "sqrt"])
def test_nan_stays_nan(name):
    assert np.isnan(run(lambda v, x: [getattr(v, name)(x)], np.full(3, np.nan, np.float32))).all()


@pytest.mark.parametrize("exponent", [-2, -0.5, 0, 0.5, 1, 2, 3, 3.5, 7, 0.3])
def test_powers(exponent):
    x = np.linspace(0.01, 5, 200).astype(np.float32)
    found = run(lambda v, z: [v.power(z, v.constant(exponent))], x)[0]
    np.testing.assert_allclose(found, x.astype(np.float64) ** np.float32(exponent), rtol=5e-6)


def test_odd_power_of_a_negative_number():
    x = np.array([-2, -1, 0, 3], np.float32)
    assert run(lambda v, z: [v.power(z, v.constant(3))], x)[0].tolist() == [-8, -1, 0, 27]


@pytest.mark.parametrize("name", catalogue_names())
def test_catalogue_value_and_gradient(name):
    own = activation(name)
    found = run(lambda v, x: evaluate((own.expression, own.derivative), x, v), POINTS)
    z = POINTS.astype(np.float64)
    np.testing.assert_allclose(found[0], own(z), rtol=2e-6, atol=1.5e-6)
    np.testing.assert_allclose(found[1], own.gradient(z), rtol=2e-5, atol=5e-6)


LEAVES = st.sampled_from(["x", "0.5", "2", "-1.5", "pi"])
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"where({t[0]} > {t[1]}, {t[2]}, {t[0]})"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(FORMULAS)
def test_random_formulas_agree_with_numpy(formula):
    own = activation(f"x + ({formula})")
    x = np.linspace(-2.4, 2.6, 37).astype(np.float32)
    found = run(lambda v, z: [evaluate([own.expression], z, v)[0]], x)[0]
    expected = own(x.astype(np.float64))
    near = own(x.astype(np.float64) * (1 + 1e-6))  # the formula's own sensitivity to one rounding of x
    scale = 1e-5 * (1 + np.abs(expected)) + 10 * np.abs(near - expected)
    jump = np.abs(own(np.nextafter(x, np.float32(9))).astype(float) - own(np.nextafter(x, np.float32(-9)))) > 0.1
    assert np.all((np.abs(found - expected) <= scale) | jump)


@pytest.mark.parametrize("lanes", [4, 8])
def test_lanes_do_not_change_results(lanes):
    x = np.linspace(-5, 5, 64).astype(np.float32)
    assert np.array_equal(run(lambda v, z: [v.tanh(z)], x, lanes), run(lambda v, z: [v.tanh(z)], x))


def test_a_constant_beyond_float32_is_infinite_without_a_warning():
    x = np.array([1.0, -2.0], np.float32)
    assert run(lambda v, z: [v.multiply(v.constant(1e300), z)], x)[0].tolist() == [np.inf, -np.inf]
