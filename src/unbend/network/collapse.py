"""A network whose activations are all affine is one affine map, whatever its depth; here is that map."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.errors import UnbendError
from unbend.network.network import Network, Weights


@dataclass(frozen=True, eq=False)
class Affine:
    """The map x -> x @ weight + bias from inputs to scores; ``weight`` (d, out), ``bias`` (out,)."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]

    def __call__(self, x: Any) -> NDArray[np.float64]:
        """The scores (n, out) of the points x (n, d)."""
        return np.asarray(x, np.float64) @ self.weight + self.bias


def collapse(network: Network, weights: Weights) -> Affine:
    """The one affine map that a network without bending activations computes, up to its output link.

    Raises `UnbendError` that names the first activation that is not affine.

    >>> from unbend.activations import activation
    >>> network = Network((1, 1, 1), (activation("2*x + 1"),), "identity")
    >>> one = (np.array([[1.0]]), np.array([0.0]))
    >>> affine = collapse(network, (one, one))
    >>> affine.weight.item(), affine.bias.item()
    (2.0, 1.0)
    """
    weight, bias = (np.asarray(part, np.float64) for part in weights[0])
    for depth, activation in enumerate(network.activations, start=1):
        slope, shift = _affine_parts(activation, depth)
        following, offset = (np.asarray(part, np.float64) for part in weights[depth])
        with np.errstate(over="ignore", invalid="ignore"):
            weight = slope * weight @ following
            bias = (slope * bias + shift) @ following + offset
    return Affine(weight, bias)


def _affine_parts(activation: Activation, depth: int) -> tuple[float, float]:
    """Slope and shift of an affine activation, found by asking it at many points."""
    z = np.concatenate([np.linspace(-50, 50, 401), np.geomspace(1e-6, 1e4, 60), -np.geomspace(1e-6, 1e4, 60)])
    shift = float(activation(np.zeros(1))[0])
    slope = float(activation(np.ones(1))[0]) - shift
    finite = np.isfinite([slope, shift]).all()
    with np.errstate(over="ignore", invalid="ignore"):
        straight = finite and np.allclose(activation(z), slope * z + shift, rtol=1e-12, atol=1e-9)
    if activation.kinks or not straight:
        name = activation.name or activation.formula
        raise UnbendError(
            f"the network does not collapse into one affine map: {name!r} of hidden layer {depth} bends space; "
            "only activations such as 'identity' or '2*x + 1' leave it straight"
        )
    return slope, shift
