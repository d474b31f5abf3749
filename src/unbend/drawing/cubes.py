"""`cube`: two binary inputs beside the three units of a threshold network, as corners of a cube that a plane parts."""

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.panel import frame, place
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
AROUND, DOWN = np.radians(54.0), np.radians(18.0)  # from which side the eye looks, and how far down
SIZE = 15.0  # of the markers
CORNERS = np.array(list(product((0.0, 1.0), repeat=3)))
MIDDLE = np.full(3, 0.5)
EDGES = [(a, b) for a, b in combinations(range(8), 2) if np.abs(CORNERS[a] - CORNERS[b]).sum() == 1]


def cube(inputs: Array, corners: Array, labels: Array, plane: tuple[Array, float], lang: str = "en") -> Figure:
    """Draw four points ``inputs`` (4, 2) of zeros and ones at the left; at the right the ``corners`` (4, 3) of a cube
    that they become, and the ``plane`` (weights (3,), threshold) that parts their ``labels`` (4,), 0 and 1.

    >>> from unbend.network import run_threshold_network, xor_network
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> hidden = run_threshold_network(xor_network(), x)[0].output
    >>> len(cube(x, hidden, np.array([0, 1, 1, 0]), (np.array([1.0, -2.0, 1.0]), 0.5)).canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        square, solid = place(canvas, 90, 90, 470, 540), place(canvas, 640, 90, 500, 540)
        _square(square, inputs, labels, words)
        _solid(solid, inputs, corners, labels, plane, words)
    return Figure(canvas)


def _square(axes: "Axes", inputs: Array, labels: Array, words: Words) -> None:
    frame(axes, (-0.35, 1.35, -0.35, 1.35), ticks=3)
    axes.set_title(words("cube_inputs"))
    axes.set_xlabel("x1")
    axes.set_ylabel("x2")
    _points(axes, inputs, labels)
    for point in inputs:
        axes.annotate(_digits(point), tuple(point), xytext=(0, 14), textcoords="offset points", ha="center")


def _solid(
    axes: "Axes", inputs: Array, corners: Array, labels: Array, plane: tuple[Array, float], words: Words
) -> None:
    from matplotlib.patches import Polygon

    axes.set_title(words("cube_units"))
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim")
    for a, b in EDGES:
        axes.plot(*seen(CORNERS[[a, b]]).T, color=style.GRID, linewidth=1.4, zorder=1)
    section = seen(cut(*plane))
    axes.add_patch(Polygon(section, facecolor=style.UNDECIDED, edgecolor=style.BOUNDARY, alpha=0.75, lw=2.0, zorder=2))
    _points(axes, seen(corners), labels)
    paper: dict[str, Any] = {"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    lowest = seen(corners)[:, 1].min()
    for point, corner, where, label in zip(inputs, corners, seen(corners), labels, strict=True):
        text = f"{_digits(point)} → {_digits(corner)}"
        beside: dict[str, Any] = {"xytext": (14 if label else -14, 0), "ha": "left" if label else "right"}
        if where[1] == lowest:
            beside = {"xytext": (0, -22), "ha": "center"}
        axes.annotate(text, tuple(where), textcoords="offset points", va="center", bbox=paper, **beside)
    for name, end in zip(("x1", words("cube_both"), "x2"), np.eye(3), strict=True):
        middle = seen(end / 2)
        away = middle - seen(MIDDLE)
        axes.annotate(
            name, tuple(middle), xytext=tuple(24 * away / np.hypot(*away)), textcoords="offset points",
            ha="center", va="center", color=style.QUIET,
        )  # fmt: skip
    axes.margins(0.05, 0.08)


def _points(axes: "Axes", places: Array, labels: Array) -> None:
    for label in (0, 1):
        own = places[labels == label]
        look: dict[str, Any] = {"color": style.class_color(label), "markeredgecolor": style.PAPER, "markersize": SIZE}
        axes.plot(*own.T, style.class_marker(label), linestyle="none", zorder=4, **look)


def _digits(point: Array) -> str:
    return ", ".join(f"{value:g}" for value in point)


def cut(weight: Array, threshold: float) -> Array:
    """(m, 3) the corners, in order, of the part of the plane ``weight @ z = threshold`` that lies in the unit cube.

    >>> cut(np.array([0.0, 0.0, 1.0]), 0.5)[:, 2].tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    found: list[Array] = []
    for a, b in EDGES:
        low, high = CORNERS[a] @ weight - threshold, CORNERS[b] @ weight - threshold
        if low * high < 0:
            found.append(CORNERS[a] + low / (low - high) * (CORNERS[b] - CORNERS[a]))
    points = np.array(found)
    across = np.linalg.svd(weight[None])[2][1:]  # two directions within the plane
    flat = (points - points.mean(axis=0)) @ across.T
    return points[np.argsort(np.arctan2(flat[:, 1], flat[:, 0]))]


def seen(places: Array) -> Array:
    """Places (…, 3) as seen (…, 2) by an eye far away; the third coordinate stands upright."""
    cosine, sine = np.cos(AROUND), np.sin(AROUND)
    across = cosine * places[..., 0] - sine * places[..., 1]
    behind = sine * places[..., 0] + cosine * places[..., 1]
    return np.stack([across, np.cos(DOWN) * places[..., 2] + np.sin(DOWN) * behind], axis=-1)
