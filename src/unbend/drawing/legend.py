"""The line below a picture that says what the points and the lines are."""

from typing import TYPE_CHECKING, Any

from unbend.drawing import style
from unbend.drawing.groups import Group, groups, point_size
from unbend.drawing.panel import at
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_GROUPS = 10
LETTER, KEY = 8.4, 48.0  # pixels: an average letter, and what an entry takes beside its text, at the usual size
LEAST_LETTERS = 3


def legend(figure: "Figure", story: Story, words: Words, left: float, right: float, top: float) -> None:
    """Draw the legend between ``left`` and ``right``, its middle at ``top`` (pixels): points, black line, grey grid."""
    lines = _lines(story, words)
    names = [group.name for group in groups(story.dataset, words) if group.name][:MOST_GROUPS]
    full = _pixels(names) + _pixels([line.get_label() for line in lines]) <= right - left
    size = style.LABEL if full else style.TICK
    points = _points(story, words, (right - left) * style.LABEL / size - _pixels([line.get_label() for line in lines]))
    figure.legend(
        handles=points + lines, loc="center left", bbox_to_anchor=at(left - 8.0, top), ncols=20,
        frameon=False, fontsize=size, handlelength=1.4, handletextpad=0.4, columnspacing=1.1, borderpad=0.0,
    )  # fmt: skip


def _pixels(labels: list[Any]) -> float:
    return sum(KEY + LETTER * text_width(label) for label in labels)


def _points(story: Story, words: Words, room: float) -> list[Any]:
    """An entry for each group that has a name; where there is little room, fewer of them, with shorter names."""
    from matplotlib.lines import Line2D

    named = [group for group in groups(story.dataset, words) if group.name]
    size = min(max(point_size(len(story.labels)), 6.5), 9.0)
    for count in range(min(len(named), MOST_GROUPS), 0, -1):
        rest = [words("more_classes", count=len(named) - count)] if count < len(named) else []
        letters = int(((room - _pixels(rest)) / count - KEY) / LETTER)
        longest = max(text_width(group.name) for group in named[:count])
        if letters >= min(LEAST_LETTERS, longest) or count == 1:
            shown = [_marker(group, shorten(group.name, max(letters, LEAST_LETTERS)), size) for group in named[:count]]
            return shown + [Line2D([], [], linestyle="none", label=text) for text in rest]
    return []


def _lines(story: Story, words: Words) -> list[Any]:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=style.BOUNDARY, linewidth=1.1 if line == "levels" else 2.2, label=words(line))
        for line in _line_keys(story)
    ]
    if story.hidden_widths:
        lines.append(Line2D([], [], color=style.GRID, linewidth=1.4, label=words("grid")))
    return lines


def _marker(group: Group, name: str, size: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=group.color, marker=group.marker, linestyle="none", markersize=size, label=name)


def _line_keys(story: Story) -> tuple[str, ...]:
    fit = ("prediction",) if story.features == 1 and story.dataset.task != "multiclass" else ()
    return (*fit, "levels" if story.dataset.task == "regression" else "line")
