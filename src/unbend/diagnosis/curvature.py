"""How sharply the loss bends: what the largest stable learning rate depends on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.network import Network, Weights, backward, forward
from unbend.recording.points import points_of


def largest_curvature(network: Network, weights: Weights, x: Any) -> NDArray[np.float64]:
    """(…,) the largest eigenvalue λ of the Gauss–Newton matrix of the mean loss on points x (n, d).

    Gradient descent with a learning rate above 2 / λ overshoots (LeCun, Bottou, Orr & Müller 1998, section 5). The
    matrix Jᵀ D J / n (J the scores' derivatives, D the loss's curvature by the score) has the eigenvalues of the
    smaller D^½ J Jᵀ D^½ / n. Axes in front of the weights' own, a population's, stay in front. Raises `UnbendError`
    for networks with more than one score.

    >>> network = Network((1, 1), (), "identity")
    >>> round(largest_curvature(network, ((np.array([[0.3]]), np.zeros(1)),), [[1.0], [-1.0]]).item(), 12)
    2.0
    """
    if network.widths[-1] != 1:
        raise UnbendError(f"largest_curvature needs a network with one score, not {network.widths[-1]}")
    points = points_of(x, network.widths[0])
    layers = forward(network, weights, points)
    by_unit = backward(network, weights, layers, np.ones(layers[-1].pre_activation.shape))
    inputs = [points, *(layer.activation for layer in layers[:-1])]
    products = sum(_products(delta) * (_products(values) + 1.0) for delta, values in zip(by_unit, inputs, strict=True))
    shown = layers[-1].activation[..., 0]
    bend = np.sqrt(shown * (1.0 - shown) if network.output == "sigmoid" else np.full(shown.shape, 2.0))
    matrix = products * bend[..., :, None] * bend[..., None, :] / len(points)
    return np.linalg.eigvalsh(matrix)[..., -1].astype(np.float64)


def _products(rows: NDArray[Any]) -> NDArray[Any]:
    """(…, n, n) inner products of the rows (…, n, width)."""
    return rows @ rows.swapaxes(-1, -2)
