"""Networks with one input as broken lines: where they have their kinks, and how well any line with so many can do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.network import Network, Weights

Array = NDArray[np.float64]


def polyline_floor(x: Any, y: Any, most: int) -> Array:
    """(most + 1,) root mean square errors on the points x (n,), y (n,) that no line with 0 … ``most`` kinks goes below.

    Least squares with at most k + 1 straight pieces, found over all places of the breaks by dynamic programming
    (Bellman 1961). The pieces need not meet, so a continuous line with k kinks can do as well or worse, never better.
    Exact up to rounding of the sums, about 1e-8 of the spread of y. Raises `UnbendError` unless x rises.

    >>> x = np.linspace(-1, 1, 101)
    >>> polyline_floor(x, np.abs(x), 2).round(3).tolist()
    [0.292, 0.0, 0.0]
    """
    places, values = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if places.ndim != 1 or places.shape != values.shape or not (np.diff(places) > 0).all():
        raise UnbendError("polyline_floor needs rising places x (n,) and one value y for each of them")
    cost = _costs(places - places.mean(), values - values.mean())
    best = cost[0]
    least = [best[-1]]
    for _ in range(most):
        before = np.concatenate([[0.0], best[:-1]])  # of the points in front of the last piece
        best = (before[:, None] + cost).min(axis=0)
        least.append(best[-1])
    return np.sqrt(np.array(least) / len(places))


def _costs(x: Array, y: Array) -> Array:
    """(n, n) sums of squared errors of the best straight piece through the points i … j; infinite for j < i."""
    count, sx, sy, sxx, sxy, syy = (_between(part) for part in (np.ones_like(x), x, y, x * x, x * y, y * y))
    some = np.maximum(count, 1.0)
    spread, along, total = sxx - sx * sx / some, sxy - sx * sy / some, syy - sy * sy / some
    explained = np.divide(along**2, spread, out=np.zeros_like(spread), where=count > 1)
    return np.where(count > 0, np.maximum(total - explained, 0.0), np.inf)


def _between(values: Array) -> Array:
    """(n, n) sums of the values from i to j."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return sums[None, 1:] - sums[:-1, None]


def kink_places(network: Network, weights: Weights, low: float, high: float) -> Array:
    """(…, width · kinks) places between ``low`` and ``high`` where the output of a network with one input has a kink.

    NaN for a unit whose kink lies elsewhere, or that does not reach the output. Axes in front of the weights' own, a
    population's, stay in front. Raises `UnbendError` for more than one input or another depth than one hidden layer.

    >>> from unbend.activations import activation
    >>> network = Network((1, 2, 1), (activation("relu"),), "identity")
    >>> weights = ((np.array([[2.0, 1.0]]), np.array([-1.0, 5.0])), (np.ones((2, 1)), np.zeros(1)))
    >>> kink_places(network, weights, -1.0, 1.0).tolist()
    [0.5, nan]
    """
    if network.widths[0] != 1 or len(network.activations) != 1:
        raise UnbendError(f"kink_places needs one input and one hidden layer, not widths {network.widths}")
    (first, bias), (last, _) = ((np.asarray(w, np.float64), np.asarray(b, np.float64)) for w, b in weights)
    slope, shape = first[..., 0, :], first[..., 0, :].shape
    felt = (slope != 0) & (last != 0).any(axis=-1)
    kinks = network.activations[0].kinks
    places = [np.divide(kink - bias, slope, out=np.full(shape, np.nan), where=felt) for kink in kinks]
    found = np.concatenate(places, axis=-1) if places else np.zeros((*shape[:-1], 0))
    return np.where((found > low) & (found < high), found, np.nan)
