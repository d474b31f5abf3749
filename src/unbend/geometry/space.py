"""The central type of this room: what the layers up to one of them do to space at one epoch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.input_plane import Box, InputPlane
from unbend.geometry.morph import Morph, morph
from unbend.geometry.projection import Projection
from unbend.geometry.stage import Shape, Stage
from unbend.geometry.straight import StraightLine

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Level:
    """The places where a regression network predicts ``value``: ``curves`` (each (m, 2)) in the input plane, and a
    straight ``segment`` (2, 2) in the space, or None where it is not seen there."""

    value: float
    curves: tuple[Array, ...]
    segment: Array | None


@dataclass(frozen=True, eq=False)
class Space:
    """What the layers up to ``layer`` do to space at ``epoch``.

    ``layer`` counts as in `unbend.network.forward`: 0 is the first hidden layer; -1 stands for the input itself, where
    a network has no hidden layer. In the space, seen through ``projection`` inside ``limits`` (left, right, bottom,
    top): the input's ``grid`` (polylines (m, 2)) bent by the layers, the data ``points`` (n, 2), and the straight
    ``lines`` that part the classes (empty except in the last hidden space, and where they are not exact in the view).

    In the plane of the ``input``: the ``boundary`` (curves (m, 2)), which is those lines pulled back. Each vertex
    has |score| <= 1e-6 (several classes: a difference as small between the two largest scores), save where
    ``boundary_exact`` (one (m,) per curve) is False, because the score jumps there. ``field`` (rows, columns, out),
    float32, is the network's output (probabilities, or values) at the corners of a raster over ``input.limits``, its
    first row at the bottom. For regression there are ``levels`` instead of a boundary; for one feature, ``fit``
    (m, 1 + out) is the curve: the feature, then the outputs. ``agreement`` is the share of the points that get the
    same class where the input plane shows them as they really get (1.0 if the plane is the whole input; None for
    regression): how far the picture of a slice can be trusted. ``stage`` and ``shape`` are what this was computed from.
    """

    layer: int
    epoch: int
    grid: tuple[Array, ...]
    points: Array
    lines: tuple[StraightLine, ...]
    boundary: tuple[Array, ...]
    boundary_exact: tuple[NDArray[np.bool_], ...]
    levels: tuple[Level, ...]
    field: NDArray[np.float32]
    fit: Array | None
    agreement: float | None
    projection: Projection
    limits: Box
    input: InputPlane
    stage: Stage
    shape: Shape

    def morph(self, t: float) -> Morph:
        """The continuous passage through this layer: at ``t`` = 0 its input, at 1 its output, which is what this space
        shows; between them W turns and stretches, b shifts, the activation bends. See `unbend.geometry.morph`.

        >>> import unbend as ub
        >>> space = ub.warp(ub.train(ub.data.curves(n=100), epochs=2))
        >>> [space.morph(t).part for t in (0.0, 0.5, 1.0)]
        ['turn', 'shift', 'bend']
        """
        return morph(self, t)

    @property
    def straight(self) -> tuple[Array, ...]:
        """The straight lines (2, 2) of this space: between the classes, or of equal predictions."""
        levels = tuple(level.segment for level in self.levels if level.segment is not None)
        return levels + tuple(line.segment for line in self.lines)

    @property
    def line(self) -> Array | None:
        """The one straight line (2, 2) that parts the classes in this space, or None where there is not just one."""
        return self.lines[0].segment if len(self.lines) == 1 else None
