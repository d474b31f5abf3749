"""A formula taken apart at its switches: on each piece one branch holds, a tree without abs, min, max, where and so on.

Such a branch is made of analytic functions alone, so what it does on one interval it does wherever it is defined: it is
constant on its piece only if it is constant everywhere.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from unbend.activations.build import make, negative
from unbend.activations.expression import Node
from unbend.activations.kinks import switch_places
from unbend.activations.leaves import ONE, ZERO, X, constant, is_constant
from unbend.activations.numpy_algebra import numpy_values


@dataclass(frozen=True, eq=False)
class Piece:
    """Between ``low`` and ``high`` (infinite at the ends of the line) the formula is the tree ``branch``."""

    low: float
    high: float
    branch: Node


def pieces(expression: Node) -> tuple[Piece, ...]:
    """The pieces of a formula from left to right; neighbours have different branches.

    >>> [(piece.low, piece.high, piece.branch) for piece in pieces(make("relu", X))]
    [(-inf, 0.0, Node(0)), (0.0, inf, Node(x()))]
    """
    found: list[Piece] = []
    for low, high in pairwise([-math.inf, *switch_places(expression).tolist(), math.inf]):
        branch = branch_at(expression, _inside(low, high))
        start = found.pop().low if found and found[-1].branch is branch else low
        found.append(Piece(start, high, branch))
    return tuple(found)


def branch_at(expression: Node, place: float) -> Node:
    """The tree without switches that has the formula's values around ``place``.

    >>> branch_at(make("abs", X), -1.0)
    Node(negative(x))
    """
    known: dict[Node, Node] = {}

    def branch_of(node: Node) -> Node:
        if node not in known:
            known[node] = _branch(node, place, branch_of) if node.args else node
        return known[node]

    return branch_of(expression)


def _branch(node: Node, place: float, branch_of: Callable[[Node], Node]) -> Node:
    match node.op:
        case "where":
            return branch_of(node.args[1] if _value(node.args[0], place) else node.args[2])
        case "minimum" | "maximum":
            first, second = (_value(argument, place) for argument in node.args)
            return branch_of(node.args[0 if (first < second) == (node.op == "minimum") else 1])
        case "relu":
            return branch_of(node.args[0]) if _value(node.args[0], place) > 0 else ZERO
        case "abs":
            inner = branch_of(node.args[0])
            return negative(inner) if _value(node.args[0], place) < 0 else inner
        case "step":
            return ONE if _value(node.args[0], place) > 0 else ZERO
        case "sign":
            return constant(np.sign(_value(node.args[0], place)))
        case _:
            return make(node.op, *(branch_of(argument) for argument in node.args))


def _value(node: Node, place: float) -> float:
    return float(numpy_values(node, np.array(place, np.float64)))


def _inside(low: float, high: float) -> float:
    """A place between two others, one of which may be infinite, or both."""
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(low) or math.isinf(high):
        return low + max(1.0, abs(low)) if math.isinf(high) else high - max(1.0, abs(high))
    return (low + high) / 2


def polynomial_degree(expression: Node) -> float:
    """The largest degree of the polynomials that a formula is pieced together from; infinite where it is not.

    >>> polynomial_degree(make("relu", X)), polynomial_degree(make("tanh", X))
    (1.0, inf)
    """
    return max(_degree(piece.branch) for piece in pieces(expression))


def _degree(node: Node) -> float:
    """The degree of a tree without switches."""
    if not node.args:
        return 1.0 if node is X else 0.0
    degrees = [_degree(argument) for argument in node.args]
    match node.op:
        case "add" | "subtract" | "negative":
            return max(degrees)
        case "multiply":
            return sum(degrees)
        case "divide" if degrees[1] == 0.0:
            return degrees[0]
        case "power" if is_constant(node.args[1]) and node.args[1].value in range(65):
            return degrees[0] * node.args[1].value
        case _:  # a function of something that varies is no polynomial
            return 0.0 if max(degrees) == 0.0 else math.inf
