"""The arrangement of several runs side by side: hidden spaces with straight lines above, input spaces below."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.legend import legend
from unbend.drawing.often import Reached, reached_text
from unbend.drawing.panel import NARROW, Panel, at, place, together
from unbend.drawing.progress_panels import metric_value
from unbend.drawing.spaces import hidden_panel, input_panel
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEFT, RIGHT, GAP = 126.0, 1256.0, 46.0
TOP, HEIGHT, BELOW = 100.0, 224.0, 384.0
CLOCK = 170.0  # pixels at the right of the lowest line for "epoch 150 of 150"
HEADER_LETTER = 12.5  # pixels of a letter in the headings


def columns(figure: "Figure", stories: Sequence[Story], words: Words, reached: Sequence[Reached] = ()) -> Panel:
    """Draw one column for each story on ``figure``; all stories have the same number of moments."""
    width = (RIGHT - LEFT - GAP * (len(stories) - 1)) / len(stories)
    panels: list[Panel] = [_clock(figure, stories, words)]
    for index, story in enumerate(stories):
        left = LEFT + index * (width + GAP)
        panels.append(_heading(figure, story, words, left, reached[index] if reached else None, width))
        panels.append(_column(figure, story, words, left, width, first=index == 0))
    for key, top in zip(row_names(stories[0]), (TOP, BELOW), strict=True):
        figure.text(
            *at(14, top + HEIGHT / 2), words(key), rotation=90, va="center", multialignment="center", linespacing=1.3
        )
    legend(figure, max(stories, key=lambda story: len(story.hidden_widths)), words, LEFT, RIGHT - CLOCK, 694)
    return together(panels)


def row_names(story: Story) -> tuple[str, str]:
    """The keys of what is seen in the row of hidden spaces and in the row of inputs."""
    regression = story.dataset.task == "regression"
    hidden = "compare_hidden_levels" if regression else "compare_hidden"
    if story.features == 1:
        return hidden, "compare_input_fit" if regression else "compare_input_probability"
    return hidden, "compare_input_levels" if regression else "compare_input"


def _column(figure: "Figure", story: Story, words: Words, left: float, width: float, first: bool) -> Panel:
    above, below = place(figure, left, TOP, width, HEIGHT), place(figure, left, BELOW, width, HEIGHT)
    panel = together([hidden_panel(above, story, words), input_panel(below, story, words)])
    for axes in (above, below):
        axes.locator_params(nbins=4 if width >= NARROW else 3)
        axes.set_xlabel(shorten(axes.get_xlabel(), int(width / 8)))
        axes.set_ylabel(shorten(axes.get_ylabel(), int(HEIGHT / 8)) if first else "")
    if not first:
        below.tick_params(labelleft=False)
    return panel


def _heading(figure: "Figure", story: Story, words: Words, left: float, reached: Reached | None, width: float) -> Panel:
    figure.text(*at(left, 34), shorten(story.name, int(width / HEADER_LETTER)), fontsize=style.HEADER, va="center")
    if reached is not None:
        text = reached_text(reached, words, story.course.metric_name, short=width < NARROW)
        figure.text(*at(left, 86), text, fontsize=style.LABEL, va="center", color=style.QUIET)
    now = figure.text(*at(left, 63), "", fontsize=style.TITLE, va="center")
    diverged, last = story.course.diverged_at, story.moments[-1].epoch

    def show(index: int) -> None:
        epoch = story.moments[index].epoch
        value = metric_value(story, story.course.metric_at(epoch))
        gone = diverged is not None and epoch == last
        text = words(f"diverged_short_{story.course.unit}", epoch=diverged) if gone else ""
        now.set_text(text or words(f"{story.course.metric_name}_now", value=value))

    return Panel((now,), show)


def _clock(figure: "Figure", stories: Sequence[Story], words: Words) -> Panel:
    last = max(story.course.last for story in stories)
    unit = "step" if all(story.course.unit == "step" for story in stories) else "epoch"
    now = figure.text(*at(RIGHT, 694), "", fontsize=style.TITLE, va="center", ha="right")

    def show(index: int) -> None:
        epoch = max(story.moments[index].epoch for story in stories)
        now.set_text(words(unit, epoch=epoch, epochs=last))

    return Panel((now,), show)
