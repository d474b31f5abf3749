"""The central type of this room: the specification of a multilayer perceptron, and how its parameters lie in memory."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation

Link = Literal["sigmoid", "softmax", "identity"]
Weights = tuple[tuple[NDArray[Any], NDArray[Any]], ...]  # ((weight (in, out), bias (out,)), …)


@dataclass(frozen=True, eq=False)
class Network:
    """A multilayer perceptron without its weights.

    ``widths``: (d, h1, …, out). ``activations``: one per hidden layer. ``output``: the link after the last affine map.
    ``initializer`` and ``gain`` say how weights start (``gain=None``: the initialiser's usual one; ``"exact"``:
    computed from the formula; or a number).

    Flat layout of the parameters, layer by layer: the weight (in, out) row by row, then the bias (out,).
    """

    widths: tuple[int, ...]
    activations: tuple[Activation, ...]
    output: Link
    initializer: str = "glorot_normal"
    gain: "float | Literal['exact'] | None" = None

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(in, out) of every layer, the output layer last."""
        return tuple(pairwise(self.widths))

    @property
    def parameter_count(self) -> int:
        """The number of weights and biases."""
        return sum(inputs * outputs + outputs for inputs, outputs in self.shapes)

    def unflatten(self, flat: NDArray[Any]) -> Weights:
        """Views of a flat array (…, parameter_count) as ((weight (…, in, out), bias (…, out)), …)."""
        layers: list[tuple[NDArray[Any], NDArray[Any]]] = []
        start = 0
        for inputs, outputs in self.shapes:
            middle, end = start + inputs * outputs, start + inputs * outputs + outputs
            weight = flat[..., start:middle].reshape(*flat.shape[:-1], inputs, outputs)
            layers.append((weight, flat[..., middle:end]))
            start = end
        return tuple(layers)

    def flatten(self, weights: Weights) -> NDArray[Any]:
        """The inverse of `unflatten`."""
        parts = [part for weight, bias in weights for part in (weight.reshape(*weight.shape[:-2], -1), bias)]
        return np.concatenate(parts, axis=-1)
