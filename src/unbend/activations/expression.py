"""The expression tree of one formula in ``x``, and the one walk that every back end shares.

A back end is an *algebra*: an object with a method for each operation below and ``constant(value)``. ``evaluate`` walks
the tree once, shares equal subexpressions, and knows nothing of NumPy, LLVM, JavaScript, PyTorch or LaTeX.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

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

_Key = tuple[str, "tuple[Node, ...]", float, float]
_known_nodes: "WeakValueDictionary[_Key, Node]" = WeakValueDictionary()
_lock = Lock()


@dataclass(frozen=True, slots=True, weakref_slot=True, init=False, eq=False, repr=False)
class Node:
    """One operation with its arguments; ``op`` is ``"x"``, ``"constant"`` (then ``value``), or a key of `OPERATIONS`.

    Equal nodes are one object, so that comparing and hashing cost the same for a leaf and for a derivative of a
    thousand operations.

    >>> Node("add", (Node("x"), Node("constant", value=1.0))).op
    'add'
    >>> Node("exp", (Node("x"),)) is Node("exp", (Node("x"),))
    True
    """

    op: str
    args: "tuple[Node, ...]" = ()
    value: float = 0.0

    def __new__(cls, op: str, args: "tuple[Node, ...]" = (), value: float = 0.0) -> "Node":
        """The one node with these fields."""
        key = (op, args, value, math.copysign(1.0, value))  # 0.0 and -0.0 are two constants
        with _lock:
            node = _known_nodes.get(key)
            if node is None:
                node = object.__new__(cls)
                for field, content in (("op", op), ("args", args), ("value", value)):
                    object.__setattr__(node, field, content)
                _known_nodes[key] = node
        return node

    def __reduce__(self) -> "tuple[type[Node], _Fields]":
        """Copies and pickles become the one node again."""
        return Node, (self.op, self.args, self.value)

    def __repr__(self) -> str:
        """The operation and its direct arguments; the whole tree may be large."""
        inside = ", ".join(f"{a.value:g}" if a.op == "constant" else a.op for a in self.args)
        return f"Node({self.value:g})" if self.op == "constant" else f"Node({self.op}({inside}))"


_Fields = tuple[str, tuple[Node, ...], float]


def distinct_nodes(*roots: Node) -> Iterator[Node]:
    """Every node under the roots once, in no particular order.

    >>> square = Node("multiply", (Node("x"), Node("x")))
    >>> sorted(node.op for node in distinct_nodes(Node("add", (square, square))))
    ['add', 'multiply', 'x']
    """
    seen: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.args)
            yield node


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
