"""The symbolic derivative of a formula: one rule per operation, written so that it shares what the value computes.

At a kink it follows PyTorch: relu'(0) = 0, abs'(0) = sign(0) = 0, step' = sign' = 0 everywhere. Where the two arguments
of min or max are equal, the derivative is that of the constant one, if one is constant (max(x, 0) and max(0, x) both
give 0 at 0); if both derivatives are numbers, the one nearer 0 (max(x, 0.01*x) gives 0.01, as leaky ReLU); else that of
the second. ``where`` takes the derivative of the chosen branch.
"""

import math
from collections.abc import Callable

from unbend.activations.build import add, divide, make, multiply, negative, subtract
from unbend.activations.expression import Node, distinct_nodes
from unbend.activations.leaves import ONE, TWO, ZERO, constant, is_constant
from unbend.errors import UnbendError

LARGEST_DERIVATIVE = 2000  # operations
_GROWING = ("exp", "expm1", "sinh", "cosh")
_LARGEST_TAME_POWER = 4.0  # (1e4) ** 4 is far from overflow in float32 even after a few products


def differentiate(node: Node) -> Node:
    """The derivative by ``x``.

    >>> from unbend.activations.leaves import X
    >>> differentiate(make("power", X, constant(2)))
    Node(multiply(2, x))
    """
    known: dict[Node, Node] = {Node("x"): ONE}

    def derivative_of(node: Node) -> Node:
        if node not in known:
            slopes = [derivative_of(argument) for argument in _values(node)]
            known[node] = ZERO if all(slope is ZERO for slope in slopes) else DERIVATIVES[node.op](node, *slopes)
        return known[node]

    derivative = derivative_of(node)
    size = sum(1 for _ in distinct_nodes(derivative))
    if size > LARGEST_DERIVATIVE:
        allowed = f"at most {LARGEST_DERIVATIVE} are allowed: write a shorter formula"
        raise UnbendError(f"the derivative of this formula has {size} operations; {allowed}")
    return derivative


def _values(node: Node) -> tuple[Node, ...]:
    """The arguments that have a derivative: all but the mask of ``where``."""
    return node.args[1:] if node.op == "where" else node.args


def _chain(outer: Node, inner: Node) -> Node:
    """outer * inner; 0 where outer has vanished, even if inner has overflowed there (tanh(exp(x)) at 1e4)."""
    if _may_overflow(inner) and not is_constant(outer):
        return make("where", make("not_equal", outer, ZERO), multiply(outer, inner), ZERO)
    return multiply(outer, inner)


def _may_overflow(node: Node) -> bool:
    return any(part.op in _GROWING or _is_steep_power(part) for part in distinct_nodes(node))


def _is_steep_power(node: Node) -> bool:
    if node.op != "power":
        return False
    exponent = node.args[1]
    return not is_constant(exponent) or abs(exponent.value) > _LARGEST_TAME_POWER


def _multiply(node: Node, da: Node, db: Node) -> Node:
    a, b = node.args
    return add(multiply(da, b), multiply(a, db))


def _divide(node: Node, da: Node, db: Node) -> Node:
    a, b = node.args
    if db is ZERO:
        return divide(da, b)
    if da is ZERO:
        return negative(multiply(node, divide(db, b)))
    over = subtract(multiply(da, b), multiply(a, db))
    if is_constant(over):  # x / (1 + |x|): 1 / (1 + |x|)**2, without cancellation
        return divide(over, make("power", b, TWO))
    return divide(subtract(da, multiply(node, db)), b)


def _power(node: Node, da: Node, db: Node) -> Node:
    a, b = node.args
    if is_constant(b):
        return multiply(multiply(b, make("power", a, constant(b.value - 1))), da)
    growth = multiply(db, make("log", a))
    return multiply(node, add(growth, multiply(b, divide(da, a))))


def _softened(slope: Callable[[Node, Node], Node]) -> Callable[[Node, Node], Node]:
    """A rule of the chain from ``slope(node, argument)``."""
    return lambda node, inner: _chain(slope(node, node.args[0]), inner)


def _relu(node: Node, inner: Node) -> Node:
    if is_constant(inner):
        return multiply(inner, make("step", node.args[0]))
    return make("where", make("greater", node.args[0], ZERO), inner, ZERO)


def _extremum(beyond: str, beyond_or_equal: str) -> Callable[[Node, Node, Node], Node]:
    """The rule of max (``greater``) or min (``less``): the first slope where the first argument is beyond."""

    def rule(node: Node, da: Node, db: Node) -> Node:
        a, b = node.args
        return make("where", make(beyond_or_equal if _first_wins_tie(a, b, da, db) else beyond, a, b), da, db)

    return rule


def _first_wins_tie(a: Node, b: Node, da: Node, db: Node) -> bool:
    if is_constant(a) or is_constant(b):
        return is_constant(a)
    return is_constant(da) and is_constant(db) and abs(da.value) < abs(db.value)


def _zero(node: Node, *_: Node) -> Node:
    return ZERO


DERIVATIVES: dict[str, Callable[..., Node]] = {
    "constant": _zero,
    "add": lambda node, da, db: add(da, db),
    "subtract": lambda node, da, db: subtract(da, db),
    "negative": lambda node, inner: negative(inner),
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "exp": _softened(lambda e, u: e),
    "expm1": _softened(lambda e, u: add(e, ONE)),
    "log": lambda node, inner: divide(inner, node.args[0]),
    "log1p": lambda node, inner: divide(inner, add(ONE, node.args[0])),
    "sqrt": lambda node, inner: divide(multiply(constant(0.5), inner), node),
    "abs": lambda node, inner: multiply(make("sign", node.args[0]), inner),
    "sin": lambda node, inner: multiply(make("cos", node.args[0]), inner),
    "cos": lambda node, inner: negative(multiply(make("sin", node.args[0]), inner)),
    "tan": lambda t, inner: multiply(add(ONE, make("power", t, TWO)), inner),
    "atan": _softened(lambda _, u: divide(ONE, add(ONE, make("power", u, TWO)))),
    "sinh": lambda node, inner: multiply(make("cosh", node.args[0]), inner),
    "cosh": lambda node, inner: multiply(make("sinh", node.args[0]), inner),
    "tanh": _softened(lambda t, _: subtract(ONE, make("power", t, TWO))),
    "sigmoid": _softened(lambda s, _: multiply(s, subtract(ONE, s))),
    "softplus": _softened(lambda _, u: make("sigmoid", u)),
    "erf": _softened(lambda _, u: multiply(constant(2 / math.sqrt(math.pi)), make("gaussian", u))),
    "gaussian": _softened(lambda g, u: _chain(g, multiply(constant(-2), u))),
    "relu": _relu,
    "step": _zero,
    "sign": _zero,
    "minimum": _extremum("less", "less_equal"),
    "maximum": _extremum("greater", "greater_equal"),
    "where": lambda node, da, db: make("where", node.args[0], da, db),
}
