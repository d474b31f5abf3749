"""`warp` and `warp_film`: a recording's weights turned into spaces, one epoch or many with axes that stand still."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.geometry.crossings import winners
from unbend.geometry.curves import Curves, boundary_curves, zero_curves
from unbend.geometry.input_plane import Box
from unbend.geometry.limits import shared_limits, space_limits
from unbend.geometry.scores import class_scores
from unbend.geometry.space import Level, Space
from unbend.geometry.stage import Shape, Stage, readout_directions, shape_of, stage_for
from unbend.geometry.straight import StraightLine, straight_lines
from unbend.network import Network, Weights

if TYPE_CHECKING:
    from unbend.recording import Recording

Array = NDArray[np.float64]
LEVELS = 5


def warp(run: "Recording", epoch: int = -1, layer: int = -1) -> Space:
    """What the hidden layers up to ``layer`` (0 the first, -1 the last) do to space at ``epoch`` (-1 the last).

    Raises `UnbendError` for a layer that is not there or an epoch outside the recording.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(n=100), activation="tanh", epochs=2)
    >>> space = ub.warp(run)
    >>> space.points.shape, space.line.shape
    ((100, 2), (2, 2))
    """
    return warp_weights(run.network, run.weights(epoch), run.dataset, layer, kept_epoch(run, epoch))


def warp_weights(network: Network, weights: Weights, data: Dataset, layer: int = -1, epoch: int = 0) -> Space:
    """`warp` for weights that are in no recording; ``epoch`` is handed on.

    >>> from unbend.activations import activation
    >>> from unbend.data import xor
    >>> network = Network((2, 2, 1), (activation("relu"),), "sigmoid")
    >>> first = (np.ones((2, 2)), np.array([0.0, -1.0]))
    >>> space = warp_weights(network, (first, (np.array([[1.0], [-2.0]]), np.array([-0.5]))), xor())
    >>> space.points.tolist()
    [[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [2.0, 1.0]]
    """
    stage = stage_for(network, data, layer)
    shape = shape_of(stage, weights, epoch)
    return _space(stage, shape, space_limits(shape.points, shape.grid))


def warp_film(
    run: "Recording",
    layer: int = -1,
    epochs: "Iterable[int] | None" = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Space]:
    """A space for each of ``epochs`` (None: all that were kept), in one box and along axes that do not jitter.

    Wide layers are seen from the last epoch's view, turned only so far that the read-out direction stays in it.
    ``advance()`` is called for each space when it is ready.

    >>> import unbend as ub
    >>> run = ub.train(ub.data.curves(n=100), activation="tanh", epochs=2)
    >>> [space.epoch for space in warp_film(run)]
    [0, 1, 2]
    """
    shown = [kept_epoch(run, int(epoch)) for epoch in (run.epochs if epochs is None else epochs)]
    stage = stage_for(run.network, run.dataset, layer)
    reference = shape_of(stage, run.weights(-1), kept_epoch(run, -1)).projection
    shapes = {epoch: shape_of(stage, run.weights(epoch), epoch, reference) for epoch in dict.fromkeys(shown)}
    limits = shared_limits([space_limits(shape.points, shape.grid) for shape in shapes.values()])
    spaces: dict[int, Space] = {}
    for epoch, shape in shapes.items():
        spaces[epoch] = _space(stage, shape, limits)
        advance()
    return [spaces[epoch] for epoch in shown]


def kept_epoch(run: "Recording", epoch: int) -> int:
    """The epoch whose weights `Recording.weights` gives for ``epoch``."""
    run.weights(epoch)  # refuses an epoch that is not there
    return int(run.epochs[-1] if epoch == -1 else run.epochs[run.epochs <= epoch].max())


def _space(stage: Stage, shape: Shape, limits: Box) -> Space:
    rows, columns, _ = stage.corners.shape
    output = shape.seen(stage.corners.reshape(-1, 2))[-1]
    scores, field = (part.reshape(rows, columns, -1) for part in (output.pre_activation, output.activation))
    regression = stage.network.output == "identity"
    boundary = Curves((), ()) if regression else _boundary(stage, shape, scores)
    one_feature = stage.data.x.shape[1] == 1
    return Space(
        layer=stage.layer,
        epoch=shape.epoch,
        grid=shape.grid,
        points=shape.points,
        lines=() if regression else _lines(stage, shape, limits),
        boundary=boundary.curves,
        boundary_exact=boundary.exact,
        levels=_levels(stage, shape, limits, scores[..., 0]) if regression else (),
        field=field.astype(np.float32),
        fit=np.concatenate([stage.plane.inputs(stage.corners[0]), field[0]], axis=1) if one_feature else None,
        agreement=None if regression else _agreement(stage, shape),
        projection=shape.projection,
        limits=limits,
        input=stage.plane,
        stage=stage,
        shape=shape,
    )


def _boundary(stage: Stage, shape: Shape, scores: Array) -> Curves:
    return boundary_curves(shape.seen.scores, stage.plane.limits, class_scores(scores))


def _agreement(stage: Stage, shape: Shape) -> float:
    if stage.data.x.shape[1] <= 2:
        return 1.0
    in_slice = shape.seen.scores(stage.plane.points)
    return float((winners(in_slice) == winners(class_scores(shape.scores))).mean())


def _lines(stage: Stage, shape: Shape, limits: Box, level: float = 0.0) -> tuple[StraightLine, ...]:
    """The straight lines of the last hidden space, if the view shows them as they are."""
    weight, bias = shape.readout
    if not stage.is_last or not shape.projection.holds(readout_directions(weight)):
        return ()
    slopes = class_scores(shape.projection.axes @ weight)
    offsets = class_scores((shape.projection.center @ weight + bias - level)[None])[0]
    return straight_lines(slopes, offsets, limits)


def _levels(stage: Stage, shape: Shape, limits: Box, scores: Array) -> tuple[Level, ...]:
    """Levels of the prediction, evenly over the range of the target."""

    def score(places: Array) -> Array:
        return shape.seen(places)[-1].pre_activation[:, 0]

    def level(value: float) -> Level:
        curves = zero_curves(lambda places: score(places) - value, stage.plane.limits, scores - value).curves
        lines = _lines(stage, shape, limits, value)
        return Level(value, curves, lines[0].segment if lines else None)

    values = np.linspace(stage.data.y.min(), stage.data.y.max(), LEVELS + 2)[1:-1]
    return tuple(level(float(value)) for value in values)
