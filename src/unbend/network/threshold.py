"""Networks of threshold units (McCulloch & Pitts 1943): a unit says 1 when its weighted sum exceeds its threshold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ThresholdLayer:
    """``weight`` (in, out) and ``threshold`` (out,)."""

    weight: Array
    threshold: Array


@dataclass(frozen=True, eq=False)
class ThresholdStep:
    """What one layer does for n points: weighted ``total`` (n, out) and ``output`` (n, out) of zeros and ones."""

    total: Array
    threshold: Array
    output: Array


def run_threshold_network(layers: tuple[ThresholdLayer, ...], x: Any) -> tuple[ThresholdStep, ...]:
    """Every layer's sums and outputs for the points x (n, d).

    >>> steps = run_threshold_network(xor_network(), [[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> steps[-1].output[:, 0].tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    steps: list[ThresholdStep] = []
    values = np.asarray(x, np.float64)
    for layer in layers:
        total = values @ layer.weight
        values = (total > layer.threshold).astype(np.float64)
        steps.append(ThresholdStep(total, layer.threshold, values))
    return tuple(steps)


def xor_network() -> tuple[ThresholdLayer, ...]:
    """The exclusive or with thresholds 1.5 and 0.5.

    The middle layer hands on both inputs (threshold 0.5) and adds a unit that says "both" (weights 1 and 1, threshold
    1.5); the last unit takes inputs minus twice "both" (weights 1, -2, 1; threshold 0.5), as in Rumelhart, Hinton &
    Williams 1986, figure 2.
    """
    middle = ThresholdLayer(np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), np.array([0.5, 1.5, 0.5]))
    last = ThresholdLayer(np.array([[1.0], [-2.0], [1.0]]), np.array([0.5]))
    return middle, last


def convex_network(normals: Any, distances: Any) -> tuple[ThresholdLayer, ...]:
    """Says 1 inside the convex region of all x with ``normals @ x < distances``; normals (k, d), distances (k,).

    One unit for each half-space, and behind them a unit that says "all" (threshold k - 0.5). Raises `UnbendError` where
    there is not one distance for each normal.

    >>> square = convex_network([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, 1, 1])
    >>> run_threshold_network(square, [[0, 0], [0.9, -0.9], [2, 0]])[-1].output[:, 0].tolist()
    [1.0, 1.0, 0.0]
    """
    outward, limits = np.asarray(normals, np.float64), np.asarray(distances, np.float64)
    if outward.ndim != 2 or not len(outward) or limits.shape != outward.shape[:1]:
        raise UnbendError(
            f"convex_network needs normals (k, d) and a distance for each of them; normals has the shape "
            f"{outward.shape}, distances {limits.shape}"
        )
    count = len(outward)
    return ThresholdLayer(-outward.T, -limits), ThresholdLayer(np.ones((count, 1)), np.array([count - 0.5]))
