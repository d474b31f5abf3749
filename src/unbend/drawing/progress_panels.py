"""The two panels beside the spaces: loss and accuracy over the epochs, and what the units of each layer give out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from unbend.drawing import style
from unbend.drawing.panel import Panel, frame, together
from unbend.drawing.story import Array, Story
from unbend.drawing.words import Words, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

NOTE_HEIGHT = 0.13  # of a row of text, as a share of the panel


def history_panel(above: "Axes", below: "Axes", story: Story, words: Words) -> Panel:
    """Draw accuracy (or R²) in the axes ``above``, loss ``below``: the whole course pale, the past dark, now a dot."""
    course = story.course
    low = 0.0 if course.metric_name == "accuracy" else float(np.clip(np.nanmin(course.metric, initial=0.0), -1.0, 0.0))
    first = _line(
        above, story, course.metric, (low, 1.0 + 0.06 * (1.0 - low)), lambda value: metric_value(story, value)
    )
    second = _line(below, story, course.loss, (0.0, _ceiling(course.loss)), _loss_value)
    if story.course.metric_name == "accuracy":
        above.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    below.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    above.tick_params(labelbottom=False)
    above.set_title(words(story.course.metric_name))
    below.set_title(words("loss"))
    below.set_xlabel(words(f"{story.course.unit}s_axis"))
    return together([first, second])


def metric_value(story: Story, value: float) -> str:
    """Accuracy as a percentage, R² as a number."""
    if not np.isfinite(value):
        return "–"
    return percent(value) if story.course.metric_name == "accuracy" else f"{value:.3f}".replace("-", "−")


def _loss_value(value: float) -> str:
    return number(value) if np.isfinite(value) else "–"


def _ceiling(loss: Array) -> float:
    """The top of the loss axis: all of the course, unless it explodes on the way."""
    seen = loss[np.isfinite(loss)]
    if not len(seen) or not np.max(seen) > 0.0:
        return 1.0
    return 1.08 * float(min(np.max(seen), max(2.0 * seen[0], 1.2 * seen[-1], 1e-12)))


def _line(axes: "Axes", story: Story, values: Array, limits: tuple[float, float], say: Callable[[float], str]) -> Panel:
    known = np.isfinite(values)
    epochs, values = story.course.epochs[known], values[known]
    first, last = float(story.course.epochs[0]), float(story.course.last)
    frame(axes, (first, max(last, first + 1.0), *limits), ticks=3)
    axes.plot(epochs, values, color=style.GRID, linewidth=1.2)
    (past,) = axes.plot([], [], color=style.INK, linewidth=1.8)
    (now,) = axes.plot([], [], "o", color=style.INK, markersize=6.0, clip_on=False)
    value = axes.set_title("", loc="right")

    def show(index: int) -> None:
        seen = epochs <= story.moments[index].epoch
        past.set_data(epochs[seen], values[seen])
        now.set_data(epochs[seen][-1:], np.clip(values[seen][-1:], *limits))
        value.set_text(say(float(values[seen][-1])) if seen.any() else "")

    return Panel((past, now, value), show)


def layers_panel(axes: "Axes", story: Story, words: Words) -> Panel:
    """Draw one histogram a layer over a common axis of values, the first layer on top, with the share that is flat."""
    from matplotlib.collections import PolyCollection

    rows = len(story.band_names)
    frame(axes, (*story.band_range, -0.1, float(rows)), ticks=4)
    axes.set_yticks([])
    axes.set_title(words("layers_title"))
    axes.set_xlabel(words("layers_axis"))
    shapes = PolyCollection([], facecolors=style.soften(style.QUIET, 0.5), edgecolors=style.QUIET, linewidths=0.8)
    axes.add_collection(shapes, autolim=False)
    notes = [_row_note(axes, row, rows) for row in range(rows)]
    height = 1.0 - NOTE_HEIGHT * rows
    names = [words(key, index=index) for key, index in story.band_names]
    places = np.repeat(np.linspace(*story.band_range, len(story.moments[0].bands[0].counts) + 1), 2)

    def show(index: int) -> None:
        moment = story.moments[index]
        shapes.set_verts(
            [_outline(places, band.counts, rows - 1 - row, height) for row, band in enumerate(moment.bands)]
        )
        for note, name, band in zip(notes, names, moment.bands, strict=True):
            flat = "" if band.flat is None else " · " + words("flat", share=percent(band.flat, 0))
            note.set_text(name + flat)

    return Panel((shapes, *notes), show)


def _row_note(axes: "Axes", row: int, rows: int) -> "Text":
    axes.axhline(rows - 1 - row, color=style.GRID, linewidth=0.8)
    where = axes.get_yaxis_transform()
    return axes.text(0.98, rows - row - 0.04, "", transform=where, ha="right", va="top", fontsize=style.TICK)


def _outline(places: Array, counts: Array, base: int, height: float) -> Array:
    """The polygon of a histogram with its edges, each twice, at ``places``; it stands on ``base``."""
    heights = np.concatenate([[0.0], np.repeat(counts, 2), [0.0]])
    return np.column_stack([places, base + height * heights])
