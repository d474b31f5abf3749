"""The arrangement of several runs side by side: above the hidden space with the straight line, below the input space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.panel import Panel, place, together
from unbend.drawing.progress_panels import metric_value
from unbend.drawing.sheet import legend
from unbend.drawing.spaces import hidden_panel, input_panel
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, GAP = 104.0, 1256.0, 46.0
TOP, HEIGHT, BELOW = 102.0, 238.0, 378.0


@dataclass(frozen=True)
class Reached:
    """How often it works: ``count`` of ``seeds`` networks that differ only in their seed reach the metric ``target``."""

    count: int
    seeds: int
    target: float = 0.99


def columns(figure: "Figure", stories: Sequence[Story], words: Words, reached: Sequence[Reached] = ()) -> Panel:
    """Draw one column for each story on ``figure``; all stories have the same number of moments."""
    width = (RIGHT - LEFT - GAP * (len(stories) - 1)) / len(stories)
    panels: list[Panel] = [_clock(figure, stories, words)]
    for index, story in enumerate(stories):
        left = LEFT + index * (width + GAP)
        panels.append(_heading(figure, story, words, left, reached[index] if reached else None, width))
        panels.append(_column(figure, story, words, left, width, first=index == 0))
    for key, top in (("compare_hidden", TOP), ("compare_input", BELOW)):
        middle = 1.0 - (top + HEIGHT / 2) / 720
        figure.text(14 / 1280, middle, words(key), rotation=90, va="center", ha="left", multialignment="center")
    legend(figure, stories[0], words, left=LEFT, top=694)
    return together(panels)


def _column(figure: "Figure", story: Story, words: Words, left: float, width: float, first: bool) -> Panel:
    above, below = place(figure, left, TOP, width, HEIGHT), place(figure, left, BELOW, width, HEIGHT)
    panel = together([hidden_panel(above, story, words), input_panel(below, story, words)])
    for axes in (above, below):
        axes.locator_params(nbins=4)
        axes.set_ylabel("")
    if story.hidden_width <= 2:
        above.set_xlabel("")
    if not first:
        below.set_yticklabels([])
    return panel


def _heading(
    figure: "Figure", story: Story, words: Words, left: float, reached: Reached | None, width: float
) -> Panel:
    room = int(width / 11)
    figure.text(left / 1280, 1 - 34 / 720, shorten(story.name, room), fontsize=style.HEADER, va="center")
    if reached is not None:
        target = f"{100 * reached.target:g} %" if story.metric_name == "accuracy" else f"R² {reached.target:g}"
        text = words("seeds", reached=reached.count, seeds=reached.seeds, target=target)
        figure.text(left / 1280, 1 - 86 / 720, text, fontsize=style.LABEL, va="center", color=style.QUIET)
    now = figure.text(left / 1280, 1 - 63 / 720, "", fontsize=style.TITLE, va="center")

    def show(index: int) -> None:
        epoch = story.moments[index].epoch
        value = metric_value(story, float(story.metric[story.history_epochs <= epoch][-1]))
        gone = story.diverged_at is not None and epoch >= story.diverged_at
        text = words("diverged_short", epoch=story.diverged_at) if gone else ""
        now.set_text(text or words(f"{story.metric_name}_now", value=value))

    return Panel((now,), show)


def _clock(figure: "Figure", stories: Sequence[Story], words: Words) -> Panel:
    longest = max(stories, key=lambda story: float(story.history_epochs[-1]))
    last = int(longest.history_epochs[-1])
    now = figure.text(RIGHT / 1280, 1 - 694 / 720, "", fontsize=style.TITLE, va="center", ha="right")

    def show(index: int) -> None:
        now.set_text(words("epoch", epoch=longest.moments[index].epoch, epochs=last))

    return Panel((now,), show)
