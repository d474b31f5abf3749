"""A Keras model as a plain stack, read off its layers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from unbend.activations import Activation, activation
from unbend.activations.catalogue import entries
from unbend.errors import UnbendError
from unbend.watching.stack import ELSEWHERE, Bend, Linear, Scale, Stack, Step, no_stack, stacked

Value = Callable[[Any], Any]  # a variable's numbers now
PASSED = (
    "InputLayer", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Flatten",
    "Identity",
)  # fmt: skip


def stack_of(model: Any, value: Value | None = None) -> Stack:
    """The stack that a Sequential or functional model of Dense layers is; ``value`` gives the numbers of a variable."""
    if not model.built:
        raise UnbendError(f"{type(model).__name__} has no weights yet; call it once, or model.build(shape)")
    from keras import ops

    numbers: Value = value or (lambda one: ops.convert_to_numpy(getattr(one, "value", one)))
    steps = [step for layer in _chain(model) for step in _steps(layer, numbers)]
    return stacked(steps, type(model).__name__)


def _chain(model: Any) -> list[Any]:
    """The layers of a model in their order: all of a Sequential; of a graph, the way from its output back to its input.

    Models inside models are opened.
    """
    kind = type(model).__name__
    if not hasattr(model, "outputs") or not model.outputs:
        raise UnbendError(
            f"{kind} calls its layers in code of its own; write it as keras.Sequential or keras.Model(inputs, "
            f"outputs): {ELSEWHERE}"
        )
    if len(model.outputs) != 1 or len(model.inputs) != 1:
        several = f"{len(model.inputs)} input(s) and {len(model.outputs)} output(s)"
        raise UnbendError(f"{kind} has {several}, and a recording one of each; {ELSEWHERE}")
    found: list[Any] = []
    tensor = model.outputs[0]
    while tensor is not model.inputs[0]:
        layer, place, _ = tensor._keras_history
        given = layer._inbound_nodes[place].input_tensors
        if len(given) != 1:
            no_stack(layer.name, type(layer).__name__, "brings several branches together")
        found[:0] = _chain(layer) if hasattr(layer, "layers") else [layer]
        tensor = given[0]
    return found


def _steps(layer: Any, value: Value) -> list[Step]:
    kind, name = type(layer).__name__, layer.name
    if kind in PASSED:
        return []
    if kind == "Dense":
        weight = np.asarray(value(layer.kernel))
        bias = np.zeros(weight.shape[1], weight.dtype) if layer.bias is None else np.asarray(value(layer.bias))
        return [Linear(name, weight, bias), _function(name, layer.activation)]
    if kind == "Activation":
        return [_function(name, layer.activation)]
    if kind == "BatchNormalization":
        return [_batch_norm(layer, value)]
    if kind == "Rescaling":
        return [Scale(name, kind, np.asarray(layer.scale), np.asarray(layer.offset), fixed=True)]
    if kind == "Normalization" and not layer.invert:
        factor = 1 / np.maximum(np.sqrt(np.asarray(value(layer.variance)).reshape(-1)), 1e-7)
        return [Scale(name, kind, factor, -np.asarray(value(layer.mean)).reshape(-1) * factor, fixed=True)]
    if kind in LAYERS:
        return [Bend(name, kind, LAYERS[kind](layer, value))]
    no_stack(name, kind)


def _function(name: str, function: Any) -> Bend:
    """An activation by the function that it is; Keras's own are in the catalogue by their names."""
    kind = getattr(function, "__name__", type(function).__name__)
    if kind in LAYERS and hasattr(function, "get_config"):
        return Bend(name, kind, LAYERS[kind](function, np.asarray))
    if not str(getattr(function, "__module__", "")).startswith("keras."):
        return Bend(name, kind)
    ours = FUNCTIONS.get(kind) or next((one for one, row in entries().items() if row.keras == kind), None)
    return Bend(name, kind, activation(ours) if ours else None)


# Those that Keras calls without the arguments that the catalogue's row names, or calls otherwise than the catalogue.
FUNCTIONS = {
    "leaky_relu": "leaky_relu(alpha=0.2)", "gelu": "gelu", "linear": "identity", "hard_silu": "hard_swish",
    "hard_shrink": "hard_shrink", "soft_shrink": "soft_shrink", "threshold": "",
}  # fmt: skip


def _relu(layer: Any, value: Value) -> Activation | None:
    slope, high, start = (float(getattr(layer, key) or 0.0) for key in ("negative_slope", "max_value", "threshold"))
    capped = layer.max_value is not None
    if not capped and not start:
        return activation("leaky_relu", alpha=slope) if slope else activation("relu")
    if capped and high == 6 and not slope and not start:
        return activation("relu6")
    text = "where(x >= start, x, slope*(x - start))"
    text = f"min({text}, high)" if capped else text
    settings = {"slope": slope, "start": start} | ({"high": high} if capped else {})
    return activation(f"{text}; {', '.join(f'{key}={number!r}' for key, number in settings.items())}")


def _prelu(layer: Any, value: Value) -> Activation | None:
    slopes = np.unique(np.asarray(value(layer.alpha)))
    return activation("prelu", alpha=float(slopes[0])) if len(slopes) == 1 else None


LAYERS: dict[str, Callable[[Any, Value], Activation | None]] = {
    "ReLU": _relu,
    "PReLU": _prelu,
    "LeakyReLU": lambda layer, value: activation("leaky_relu", alpha=float(layer.negative_slope)),
    "ELU": lambda layer, value: activation("elu", alpha=float(layer.alpha)),
    "Softmax": lambda layer, value: None,
}


def _batch_norm(layer: Any, value: Value) -> Scale:
    """Normalisation by moving statistics, as in evaluation."""
    mean, variance = (np.asarray(value(one), np.float64) for one in (layer.moving_mean, layer.moving_variance))
    factor = 1 / np.sqrt(variance + layer.epsilon)
    factor = factor * np.asarray(value(layer.gamma)) if layer.scale else factor
    shift = -mean * factor
    return Scale(
        layer.name, "BatchNormalization", factor, shift + np.asarray(value(layer.beta)) if layer.center else shift
    )
