"""The same points in several planes side by side, each with the curve that parts the classes there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.groups import point_size
from unbend.drawing.panel import Array, at, frame, joined, place
from unbend.drawing.picture import Figure
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT, GAP, TALLEST = 66.0, 18.0, 74.0, 500.0  # pixels
LEGEND = 62.0  # pixels from the middle of the legend down to the panels


@dataclass(frozen=True, eq=False)
class Plane:
    """Points (n, 2) inside ``limits``, a ``grid`` of curves (m, 2) behind them and a ``cut`` (m, 2) through them."""

    title: str
    x_label: str
    y_label: str
    limits: Box
    points: Array
    cut: Array
    grid: tuple[Array, ...] = ()


def planes(several: Sequence[Plane], labels: NDArray[np.int64], names: Sequence[str], cut: str) -> Figure:
    """Draw the points of classes ``labels`` (n,) in up to four planes; ``names`` of the classes, ``cut`` of the curves.

    >>> x = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> plane = Plane("input", "x", "y", (-1, 2, -1, 2), x, np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> len(planes([plane, plane], np.array([0, 1]), ["out", "in"], "boundary").canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    wide, tall = (pixels * style.DPI for pixels in style.SIZE)
    gaps = GAP * (len(several) - 1)
    size = min(TALLEST, (wide - LEFT - RIGHT - gaps) / len(several))
    left = LEFT + (wide - LEFT - RIGHT - gaps - size * len(several)) / 2.0
    top = (tall - size) / 2.0
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        handles: list[Any] = []
        for index, plane in enumerate(several):
            axes = place(canvas, left + index * (size + GAP), top, size, size)
            handles = _draw(axes, plane, labels, (*names, cut))
        canvas.legend(
            handles=handles,
            loc="center",
            bbox_to_anchor=at(wide / 2.0, top - LEGEND),
            ncols=len(handles),
            frameon=False,
            fontsize=style.TITLE,
        )
    return Figure(canvas)


def _draw(axes: "Axes", plane: Plane, labels: NDArray[np.int64], names: Sequence[str]) -> list[Any]:
    """Draw one plane; returns what stands in the legend: the classes and the cut."""
    frame(axes, plane.limits)
    axes.set_title(plane.title)
    axes.set_xlabel(plane.x_label)
    axes.set_ylabel(plane.y_label)
    grid = joined(plane.grid)
    axes.plot(grid[:, 0], grid[:, 1], color=style.GRID, linewidth=0.7)
    look: dict[str, Any] = {"linestyle": "none", "markeredgecolor": style.PAPER, "markeredgewidth": 0.4}
    handles: list[Any] = []
    for index, name in enumerate(names[:-1]):
        chosen = plane.points[labels == index]
        color, marker = style.class_color(index), style.class_marker(index)
        size = 0.85 * point_size(len(labels))
        handles += axes.plot(*chosen.T, color=color, marker=marker, markersize=size, label=name, **look)
    axes.plot(plane.cut[:, 0], plane.cut[:, 1], color=style.PAPER, linewidth=4.5, alpha=0.8)
    handles += axes.plot(plane.cut[:, 0], plane.cut[:, 1], color=style.BOUNDARY, linewidth=2.4, label=names[-1])
    return handles
