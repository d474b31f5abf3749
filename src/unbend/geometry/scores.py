"""What a network says at places of the input plane: hidden values, scores, and the sides of units' kinks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.geometry.curves import against_zero
from unbend.geometry.input_plane import InputPlane
from unbend.network import Layer, Network, Weights, forward

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlaneNetwork:
    """A network with weights, both in float64, that takes places (n, 2) of an input plane instead of inputs."""

    network: Network
    weights: Weights

    def __call__(self, places: Array) -> tuple[Layer, ...]:
        """Every layer's values at places (n, 2)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return forward(self.network, self.weights, places)

    def scores(self, places: Array) -> Array:
        """(n, k) the scores of the classes at places (n, 2); a single score counts against 0."""
        return class_scores(self(places)[-1].pre_activation)


def plane_network(network: Network, weights: Weights, plane: InputPlane) -> PlaneNetwork:
    """The network seen through the plane: its first affine map takes over the way from the plane to the inputs."""
    weight, bias = weights[0]
    first = plane.projection.axes @ weight, plane.projection.center @ weight + bias
    return PlaneNetwork(network, (first, *weights[1:]))


def in_float64(weights: Weights) -> Weights:
    """The same weights as float64 arrays."""
    return tuple((np.asarray(weight, np.float64), np.asarray(bias, np.float64)) for weight, bias in weights)


def class_scores(scores: Array) -> Array:
    """Scores (…, out) with one column for each class: a single score becomes two, the first of them 0.

    >>> class_scores(np.array([[3.0]])).tolist()
    [[0.0, 3.0]]
    """
    return against_zero(scores[..., 0]) if scores.shape[-1] == 1 else scores


def jump_sides(network: Network, layers: tuple[Layer, ...]) -> NDArray[np.bool_] | None:
    """(n, units) on which side of the jumps of its activation each unit is, or None where no activation jumps."""
    sides = [
        layer.pre_activation > jump
        for layer, activation in zip(layers, network.activations, strict=False)
        for jump in jumps(activation)
    ]
    return np.concatenate(sides, axis=-1) if sides else None


def jumps(activation: Activation) -> tuple[float, ...]:
    """The kinks at which the value itself jumps.

    >>> from unbend.activations import activation
    >>> jumps(activation("step")), jumps(activation("relu"))
    ((0.0,), ())
    """
    kinks = np.array(activation.kinks)
    beside = 1e-9 * np.maximum(1.0, np.abs(kinks))
    with np.errstate(all="ignore"):
        left, right = activation(kinks - beside), activation(kinks + beside)
    high = np.abs(right - left) > 1e-6 * np.maximum(1.0, np.abs(left))
    return tuple(float(kink) for kink in kinks[high])
