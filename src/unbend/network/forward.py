"""The forward pass: what every layer makes of the points, kept layer by layer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.network.network import Link, Network, Weights

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Layer:
    """What one layer computes for n points: ``pre_activation`` and ``activation``, both (…, n, width)."""

    pre_activation: Array
    activation: Array


def forward(network: Network, weights: Weights, x: Any) -> tuple[Layer, ...]:
    """Every layer's values for x (n, d); axes in front of the weights' own become axes in front of the points.

    The last layer's ``pre_activation`` are the scores (n, out), its ``activation`` the probabilities (or, for
    regression, the scores again).

    >>> from unbend.activations import activation
    >>> network = Network((1, 1, 1), (activation("relu"),), "identity")
    >>> one = (np.array([[1.0]]), np.array([-1.0]))
    >>> [layer.activation.tolist() for layer in forward(network, (one, one), [[3.0], [0.5]])]
    [[[2.0], [0.0]], [[1.0], [-1.0]]]
    """
    layers: list[Layer] = []
    hidden = np.asarray(x)
    last = len(weights) - 1
    for depth, (weight, bias) in enumerate(weights):
        z = hidden @ weight + bias[..., None, :]
        hidden = apply_link(network.output, z) if depth == last else network.activations[depth](z)
        layers.append(Layer(z, hidden))
    return tuple(layers)


def apply_link(link: Link, scores: Array) -> Array:
    """Probabilities from scores (…, k): logistic, softmax, or the scores as they are.

    >>> apply_link("softmax", np.array([[1000.0, 1000.0]])).tolist()
    [[0.5, 0.5]]
    """
    if link == "identity":
        return scores
    if link == "sigmoid":
        small = np.exp(-np.abs(scores))
        return np.where(scores >= 0, 1, small) / (1 + small)
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
