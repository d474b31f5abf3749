"""Where each hidden unit bends the input plane: at kinks of its activation or, if that is smooth, where it is steep."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation
from unbend.activations.steep import steep_zones
from unbend.geometry.curves import zero_curves
from unbend.geometry.scores import PlaneNetwork, in_float64, plane_network
from unbend.geometry.stage import Stage, stage_for

if TYPE_CHECKING:
    from unbend.recording import Recording

Array = NDArray[np.float64]
Kind = Literal["kink", "steep", "straight"]


@dataclass(frozen=True, eq=False)
class UnitLines:
    """How ``unit`` of hidden ``layer`` (both from 0) bends the part of the input plane that a picture shows.

    ``kind`` "kink": ``lines`` are the folds, on which the unit is at a kink of its activation. "steep": ``lines`` are
    the middles of its steep zones and ``edges`` where these begin and end (`unbend.activations.steep`). "straight": the
    activation bends nothing. All are curves (m, 2) in `InputPlane`, straight in the first layer.
    """

    layer: int
    unit: int
    kind: Kind
    lines: tuple[Array, ...]
    edges: tuple[Array, ...]

    @property
    def inside(self) -> bool:
        """Whether the unit bends anything inside the picture."""
        return bool(self.lines or self.edges)


def unit_lines(run: "Recording", epoch: int = -1) -> tuple[UnitLines, ...]:
    """The lines of every hidden unit, layer by layer; those that do not meet the picture have no curves.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(n=100), activation="tanh", epochs=2)
    >>> [(unit.layer, unit.unit, unit.kind, len(unit.lines)) for unit in unit_lines(run)]
    [(0, 0, 'steep', 1), (0, 1, 'steep', 1)]
    """
    stage = stage_for(run.network, run.dataset, -1)
    seen = plane_network(run.network, in_float64(run.weights(epoch)), stage.plane)
    on_corners = seen(stage.corners.reshape(-1, 2))
    return tuple(
        _unit(stage, seen, layer, unit, activation, on_corners[layer].pre_activation[:, unit])
        for layer, activation in enumerate(run.network.activations)
        for unit in range(run.network.widths[layer + 1])
    )


def bending_units(lines: tuple[UnitLines, ...]) -> tuple[int, int]:
    """How many of the units bend something inside the picture, and how many there are.

    >>> bending_units((UnitLines(0, 0, "kink", (np.zeros((2, 2)),), ()), UnitLines(0, 1, "kink", (), ())))
    (1, 2)
    """
    return sum(unit.inside for unit in lines), len(lines)


def _unit(stage: Stage, seen: PlaneNetwork, layer: int, unit: int, activation: Activation, values: Array) -> UnitLines:
    def curves(levels: tuple[float, ...]) -> tuple[Array, ...]:
        low, high = np.nanmin(values), np.nanmax(values)
        met = [level for level in levels if low <= level <= high]
        return tuple(curve for level in met for curve in level_curves(stage, seen, layer, unit, level, values))

    if activation.kinks:
        return UnitLines(layer, unit, "kink", curves(activation.kinks), ())
    zones = [zone for zone in steep_zones(activation) if zone.middle is not None]
    middles = tuple(zone.middle for zone in zones if zone.middle is not None)
    edges = tuple(edge for zone in zones for edge in zone.edges if edge != zone.middle)
    return UnitLines(layer, unit, "steep" if zones else "straight", curves(middles), curves(edges))


def level_curves(
    stage: Stage, seen: PlaneNetwork, layer: int, unit: int, level: float, values: Array
) -> tuple[Array, ...]:
    """The curves (m, 2) on which the pre-activation of a unit is ``level``; ``values`` are those on the corners."""

    def beyond(places: Array) -> Array:
        return seen(places)[layer].pre_activation[:, unit] - level

    return zero_curves(beyond, stage.plane.limits, (values - level).reshape(stage.corners.shape[:2])).curves
