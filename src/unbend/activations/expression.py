"""The expression tree of one formula in ``x``, and the one walk that every back end shares.

A back end is an *algebra*: an object with a method for each operation below and ``constant(value)``. ``evaluate`` walks
the tree once, shares equal subexpressions, and knows nothing of NumPy, LLVM, JavaScript, PyTorch or LaTeX.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# name -> number of arguments; an algebra has one method of the same name for each
OPERATIONS: dict[str, int] = {
    "add": 2, "subtract": 2, "multiply": 2, "divide": 2, "power": 2, "negative": 1,
    "exp": 1, "expm1": 1, "log": 1, "log1p": 1, "sqrt": 1, "abs": 1, "sign": 1,
    "sin": 1, "cos": 1, "tan": 1, "atan": 1, "sinh": 1, "cosh": 1, "tanh": 1,
    "sigmoid": 1, "softplus": 1, "erf": 1, "relu": 1, "step": 1, "gaussian": 1,
    "minimum": 2, "maximum": 2,
    "less": 2, "less_equal": 2, "greater": 2, "greater_equal": 2, "equal": 2, "not_equal": 2,
    "where": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One operation with its arguments; ``op`` is ``"x"``, ``"constant"`` (then ``value``), or a key of `OPERATIONS`.

    >>> Node("add", (Node("x"), Node("constant", value=1.0))).op
    'add'
    """

    op: str
    args: "tuple[Node, ...]" = ()
    value: float = 0.0


def evaluate(roots: Sequence[Node], x: Any, algebra: Any) -> list[Any]:
    """The values of several trees in one algebra; a subexpression that occurs twice is computed once.

    >>> class Text:
    ...     def constant(self, value): return f"{value:g}"
    ...     def add(self, a, b): return f"({a}+{b})"
    >>> evaluate([Node("add", (Node("x"), Node("constant", value=1.0)))], "x", Text())
    ['(x+1)']
    """
    known: dict[Node, Any] = {Node("x"): x}

    def value_of(node: Node) -> Any:
        if node not in known:
            known[node] = (
                algebra.constant(node.value)
                if node.op == "constant"
                else getattr(algebra, node.op)(*[value_of(argument) for argument in node.args])
            )
        return known[node]

    return [value_of(root) for root in roots]
