"""The picture of one card: value and gradient with their marks, and the numbers that matter most beside them."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.curves import opened, sampled
from unbend.drawing.panel import at, place
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words, number, percent, shorten
from unbend.properties.telling import order_kept

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.lines import Line2D

    from unbend.properties import Card

Array = NDArray[np.float64]
SATURATED = 0.01
LEAST_SPAN, WIDEST_SPAN = 5.0, 10.0
HIGHEST = 6.0  # curves that grow beyond are cut
LEFT, TOP, WIDTH, HEIGHT = 64.0, 92.0, 752.0, 556.0
COLUMN, RIGHT = 858.0, 1250.0


def card_figure(card: "Card", lang: str = "en") -> Figure:
    """Draw a card: value (dark) and gradient (red, dashed) with saturated zones, bounds, the steepest and the lowest
    place, and a column of numbers. Raises `UnbendError` for a language that is not there.

    >>> from unbend.properties import card
    >>> card_figure(card("tanh")).canvas.get_size_inches().tolist()
    [12.8, 7.2]
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        canvas.text(*at(LEFT - 24, 38), shorten(card.name, 36), fontsize=style.HEADER, va="center")
        if card.name != card.formula:
            formula = f"f(x) = {shorten(card.formula, 74)}"
            canvas.text(*at(LEFT - 24, 68), formula, fontsize=style.LABEL, va="center", color=style.QUIET)
        _curves(place(canvas, LEFT, TOP, WIDTH, HEIGHT), card, words)
        _column(canvas, card, words)
    return Figure(canvas)


# ---------------------------------------------------------------------- the curves
def _curves(axes: "Axes", card: "Card", words: Words) -> None:
    span = _span(card)
    z = sampled((-span, span), card.kinks)
    value, slope = card.activation(z), card.activation.gradient(z)
    low, high = _limits(value, slope)
    axes.set_xlim(-span, span)
    axes.set_ylim(low, high)
    _shade(axes, z, slope, words)
    axes.axhline(0.0, color=style.GRID, linewidth=1.0)
    axes.axvline(0.0, color=style.GRID, linewidth=1.0)
    _bounds(axes, card, (low, high), words)
    with np.errstate(all="ignore"):
        axes.plot(*opened(z, _cut(value)), color=style.INK, linewidth=2.8, label=words("value"))
        axes.plot(*opened(z, _cut(slope)), "--", color=style.GRADIENT, linewidth=2.3, label=words("gradient"))
    _marks(axes, card, span, (low, high), words)
    axes.set_xlabel("x", loc="right")
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: labels[i] == words("saturated_zone"))  # curves first
    axes.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="lower left", bbox_to_anchor=(0.0, -0.13),
        ncols=3, frameon=False, fontsize=style.LABEL,
    )  # fmt: skip
    axes.tick_params(length=3.0)


def _span(card: "Card") -> float:
    """Half the width shown: what matters lies within it."""
    edges = [edge for edge in card.saturates_from if edge is not None and math.isfinite(edge)]
    inner = [abs(edge) for edge in (*card.kinks, *edges) if abs(edge) <= WIDEST_SPAN - 1]
    return max([LEAST_SPAN, *(math.ceil(edge + 1) for edge in inner)])


def _limits(value: Array, slope: Array) -> tuple[float, float]:
    shown = np.concatenate([value, slope])
    shown = shown[np.isfinite(shown) & (np.abs(shown) <= HIGHEST)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (-1.0, 1.0)
    room = 0.09 * max(high - low, 1.0)
    return low - room, high + 1.5 * room


def _cut(values: Array) -> Array:
    """Without what lies far outside the picture: one place beyond its edge is enough."""
    return np.where(np.abs(values) < 100 * HIGHEST, values, np.nan)


def _shade(axes: "Axes", z: Array, slope: Array, words: Words) -> None:
    flat = np.abs(slope) < SATURATED
    if flat.any():
        bottom, top = axes.get_ylim()
        shade = style.soften(style.GRID, 0.35)
        axes.fill_between(z, bottom, top, where=flat.tolist(), color=shade, linewidth=0, label=words("saturated_zone"))


def _bounds(axes: "Axes", card: "Card", shown: tuple[float, float], words: Words) -> None:
    """A dotted line at each finite end of the range that is only approached."""
    if card.range is None:
        return
    for end, reached, side in zip(card.range, card.range_reached, ("bottom", "top"), strict=True):
        if math.isfinite(end) and shown[0] < end < shown[1] and not reached and abs(end) > 1e-9:
            axes.axhline(end, color=style.QUIET, linewidth=1.4, linestyle=":")
            above = side == "top"
            text = words("above_none" if above else "below_none", value=short(end))
            axes.annotate(
                text, (0.012 if above else 0.988, end), xycoords=("axes fraction", "data"),
                xytext=(0, 4 if above else -4), textcoords="offset points", fontsize=style.TICK, color=style.QUIET,
                ha="left" if above else "right", va="bottom" if above else "top",
            )  # fmt: skip


def _marks(axes: "Axes", card: "Card", span: float, shown: tuple[float, float], words: Words) -> None:
    """The steepest place on the gradient, and the lowest on the value."""
    steepest = card.max_gradient_at
    if isinstance(steepest, float) and card.max_gradient and abs(steepest) < span and card.max_gradient < shown[1]:
        sides = card.activation.gradient(steepest + np.array([-1e-6, 1e-6]))
        height = float(sides[np.argmax(np.abs(sides))])
        axes.plot([steepest], [height], "D", color=style.GRADIENT, markersize=9, markeredgecolor=style.PAPER, zorder=5)
        text = words("steepest", value=short(height))
        _note(axes, text, (steepest, height), style.GRADIENT, above=height > 0, left=steepest < -0.3 * span)
    lowest = card.minimum_at
    if isinstance(lowest, float) and card.minimum is not None and abs(lowest) < span and card.minimum > shown[0]:
        axes.plot([lowest], [card.minimum], "o", color=style.INK, markersize=9, markeredgecolor=style.PAPER, zorder=5)
        text = words("lowest", value=short(card.minimum))
        _note(axes, text, (lowest, card.minimum), style.INK, above=False, left=True)


def _note(axes: "Axes", text: str, point: tuple[float, float], color: str, above: bool, left: bool) -> None:
    axes.annotate(
        text, point, xytext=(-10 if left else 10, 9 if above else -9), textcoords="offset points", color=color,
        fontsize=style.LABEL, ha="right" if left else "left", va="bottom" if above else "top", zorder=6,
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip


# ---------------------------------------------------------------------- the numbers
def _column(canvas: "Canvas", card: "Card", words: Words) -> None:
    facts = _facts(card, words)
    step = min(38.0, (HEIGHT - 24.0) / len(facts))
    for row, (label, value) in enumerate(facts):
        top = TOP + 14.0 + row * step
        canvas.text(*at(COLUMN, top), words(label), fontsize=style.LABEL, va="center", color=style.QUIET)
        canvas.text(*at(RIGHT, top), value, fontsize=style.TITLE, va="center", ha="right")
        (left, below), (right, _) = at(COLUMN, top + step / 2), at(RIGHT, top)
        canvas.add_artist(_line([left, right], [below, below]))
    canvas.text(*at(RIGHT, 684), words("card_normal"), fontsize=style.TICK, va="center", ha="right", color=style.QUIET)


def _line(x: list[float], y: list[float]) -> "Line2D":
    from matplotlib.lines import Line2D

    return Line2D(x, y, color=style.soften(style.GRID, 0.5), linewidth=0.8)


def _facts(card: "Card", words: Words) -> list[tuple[str, str]]:
    zones = [zone for zone, exact in zip(card.dead_zone, card.dead_zone_exact, strict=True) if exact]
    share, cost = card.saturated_share_normal, card.relative_cost
    edge = [weight for weight, bias in card.edge_of_chaos or () if bias == 0]
    glorot, he = (short(card.gradient_growth[name]) for name in ("glorot", "he"))
    found = [
        ("card_range", _range(card)),
        ("card_smoothness", _smoothness(card, words)),
        ("card_monotone", _monotone(card, words)),
        ("card_max_gradient", short(card.max_gradient)),
        ("card_below", _beyond(card, words)),
        ("card_dead", " ∪ ".join(f"({short(low)}, {short(high)})" for low, high in zones[:2]) if zones else "–"),
        ("card_mean", short(card.mean_normal)),
        ("card_share", "–" if share is None else "0%" if share < 5e-5 else percent(share)),
        ("card_gain", short(card.gain_exact)),
        ("card_chi", short(card.chi_1)),
        ("card_growth", f"{glorot}; {he}"),
        ("card_edge", short(edge[0]) if edge else "–"),
        ("card_self", words("yes" if card.self_normalising else "no")),
    ]
    return [*found, ("card_cost", short(cost["value"]))] if cost else found


def short(value: float | None) -> str:
    """A number of three digits without empty ones; ∞, and – for none.

    >>> short(1.0), short(-0.2785), short(float("inf")), short(None)
    ('1', '−0.279', '∞', '–')
    """
    if value is None:
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.3g}"
    return number(value) if "e" in text else text.replace("-", "−")


def _range(card: "Card") -> str:
    if card.range is None:
        return "–"
    (low, high), (bottom, top) = card.range, card.range_reached
    return f"{'[' if bottom else '('}{short(low)}, {short(high)}{']' if top else ')'}"


def _smoothness(card: "Card", words: Words) -> str:
    kind = card.smoothness
    if kind is None or kind == "discontinuous":
        return words(kind) if kind else "–"
    shown = "C" + kind.removeprefix("C").translate(str.maketrans("012345", "⁰¹²³⁴⁵"))
    places = ", ".join(map(short, card.kinks[:3])) + ("…" if len(card.kinks) > 3 else "")
    return words("has_kink", kind=shown, places=places) if card.kinks else words("no_kink", kind=shown)


def _monotone(card: "Card", words: Words) -> str:
    return words(order_kept(card), direction=words(card.direction or "constant"))


def _beyond(card: "Card", words: Words) -> str:
    both, (left, right) = card.gradient_below_0_01, card.saturates_from
    if both is not None:
        return f"|x| = {short(both)}" if both else words("everywhere")
    if left is not None:
        return words("left_of", place=short(left))
    return words("right_of", place=short(right)) if right is not None else "–"
