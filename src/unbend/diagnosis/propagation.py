"""What happens to a signal on its way forward, and to a gradient on its way back, in a deep network before training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.errors import UnbendError
from unbend.network import Network, backward, forward, initialise, normal_mean, weight_variance
from unbend.properties.normal import moments
from unbend.randomness import normal
from unbend.recording.points import points_of

Array = NDArray[np.float64]
SMALLEST = 1e-10  # variance; that of a point at the origin is 0, where no density is


@dataclass(frozen=True, eq=False)
class Propagation:
    """P random networks, hidden layer by hidden layer, the first in front.

    ``variance`` (P, depth): the mean square of the pre-activations. ``gradient`` (P, depth): the norm of the score's
    gradient by them, over all units and points.
    """

    variance: Array
    gradient: Array

    @property
    def relative(self) -> Array:
        """(P, depth) the gradient of each hidden layer divided by that of the last; NaN where that one is 0."""
        last = self.gradient[:, -1:]
        return np.divide(self.gradient, last, out=np.full(self.gradient.shape, np.nan), where=last > 0)


def propagation(
    activation: Activation,
    depth: int,
    width: int = 32,
    initializer: str = "lecun_normal",
    gain: Any = "exact",
    seeds: Sequence[int] = range(64),
    points: int = 8,
) -> Propagation:
    """Send ``points`` standard normal inputs through ``depth`` hidden layers, and the gradient of the score back.

    All layers, the input too, have ``width`` units; one network is drawn for each of the seeds (P,), its inputs with
    it. ``initializer`` and ``gain`` as in `Network`. Raises `UnbendError` for sizes below 1 and unknown initialisers.

    >>> from unbend.activations import activation
    >>> deep = propagation(activation("relu"), depth=10, seeds=range(20))
    >>> bool(0.5 < np.median(deep.relative[:, 0]) < 2)
    True
    """
    for name, size in (("depth", depth), ("width", width), ("points", points), ("number of seeds", len(seeds))):
        if size < 1:
            raise UnbendError(f"{name}={size} must be a whole number from 1 on")
    network = Network((width,) * (depth + 1) + (1,), (activation,) * depth, "identity", initializer, gain)
    weights = network.unflatten(initialise(network, seeds))
    places = np.arange(points * width)
    inputs = normal(np.asarray(seeds)[:, None], "propagation/input", places).reshape(len(seeds), points, width)
    layers = forward(network, weights, inputs)
    gradients = backward(network, weights, layers, np.ones((len(seeds), points, 1)))
    return Propagation(
        variance=np.stack([(layer.pre_activation**2).mean(axis=(1, 2)) for layer in layers[:-1]], axis=1),
        gradient=np.stack([np.linalg.norm(part, axis=(1, 2)) for part in gradients[:-1]], axis=1),
    )


def gradient_growth(activation: Activation, weight_variance: float, variance: float = 1.0) -> float:
    """The factor by which one layer of a wide network multiplies the gradient's square on its way back.

    σ_w² E f′(z)² for z normal with mean 0 and ``variance``, and weights with variance σ_w² / fan-in: χ₁ of Schoenholz,
    Gilmer, Ganguli & Sohl-Dickstein 2017. Below 1 the gradient vanishes with depth, above 1 it explodes.

    >>> from unbend.activations import activation
    >>> round(gradient_growth(activation("relu"), 2.0), 12), gradient_growth(activation("relu"), 1 / 3) < 0.17
    (1.0, True)
    """
    deviation = float(np.sqrt(variance))
    kinks = tuple(kink / deviation for kink in activation.kinks) if deviation else ()
    return weight_variance * normal_mean(lambda z: activation.gradient(deviation * z) ** 2, kinks)


def starting_growth(network: Network, x: Any) -> float:
    """χ₁ of a network at its start: what one of its layers multiplies the gradient's square by, for points x (n, d).

    σ_w² E f′(z)² at the variance that each point's signal has in a wide network, multiplied over the layers that an
    activation feeds, averaged over the points, and the root of that for one layer (Schoenholz et al. 2017). NaN where a
    mean does not exist, and without hidden layers.

    >>> from unbend.activations import activation
    >>> network = Network((2, 64, 64, 1), (activation("relu"),) * 2, "identity", "lecun_normal", "exact")
    >>> round(starting_growth(network, [[1.0, -1.0], [0.5, 2.0]]), 12)
    1.0
    """
    points = points_of(x, network.widths[0])
    variance = weight_variance(network, 0) * (points**2).mean(axis=1)
    growth = np.ones(len(points))
    for layer, activation in enumerate(network.activations, start=1):
        found = moments(activation, np.array(activation.kinks), np.maximum(variance, SMALLEST))
        weights = weight_variance(network, layer)
        growth *= weights * found.slope_square
        variance = weights * found.square
    depth = len(network.activations)
    return float(growth.mean() ** (1 / depth)) if depth else float("nan")
