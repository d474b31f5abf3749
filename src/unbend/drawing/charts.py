"""Plain diagrams for measured numbers: curves over an axis, and tables of shares as heat maps; every word is given."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from unbend.drawing import style
from unbend.drawing.panel import size_of
from unbend.drawing.picture import Figure
from unbend.drawing.words import SUPERSCRIPT, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Look = Literal["line", "dashed", "points", "steps"]
LINES = (style.INK, style.POSITIVE, style.NEGATIVE, "#1b9e77", "#c2569b", "#7a5230", "#57c4e5", "#4b3f8f")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
MOST_MARKED = 24  # places; a curve through more is drawn without markers
PADDING, BETWEEN = 0.25, 0.04  # inches around the panels; share of their width between them
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, eq=False)
class Curve:
    """Values ``y`` (n,) at ``x`` (n,), named ``label`` in the legend, in a ``band`` (low (n,), high (n,))."""

    label: str
    x: ArrayLike
    y: ArrayLike
    band: tuple[ArrayLike, ArrayLike] | None = None
    look: Look = "line"
    color: str | None = None


@dataclass(frozen=True)
class Mark:
    """A reference line at ``value`` with its words; ``across`` the chart, or upright."""

    value: float
    label: str
    across: bool = True


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves over one pair of axes."""

    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    x_log: bool = False
    y_log: bool = False
    notes: Sequence[Mark] = ()


@dataclass(frozen=True, eq=False)
class Spread:
    """One row of dots: ``values`` (n,) and their ``middle`` between ``low`` and ``high``, the ends of its interval."""

    label: str
    values: ArrayLike
    middle: float
    low: float
    high: float
    color: str | None = None


@dataclass(frozen=True, eq=False)
class Spreads:
    """Rows of dots over one axis, the first on top; ``notes`` stand upright."""

    title: str
    x_label: str
    rows: Sequence[Spread]
    x_log: bool = False
    notes: Sequence[Mark] = ()


@dataclass(frozen=True, eq=False)
class HeatMap:
    """``values`` (rows, columns) from ``low`` to ``high``, each written in its cell by ``form``; NaN stays empty."""

    title: str
    x_label: str
    y_label: str
    x_ticks: Sequence[str]
    y_ticks: Sequence[str]
    values: ArrayLike
    form: Callable[[float], str] = percent
    low: float = 0.0
    high: float = 1.0


def charts(several: Sequence[Chart]) -> Figure:
    """Draw up to four charts on one sheet, side by side.

    >>> line = Curve("square", [1, 2, 4], [1, 4, 16])
    >>> len(charts([Chart("growth", "x", "y", [line], x_log=True, y_log=True)]).canvas.axes)
    1
    """
    return _sheet(several, _chart)


def spreads(several: Sequence[Spreads]) -> Figure:
    """Draw up to four groups of dots on one sheet, side by side.

    >>> row = Spread("tanh", [0.1, 0.2, 0.4], 0.2, 0.1, 0.4)
    >>> len(spreads([Spreads("errors", "error", [row], x_log=True)]).canvas.axes)
    1
    """
    return _sheet(several, _spreads)


def heat_maps(several: Sequence[HeatMap], rows: int = 1) -> Figure:
    """Draw up to four heat maps on one sheet, in one row or in two.

    >>> len(heat_maps([HeatMap("solved", "rate", "name", ["1", "2"], ["tanh"], [[0.5, 1.0]])]).canvas.axes)
    1
    """
    return _sheet(several, _heat_map, rows)


def _sheet(several: Sequence[Any], draw: "Callable[[Axes, Any], None]", rows: int = 1) -> Figure:
    from matplotlib.figure import Figure as Canvas
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with style.settings():
        layout = ConstrainedLayoutEngine(w_pad=PADDING, h_pad=PADDING, wspace=BETWEEN)
        canvas = Canvas(style.SIZE, dpi=style.DPI, layout=layout)
        panels = canvas.subplots(rows, len(several) // rows, squeeze=False).ravel()
        for axes, one in zip(panels, several, strict=True):
            draw(axes, one)
        layout.execute(canvas)  # the panels find their place
        canvas.set_layout_engine("none")
    return Figure(canvas)


def _chart(axes: "Axes", chart: Chart) -> None:
    axes.set_title(chart.title)
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    axes.grid(color=style.UNDECIDED, linewidth=0.8)
    if chart.x_log:
        axes.set_xscale("log")
    if chart.y_log:
        axes.set_yscale("log")
    if any(not note.across for note in chart.notes):
        axes.margins(y=0.1)  # room for the words of an upright line
    for index, curve in enumerate(chart.curves):
        _curve(axes, curve, index)
    for note in chart.notes:
        _mark(axes, note)
    _plain_ticks(axes, chart.x_log, chart.y_log)
    if any(curve.label for curve in chart.curves):
        axes.legend(frameon=True, framealpha=0.9, edgecolor="none", fontsize=style.LABEL)


def _curve(axes: "Axes", curve: Curve, index: int) -> None:
    color = curve.color or LINES[index % len(LINES)]
    x, y = np.asarray(curve.x, np.float64), np.asarray(curve.y, np.float64)
    marked = curve.look == "points" or (curve.look == "line" and len(x) <= MOST_MARKED)
    look: dict[str, Any] = {
        "color": color,
        "linestyle": {"points": "none", "dashed": (0, (5, 2.5))}.get(curve.look, "-"),
        "linewidth": 2.2,
        "drawstyle": "steps-post" if curve.look == "steps" else "default",
        "marker": MARKERS[index % len(MARKERS)] if marked else None,
        "markersize": 5.0,
        "markeredgecolor": style.PAPER,
        "markeredgewidth": 0.5,
    }
    axes.plot(x, y, label=curve.label or "_", **look)
    if curve.band is not None:
        low, high = (np.asarray(side, np.float64) for side in curve.band)
        axes.fill_between(x, low, high, color=color, alpha=0.16, linewidth=0)


def _spreads(axes: "Axes", spreads: Spreads) -> None:
    axes.set_title(spreads.title)
    axes.set_xlabel(spreads.x_label)
    axes.grid(axis="x", color=style.UNDECIDED, linewidth=0.8)
    if spreads.x_log:
        axes.set_xscale("log")
    for index, row in enumerate(spreads.rows):
        _spread(axes, row, index)
    axes.set_yticks(range(len(spreads.rows)), [row.label for row in spreads.rows])
    axes.tick_params(axis="y", length=0, labelsize=style.LABEL, labelcolor=style.INK)
    axes.set_ylim(len(spreads.rows) - 0.5, -0.7)  # room on top for the words of a line
    for note in spreads.notes:
        _mark(axes, note)
    _plain_ticks(axes, spreads.x_log, False)


def _spread(axes: "Axes", row: Spread, index: int) -> None:
    color = row.color or LINES[index % len(LINES)]
    values = np.sort(np.asarray(row.values, np.float64))
    values = values[np.isfinite(values)]
    height = index + 0.34 * ((np.arange(len(values)) * GOLDEN) % 1.0 * 2.0 - 1.0)  # spread evenly, without chance
    axes.plot(values, height, "o", color=color, alpha=0.4, markersize=4.0, markeredgecolor="none")
    axes.plot([row.low, row.high], [index, index], color=style.INK, linewidth=3.0, solid_capstyle="butt")
    look: dict[str, Any] = {"markersize": 9.0, "markerfacecolor": color, "markeredgewidth": 1.6}
    axes.plot(row.middle, index, "D", markeredgecolor=style.INK, **look)


def _mark(axes: "Axes", mark: Mark) -> None:
    line = axes.axhline if mark.across else axes.axvline
    text = axes.get_yaxis_transform() if mark.across else axes.get_xaxis_transform()
    line(mark.value, color=style.QUIET, linewidth=1.2, linestyle=(0, (2, 2)))
    where = (0.985, mark.value) if mark.across else (mark.value, 0.985)
    beside: dict[str, Any] = {"xytext": (0, 4), "ha": "right", "va": "bottom"}
    if not mark.across:
        beside = {"xytext": (5, 0), "ha": "left", "va": "top"}
    look: dict[str, Any] = {"textcoords": "offset points", "fontsize": style.TICK, "color": style.QUIET}
    axes.annotate(mark.label, where, xycoords=text, **beside, **look)


def _plain_ticks(axes: "Axes", x_log: bool, y_log: bool) -> None:
    """On a logarithmic axis over few decades, plain numbers; else powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for axis, logarithmic in ((axes.xaxis, x_log), (axes.yaxis, y_log)):
        if not logarithmic:
            continue
        low, high = axis.get_view_interval()
        short = low >= 1e-3 and high <= 1e5
        axis.set_major_formatter(FuncFormatter(_plain if short else _power))
        few = math.log10(high / low) < 1.7
        axis.set_minor_formatter(FuncFormatter(_minor) if few and short else NullFormatter())


def _plain(value: float, _: int | None) -> str:
    return f"{value:g}"


def _power(value: float, _: int | None) -> str:
    return "10" + str(round(math.log10(value))).translate(SUPERSCRIPT)


def _minor(value: float, _: int | None) -> str:
    """Names 2 and 5 between the powers of ten, and no others."""
    digit = value / 10.0 ** math.floor(math.log10(value) + 1e-9)
    return f"{value:g}" if round(digit, 6) in (2.0, 5.0) else ""


def _heat_map(axes: "Axes", heat_map: HeatMap) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    values = np.asarray(heat_map.values, np.float64)
    colors = LinearSegmentedColormap.from_list("unbend", [style.PAPER, "#8cc3e6", style.POSITIVE, "#04395c"])
    axes.imshow(values, cmap=colors, vmin=heat_map.low, vmax=heat_map.high, aspect="auto")
    axes.set_title(heat_map.title)
    axes.set_xlabel(heat_map.x_label)
    axes.set_ylabel(heat_map.y_label)
    axes.set_xticks(range(values.shape[1]), heat_map.x_ticks)
    axes.set_yticks(range(values.shape[0]), heat_map.y_ticks)
    axes.tick_params(length=0)
    size = min(style.LABEL, 0.25 * size_of(axes)[0] / values.shape[1])
    dark = (heat_map.low + heat_map.high) / 2
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = style.PAPER if value > dark else style.INK
            axes.text(column, row, heat_map.form(float(value)), ha="center", va="center", fontsize=size, color=ink)
