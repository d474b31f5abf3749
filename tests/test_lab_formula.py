"""The JavaScript twin of the grammar accepts what Python accepts, and refuses the rest in the same words."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation_formulas import FORMULAS, comparable
from lab_formulas import SHARED, answer, cases
from lab_modules import run_module
from unbend.activations import activation, catalogue_names
from unbend.activations.catalogue import entry

READ = """
import { activation } from './activations.js';
const shown = numbers => Array.from(numbers, v => Number.isFinite(v) ? v : String(v));
console.log(JSON.stringify(given.texts.map(text => {
  try {
    const { formula, kinks, apply } = activation(text), n = given.points.length;
    const a = Float64Array.from(given.points), slope = new Float64Array(n), alone = new Float64Array(n);
    apply(a, alone, null, 0, n);
    apply(a, a, slope, 0, n);
    return { text, formula, kinks, value: shown(a), slope: shown(slope), alone: shown(alone) };
  } catch (error) {
    return { text, refused: error.message, kind: error.constructor.name };
  }
})));
"""
# at kinks of the formulas below as well as between them
POINTS = np.array(
    [-4.03, -2.51, -1.337, -1, -0.61, -0.5, -0.1234, -1e-8, 0, 1e-8, 0.0917, 0.3, 0.5, 0.571, 1, 1.093, 1.87, 2.77, 6]
)
# a slope that differs by the last digit at a place where the value jumps tells nothing
PIECEWISE = (
    "relu(x)", "max(0, x)", "max(x, 0.01*x)", "max(0.01*x, x)", "min(x, 0)", "min(0, x)", "abs(x)", "sign(x)*x",
    "step(x)*x", "abs(x - 0.5)", "max(2*x, x**2)", "clip(x, -1, 1)", "where(x > 0, x, 0.2*x)",
    "where(x >= 0, x, 0.2*x)", "sqrt(x**2)", "where(x == 1, 3, x**2)", "relu(x)*relu(-x)", "max(x, -x)",
    "min(max(x, -0.5), x**2)", "abs(abs(x) - 1)", "step(x - 1)", "relu(x)**2", "x*tanh(exp(x))", "1/(1 + exp(-x))",
    "log(1 + exp(x))", "exp(-x**2)", "(exp(x) - exp(-x))/(exp(x) + exp(-x))", "x**-3", "x**0.5", "x**x",
)  # fmt: skip
ALPHABET = "x1.+-*/()<>=,;ae '[]^2expanhwclm0_"


def read(texts, points=POINTS):
    answered = run_module(READ, {"texts": list(texts), "points": list(points)})
    assert all(row.get("kind", "Error") == "Error" for row in answered), answered
    return answered


def numbers(values):
    return np.array([float(value) for value in values])


def assert_same_numbers(text, row, points=POINTS, tolerance=1e-12):
    known = activation(text)
    np.testing.assert_array_equal(numbers(row["alone"]), numbers(row["value"]))
    for ours, theirs in ((known(points), row["value"]), (known.gradient(points), row["slope"])):
        judged = comparable(ours)
        np.testing.assert_allclose(numbers(theirs)[judged], ours[judged], rtol=tolerance, atol=tolerance, err_msg=text)
        np.testing.assert_array_equal(np.isnan(numbers(theirs)), np.isnan(ours), err_msg=text)


def test_the_shared_cases_are_what_python_says():
    shared = json.loads(SHARED.read_text(encoding="utf-8"))
    assert len(shared) >= 150
    assert sum("refused" in case for case in shared) >= 100
    assert shared == json.loads(json.dumps(cases()))


def test_the_shared_cases_are_read_and_refused_as_in_python():
    shared = json.loads(SHARED.read_text(encoding="utf-8"))
    for case, row in zip(shared, read([case["text"] for case in shared]), strict=True):
        ours = {key: row[key] for key in case if key in row}
        assert ours == case


def test_formulas_of_the_catalogue_compute_what_their_loops_compute():
    texts = [entry(name).formula for name in catalogue_names()]
    points = np.concatenate([np.linspace(-12, 12, 601), np.geomspace(1e-9, 1e4, 50), -np.geomspace(1e-9, 1e4, 50)])
    for text, row in zip(texts, read(texts, points), strict=True):
        assert_same_numbers(text, row, points)
        assert tuple(row["kinks"]) == activation(text).kinks


def test_piecewise_formulas_have_the_slopes_of_python_at_their_kinks():
    for text, row in zip(PIECEWISE, read(PIECEWISE), strict=True):
        assert_same_numbers(text, row)
        assert tuple(row["kinks"]) == activation(text).kinks


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(FORMULAS, min_size=60, max_size=60))
def test_random_formulas_agree(texts):
    for text, row in zip(texts, read(texts), strict=True):
        assert row["formula"] == activation(text).formula
        assert_same_numbers(text, row, tolerance=1e-10)  # depth turns a last digit into more


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(ALPHABET, max_size=30) | st.text(max_size=12), min_size=150, max_size=150))
def test_any_text_is_accepted_or_refused_as_in_python(texts):
    for text, row in zip(texts, read(texts), strict=True):
        assert ("refused" in row) == ("refused" in answer(text)), (text, row, answer(text))


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(FORMULAS, st.integers(0, 60), st.sampled_from(["", *ALPHABET])), min_size=60, max_size=60))
def test_a_formula_with_one_wrong_character_is_refused_as_in_python(changes):
    texts = [text[: place % len(text)] + wrong + text[place % len(text) + 1 :] for text, place, wrong in changes]
    alike = 0
    for text, row in zip(texts, read(texts), strict=True):
        ours = answer(text)
        assert ("refused" in row) == ("refused" in ours), text
        alike += row.get("refused") == ours.get("refused")
    assert alike >= 0.9 * len(texts)  # of two faults in one text Python's parser may name the other


def test_what_is_typed_letter_by_letter_is_refused_as_in_python():
    texts = list(dict.fromkeys(entry(name).formula[:end] for name in catalogue_names() for end in range(40)))
    for text, row in zip(texts, read(texts, POINTS[:1]), strict=True):
        ours = answer(text)
        assert row.get("refused") == ours.get("refused")
        assert row.get("formula") == ours.get("formula")


def test_overrides_and_names():
    (named, plain) = read(["leaky_relu(alpha=0.2)", "where(x > 0, x, alpha*x); alpha=0.2"])
    assert (named["value"], named["slope"]) == (plain["value"], plain["slope"])


def test_an_expression_in_other_variables():
    script = """
    import { parseExpression } from './formula.js';
    const tried = text => {
      try { return parseExpression(text, ['x1', 'x2']).formula; } catch (error) { return error.message; }
    };
    const { evaluate } = parseExpression('sin(a*x1)*x2 + max(x1, x2); a=2', ['x1', 'x2']);
    const columns = [0, 1].map(k => Float64Array.from({ length: 700 }, (_, i) => Math.cos(i + k)));
    console.log(JSON.stringify({ values: Array.from(evaluate(columns)), said: given.map(tried) }));
    """
    found = run_module(script, ["x2 + 1", "3", "x1 + x", "x1(2)", "x1*y", "x1; x2=1", ""])
    a, b = np.cos(np.arange(700)), np.cos(np.arange(700) + 1)
    np.testing.assert_allclose(found["values"], np.sin(2 * a) * b + np.maximum(a, b), rtol=1e-13, atol=1e-15)
    fragments = [
        "x2 + 1",
        "a formula needs x1 or x2",
        "no name 'x'",
        "x1 is not a function",
        "'; y=1'",
        "cannot be called 'x2'",
        "empty",
    ]
    for said, fragment in zip(found["said"], fragments, strict=True):
        assert fragment in said


@pytest.mark.parametrize("module", ["formula", "syntax", "tree", "program", "kinks", "activations", "card"])
def test_no_text_is_ever_run_as_code(module):
    from lab_modules import PAGE

    text = (PAGE / f"{module}.js").read_text(encoding="utf-8")
    assert "eval(" not in text
    assert "Function(" not in text
    assert "innerHTML" not in text
