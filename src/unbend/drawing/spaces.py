"""The two panels that show space: the input with the curved boundary, a layer with bent grid and straight line."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.panel import NARROW, Panel, frame, joined, point_lines, set_points, size_of, together
from unbend.drawing.story import Array, Moment, Story
from unbend.drawing.words import Words, percent, shorten
from unbend.geometry import Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


def input_panel(axes: "Axes", story: Story, words: Words) -> Panel:
    """Draw the input space of ``story``: a plane, or for data with one feature the curve of the output."""
    frame(axes, story.input_box)
    axes.set_xlabel(input_names(story, words, _brief(axes))[0])
    axes.set_ylabel(input_names(story, words, _brief(axes, upright=True))[1])
    points = point_lines(axes, story, words)
    set_points(points, story.inputs, story.labels)
    if story.features == 1:
        return together([Panel(tuple(points), _nothing), _fit(axes, story)])
    panels = [
        _field(axes, story),
        Panel(tuple(points), _nothing),
        _curves(axes, story, _curved),
    ]
    if story.features > 2 and story.dataset.task != "regression":
        panels.append(_note(axes, story, lambda moment: _agreement(moment, words, _brief(axes))))
    return together(panels)


def input_names(story: Story, words: Words, brief: str = "") -> tuple[str, str]:
    """What the two axes of the input panel are called."""
    data = story.dataset
    if story.features > 2:
        shares = story.moments[0].space.input.projection.shares
        first, second = (
            words("view_axis" + brief, index=at + 1, share=percent(share, 0)) for at, share in enumerate(shares)
        )
        return first, second
    names = [shorten(name) if data.x_scale is None else _scaled(name, words) for name in data.feature_names]
    if story.features == 2:
        return names[0], names[1]
    if data.task == "regression":
        return names[0], shorten(data.target_name) if data.y_scale == 1.0 else _scaled(data.target_name, words)
    if data.task == "binary":
        return names[0], words("probability", name=shorten(data.class_names[-1]))
    return names[0], words("probabilities")


def _brief(axes: "Axes", upright: bool = False) -> str:
    """The ending of the keys of words for this panel: the short ones where it is narrow (for ``upright`` ones, low)."""
    width, height = size_of(axes)
    return "_short" if (height if upright else width) < NARROW else ""


def _scaled(name: str, words: Words) -> str:
    return words("standardised", name=shorten(name))


def _agreement(moment: Moment, words: Words, brief: str) -> str:
    return words("agrees" + brief, share=percent(moment.space.agreement or 0.0, 0))


def _curved(space: Space) -> tuple[Array, ...]:
    """The boundary in the input, or the curves of equal prediction."""
    return space.boundary + tuple(curve for level in space.levels for curve in level.curves)


def _straight(space: Space) -> tuple[Array, ...]:
    """What `_curved` shows, as straight as it is in the hidden space."""
    levels = tuple(level.segment for level in space.levels if level.segment is not None)
    return levels + tuple(line.segment for line in space.lines)


def _field(axes: "Axes", story: Story) -> Panel:
    left, right, bottom, top = story.input_box
    white = np.full((2, 2, 3), 255, dtype=np.uint8)
    image = axes.imshow(
        white, extent=(left, right, bottom, top), origin="lower", aspect="auto", interpolation="bilinear", zorder=0
    )

    def show(index: int) -> None:
        image.set_data(story.moments[index].colors)

    return Panel((image,), show)


def _curves(axes: "Axes", story: Story, curves: Callable[[Space], tuple[Array, ...]]) -> Panel:
    """The line between the classes, thick on a pale halo; or, for regression, thin lines of equal prediction."""
    regression = story.dataset.task == "regression"
    widths = (2.8, 1.1) if regression else (4.5, 2.2)
    (halo,) = axes.plot([], [], color=style.PAPER, linewidth=widths[0], alpha=0.8)
    (line,) = axes.plot([], [], color=style.BOUNDARY, linewidth=widths[1])

    def show(index: int) -> None:
        path = joined(curves(story.moments[index].space))
        halo.set_data(path[:, 0], path[:, 1])
        line.set_data(path[:, 0], path[:, 1])

    return Panel((halo, line), show)


def _fit(axes: "Axes", story: Story) -> Panel:
    outputs = 1 if story.dataset.task != "multiclass" else len(story.dataset.class_names)
    colors = [style.BOUNDARY] if outputs == 1 else [style.class_color(index) for index in range(outputs)]
    lines: list[Line2D] = [axes.plot([], [], color=color, linewidth=2.4)[0] for color in colors]

    def show(index: int) -> None:
        fit = story.moments[index].space.fit
        if fit is not None:
            for line, output in zip(lines, fit.T[1:], strict=True):
                line.set_data(fit[:, 0], output)

    return Panel(tuple(lines), show)


def hidden_panel(axes: "Axes", story: Story, words: Words) -> Panel:
    """Draw the last hidden space of ``story``: the grid of the input bent, the points, the straight line."""
    from matplotlib.collections import LineCollection

    frame(axes, story.hidden_box)
    across, up = hidden_names(story, words, _brief(axes))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if story.shown_width == 1:
        axes.set_yticks([])
    grid = LineCollection([], colors=style.GRID, linewidths=0.9)
    axes.add_collection(grid, autolim=False)
    points = point_lines(axes, story, words)

    def show(index: int) -> None:
        space = story.moments[index].space
        grid.set_segments(list(space.grid))
        set_points(points, space.points[story.drawn], story.labels)

    panels = [Panel((grid, *points), show), _curves(axes, story, _straight)]
    if story.shown_width > 2:
        panels.append(_note(axes, story, lambda moment: _shown(moment, words, _brief(axes))))
    return together(panels)


def hidden_names(story: Story, words: Words, brief: str = "") -> tuple[str, str]:
    """What the two axes of the hidden panel are called."""
    if not story.hidden_widths and story.features == 2:
        return input_names(story, words, brief)
    if not story.hidden_widths and story.features == 1:
        return shorten(story.dataset.feature_names[0]), ""
    if story.shown_width > 2:
        several = story.dataset.task == "multiclass"
        return (
            (words("direction", index=1), words("direction", index=2))
            if several
            else (words("readout"), words("beside"))
        )
    return words("unit", index=1), words("unit", index=2) if story.shown_width == 2 else ""


def _shown(moment: Moment, words: Words, brief: str) -> str:
    return words("shows" + brief, share=percent(moment.space.projection.variance_share, 0))


def _note(axes: "Axes", story: Story, say: Callable[[Moment], str]) -> Panel:
    box: dict[str, Any] = {"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 2.5}
    note = axes.text(0.985, 0.98, "", transform=axes.transAxes, ha="right", va="top", fontsize=style.LABEL, bbox=box)

    def show(index: int) -> None:
        note.set_text(say(story.moments[index]))

    return Panel((note,), show)


def _nothing(index: int) -> None:
    """Points of the input stay where they are."""
