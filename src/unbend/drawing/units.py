"""One unit as a line in the plane: what weights and bias do to it, and what training does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.panel import at, place
from unbend.drawing.picture import Figure
from unbend.drawing.planes import (
    Array,
    Color,
    Line,
    draw_arrow,
    draw_halves,
    draw_line,
    draw_lines,
    draw_points,
    name_axes,
    plane,
)
from unbend.drawing.words import Words, number
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = (0.35, 0.62, 1.0)  # of ink, for lines in a row
SIDES = ((640.0, 104.0), (964.0, 104.0), (640.0, 420.0), (964.0, 420.0))


@dataclass(frozen=True, eq=False)
class Trained:
    """What training came to on points ``x`` (n, 2) of the classes ``y`` (n,): the ``line`` of a unit with the places
    ``found`` (m, 2) of its boundary by asking, and pale lines of ``others``."""

    title: str
    note: str
    x: Array
    y: Array
    line: Line
    found: Array
    others: Sequence[Line] = ()


def one_unit(weight: Array, bias: float, points: Array, lang: str = "en") -> Figure:
    """Draw the line of a unit with its normal vector and the distances of ``points`` (n, 2); beside it what happens to
    the line when the weights turn, when the bias changes, when both grow, and when both change their sign.

    >>> len(one_unit(np.array([3.0, 4.0]), -5.0, np.array([[2.0, 1.0]])).canvas.axes)
    5
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        canvas.text(*at(68, 38), words("unit_header"), fontsize=style.HEADER, va="center")
        _anatomy(place(canvas, 68, 104, 500, 540), (weight, bias), points, words)
        half = weight / 2
        turned = [(_turned(half, angle), 0.0) for angle in (1.2, 0.6, 0.0)]
        shifted = [(half, -distance * float(np.hypot(*half))) for distance in (-3.0, 0.0, 3.0)]
        panels = [place(canvas, left, top, 288, 224) for left, top in SIDES]
        for axes, key, lines in zip(panels, ("turn", "shift"), (turned, shifted), strict=False):
            _row(axes, lines, words(f"unit_{key}"))
        _scaled(panels[2], (half, bias / 2), 2.0, words("unit_scale"))
        _scaled(panels[3], (half, bias / 2), -1.0, words("unit_flip"))
    return Figure(canvas)


def _anatomy(axes: "Axes", line: Line, points: Array, words: Words) -> None:
    weight, bias = np.asarray(line[0]), line[1]
    box = plane(axes, (-4.6, 5.6, -4.4, 6.4))
    draw_halves(axes, box, line)
    draw_line(axes, box, line)
    length = float(np.hypot(*weight))
    foot = -bias / length**2 * weight
    draw_arrow(axes, foot, foot + weight)
    axes.annotate(
        words("unit_weights"), tuple(foot + 0.62 * weight), xytext=(-10, 6), textcoords="offset points",
        ha="right", fontsize=style.LABEL,
    )  # fmt: skip
    for point in points:
        score = float(point @ weight + bias)
        on_line = point - score / length**2 * weight
        axes.plot(*np.stack([point, on_line]).T, color=style.QUIET, linewidth=1.4, linestyle=(0, (2, 2)))
        axes.plot(*point, "o", color=style.INK, markersize=7.0)
        text = words("unit_distance", score=number(score), distance=number(score / length))
        away: dict[str, Any] = {"xytext": (7, 6), "va": "bottom"} if score == 0 else {"xytext": (8, -7), "va": "top"}
        axes.annotate(
            text, tuple(point), **away, textcoords="offset points", fontsize=style.TICK,
            bbox={"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
        )  # fmt: skip
    axes.text(0.03, 0.03, words("unit_negative"), transform=axes.transAxes, fontsize=style.LABEL)
    axes.text(0.97, 0.965, words("unit_positive"), transform=axes.transAxes, ha="right", va="top", fontsize=style.LABEL)
    axes.set_title(words("unit_line"))
    name_axes(axes)


def _turned(weight: Array, angle: float) -> Array:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]]) @ weight


def _row(axes: "Axes", lines: Sequence[Line], title: str) -> None:
    """Several lines, the last darkest, each with its weights as an arrow."""
    box = plane(axes, (-6.0, 6.0, -4.0, 6.0), 4)
    for line, shade in zip(lines, SHADES, strict=True):
        _with_arrow(axes, box, line, style.soften(style.INK, shade))
    axes.set_title(title)


def _scaled(axes: "Axes", line: Line, factor: float, title: str) -> None:
    box = plane(axes, (-6.0, 6.0, -4.0, 6.0), 4)
    changed = factor * np.asarray(line[0]), factor * line[1]
    draw_halves(axes, box, changed)
    _with_arrow(axes, box, changed, style.INK)
    _with_arrow(axes, box, line, style.GRID)
    axes.set_title(title)


def _with_arrow(axes: "Axes", box: Box, line: Line, color: Color) -> None:
    weight = np.asarray(line[0])
    foot = -line[1] / float(weight @ weight) * weight
    draw_line(axes, box, line, color=color)
    draw_arrow(axes, foot, foot + weight, color)


def trained_units(several: Sequence[Trained], lang: str = "en") -> Figure:
    """Draw up to three panels of `Trained` side by side.

    >>> x, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0])
    >>> len(trained_units([Trained("one", "", x, y, ([1.0, 1.0], -1.0), x[:0])]).canvas.axes)
    1
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        canvas.text(*at(68, 38), words("unit_trained"), fontsize=style.HEADER, va="center")
        for index, one in enumerate(several):
            axes = place(canvas, 68 + 409 * index, 130, 366, 480)
            _trained(axes, one)
            axes.set_xlabel("x1")
            axes.set_ylabel("x2" if index == 0 else "")
    return Figure(canvas)


def _trained(axes: "Axes", one: Trained) -> None:
    box = plane(axes, _around(one.x))
    if len(one.others):
        draw_lines(axes, box, one.others, colors=style.INK, linewidths=0.7, alpha=0.18, zorder=1)
    else:
        draw_halves(axes, box, one.line)
    draw_points(axes, one.x, one.y, 5.0)
    draw_line(axes, box, one.line, zorder=3)
    axes.plot(*one.found.T, "o", color=style.PAPER, markeredgecolor=style.INK, markersize=6.0, zorder=4)
    axes.set_title(one.title)
    axes.set_title(one.note, loc="right", color=style.QUIET, fontsize=style.LABEL)


def _around(x: Array) -> Box:
    (left, bottom), (right, top) = x.min(axis=0), x.max(axis=0)
    room = 0.06 * max(right - left, top - bottom)
    return float(left - room), float(right + room), float(bottom - room), float(top + room)
