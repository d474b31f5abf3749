"""Activations of the user's own in a Keras model, found by what they do: bend each number by itself."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from unbend.watching.keras.backends import to_numpy
from unbend.watching.keras.state import undisturbed
from unbend.watching.keras.trace import kernels, own_activations
from unbend.watching.probing import SEED

ROWS = np.array([[-1.3, -0.2, 0.4], [0.1, 0.9, 2.1]], "float32")


def whole_activations(model: Any, backend: str) -> set[int]:
    """The ids of layers that are one activation as a whole, and of functions given as a layer's activation."""
    layers = list(model._flatten_layers(include_self=False))
    found = {id(one) for one in layers if isinstance(one, keras.layers.PReLU)}
    with undisturbed(model, backend, SEED):
        for layer in layers:
            if _is_own(layer) and bends_each_element(layer.call):
                found.add(id(layer))
            found.update(id(one) for _, one in own_activations(layer) if bends_each_element(one))
    return found


def _is_own(layer: Any) -> bool:
    """Whether a layer is the user's, with neither layers nor weights in it."""
    return not (type(layer).__module__.startswith("keras.") or layer._layers or layer.variables or kernels(layer))


def bends_each_element(function: Callable[[Any], Any]) -> bool:
    """Whether a function of a tensor is one of each of its numbers alone, and not an affine one.

    >>> bends_each_element(keras.ops.square), bends_each_element(lambda z: 2 * z)
    (True, False)
    >>> bends_each_element(keras.ops.softmax)
    False
    """
    column = ROWS.reshape(-1, 1)
    try:
        inputs = (column, ROWS, 2 * column, 0 * column)
        answers: list[Any] = [to_numpy(function(ops.convert_to_tensor(one))) for one in inputs]
    except Exception:  # it wants the shape, or the arguments, that it is built for
        return False
    alone, whole, twice, zero = answers
    if alone.shape != column.shape or not np.allclose(alone, whole.reshape(-1, 1), equal_nan=True):
        return False
    return not np.allclose(twice + zero, 2 * alone, rtol=1e-4, atol=1e-6)
