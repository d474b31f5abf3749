"""The critical-difference diagram: arms at their mean ranks over several tables, bars joining those not told apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.statistics import nemenyi_critical_difference, rank_groups
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words, shorten
from unbend.errors import UnbendError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
WIDTH = style.SIZE[0] * style.DPI  # pixels, as all lengths here; places count from the upper left corner
MARGIN, SIDE = 44.0, 368.0  # around everything; room for the names on either side of the axis
TITLE, BRACKET, AXIS = 56.0, 138.0, 196.0  # heights
FIRST_BAR, BAR = 24.0, 17.0  # from the axis to the first level of bars; from one level to the next
OVERHANG = 6.0  # of a bar
ROWS_BELOW = 30.0  # from the last level of bars to the first name
NEAR, FAR = 34.0, 46.0  # from one name to the next where there are many, and where there are few
NUMBER = 26.0  # width that a number on the axis needs
LETTERS = 27  # of a name
NOTE = 76.0  # room below the last name


@dataclass(frozen=True, eq=False)
class Layout:
    """Where things stand: ``x`` (k,) of each arm, pixels per rank, heights of bars and names, and of the picture."""

    x: Floats
    per_rank: float
    bars: tuple[tuple[float, float, float], ...]
    rows: tuple[float, ...]
    height: float


def rank_diagram(
    names: Sequence[str], mean_ranks: Sequence[float], tables: int, alpha: float = 0.05, lang: str = "en"
) -> Figure:
    """Draw arms (k,) at their mean ranks over so many tables, 1 the best, after Demšar (2006), figure 1.

    Bars join the largest groups whose mean ranks all differ by less than Nemenyi's critical difference. Raises
    `UnbendError` for another language, fewer than two arms or tables, or names and ranks that differ in number.

    >>> picture = rank_diagram(["C4.5", "+m", "+cf", "+m+cf"], [3.143, 2.0, 2.893, 1.964], tables=14, alpha=0.10)
    >>> len(picture.canvas.axes)
    1
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    ranks = np.asarray(mean_ranks, np.float64)
    if len(names) != len(ranks):
        raise UnbendError(f"{len(names)} names for {len(ranks)} mean ranks; give one for each arm")
    order = np.argsort(ranks, kind="stable")
    difference = nemenyi_critical_difference(len(ranks), tables, alpha)
    layout = _layout(ranks[order], difference)
    with style.settings():
        canvas = Canvas((style.SIZE[0], layout.height / style.DPI), dpi=style.DPI)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(layout.height, 0))
        axes.axis("off")
        _scale(axes, layout, len(ranks), difference, words)
        _arms(axes, layout, [names[int(arm)] for arm in order], ranks[order])
        for left, right, height in layout.bars:
            axes.plot([left, right], [height, height], color=style.INK, linewidth=5.0, solid_capstyle="butt", zorder=4)
        _words(axes, layout, tables, alpha, words)
    return Figure(canvas)


def _layout(ranks: Floats, difference: float) -> Layout:
    """The places of arms that stand in the order of their ``ranks`` (k,)."""
    per_rank = (WIDTH - 2 * SIDE) / max(len(ranks) - 1, difference)
    x = SIDE + (ranks - 1) * per_rank
    groups = rank_groups(ranks, difference)
    levels = _levels([(ranks[group[0]], ranks[group[-1]]) for group in groups], 16 / per_rank)
    bars = tuple(
        (*_ends(x, group[0], group[-1]), AXIS + FIRST_BAR + BAR * level)
        for group, level in zip(groups, levels, strict=True)
    )
    count = (len(ranks) + 1) // 2
    first = AXIS + FIRST_BAR + BAR * max(levels, default=0) + ROWS_BELOW
    step = FAR if count <= 4 else NEAR
    rows = tuple(first + step * row for row in range(count))
    return Layout(x, per_rank, bars, rows, rows[-1] + NOTE)


def _ends(x: Floats, first: int, last: int) -> tuple[float, float]:
    """From before the first arm to behind the last, and never as far as an arm outside the group."""
    gaps = np.diff(x, prepend=-np.inf, append=np.inf) / 2
    return float(x[first] - min(OVERHANG, gaps[first])), float(x[last] + min(OVERHANG, gaps[last + 1]))


def _levels(spans: Sequence[tuple[float, float]], gap: float) -> list[int]:
    """The first level for each span, in the order of their starts, where it keeps its distance to the one before."""
    ends: list[float] = []
    found: list[int] = []
    for start, end in spans:
        level = next((place for place, last in enumerate(ends) if start > last + gap), len(ends))
        ends[level : level + 1] = [end]
        found.append(level)
    return found


def _scale(axes: "Axes", layout: Layout, arms: int, difference: float, words: Words) -> None:
    """The axis of ranks, and above it a bracket as long as the critical difference."""
    ends = SIDE, SIDE + (arms - 1) * layout.per_rank
    look: dict[str, Any] = {"color": style.QUIET, "linewidth": 1.4}
    axes.plot(ends, [AXIS, AXIS], **look)
    for rank in range(1, arms + 1, math.ceil(NUMBER / layout.per_rank)):
        x = SIDE + (rank - 1) * layout.per_rank
        axes.plot([x, x], [AXIS - 7, AXIS], **look)
        axes.text(x, AXIS - 11, f"{rank}", ha="center", va="bottom", color=style.QUIET, fontsize=style.LABEL)
    beside: dict[str, Any] = {"va": "center", "color": style.QUIET, "fontsize": style.LABEL}
    axes.text(ends[0] - 18, AXIS, words("ranks_better"), ha="right", **beside)
    axes.text(ends[1] + 18, AXIS, words("ranks_worse"), ha="left", **beside)
    end = SIDE + difference * layout.per_rank
    axes.plot(
        [SIDE, SIDE, SIDE, end, end, end], BRACKET + np.array([-5, 5, 0, 0, -5, 5]), color=style.INK, linewidth=1.8
    )
    text = words("ranks_difference", value=f"{difference:.2f}")
    axes.text(SIDE, BRACKET - 11, text, ha="left", va="bottom", fontsize=style.LABEL)


def _arms(axes: "Axes", layout: Layout, names: Sequence[str], ranks: Floats) -> None:
    """The better half to the left, the others to the right; the outermost have the uppermost rows: no lines cross."""
    left = len(layout.rows)
    for place, (name, rank) in enumerate(zip(names, ranks, strict=True)):
        x, better = float(layout.x[place]), place < left
        row = layout.rows[place if better else len(names) - 1 - place]
        edge = SIDE - 12 if better else WIDTH - SIDE + 12
        axes.plot([x, x, edge], [AXIS, row, row], color=style.GRID, linewidth=1.3, solid_joinstyle="round", zorder=2)
        axes.plot(x, AXIS, "o", color=style.POSITIVE, markersize=7.0, markeredgecolor=style.PAPER, zorder=5)
        look: dict[str, Any] = {"va": "center", "ha": "right" if better else "left"}
        outwards = -1 if better else 1
        axes.text(edge + 8 * outwards, row, f"{rank:.2f}", color=style.QUIET, fontsize=style.LABEL, **look)
        axes.text(edge + 58 * outwards, row, shorten(name, LETTERS), fontsize=style.TITLE, **look)


def _words(axes: "Axes", layout: Layout, tables: int, alpha: float, words: Words) -> None:
    axes.text(MARGIN, TITLE, words("ranks_title", tables=tables), fontsize=style.HEADER, va="center")
    said = words("ranks_bars" if layout.bars else "ranks_nobody", alpha=f"{alpha:g}")
    axes.text(MARGIN, layout.height - 26, said, fontsize=style.TICK, color=style.QUIET, va="center")
