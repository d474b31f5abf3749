"""What every panel is made of: axes at a place in pixels, and artists that change from one moment to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.groups import groups, point_size
from unbend.drawing.story import Array, Story
from unbend.drawing.words import Words
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

NARROW = 240.0  # pixels; panels narrower than this get the short words
FULL_AREA = 412.0 * 462.0  # pixels of a panel whose markers have their full size
MANY_POINTS = 1500  # more are an image in vector formats: a marker of their own each would weigh megabytes


@dataclass(frozen=True, eq=False)
class Panel:
    """A drawn panel: the artists that change, in drawing order, and the function that sets them to moment ``index``."""

    artists: "tuple[Artist, ...]"
    show: Callable[[int], None]


def together(panels: "list[Panel]") -> Panel:
    """Several panels as one."""

    def show(index: int) -> None:
        for panel in panels:
            panel.show(index)

    return Panel(tuple(artist for panel in panels for artist in panel.artists), show)


def at(left: float, top: float) -> tuple[float, float]:
    """A place given in pixels of 1280 x 720 from the upper left corner, as shares of the figure from the lower left.

    >>> at(640, 0)
    (0.5, 1.0)
    """
    return left / (style.SIZE[0] * style.DPI), 1.0 - top / (style.SIZE[1] * style.DPI)


def place(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Axes at a place given in pixels of 1280 x 720, counted from the upper left corner."""
    (x, low), (right, high) = at(left, top + height), at(left + width, top)
    return figure.add_axes((x, low, right - x, high - low))


def size_of(axes: "Axes") -> tuple[float, float]:
    """Width and height in pixels of 1280 x 720."""
    box = axes.get_position()
    return box.width * style.SIZE[0] * style.DPI, box.height * style.SIZE[1] * style.DPI


def frame(axes: "Axes", box: Box, ticks: int = 5) -> None:
    """Fix the limits of ``axes`` and ask for few ticks."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(box[0], box[1])
    axes.set_ylim(box[2], box[3])
    axes.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axes.tick_params(length=3.0)


def point_lines(axes: "Axes", story: Story, words: Words) -> "list[Line2D]":
    """One artist for each group of points, without data yet; `set_points` gives it."""
    width, height = size_of(axes)
    size = point_size(len(story.labels)) * min(1.0, (width * height / FULL_AREA) ** 0.25)
    look: dict[str, Any] = {"linestyle": "none", "markersize": size, "rasterized": len(story.labels) > MANY_POINTS}
    edge = (style.PAPER, 0.5) if size > 4.3 else ("none", 0.0)
    look |= {"markeredgecolor": edge[0], "markeredgewidth": edge[1]}
    return [
        axes.plot([], [], marker=group.marker, color=group.color, **look)[0] for group in groups(story.dataset, words)
    ]


def set_points(lines: "list[Line2D]", points: Array, labels: NDArray[np.int64]) -> None:
    """Give each group its points (n, 2)."""
    for index, line in enumerate(lines):
        chosen = points[labels == index]
        line.set_data(chosen[:, 0], chosen[:, 1])


def joined(curves: tuple[Array, ...]) -> Array:
    """Several curves (m, 2) as one, parted by NaN, so that one artist draws them all."""
    gap = np.full((1, 2), np.nan)
    parts = [part for curve in curves for part in (curve, gap)]
    return np.concatenate(parts) if parts else gap
