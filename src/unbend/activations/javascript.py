"""The algebra that writes a formula as JavaScript: the same numbers in the page as in Python.

Each operation becomes one ``const``; a helper (sigmoid, softplus, erf) is written out only where it is used, and
nothing but ``Math`` is called.
"""

import math
from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.expression import evaluate
from unbend.activations.powers import whole_exponent, whole_power


def _ratio(variable: str, over: str, under: str) -> str:
    """A quotient of two polynomials by Horner's rule; the highest coefficient comes first."""
    return f"({_horner(variable, over.split())} / {_horner(variable, under.split())})"


def _horner(variable: str, coefficients: list[str]) -> str:
    text = coefficients[0]
    for coefficient in coefficients[1:]:
        text = f"({text} * {variable} + {coefficient})"
    return text


_NEAR = (
    "1.85777706184603153e-1 3.16112374387056560 1.13864154151050156e2 3.77485237685302021e2 3.20937758913846947e3",
    "1 2.36012909523441209e1 2.44024637934444173e2 1.28261652607737228e3 2.84423683343917062e3",
)
_MIDDLE = (
    "2.15311535474403846e-8 5.64188496988670089e-1 8.88314979438837594 6.61191906371416295e1 2.98635138197400131e2 "
    "8.81952221241769090e2 1.71204761263407058e3 2.05107837782607147e3 1.23033935479799725e3",
    "1 1.57449261107098347e1 1.17693950891312499e2 5.37181101862009858e2 1.62138957456669019e3 3.29079923573345963e3 "
    "4.36261909014324716e3 3.43936767414372164e3 1.23033935480374942e3",
)
_FAR = (
    "1.63153871373020978e-2 3.05326634961232344e-1 3.60344899949804439e-1 1.25781726111229246e-1 "
    "1.60837851487422766e-2 6.58749161529837803e-4",
    "1 2.56852019228982242 1.87295284992346725 5.27905102951428412e-1 6.05183413124413191e-2 2.33520497626869185e-3",
)
HELPERS = {
    "sigmoid": """\
const sigmoid = (u) => {
  const grown = Math.exp(-Math.abs(u));
  return (u >= 0 ? 1 : grown) / (1 + grown);
};""",
    "softplus": "const softplus = (u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)));",
    # W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), 631-637
    "erf": f"""\
const erf = (u) => {{
  const size = Math.abs(u), square = u * u;
  if (!(size > 0.46875)) return u * {_ratio("square", *_NEAR)};
  if (size > 6) return Math.sign(u);
  const inverse = 1 / square;
  const rest = size <= 4 ? {_ratio("size", *_MIDDLE)}
    : (5.6418958354775628695e-1 - inverse * {_ratio("inverse", *_FAR)}) / size;
  return Math.sign(u) * (1 - Math.exp(-square) * rest);
}};""",
}


def emit_javascript(activation: Activation) -> str:
    """A JavaScript expression: a function ``(x) => [value, derivative]`` of one number.

    >>> from unbend.activations import activation
    >>> print(emit_javascript(activation("x**2 + 1")))
    (x) => {
      const t1 = x * x;
      const t2 = t1 + 1;
      const t3 = 2 * x;
      return [t2, t3];
    }
    """
    algebra = JavaScriptAlgebra()
    value, derivative = evaluate([activation.expression, activation.derivative], "x", algebra)
    lines = [f"  {line}" for line in algebra.lines]
    body = "\n".join(["(x) => {", *lines, f"  return [{value}, {derivative}];", "}"])
    if not algebra.helpers:
        return body
    helpers = "\n".join(HELPERS[name] for name in algebra.helpers)
    inside = "\n".join(f"  {line}" for line in f"{helpers}\nreturn {body};".split("\n"))
    return f"(() => {{\n{inside}\n}})()"


class JavaScriptAlgebra:
    """Values are names of temporaries or numbers; masks are too. ``lines`` holds the assignments."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self.lines: list[str] = []
        self.helpers: list[str] = []

    def _temporary(self, source: str) -> str:
        name = f"t{len(self.lines) + 1}"
        self.lines.append(f"const {name} = {source};")
        return name

    def constant(self, value: float) -> str:
        """A number, in brackets if it has a sign."""
        text = repr(value).removesuffix(".0")
        return f"({text})" if value < 0 or math.copysign(1, value) < 0 else text

    def power(self, a: str, b: str) -> str:
        """a ** b; products where b is a whole constant."""
        exponent = whole_exponent(b)
        if not exponent:
            return self._temporary(f"Math.pow({a}, {b})")
        value = whole_power(a, abs(exponent), self.multiply)
        return value if exponent > 0 else self._temporary(f"1 / {value}")

    def multiply(self, a: str, b: str) -> str:
        """a * b."""
        return self._temporary(f"{a} * {b}")

    def negative(self, a: str) -> str:
        """-a."""
        return self._temporary(f"-{a}")

    def step(self, a: str) -> str:
        """1 where a > 0, else 0."""
        return self._temporary(f"{a} > 0 ? 1 : 0")

    def relu(self, a: str) -> str:
        """max(a, 0)."""
        return self._temporary(f"Math.max({a}, 0)")

    def gaussian(self, a: str) -> str:
        """e**(-a*a)."""
        return self._temporary(f"Math.exp(-({a} * {a}))")

    def where(self, mask: str, a: str, b: str) -> str:
        """a where the mask holds, else b."""
        return self._temporary(f"{mask} ? {a} : {b}")

    def __getattr__(self, operation: str) -> Any:
        """Everything that is an operator, a helper, or a function of Math."""
        if operation in _OPERATORS:
            return lambda a, b: self._temporary(f"{a} {_OPERATORS[operation]} {b}")
        if operation in HELPERS:
            if operation not in self.helpers:
                self.helpers.append(operation)
            return lambda a: self._temporary(f"{operation}({a})")
        function = _OF_MATH.get(operation, operation)
        return lambda *args: self._temporary(f"Math.{function}({', '.join(args)})")


_OPERATORS = {
    "add": "+", "subtract": "-", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "===", "not_equal": "!==",
}  # fmt: skip
_OF_MATH = {"minimum": "min", "maximum": "max"}
