"""How weights start: a row for each initialiser, all drawn from (seed, layer, position) by counter.

Biases start at 0. A network's weights depend on its own seed alone, not on the population it is drawn with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError, did_you_mean
from unbend.network.gains import exact_gain
from unbend.network.network import Network
from unbend.randomness import normal, uniform

Array = NDArray[Any]


@dataclass(frozen=True)
class Initializer:
    """A distribution and its standard deviation (half-width for ``uniform``) from fan-in and fan-out."""

    distribution: str
    scale: Callable[[int, int], float]


def _root(numerator: float, denominator: float) -> float:
    return float(np.sqrt(numerator / denominator))


# Glorot & Bengio 2010 (equations 12, 16); He et al. 2015 (equation 10); LeCun et al. 1998 (section 4.6);
# Saxe et al. 2014 (orthogonal); normal and uniform with 0.05 as keras.initializers.RandomNormal and RandomUniform
INITIALIZERS: dict[str, Initializer] = {
    "normal": Initializer("normal", lambda i, o: 0.05),
    "uniform": Initializer("uniform", lambda i, o: 0.05),
    "glorot_normal": Initializer("normal", lambda i, o: _root(2, i + o)),
    "glorot_uniform": Initializer("uniform", lambda i, o: _root(6, i + o)),
    "he_normal": Initializer("normal", lambda i, o: _root(2, i)),
    "he_uniform": Initializer("uniform", lambda i, o: _root(6, i)),
    "lecun_normal": Initializer("normal", lambda i, o: _root(1, i)),
    "orthogonal": Initializer("orthogonal", lambda i, o: 1.0),
    "zeros": Initializer("zeros", lambda i, o: 0.0),
}


def initialise(network: Network, seeds: Any) -> NDArray[np.float64]:
    """(P, parameter_count) starting parameters for the seeds (P,).

    ``network.gain``: a number multiplies the weights that feed a hidden layer; ``"exact"`` multiplies the weights that
    an activation feeds by its `exact_gain`, so that with ``lecun_normal`` and standardised inputs every pre-activation
    starts with variance 1; with ``None`` the initialiser's own scale stays as it is.

    >>> from unbend.activations import activation
    >>> network = Network((2, 3, 1), (activation("tanh"),), "sigmoid")
    >>> both = initialise(network, [7, 8])
    >>> bool((both[1] == initialise(network, [8])[0]).all())
    True
    """
    rule = initializer(network.initializer)
    seeds = np.asarray(seeds, np.int64)
    flat = np.zeros((len(seeds), network.parameter_count))
    for layer, (weight, _) in enumerate(network.unflatten(flat)):
        weight[...] = _draw(rule, seeds, f"weight/{layer}", *network.shapes[layer]) * _gain(network, layer)
    return flat


def initializer(name: str) -> Initializer:
    """The row of a name; an unknown one is refused with the nearest known."""
    if name not in INITIALIZERS:
        raise UnbendError(f"there is no initializer {name!r}; {did_you_mean(name, tuple(INITIALIZERS))}")
    return INITIALIZERS[name]


def weight_variance(network: Network, layer: int) -> float:
    """σ_w², the fan-in times the variance of a starting weight; ``layer`` 0 is the one that the inputs feed.

    A pre-activation starts with variance σ_w² times the mean square of what feeds it.

    >>> from unbend.activations import activation
    >>> network = Network((2, 3, 1), (activation("relu"),), "sigmoid", "lecun_normal", "exact")
    >>> round(weight_variance(network, 0), 12), round(weight_variance(network, 1), 12)
    (1.0, 2.0)
    """
    rule, (inputs, outputs) = initializer(network.initializer), network.shapes[layer]
    spread = rule.scale(inputs, outputs) ** 2
    variance = {
        "normal": spread,
        "uniform": spread / 3,
        "orthogonal": 1 / max(inputs, outputs),  # unit rows or columns, whichever are the longer
        "zeros": 0.0,
    }[rule.distribution]
    return inputs * variance * _gain(network, layer) ** 2


def _gain(network: Network, layer: int) -> float:
    if network.gain is None:
        return 1.0
    if network.gain == "exact":
        return exact_gain(network.activations[layer - 1]) if layer else 1.0
    return float(network.gain) if layer < len(network.activations) else 1.0


def _draw(rule: Initializer, seeds: NDArray[np.int64], purpose: str, inputs: int, outputs: int) -> Array:
    """(P, in, out) weights of one layer."""
    if rule.distribution == "zeros":
        return np.zeros((len(seeds), inputs, outputs))
    index = np.arange(inputs * outputs)
    shape = (len(seeds), inputs, outputs)
    if rule.distribution == "uniform":
        return rule.scale(inputs, outputs) * (2 * uniform(seeds[:, None], purpose, index).reshape(shape) - 1)
    weights = normal(seeds[:, None], purpose, index).reshape(shape)
    if rule.distribution == "orthogonal":
        return _orthogonal(weights)
    return rule.scale(inputs, outputs) * weights


def _orthogonal(weights: Array) -> Array:
    """The orthogonal factor of (P, in, out) normal matrices, with the signs that make it uniform (Mezzadri 2007)."""
    tall = weights.shape[1] >= weights.shape[2]
    q, r = np.linalg.qr(weights if tall else weights.swapaxes(1, 2))
    q = q * np.where(np.diagonal(r, axis1=1, axis2=2) < 0, -1, 1)[:, None, :]
    return q if tall else q.swapaxes(1, 2)
