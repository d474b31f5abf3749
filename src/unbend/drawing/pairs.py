"""Every pair of arms of a choice in one table: how much the row is ahead of the column, and how sure that is."""

from typing import TYPE_CHECKING

import numpy as np

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.choosing.verdict import Comparison
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.rows import WIDTH, finished
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALL, TWO = 8, 13  # arms up to which a cell holds three lines, two lines
SHADES = ((0.0, "#f1f5f8"), (0.5, "#d9e8f3"), (0.8, "#9ccbe8"), (0.95, style.POSITIVE), (1.0, "#04395c"))


def pairs_figure(choice: Choice, lang: str = "en") -> Figure:
    """Arms from the best to the worst; a cell says the row's lead over the column, Holm's p, P(better).

    The darker, the more probable it is that the row is better by more than the ROPE; framed pairs differ
    significantly. With many arms the cells hold the difference alone.
    """
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure as Canvas

    words, verdict = Words(lang), choice.verdict
    names = [one.activation for one in verdict.ranking]
    count = len(names) - 1
    cell = min(0.86, (WIDTH - 1.9) / count)
    with style.settings():
        canvas = Canvas((WIDTH, 0.7 * cell * count + 1.5), dpi=style.DPI, layout="constrained")
        axes = canvas.subplots()
        better = np.full((count, count), np.nan)
        for row in range(count):
            for column in range(row, count):
                better[row, column] = verdict.comparison(names[row], names[column + 1]).better
        colors = LinearSegmentedColormap.from_list("pairs", SHADES)
        mesh = axes.imshow(better, cmap=colors, vmin=0, vmax=1, aspect="auto")
        bar = canvas.colorbar(mesh, ax=axes, shrink=0.7, aspect=18, pad=0.02, ticks=[0, 0.5, 0.95])
        bar.set_label(words("choice_better"), fontsize=style.TICK)
        bar.outline.set_edgecolor(style.GRID)  # pyright: ignore[reportCallIssue]
        _label(axes, names)
        for row in range(count):
            for column in range(row, count):
                one = verdict.comparison(names[row], names[column + 1])
                _cell(axes, (row, column), one, verdict.metric, verdict.alpha, count + 1)
        return finished(canvas)


def _label(axes: "Axes", names: list[str]) -> None:
    longest = 20 if len(names) <= ALL else 16
    axes.set_xticks(range(len(names) - 1), [shorten(name, longest) for name in names[1:]])
    axes.set_yticks(range(len(names) - 1), [shorten(name, longest) for name in names[:-1]])
    size = style.LABEL if len(names) <= TWO else 9.0
    axes.tick_params(length=0, labelsize=size, labelcolor=style.INK, top=True, labeltop=True, labelbottom=False)
    for label in axes.get_xticklabels():
        label.set(rotation=35 if len(names) <= TWO else 90, ha="left" if len(names) <= TWO else "center")
    axes.spines[:].set_visible(False)


def _cell(axes: "Axes", place: tuple[int, int], one: Comparison, metric: str, alpha: float, arms: int) -> None:
    from matplotlib.patches import Rectangle

    row, column = place
    lines = [forms.bare_difference(metric, one.difference)]
    if arms <= TWO:
        lines.append(f"p {forms.p_value(one.p_holm)}".replace("= ", "").replace("p <", "p<"))
    if arms <= ALL:
        lines.append(f"P {forms.chance(one.better)}".replace(" > ", " >").replace(" < ", " <"))
    size = 10.5 if arms <= ALL else 9.0 if arms <= TWO else min(8.5, 210 / arms)
    ink = style.PAPER if one.better > 0.88 else style.INK
    axes.text(column, row, "\n".join(lines), ha="center", va="center", fontsize=size, color=ink, linespacing=1.25)
    frames = [(0.5, 2.5, style.PAPER), *([(0.45, 2.2, style.NEGATIVE)] if one.p_holm <= alpha else [])]
    for half, width, color in frames:
        corner = column - half, row - half
        axes.add_patch(Rectangle(corner, 2 * half, 2 * half, fill=False, linewidth=width, edgecolor=color))
