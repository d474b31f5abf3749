"""Activation functions and their gradients over an interval: the pictures that stand at the head of a lesson."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.drawing import style
from unbend.drawing.panel import place
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words, shorten
from unbend.errors import UnbendError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
SIZE = (8.0, 4.5)  # inches; half a slide
STEPS = 401
JUMP = 1e-3  # a larger step across a kink is drawn as a gap
LEVELS = (-1.25, 2.25)  # of the panels that stand side by side: their slopes are compared by eye


def curve(activation: Activation, lang: str = "en", span: tuple[float, float] = (-5.0, 5.0)) -> Figure:
    """The value (dark) and the gradient (red, dashed) of ``activation`` over ``span``; jumps are left open.

    Raises `UnbendError` for a language that is not there or an empty span.

    >>> from unbend.activations import activation
    >>> curve(activation("tanh")).canvas.axes[0].get_title(loc="left")
    'tanh   f(x) = tanh(x)'
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    _check(span)
    with style.settings():
        canvas = Canvas(SIZE, dpi=style.DPI)
        axes = canvas.add_axes((0.09, 0.15, 0.88, 0.73))
        _draw(axes, activation, words, span)
        axes.set_title(_title(activation), fontsize=style.TITLE)
        axes.legend(loc="upper left", frameon=True, framealpha=0.9, edgecolor="none", fontsize=style.LABEL)
    return Figure(canvas)


def curve_panels(
    activations: Sequence[Activation], flat: float, lang: str = "en", span: tuple[float, float] = (-6.0, 6.0)
) -> Figure:
    """Up to four activations side by side on one scale, as `curve` draws them; grey where |gradient| < ``flat``.

    Raises `UnbendError` for a language that is not there or an empty span.

    >>> from unbend.activations import activation
    >>> [axes.get_title(loc="left") for axes in curve_panels([activation("tanh")], 0.01).canvas.axes]
    ['tanh']
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    _check(span)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        width = 1240.0 / len(activations)
        for index, activation in enumerate(activations):
            axes = place(canvas, 60 + index * width, 70, width - 50, 540)
            z = sampled(span, activation.kinks)
            away = np.abs(activation.gradient(z)) < flat
            axes.fill_between(
                z,
                *LEVELS,
                where=away.tolist(),
                color=style.UNDECIDED,
                linewidth=0,
                label=words("flat_zone", flat=f"{flat:g}"),
            )
            _draw(axes, activation, words, span)
            axes.set_ylim(*LEVELS)
            axes.set_title(shorten(activation.name, 24), fontsize=style.HEADER)
        canvas.legend(
            *canvas.axes[0].get_legend_handles_labels(),
            loc="lower center",
            ncols=3,
            frameon=False,
            fontsize=style.TITLE,
        )
    return Figure(canvas)


def _draw(axes: "Axes", activation: Activation, words: Words, span: tuple[float, float]) -> None:
    """Value and gradient over both zero lines."""
    axes.axhline(0.0, color=style.GRID, linewidth=0.8)
    axes.axvline(0.0, color=style.GRID, linewidth=0.8)
    z = sampled(span, activation.kinks)
    axes.plot(*opened(z, activation(z)), color=style.INK, linewidth=2.6, label=words("value"))
    axes.plot(*opened(z, activation.gradient(z)), "--", color=style.GRADIENT, linewidth=2.2, label=words("gradient"))
    axes.set_xlim(*span)
    axes.set_xlabel("x")


def sampled(span: tuple[float, float], kinks: tuple[float, ...], steps: int = STEPS) -> Array:
    """Places (m,) over ``span``; at a kink two of them lie so close together that a jump shows.

    >>> sampled((-1.0, 1.0), (0.1234,)).shape
    (403,)
    """
    inside = [kink for kink in kinks if span[0] < kink < span[1]]
    tiny = 1e-9 * (span[1] - span[0])
    beside = [place for kink in inside for place in (kink - tiny, kink + tiny)]
    grid = np.linspace(*span, steps)
    for kink in inside:
        grid = grid[np.abs(grid - kink) > tiny]
    return np.sort(np.concatenate([grid, beside]))


def opened(z: Array, values: Array) -> tuple[Array, Array]:
    """The curve (m,) with a gap wherever it jumps between two neighbouring places."""
    close = np.diff(z) < 1e-6 * (z[-1] - z[0])
    jumps = np.flatnonzero(close & (np.abs(np.diff(values)) > JUMP)) + 1
    return np.insert(z, jumps, np.nan), np.insert(values, jumps, np.nan)


def _title(activation: Activation) -> str:
    name = shorten(activation.name, 24)
    return name if activation.name == activation.formula else f"{name}   f(x) = {shorten(activation.formula, 56)}"


def _check(span: tuple[float, float]) -> None:
    if not (math.isfinite(span[0]) and math.isfinite(span[1]) and span[0] < span[1]):
        raise UnbendError(f"the span {span} is empty; give two finite numbers, the smaller first, such as (-5, 5)")
