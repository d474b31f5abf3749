"""The line below a picture that says what the points and the lines are."""

from typing import TYPE_CHECKING, Any

from unbend.drawing import style
from unbend.drawing.groups import Group, groups, point_size
from unbend.drawing.panel import at
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_GROUPS = 10
ROOM = 96  # letters that the names of all groups may take together


def legend(figure: "Figure", story: Story, words: Words, left: float, top: float) -> None:
    """Draw the legend from ``left`` on, its middle at ``top`` (pixels): groups of points, black line, grey grid."""
    figure.legend(
        handles=_handles(story, words), loc="center left", bbox_to_anchor=at(left - 8.0, top), ncols=20,
        frameon=False, fontsize=style.LABEL, handletextpad=0.4, columnspacing=1.4, borderpad=0.0,
    )  # fmt: skip


def _handles(story: Story, words: Words) -> list[Any]:
    from matplotlib.lines import Line2D

    named = [group for group in groups(story.dataset, words) if group.name]
    shown = named[:MOST_GROUPS]
    letters = max(3, ROOM // len(shown) - 5)
    size = min(max(point_size(len(story.labels)), 6.5), 9.0)
    handles = [_marker(group, shorten(group.name, letters), size) for group in shown]
    if len(named) > len(shown):
        handles.append(Line2D([], [], linestyle="none", label=words("more_classes", count=len(named) - len(shown))))
    for line in _line_keys(story):
        width = 1.1 if line == "levels" else 2.2
        handles.append(Line2D([], [], color=style.BOUNDARY, linewidth=width, label=words(line)))
    if story.hidden_widths:
        handles.append(Line2D([], [], color=style.GRID, linewidth=1.4, label=words("grid")))
    return handles


def _marker(group: Group, name: str, size: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=group.color, marker=group.marker, linestyle="none", markersize=size, label=name)


def _line_keys(story: Story) -> tuple[str, ...]:
    fit = ("prediction",) if story.features == 1 and story.dataset.task != "multiclass" else ()
    return (*fit, "levels" if story.dataset.task == "regression" else "line")
