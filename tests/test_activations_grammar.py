"""What a formula may say, and what is answered to everything else: reason, place, mend."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.activations import activation, catalogue_names
from unbend.activations.grammar import read_formula
from unbend.activations.vocabulary import FUNCTIONS, RELATIONS
from unbend.errors import UnbendError

# formula, a fragment of the message, and the column of the caret (None: the formula as a whole)
REFUSED = [
    ("__import__('os').system('ls')", "a dot after a name is not allowed", 0),
    ("__import__('os')", "no function '__import__'", 0),
    ("x.__class__", "a dot after a name", 0),
    ("().__class__.__bases__[0]", "an index", 0),
    ("[x for x in x]", "a comprehension", 0),
    ("{x: 1}", "a dictionary", 0),
    ("lambda x: x", "lambda", 0),
    ("x[0]", "an index", 0),
    ("1 + x[0]", "an index", 4),
    ("x if x > 0 else 0", "write where(condition, a, b) instead", 0),
    ("x and 1", "and / or", 0),
    ("x*(not x)", "not or ~", 3),
    ("'os'", "'os' is not a number", 0),
    ("f'{x}'", "a string", 0),
    ("True*x", "True is not a number", 0),
    ("x + 1j", "1j is not a number", 4),
    ("(y := x)", "an assignment", 1),
    ("x**x**x", "power tower", 3),
    ("9**9**9*x", "power tower", 3),
    ("x**(2**3)", "power tower", 4),
    ("x**65", "the exponent 65 is too large: a constant exponent is at most 64", 3),
    ("x**-65", "at most 64", 3),
    ("x**(2*33)", "the exponent 66", 4),
    ("x**alpha; alpha=100", "the exponent 100", 3),
    ("(x > 0)*x", "only as the first argument of where", 1),
    ("0 < x < 1", "only as the first argument of where", 0),
    ("where(0 < x < 1, x, 0)", "a chain of comparisons", 6),
    ("where(x, 1, 0)", "the first argument of where is a comparison", 6),
    ("where(x is 2, 1, x)", "allowed are < <= > >= == !=", 6),
    ("where(x > 0, x)", "where takes 3 arguments, not 2: write where(condition, a, b)", 0),
    ("np.tanh(x)", "write tanh(x) alone", 0),
    ("tahn(x)", "no function 'tahn' in a formula; did you mean 'tanh'?", 0),
    ("1 + ln(x)", "did you mean 'log'?", 4),
    ("open(x)", "no function 'open'", 0),
    ("x + tanh", "tanh is a function: write tanh(x)", 4),
    ("tanh(x, x)", "tanh takes 1 argument, not 2", 0),
    ("max(x)", "max takes 2 arguments, not 1: write max(a, b)", 0),
    ("max(*x)", "* before an argument", 4),
    ("clip(x, low=1)", "by place: write clip(x, low, high)", 8),
    ("x(2)", "x is not a function", 0),
    ("2(x)", "a product needs its sign", 0),
    ("2x", "a product needs its sign", 0),
    ("x 2", "a sign is missing before this", 2),
    ("x^2", "write ** instead", 1),
    ("(x + 1) ^ 2", "write ** instead", 8),
    ("x // 2", "'//' is not allowed", 2),
    ("x % 2", "'%' is not allowed", 2),
    ("x × 2", "write * instead", 2),
    ("求x", "'求' is not allowed", 0),
    ("max（x, 0)", "write ( instead", 3),
    ("x # comment", "'#' is not allowed", 2),
    ("x\n+ 1", "'\\n' is not allowed", 1),
    ("x + \x00", "'\\x00' is not allowed", 4),
    ("a*x", "give a parameter its value after a semicolon, such as '; a=1'", 0),
    ("x + alhpa; alpha=1", "did you mean 'alpha'?", 4),
    ("1e999*x", "this number is not finite", 0),
    ("x + 1/0", "1 / 0 is not a finite number", 4),
    ("log(0)*x", "log(0) is not a finite number", 0),
    ("exp(1000)*x", "exp(1000) is not a finite number", 0),
    ("x + sqrt(-2)", "sqrt(-2) is not a finite number", 4),
    ("x = 2", "parameters come after a semicolon", 2),
    ("x +", "cannot be read here", 2),
    ("x*(1 + x", "this bracket is never closed", 2),
    ("x)", "this bracket was never opened", 1),
    ("x, 1", "a comma outside a function", 0),
    ("", "the formula is empty", None),
    ("  ;alpha=1", "the formula is empty", None),
    ("3", "a formula needs x", None),
    ("x;", "after ';' come parameters", 1),
    ("x; alpha", "after ';' come parameters", 2),
    ("x; 3", "after ';' come parameters", 2),
    ("x; **x", "after ';' come parameters", 3),
    ("x; a=1)(b=2", "after ';' come parameters", 2),
    ("x; alpha=1", "has a parameter 'alpha' but does not use it", 3),
    ("alpha*x; alpha=x", "must be a number", 9),
    ("alpha*x; alpha=1e999", "this number is not finite", 15),
    ("x*pi; pi=3", "cannot be called 'pi'", 6),
    ("a*x; a=1, a=2", "cannot be called 'a'", 10),
    ("tanh(" * 21 + "x" + ")" * 21, "at most 20 are allowed", 104),
    ("(" * 21 + "x" + ")" * 21, "at most 20 are allowed", 20),
    ("-" * 60 + "x", "more than 20 operations deep", 20),
]


@pytest.mark.parametrize(("text", "fragment", "column"), REFUSED, ids=[repr(row[0][:40]) for row in REFUSED])
def test_refused_with_reason_and_place(text, fragment, column):
    started = time.perf_counter()
    with pytest.raises(UnbendError) as caught:
        read_formula(text)
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes
    reason, *shown = str(caught.value).split("\n")
    assert fragment in reason
    if column is not None:
        assert shown[-1] == " " * (2 + column) + "^"
        assert len(shown) == 2
    assert caught.value.exit_status == 2


def test_a_formula_that_could_not_be_read_again_is_refused():
    text = "+".join(["a*x"] * 45) + "; a=1"
    with pytest.raises(UnbendError, match="has 202 characters; at most 200 are allowed"):
        activation(text, a=0.12345678901234568)


def test_a_long_text_is_refused_without_being_shown():
    with pytest.raises(UnbendError, match="has 1000000 characters; at most 200 are allowed") as caught:
        activation("x" * 1_000_000)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    "text",
    [
        "tanh(" * 20 + "x" + ")" * 20, "+".join("x" * 100), "((x**64)**64)**64", "x**-64", "x*1e308*1e308", "x**x",
        "exp(" * 20 + "x" + ")" * 20, "*".join(["tan(x)"] * 28), "+".join(f"abs(sin({n}*x))" for n in range(88, 100)),
        "max(sin(9*x)," * 14 + "x" + ")" * 14,
        "abs(sin(30*x))" + "+abs(cos(31*x))" * 11, "x/" * 99 + "x", "(x*" * 20 + "x" + ")" * 20, "relu(1/x)",
        "where(sin(x)>0," * 11 + "x" + ",1)" * 11, "(-2)**x", "0**x", "0*x", "sqrt(x-5)", "erf(" * 20 + "x" + ")" * 20,
    ],
)  # fmt: skip
def test_odd_formulas_are_read_quickly_and_compute(text):
    assert len(text) <= 200
    started = time.perf_counter()
    odd = activation(text)
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes
    odd(np.linspace(-3, 3, 7))
    odd.gradient(np.linspace(-3, 3, 7))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text("x1.+-*/()<>=,;ae '[]^exptanhwclm", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        read_formula(text)
    except UnbendError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("-x**2", 3, -9), ("+x - -x", 2, 4), ("2**-1*x", 1, 0.5), ("pi*x/e", 1, np.pi / np.e), ("x - 1 - 2", 3, 0),
        ("x/2/2", 8, 2), ("min(max(x, 0), 6)", 9, 6), ("clip(x, -1, 1)", -4, -1), ("where(x <= 0, x, 2*x)", 0, 0),
        ("where(x != 0, 7, 2*x)", 3, 7), ("1_000*x", 1, 1000), ("x**0.5", 9, 3), ("x**0", 3, 1), ("(-8)**x", 2, 64),
        ("max(x, alpha*x); alpha=0.1", -1, -0.1), ("a*x + b; a=2, b=-sqrt(4)", 1, 0), (" x ", 5, 5),
    ],
)  # fmt: skip
def test_value(text, at, value):
    np.testing.assert_allclose(activation(text)(float(at)), value, rtol=1e-15)


def test_every_function_and_comparison_is_known_to_numpy():
    for name, (_, blanks) in FUNCTIONS.items():
        args = {1: "x", 2: "x, 0.5", 3: "x, 0.1, 0.9"}[len(blanks)]
        text = f"where(x > 0, {name}({args}), 1)" if name != "where" else "where(x > 0.5, 1, x)"
        assert np.all(np.isfinite(activation(text)(np.linspace(-1, 1, 5)))), name
    assert len(RELATIONS) == 6


@pytest.mark.parametrize(
    ("spec", "parameters", "formula"),
    [
        ("leaky_relu(alpha=0.2)", {}, "where(x > 0, x, alpha*x); alpha=0.2"),
        ("leaky_relu", {"alpha": 0.2}, "where(x > 0, x, alpha*x); alpha=0.2"),
        (" leaky_relu ( alpha = 1/4 ) ", {}, "where(x > 0, x, alpha*x); alpha=0.25"),
        ("a*x; a=1", {"a": -3}, "a*x; a=-3"),
        ("tanh", {}, "tanh(x)"),
        ("tanh(x)", {}, "tanh(x)"),
        ("exp(x)", {}, "exp(x)"),
    ],
)
def test_specification(spec, parameters, formula):
    known = activation(spec, **parameters)
    assert known.formula == formula
    again = activation(known.formula)
    assert again.expression is known.expression
    assert dict(again.parameters) == dict(known.parameters)


def test_an_activation_is_kept_or_replaced():
    leaky = activation("leaky_relu")
    assert activation(leaky) is leaky
    assert activation("leaky_relu") is leaky
    steep = activation(leaky, alpha=0.3)
    assert (steep.name, steep.parameters, steep.source) == ("leaky_relu", {"alpha": 0.3}, leaky.source)


@pytest.mark.parametrize(
    ("spec", "parameters", "fragment"),
    [
        ("rulu", {}, "no activation 'rulu'; did you mean 'relu'?"),
        ("ReLU", {}, "did you mean 'relu'?"),
        ("linear", {}, "no activation 'linear'; did you mean 'identity'?"),
        ("qqqq", {}, "known are identity, step"),
        ("rulu(alpha=1)", {}, "did you mean 'relu'?"),
        ("leaky_relu", {"beta": 1}, "leaky_relu: there is no parameter 'beta' in this formula; known are alpha"),
        ("leaky_relu(alhpa=0.2)", {}, "did you mean 'alpha'?"),
        ("leaky_relu(alpha=x)", {}, "leaky_relu: the value of the parameter 'alpha' must be a number"),
        ("relu", {"alpha": 1}, "relu: there is no parameter 'alpha' in this formula; it has none"),
        ("leaky_relu", {"alpha": float("nan")}, "'alpha' must be a finite number, not nan"),
        ("leaky_relu", {"alpha": "1"}, "must be a finite number, not '1'"),
        ("leaky_relu", {"alpha": True}, "must be a finite number, not True"),
        ("exp", {}, "exp is a function: write exp(x)"),
        ("X", {}, "did you mean 'x'?"),
        (3, {}, "a name, a formula or a Python function, not 3 of type int"),
        (None, {}, "not None"),
    ],
)
def test_a_wrong_specification_is_refused(spec, parameters, fragment):
    with pytest.raises(UnbendError) as caught:
        activation(spec, **parameters)
    assert fragment in str(caught.value)


def test_every_name_of_the_catalogue_is_an_activation():
    for name in catalogue_names():
        assert activation(name).name == name
        assert activation(activation(name).formula).expression is activation(name).expression
