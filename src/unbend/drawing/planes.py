"""Pieces of scenes in the plane: points of two classes, straight lines, the halves they part, arrows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unbend.drawing import style
from unbend.drawing.groups import point_size
from unbend.drawing.panel import frame, size_of
from unbend.geometry import Box
from unbend.geometry.straight import straight_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SOFT = 0.2  # how much of a class's colour its half of the plane has
Color = str | tuple[float, float, float]
Line = tuple[ArrayLike, float]  # weight (2,) and bias: the places with place @ weight + bias = 0


def plane(axes: "Axes", box: Box, ticks: int = 5) -> Box:
    """Fix the limits of ``axes`` to ``box``, made larger to one side where a unit would not be as long as the other's."""
    width, height = size_of(axes)
    left, right, bottom, top = box
    unit = max((right - left) / width, (top - bottom) / height)
    across, up = unit * width / 2, unit * height / 2
    middle = (left + right) / 2, (bottom + top) / 2
    seen = (middle[0] - across, middle[0] + across, middle[1] - up, middle[1] + up)
    frame(axes, seen, ticks)
    return seen


def draw_points(axes: "Axes", x: Array, y: Array, size: float | None = None) -> None:
    """Points x (n, 2) of the classes y (n,) 0 and 1."""
    large = size or point_size(len(x))
    for label in (0, 1):
        axes.plot(
            *x[y == label].T, linestyle="none", marker=style.class_marker(label), color=style.class_color(label),
            markersize=large, markeredgecolor=style.PAPER, markeredgewidth=0.5,
        )  # fmt: skip


def segment(box: Box, weight: ArrayLike, bias: float) -> Array:
    """The part (2, 2) of a line inside ``box``, or nothing, (0, 2).

    >>> segment((0, 1, 0, 1), [1.0, 0.0], -0.5).tolist()
    [[0.5, 1.0], [0.5, 0.0]]
    """
    slope = np.asarray(weight, np.float64)
    found = straight_lines(np.column_stack([np.zeros(2), slope]), np.array([0.0, bias]), box)
    return found[0].segment if found else np.zeros((0, 2))


def draw_line(axes: "Axes", box: Box, line: Line, **look: Any) -> None:
    """One straight line through ``box``."""
    axes.plot(*segment(box, *line).T, **{"color": style.BOUNDARY, "linewidth": 2.4} | look)


def draw_lines(axes: "Axes", box: Box, lines: Sequence[Line], **look: Any) -> None:
    """Many lines at once."""
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection([segment(box, *line) for line in lines], **look), autolim=False)


def draw_halves(axes: "Axes", box: Box, line: Line) -> None:
    """The two sides of a line in the soft colours of the classes: blue where the score is positive."""
    for half, color in zip(halves(box, *line), (style.NEGATIVE, style.POSITIVE), strict=True):
        axes.fill(*half.T, facecolor=style.soften(color, SOFT), linewidth=0.0, zorder=0)


def halves(box: Box, weight: ArrayLike, bias: float) -> tuple[Array, Array]:
    """The corners (m, 2) of the negative and of the positive part of ``box``.

    >>> [half.tolist() for half in halves((0, 1, 0, 1), [1.0, 0.0], -0.5)]
    [[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]], [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]]
    """
    left, right, bottom, top = box
    corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]], np.float64)
    score = corners @ np.asarray(weight, np.float64) + bias
    return _clipped(corners, -score), _clipped(corners, score)


def _clipped(corners: Array, score: Array) -> Array:
    """The part of a polygon in which the score, linear along its sides, is not negative (Sutherland & Hodgman 1974)."""
    kept: list[Array] = []
    for here, there, low, high in zip(corners, np.roll(corners, -1, 0), score, np.roll(score, -1), strict=True):
        if low >= 0:
            kept.append(here)
        if low * high < 0:
            kept.append(here + low / (low - high) * (there - here))
    return np.array(kept).reshape(-1, 2)


def draw_arrow(axes: "Axes", start: ArrayLike, end: ArrayLike, color: Color = style.INK, width: float = 2.2) -> None:
    """An arrow from ``start`` to ``end``."""
    look: dict[str, Any] = {"arrowstyle": "-|>,head_width=0.35,head_length=0.6", "shrinkA": 0.0, "shrinkB": 0.0}
    tip, foot = tuple(np.asarray(end, float)), tuple(np.asarray(start, float))
    axes.annotate("", tip, foot, arrowprops=look | {"color": color, "linewidth": width, "mutation_scale": 14.0})


def name_axes(axes: "Axes", names: tuple[str, str] = ("x1", "x2")) -> None:
    """The names of both axes."""
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
