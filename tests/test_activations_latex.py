"""LaTeX that a reader recognises and that matplotlib's mathtext can set."""

import pytest
from hypothesis import given, settings

from activation_formulas import FORMULAS
from unbend.activations import activation, catalogue_names, to_latex


def _set(latex):
    from matplotlib.mathtext import MathTextParser

    MathTextParser("path").parse(f"${latex}$")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("relu", r"\max\left(x,\,0\right)"),
        ("leaky_relu", r"\left\{x\;\left(x> 0\right),\;0.01\,x\;\left(x\leq 0\right)\right\}"),
        ("relu(x)", r"\max\left(x,\,0\right)"),
        ("softplus", r"\ln\left(1+e^{x}\right)"),
        ("elu", r"\left\{x\;\left(x> 0\right),\;e^{x}-1\;\left(x\leq 0\right)\right\}"),
        ("silu", r"x\,\sigma\left(x\right)"),
        ("softsign", r"\frac{x}{1+\left|x\right|}"),
        ("exp(-x**2/2)", r"e^{\frac{-x^{2}}{2}}"),
        ("x**2 - 3*x", r"x^{2}-3\,x"),
        ("-(x + 1)", r"-\left(x+1\right)"),
        ("(x + 1)*(x - 1)", r"\left(x+1\right)\,\left(x-1\right)"),
        ("2*-x*exp(x)", r"2\,\left(-x\right)\,e^{x}"),
        ("max(x, pi)", r"\max\left(x,\,\pi\right)"),
        ("x/3", r"\frac{x}{3}"),
        ("1e-8*x", r"1\cdot 10^{-8}\,x"),
        ("x - (1 - x)", r"x-\left(1-x\right)"),
        ("sqrt(1 + x*x)", r"\sqrt{1+x\,x}"),
    ],
)
def test_latex(text, latex):
    assert to_latex(activation(text)) == latex


@pytest.mark.parametrize("name", catalogue_names())
def test_the_catalogue_can_be_set(name):
    _set(to_latex(activation(name)))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(FORMULAS)
def test_any_formula_can_be_set(text):
    _set(to_latex(activation(text)))
