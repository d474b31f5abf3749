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

Array = NDArray[Any]
Layers = tuple[tuple[Array, Array], ...]


def from_weights(data: Dataset, weights: Any, activation: Any, epochs: Sequence[int] | None) -> Recording:
    """A recording of ``weights``: a list of (weight (in, out), bias (out,)), or one such list per kept epoch.

    The weights belong to the data set's own (standardised) units; float64 stays float64. ``epochs`` names the epochs of
    several lists (0, 1, 2, … if it is not given). Loss and metric are measured at each of them. Raises `UnbendError`
    where shapes do not fit each other or the data.
    """
    if not isinstance(data, Dataset):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UnbendError(f"the first argument must be a data set such as ub.data.curves(), not {data!r:.60}")
    kept = [_layers(number, one) for number, one in enumerate(_lists(weights))]
    widths = _widths(data, kept[0])
    loss = LOSS_OF_TASK[data.task]
    network = Network(widths, layer_activations(activation, len(widths) - 2), LINK_OF_LOSS[loss])
    flat = np.stack([_flat(network, number, one) for number, one in enumerate(kept)])
    numbers = _epochs(epochs, len(kept))
    recipe = Recipe(loss=loss, epochs=max(numbers[-1], 1), keep=tuple(numbers))
    history = _measure(data, network, recipe, flat)
    return Recording(data, network, recipe, np.array(numbers, np.int64), flat, history, None, versions())


def _lists(weights: Any) -> list[Any]:
    """One list of layers per kept epoch."""
    try:
        given = [list(one) for one in weights]
    except TypeError:
        given = []
    if not given or not all(given):
        raise UnbendError(
            "weights must be a list of layers, each (weight (in, out), bias (out,)), or several such lists"
        )
    several = isinstance(given[0][0], (list, tuple)) and len(given[0][0]) > 0 and np.ndim(given[0][0][0]) == 2
    return given if several else [given]


def _layers(number: int, layers: list[Any]) -> Layers:
    found: list[tuple[Array, Array]] = []
    for depth, layer in enumerate(layers, start=1):
        where = f"weights {number}, layer {depth}"
        if len(layer) != 2:
            raise UnbendError(f"{where}: a layer is (weight (in, out), bias (out,)), not {len(layer)} arrays")
        try:
            weight, bias = (np.asarray(part) for part in layer)
            whole = bool(np.isfinite(weight).all() and np.isfinite(bias).all())
        except (TypeError, ValueError, RuntimeError) as error:
            raise UnbendError(f"{where}: not two arrays of numbers ({error})") from None
        if not whole:
            raise UnbendError(f"{where}: holds numbers that are not finite; leave out what came after the divergence")
        found.append((weight, bias))
    return tuple(found)


def _widths(data: Dataset, layers: Layers) -> tuple[int, ...]:
    shapes = [weight.shape for weight, _ in layers]
    if any(len(shape) != 2 for shape in shapes):
        raise UnbendError(f"weights have the shapes {shapes}; each must be (in, out)")
    widths = (shapes[0][0], *(shape[1] for shape in shapes))
    fits = all(shape[0] == before for shape, before in zip(shapes, widths[:-1], strict=True))
    if not fits or widths[0] != data.x.shape[1] or widths[-1] != data.output_width:
        raise UnbendError(
            f"weights of the shapes {shapes} do not lead from {data.x.shape[1]} inputs to {data.output_width} "
            "output(s); each must be (in, out) with in equal to the out before it (PyTorch's must be transposed)"
        )
    return widths


def _flat(network: Network, number: int, layers: Layers) -> Array:
    shapes = [(*weight.shape, *bias.shape) for weight, bias in layers]
    if shapes != [(inputs, outputs, outputs) for inputs, outputs in network.shapes]:
        raise UnbendError(
            f"weights {number}: shapes {[(weight.shape, bias.shape) for weight, bias in layers]} do not fit a network "
            f"of the widths {network.widths}; each layer is (weight (in, out), bias (out,))"
        )
    flat = network.flatten(layers)
    return flat if flat.dtype.name in ("float32", "float64") else flat.astype(np.float64)


def _epochs(epochs: Any, count: int) -> list[int]:
    given = list(range(count)) if epochs is None else list(epochs)
    whole = all(isinstance(epoch, (int, np.integer)) for epoch in given)
    if not whole or len(given) != count or given != sorted(set(given)) or given[0] < 0:
        raise UnbendError(f"epochs={given} must be {count} rising numbers from 0 on, one for each list of weights")
    return [int(epoch) for epoch in given]


def _measure(data: Dataset, network: Network, recipe: Recipe, flat: Array) -> dict[str, NDArray[np.float64]]:
    scores = np.stack([forward(network, network.unflatten(one), data.x)[-1].pre_activation for one in flat])
    loss = LOSSES[recipe.loss].value(scores, data.y, recipe.huber_delta).mean(axis=-1)
    name = "r2" if network.output == "identity" else "accuracy"
    return {"loss": loss, name: metric(network.output, scores, data.y)}
