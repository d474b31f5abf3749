"""What mean-field theory says of a watched model at its start, beside what was measured in it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.health_rows import WIDTH
from unbend.drawing.picture import Figure
from unbend.drawing.rows import power
from unbend.drawing.words import Words, number
from unbend.watching.theory import Theory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
HEIGHT = 2.9  # inches
DECADES = 1.3  # and more: an axis of powers of ten


def variance_figure(theory: Theory, lang: str = "en") -> Figure:
    """The mean square of the pre-activations in every layer: predicted (line) and measured (dots)."""
    places = np.arange(1.0, len(theory.variance) + 1)
    return _pair(places, theory.variance, theory.measured_variance, "health_variance", lang)


def chi_figure(theory: Theory, lang: str = "en") -> Figure:
    """χ₁ between every two layers, predicted and measured; at 1 a gradient keeps its size."""
    places = np.arange(1.5, len(theory.chi) + 1)
    return _pair(places, theory.chi, theory.measured_chi, "health_chi", lang, edge=1.0)


def _pair(
    places: Floats,
    predicted: Floats,
    measured: Floats,
    title: str,
    lang: str,
    edge: float = float("nan"),
) -> Figure:
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import MaxNLocator

    words = Words(lang)
    with style.settings():
        canvas = Canvas((WIDTH, HEIGHT), dpi=style.DPI)
        axes = canvas.add_axes((0.15, 0.19, 0.82, 0.63))
        axes.plot(places, _positive(predicted), "--", color=style.INK, linewidth=1.8, label=words("health_theory"))
        axes.plot(
            places, _positive(measured), "o", color=style.POSITIVE, markersize=5 if len(places) < 20 else 3.5,
            label=words("health_measured"),
        )  # fmt: skip
        if not np.isnan(edge):
            look = {"color": style.INK, "linewidth": 1.0, "linestyle": (0, (1, 2))}
            axes.axhline(edge, label=words("health_edge"), **look)  # pyright: ignore[reportArgumentType]
        _upright(axes, np.concatenate([predicted, measured, [edge]]))
        axes.set_xlim(0.5, places[-1] + (0.5 if places[0] == 1 else 1.0))
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.set_xlabel(words("health_layer"), fontsize=style.TICK, color=style.QUIET)
        axes.set_title(words(title), fontsize=style.TICK, color=style.QUIET, pad=24)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color=style.UNDECIDED, linewidth=0.8)
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=3, frameon=False, fontsize=style.TICK,
            handlelength=1.8, columnspacing=1.2, borderaxespad=0.1,
        )  # fmt: skip
    return Figure(canvas)


def _positive(values: Floats) -> Floats:
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _upright(axes: "Axes", values: Floats) -> None:
    """An axis from 0 on, or one of powers of ten, as the range needs."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    shown = values[np.isfinite(values) & (values > 0)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (1.0, 1.0)
    if np.log10(high / low) <= DECADES:
        axes.set_ylim(0, 1.15 * high)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        return
    axes.set_yscale("log")
    axes.set_ylim(low / 1.5, high * 1.5)
    axes.yaxis.set_major_locator(LogLocator(10, numticks=7))
    axes.yaxis.set_major_formatter(FuncFormatter(power))
    axes.yaxis.set_minor_locator(NullLocator())
