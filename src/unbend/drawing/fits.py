"""Fitted curves beside each other: a column for each, a row for each target, the error of each fit beneath it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.panel import at, place, size_of
from unbend.drawing.picture import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

LEFT, RIGHT, GAP = 98.0, 1264.0, 18.0
WORDS = -54.0  # pixels from the first column to the middle of its words
TOP, HEIGHT, ERROR_TOP, ERROR_HEIGHT, ROW = 80.0, 178.0, 186.0, 74.0, 322.0


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted curve ``y`` (n,) with its ``kinks`` (k,), a ``name`` and a ``note`` to stand above it."""

    name: str
    note: str
    y: Array
    kinks: Array
    color: str = style.POSITIVE


@dataclass(frozen=True, eq=False)
class FitRow:
    """Several fits of one ``target`` (n,) over the places ``x`` (n,)."""

    label: str
    x: Array
    target: Array
    fits: Sequence[Fit]


def fitted(rows: Sequence[FitRow], x_label: str, error_label: str) -> Figure:
    """Draw one or two rows of fits; the target is the broad grey line, a kink of the fit a dot on it.

    >>> x = np.array([0.0, 1.0])
    >>> len(fitted([FitRow("line", x, x, [Fit("tanh", "", 0.9 * x, np.zeros(0))])], "x", "error").canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        for index, row in enumerate(rows):
            width = (RIGHT - LEFT - GAP * (len(row.fits) - 1)) / len(row.fits)
            worst = max(float(np.abs(fit.y - row.target).max()) for fit in row.fits)
            for column, fit in enumerate(row.fits):
                left, top = LEFT + column * (width + GAP), TOP + index * ROW
                above = place(canvas, left, top, width, HEIGHT)
                below = place(canvas, left, top + ERROR_TOP, width, ERROR_HEIGHT)
                _fit(above, row, fit)
                _error(below, row, fit, worst)
                _label(above, below, row, error_label, first=column == 0)
                if index == len(rows) - 1:
                    below.set_xlabel(x_label)
                if index == 0:
                    canvas.text(*at(left, 28), fit.name, fontsize=style.HEADER, va="center")
    return Figure(canvas)


def _fit(axes: "Axes", row: FitRow, fit: Fit) -> None:
    x, kinks = row.x, fit.kinks
    axes.plot(x, row.target, color=style.GRID, linewidth=6.0, solid_capstyle="butt")
    axes.plot(x, fit.y, color=fit.color, linewidth=2.0)
    axes.plot(kinks, np.interp(kinks, x, fit.y), "o", color=style.INK, markersize=6.5, markeredgecolor=style.PAPER)
    axes.set_title(fit.note, fontsize=style.LABEL)
    axes.set_xlim(x[0], x[-1])
    low, high = float(np.min(row.target)), float(np.max(row.target))
    axes.set_ylim(low - 0.15 * (high - low), high + 0.15 * (high - low))
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(labelbottom=False, length=0.0)
    axes.grid(color=style.UNDECIDED, linewidth=0.8)


def _error(axes: "Axes", row: FitRow, fit: Fit, worst: float) -> None:
    x, error = row.x, fit.y - row.target
    axes.axhline(0.0, color=style.GRID, linewidth=1.0)
    axes.fill_between(x, error, color=style.soften(fit.color, 0.35), linewidth=0.0)
    axes.plot(x, error, color=fit.color, linewidth=1.4)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(-1.1 * worst, 1.1 * worst)
    middle, quarter = (x[0] + x[-1]) / 2, (x[-1] - x[0]) / 4
    axes.set_xticks([middle - quarter, middle, middle + quarter])  # none at the edges, where columns meet
    axes.locator_params(axis="y", nbins=3)
    axes.tick_params(length=3.0)


def _label(above: "Axes", below: "Axes", row: FitRow, error_label: str, first: bool) -> None:
    """Only the first column names its axes; the others share them."""
    if not first:
        above.tick_params(labelleft=False)
        below.tick_params(labelleft=False)
        return
    for axes, words in ((above, row.label), (below, error_label)):
        axes.set_ylabel(words)
        axes.yaxis.set_label_coords(WORDS / size_of(axes)[0], 0.5)
