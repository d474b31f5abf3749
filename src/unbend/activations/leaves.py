"""The leaves of expression trees: ``x`` and numbers; and the comparisons, which make masks.

Everything else is built on these by `unbend.activations.build`.
"""

import operator
from collections.abc import Callable

from unbend.activations.expression import Node

# the operations that make a mask
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip
X = Node("x")


def constant(value: float) -> Node:
    """A number as a tree.

    >>> constant(2).value
    2.0
    """
    return Node("constant", value=float(value) + 0.0)  # -0.0 becomes 0.0


ZERO, ONE, TWO = constant(0), constant(1), constant(2)


def is_constant(node: Node) -> bool:
    """Whether a tree is a bare number."""
    return node.op == "constant"
