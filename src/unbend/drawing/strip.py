"""`passage`: one layer's passage as a strip of still pictures: input, W, b, f, the straight line, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.bend_films import step_name
from unbend.drawing.journey import Journey, boxed, travel
from unbend.drawing.legend import legend
from unbend.drawing.panel import at, joined, place, size_of
from unbend.drawing.picture import Figure
from unbend.drawing.scene import axis_names, light, scene, view_note
from unbend.drawing.story import Array
from unbend.drawing.words import Words, shorten
from unbend.errors import UnbendError
from unbend.geometry import Morph, UnitLines, bending_units, unit_lines
from unbend.geometry.limits import space_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from unbend.recording.recording import Recording

COLUMNS, LEFT, TOP = 3, 68.0, 96.0
WIDTH, HEIGHT, ACROSS, DOWN = 344.0, 218.0, 420.0, 300.0


@dataclass(frozen=True, eq=False)
class _Still:
    """One picture of the strip: its ``step`` and ``name``, what is seen, the ``curves`` over it, the layer of its
    axes."""

    step: str
    name: str
    morph: Morph
    curves: Sequence[Array]
    layer: int


def passage(run: "Recording", epoch: int = -1, lang: str = "en", layer: int = -1) -> Figure:
    """Draw the passage through hidden ``layer`` (0 the first, -1 the last) of ``run`` at ``epoch`` (-1 the last): its
    input, what W, b and the activation make of it, the straight line, and the line carried back.

    In the input plane itself, the lines of the layer's units are drawn and counted: dotted where they fold, or, for a
    smooth activation, in the middle of the band in which they are steep. Raises `UnbendError` for another language, a
    layer or an epoch that is not there.

    >>> import unbend as ub
    >>> [axes.get_title(loc="left") for axes in passage(ub.train(ub.data.xor(), epochs=2)).canvas.axes][3:]
    ['4  bend (tanh)', '5  a straight line divides space', '6  back in the input: the line is bent']
    """
    from matplotlib.figure import Figure as Canvas

    words, journey = Words(lang), travel(run, epoch)
    story, layers = journey.story, len(journey.spaces)
    if not -layers <= layer < layers:
        raise UnbendError(f"layer {layer} is not a hidden layer of the network {story.shape}; choose 0 to {layers - 1}")
    layer %= layers
    lines = tuple(unit for unit in unit_lines(run, epoch) if unit.layer == layer)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        title = f"{shorten(story.name, 36)}   {shorten(story.shape, 24)}   {shorten(story.dataset.name, 24)}"
        canvas.text(*at(LEFT, 38), title, fontsize=style.HEADER, va="center")
        if layers > 1:
            where = words("bend_layer", layer=layer + 1, layers=layers)
            canvas.text(*at(1252, 38), where, fontsize=style.HEADER, va="center", ha="right")
        for index, still in enumerate(_stills(journey, layer, words)):
            row, column = divmod(index, COLUMNS)
            axes = place(canvas, LEFT + ACROSS * column, TOP + DOWN * row, WIDTH, HEIGHT)
            _draw(axes, journey, still, index + 1, words)
            if index == 0 and layer == 0:
                _unit_lines(axes, lines, words)
        legend(canvas, story, words, LEFT, 1252.0, 694)
    return Figure(canvas)


def _stills(journey: Journey, layer: int, words: Words) -> list[_Still]:
    way = journey.passages[layer]
    start, end = way.at("turn", 0.0), way.at("bend", 1.0)
    back = "bend_home" if way.lines else "bend_home_boundary"
    stills = [
        _Still("input", words("bend_input") if layer == 0 else words("bend_before"), start, (), layer - 1),
        _Still("turn", step_name(journey, "turn", layer, words), way.at("turn", 1.0), (), layer),
        _Still("shift", step_name(journey, "shift", layer, words), way.at("shift", 1.0), (), layer),
        _Still("bend", step_name(journey, "bend", layer, words), end, (), layer),
        *([_Still("line", step_name(journey, "line", layer, words), end, way.lines, layer)] if way.lines else []),
    ]
    home = journey.passages[0].at("turn", 0.0)
    return [*stills, _Still("home", words(back), home, home.curves, -1)]


def _draw(axes: "Axes", journey: Journey, still: _Still, number: int, words: Words) -> None:
    story = journey.story
    width, height = size_of(axes)
    box = boxed(space_limits(still.morph.points, still.morph.grid), width / height)
    grid = [light(line) for line in still.morph.grid]
    scene(axes, story, words, 4).show(box, grid, still.morph.points[story.drawn], story.labels, still.curves)
    across, up = axis_names(story, words, still.layer, still.step, "_short")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_title(f"{number}  {still.name}")
    if still.layer >= 0 and still.step != "line":
        note = view_note(journey.passages[still.layer], story.hidden_widths[still.layer], still.step, words, "_short")
        axes.set_title(note, loc="right", fontsize=style.TICK, color=style.QUIET)


def _unit_lines(axes: "Axes", lines: tuple[UnitLines, ...], words: Words) -> None:
    """The lines of the units over the input plane, and how many of them there are."""
    path = joined(tuple(curve for unit in lines for curve in unit.lines))
    axes.plot(path[:, 0], path[:, 1], color=style.INK, linewidth=1.3, linestyle=(0, (1, 1.6)))
    count, units = bending_units(lines)
    key = "units_fold" if any(unit.kind == "kink" for unit in lines) else "units_steep"
    axes.text(
        0.985, 0.97, words(key, count=count, units=units), transform=axes.transAxes, ha="right", va="top",
        fontsize=style.TICK, bbox={"facecolor": style.PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 2.0},
    )  # fmt: skip
