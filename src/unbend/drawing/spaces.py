"""The two panels that show space: the input with the curved boundary, a hidden layer with the bent grid and the straight line."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.panel import Panel, frame, joined, point_lines, set_points
from unbend.drawing.story import Moment, Story
from unbend.drawing.words import Words, percent, shorten

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def input_panel(axes: "Axes", story: Story, words: Words) -> Panel:
    """Draw the input space of ``story``: a plane, or for data with one feature the curve of the output."""
    frame(axes, story.input_box)
    _input_labels(axes, story, words)
    return _fit(axes, story, words) if story.line_x is not None else _plane(axes, story, words)


def _input_labels(axes: "Axes", story: Story, words: Words) -> None:
    names = [shorten(name) for name in story.input_names]
    if story.input_shares is not None:
        shares = [percent(share, 0) for share in story.input_shares]
        names = [words("view_axis", index=index + 1, share=share) for index, share in enumerate(shares)]
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])


def _plane(axes: "Axes", story: Story, words: Words) -> Panel:
    left, right, bottom, top = story.input_box
    white = np.full((2, 2, 3), 255, dtype=np.uint8)
    image = axes.imshow(
        white, extent=(left, right, bottom, top), origin="lower", aspect="auto", interpolation="bilinear", zorder=0
    )
    points = point_lines(axes, story, words)
    set_points(points, story.inputs, story.labels)
    (halo,) = axes.plot([], [], color=style.PAPER, linewidth=4.5, alpha=0.8)
    (boundary,) = axes.plot([], [], color=style.BOUNDARY, linewidth=2.2)

    def show(index: int) -> None:
        moment = story.moments[index]
        if moment.colors is not None:
            image.set_data(moment.colors)
        curves = joined(moment.boundary)
        halo.set_data(curves[:, 0], curves[:, 1])
        boundary.set_data(curves[:, 0], curves[:, 1])

    return Panel((image, *points, halo, boundary), show)


def _fit(axes: "Axes", story: Story, words: Words) -> Panel:
    points = point_lines(axes, story, words)
    set_points(points, story.inputs, story.labels)
    outputs = story.moments[0].outputs
    width = 1 if outputs is None else outputs.shape[1]
    colors = [style.BOUNDARY] if width == 1 else [style.class_color(index) for index in range(width)]
    lines = [axes.plot([], [], color=color, linewidth=2.4)[0] for color in colors]

    def show(index: int) -> None:
        moment = story.moments[index]
        if moment.outputs is not None and story.line_x is not None:
            for line, output in zip(lines, moment.outputs.T, strict=True):
                line.set_data(story.line_x, output)

    return Panel((*points, *lines), show)


def hidden_panel(axes: "Axes", story: Story, words: Words) -> Panel:
    """Draw the hidden space of ``story``: the grid of the input bent by the layers, the points, the straight line."""
    from matplotlib.collections import LineCollection

    frame(axes, story.hidden_box)
    _hidden_labels(axes, story, words)
    grid = LineCollection([], colors=style.GRID, linewidths=0.9)
    axes.add_collection(grid, autolim=False)
    points = point_lines(axes, story, words)
    (halo,) = axes.plot([], [], color=style.PAPER, linewidth=4.5, alpha=0.8)
    (line,) = axes.plot([], [], color=style.BOUNDARY, linewidth=2.2)
    note = _share_note(axes, story)
    artists: tuple[Artist, ...] = (grid, *points, halo, line, *([note] if note else []))

    def show(index: int) -> None:
        moment = story.moments[index]
        grid.set_segments(list(moment.grid))
        set_points(points, moment.points, story.labels)
        straight = joined(moment.lines)
        halo.set_data(straight[:, 0], straight[:, 1])
        line.set_data(straight[:, 0], straight[:, 1])
        if note is not None:
            note.set_text(words("shows", share=percent(moment.share, 0)))

    return Panel(artists, show)


def _hidden_labels(axes: "Axes", story: Story, words: Words) -> None:
    if story.hidden_width <= 2:
        axes.set_xlabel(words("unit", index=1))
        axes.set_ylabel(words("unit", index=2) if story.hidden_width == 2 else "")
    else:
        axes.set_xlabel(words("readout"))


def _share_note(axes: "Axes", story: Story) -> Any:
    if story.hidden_width <= 2:
        return None
    box = {"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 2.5}
    return axes.text(
        0.985, 0.98, "", transform=axes.transAxes, ha="right", va="top", fontsize=style.LABEL, color=style.INK, bbox=box
    )
