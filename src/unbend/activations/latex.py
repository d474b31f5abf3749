"""The algebra that writes a formula as LaTeX, in the part of it that matplotlib's mathtext and KaTeX both understand.

A value is the source with the strength of its weakest operator, which decides about brackets.
"""

import math
from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.expression import evaluate
from unbend.activations.grammar import read_as_written, read_formula

Latex = tuple[str, int]
SUM, SIGN, PRODUCT, APPLIED, POWER, ATOM = 1, 2, 3, 4, 5, 6
_NAMED = {math.pi: r"\pi", math.e: "e"}
_FUNCTIONS = {
    "log": r"\ln", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "atan": r"\arctan", "sinh": r"\sinh",
    "cosh": r"\cosh", "tanh": r"\tanh", "sigmoid": r"\sigma", "sign": r"\mathrm{sign}", "erf": r"\mathrm{erf}",
    "step": r"\mathrm{step}",
    "minimum": r"\min", "maximum": r"\max",
}  # fmt: skip
_RELATIONS = {
    "less": ("<", r"\geq"), "less_equal": (r"\leq", ">"), "greater": (">", r"\leq"), "greater_equal": (r"\geq", "<"),
    "equal": ("=", r"\neq"), "not_equal": (r"\neq", "="),
}  # fmt: skip


def to_latex(activation: Activation) -> str:
    r"""The formula of an activation as it was written, as LaTeX without dollar signs.

    >>> from unbend.activations import activation
    >>> print(to_latex(activation("gelu")))
    0.5\,x\,\left(1+\mathrm{erf}\left(\frac{x}{\sqrt{2}}\right)\right)
    """
    written = read_as_written(read_formula(activation.formula))
    (latex,) = evaluate([written], ("x", ATOM), _LatexAlgebra())
    return latex[0]


def _bracketed(latex: Latex, weakest: int) -> str:
    return latex[0] if latex[1] >= weakest else rf"\left({latex[0]}\right)"


def _number(value: float) -> Latex:
    if value < 0:
        text, strength = _number(-value)
        return f"-{text}", min(strength, SIGN)
    if value in _NAMED:
        return _NAMED[value], ATOM
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    return (rf"{mantissa}\cdot 10^{{{int(exponent)}}}", PRODUCT) if exponent else (mantissa, ATOM)


class _LatexAlgebra:
    def constant(self, value: float) -> Latex:
        return _number(value)

    def add(self, a: Latex, b: Latex) -> Latex:
        joined = b[0] if b[0].startswith("-") else f"+{b[0]}"
        return f"{a[0]}{joined}", SUM

    def subtract(self, a: Latex, b: Latex) -> Latex:
        return f"{a[0]}-{_bracketed(b, PRODUCT)}", SUM

    def negative(self, a: Latex) -> Latex:
        return f"-{_bracketed(a, PRODUCT)}", SIGN

    def multiply(self, a: Latex, b: Latex) -> Latex:
        if a[0] == "1":  # a parameter of 1
            return b
        left = _bracketed(a, SIGN)
        strength = min(a[1], PRODUCT) if a[1] >= SIGN else PRODUCT
        right = _bracketed(b, PRODUCT)
        dot = r"\cdot " if right[0].isdigit() else r"\,"
        return f"{left}{dot}{right}", strength

    def divide(self, a: Latex, b: Latex) -> Latex:
        return rf"\frac{{{a[0]}}}{{{b[0]}}}", PRODUCT

    def power(self, a: Latex, b: Latex) -> Latex:
        return f"{_bracketed(a, ATOM)}^{{{b[0]}}}", POWER

    def exp(self, a: Latex) -> Latex:
        return f"e^{{{a[0]}}}", POWER

    def expm1(self, a: Latex) -> Latex:
        return f"e^{{{a[0]}}}-1", SUM

    def log1p(self, a: Latex) -> Latex:
        return rf"\ln\left(1+{a[0]}\right)", APPLIED

    def gaussian(self, a: Latex) -> Latex:
        return f"e^{{-{_bracketed(a, ATOM)}^{{2}}}}", POWER

    def relu(self, a: Latex) -> Latex:
        return rf"\max\left({a[0]},\,0\right)", APPLIED

    def softplus(self, a: Latex) -> Latex:
        return rf"\ln\left(1+e^{{{a[0]}}}\right)", APPLIED

    def sqrt(self, a: Latex) -> Latex:
        return rf"\sqrt{{{a[0]}}}", ATOM

    def abs(self, a: Latex) -> Latex:
        return rf"\left|{a[0]}\right|", ATOM

    def where(self, mask: tuple[str, str], a: Latex, b: Latex) -> Latex:
        holds, fails = mask
        return rf"\left\{{{a[0]}\;\left({holds}\right),\;{b[0]}\;\left({fails}\right)\right\}}", ATOM

    def __getattr__(self, operation: str) -> Any:
        """Comparisons as (holds, fails), and functions with their arguments in brackets."""
        if operation in _RELATIONS:
            holds, fails = _RELATIONS[operation]
            return lambda a, b: (f"{a[0]}{holds} {b[0]}", f"{a[0]}{fails} {b[0]}")
        name = _FUNCTIONS[operation]
        return lambda *args: (_applied(name, args), APPLIED)


def _applied(name: str, args: tuple[Latex, ...]) -> str:
    inside = r",\,".join(a[0] for a in args)
    return rf"{name}\left({inside}\right)"
