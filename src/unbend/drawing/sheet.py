"""The arrangement of four panels on one sheet: a header, two spaces, two panels beside them, a legend."""

from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.panel import Group, Panel, groups, place, point_size, together
from unbend.drawing.progress_panels import history_panel, layers_panel, metric_value
from unbend.drawing.spaces import hidden_panel, input_panel
from unbend.drawing.story import Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MOST_GROUPS = 10


def four_panels(figure: "Figure", story: Story, words: Words) -> Panel:
    """Draw everything about one run on ``figure``; the panel that comes back shows any of its moments."""
    axes = [place(figure, *where) for where in ((68, 112, 412, 462), (552, 112, 412, 462))]
    above, below = place(figure, 1040, 112, 212, 80), place(figure, 1040, 232, 212, 80)
    layers = place(figure, 1040, 394, 212, 180)
    axes[0].set_title(words(_input_title(story)))
    axes[1].set_title(words(_hidden_title(story), layer=story.hidden_layer))
    panels = [
        header(figure, story, words),
        input_panel(axes[0], story, words),
        hidden_panel(axes[1], story, words),
        history_panel(above, below, story, words),
        layers_panel(layers, story, words),
    ]
    legend(figure, story, words)
    return together(panels)


def header(figure: "Figure", story: Story, words: Words) -> Panel:
    """The line above: what was trained at the left; the epoch and how good it is by then at the right."""
    title = f"{shorten(story.name, 36)}   {shorten(story.shape, 24)}   {shorten(story.dataset.name, 24)}"
    figure.text(68 / 1280, 1 - 44 / 720, title, fontsize=style.HEADER, va="center")
    if story.diverged_at is not None:
        text = words("diverged", epoch=story.diverged_at)
        figure.text(1252 / 1280, 1 - 74 / 720, text, fontsize=style.LABEL, va="center", ha="right", color=style.GRADIENT)
    now = figure.text(1252 / 1280, 1 - 44 / 720, "", fontsize=style.HEADER, va="center", ha="right")
    last = int(story.history_epochs[-1])

    def show(index: int) -> None:
        moment = story.moments[index]
        now.set_text(words("epoch", epoch=moment.epoch, epochs=last) + "   " + metric_text(story, words, moment.epoch))

    return Panel((now,), show)


def metric_text(story: Story, words: Words, epoch: int) -> str:
    """Accuracy or R² at the last known epoch up to ``epoch``, in words."""
    value = float(story.metric[story.history_epochs <= epoch][-1])
    return words(f"{story.metric_name}_now", value=metric_value(story, value))


def _input_title(story: Story) -> str:
    if story.line_x is not None:
        return "input_fit" if story.dataset.task == "regression" else "input_probability"
    if story.input_shares is not None:
        return "input_slice"
    if story.dataset.task == "regression":
        return "input_value"
    return "input_straight" if story.hidden_width == 0 else "input_title"


def _hidden_title(story: Story) -> str:
    if story.hidden_width == 0:
        return "hidden_none"
    return "hidden_title" if story.moments[-1].lines else "hidden_multi"


def legend(figure: "Figure", story: Story, words: Words, left: float = 68, top: float = 668) -> None:
    """The line below: the groups of points, the black line, the grid, and how many points are drawn."""
    from matplotlib.lines import Line2D

    shown = [group for group in groups(story, words) if group.name][:MOST_GROUPS]
    size = min(max(point_size(len(story.labels)), 6.5), 9.0)
    handles = [_marker(Line2D, group, size) for group in shown]
    line = "prediction" if story.line_x is not None else "line"
    handles.append(Line2D([], [], color=style.BOUNDARY, linewidth=2.2, label=words(line)))
    handles.append(Line2D([], [], color=style.GRID, linewidth=1.4, label=words("grid")))
    figure.legend(
        handles=handles, loc="center left", bbox_to_anchor=(left / 1280 - 0.006, 1 - top / 720), ncols=len(handles),
        frameon=False, fontsize=style.LABEL, handletextpad=0.4, columnspacing=1.4, borderpad=0.0,
    )  # fmt: skip


def _marker(line: "type[Line2D]", group: Group, size: float) -> "Line2D":
    return line([], [], color=group.color, marker=group.marker, linestyle="none", markersize=size, label=group.name)
