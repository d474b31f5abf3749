"""The catalogue against other people's code: PyTorch and JAX, value and gradient."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import unbend.activations
from unbend.activations import activation, catalogue_names
from unbend.activations.catalogue import entries

POINTS = np.concatenate([np.linspace(-12, 12, 241), [-1e4, -88.0, -1e-8, 1e-8, 88.0, 1e4, 0.0]])
ROUNDING = 5e-14  # both libraries compute 1 + tanh(u) in gelu_tanh, which cancels for u near -18; ours does not
WITH_PARAMETERS = [
    ("leaky_relu", {"alpha": 0.2}, "LeakyReLU", {"negative_slope": 0.2}),
    ("elu", {"alpha": 0.7}, "ELU", {"alpha": 0.7}),
]


def test_every_row_has_its_origin_and_says_what_it_is_good_for():
    assert len(catalogue_names()) >= 55
    for row in entries().values():
        assert re.search(r"\b(18|19|20)\d\d\b|^Classical", row.source), row.name
        assert set(row.use) == {"en", "zh"} and set(row.differs) in (set(), {"en", "zh"})
        for words in (row.use, row.differs):
            assert all(text.endswith((".", "。")) and 10 < len(text) < 160 for text in words.values()), row.name


def test_no_two_rows_are_the_same_function():
    x = np.linspace(-9, 9, 601)
    values = {name: activation(name)(x) for name in catalogue_names()}
    usual = (("silu", "swish"), ("elu", "celu"), ("smelu", "sparse_plus"))  # the same at their usual parameters
    twins = {frozenset(pair) for pair in usual}
    for one, other in itertools.combinations(values, 2):
        same = np.allclose(values[one], values[other], atol=1e-6)
        assert same == (frozenset((one, other)) in twins), (one, other)


def test_the_file_is_where_a_wheel_takes_it():
    path = Path(unbend.activations.__file__).with_name("catalogue.toml")
    assert tuple(tomllib.loads(path.read_text(encoding="utf-8"))) == catalogue_names()


def _torch_pair(torch, name):
    if name == "torch.nn.Softplus":  # the default gives up at 20, with an error of 2e-9
        return torch.nn.Softplus(threshold=1e9)
    return eval(name if name.endswith(")") else f"{name}()", {"torch": torch}).double().eval()


@pytest.mark.parametrize("name", [row.name for row in entries().values() if row.pytorch])
def test_value_and_gradient_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch", reason="torch is not installed: the catalogue is not compared with it")
    x = torch.tensor(POINTS, requires_grad=True)
    value = _torch_pair(torch, entries()[name].pytorch)(x)
    torch.autograd.backward(value.sum(), inputs=[x])
    known = activation(name)
    finite = np.isfinite(value.detach().numpy())  # Softplus without its threshold overflows in PyTorch
    np.testing.assert_allclose(known(POINTS)[finite], value.detach().numpy()[finite], rtol=1e-13, atol=1e-15)
    slope = x.grad.numpy()
    exact = 5e-8 if name == "hard_sigmoid" else 1e-11  # PyTorch's slope there is 1/6 in float32, in float64 too
    np.testing.assert_allclose(known.gradient(POINTS)[finite], slope[finite], rtol=exact, atol=ROUNDING)


@pytest.mark.parametrize(("name", "ours", "module", "theirs"), WITH_PARAMETERS)
def test_parameters_mean_what_they_mean_in_pytorch(name, ours, module, theirs):
    torch = pytest.importorskip("torch", reason="torch is not installed: the catalogue is not compared with it")
    value = getattr(torch.nn, module)(**theirs)(torch.tensor(POINTS)).numpy()
    np.testing.assert_allclose(activation(name, **ours)(POINTS), value, rtol=1e-14)


@pytest.mark.parametrize("name", [row.name for row in entries().values() if row.jax])
def test_value_and_gradient_are_those_of_jax(name):
    jax = pytest.importorskip("jax", reason="jax is not installed: the catalogue is not compared with it")
    path = entries()[name].jax.partition("(")[0].split(".")[1:]
    function = jax
    for word in path:
        function = getattr(function, word)
    options = {"approximate": False} if "approximate=False" in entries()[name].jax else {}
    kinks = np.array(activation(name).kinks)  # there the convention is PyTorch's, and not always JAX's
    points = POINTS[(np.abs(POINTS[:, None] - kinks) > 1e-9).all(axis=1)]
    with jax.enable_x64(True):
        x = jax.numpy.asarray(points)
        value = np.asarray(function(x, **options))
        slope = np.asarray(jax.vmap(jax.grad(lambda z: function(z, **options)))(x))
    known = activation(name)
    close = 1e-8 if name == "squareplus" else 1e-12  # JAX loses digits far to the left, where x + sqrt(x² + b) cancels
    np.testing.assert_allclose(known(points), value, rtol=close, atol=ROUNDING)
    np.testing.assert_allclose(known.gradient(points), slope, rtol=1e-11, atol=ROUNDING)


def test_step_is_that_of_mcculloch_and_pitts_above_zero():
    assert activation("step")([-1.0, 0.0, 1e-300, 1.0]).tolist() == [0, 0, 1, 1]
    assert activation("step").gradient([-1.0, 0.0, 1.0]).tolist() == [0, 0, 0]
