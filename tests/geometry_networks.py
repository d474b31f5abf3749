"""Networks with random weights, and points for them."""

import numpy as np

from unbend.activations import activation
from unbend.data.dataset import Dataset
from unbend.network import Network, Weights, initialise


def random_weights(network: Network, seed: int, size: float = 3.0, bias: float = 1.0) -> Weights:
    """Glorot weights times ``size``, and biases."""
    flat = initialise(network, np.array([seed]))[0]
    noise = np.random.default_rng(seed)
    return tuple((size * weight, bias * noise.normal(size=offset.shape)) for weight, offset in network.unflatten(flat))


def net(name: str, *widths: int, output: str = "sigmoid") -> Network:
    return Network(widths, (activation(name),) * (len(widths) - 2), output)  # pyright: ignore


def some_points(features: int, classes: int, seed: int, n: int = 60) -> Dataset:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, features)) * np.linspace(0.5, 2.0, features)
    names = tuple(f"x{column}" for column in range(features))
    task = "binary" if classes == 2 else "multiclass"
    return Dataset("some", x, np.arange(n) % classes * 1.0, task, names, class_names=tuple("abcdef"[:classes]))
