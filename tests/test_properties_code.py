"""The code of a card, run in each library, gives our values and gradients."""

import importlib.util
import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings

import unbend as ub
from activation_formulas import FORMULAS, POINTS, comparable
from unbend.activations import catalogue_names, emit_jax, emit_keras
from unbend.activations.catalogue import entries

PLACES = np.array([-1e4, -30.0, -3.01, -1.01, -0.49, -1e-8, 1e-8, 0.1, 0.51, 1.0001, 2.9, 30.0, 1e4])
OTHERS = (
    "tanh(exp(x))",
    "max(x, 0.1)",
    "where(x > 0, 0.1, 0.2)",
    "abs(x)**2.5",
    "(x**2 + 1)**-3 + x**10",
    "step(x)*0 + x",
)
KERAS = importlib.util.find_spec("keras") is not None


def _defined(source):
    space = {}
    exec(source, space)
    return space["f"]


# ---------------------------------------------------------------------- PyTorch
@pytest.mark.parametrize("name", [*catalogue_names(), *OTHERS])
def test_pytorch(name):
    torch = pytest.importorskip("torch", reason="torch is not installed: the code for it is not run")
    card = ub.card(name)
    f = _defined(card.code["pytorch"])
    f = f.double().eval() if isinstance(f, torch.nn.Module) else f
    x = torch.tensor(PLACES, requires_grad=True)
    value = f(x)
    torch.autograd.backward(value.sum(), inputs=[x])
    near = 1e-8 if name == "softplus" else 1e-12  # its threshold of 20
    np.testing.assert_allclose(value.detach().numpy(), card.activation(PLACES), rtol=near, atol=1e-13)
    slow = 1e-7 if name in ("hard_sigmoid", "softplus") else 1e-11  # PyTorch's slope there is 1/6 in float32
    np.testing.assert_allclose(x.grad.numpy(), card.activation.gradient(PLACES), rtol=slow, atol=1e-13)


# ---------------------------------------------------------------------- JAX
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("name", [*catalogue_names(), *OTHERS])
def test_jax(name, own):
    jax = pytest.importorskip("jax", reason="jax is not installed: the code for it is not run")
    card = ub.card(name)
    f = _defined(emit_jax(card.activation) if own else card.code["jax"])
    with jax.enable_x64(True):
        x = jax.numpy.asarray(PLACES)
        value, slope = np.asarray(f(x)), np.asarray(jax.vmap(jax.grad(f))(x))
    near = 1e-7 if name == "squareplus" else 1e-11  # JAX's own loses digits far to the left
    np.testing.assert_allclose(value, card.activation(PLACES), rtol=near, atol=5e-14)
    np.testing.assert_allclose(slope, card.activation.gradient(PLACES), rtol=1e-10, atol=5e-14)


@settings(max_examples=40)
@given(FORMULAS)
def test_jax_agrees_on_random_formulas(text):
    jax = pytest.importorskip("jax", reason="jax is not installed: the code for it is not run")
    known = ub.activation(text)
    f = _defined(emit_jax(known))
    with jax.enable_x64(True), jax.disable_jit():
        value, tangent = jax.jvp(f, (jax.numpy.asarray(POINTS),), (jax.numpy.ones(len(POINTS)),))
    for ours, theirs in ((known(POINTS), value), (known.gradient(POINTS), tangent)):
        judged = comparable(ours)
        np.testing.assert_allclose(np.asarray(theirs)[judged], ours[judged], rtol=1e-9, atol=1e-9)


# ---------------------------------------------------------------------- Keras, or as much of it as the code uses
def _custom_gradient(function):
    def f(x):
        return function(x)[0]

    f.gradient = lambda x: function(x)[1](upstream=np.ones_like(x))
    return f


def _tensors_alone(function):
    """keras.ops turns its arguments into tensors; a Python number beside a float64 array would become float32."""

    def checked(*args):
        assert all(isinstance(argument, np.ndarray) for argument in args), function
        return function(*args)

    return checked


def _stand_in():
    from scipy import special

    ops = types.ModuleType("keras.ops")
    numpy_names = ("exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "sin", "cos", "tan", "arctan", "sinh", "cosh",
                   "tanh", "maximum", "minimum", "where", "ones_like", "zeros_like")  # fmt: skip
    for name in numpy_names:
        setattr(ops, name, _tensors_alone(getattr(np, name)))
    ops.full_like, ops.convert_to_tensor = np.full_like, np.asarray
    ops.sigmoid, ops.erf, ops.custom_gradient = special.expit, special.erf, _custom_gradient
    ops.softplus = lambda x: np.logaddexp(x, 0)
    ops.relu = lambda x: np.maximum(x, 0)
    return ops


@pytest.mark.parametrize("name", [*catalogue_names(), *OTHERS])
def test_the_keras_function_on_a_stand_in(name, monkeypatch):
    keras = types.ModuleType("keras")
    keras.ops = _stand_in()
    monkeypatch.setitem(sys.modules, "keras", keras)
    known = ub.activation(name)
    f = _defined(emit_keras(known))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(f(PLACES), known(PLACES), rtol=1e-12, atol=1e-14)
        if hasattr(f, "gradient"):
            np.testing.assert_allclose(f.gradient(PLACES), known.gradient(PLACES), rtol=1e-12, atol=1e-14)


if KERAS:  # a test that is not there is not skipped

    @pytest.mark.parametrize("name", [row.name for row in entries().values() if row.keras])
    def test_the_names_of_keras(name):
        f, known = _defined(ub.card(name).code["keras"]), ub.activation(name)
        x = PLACES.astype(np.float32)
        near = 2e-4 if name == "squareplus" else 2e-6  # Keras's own loses digits far to the left
        np.testing.assert_allclose(np.asarray(f(x)), known(x), rtol=2e-5, atol=near)


def test_what_a_library_calls_by_name_is_called_by_name():
    assert ub.card("elu").code["pytorch"].endswith("f = torch.nn.ELU()")
    assert ub.card("leaky_relu").code["keras"].endswith("return keras.activations.leaky_relu(x, negative_slope=0.01)")
    assert ub.card("gelu").code["pytorch"] == "import torch\n\nf = torch.nn.GELU()"
    assert "torch.nn" not in ub.card("leaky_relu", alpha=0.3).code["pytorch"]  # another slope: a function of its own
