"""The algebra that writes a formula as PyTorch source, to be pasted into a project of one's own.

A smooth formula becomes plain operations that autograd follows. A piecewise one becomes a ``torch.autograd.Function``
that carries its derivative, because autograd splits ties of min and max and makes NaN of an unused branch of ``where``.
"""

from unbend.activations.activation import Activation
from unbend.activations.expression import Node, evaluate
from unbend.activations.python_source import PythonAlgebra, Template, is_number, is_piecewise, like_x


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
    if is_piecewise(activation):
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
    algebra = PythonAlgebra(TORCH)
    return evaluate(roots, "x", algebra), algebra.lines


def _like_x(value: str) -> str:
    return like_x(value, "torch")


def _extremum(function: str, bound: str) -> Template:
    """``torch.maximum`` takes tensors alone; a number is a bound of ``torch.clamp``."""

    def source(a: str, b: str) -> str:
        if is_number(a) or is_number(b):
            tensor, limit = (b, a) if is_number(a) else (a, b)
            return f"torch.clamp({tensor}, {bound}={limit})"
        return f"torch.{function}({a}, {b})"

    return source


def _where(mask: str, a: str, b: str) -> str:
    first = _like_x(a) if is_number(b) else a  # two numbers alone would become float32
    return f"torch.where({mask}, {first}, {b})"


TORCH: dict[str, str | Template] = {
    "softplus": "torch.logaddexp({0}, torch.zeros_like({0}))",
    "gaussian": "torch.exp(-{0} * {0})",
    "step": "({0} > 0).to(x.dtype)",
    "minimum": _extremum("minimum", "max"),
    "maximum": _extremum("maximum", "min"),
    "where": _where,
    "": "torch.{name}({0})",
}
