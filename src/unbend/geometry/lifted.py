"""A hidden space of three or more units with the cut between the classes laid level: what lies above it, what below."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.projection import view_of
from unbend.geometry.stage import hidden_values, shape_of, stage_for
from unbend.network import forward

if TYPE_CHECKING:
    from unbend.recording import Recording

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lifted:
    """The last hidden space in three orthonormal coordinates: across, along, and the height above the cut.

    ``points`` (n, 3) of the data, ``grid`` (lines, samples, 3) of the input plane, ``share`` of the points' variance
    that the three coordinates hold (1.0 for three units). Points of class 1 have heights above 0 where the network is
    right. ``axes`` (3, width) and ``center`` (width,): where the coordinates come from.
    """

    points: Array
    grid: Array
    share: float
    axes: Array
    center: Array

    def coordinates(self, values: Array) -> Array:
        """(n, 3) of values (n, width) of the last hidden layer."""
        return (values - self.center) @ self.axes.T


def lifted(run: "Recording", epoch: int = -1) -> Lifted:
    """The last hidden space of a binary classifier, turned so that the read-out direction points up.

    Raises `UnbendError` for another task, or a last hidden layer of fewer than three units.

    >>> import unbend as ub
    >>> lifted(ub.train(ub.data.ring(n=100), hidden=(3,), epochs=1)).points.shape
    (100, 3)
    """
    network = run.network
    if network.output != "sigmoid" or len(network.widths) < 3 or network.widths[-2] < 3:
        shape = "-".join(map(str, network.widths))
        raise UnbendError(f"lifted needs two classes and at least 3 units in the last hidden layer, not {shape}")
    stage = stage_for(network, run.dataset, -1)
    shape = shape_of(stage, run.weights(epoch), 0)
    values = hidden_values(forward(network, shape.weights, stage.data.x), stage.layer, stage.data.x)
    on_grid = hidden_values(shape.seen(stage.lines.reshape(-1, 2)), stage.layer, stage.data.x)
    weight, bias = shape.readout[0][:, 0], float(shape.readout[1][0])
    length = float(np.linalg.norm(weight)) or 1.0
    up, mean = weight / length, values.mean(axis=0)
    axes = np.concatenate([_main_directions(values - (values @ up)[:, None] * up, up), up[None]])
    center = mean - (mean @ weight + bias) / length * up
    seen, bent = ((places - center) @ axes.T for places in (values, on_grid))
    total = float(((values - mean) ** 2).sum())
    share = float(((seen - seen.mean(axis=0)) ** 2).sum()) / total if total > 0 else 1.0
    return Lifted(seen, bent.reshape(*stage.lines.shape[:2], 3), share, axes, center)


def _main_directions(points: Array, up: Array) -> Array:
    """(2, width) the two directions across ``up`` in which the points vary most."""
    first = view_of(points, up[:, None]).axes[1]
    rest = points - (points @ first)[:, None] * first
    centred = rest - rest.mean(axis=0)
    strongest = np.linalg.svd(centred, full_matrices=True)[2]
    second = next(row for row in strongest if abs(row @ up) < 1e-6 and abs(row @ first) < 1e-6)
    return np.stack([first, second])
