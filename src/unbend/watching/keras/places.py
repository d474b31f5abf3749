"""The rows of a Keras tensor that belong to the inputs of a probe, one for each, however the model lays it out."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from unbend.watching.keras.backends import to_numpy
from unbend.watching.places import GRID, MOST_LAYERS, Places, Placing, evenly, feature_step, kept_rows


def way(hidden: Sequence[tuple[Any, int, bool]], embedded: Any, outputs: list[Any]) -> list[Any] | None:
    """The rows of the output, of what an embedding makes of the input (None without one), and of hidden layers.

    ``hidden``: tensor, axis of the units, and whether positions are told apart. Of the hidden layers at most 8 get
    rows, the others None. None at all where the output has no axis of the probe's inputs.
    """
    output = next((one for one in outputs if len(one.shape) and int(one.shape[0]) > 1), None)
    if output is None:
        return None
    count = int(output.shape[0])
    chosen = set(evenly(len(hidden), MOST_LAYERS).tolist())
    first = None if embedded is None else layer_rows(embedded, -1, False, count)
    found = [layer_rows(*one, count) if index in chosen else None for index, one in enumerate(hidden)]
    return [layer_rows(output, -1, len(output.shape) > 3, count), first, *found]


def layer_rows(tensor: Any, axis: int, has_positions: bool, count: int) -> Any:
    """(n, features) of a layer whose units lie along ``axis``; None where inputs cannot be told apart.

    Positions of a convolution are averaged over a grid of 4 along each axis at most, tokens over all of them.
    """
    rows: Any = ops.cast(tensor, "float32")
    if len(rows.shape) == 1:
        rows = rows[:, None]
    if int(rows.shape[0]) != count:
        if int(rows.shape[0]) % count or axis != -1:
            return None
        rows = ops.reshape(rows, (count, -1, rows.shape[-1]))  # positions and inputs were made one axis
    if count > len(kept := kept_rows(count)):
        rows = ops.take(rows, ops.convert_to_tensor(kept.astype("int32")), axis=0)
    rows = ops.moveaxis(rows, axis, -1)
    for position in range(1, len(rows.shape) - 1):
        averaged = averages(int(rows.shape[position]), GRID if has_positions else 1)
        turned = ops.matmul(ops.moveaxis(rows, position, -1), ops.convert_to_tensor(averaged))
        rows = ops.moveaxis(turned, -1, position)
    return ops.reshape(rows, (rows.shape[0], -1))


def averages(size: int, most: int) -> NDArray[np.float32]:
    """(size, parts) weights of the means over at most so many parts of an axis.

    >>> averages(4, 2).tolist()
    [[0.5, 0.0], [0.5, 0.0], [0.0, 0.5], [0.0, 0.5]]
    """
    parts = min(most, size)
    weights = np.zeros((size, parts), np.float32)
    for part in range(parts):
        begin, end = part * size // parts, -(-(part + 1) * size // parts)
        weights[begin:end, part] = 1.0 / (end - begin)
    return weights


def places(placing: Placing, inputs: Any, names: Sequence[str], found: list[Any] | None) -> Places | None:
    """The way of the probe through the layers called ``names``, of what `way` found for them."""
    if found is None or found[0] is None:
        return None
    given = next((one for one in keras.tree.flatten(inputs) if np.issubdtype(one.dtype, np.floating)), None)
    output, embedded, *hidden = (None if one is None else to_numpy(one) for one in found)
    count = len(keras.tree.flatten(inputs)[0])
    first = embedded if given is None or len(given) != count else _chosen(given)
    if output is None or first is None or len(output) != len(kept_rows(count)):
        return None
    told = [(name, rows) for name, rows in zip(names, hidden, strict=True) if rows is not None]
    return placing(count, first, told, output, first is not embedded)


def _chosen(given: NDArray[Any]) -> NDArray[Any]:
    kept = kept_rows(len(given))
    rows = given[kept].reshape(len(kept), -1)
    return rows[:, :: feature_step(rows.shape[1])].astype(np.float32)
