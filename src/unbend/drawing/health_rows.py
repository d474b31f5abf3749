"""A small chart with a row for each layer of a watched model: readable for three layers and for sixty."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.words import Words, shorten, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure as Canvas

WIDTH = 4.8  # inches; half of a page's column, or all of a phone
TALLEST, ROW = 4.4, 0.34  # inches of all rows together, and of one
NAMED = 16  # layers that have room for their names; more have numbers
LONGEST = 15  # letters of a name
RIGHT, BELOW = 0.62, 0.56  # inches for the value of a row, and for the axis with its words
ORANGES = ("#f3f4f6", style.NEGATIVE, "#6b2c00")
BLUES = ("#f3f4f6", "#64aedb", style.POSITIVE, "#062b4a")
LEVELS = 32  # of a scale of colours; flat areas stay small in a page, and sharp


def layer_rows(names: Sequence[str], values: Sequence[str], above: float, words: Words) -> "tuple[Canvas, Axes]":
    """Axes with a row for each layer, the first on top, its value at the right; ``above``: inches over them."""
    from matplotlib.figure import Figure as Canvas

    count = max(1, len(names))
    tall = min(TALLEST, max(ROW * count, 0.9))
    labels = _labels(names)
    named = len(names) <= NAMED
    left, right = (0.2, RIGHT) if named else (0.42, 0.2)
    left += 0.078 * max([text_width(label) for label in labels.values()], default=0)
    height = above + tall + BELOW
    canvas = Canvas((WIDTH, height), dpi=style.DPI)
    axes = canvas.add_axes((left / WIDTH, BELOW / height, (WIDTH - left - right) / WIDTH, tall / height), xlim=(0, 1))
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_yticks(list(labels), list(labels.values()))
    axes.tick_params(axis="y", length=0, labelcolor=style.INK)
    axes.spines[:].set_visible(False)
    if not named:
        axes.set_ylabel(words("health_number"), fontsize=style.TICK, color=style.QUIET)
    for place, value in enumerate(values if named else ()):
        axes.annotate(
            value, (1, place), xytext=(5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", fontsize=style.TICK, color=style.INK,
        )  # fmt: skip
    return canvas, axes


def _labels(names: Sequence[str]) -> dict[int, str]:
    """What stands at the left, by row: its name, or only some of many numbers."""
    if len(names) <= NAMED:
        return {place: tail(name) for place, name in enumerate(names)}
    every = next(step for step in (2, 5, 10, 20, 50, 100, 200, 500, 1000) if len(names) <= 14 * step or step == 1000)
    return {place: str(place + 1) for place in range(len(names)) if place == 0 or (place + 1) % every == 0}


def tail(name: str) -> str:
    """The end of a name, which tells more of a layer than its beginning.

    >>> tail("encoder.layers.3.linear1/gelu")
    '…3.linear1/gelu'
    """
    return name if text_width(name) <= LONGEST else "…" + shorten(name[::-1], LONGEST)[::-1].lstrip("…")


def separate(axes: "Axes", count: int) -> None:
    """White lines between the rows, where there is room for them."""
    if count <= NAMED:
        for edge in range(1, count):
            axes.axhline(edge - 0.5, color=style.PAPER, linewidth=2.5)


def scale(colors: Sequence[str]) -> "Colormap":
    """A scale of colours whose steps darken, so that it reads in grey too."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("health", list(colors), N=LEVELS)


def unmeasured(axes: "Axes") -> None:
    """Hatch what lies below: where nothing is painted, nothing was measured."""
    from matplotlib.patches import Rectangle

    look = {"facecolor": style.PAPER, "edgecolor": style.GRID, "hatch": "////", "linewidth": 0, "zorder": -1}
    axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, **look))  # pyright: ignore[reportArgumentType]


def step_ticks(last: int) -> list[int]:
    """Steps to write at an axis of log(1 + step): powers of ten, and the last one in the place of a near one.

    >>> step_ticks(0), step_ticks(8), step_ticks(2000), step_ticks(1100)
    ([0], [0, 1, 8], [0, 1, 10, 100, 2000], [0, 1, 10, 100, 1100])
    """
    powers = [10**exponent for exponent in range(math.ceil(math.log10(last)))] if last > 0 else []
    near = 0.16 * math.log1p(last)
    return [0, *(step for step in powers if math.log1p(last) - math.log1p(step) > near), *([last] if last else [])]


def along(steps: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """(columns,) which sample holds at evenly spaced places of an axis of log(1 + step): the last one before.

    >>> along(np.array([0, 1, 3]), 4).tolist()
    [0, 0, 1, 1]
    """
    places = np.expm1(np.linspace(0.0, np.log1p(steps[-1]), columns, endpoint=False))
    return np.searchsorted(steps, places + 1e-9, side="right") - 1
