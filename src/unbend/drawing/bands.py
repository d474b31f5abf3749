"""Histograms of the values that each layer gives out, over one range for all layers and epochs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.drawing.story import Band
from unbend.geometry.limits import shared_limits
from unbend.network import Layer, Network

Array = NDArray[np.float64]
BINS = 60
MOST_ROWS = 6
FLAT = 0.01  # where the gradient is smaller, a value hardly learns
OUTLIERS = 0.002  # the share of values at either end that may lie outside the range


@dataclass(frozen=True, eq=False)
class Values:
    """The values of one layer, flat, and the share of them that is flat in the other sense."""

    values: Array
    flat: float | None


def rows(network: Network) -> tuple[tuple[str, int], ...]:
    """Key and number, for the words, of each layer shown: the hidden ones (six at most), or the output alone.

    >>> rows(Network((2, 1), (), "sigmoid"))
    (('output', 0),)
    """
    hidden = len(network.activations)
    if hidden == 0:
        return (("output", 0),)
    chosen = np.unique(np.linspace(0, hidden - 1, min(hidden, MOST_ROWS)).round().astype(int))
    return tuple(("layer", int(layer) + 1) for layer in chosen)


def values_of(network: Network, layers: tuple[Layer, ...]) -> tuple[Values, ...]:
    """What each row of the panel shows, of `forward`'s layers."""
    return tuple(
        _hidden(network, layers, number - 1) if key == "layer" else Values(layers[-1].activation.ravel(), None)
        for key, number in rows(network)
    )


def _hidden(network: Network, layers: tuple[Layer, ...], layer: int) -> Values:
    with np.errstate(all="ignore"):
        gradient = np.abs(network.activations[layer].gradient(layers[layer].pre_activation))
    return Values(np.asarray(layers[layer].activation, np.float64).ravel(), float(np.mean(gradient < FLAT)))


def common_range(shown: Sequence[tuple[Values, ...]]) -> tuple[float, float]:
    """One range for all epochs (outer) and layers (inner), save for a few outliers and epochs that run away."""
    ends = [_range(np.concatenate([row.values for row in epoch])) for epoch in shown]
    left, right, _, _ = shared_limits([(low, high, 0.0, 0.0) for low, high in ends])
    room = 0.03 * (right - left) or max(0.5, 0.1 * abs(left))
    return left - room, right + room


def _range(values: Array) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.quantile(finite, (OUTLIERS, 1.0 - OUTLIERS))
    return float(low), float(high)


def bands(shown: tuple[Values, ...], span: tuple[float, float]) -> tuple[Band, ...]:
    """The histograms over ``span``; what lies outside is left out."""
    return tuple(Band(_counts(row.values, span), row.flat) for row in shown)


def _counts(values: Array, span: tuple[float, float]) -> Array:
    counts = np.histogram(values[np.isfinite(values)], BINS, span)[0].astype(np.float64)
    return counts / max(counts.max(), 1.0)
