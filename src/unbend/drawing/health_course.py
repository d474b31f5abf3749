"""What was measured in every layer of a watched model along its run: one picture for each quantity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.health_rows import BLUES, ORANGES, along, layer_rows, scale, separate, step_ticks, unmeasured
from unbend.drawing.picture import Figure
from unbend.drawing.rows import power
from unbend.drawing.words import Words
from unbend.watching.health_words import form
from unbend.watching.history import History, Sample
from unbend.watching.measure import LayerMeasure, WeightMeasure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Floats = NDArray[np.float64]
Measured = Callable[[LayerMeasure, WeightMeasure | None], float]
COLUMNS = 240  # of a picture
ABOVE = 0.62  # inches for the scale of colours
LEAST = 0.005  # a share that is seen
DECADES = 12  # of a logarithmic scale; what is smaller has the lightest colour


@dataclass(frozen=True)
class Quantity:
    """Something measured in every layer: a ``share`` from 0 to 1, or a positive ``number`` over many decades.

    ``shade``: what the colour shows, where it is not the value; ``usual``: decades that it shows in any case.
    """

    form: Literal["share", "number"]
    value: Measured
    shade: Measured | None = None
    usual: tuple[int, int] = (0, 0)


QUANTITIES: Mapping[str, Quantity] = {
    "dead": Quantity("share", lambda layer, _: layer.dead),
    "saturated": Quantity("share", lambda layer, _: layer.saturated, lambda layer, _: _excess(layer)),
    "gradient": Quantity("number", lambda layer, _: layer.gradient),
    "update": Quantity("number", lambda _, weight: weight.update if weight else float("nan"), usual=(-4, -1)),
}


def _excess(layer: LayerMeasure) -> float:
    """How much of what is not flat for standard normal pre-activations is flat now."""
    beyond = (layer.saturated - layer.usual_saturated) / max(1.0 - layer.usual_saturated, 1e-9)
    return float(np.maximum(beyond, 0.0))


def course(history: History, quantity: str) -> tuple[list[str], Floats]:
    """The names of all layers, and (layers, samples) what was measured in each; NaN: not measured."""
    names = list(dict.fromkeys(layer.name for sample in history.samples for layer in sample.layers))
    return names, _values(history, names, QUANTITIES[quantity].value)


def _values(history: History, names: list[str], value: Measured) -> Floats:
    columns = [_column(sample, value) for sample in history.samples]
    return np.array([[column.get(name, np.nan) for column in columns] for name in names])


def _column(sample: Sample, value: Measured) -> dict[str, float]:
    weights = {weight.name: weight for weight in sample.weights}
    return {layer.name: value(layer, weights.get(layer.weight or "")) for layer in sample.layers}


def course_figure(history: History, quantity: str, lang: str = "en") -> Figure | None:
    """A quantity in every layer (row) after every step (log(1 + step)); None if it was never measured.

    The stronger the colour, the larger the value; hatched: not measured. At the right of a row stands its last value.
    A red line marks the first NaN or Inf. Also None where a share is 0 throughout.
    """
    names, values = course(history, quantity)
    words, kind = Words(lang), QUANTITIES[quantity]
    shades = values if kind.shade is None else _values(history, names, kind.shade)
    if not np.isfinite(shades).any() or (kind.form == "share" and not (shades >= LEAST).any()):
        return None
    with style.settings():
        canvas, axes = layer_rows(names, [form(kind.form, _last(row)) for row in values], ABOVE, words)
        unmeasured(axes)
        low, high = (0.0, 1.0) if kind.form == "share" else _decades(values, kind.usual)
        colors = scale(ORANGES if kind.form == "share" else BLUES)
        axes.imshow(
            _shown(shades, kind, low)[:, along(history.steps, COLUMNS)], extent=(0, 1, len(names) - 0.5, -0.5),
            aspect="auto", interpolation="nearest", cmap=colors, vmin=low, vmax=high,
        )  # fmt: skip
        separate(axes, len(names))
        _steps(axes, history, words)
        _key(canvas, axes, kind, (low, high), words(f"health_{quantity}"))
    return Figure(canvas)


def _last(row: Floats) -> float:
    """The last value that was measured."""
    measured = row[~np.isnan(row)]
    return float(measured[-1]) if len(measured) else float("nan")


def _shown(values: Floats, kind: Quantity, low: float) -> Floats:
    """The values as places on the scale; what is not finite stays unpainted."""
    finite = np.where(np.isfinite(values), values, np.nan)
    return finite if kind.form == "share" else np.log10(np.maximum(finite, 10.0**low))


def _decades(values: Floats, usual: tuple[int, int]) -> tuple[float, float]:
    """Whole powers of ten around all positive values."""
    positive = values[np.isfinite(values) & (values > 0)]
    ends = np.log10([positive.min(), positive.max()]) if len(positive) else np.zeros(2)
    ends = [ends[0], usual[0], ends[1], usual[1]] if usual != (0, 0) else list(ends)
    low, high = np.floor(min(ends) + 1e-9), np.ceil(max(ends) - 1e-9)
    return float(max(low, high - DECADES)), float(max(high, low + 1))


def _steps(axes: "Axes", history: History, words: Words) -> None:
    """The axis of steps, and where the first NaN or Inf was."""
    last = int(history.steps[-1])
    ticks = step_ticks(last)
    axes.set_xticks([np.log1p(tick) / (np.log1p(last) or 1.0) for tick in ticks], [f"{tick:,}" for tick in ticks])
    axes.tick_params(axis="x", length=3)
    axes.get_xticklabels()[-1].set_horizontalalignment("right" if last else "left")
    axes.set_xlabel(words("health_steps"), fontsize=style.TICK, color=style.QUIET)
    broken = next((sample.step for sample in history.samples if sample.broken), None)
    if broken is not None:
        place = np.log1p(broken) / (np.log1p(last) or 1.0)
        axes.axvline(place, color=style.GRADIENT, linewidth=2, clip_on=False)
        axes.annotate(
            "NaN / Inf", (place, 1), xytext=(0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
            ha="right" if place > 0.5 else "left", fontsize=style.TICK, color=style.GRADIENT,
        )  # fmt: skip


def _key(canvas: "Canvas", axes: "Axes", kind: Quantity, limits: tuple[float, float], title: str) -> None:
    """The scale of colours over the rows, with what it means."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    box, height = axes.get_position(), canvas.get_size_inches()[1]
    bar = canvas.add_axes((box.x0 + 0.38 * box.width, 1 - 0.2 / height, 0.62 * box.width, 0.11 / height))
    bar.imshow(
        np.linspace(*limits, 64)[None], extent=(*limits, 0, 1), aspect="auto", cmap=axes.images[0].get_cmap(),
    )  # fmt: skip
    bar.set_yticks([])
    bar.spines[:].set_visible(False)
    bar.xaxis.set_major_locator(MaxNLocator(4, integer=kind.form == "number", steps=[1, 2, 5, 10]))
    words = (lambda value, _: f"{value:.0%}") if kind.form == "share" else (lambda value, _: power(10.0**value))
    bar.xaxis.set_major_formatter(FuncFormatter(words))
    bar.tick_params(axis="x", length=2, pad=2, labelsize=style.TICK - 1)
    look = {"fontsize": style.TICK, "color": style.QUIET, "va": "center", "ha": "right"}
    canvas.text(box.x0 + 0.34 * box.width, 1 - 0.145 / height, title, **look)  # pyright: ignore[reportArgumentType]
