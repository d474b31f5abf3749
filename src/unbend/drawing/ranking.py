"""The ranking of a choice: every arm with its simultaneous interval, the baselines as lines of reference."""

from typing import TYPE_CHECKING

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.rows import finished, metric_words, rows
from unbend.drawing.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = 0.04  # of the range, at both ends


def ranking_figure(choice: Choice, lang: str = "en") -> Figure:
    """Arms from the best to the worst; full dots are not excluded as the best, the grey band is too near to matter.

    Baselines stand below; one that lies far off is an arrow at the edge.
    """
    words, verdict = Words(lang), choice.verdict
    lines = {one.name: float(one.scores.mean()) for one in choice.baselines}
    names = [one.activation for one in verdict.ranking] + [words(f"choice_{name}") for name in lines]
    means = [one.mean for one in verdict.ranking] + list(lines.values())
    said = [forms.score(verdict.metric, mean) for mean in means]
    axis = words("choice_axis", metric=metric_words(verdict.metric, lang))
    with style.settings():
        canvas, axes = rows(names, said, axis, verdict.metric)
        best = verdict.ranking[0].mean
        axes.axvspan(best - verdict.rope, best, color=style.UNDECIDED, alpha=0.75, linewidth=0)
        axes.set_xlim(*_range(choice, lines))
        for place, one in enumerate(verdict.ranking):
            ends = one.low, one.mean, forms.possible(verdict.metric, one.high)
            _arm(axes, place, ends, one.activation in verdict.not_excluded)
        for place, value in enumerate(lines.values(), start=len(verdict.ranking)):
            _baseline(axes, place, value)
        if lines:
            axes.axhline(len(verdict.ranking) - 0.5, color=style.GRID, linewidth=0.8)
        return finished(canvas)


def _range(choice: Choice, lines: dict[str, float]) -> tuple[float, float]:
    """All intervals, and the baselines but those that would squeeze them."""
    low = min(one.low for one in choice.verdict.ranking)
    high = max(forms.possible(choice.verdict.metric, one.high) for one in choice.verdict.ranking)
    reach = 0.6 * (high - low)
    near = [value for value in lines.values() if low - reach <= value <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = MARGIN * (high - low) or 0.01
    return low - margin, high + margin


def _arm(axes: "Axes", place: int, values: tuple[float, float, float], possible: bool) -> None:
    low, mean, high = values
    color = style.POSITIVE if possible else style.QUIET
    axes.plot([low, high], [place, place], color=color, linewidth=2.4, solid_capstyle="butt", alpha=0.9)
    for end in (low, high):
        axes.plot([end, end], [place - 0.14, place + 0.14], color=color, linewidth=1.6)
    face = color if possible else style.PAPER
    axes.plot(mean, place, "o", markersize=9, markerfacecolor=face, markeredgecolor=color, markeredgewidth=2)


def _baseline(axes: "Axes", place: int, value: float) -> None:
    low, high = axes.get_xlim()
    if low <= value <= high:
        axes.plot([value, value], [-0.6, place], color=style.NEGATIVE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0.5)
        axes.plot(value, place, "D", markersize=7, markerfacecolor=style.NEGATIVE, markeredgecolor=style.INK)
        return
    inside = 0.015 * (high - low)
    end, sign = (low + inside, "<") if value < low else (high - inside, ">")
    axes.plot(end, place, sign, markersize=8, color=style.NEGATIVE, markeredgecolor=style.INK, clip_on=False)
