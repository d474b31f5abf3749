"""Space on the move: the axes with grid, points, boundary and straight line, as the films and strips of a passage show
them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.panel import frame, joined, point_lines, set_points
from unbend.drawing.spaces import hidden_names, input_names
from unbend.drawing.story import Array, Story
from unbend.drawing.words import Words, percent
from unbend.geometry import Box
from unbend.geometry.morph import Passage

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

TURN = 0.05  # radians by which a polyline turns from one vertex that is kept to the next
FEW_POINTS = 400  # more are an image in still pictures that draw them several times
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scene:
    """The artists of one panel in space."""

    axes: "Axes"
    grid: "LineCollection"
    points: "tuple[Line2D, ...]"
    halo: "Line2D"
    line: "Line2D"

    @property
    def artists(self) -> "tuple[Artist, ...]":
        """In drawing order."""
        return (self.grid, *self.points, self.halo, self.line)

    def show(self, box: Box, grid: Sequence[Array], points: Array, labels: Labels, curves: Sequence[Array]) -> None:
        """Set everything; ``curves`` are thick black lines on a pale halo."""
        self.axes.set_xlim(box[0], box[1])
        self.axes.set_ylim(box[2], box[3])
        self.grid.set_segments(list(grid))
        set_points(list(self.points), points, labels)
        path = joined(tuple(curves))
        for artist in (self.halo, self.line):
            artist.set_data(path[:, 0], path[:, 1])


def scene(axes: "Axes", story: Story, words: Words, ticks: int = 5) -> Scene:
    """An empty scene on ``axes`` for the points of ``story``."""
    from matplotlib.collections import LineCollection

    frame(axes, (0.0, 1.0, 0.0, 1.0), ticks)
    grid = LineCollection([], colors=style.GRID, linewidths=0.9)
    axes.add_collection(grid, autolim=False)
    points = tuple(still_points(axes, story, words))
    (halo,) = axes.plot([], [], color=style.PAPER, linewidth=4.5, alpha=0.8)
    (line,) = axes.plot([], [], color=style.BOUNDARY, linewidth=2.2)
    return Scene(axes, grid, points, halo, line)


def still_points(axes: "Axes", story: Story, words: Words) -> "list[Line2D]":
    """The artists of the points, as an image in vector formats where there are many."""
    lines = point_lines(axes, story, words)
    for line in lines:
        line.set_rasterized(len(story.labels) > FEW_POINTS)
    return lines


def light(line: Array) -> Array:
    """A polyline (m, 2) without the vertices between which it hardly turns; a straight one keeps its ends.

    >>> light(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.0, 1.0]])).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]]
    """
    steps = np.diff(line, axis=0)
    length = np.hypot(*steps.T)
    heading = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    turn = np.where(np.minimum(length[1:], length[:-1]) > 1e-9 * length.sum(), np.abs(np.diff(heading)), 0.0)
    kept = np.diff(np.floor(np.concatenate([[0.0], np.cumsum(turn)]) / TURN + 1e-9)) > 0
    return line[np.concatenate([[True], kept, [True]])]


def axis_names(story: Story, words: Words, layer: int, step: str = "bend", brief: str = "") -> tuple[str, str]:
    """What the axes are called at a ``step`` of the passage through hidden ``layer``; -1 is the input."""
    if layer == -1:
        first, second = input_names(story, words, brief)
        return first, second if story.features > 1 else ""
    if step not in ("turn", "shift") and layer == len(story.hidden_widths) - 1:
        return hidden_names(story, words, brief)
    width = story.hidden_widths[layer]
    key = "direction" if width > 2 else "unit"
    return words(key, index=1), words(key, index=2) if width > 1 else ""


def view_note(way: Passage, width: int, step: str, words: Words, brief: str = "") -> str:
    """How much of a wide layer is seen at a ``step`` of the passage; nothing for one or two units."""
    if width <= 2:
        return ""
    return words("shows" + brief, share=percent(way.shares[step not in ("turn", "shift")], 0))
