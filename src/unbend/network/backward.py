"""The backward pass: how every layer's pre-activations move the scores, or a loss of them."""

from typing import Any

from numpy.typing import NDArray

from unbend.network.forward import Layer
from unbend.network.network import Network, Weights

Array = NDArray[Any]


def backward(network: Network, weights: Weights, layers: tuple[Layer, ...], gradient: Array) -> tuple[Array, ...]:
    """The gradient by every layer's pre-activations (…, n, width), from the ``gradient`` by the scores (…, n, out).

    ``layers`` is what `forward` returned for the same weights. Each step back multiplies by the weights and by the
    slope of the activation (back-propagation; Rumelhart, Hinton & Williams 1986).

    >>> import numpy as np
    >>> from unbend.activations import activation
    >>> from unbend.network import forward
    >>> network = Network((1, 1, 1), (activation("x**2"),), "identity")
    >>> weights = ((np.array([[1.0]]), np.zeros(1)), (np.array([[5.0]]), np.zeros(1)))
    >>> layers = forward(network, weights, [[3.0]])
    >>> [part.item() for part in backward(network, weights, layers, np.ones((1, 1)))]
    [30.0, 1.0]
    """
    gradients = [gradient]
    for depth in reversed(range(1, len(weights))):
        slope = network.activations[depth - 1].gradient(layers[depth - 1].pre_activation)
        gradients.append((gradients[-1] @ weights[depth][0].swapaxes(-1, -2)) * slope)
    return tuple(reversed(gradients))
