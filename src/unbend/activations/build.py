"""Smart constructors: the only way in which the grammar and the derivative make nodes.

``make`` folds constants and then asks the rules below, one per operation, for a shorter or safer spelling: the unsafe
ones of textbooks, such as ``log(1 + exp(x))``, become the one primitive that every back end computes without overflow.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from unbend.activations.expression import OPERATIONS, Node
from unbend.activations.leaves import ONE, RELATIONS, TWO, ZERO, constant, is_constant
from unbend.activations.numpy_algebra import numpy_values

_Rule = Callable[..., Node | None]


def make(op: str, *args: Node) -> Node:
    """The tree of one operation, folded and simplified.

    >>> from unbend.activations.leaves import X
    >>> make("add", make("multiply", constant(0), X), constant(3))
    Node(3)
    >>> make("log", make("add", ONE, make("exp", X)))
    Node(softplus(x))
    """
    if len(args) != OPERATIONS[op]:
        raise TypeError(f"{op} takes {OPERATIONS[op]} arguments, {len(args)} given")
    if all(is_constant(argument) for argument in args) and op not in RELATIONS:
        value = float(numpy_values(Node(op, args), np.zeros(())))
        if math.isfinite(value):
            return constant(value)
    rule = _RULES.get(op)
    simpler = rule(*args) if rule else None
    return Node(op, args) if simpler is None else simpler


add, subtract, multiply, divide = (partial(make, op) for op in ("add", "subtract", "multiply", "divide"))
negative = partial(make, "negative")


def _add(a: Node, b: Node) -> Node | None:
    if is_constant(a):
        return add(b, a)
    if b is ZERO:
        return a
    if a is b:
        return multiply(TWO, a)
    if b.op == "negative":
        return subtract(a, b.args[0])
    if a.op == "negative":
        return subtract(b, a.args[0])
    if b.op == "subtract" and b.args[1] is a:
        return b.args[0]
    if a.op == "subtract" and a.args[1] is b:
        return a.args[0]
    if a.op == "exp" and b is constant(-1):
        return make("expm1", a.args[0])
    if a.op == "tanh" and b is ONE:  # without cancellation where tanh is near -1
        return multiply(TWO, make("sigmoid", multiply(TWO, a.args[0])))
    if a.op == b.op == "exp" and _opposite(a.args[0], b.args[0]):
        return multiply(TWO, make("cosh", a.args[0]))
    return None


def _subtract(a: Node, b: Node) -> Node | None:
    if is_constant(b):
        return add(a, constant(-b.value))
    if a is ZERO:
        return negative(b)
    if a is b:
        return ZERO
    if b.op == "negative":
        return add(a, b.args[0])
    if a is ONE and b.op == "exp":
        return negative(make("expm1", b.args[0]))
    if a.op == "add" and b in a.args:
        return a.args[1] if a.args[0] is b else a.args[0]
    if a.op == b.op == "exp" and _opposite(a.args[0], b.args[0]):
        return multiply(TWO, make("sinh", a.args[0]))
    return None


def _multiply(a: Node, b: Node) -> Node | None:
    if is_constant(b) and not is_constant(a):
        return multiply(b, a)
    if is_constant(a):
        return _scale(a, b)
    if a.op == "negative":
        return negative(multiply(a.args[0], b))
    if b.op == "negative":
        return negative(multiply(a, b.args[0]))
    if a.op == "multiply" and is_constant(a.args[0]):
        return multiply(a.args[0], multiply(a.args[1], b))
    if b.op == "multiply" and is_constant(b.args[0]):
        return multiply(b.args[0], multiply(a, b.args[1]))
    if a is b:
        return make("power", a, TWO)
    if a.op == b.op == "exp":
        return make("exp", add(a.args[0], b.args[0]))
    return _product_of_functions(a, b) or _product_of_functions(b, a)


def _scale(a: Node, b: Node) -> Node | None:
    """A number ``a`` times a tree ``b``."""
    if a is ZERO:
        return ZERO
    if a is ONE:
        return b
    if a is constant(-1):
        return negative(b)
    if b.op == "negative":
        return multiply(constant(-a.value), b.args[0])
    if b.op in ("multiply", "divide") and is_constant(b.args[0]) and math.isfinite(a.value * b.args[0].value):
        return make(b.op, multiply(a, b.args[0]), b.args[1])
    return None


def _product_of_functions(a: Node, b: Node) -> Node | None:
    if a.op == "sign" and a.args[0] is b:
        return make("abs", b)
    if a.op == "step" and a.args[0] is b:
        return make("relu", b)
    if a.op == "divide" and a.args[0] is ONE:
        return divide(b, a.args[1])
    if b.op == "sigmoid" and a.op in ("exp", "expm1") and _opposite(a.args[0], b.args[0]):
        u = a.args[0]
        return make("sigmoid", u) if a.op == "exp" else make("tanh", multiply(constant(0.5), u))
    if a.op == "multiply" and b.op == "sigmoid":
        for first, second in (a.args, a.args[::-1]):
            tamed = _product_of_functions(second, b)
            if tamed:
                return multiply(first, tamed)
    return None


def _divide(a: Node, b: Node) -> Node | None:
    if a is ZERO and not is_constant(b):
        return ZERO
    if is_constant(b):
        return _divide_by_number(a, b.value)
    if a is b:
        return ONE
    if a.op == "negative":
        return negative(divide(a.args[0], b))
    if b.op == "negative":
        return negative(divide(a, b.args[0]))
    if b.op == "multiply" and is_constant(b.args[0]):
        return divide(divide(a, b.args[0]), b.args[1])
    if b.op == "divide":
        return divide(multiply(a, b.args[1]), b.args[0])
    if b.op == "exp":
        return multiply(a, make("exp", negative(b.args[0])))
    if a.op == "sinh" and b.op == "cosh" and a.args == b.args:
        return make("tanh", a.args[0])
    if a.op == "multiply" and is_constant(a.args[0]):
        return multiply(a.args[0], divide(a.args[1], b))
    return _divide_by_growth(a, b)


def _divide_by_growth(a: Node, b: Node) -> Node | None:
    """a / (c * (1 + exp(u))), and over its square: products with sigmoid, which never overflow."""
    scaled = _constant_plus_exp(b)
    if scaled:
        return multiply(divide(a, constant(scaled[0])), make("sigmoid", negative(scaled[1])))
    if b.op == "power" and b.args[1] is TWO and _constant_plus_exp(b.args[0]):
        return divide(divide(a, b.args[0]), b.args[0])
    return None


def _divide_by_number(a: Node, number: float) -> Node | None:
    if number == 0 or not math.isfinite(1 / number):
        return None
    return multiply(constant(1 / number), a)


def _power(a: Node, b: Node) -> Node | None:
    if is_constant(b):
        return _constant_power(a, b.value)
    if is_constant(a) and a.value > 0:
        return make("exp", multiply(constant(math.log(a.value)), b))
    return None


def _constant_power(a: Node, exponent: float) -> Node | None:
    if exponent == 0:
        return ONE
    if exponent == 1:
        return a
    if exponent == 0.5:
        return make("sqrt", a)
    if exponent == -1:
        return divide(ONE, a)
    if exponent % 2 == 0 and a.op in ("abs", "negative"):
        return make("power", a.args[0], constant(exponent))
    if a.op == "exp":
        return make("exp", multiply(constant(exponent), a.args[0]))
    return None


def _negative(a: Node) -> Node | None:
    if a.op == "negative":
        return a.args[0]
    if a.op == "subtract":
        return subtract(a.args[1], a.args[0])
    if a.op == "multiply" and is_constant(a.args[0]):
        return multiply(constant(-a.args[0].value), a.args[1])
    if a.op == "divide" and is_constant(a.args[0]):
        return divide(constant(-a.args[0].value), a.args[1])
    return None


def _exp(a: Node) -> Node | None:
    if a.op == "log":
        return a.args[0]
    factor, square = _factor(a)
    if factor < 0 and square.op == "power" and square.args[1] is TWO:
        return make("gaussian", multiply(constant(math.sqrt(-factor)), square.args[0]))
    return None


def _log(a: Node) -> Node | None:
    if a.op == "exp":
        return a.args[0]
    if a.op == "sigmoid":
        return negative(make("softplus", negative(a.args[0])))
    if a.op == "subtract" and a.args[0] is ONE and a.args[1].op == "sigmoid":
        return negative(make("softplus", a.args[1].args[0]))
    factor, function = _factor(a)
    if function.op == "cosh" and factor > 0:
        u = function.args[0]
        return subtract(make("softplus", multiply(TWO, u)), add(u, constant(math.log(2) - math.log(factor))))
    if a.op == "multiply" and is_constant(a.args[0]) and a.args[0].value > 0:
        return add(make("log", a.args[1]), constant(math.log(a.args[0].value)))
    if a.op == "divide" and a.args[0] is ONE:
        return negative(make("log", a.args[1]))
    scaled = _constant_plus_exp(a)
    if scaled:
        return add(make("softplus", scaled[1]), constant(math.log(scaled[0])))
    if a.op == "add" and a.args[0].op == a.args[1].op == "exp":
        first, second = a.args[0].args[0], a.args[1].args[0]
        return add(second, make("softplus", subtract(first, second)))
    if a.op == "add" and a.args[1] is ONE:
        return make("log1p", a.args[0])
    return None


def _log1p(a: Node) -> Node | None:
    factor, function = _factor(a)
    if function.op == "exp" and factor > 0:
        return make("softplus", add(function.args[0], constant(math.log(factor))))
    if function.op == "expm1" and factor == 1:
        return function.args[0]
    if function.op == "sigmoid" and factor == -1:
        return negative(make("softplus", function.args[0]))
    return None


def _sqrt(a: Node) -> Node | None:
    return make("abs", a.args[0]) if a.op == "power" and a.args[1] is TWO else None


def _abs(a: Node) -> Node | None:
    if a.op in ("abs", "exp", "sigmoid", "softplus", "relu", "step", "gaussian", "cosh", "sqrt"):
        return a
    if a.op == "negative":
        return make("abs", a.args[0])
    factor, rest = _factor(a)
    return multiply(constant(abs(factor)), make("abs", rest)) if factor != 1 else None


def _maximum(a: Node, b: Node) -> Node | None:
    if a is b:
        return a
    if b is ZERO:
        return make("relu", a)
    return make("relu", b) if a is ZERO else None


def _minimum(a: Node, b: Node) -> Node | None:
    return a if a is b else None


def _where(mask: Node, a: Node, b: Node) -> Node | None:
    if a is b:
        return a
    if all(is_constant(side) for side in mask.args):
        holds = RELATIONS[mask.op](mask.args[0].value, mask.args[1].value)
        return a if holds else b
    if mask.op == "greater" and mask.args[1] is ZERO and a is ONE and b is ZERO:
        return make("step", mask.args[0])
    return None


def _factor(node: Node) -> tuple[float, Node]:
    """A tree as a number times the rest."""
    if node.op == "negative":
        return -1.0, node.args[0]
    if node.op == "multiply" and is_constant(node.args[0]):
        return node.args[0].value, node.args[1]
    return 1.0, node


def _opposite(a: Node, b: Node) -> bool:
    """Whether a = -b."""
    return negative(a) is b


def _constant_plus_exp(node: Node) -> tuple[float, Node] | None:
    """``(c, u)`` where the tree is c * (1 + exp(u)) with c > 0."""
    if node.op != "add" or not is_constant(node.args[1]):
        return None
    c = node.args[1].value
    factor, function = _factor(node.args[0])
    if function.op != "exp" or c <= 0 or factor <= 0:
        return None
    return c, add(function.args[0], constant(math.log(factor) - math.log(c)))


def _odd(op: str) -> _Rule:
    """f(-u) = -f(u), so that a formula computes only one of them."""
    return lambda a: negative(make(op, negative(a))) if _factor(a)[0] < 0 else None


def _even(op: str) -> _Rule:
    """f(-u) = f(u)."""
    return lambda a: make(op, negative(a)) if _factor(a)[0] < 0 else None


_RULES: dict[str, _Rule] = {
    "add": _add, "subtract": _subtract, "multiply": _multiply, "divide": _divide, "power": _power,
    "negative": _negative, "exp": _exp, "log": _log, "log1p": _log1p, "sqrt": _sqrt, "abs": _abs,
    "maximum": _maximum, "minimum": _minimum, "where": _where,
    **{op: _odd(op) for op in ("sin", "tan", "atan", "sinh", "tanh", "erf", "sign")},
    **{op: _even(op) for op in ("cos", "cosh", "gaussian")},
}  # fmt: skip
