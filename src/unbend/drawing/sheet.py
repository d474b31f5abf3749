"""The arrangement of four panels on one sheet: a header, two spaces, two panels beside them, a legend."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.legend import legend
from unbend.drawing.often import Reached, reached_text
from unbend.drawing.panel import Panel, at, place, together
from unbend.drawing.progress_panels import history_panel, layers_panel, metric_value
from unbend.drawing.spaces import hidden_panel, input_panel
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT = 68.0, 1252.0


def four_panels(figure: "Figure", story: Story, words: Words, reached: Sequence[Reached] = ()) -> Panel:
    """Draw everything about one run on ``figure``; the panel that comes back shows any of its moments.

    ``reached``: nothing, or how often networks like this one reach a target.
    """
    inputs, hidden = place(figure, LEFT, 112, 412, 462), place(figure, 552, 112, 412, 462)
    above, below = place(figure, 1040, 112, 212, 80), place(figure, 1040, 232, 212, 80)
    layers = place(figure, 1040, 394, 212, 180)
    inputs.set_title(words(input_title(story)))
    hidden.set_title(words(hidden_title(story), layer=len(story.hidden_widths)))
    panels = [
        header(figure, story, words),
        input_panel(inputs, story, words),
        hidden_panel(hidden, story, words),
        history_panel(above, below, story, words),
        layers_panel(layers, story, words),
    ]
    for one in reached:
        text = reached_text(one, words, story.course.metric_name)
        figure.text(*at(LEFT, 69), text, fontsize=style.LABEL, va="center", color=style.QUIET)
    _notes(figure, story, words)
    legend(figure, story, words, LEFT, RIGHT, 678)
    return together(panels)


def header(figure: "Figure", story: Story, words: Words) -> Panel:
    """The line above: what was trained at the left; the epoch and how good it is by then at the right."""
    name = words("linear") if not story.hidden_widths else shorten(story.name, 36)
    title = f"{name}   {shorten(story.shape, 24)}   {shorten(story.dataset.name, 24)}"
    figure.text(*at(LEFT, 38), title, fontsize=style.HEADER, va="center")
    if story.course.diverged_at is not None:
        text = words(f"diverged_{story.course.unit}", epoch=story.course.diverged_at)
        figure.text(*at(RIGHT, 69), text, fontsize=style.LABEL, va="center", ha="right", color=style.GRADIENT)
    now = figure.text(*at(RIGHT, 38), "", fontsize=style.HEADER, va="center", ha="right")

    def show(index: int) -> None:
        epoch = story.moments[index].epoch
        metric = words(f"{story.course.metric_name}_now", value=metric_value(story, story.course.metric_at(epoch)))
        when = words(story.course.unit, epoch=epoch, epochs=story.course.last) + "   " if story.course.last else ""
        now.set_text(when + metric)

    return Panel((now,), show)


def input_title(story: Story) -> str:
    """The key of what is seen in the input panel."""
    if story.features == 1:
        return "input_fit" if story.dataset.task == "regression" else "input_probability"
    if story.features > 2:
        return "input_slice"
    if story.dataset.task == "regression":
        return "input_levels"
    if not story.hidden_widths:
        return "input_straight"
    lines = len(story.moments[-1].space.lines)
    return ("input_curved", "input_title", "input_lines")[min(lines, 2)]


def hidden_title(story: Story) -> str:
    """The key of what is seen in the hidden panel."""
    space = story.moments[-1].space
    if not story.hidden_widths:
        return "hidden_none"
    if any(level.segment is not None for level in space.levels):
        return "hidden_levels" if story.features > 1 else "hidden_grid"
    if not space.lines:
        return "hidden_grid"
    return "hidden_title" if len(space.lines) == 1 else "hidden_lines"


def _notes(figure: "Figure", story: Story, words: Words) -> None:
    """Below the panels, small: what flat means, and whether some points are left out."""
    if story.hidden_widths:
        figure.text(
            *at(RIGHT, 640), words("flat_note"), fontsize=style.TICK, color=style.QUIET, va="center", ha="right"
        )
    if len(story.drawn) < len(story.dataset):
        text = words("some_points", shown=len(story.drawn), all=len(story.dataset))
        figure.text(*at(LEFT, 640), text, fontsize=style.TICK, color=style.QUIET, va="center")
