"""Fold lines: where in the input plane a hidden unit crosses a kink of its activation, so that space folds there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.scores import in_float64, plane_network
from unbend.geometry.stage import stage_for
from unbend.geometry.unit_lines import level_curves

if TYPE_CHECKING:
    from unbend.recording import Recording

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fold:
    """The ``curves`` (each (m, 2)) in the input plane on which ``unit`` of hidden ``layer`` is at the ``kink`` of its
    activation; layers and units count from 0."""

    layer: int
    unit: int
    kink: float
    curves: tuple[Array, ...]


def fold_lines(run: "Recording", epoch: int = -1) -> tuple[Fold, ...]:
    """The folds of every hidden unit whose activation has kinks, seen in `InputPlane`; smooth activations have none
    (see `unit_lines`).

    A ReLU network is affine between its folds (Montúfar et al. 2014). Units that never reach a kink are left out.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(n=100), activation="relu", epochs=2, seed=3)
    >>> [(fold.layer, fold.unit, fold.kink) for fold in fold_lines(run)]
    [(0, 0, 0.0), (0, 1, 0.0)]
    """
    stage = stage_for(run.network, run.dataset, -1)
    seen = plane_network(run.network, in_float64(run.weights(epoch)), stage.plane)
    on_corners = seen(stage.corners.reshape(-1, 2))
    folds = (
        Fold(layer, unit, kink, level_curves(stage, seen, layer, unit, kink, on_corners[layer].pre_activation[:, unit]))
        for layer, activation in enumerate(run.network.activations)
        for kink in activation.kinks
        for unit in range(run.network.widths[layer + 1])
    )
    return tuple(fold for fold in folds if fold.curves)
