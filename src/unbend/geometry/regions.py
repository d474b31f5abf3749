"""How many flat pieces a network of piecewise linear units folds the plane into: counted, and how many there can be."""

from math import comb, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.activations.pieces import polynomial_degree
from unbend.errors import UnbendError
from unbend.geometry.input_plane import Box
from unbend.geometry.scores import in_float64, plane_network
from unbend.geometry.stage import stage_for
from unbend.network import Network

if TYPE_CHECKING:
    from unbend.recording import Recording

Integers = NDArray[np.int64]
POINTS = 401  # of the raster on each side
_OFF_X, _OFF_Y = np.sqrt(2.0) - 1.0, (np.sqrt(5.0) - 1.0) / 2.0


def linear_regions(run: "Recording", epoch: int = -1, points: int = POINTS) -> int:
    """The number of regions of the shown input plane, on each of which every hidden unit is on one piece of its
    activation, so that the network is affine there.

    Counted are the different patterns on a raster of ``points`` x ``points``: regions that slip through it are missed,
    so there may be more, never fewer. These are the activation regions of Hanin and Rolnick (2019); each is convex, and
    has an affine map of its own unless weights coincide. Raises `UnbendError` for activations that are not piecewise
    linear: a network of smooth units has no flat pieces to count.

    >>> import unbend as ub
    >>> cross = [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))]
    >>> run = ub.Recording.from_weights(ub.data.circles(), cross, activation="relu")
    >>> linear_regions(run), most_regions(run.network)
    (4, 4)
    """
    _refuse_smooth(run.network)
    if not 2 <= points <= 4000:
        raise UnbendError(f"linear_regions: points={points} is not possible; choose a number from 2 to 4000")
    stage = stage_for(run.network, run.dataset, -1)
    seen = plane_network(run.network, in_float64(run.weights(epoch)), stage.plane)
    rows = 2 if run.dataset.x.shape[1] == 1 else points
    patterns = np.zeros(points * rows, np.int64)
    patterns_seen = 1
    layers = seen(_raster(stage.plane.limits, points, rows))
    for layer, activation in zip(layers, run.network.activations, strict=False):
        for values in layer.pre_activation.T:
            piece = np.searchsorted(np.array(activation.kinks), values)
            if patterns_seen * (len(activation.kinks) + 1) > 2**62:
                patterns, patterns_seen = _renumbered(patterns)
            patterns = patterns * (len(activation.kinks) + 1) + piece
            patterns_seen *= len(activation.kinks) + 1
    return _renumbered(patterns)[1]


def most_regions(network: Network) -> int:
    """What `linear_regions` cannot exceed: the product over the layers of sum over j <= d of C(p n, j), for n units of
    p kinks each that see a space of dimension d.

    Zaslavsky (1975) for one layer, where units in general position reach it; Montúfar (2017) and Raghu et al. (2017)
    for several. It is never more than the (p + 1)^N of Montúfar et al. (2014) for N units in all where p = 1. Raises
    `UnbendError` for activations that are not piecewise linear.

    >>> from unbend.activations import activation
    >>> most_regions(Network((2, 4, 1), (activation("relu"),), "sigmoid"))
    11
    """
    _refuse_smooth(network)
    widths = (min(2, network.widths[0]), *network.widths[1:-1])
    dimensions = np.minimum.accumulate(widths).tolist()
    folds = [len(activation.kinks) * width for activation, width in zip(network.activations, widths[1:], strict=True)]
    return prod(sum(comb(count, j) for j in range(d + 1)) for count, d in zip(folds, dimensions[:-1], strict=True))


def _raster(limits: Box, columns: int, rows: int) -> NDArray[np.float64]:
    """A point in each cell of a box, off its middle, so that lines through the origin or along the axes miss it."""
    left, right, bottom, top = limits
    x = left + (right - left) * (np.arange(columns) + _OFF_X) / columns
    y = bottom + (top - bottom) * (np.arange(rows) + _OFF_Y) / rows
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _refuse_smooth(network: Network) -> None:
    for activation in network.activations:
        if polynomial_degree(activation.expression) > 1:
            raise UnbendError(
                f"{activation.name!r} is not piecewise linear, so the network has no linear regions to count; "
                "train with relu, leaky_relu, hard_tanh or the like, or use unit_lines to see where units bend"
            )


def _renumbered(patterns: Integers) -> tuple[Integers, int]:
    """The patterns as numbers from 0 on, and how many there are."""
    different, numbers = np.unique(patterns, return_inverse=True)
    return numbers.astype(np.int64), len(different)
