"""How large the gradient of the loss is in each layer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.network import Network, Weights
from unbend.recording.points import points_of
from unbend.training import Recipe
from unbend.training.reference import loss_gradient


def gradient_norms(network: Network, weights: Weights, x: Any, y: Any, recipe: Recipe) -> NDArray[np.float64]:
    """(…, layers) Euclidean norm of the mean loss's gradient by each layer's weights and biases together.

    ``weights``: ((weight (…, in, out), bias (…, out)), …), the axes in front being a population's; ``x`` (n, d) and
    ``y`` (n,) in the network's own units; ``recipe`` names the loss. Raises `UnbendError` for points that do not fit.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(n=40), hidden=(3, 3), epochs=5)
    >>> gradient_norms(run.network, run.weights(), run.dataset.x, run.dataset.y, run.recipe).shape
    (3,)
    """
    points = points_of(x, network.widths[0])
    flat = network.flatten(weights).astype(np.float64)
    rows = flat.reshape(-1, network.parameter_count)
    gradients = loss_gradient(network, recipe, rows, points, np.asarray(y, np.float64))
    norms = [
        np.hypot(np.linalg.norm(weight, axis=(-2, -1)), np.linalg.norm(bias, axis=-1))
        for weight, bias in network.unflatten(gradients)
    ]
    return np.stack(norms, axis=-1).reshape(*flat.shape[:-1], len(norms))
