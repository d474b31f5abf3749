"""Runs to draw without training: random weights that grow from epoch to epoch."""

import numpy as np

import unbend as ub
from unbend.network import Network, initialise

CASES: dict[str, tuple[str, tuple[int, ...]]] = {
    "curves": ("tanh", (2,)),
    "xor": ("relu", (2,)),
    "breast_cancer": ("relu", (8, 8)),
    "iris": ("sigmoid", (8,)),
    "digits": ("tanh", (5,)),
    "blobs": ("step", (2,)),
    "sine": ("tanh", (8,)),
    "plane": ("gelu", (3,)),
    "diabetes": ("relu", (4,)),
    "moons": ("sine", (1,)),
    "spiral": ("softsign", (3,) * 9),
    "circles": ("tanh", ()),
}


def grown(
    name: str, activation: str | None = None, hidden: tuple[int, ...] | None = None, epochs: int = 5, seed: int = 1
) -> ub.Recording:
    """A recording of as many ``epochs`` on a toy or packaged table, with the activation and widths of `CASES`."""
    data = ub.data.load(name)
    activation = activation or CASES[name][0]
    hidden = CASES[name][1] if hidden is None else hidden
    network = Network((data.x.shape[1], *hidden, data.output_width), (), "identity")
    (start,) = initialise(network, np.array([seed]))
    weights = [list(network.unflatten(start * (1.0 + 0.5 * epoch))) for epoch in range(epochs)]
    return ub.Recording.from_weights(data, weights, activation)
