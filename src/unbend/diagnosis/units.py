"""Units on the flat of their activation: saturated at some points, or dead at all of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.network import Network, Weights, forward
from unbend.recording.points import points_of

FLAT = 0.01  # a slope below this lets next to nothing through


def saturated_shares(network: Network, weights: Weights, x: Any, below: float = FLAT) -> NDArray[np.float64]:
    """(…, hidden layers) share of the pairs of a unit and a point of x (n, d) where the slope is below ``below``.

    Axes in front of the weights' own, a population's, stay in front. ReLU counts wherever it is off, about half the
    time in a healthy network; the share says something of activations that bend smoothly.

    >>> from unbend.activations import activation
    >>> network = Network((1, 2, 1), (activation("tanh"),), "identity")
    >>> weights = ((np.array([[1.0, 9.0]]), np.zeros(2)), (np.ones((2, 1)), np.zeros(1)))
    >>> saturated_shares(network, weights, [[0.1], [1.0]]).tolist()
    [0.25]
    """
    slopes = _slopes(network, weights, x)
    shape = np.shape(weights[0][1])[:-1]
    shares = [(np.abs(slope) < below).mean(axis=(-2, -1)) for slope in slopes]
    return np.stack(shares, axis=-1) if shares else np.zeros((*shape, 0))


def dead_units(network: Network, weights: Weights, x: Any, below: float = 0.0) -> tuple[NDArray[np.bool_], ...]:
    """For each hidden layer (…, width): which units have slope 0 at every point of x (n, d), and so learn nothing.

    With ``below`` above 0 a slope smaller than that counts as 0, which finds units of smooth activations that are
    saturated at every point. Give all training points: a unit that is on at one of them can still learn.

    >>> from unbend.activations import activation
    >>> network = Network((1, 2, 1), (activation("relu"),), "identity")
    >>> weights = ((np.array([[1.0, 1.0]]), np.array([0.0, -5.0])), (np.ones((2, 1)), np.zeros(1)))
    >>> dead_units(network, weights, [[1.0], [2.0]])[0].tolist()
    [False, True]
    """
    slopes = _slopes(network, weights, x)
    return tuple(((slope == 0) | (np.abs(slope) < below)).all(axis=-2) for slope in slopes)


def _slopes(network: Network, weights: Weights, x: Any) -> list[NDArray[np.float64]]:
    """The derivative of every hidden layer's activation, (…, n, width) each."""
    layers = forward(network, weights, points_of(x, network.widths[0]))
    return [
        activation.gradient(layer.pre_activation)
        for activation, layer in zip(network.activations, layers[:-1], strict=True)
    ]
