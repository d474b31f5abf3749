"""What every panel is made of: axes at a place in pixels, artists that change, and how groups of points look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.story import Box, Story
from unbend.drawing.words import Words, shorten

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

MANY_POINTS = 2000  # more are drawn as an image in vector formats
VALUE_GROUPS = 7


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


@dataclass(frozen=True)
class Group:
    """How the points of one class, or of one range of target values, look and what they are called."""

    color: str
    marker: str
    name: str


def place(figure: "Figure", left: float, top: float, width: float, height: float) -> "Axes":
    """Axes at a place given in pixels of 1280 x 720, counted from the upper left corner."""
    full_width, full_height = style.SIZE[0] * style.DPI, style.SIZE[1] * style.DPI
    return figure.add_axes(
        (left / full_width, 1.0 - (top + height) / full_height, width / full_width, height / full_height)
    )


def frame(axes: "Axes", box: Box, ticks: int = 5) -> None:
    """Fix the limits of ``axes`` and ask for few ticks."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(box[0], box[1])
    axes.set_ylim(box[2], box[3])
    axes.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axes.tick_params(length=3.0)


def groups(story: Story, words: Words) -> tuple[Group, ...]:
    """The groups that `Story.labels` counts: the classes, or seven ranges of the target from low to high."""
    if story.dataset.task != "regression":
        names = story.dataset.class_names or tuple(str(int(label)) for label in np.unique(story.labels))
        return tuple(
            Group(style.class_color(index), style.class_marker(index), shorten(name)) for index, name in enumerate(names)
        )
    shades = value_shades()
    markers = "vvvoo^^^"[: VALUE_GROUPS - 1] + "^"
    ends = {0: words("low"), VALUE_GROUPS - 1: words("high")}
    return tuple(
        Group(shade, marker, ends.get(index, "")) for index, (shade, marker) in enumerate(zip(shades, markers, strict=True))
    )


def value_shades() -> tuple[str, ...]:
    """Seven colours from orange over grey to blue."""
    steps = np.linspace(-1.0, 1.0, VALUE_GROUPS)
    middle, ends = style.rgb("#b9bec2"), {-1: style.rgb(style.NEGATIVE), 1: style.rgb(style.POSITIVE)}
    shades = [middle + abs(step) * (ends[1 if step > 0 else -1] - middle) for step in steps]
    return tuple("#" + "".join(f"{round(255 * part):02x}" for part in shade) for shade in shades)


def point_size(count: int) -> float:
    """The size of markers, in points: large for the four points of XOR, small for thousands."""
    return float(np.interp(count, [4, 40, 200, 1000, 2000], [13.0, 8.0, 5.5, 4.2, 3.8]))


def point_lines(axes: "Axes", story: Story, words: Words) -> "list[Line2D]":
    """One artist a group, without data yet; the groups lie over each other in an order that `set_points` fills."""
    size = point_size(len(story.labels))
    look: dict[str, Any] = {"linestyle": "none", "markersize": size, "rasterized": len(story.labels) > MANY_POINTS}
    edge = (style.PAPER, 0.5) if size > 4.2 else ("none", 0.0)
    look |= {"markeredgecolor": edge[0], "markeredgewidth": edge[1]}
    return [
        axes.plot([], [], marker=group.marker, color=group.color, **look)[0] for group in groups(story, words)
    ]


def set_points(lines: "list[Line2D]", points: NDArray[np.float64], labels: NDArray[np.float64]) -> None:
    """Give each group its points (n, 2)."""
    for index, line in enumerate(lines):
        chosen = points[labels == index]
        line.set_data(chosen[:, 0], chosen[:, 1])


def joined(curves: "tuple[NDArray[np.float64], ...]") -> NDArray[np.float64]:
    """Several curves (m, 2) as one, parted by NaN, so that one artist draws them all."""
    gap = np.full((1, 2), np.nan)
    parts = [part for curve in curves for part in (curve, gap)]
    return np.concatenate(parts) if parts else gap
