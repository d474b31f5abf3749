"""Exports of a fitted network say what the network says, whatever the rows and the names."""

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from exported_models import HOSTILE, TASKS, answer, model_of, rows_of
from unbend.activations import OnnxNodes, activation, catalogue_names, emit_numpy, emit_onnx
from unbend.choosing.exports import keras_code, numpy_code, to_keras, to_onnx, to_torch, torch_code
from unbend.choosing.exports.source import loaded
from unbend.errors import UnbendError

FORMULA = "where(x > 1, log1p(x), 0.3*x**3) + max(x, -0.5)"
SHAPES = [("gelu", (6, 5)), ("relu", (4,)), (FORMULA, (5,)), ("sinh(x)*step(x + 0.2)", (5,)), ("relu", ())]
CODES = {"numpy": numpy_code, "torch": torch_code, "keras": keras_code}


def assert_same(model, found, expected, tolerance=1e-5):
    size = model.preparation.y_scale
    np.testing.assert_allclose(np.asarray(found) / size, expected / size, rtol=0, atol=tolerance)


def ask(module, model, rows):
    return module.predict(rows) if model.task == "regression" else module.predict_proba(rows)


def ask_onnx(model, numbers, columns):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(to_onnx(model).SerializeToString())
    if not model.level_names:
        return session.run(None, {"X": numbers})
    given = {}
    for place, (name, values) in zip(session.get_inputs(), columns.items(), strict=True):
        words = values.dtype == object
        given[place.name] = np.array([v or "" for v in values], object)[:, None] if words else values[:, None]
        assert place.name == name
    return session.run(None, given)


# ---------------------------------------------------------------------- the same answers
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("name", "hidden"), SHAPES)
def test_numpy_code_says_what_the_model_says(task, name, hidden):
    model = model_of(task, name, hidden)
    numbers, levels, columns = rows_of(model)
    module = loaded(numpy_code(model))
    expected = answer(model, numbers, levels)
    assert_same(model, ask(module, model, columns), expected, 1e-12)
    assert_same(model, ask(module, model, np.array([*columns.values()], object).T), expected, 1e-12)
    if task != "regression":
        assert module.predict(columns).tolist() == [model.class_names[c] for c in model.predict(numbers, levels)]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(("name", "hidden"), [*SHAPES, ("prelu", (4,)), ("threshold", (4,))])
def test_pytorch_says_what_the_model_says(task, name, hidden):
    torch = pytest.importorskip("torch")
    model = model_of(task, name, hidden)
    numbers, levels, columns = rows_of(model)
    network = to_torch(model)
    assert_same(model, ask(network, model, columns), answer(model, numbers, levels))
    read = loaded(torch_code(model)).read(columns)
    scores = network(*map(torch.tensor, read)).detach().numpy()
    expected = model.scores(numbers, levels)
    assert_same(model, scores, answer(model, numbers, levels)[:, None] if task == "regression" else expected)
    again = to_torch(model_of(task, name, hidden))
    again.load_state_dict(network.state_dict())
    sum(parameter.sum() for parameter in again.parameters()).backward()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("levels", [(), ("city",), ("city", "town")])
@pytest.mark.parametrize(("name", "hidden"), [*SHAPES, ("mish", (5,))])
def test_onnx_says_what_the_model_says(task, name, hidden, levels):
    model = model_of(task, name, hidden, levels=levels)
    numbers, codes, columns = rows_of(model)
    found = ask_onnx(model, numbers, columns)
    expected = answer(model, numbers, codes)
    if task == "regression":
        assert_same(model, found[0][:, 0], expected)
    else:
        assert found[0].tolist() == [model.class_names[c] for c in model.predict(numbers, codes)]
        assert_same(model, found[1], expected)


def test_names_of_the_graph_are_those_of_sklearn_onnx():
    pytest.importorskip("onnx")

    def names(model):
        graph = to_onnx(model).graph
        return [value.name for value in graph.input], [value.name for value in graph.output]

    assert names(model_of(levels=())) == (["X"], ["label", "probabilities"])
    assert names(model_of("regression")) == (["age", "income", "city"], ["variable"])


KERAS = """
import json, sys
import numpy as np
sys.path.insert(0, {tests!r})
from exported_models import TASKS, answer, model_of, rows_of
from unbend.choosing.exports import keras_code, to_keras
from unbend.choosing.exports.source import loaded
import keras
assert keras.backend.backend() == {backend!r}
worst = 0.0
for task in TASKS:
    for name, hidden in {shapes!r}:
        model = model_of(task, name, tuple(hidden))
        numbers, levels, columns = rows_of(model)
        module = loaded(keras_code(model))
        network, prepare = to_keras(model)
        assert prepare(columns).shape == (60, network.input_shape[1])
        network.save({file!r})
        network = keras.saving.load_model({file!r})
        found = module.predict(network, columns) if task == "regression" else module.predict_proba(network, columns)
        difference = (found - answer(model, numbers, levels)) / model.preparation.y_scale
        worst = max(worst, float(np.abs(difference).max()))
print(worst)
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_keras_says_what_the_model_says_on_every_backend(backend, tmp_path):
    if not find_spec("keras"):
        pytest.skip("keras is not installed")
    pytest.importorskip(backend)
    script = KERAS.format(
        tests=str(Path(__file__).parent), backend=backend, shapes=SHAPES, file=str(tmp_path / "network.keras")
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True,
        env=os.environ | {"KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.splitlines()[-1]) < 1e-5


# ---------------------------------------------------------------------- formulas
@pytest.mark.parametrize("far", [1.0, 30.0, 1e4])
def test_onnx_computes_every_activation_of_the_catalogue(far):
    points = (far * np.linspace(-3, 3, 121)).astype(np.float32)
    for name in catalogue_names():
        known = activation(name)
        with np.errstate(all="ignore"):
            expected = known(points.astype(np.float64)).astype(np.float32)
        found = run_onnx(known, points)
        fit = np.isfinite(expected)
        np.testing.assert_allclose(found[fit], expected[fit], rtol=2e-6, atol=3e-6, err_msg=name)
        assert np.array_equal(found[~fit], expected[~fit], equal_nan=True), name


@pytest.mark.parametrize(
    "text",
    ["tan(x)", "cosh(x/9)", "abs(x)**0.3", "(x + 9)**-2", "exp(x)*0 + where(x != 1, 2, 3)", "atan(x) + sqrt(abs(x))",
     "log(abs(x) + 1e-3)", "expm1(x)", "log1p(abs(x))", "expm1(1e-3*x)", "log1p(1e-3*x)", "sinh(x)/(1 + cosh(x))",
     "gaussian(x) - erf(x)", "where(x >= 1, x, where(x < -1, -x, 0))", "min(x, 2)*sign(x)", "where(x == 1, 1, cos(x))",
     "x"],
)  # fmt: skip
def test_onnx_and_numpy_code_compute_formulas(text):
    known, points = activation(text), np.linspace(-5, 5, 41).astype(np.float32)
    expected = known(points.astype(np.float64))
    np.testing.assert_allclose(run_onnx(known, points), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(loaded(emit_numpy(known)).f(points.astype(np.float64)), expected, rtol=1e-13, atol=1e-14)


def test_numpy_code_computes_every_activation_of_the_catalogue():
    points = np.concatenate([np.linspace(-6, 6, 121), [-1e4, -700, 700, 1e4]])
    for name in catalogue_names():
        known = activation(name)
        with np.errstate(all="ignore"):
            found = loaded(emit_numpy(known)).f(points)
        np.testing.assert_allclose(found, known(points), rtol=1e-12, atol=1e-14, err_msg=name)


def run_onnx(known, points):
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    from unbend.choosing.exports.onnx_graph import IR_VERSION, graph_of

    nodes = OnnxNodes({"x", "y"})
    nodes.add("Identity", emit_onnx(known, nodes, "x"), output="y")
    value = [("x", np.dtype(np.float32), ["n"])], [("y", np.dtype(np.float32), ["n"])]
    graph = graph_of(onnx, nodes, *value)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=IR_VERSION)
    return runtime.InferenceSession(model.SerializeToString()).run(None, {"x": points})[0]


# ---------------------------------------------------------------------- names and rows of every kind
@pytest.mark.parametrize("task", TASKS)
def test_hostile_names_stay_names(task):
    classes = ("'''", '"""\n', "\\") if task != "regression" else None
    model = model_of(task, numbers=HOSTILE[:5], levels=HOSTILE[5:], classes=classes)
    numbers, levels, columns = rows_of(model)
    expected = answer(model, numbers, levels)
    for write in CODES.values():
        text = write(model)
        called = {
            node.func.id for node in ast.walk(ast.parse(text)) if isinstance(getattr(node, "func", None), ast.Name)
        }
        assert text.isascii() and "__import__" not in called and "zip" in called
    module = loaded(numpy_code(model))
    assert_same(model, ask(module, model, columns), expected, 1e-12)
    assert (module.NUMBERS, tuple(module.LEVELS)) == (HOSTILE[:5], HOSTILE[5:])
    assert_same(model, ask_onnx(model, numbers, columns)[-1].squeeze(), expected)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("hidden", [(6, 5), (), (60, 40)])
@pytest.mark.parametrize("target", CODES)
def test_the_code_is_clean(target, hidden, task, tmp_path):
    names = [f"measurement number {number}" for number in range(12)]
    file = tmp_path / "exported.py"
    file.write_text(CODES[target](model_of(task, FORMULA, hidden, numbers=names)), encoding="utf-8")
    command = ["ruff", "check", "--isolated", "--select", "E,F,I,W,B,UP", "--line-length", "100", str(file)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_large_weights_are_packed_and_read_back_exactly():
    model = model_of(hidden=(60, 40))
    text = numpy_code(model)
    assert "base64" in text and len(text) < 25_000
    weight, bias = loaded(text).LAYERS[1]
    assert np.array_equal(weight, model.weights[1][0]) and np.array_equal(bias, model.weights[1][1])
    assert "base64" not in numpy_code(model_of())


def test_dataframes_and_text_are_rows_too():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    model = model_of()
    numbers, levels, columns = rows_of(model)
    module, expected = loaded(numpy_code(model)), answer(model, numbers, levels)
    plain = {name: values.tolist() for name, values in columns.items()}
    text = {name: ["" if v is None or v != v else str(v) for v in values] for name, values in plain.items()}
    frame = pandas.DataFrame(plain)
    for rows in (frame, frame.astype({"city": "category"}), frame.convert_dtypes(), polars.DataFrame(plain), text):
        assert_same(model, module.predict_proba(rows), expected, 1e-12)
    with pytest.raises(ValueError, match=r"rows must be \(n, 3\), not \(60, 2\)"):
        module.predict(numbers)


def test_none_is_no_level_even_where_a_level_is_called_none():
    model = model_of()
    model = type(model)(**{**vars(model), "categories": (("None", "Bern", "nan"),)})
    found = loaded(numpy_code(model)).read(
        {"age": [1, 2, 3, 4], "income": [1] * 4, "city": ["None", None, "nan", np.nan]}
    )
    assert found[1][:, 0].tolist() == [0, -1, 1, -1]


# ---------------------------------------------------------------------- refusals
@pytest.mark.parametrize(("library", "write"), [("torch", to_torch), ("keras", to_keras), ("onnx", to_onnx)])
def test_a_missing_library_is_named_with_its_mend(library, write, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UnbendError, match=rf"needs {library}; install it with: pip install {library}"):
        write(model_of())


def test_several_activations_are_refused():
    model = model_of()
    from dataclasses import replace

    network = replace(model.network, activations=(activation("relu"), activation("tanh")))
    with pytest.raises(UnbendError, match=r"several activations \(max\(x, 0\), tanh\(x\)\) cannot be exported"):
        numpy_code(replace(model, network=network))
