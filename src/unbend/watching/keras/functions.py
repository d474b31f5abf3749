"""Which functions of Keras are activations, what the catalogue calls them, and where Keras looks them up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from unbend.activations import Activation, activation

# Keras's name -> the catalogue's, and the argument (place, keyword, default) that each parameter comes from.
Argument = tuple[int, str, float]
NAMES: dict[str, tuple[str, dict[str, Argument]]] = {
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leaky_relu": ("leaky_relu", {"alpha": (0, "negative_slope", 0.2)}),
    "elu": ("elu", {"alpha": (0, "alpha", 1.0)}),
    "celu": ("celu", {"alpha": (0, "alpha", 1.0)}),
    "selu": ("selu", {}),
    "gelu": ("gelu", {}),
    "silu": ("silu", {}),
    "mish": ("mish", {}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "sigmoid": ("sigmoid", {}),
    "hard_sigmoid": ("hard_sigmoid", {}),
    "log_sigmoid": ("log_sigmoid", {}),
    "tanh": ("tanh", {}),
    "hard_tanh": ("hard_tanh", {}),
    "tanh_shrink": ("tanh_shrink", {}),
    "hard_shrink": ("hard_shrink", {"lam": (0, "threshold", 0.5)}),
    "soft_shrink": ("soft_shrink", {"lam": (0, "threshold", 0.5)}),
    "hard_silu": ("hard_swish", {}),
    "threshold": ("threshold", {"theta": (0, "threshold", 0.0), "value": (1, "default_value", 0.0)}),
}
UNNAMED = ("squareplus", "sparse_plus", "sparse_sigmoid")  # activations that are not in the catalogue as they are
NATIVE = ("relu", "relu6", "sigmoid", "silu", "softplus", "selu", "tanh")  # without arguments in every framework
GATES = ("sigmoid", "hard_sigmoid")
# The activations of one step of a cell, in the order in which its `call` takes them.
CELLS = {
    "GRUCell": ("update", "reset", "new"),
    "LSTMCell": ("input", "forget", "cell", "output", "state"),
    "ConvLSTMCell": ("input", "forget", "cell", "output", "state"),
}
CELL_GATES = ("update", "reset", "input", "forget", "output")


def known(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Activation | None:
    """The activation of the catalogue that a call with these arguments after the first is; None if it is none.

    >>> known("leaky_relu", (), {"negative_slope": 0.3}).formula
    'where(x > 0, x, alpha*x); alpha=0.3'
    >>> known("relu", (), {"max_value": 6.0}).name
    'relu6'
    """
    if name == "relu":
        return _relu(args, kwargs)
    if name == "gelu" and _argument(args, kwargs, (0, "approximate", 1.0)):
        return activation("gelu_tanh")
    if name not in NAMES:
        return None
    ours, parameters = NAMES[name]
    try:
        return activation(ours, **{key: float(_argument(args, kwargs, place)) for key, place in parameters.items()})
    except TypeError:  # a tensor
        return None


def _relu(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Activation | None:
    places = ((0, "negative_slope", 0.0), (1, "max_value", float("inf")), (2, "threshold", 0.0))
    slope, high, threshold = (_argument(args, kwargs, place) for place in places)
    if threshold:
        return None
    if high == float("inf"):
        return activation("leaky_relu", alpha=float(slope)) if slope else activation("relu")
    return activation("relu6") if high == 6 and not slope else None


def _argument(args: Sequence[Any], kwargs: Mapping[str, Any], place: Argument) -> Any:
    index, keyword, default = place
    value = args[index] if len(args) > index else kwargs.get(keyword)
    return default if value is None else value


def symbols() -> Iterator[tuple[Any, str, str]]:
    """Owner, attribute and Keras's name of all that is called for an activation, whoever calls it.

    Layers, `keras.activations` and `keras.ops` look their functions up in the backend's module when they run.
    """
    from keras.src import backend
    from keras.src.activations import activations

    for name in (*NAMES, *UNNAMED):
        if hasattr(backend.nn, name):
            yield backend.nn, name, name
    yield backend.numpy, "tanh", "tanh"
    yield activations.ReLU, "static_call", "relu"
    yield activations.Mish, "static_call", "mish"
    for owner in _frameworks(backend.backend()):
        for name in NATIVE:
            if hasattr(owner, name):
                yield owner, name, name


def _frameworks(backend: str) -> tuple[Any, ...]:
    """Where the user's own code finds activations without Keras."""
    if backend == "jax":
        import jax

        return jax.nn, jax.numpy
    if backend == "torch":
        import torch

        return torch, torch.nn.functional
    import tensorflow as tf  # pyright: ignore[reportMissingImports]

    return tf, tf.nn, tf.math
