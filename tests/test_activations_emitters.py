"""Every emitter gives the numbers that NumPy gives in float64, on random formulas and on the catalogue."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation_formulas import FORMULAS, POINTS, comparable
from unbend.activations import activation, catalogue_names, emit_javascript, emit_torch
from unbend.activations.grammar import read_formula
from unbend.activations.text import to_text

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: the JavaScript emitter is not run")
SCRIPT = """
const rows = JSON.parse(require("fs").readFileSync(0));
const run = (row) => row.x.map((x) => {
  const pair = (0, eval)(row.source)(x);
  return pair.map((v) => (Number.isFinite(v) ? v : String(v)));
});
console.log(JSON.stringify(rows.map(run)));
"""


def _run_javascript(sources, points):
    rows = [{"source": source, "x": list(points)} for source in sources]
    finished = subprocess.run([NODE, "-e", SCRIPT], input=json.dumps(rows), capture_output=True, text=True, check=True)
    numbers = json.loads(finished.stdout, parse_int=float)
    special = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}
    return np.array([[[special.get(v, v) for v in pair] for pair in row] for row in numbers])


def _assert_same(text, value, slope, tolerance=1e-12):
    known = activation(text)
    for ours, theirs in ((known(POINTS), value), (known.gradient(POINTS), slope)):
        judged = comparable(ours)
        np.testing.assert_allclose(theirs[judged], ours[judged], rtol=tolerance, atol=tolerance, err_msg=text)


@needs_node
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(FORMULAS, min_size=40, max_size=40))
def test_javascript_agrees_on_random_formulas(texts):
    results = _run_javascript([emit_javascript(activation(text)) for text in texts], POINTS)
    for text, result in zip(texts, results, strict=True):
        _assert_same(text, result[:, 0], result[:, 1], 1e-10)


@needs_node
@pytest.mark.parametrize("far", [1.0, 3.0, 1e4, 1e-8])
def test_javascript_agrees_on_the_catalogue(far):
    points = np.concatenate([far * np.linspace(-3, 3, 101)])
    results = _run_javascript([emit_javascript(activation(name)) for name in catalogue_names()], points)
    for name, result in zip(catalogue_names(), results, strict=True):
        known = activation(name)
        np.testing.assert_allclose(result[:, 0], known(points), rtol=4e-15, atol=4e-16, err_msg=name)
        np.testing.assert_allclose(result[:, 1], known.gradient(points), rtol=1e-14, atol=4e-16, err_msg=name)


@needs_node
def test_javascript_erf_is_that_of_scipy():
    special = pytest.importorskip("scipy.special")
    points = np.concatenate([np.linspace(-7, 7, 2001), [-1e300, 0.0, 1e-300, 0.46875, 4.0, 6.0, np.inf]])
    points = points[np.isfinite(points)]
    (result,) = _run_javascript([emit_javascript(activation("erf(x)"))], points)
    np.testing.assert_allclose(result[:, 0], special.erf(points), rtol=1e-15, atol=0)


def test_javascript_writes_only_the_helpers_it_needs():
    assert emit_javascript(activation("tanh")) == (
        "(x) => {\n  const t1 = Math.tanh(x);\n  const t2 = t1 * t1;\n  const t3 = 1 - t2;\n  return [t1, t3];\n}"
    )
    silu = emit_javascript(activation("silu"))
    assert silu.count("const sigmoid") == 1
    assert silu.count("sigmoid(x)") == 1  # shared by value and derivative
    assert "erf" not in silu


@settings(max_examples=100, deadline=None, derandomize=True)
@given(FORMULAS)
def test_torch_agrees_on_random_formulas(text):
    torch = pytest.importorskip("torch", reason="torch is not installed: the PyTorch emitter is not run")
    value, slope = _run_torch(torch, text, POINTS)
    _assert_same(text, value, slope, 1e-9)


OTHERS = ("tanh(exp(x))", "max(x, 0.1)", "where(x > 0, 0.1, 0.2)", "abs(x)**2.5", "(x**2 + 1)**-3 + x**10")


@pytest.mark.parametrize("text", [*catalogue_names(), *OTHERS])
def test_torch_agrees_at_far_and_near_points(text):
    torch = pytest.importorskip("torch", reason="torch is not installed: the PyTorch emitter is not run")
    points = np.array([-1e4, -30.0, -1.0, -1e-8, 0.0, 1e-8, 0.1, 1.0, 30.0, 1e4])
    value, slope = _run_torch(torch, text, points)
    known = activation(text)
    np.testing.assert_allclose(value, known(points), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(slope, known.gradient(points), rtol=1e-12, atol=1e-15)


def _run_torch(torch, text, points):
    space = {}
    exec(emit_torch(activation(text)), space)
    x = torch.tensor(points, requires_grad=True)
    value = space["f"](x)
    assert value.dtype == torch.float64
    if not value.requires_grad:  # a constant, such as x - x
        return value.numpy(), np.zeros_like(points)
    value.sum().backward()
    return value.detach().numpy(), x.grad.numpy()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FORMULAS)
def test_text_reads_back_as_the_same_tree(text):
    node = read_formula(text).expression
    written = to_text(node)
    if "x" in written.replace("exp", "").replace("max", "") and len(written) <= 200:
        assert read_formula(written).expression is node
