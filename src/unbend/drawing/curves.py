"""One activation function and its gradient over an interval: the picture that stands at the head of a lesson."""

import math

import numpy as np
from numpy.typing import NDArray

from unbend.activations.activation import Activation
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words, shorten
from unbend.errors import UnbendError

Array = NDArray[np.float64]
SIZE = (8.0, 4.5)  # inches; half a slide
STEPS = 401
JUMP = 1e-3  # a larger step across a kink is drawn as a gap


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
        axes.axhline(0.0, color=style.GRID, linewidth=0.8)
        axes.axvline(0.0, color=style.GRID, linewidth=0.8)
        z = sampled(span, activation.kinks)
        axes.plot(*opened(z, activation(z)), color=style.INK, linewidth=2.6, label=words("value"))
        axes.plot(
            *opened(z, activation.gradient(z)), "--", color=style.GRADIENT, linewidth=2.2, label=words("gradient")
        )
        axes.set_xlim(*span)
        axes.set_xlabel("x")
        axes.set_title(_title(activation), fontsize=style.TITLE)
        axes.legend(loc="upper left", frameon=True, framealpha=0.9, edgecolor="none", fontsize=style.LABEL)
    return Figure(canvas)


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
