"""What stays the same while a network learns (the plane, its grid and raster), and the bent shape of one epoch on it.

A shape is known before its box: a film first bends the space of every epoch, then finds one box for all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.geometry.curves import RESOLUTION
from unbend.geometry.grid import SAMPLES, grid_lines, raster, single_line, torn
from unbend.geometry.input_plane import InputPlane, input_plane
from unbend.geometry.projection import Projection, view_of
from unbend.geometry.scores import PlaneNetwork, in_float64, jump_sides, plane_network
from unbend.network import Layer, Network, Weights, forward

Array = NDArray[np.float64]
_LARGEST = 1e100  # so that variances stay finite


@dataclass(frozen=True, eq=False)
class Stage:
    """The network, its data and the ``layer`` to look at; the input ``plane`` with its straight ``lines`` (m, samples,
    2) and the ``corners`` (rows, columns, 2) of its raster."""

    network: Network
    data: Dataset
    layer: int
    plane: InputPlane
    lines: Array
    corners: Array

    @property
    def is_last(self) -> bool:
        """Whether the scores are read out from this layer."""
        return self.layer == len(self.network.activations) - 1


@dataclass(frozen=True, eq=False)
class Shape:
    """One epoch: its ``weights`` in float64, the network ``seen`` through the plane, the ``readout`` (weight
    (width, out), bias (out,)), the ``scores`` (n, out) of the data, and the bent ``grid`` and ``points`` (n, 2) in a
    ``projection``."""

    epoch: int
    weights: Weights
    seen: PlaneNetwork
    readout: tuple[Array, Array]
    scores: Array
    projection: Projection
    points: Array
    grid: tuple[Array, ...]


def stage_for(network: Network, data: Dataset, layer: int) -> Stage:
    """The stage for hidden layer ``layer`` (0 the first, -1 the last; -1 is the input where none is hidden)."""
    hidden = len(network.activations)
    if layer != -1 and not -hidden <= layer < hidden:
        have = (
            f"choose one from 0 to {hidden - 1}, or -1 for the last" if hidden else "it has none, use -1 for the input"
        )
        raise UnbendError(
            f"layer {layer} is not a hidden layer of the network {'-'.join(map(str, network.widths))}; {have}"
        )
    plane = input_plane(data)
    one_feature = data.x.shape[1] == 1
    lines = single_line(plane.limits) if one_feature else grid_lines(plane.limits)
    columns, rows = (3 * SAMPLES, 2) if one_feature else (RESOLUTION, RESOLUTION)
    corners = raster(plane.limits, columns, rows)[2].reshape(rows, columns, 2)
    return Stage(network, data, layer + hidden if layer < 0 else layer, plane, lines, corners)


def shape_of(stage: Stage, weights: Weights, epoch: int, reference: Projection | None = None) -> Shape:
    """The space of ``weights`` on the stage, seen from as near to ``reference`` as can be."""
    weights = in_float64(weights)
    seen = plane_network(stage.network, weights, stage.plane)
    with np.errstate(over="ignore", invalid="ignore"):
        layers = forward(stage.network, weights, stage.data.x)
    values = hidden_values(layers, stage.layer, stage.data.x)
    directions = readout_directions(weights[-1][0]) if stage.is_last else np.zeros((values.shape[1], 1))
    projection = view_of(values, directions, reference)
    grid = _bent_grid(stage, seen, projection)
    return Shape(epoch, weights, seen, weights[-1], layers[-1].pre_activation, projection, projection(values), grid)


def hidden_values(layers: tuple[Layer, ...], layer: int, inputs: Array, before: bool = False) -> Array:
    """(n, width) the values of a layer (``before`` its activation), or the inputs for -1, without infinities."""
    values = inputs if layer == -1 else layers[layer].pre_activation if before else layers[layer].activation
    return np.clip(np.nan_to_num(values), -_LARGEST, _LARGEST)


def _bent_grid(stage: Stage, seen: PlaneNetwork, projection: Projection) -> tuple[Array, ...]:
    places = stage.lines.reshape(-1, 2)
    layers = seen(places)
    inputs = stage.plane.inputs(places) if stage.layer == -1 else places
    bent = projection(hidden_values(layers, stage.layer, inputs)).reshape(stage.lines.shape)
    sides = jump_sides(stage.network, layers[: stage.layer + 1])
    return tuple(bent) if sides is None else torn(bent, sides.reshape(*bent.shape[:2], -1))


def readout_directions(weight: Array) -> Array:
    """(width, k) the directions on which the scores ``values @ weight`` depend: differences, where there are several.

    >>> readout_directions(np.array([[1.0, 3.0]])).tolist()
    [[-1.0, 1.0]]
    """
    return weight if weight.shape[1] == 1 else weight - weight.mean(axis=1, keepdims=True)
