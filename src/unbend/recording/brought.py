"""Recordings of weights that were trained elsewhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.network import Network, forward
from unbend.recording.arguments import LOSS_OF_TASK, layer_activations
from unbend.recording.recording import Recording
from unbend.recording.train import versions
from unbend.training import LINK_OF_LOSS, LOSSES, Recipe, metric


def from_weights(data: Dataset, weights: Any, activation: Any, epochs: Sequence[int] | None) -> Recording:
    """A recording of ``weights``: a list of (weight (in, out), bias (out,)), or one such list per kept epoch.

    float64 stays float64. ``epochs`` names the epochs of several lists (0, 1, 2, … if it is not given). Loss and metric
    are measured at each of them. Raises `UnbendError` where shapes do not fit each other or the data.
    """
    kept = [list(one) for one in weights] if _is_several(weights) else [list(weights)]
    widths = _widths(data, kept[0])
    loss = LOSS_OF_TASK[data.task]
    network = Network(widths, layer_activations(activation, len(widths) - 2), LINK_OF_LOSS[loss])  # pyright: ignore
    flat = np.stack([_flat(network, number, one) for number, one in enumerate(kept)])
    numbers = list(range(len(kept))) if epochs is None else [int(epoch) for epoch in epochs]
    if len(numbers) != len(kept) or numbers != sorted(set(numbers)) or numbers[0] < 0:
        raise UnbendError(
            f"epochs={numbers} must be {len(kept)} rising numbers from 0 on, one for each list of weights"
        )
    recipe = Recipe(loss=loss, epochs=max(numbers[-1], 1), keep=tuple(numbers))  # pyright: ignore
    history = _measure(data, network, recipe, flat)
    return Recording(data, network, recipe, np.array(numbers, np.int64), flat, history, None, versions())


def _is_several(weights: Any) -> bool:
    """Whether the first entry is a list of layers rather than a layer."""
    first = weights[0]
    return len(first) > 0 and isinstance(first[0], (list, tuple)) and np.ndim(first[0][0]) == 2


def _widths(data: Dataset, layers: list[Any]) -> tuple[int, ...]:
    shapes = [np.shape(weight) for weight, _ in layers]
    if any(len(shape) != 2 for shape in shapes):
        raise UnbendError(f"weights have the shapes {shapes}; each must be (in, out)")
    widths = (shapes[0][0], *(shape[1] for shape in shapes))
    fits = all(shape[0] == before for shape, before in zip(shapes, widths[:-1], strict=True))
    if not fits or widths[0] != data.x.shape[1] or widths[-1] != data.output_width:
        raise UnbendError(
            f"weights of the shapes {shapes} do not lead from {data.x.shape[1]} inputs to {data.output_width} output(s); "
            "each must be (in, out) with in equal to the out before it (PyTorch's must be transposed)"
        )
    return widths


def _flat(network: Network, number: int, layers: list[Any]) -> NDArray[Any]:
    arrays = tuple((np.asarray(weight), np.asarray(bias)) for weight, bias in layers)
    for depth, (weight, bias) in enumerate(arrays):
        shape = network.shapes[depth] if depth < len(network.shapes) else None
        if len(arrays) != len(network.shapes) or weight.shape != shape or bias.shape != weight.shape[1:]:
            raise UnbendError(
                f"weights {number}, layer {depth + 1}: weight {weight.shape} and bias {bias.shape} do not fit a network "
                f"of the widths {network.widths}"
            )
    flat = network.flatten(arrays)
    return flat if flat.dtype in (np.float32, np.float64) else flat.astype(np.float64)


def _measure(data: Dataset, network: Network, recipe: Recipe, flat: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    scores = np.stack([forward(network, network.unflatten(one), data.x)[-1].pre_activation for one in flat])
    loss = LOSSES[recipe.loss].value(scores, data.y, recipe.huber_delta).mean(axis=-1)
    name = "r2" if network.output == "identity" else "accuracy"
    return {"loss": loss, name: metric(network.output, scores, data.y)}
