"""One function on the whole real line: where its pieces join, how smoothly, and a fine sample of value and gradient.

The sample is dense near 0 (128 places per unit up to |z| = 12) and geometric beyond, up to |z| = 1e16. What happens
between two places of it is not seen, except at the joints of pieces, which are found exactly.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.activations.kinks import MOST_KINKS, remains, switch_places, value_jumps
from unbend.properties.series import taylor

Floats = NDArray[np.float64]
NEAR, PER_UNIT, FARTHEST = 12.0, 128, 16
HIGHEST_ORDER = 5  # derivatives that are looked at for a jump
GAP = 1e-9  # relative distance from a joint to the places beside it


@dataclass(frozen=True, eq=False)
class Line:
    """A sampled function: joints (m,) with the derivative that jumps there (0: the value), and places z (n,) with value
    and gradient. Places where either is not finite are left out, and all ``switches`` (where a branch of the formula
    changes, at a joint or not): the gradient there is a convention."""

    activation: Activation
    switches: Floats
    joints: Floats
    jumping: tuple[int, ...]
    z: Floats
    value: Floats
    gradient: Floats
    gaps: Floats  # places without a number that lie next to one that has it

    @property
    def pieces(self) -> list[tuple[float, float]]:
        """The intervals between joints, from -inf to inf."""
        return list(pairwise([-np.inf, *self.joints.tolist(), np.inf]))

    def inside(self, piece: tuple[float, float]) -> NDArray[np.bool_]:
        """Which places lie in a piece."""
        return (self.z > piece[0]) & (self.z < piece[1])


def draw_line(activation: Activation) -> Line:
    """The sample of one activation.

    >>> from unbend.activations import activation
    >>> line = draw_line(activation("where(x > 1, 2*x - 1, max(x, 0)**2)"))
    >>> line.joints.tolist(), line.jumping
    ([0.0, 1.0], (2, 2))
    """
    switches = switch_places(activation.expression)
    switches = np.sort(switches[np.argsort(np.abs(switches), kind="stable")][:MOST_KINKS])
    joints, jumping = _joints(activation, switches)
    z = _places(switches)
    value, gradient = activation(z), activation.gradient(z)
    there = np.isfinite(value) & np.isfinite(gradient)
    gaps = _gaps(z, value, gradient)
    return Line(activation, switches, joints, jumping, z[there], value[there], gradient[there], gaps)


def _joints(activation: Activation, candidates: Floats) -> tuple[Floats, tuple[int, ...]]:
    """Where some derivative jumps, and which is the first that does."""
    if not len(candidates):
        return candidates, ()
    first = np.full(len(candidates), -1)
    first[value_jumps(activation.expression, candidates)] = 0
    beside = [_beside(activation, candidates, distance) for distance in (1e-5, 1e-7)]
    for order in range(HIGHEST_ORDER, -1, -1):
        (far_left, far_right), (left, right) = ((low[order], high[order]) for low, high in beside)
        jumps = remains(far_left, far_right, left, right)
        first = np.where(jumps & (first != 0), order, first)
    real = first >= 0
    return candidates[real], tuple(int(order) for order in first[real])


def _beside(activation: Activation, at: Floats, distance: float) -> tuple[Floats, Floats]:
    step = distance * np.maximum(1.0, np.abs(at))
    left, right = (taylor(activation.expression, at + side * step, HIGHEST_ORDER) for side in (-1, 1))
    return left, right


def _places(switches: Floats) -> Floats:
    near = np.linspace(-NEAR, NEAR, round(2 * NEAR * PER_UNIT) + 1)
    far = np.geomspace(NEAR, 10.0**FARTHEST, 40 * FARTHEST)[1:]
    gap = GAP * np.maximum(1.0, np.abs(switches))
    z = np.unique(np.concatenate([-far, near, far, switches - gap, switches + gap]))
    return z[~np.isin(z, switches)]


def _gaps(z: Floats, value: Floats, gradient: Floats) -> Floats:
    """The edges of what has no number near 0; far out a formula may merely outgrow the numbers."""
    missing = ~(np.isfinite(value) & np.isfinite(gradient))
    beside = np.zeros(len(z), bool)
    beside[:-1] |= ~missing[1:]
    beside[1:] |= ~missing[:-1]
    return z[missing & beside & (np.abs(z) < NEAR)]
