"""`tell`: a run turned into a story. The only module of the room that asks recordings and geometry for anything."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.drawing.bands import bands, common_range, rows, values_of
from unbend.drawing.fields import class_colors, sign_colors
from unbend.drawing.groups import VALUE_GROUPS
from unbend.drawing.story import Course, Moment, Story
from unbend.geometry import Box, Space, warp_film
from unbend.recording.names import activations_name

if TYPE_CHECKING:
    from unbend.recording import Recording

Array = NDArray[np.float64]
MOST_POINTS = 4000


def tell(run: "Recording", epochs: Sequence[int], advance: Callable[[], None] = lambda: None) -> Story:
    """The story of ``run`` at ``epochs`` (-1: the last); where one was not kept, the last kept before it is shown.

    ``advance()`` is called for each of its spaces. Raises `UnbendError` for an epoch outside the recording.
    """
    spaces = warp_film(run, epochs=epochs, advance=advance)
    values = {space.epoch: values_of(run.network, run.forward(epoch=space.epoch)) for space in spaces}
    span = common_range(list(values.values()))
    moments = {
        space.epoch: Moment(space, bands(values[space.epoch], span), _colors(run.dataset, space)) for space in spaces
    }
    drawn = _drawn(len(run.dataset))
    inputs, box = _inputs(run.dataset, spaces)
    return Story(
        name=activations_name(run.network),
        shape="-".join(map(str, run.network.widths)),
        dataset=run.dataset,
        hidden_widths=run.network.widths[1:-1],
        moments=tuple(moments[space.epoch] for space in spaces),
        course=_course(run),
        drawn=drawn,
        labels=_labels(run.dataset)[drawn],
        inputs=inputs[drawn],
        input_box=box,
        band_names=rows(run.network),
        band_range=span,
    )


def _course(run: "Recording") -> Course:
    loss, metric = run.history["loss"], run.history[run.metric_name]
    epochs = run.epochs if len(loss) == len(run.epochs) else np.arange(len(loss))
    return Course(
        epochs=epochs.astype(np.float64),
        loss=np.where(np.isfinite(loss), loss, np.nan),
        metric=np.where(np.isfinite(metric), metric, np.nan),
        metric_name="r2" if run.metric_name == "r2" else "accuracy",
        diverged_at=run.diverged_at,
        last=int(epochs[-1]),
        unit=run.unit,
    )


def _drawn(count: int) -> NDArray[np.int64]:
    """The rows that appear as points: all, or evenly spaced ones of many."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(np.int64))


def _labels(data: Dataset) -> NDArray[np.int64]:
    """Classes; for regression, even ranges of the target."""
    if data.task != "regression":
        return data.y.astype(np.int64)
    low, high = float(data.y.min()), float(data.y.max())
    place = (data.y - low) / (high - low if high > low else 1.0)
    return np.minimum((VALUE_GROUPS * place).astype(np.int64), VALUE_GROUPS - 1)


def _colors(data: Dataset, space: Space) -> NDArray[np.uint8] | None:
    if space.fit is not None:
        return None
    field = space.field.astype(np.float64)
    if data.task == "multiclass":
        return class_colors(field)
    if data.task == "binary":
        return sign_colors(2.0 * field[..., 0] - 1.0)
    low, high = float(data.y.min()), float(data.y.max())
    return sign_colors((2.0 * field[..., 0] - low - high) / (high - low if high > low else 1.0))


def _inputs(data: Dataset, spaces: list[Space]) -> tuple[Array, Box]:
    """The points of the input panel and its box; with one feature, the upright axis is the output's."""
    plane = spaces[0].input
    if spaces[0].fit is None:
        return plane.points, plane.limits
    left, right = plane.limits[:2]
    if data.task == "regression":
        low, high = float(data.y.min()), float(data.y.max())
        room = 0.2 * (high - low) or 1.0
        return np.column_stack([data.x[:, 0], data.y]), (left, right, low - room, high + room)
    height = data.y if data.task == "binary" else np.full(len(data), -0.06)
    return np.column_stack([data.x[:, 0], height]), (left, right, -0.12, 1.12)
