"""Which functions of PyTorch are activations, and what the catalogue calls them; it calls none of them."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from unbend.activations import Activation, activation

# PyTorch's name -> the catalogue's, and the argument (place, keyword, default) that each parameter comes from.
Argument = tuple[int, str, float]
NAMES: dict[str, tuple[str, dict[str, Argument]]] = {
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leaky_relu": ("leaky_relu", {"alpha": (1, "negative_slope", 0.01)}),
    "elu": ("elu", {"alpha": (1, "alpha", 1.0)}),
    "celu": ("celu", {"alpha": (1, "alpha", 1.0)}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {}),
    "silu": ("silu", {}),
    "mish": ("mish", {}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "sigmoid": ("sigmoid", {}),
    "hardsigmoid": ("hard_sigmoid", {}),
    "log_sigmoid": ("log_sigmoid", {}),
    "logsigmoid": ("log_sigmoid", {}),
    "tanh": ("tanh", {}),
    "hardtanh": ("hard_tanh", {}),
    "tanhshrink": ("tanh_shrink", {}),
    "hardshrink": ("hard_shrink", {"lam": (1, "lambd", 0.5)}),
    "softshrink": ("soft_shrink", {"lam": (1, "lambd", 0.5)}),
    "hardswish": ("hard_swish", {}),
    "threshold": ("threshold", {"theta": (1, "threshold", 0.0), "value": (2, "value", 0.0)}),
}
OTHER_NAMES = {"special_expit": "sigmoid", "_threshold": "threshold", "clamp_min": "clamp", "clip": "clamp"}
# An activation for some arguments, or one that is not in the catalogue as it is.
SPECIAL = ("clamp", "prelu", "rrelu", "sin")
CUTS: dict[str, tuple[Argument, Argument]] = {
    "clamp": ((1, "min", float("-inf")), (2, "max", float("inf"))),
    "hardtanh": ((1, "min_val", -1.0), (2, "max_val", 1.0)),
}
LOWER, UPPER = (1, "lower", 1 / 8), (2, "upper", 1 / 3)  # of a randomised ReLU
GATES = ("sigmoid", "hardsigmoid")


def plain_name(function: Callable[..., Any]) -> str:
    """PyTorch's name of a function, without the mark of its in-place form.

    >>> import math
    >>> plain_name(math.tanh)
    'tanh'
    """
    name = str(getattr(function, "__name__", ""))
    name = name if name.startswith("__") else name.removesuffix("_")
    return OTHER_NAMES.get(name, name)


def is_activation(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call is one of an activation; a clamp is one if it cuts at 0 from below.

    >>> is_activation("clamp", (None,), {"min": 0}), is_activation("clamp", (None, -1, 1), {})
    (True, False)
    """
    if name == "clamp":
        return _is_zero(_argument(args, kwargs, (1, "min", -1.0)))
    return name in NAMES or name in SPECIAL


def known(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Activation | None:
    """The activation of the catalogue that a call is, with its parameters; None if it is none of them.

    >>> known("leaky_relu", (None, 0.2), {}).formula
    'where(x > 0, x, alpha*x); alpha=0.2'
    """
    if name in ("clamp", "hardtanh"):
        low, high = CUTS[name]
        return _cut(_number(_argument(args, kwargs, low)), _number(_argument(args, kwargs, high)))
    if name == "sin":
        return activation("sine")
    if name == "gelu" and kwargs.get("approximate") == "tanh":
        return activation("gelu_tanh")
    if name == "rrelu":
        return activation("rrelu", alpha=(_argument(args, kwargs, LOWER) + _argument(args, kwargs, UPPER)) / 2)
    if name == "softplus" and (beta := _number(_argument(args, kwargs, (1, "beta", 1.0)))) != 1:
        return activation("softplus(beta*x)/beta; beta=1", beta=beta)
    if name not in NAMES:
        return None
    ours, parameters = NAMES[name]
    return activation(ours, **{key: float(_argument(args, kwargs, place)) for key, place in parameters.items()})


def _cut(low: float, high: float) -> Activation | None:
    """The activation that cuts at both ends."""
    named = {(0.0, float("inf")): "relu", (0.0, 6.0): "relu6", (-1.0, 1.0): "hard_tanh"}
    if (low, high) in named:
        return activation(named[low, high])
    return activation("clip(x, low, high); low=0, high=1", low=low, high=high) if isfinite(low + high) else None


def _argument(args: Sequence[Any], kwargs: Mapping[str, Any], place: Argument) -> Any:
    index, keyword, default = place
    value = args[index] if len(args) > index else kwargs.get(keyword)
    return default if value is None else value


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _is_zero(value: Any) -> bool:
    return _number(value) == 0
