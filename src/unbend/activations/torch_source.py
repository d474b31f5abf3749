"""The algebra that writes a formula as PyTorch source, to be pasted into a project of one's own.

A smooth formula becomes plain operations that autograd follows. A piecewise one becomes a ``torch.autograd.Function``
that carries its derivative, because autograd splits ties of min and max and makes NaN of an unused branch of ``where``.
"""

from typing import Any

from unbend.activations.activation import Activation
from unbend.activations.expression import Node, distinct_nodes, evaluate
from unbend.activations.powers import whole_exponent, whole_power

# operations whose gradient in PyTorch is split at a tie, missing, or NaN where a branch is not used
_PIECEWISE = ("minimum", "maximum", "where", "step", "sign")


def emit_torch(activation: Activation) -> str:
    """Python source that defines ``f(x)`` on tensors of any shape, differentiable once.

    >>> from unbend.activations import activation
    >>> print(emit_torch(activation("silu")))
    import torch
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        t1 = torch.sigmoid(x)
        t2 = x * t1
        return t2
    """
    guarded = any(node.op == "not_equal" for node in distinct_nodes(activation.derivative))
    if guarded or any(node.op in _PIECEWISE for node in distinct_nodes(activation.expression)):
        return _piecewise(activation)
    (value,), lines = _lines([activation.expression])
    body = [*lines, f"return {_like_x(value)}"]
    return "\n".join(["import torch", "", "", "def f(x):", *(f"    {line}" for line in body)])


def _piecewise(activation: Activation) -> str:
    (value, slope), lines = _lines([activation.expression, activation.derivative])
    lines += [f"ctx.save_for_backward({_like_x(slope)})", f"return {_like_x(value)}"]
    body = "\n".join(f"        {line}" for line in lines)
    return f"""\
import torch


class Formula(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
{body}

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        (slope,) = ctx.saved_tensors
        return gradient * slope


def f(x):
    return Formula.apply(x)"""


def _lines(roots: list[Node]) -> tuple[list[str], list[str]]:
    algebra = _TorchAlgebra()
    return evaluate(roots, "x", algebra), algebra.lines


def _like_x(value: str) -> str:
    """A number as a tensor like ``x``; a tensor as it is."""
    return value if value == "x" or value.startswith("t") else f"torch.full_like(x, {value})"


class _TorchAlgebra:
    """Values are names of temporaries or Python numbers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def _temporary(self, source: str) -> str:
        name = f"t{len(self.lines) + 1}"
        self.lines.append(f"{name} = {source}")
        return name

    def constant(self, value: float) -> str:
        return f"({value!r})" if value < 0 else repr(value)

    def multiply(self, a: str, b: str) -> str:
        return self._temporary(f"{a} * {b}")

    def negative(self, a: str) -> str:
        return self._temporary(f"-{a}")

    def power(self, a: str, b: str) -> str:
        exponent = whole_exponent(b)
        if not exponent:
            return self._temporary(f"{a} ** {b}")
        value = whole_power(a, abs(exponent), self.multiply)
        return value if exponent > 0 else self._temporary(f"1 / {value}")

    def softplus(self, a: str) -> str:
        return self._temporary(f"torch.logaddexp({a}, torch.zeros_like({a}))")

    def gaussian(self, a: str) -> str:
        return self._temporary(f"torch.exp(-{a} * {a})")

    def step(self, a: str) -> str:
        return self._temporary(f"({a} > 0).to(x.dtype)")

    def minimum(self, a: str, b: str) -> str:
        return self._extremum("minimum", "max", a, b)

    def maximum(self, a: str, b: str) -> str:
        return self._extremum("maximum", "min", a, b)

    def _extremum(self, function: str, bound: str, a: str, b: str) -> str:
        number = _is_number(a)
        if number or _is_number(b):
            tensor, limit = (b, a) if number else (a, b)
            return self._temporary(f"torch.clamp({tensor}, {bound}={limit})")
        return self._temporary(f"torch.{function}({a}, {b})")

    def where(self, mask: str, a: str, b: str) -> str:
        first = _like_x(a) if _is_number(b) else a  # two numbers alone would become float32
        return self._temporary(f"torch.where({mask}, {first}, {b})")

    def __getattr__(self, operation: str) -> Any:
        """Everything that is an operator or a function of torch of the same name."""
        if operation in _OPERATORS:
            return lambda a, b: self._temporary(f"{a} {_OPERATORS[operation]} {b}")
        return lambda a: self._temporary(f"torch.{operation}({a})")


_OPERATORS = {
    "add": "+", "subtract": "-", "divide": "/", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip


def _is_number(text: str) -> bool:
    return text[0].isdigit() or text[0] == "("
