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


def polygon_network(sides: int, apothem: float = 1.0) -> tuple[ThresholdLayer, ...]:
    """A unit for each side of a regular polygon around the origin, and a last unit that says "all of them".

    ``apothem``: the distance of the sides from the origin. Raises `UnbendError` for fewer than 3 sides.

    >>> steps = run_threshold_network(polygon_network(4), [[0.0, 0.0], [0.9, 0.9], [1.1, 0.0]])
    >>> steps[0].output.tolist(), steps[1].output[:, 0].tolist()
    ([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0]], [1.0, 1.0, 0.0])
    """
    if sides < 3:
        raise UnbendError(f"a polygon cannot have {sides} sides; give 3 or more")
    angle = 2.0 * np.pi * np.arange(sides) / sides
    inwards = ThresholdLayer(-np.stack([np.cos(angle), np.sin(angle)]), np.full(sides, -apothem))
    return inwards, ThresholdLayer(np.ones((sides, 1)), np.array([sides - 0.5]))


def best_apothem(sides: int) -> float:
    """How far from the centre the sides of a regular polygon lie when the area between it and the unit circle is least.

    Each side is then half inside the circle: cos(arctan(tan(pi / sides) / 2)). The area comes to pi^3 / (4 sides^2)
    for many sides (McClure & Vitale 1975).

    >>> round(best_apothem(4), 4), round(best_apothem(1000), 4)
    (0.8944, 1.0)
    """
    return float(np.cos(np.arctan(np.tan(np.pi / sides) / 2.0)))
