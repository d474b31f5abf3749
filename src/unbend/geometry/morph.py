"""The passage through one layer as one motion, as it is seen: turn and stretch (W), shift (b), bend (f)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.grid import torn
from unbend.geometry.projection import Projection, view_of
from unbend.geometry.scores import jump_sides, jumps
from unbend.geometry.stage import Shape, Stage, hidden_values
from unbend.geometry.turning import Turning, facing, turning
from unbend.network import Layer, forward

if TYPE_CHECKING:
    from unbend.geometry.space import Space

Array = NDArray[np.float64]
Part = Literal["turn", "shift", "bend"]
PARTS: tuple[Part, ...] = ("turn", "shift", "bend")


@dataclass(frozen=True, eq=False)
class Morph:
    """A moment of the passage: ``part`` of it that is under way, and which ``share`` of that part is done.

    As seen in the plane: the ``points`` (n, 2), the ``grid`` (polylines (m, 2)), the ``curves`` (each (m, 2)) of the
    boundary between the classes (of equal predictions, for regression), carried along; and, at the very end of the last
    hidden layer, the straight ``lines`` (2, 2) on which they lie. ``over``: the sheet is turned over on the way, for
    the determinant of W is negative.
    """

    part: Part
    share: float
    points: Array
    grid: tuple[Array, ...]
    curves: tuple[Array, ...]
    lines: tuple[Array, ...]
    over: bool


@dataclass(frozen=True, eq=False)
class Carried:
    """Places that go through the layer: ``start`` (n, m) its input, centred; ``before`` (n, k) its pre-activation,
    ``after`` (n, k) its activation, and what is ``seen`` (n, 2) of that in the end."""

    start: Array
    before: Array
    after: Array
    seen: Array


@dataclass(frozen=True, eq=False)
class Passage:
    """Everything about the passage through one layer that does not depend on the moment; ``at`` gives a `Morph`.

    ``way`` of what is seen while W turns and stretches, ``shift`` (2,) of b, and ``swing``: while the activation bends,
    the eye turns from where it looks straight at the sheet to the view of the space, whose ``center`` (k,) then is in
    the middle (two units and fewer are always seen as they are). ``shares`` of the points' variance that are seen
    before the bend and behind it. ``sides``: for the grid (lines, samples, units), on which side of jumps it is in the
    layers before, and behind.
    """

    way: Turning
    shift: Array
    swing: Turning
    center: Array
    shares: tuple[float, float]
    points: Carried
    grid: Carried
    curves: tuple[Carried, ...]
    lines: tuple[Array, ...]
    samples: tuple[int, int]
    sides: tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]

    def at(self, part: Part, share: float) -> Morph:
        """The moment when ``share`` (0 to 1) of ``part`` is done; the turn takes its first half, the stretch the rest.

        >>> import unbend as ub
        >>> space = ub.warp(ub.train(ub.data.curves(n=100), epochs=2))
        >>> passage_of(space).at("shift", 0.5).part
        'shift'
        """
        lines = self._seen(self.grid, part, share).reshape(*self.samples, 2)
        sides = self.sides[part == "bend"]
        return Morph(
            part=part,
            share=share,
            points=self._seen(self.points, part, share),
            grid=tuple(lines) if sides is None else torn(lines, sides),
            curves=tuple(self._seen(curve, part, share) for curve in self.curves),
            lines=self.lines if (part, share) == ("bend", 1.0) else (),
            over=self.way.over,
        )

    def _seen(self, carried: Carried, part: Part, share: float) -> Array:
        if part == "bend":
            if share == 1.0:
                return carried.seen
            mixed = (1.0 - share) * carried.before + share * (carried.after - self.center)
            return mixed @ self.swing.turned(share)[:, : mixed.shape[1]].T
        if part == "shift":
            return self._seen(carried, "bend", 0.0) - (1.0 - share) * self.shift
        turned = self.way.turned(2 * share) if share < 0.5 else self.way.stretched(2 * share - 1)
        return carried.start @ turned.T


def morph(space: "Space", t: float) -> Morph:
    """The passage through the space's layer at moment ``t``: 0 its input, 1 its output, a third for each part.

    Raises `UnbendError` for a moment outside [0, 1] and for a space without a layer.
    """
    if not 0.0 <= t <= 1.0:
        raise UnbendError(f"morph: t={t} is not a moment of the passage; choose a number from 0 to 1")
    part = min(int(3 * t), 2)
    return passage_of(space).at(PARTS[part], float(3 * t - part))


def passage_of(space: "Space") -> Passage:
    """What `morph` needs to know, once for all moments."""
    stage, shape = space.stage, space.shape
    if stage.layer == -1:
        raise UnbendError("morph: the network has no hidden layer, so there is no passage through one")
    weight, bias = shape.weights[stage.layer]
    with np.errstate(over="ignore", invalid="ignore"):
        layers = forward(stage.network, shape.weights, stage.data.x)
    inputs = hidden_values(layers, stage.layer - 1, stage.data.x)
    view, output = _input_view(stage, inputs), space.projection
    start, aim = _at_least_two_wide(view.axes), _at_least_two_wide(output.axes)
    front = facing(weight.T @ start.T, aim) if weight.shape[1] > 2 and weight.shape[0] > 1 else aim
    seen_map = front[:, : weight.shape[1]] @ weight.T
    on_grid = shape.seen(stage.lines.reshape(-1, 2))
    return Passage(
        way=turning(start, _padded(seen_map)),
        shift=seen_map @ view.center + front[:, : weight.shape[1]] @ bias,
        swing=turning(front, aim),
        center=output.center,
        shares=(_share(front[:, : weight.shape[1]], layers[stage.layer].pre_activation), output.variance_share),
        points=_carried(stage, view, output, layers, inputs),
        grid=_from_plane(stage, shape, view, output, stage.lines.reshape(-1, 2)),
        curves=tuple(_from_plane(stage, shape, view, output, curve) for curve in _curves(space)),
        lines=space.straight,
        samples=(stage.lines.shape[0], stage.lines.shape[1]),
        sides=(_sides(stage, on_grid[: stage.layer]), _sides(stage, on_grid[: stage.layer + 1])),
    )


def _input_view(stage: Stage, inputs: Array) -> Projection:
    """How the layer's input is seen: as the input plane, or as `warp` shows the layer before."""
    return stage.plane.projection if stage.layer == 0 else view_of(inputs, np.zeros((inputs.shape[1], 1)))


def _at_least_two_wide(axes: Array) -> Array:
    """Axes (2, m); for a space of one dimension a second one is added, in which nothing lies."""
    return np.eye(2) if axes.shape[1] == 1 else axes


def _share(axes: Array, values: Array) -> float:
    """The share of the variance of ``values`` (n, k) along the ``axes`` (2, k)."""
    centred = values - values.mean(axis=0)
    total = float((centred**2).sum())
    share = float(((centred @ axes.T) ** 2).sum()) / total if 0 < total < np.inf else 1.0
    return 1.0 if share > 1.0 - 1e-9 else share  # a sheet is seen whole


def _padded(values: Array) -> Array:
    return values if values.shape[1] > 1 else np.column_stack([values, np.zeros(len(values))])


def _from_plane(stage: Stage, shape: Shape, view: Projection, output: Projection, places: Array) -> Carried:
    layers = shape.seen(places)
    inputs = stage.plane.inputs(places) if stage.layer == 0 else hidden_values(layers, stage.layer - 1, places)
    return _carried(stage, view, output, layers, inputs)


def _carried(stage: Stage, view: Projection, output: Projection, layers: tuple[Layer, ...], inputs: Array) -> Carried:
    before, after = (hidden_values(layers, stage.layer, inputs, before=before) for before in (True, False))
    return Carried(_padded(inputs - view.center), before, after, output(after))


def _curves(space: "Space") -> tuple[Array, ...]:
    """The boundary in the input plane, or the curves of equal prediction; without what lies on a jump, for such places
    have two images."""
    passed = space.stage.network.activations[: space.layer + 1]
    sharp = any(jumps(activation) for activation in passed)
    pairs = zip(space.boundary, space.boundary_exact, strict=True)
    exact = (curve for curve, at in pairs if not sharp or bool(at.all()))
    return (*exact, *(curve for level in space.levels for curve in level.curves))


def _sides(stage: Stage, layers: tuple[Layer, ...]) -> NDArray[np.bool_] | None:
    sides = jump_sides(stage.network, layers)
    return None if sides is None else sides.reshape(*stage.lines.shape[:2], -1)
