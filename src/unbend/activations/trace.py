"""Python functions as formulas: a function is called once with a symbol that writes down what is done to it.

The symbol follows Python's operators and NumPy's two protocols. It has no value, so a function that branches on it, or
takes it out of NumPy, is refused with the mend.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unbend.activations.build import make
from unbend.activations.expression import Node
from unbend.activations.leaves import ONE, RELATIONS, ZERO, X, constant
from unbend.activations.text import to_text
from unbend.activations.vocabulary import LONGEST
from unbend.errors import UnbendError

MOST_OPERATIONS = 1000

Rule = Callable[..., Node]


def _named(op: str) -> Rule:
    return lambda *args: make(op, *args)


# NumPy's and SciPy's elementwise functions by name, so that SciPy need not be there
UFUNCS: dict[str, Rule] = {
    **{name: _named(name) for name in (
        "add", "subtract", "multiply", "divide", "power", "negative", "exp", "expm1", "log", "log1p", "sqrt", "sign",
        "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "minimum", "maximum", *RELATIONS,
    )},
    "true_divide": _named("divide"), "float_power": _named("power"), "absolute": _named("abs"), "fabs": _named("abs"),
    "arctan": _named("atan"), "fmin": _named("minimum"), "fmax": _named("maximum"), "expit": _named("sigmoid"),
    "positive": lambda a: a,
    "square": lambda a: make("power", a, constant(2)),
    "reciprocal": lambda a: make("divide", ONE, a),
    "exp2": lambda a: make("power", constant(2), a),
    "log2": lambda a: make("divide", make("log", a), constant(np.log(2))),
    "log10": lambda a: make("divide", make("log", a), constant(np.log(10))),
    "log_expit": lambda a: make("negative", make("softplus", make("negative", a))),
    "logaddexp": lambda a, b: make("add", b, make("softplus", make("subtract", a, b))),
    "clip": lambda a, low, high: make("minimum", make("maximum", a, low), high),
}  # fmt: skip


class _Untraceable(Exception):
    """Why a function cannot become a formula; `trace` adds its name."""


class Symbol:
    """The argument of a traced function: an expression, or the mask of a comparison."""

    __slots__ = ("count", "node")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, node: Node, count: list[int]):
        """``count``: the operations written down so far, shared by all symbols of one trace."""
        self.node, self.count = node, count

    def apply(self, rule: Rule, *args: Any) -> "Symbol":
        """Write down one operation."""
        self.count[0] += 1
        if self.count[0] > MOST_OPERATIONS:
            raise _Untraceable(f"it does more than {MOST_OPERATIONS} operations: write a shorter formula")
        return Symbol(rule(*map(_node, args)), self.count)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Symbol":
        """NumPy's protocol for elementwise functions."""
        rule = UFUNCS.get(ufunc.__name__)
        if rule is None or method != "__call__" or options:
            known = f"known are {', '.join(UFUNCS)}, where and clip, without options"
            raise _Untraceable(f"it calls {ufunc.__name__}, which no formula has in this way: {known}")
        return self.apply(rule, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Mapping[str, Any]) -> "Symbol":
        """NumPy's protocol for all other functions: ``np.where(mask, a, b)`` and ``np.clip(a, low, high)``."""
        if function is np.where and len(args) == 3 and not options:
            mask, a, b = args
            return self.apply(lambda a, b: make("where", _mask(mask), a, b), a, b)
        if function is np.clip and not set(options) - {"a_min", "a_max"}:
            return self._clipped(*args, **options)
        mend = "use operators, elementwise functions, np.where and np.clip"
        raise _Untraceable(f"it calls np.{function.__name__}, which no formula has: {mend}")

    def __bool__(self) -> bool:
        """A formula has no branches."""
        branches = "it branches on its argument (if, and, or, not, min or max)"
        raise _Untraceable(f"{branches}: use np.where(x > 0, a, b) or np.maximum instead")

    def _leave(self, *_: Any) -> Any:
        leaves = "it turns its argument into a plain number (float, int, a function of math)"
        raise _Untraceable(f"{leaves}: use NumPy's functions instead, and np.where(x > 0, a, b) for branches")

    __float__ = __int__ = __index__ = __complex__ = __round__ = _leave

    def _select(self, *_: Any) -> Any:
        raise _Untraceable("it takes its argument apart (an index, a loop, an assignment): use np.where(x > 0, a, b)")

    __len__ = __iter__ = __getitem__ = __setitem__ = _select

    def _clipped(self, a: Any, a_min: Any = None, a_max: Any = None) -> "Symbol":
        above = a if a_min is None else self.apply(_named("maximum"), a, a_min)
        return above if a_max is None else self.apply(_named("minimum"), above, a_max)

    def __getattr__(self, name: str) -> Any:
        """A symbol is no array: no shape, no type, no methods."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise _Untraceable(f"it uses .{name} of its argument: use operators and NumPy's functions only")

    def __pos__(self) -> "Symbol":
        """+a."""
        return self


def _operator(op: str, swapped: bool = False) -> Any:
    def method(self: Symbol, other: Any) -> Symbol:
        return self.apply(_named(op), other, self) if swapped else self.apply(_named(op), self, other)

    return method


def _install_operators() -> None:
    arithmetic = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power"}
    for name, op in arithmetic.items():
        setattr(Symbol, f"__{name}__", _operator(op))
        setattr(Symbol, f"__r{name}__", _operator(op, swapped=True))
    relations = ("lt", "le", "gt", "ge", "eq", "ne")
    for name, op in zip(relations, RELATIONS, strict=True):
        setattr(Symbol, f"__{name}__", _operator(op))
    for name in ("and", "or", "xor", "rand", "ror", "rxor"):
        setattr(Symbol, f"__{name}__", _no_logic)
    for name, op in {"neg": "negative", "abs": "abs"}.items():
        setattr(Symbol, f"__{name}__", lambda self, op=op: self.apply(_named(op), self))


def _no_logic(self: Symbol, other: Any) -> Symbol:
    raise _Untraceable("it joins comparisons with & or |: nest np.where instead, np.where(a, np.where(b, …, …), …)")


_install_operators()


def _node(value: Any) -> Node:
    """A symbol or a number as a tree; a mask counts 1 where it holds, else 0."""
    if isinstance(value, Symbol):
        return make("where", value.node, ONE, ZERO) if value.node.op in RELATIONS else value.node
    if isinstance(value, np.ndarray | np.generic) and np.ndim(value) == 0:
        value = value.item()
    if not isinstance(value, int | float):
        raise _Untraceable(f"it combines its argument with {value!r:.40}: only plain numbers may stand beside x")
    if not np.isfinite(value):
        raise _Untraceable(f"it uses {value!r}: a formula holds finite numbers only")
    return constant(float(value))


def _mask(value: Any) -> Node:
    if isinstance(value, Symbol) and value.node.op in RELATIONS:
        return value.node
    raise _Untraceable("the first argument of its np.where is no comparison: write np.where(x > 0, a, b)")


def trace(function: Callable[..., Any], name: str, parameters: Mapping[str, float]) -> str:
    """The formula text of a Python function of one argument; ``parameters`` are handed to it by keyword.

    Raises `UnbendError` with the reason where the function branches on its argument, leaves NumPy, or makes a formula
    of more than 200 characters.

    >>> trace(lambda x: np.where(x > 0, x, 0.1 * x), "leaky", {})
    'where(x>0,x,0.1*x)'
    """
    try:
        node = _node(function(Symbol(X, [0]), **parameters))
    except Exception as error:  # whatever the user's function raises is the user's to read
        called = f"calling it with a symbol gave {error!r:.150}; use operators and NumPy's functions only"
        reason = str(error) if isinstance(error, _Untraceable) else called
        raise UnbendError(f"the function {name!r} cannot become a formula: {reason}") from None
    too_long = f"at most {LONGEST} are allowed: write a shorter one"
    if _written_size(node) > LONGEST:  # every operation needs a character at least
        raise UnbendError(f"the function {name!r} makes a formula of more than {LONGEST} characters; {too_long}")
    text = to_text(node)
    if len(text) > LONGEST:
        raise UnbendError(f"the function {name!r} makes a formula of {len(text)} characters; {too_long}")
    return text


def _written_size(node: Node) -> int:
    """The nodes of a tree written out, a shared one as often as it is used."""
    sizes: dict[Node, int] = {}
    waiting = [node]
    while waiting:
        top = waiting[-1]
        missing = [argument for argument in top.args if argument not in sizes]
        if missing:
            waiting.extend(missing)
        else:
            sizes[waiting.pop()] = 1 + sum(sizes[argument] for argument in top.args)
    return sizes[node]
