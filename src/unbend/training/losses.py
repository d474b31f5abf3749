"""The losses in NumPy float64: a row for each, with value, gradient by the scores, and the link it belongs to.

Scores are (…, n, k) and targets (n,); values are (…, n) and gradients (…, n, k), for each sample by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.network.forward import apply_link
from unbend.network.network import Link

Array = NDArray[Any]


@dataclass(frozen=True)
class LossFunction:
    """A loss on scores; ``delta`` is Huber's and unused by the others."""

    link: Link
    value: Callable[[Array, Array, float], Array]
    gradient: Callable[[Array, Array, float], Array]


def _binary_value(z: Array, y: Array, delta: float) -> Array:
    return np.logaddexp(0, z[..., 0]) - y * z[..., 0]


def _binary_gradient(z: Array, y: Array, delta: float) -> Array:
    return apply_link("sigmoid", z) - y[:, None]


def _softmax_value(z: Array, y: Array, delta: float) -> Array:
    highest = z.max(axis=-1)
    total = np.log(np.exp(z - highest[..., None]).sum(axis=-1)) + highest
    return total - z[..., np.arange(len(y)), y.astype(np.int64)]


def _softmax_gradient(z: Array, y: Array, delta: float) -> Array:
    return apply_link("softmax", z) - (np.arange(z.shape[-1]) == y[:, None])


def _squared_value(z: Array, y: Array, delta: float) -> Array:
    return (z[..., 0] - y) ** 2


def _squared_gradient(z: Array, y: Array, delta: float) -> Array:
    return 2 * (z - y[:, None])


def _huber_value(z: Array, y: Array, delta: float) -> Array:
    size = np.abs(z[..., 0] - y)
    return np.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))


def _huber_gradient(z: Array, y: Array, delta: float) -> Array:
    return np.clip(z - y[:, None], -delta, delta)


# Bridle 1990 (softmax with cross-entropy); Huber 1964, equation 2.5 with k = delta
LOSSES: dict[str, LossFunction] = {
    "binary_cross_entropy": LossFunction("sigmoid", _binary_value, _binary_gradient),
    "cross_entropy": LossFunction("softmax", _softmax_value, _softmax_gradient),
    "squared": LossFunction("identity", _squared_value, _squared_gradient),
    "huber": LossFunction("identity", _huber_value, _huber_gradient),
}


def metric(output: Link, scores: Array, y: Array) -> Array:
    """(…,) accuracy of the scores (…, n, k), or r² for regression.

    >>> metric("sigmoid", np.array([[2.0], [-1.0], [0.0]]), np.array([1.0, 1.0, 0.0])).round(3).item()
    0.667
    """
    if output == "identity":
        return 1 - ((scores[..., 0] - y) ** 2).mean(axis=-1) / np.var(y)
    return (predicted_class(output, scores) == y).mean(axis=-1)


def predicted_class(output: Link, scores: Array) -> Array:
    """(…, n) class of each sample: 1 where the one score is above 0, or the first of the largest scores."""
    return (scores[..., 0] > 0).astype(np.int64) if output == "sigmoid" else scores.argmax(axis=-1)
