"""The probe of a Keras model as it was given, or the first batch, checked; every fault is one sentence."""

import re
from typing import Any

import keras
import numpy as np

from unbend.errors import UnbendError
from unbend.watching.keras.backends import to_numpy
from unbend.watching.probing import MOST_ROWS

COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # of a terminal, which Keras writes into its messages


def checked_probe(probe: Any) -> Any:
    """Copies of the inputs, an array or several in a tuple, list or dict; numbers with a point take Keras's precision.

    Raises `UnbendError` for what is no array, and for an empty one.
    """
    return keras.tree.map_structure(_array, probe)


def first_rows(batch: Any) -> Any:
    """Copies of the inputs of a batch that is trained on, of its first 256 rows."""
    inputs = keras.utils.unpack_x_y_sample_weight(batch)[0]
    return keras.tree.map_structure(lambda one: _array(one[:MOST_ROWS]), inputs)


def _array(value: Any) -> Any:
    try:
        array = np.array(to_numpy(value) if keras.ops.is_tensor(value) else value)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype == object or not array.ndim:
        raise UnbendError(f"a probe holds arrays of inputs, and this one a {type(value).__name__}; give X[:256]")
    if not array.size:
        raise UnbendError(f"the probe of shape {array.shape} is empty; give some rows of training inputs")
    return array.astype(keras.config.floatx()) if np.issubdtype(array.dtype, np.floating) else array


def refused(model: Any, inputs: Any, error: Exception) -> UnbendError:
    """What to say when a model fails on the probe."""
    shapes = ", ".join(str(one.shape) for one in keras.tree.flatten(inputs))
    lines = [line.strip() for line in COLOURS.sub("", str(error)).splitlines() if line.strip()]
    reason = next((line for line in lines if not line.startswith("Exception encountered")), type(error).__name__)
    return UnbendError(
        f"{type(model).__name__} does not take the probe of shape {shapes}: {reason.rstrip('.')}; "
        "give inputs as the model takes them in training, such as X[:256]"
    )
