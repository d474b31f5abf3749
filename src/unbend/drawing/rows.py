"""Rows of one chart, a row for each arm of a choice: names at the left, values over one axis, words at the right."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from unbend.choosing import forms
from unbend.choosing.metrics import METRICS
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.words import LANGUAGES, SUPERSCRIPT, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH, NARROW = 9.6, 6.8  # inches; a page's column at its full width, and what a phone can still show
ROW, FRAME = 0.36, 0.85  # inches of a row, and of the axis with its words
LONGEST = 26  # letters of a name


def metric_words(metric: str, lang: str) -> str:
    """What a metric is called in a language."""
    return METRICS[metric].words[LANGUAGES.index(lang)]


def rows(names: Sequence[str], words: Sequence[str], axis: str, metric: str) -> "tuple[Canvas, Axes]":
    """An empty chart with a row for each name, the first on top, and ``words`` at the right of each."""
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    canvas = Canvas((NARROW, FRAME + ROW * len(names)), dpi=style.DPI, layout="constrained")
    axes = canvas.subplots()
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), [shorten(name, LONGEST) for name in names])
    axes.tick_params(axis="y", length=0, labelsize=style.LABEL, labelcolor=style.INK)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(metric, value)))
    axes.set_xlabel(axis)
    axes.grid(axis="x", color=style.UNDECIDED, linewidth=0.8)
    axes.spines[["top", "left", "right"]].set_visible(False)
    for place, text in enumerate(words):
        axes.annotate(
            text, (1, place), xytext=(6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", fontsize=style.LABEL, color=style.INK,
        )  # fmt: skip
    return canvas, axes


def finished(canvas: "Canvas") -> Figure:
    """The chart with everything in its place."""
    engine = canvas.get_layout_engine()
    if engine is not None:
        engine.execute(canvas)
    canvas.set_layout_engine("none")
    return Figure(canvas)


def power(value: float, _: int | None = None) -> str:
    """A tick of a logarithmic axis.

    >>> power(0.001)
    '10⁻³'
    """
    return "10" + str(round(math.log10(value))).translate(SUPERSCRIPT)


def tick(metric: str, value: float) -> str:
    """A number on the axis of a metric, nothing beyond the best that there is.

    >>> tick("accuracy", 0.955), tick("r2", -0.25), tick("accuracy", 1.05)
    ('95.5%', '−0.25', '')
    """
    if value > forms.possible(metric, value) + 1e-9:
        return ""
    text = f"{100 * value:.4g}%" if metric in forms.PERCENT else f"{value:.4g}"
    return text.replace("-", "−")
