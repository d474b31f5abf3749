"""Which measured differences between two arms are large enough to be told of."""

import numpy as np

from unbend.choosing.why import Diagnosis

# A difference below these is seen between arms that score alike; above, a reader would see it in a chart.
GRADIENT = 3.0  # times less even between first and last layer than the other arm's, and than 1
DEAD = 0.10  # of the units more: a layer that is a tenth narrower
SATURATED = 0.20  # of the slopes more, beyond those that a healthy signal finds flat
DIVERGED = 0.02  # of the networks more, each scored as the constant answer
BASIN = 0.5  # times the other's decades of good learning rates, at most
SLOW = 2.0  # times the other's epochs, or more
UNHEALTHY = 10.0, 0.25, 0.25, 0.02  # gradient, dead, saturated, diverged: by itself, whatever others do


def salient(own: Diagnosis, other: Diagnosis) -> tuple[str, ...]:
    """The measures by which ``own`` is notably worse than ``other``, by the names of the sentences on them.

    One that does not exist for either is never among them.
    """
    uneven, even = _unevenness(own), _unevenness(other)
    found = {
        "gradient": uneven >= np.log10(GRADIENT) + max(even, 0.0),
        "dead": own.dead[-1] - other.dead[-1] >= DEAD,
        "saturated": excess(own) - max(excess(other), 0.0) >= SATURATED,
        "diverged": own.failure_rate - other.failure_rate >= DIVERGED,
        "basin": own.basin < BASIN * other.basin and not own.basin_open,
        "epochs": own.epochs_to_90 >= SLOW * max(other.epochs_to_90, 1.0),
    }
    return tuple(name for name, large in found.items() if large)


def healthy(own: Diagnosis) -> bool:
    """Whether an arm's networks have nothing that would be called a fault by itself."""
    gradient, dead, saturated, diverged = UNHEALTHY
    faults = (
        _unevenness(own) >= np.log10(gradient), own.dead[-1] >= dead, excess(own) >= saturated,
        own.failure_rate >= diverged,
    )  # fmt: skip
    return not any(faults)


def excess(own: Diagnosis) -> float:
    """The share of flat slopes at the end, beyond that of a standard normal signal."""
    return float(own.saturated[-1]) - own.usually_flat


def _unevenness(own: Diagnosis) -> float:
    """|log10| of the gradient in the first layer over that in the last; NaN where there is no gradient."""
    ratio = own.gradient_ratio
    return abs(float(np.log10(ratio))) if ratio > 0 else float("nan")
