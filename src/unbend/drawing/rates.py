"""How every arm of a choice takes to learning rates: held-out score, the rates that were chosen, divergence."""

from typing import TYPE_CHECKING

import numpy as np

from unbend.choosing.choice import Choice
from unbend.choosing.why import Diagnosis
from unbend.drawing import style
from unbend.drawing.multiples import multiples
from unbend.drawing.picture import Figure
from unbend.drawing.rows import finished, metric_words, power, tick
from unbend.drawing.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 0.22  # of the height, for the bars along the edges
OTHERS = "#d3d8dc"
THICK = 0.13  # decades


def rates_figure(choice: Choice, lang: str = "en") -> Figure:
    """Score over learning rate, the other arms in grey behind each.

    Blue bars from below: the share of splits that chose a rate. Orange bars from above: the share that diverged.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    words, metric = Words(lang), choice.verdict.metric
    found = in_order(choice)
    with style.settings():
        y_label = words("choice_score", metric=metric_words(metric, lang))
        canvas, panels = multiples([one.activation for one in found], words("choice_rate"), y_label)
        low, high = _range(choice, found)
        for axes, own in zip(panels, found, strict=True):
            axes.set_xscale("log")
            others = [np.column_stack([one.rates, one.score_by_rate]) for one in found]
            axes.add_collection(LineCollection(others, colors=OTHERS, linewidths=1.0, zorder=1))
            axes.plot(own.rates, own.score_by_rate, "o-", color=style.INK, linewidth=1.8, markersize=3.5, zorder=3)
            _bars(axes, own)
            axes.set_ylim(low - BARS * (high - low), high + BARS * (high - low))
            axes.xaxis.set_major_locator(LogLocator(10, numticks=5))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(FuncFormatter(power))
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(metric, value)))
        return finished(canvas)


def in_order(choice: Choice) -> list[Diagnosis]:
    """The diagnoses of the ranked arms, the best first."""
    arms = [arm.name for arm in choice.study.plan.arms]
    return [choice.diagnoses[arms.index(one.activation)] for one in choice.verdict.ranking]


def _range(choice: Choice, found: list[Diagnosis]) -> tuple[float, float]:
    """From a little below the constant answer, where it is known, to the best."""
    scores = np.concatenate([one.score_by_rate for one in found])
    high, low = float(scores.max()), float(scores.min())
    dummy = [float(one.scores.mean()) for one in choice.baselines if one.name == "dummy"]
    if dummy and dummy[0] < high:
        low = max(low, dummy[0] - 0.1 * (high - dummy[0]))
    return (low, high) if high > low else (low - 0.01, high + 0.01)


def _bars(axes: "Axes", one: Diagnosis) -> None:
    """Shares as bars along the lower and the upper edge."""
    edge = axes.get_xaxis_transform()
    rates, counts = np.unique(one.chosen_rates, return_counts=True)
    width = 10.0**THICK
    for rate, share in zip(rates.tolist(), (counts / counts.sum()).tolist(), strict=True):
        axes.fill_between([rate / width, rate * width], 0, BARS * share, color=style.POSITIVE, transform=edge, lw=0)
    for rate, share in zip(one.rates.tolist(), one.diverged_by_rate.tolist(), strict=True):
        if share > 0:
            side = [rate / width, rate * width]
            axes.fill_between(side, 1 - BARS * share, 1, color=style.NEGATIVE, transform=edge, lw=0)
