"""`bend_film`: the space of a trained network on its way through the layers, then back with the line as a curve."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.activations import Activation
from unbend.drawing import style
from unbend.drawing.films import FORMATS, GIF_DPI, HOLD, Progress, counter, new_canvas, paint, silent, write
from unbend.drawing.journey import Journey, Sight, sights, travel
from unbend.drawing.legend import legend
from unbend.drawing.panel import Panel, at, frame, place, size_of, together
from unbend.drawing.ruler import ruler
from unbend.drawing.scene import axis_names, scene, view_note
from unbend.drawing.video import Frame
from unbend.drawing.words import Words, shorten
from unbend.errors import UnbendError
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from unbend.recording.recording import Recording

RATE = 16  # pictures a second
MOST_PICTURES = 170
LEFT, RIGHT, COLUMN = 68.0, 1252.0, 946.0
PALE = "#98a1a8"  # a step that is not under way
SIDE = 4.0  # how far from 0 the curve of the activation is shown
ROWS = ("turn", "shift", "bend")


def bend_film(
    run: "Recording",
    path: str | os.PathLike[str],
    lang: str = "en",
    seconds: float = 8.0,
    epoch: int = -1,
    progress: Progress | None = None,
) -> None:
    """Write a film of the passage through all hidden layers of ``run`` at ``epoch`` (-1: the last) to ``path``.

    Each layer turns and stretches (W), shifts (b) and bends (f); then the straight line appears, and all runs back to
    the input, where the line is a curve. Wide layers are seen in the view of `unbend.warp`, with a note of its share of
    the variance. The ending of ``path`` decides: .mp4 (H.264, 1280 x 720) or .gif (960 x 540). Of the ``seconds``
    the last 1.5 show the end. Raises `UnbendError` for another ending, language or length, or without hidden layers.

    >>> import tempfile, unbend as ub
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bend_film(ub.train(ub.data.xor(), epochs=1), folder + "/xor.mp4", seconds=0.2)
    ...     [file.name for file in Path(folder).iterdir()]
    ['xor.mp4']
    """
    form = extension(path, FORMATS, "a film")
    words = Words(lang)
    if not 0.1 <= seconds <= 600.0:
        raise UnbendError(f"a film cannot last {seconds:g} seconds; give 0.1 to 600, such as seconds=8")
    journey = travel(run, epoch)
    moving = max(seconds - HOLD, 0.5 * seconds)
    pictures = min(max(round(RATE * moving), 2), MOST_PICTURES)
    with replacing(path) as temporary, style.settings():
        canvas = new_canvas(style.DPI if form == "mp4" else GIF_DPI)
        screen = screen_for(canvas.figure, journey, words, pictures)
        advance = counter(progress or silent, pictures)
        write(temporary, form, lambda indices: screened(canvas, screen, indices), pictures, moving, advance)


@dataclass(frozen=True, eq=False)
class Screen:
    """The pictures of a film: ``moving`` changes with each; ``words`` only where the entry of ``chapters`` does."""

    moving: Panel
    words: Panel
    chapters: tuple[tuple[str, int], ...]


def screened(canvas: "FigureCanvasAgg", screen: Screen, indices: Iterable[int]) -> Iterator[Frame]:
    """The pictures ``indices`` (height, width, 4); each is overwritten by the next. Words are drawn once a chapter."""
    for artist in screen.moving.artists:
        artist.set_animated(True)
    chapter, background = ("", 0), None
    for index in indices:
        if background is None or screen.chapters[index] != chapter:
            chapter = screen.chapters[index]
            screen.words.show(index)
            canvas.draw()
            background = canvas.copy_from_bbox(canvas.figure.bbox)
        screen.moving.show(index)
        canvas.restore_region(background)
        paint(canvas.get_renderer(), screen.moving)
        yield np.asarray(canvas.buffer_rgba())


def screen_for(figure: "Figure", journey: Journey, words: Words, pictures: int) -> Screen:
    """Draw all of the film on ``figure``; the screen that comes back shows any of its ``pictures``."""
    story = journey.story
    axes, side = place(figure, LEFT + 8, 112, 804, 514), place(figure, COLUMN + 40, 392, 234, 234)
    width, height = size_of(axes)
    seen = sights(journey, pictures, width / height)
    title = f"{shorten(story.name, 36)}   {shorten(story.shape, 24)}   {shorten(story.dataset.name, 24)}"
    figure.text(*at(LEFT, 38), title, fontsize=style.HEADER, va="center")
    legend(figure, story, words, LEFT, RIGHT, 690)
    moving = together([_space(axes, journey, seen, words), _curve(side, journey, seen)])
    told = together([_titles(axes, side, journey, seen, words), _steps(figure, journey, seen, words)])
    return Screen(moving, told, tuple((one.step, one.layer) for one in seen))


def caption(journey: Journey, sight: Sight, words: Words) -> str:
    """The step under way in words, with its layer where there are several."""
    text = step_name(journey, sight.step, sight.layer, words)
    several = len(journey.spaces) > 1 and sight.step in ROWS
    return words("bend_in_layer", layer=sight.layer + 1, text=text) if several else text


def step_name(journey: Journey, step: str, layer: int, words: Words) -> str:
    """What a step is called."""
    if step == "bend":
        return words("bend_bend", name=shorten(_activation(journey, layer).name, 18))
    if step == "turn" and journey.passages[layer].way.over:
        return words("bend_over")
    if step == "line":
        return words(_line_key(journey))
    if step in ("back", "home"):
        return words("bend_home" if journey.straight else "bend_home_boundary")
    return words(f"bend_{step}")


def _line_key(journey: Journey) -> str:
    if journey.story.dataset.task == "regression":
        return "bend_levels"
    return "bend_line" if len(journey.straight) == 1 else "bend_lines"


def _space(axes: "Axes", journey: Journey, seen: list[Sight], words: Words) -> Panel:
    story = journey.story
    parts, numbers = scene(axes, story, words), ruler(axes)

    def show(index: int) -> None:
        sight = seen[index]
        numbers.show(sight.box)
        curves = sight.morph.curves if sight.carried else _growing(journey.straight, sight.line)
        parts.show(sight.box, sight.morph.grid, sight.morph.points[story.drawn], story.labels, curves)

    return Panel((*numbers.artists, *parts.artists, *axes.spines.values()), show)


def _titles(axes: "Axes", side: "Axes", journey: Journey, seen: list[Sight], words: Words) -> Panel:
    """What changes with the chapter: the step as a title, the names of the axes, how much of the space is seen."""
    story = journey.story
    title = axes.set_title("", fontsize=style.HEADER - 3)
    note = axes.set_title("", loc="right", fontsize=style.LABEL, color=style.QUIET)

    def show(index: int) -> None:
        sight = seen[index]
        home = sight.step in ("input", "home")
        across, up = axis_names(story, words, -1 if home else sight.layer, sight.step)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        title.set_text(caption(journey, sight, words))
        width = story.hidden_widths[sight.layer]
        note.set_text("" if home else view_note(journey.passages[sight.layer], width, sight.step, words))
        side.set_title(words("bend_coordinate", name=shorten(_activation(journey, sight.layer).name, 14)))

    return Panel((), show)


def _activation(journey: Journey, layer: int) -> Activation:
    return journey.spaces[layer].stage.network.activations[layer]


def _growing(lines: tuple[Any, ...], share: float) -> list[Any]:
    """The straight lines drawn from their first end on, as far as they have appeared."""
    return [np.stack([line[0], line[0] + share * (line[1] - line[0])]) for line in lines] if share > 0.0 else []


def _steps(figure: "Figure", journey: Journey, seen: list[Sight], words: Words) -> Panel:
    """The list of steps in the column at the right; the one under way is dark."""
    layers = len(journey.spaces)
    layer_of = figure.text(*at(COLUMN, 126), "", fontsize=style.HEADER - 3, va="center")
    rows = [figure.text(*at(COLUMN + 16, 166 + 34 * row), "", fontsize=style.TITLE, va="center") for row in range(3)]
    last = [("line",)] if journey.straight else []
    ends = [*last, ("back", "home")]
    tail = [
        figure.text(
            *at(COLUMN, 286 + 34 * row), step_name(journey, keys[0], 0, words), fontsize=style.TITLE, va="center"
        )
        for row, keys in enumerate(ends)
    ]

    def show(index: int) -> None:
        sight = seen[index]
        layer_of.set_text(words("bend_layer", layer=sight.layer + 1, layers=layers))
        layer_of.set_color(style.INK if sight.step in ROWS else PALE)
        for row, text in zip(ROWS, rows, strict=True):
            text.set_text(step_name(journey, row, sight.layer, words))
            text.set_color(style.INK if sight.step == row else PALE)
        for keys, text in zip(ends, tail, strict=True):
            text.set_color(style.INK if sight.step in keys else PALE)

    return Panel((), show)


def _curve(axes: "Axes", journey: Journey, seen: list[Sight]) -> Panel:
    """What the bend does to each coordinate: the line from z to z becomes the curve from z to f(z)."""
    frame(axes, (-SIDE, SIDE, -SIDE, SIDE), ticks=4)
    axes.set_xlabel("z")
    z = np.linspace(-SIDE, SIDE, 401)
    axes.plot(z, z, color=style.GRID, linewidth=1.2)
    (aim,) = axes.plot([], [], color=style.GRID, linewidth=1.2)
    (now,) = axes.plot([], [], color=style.INK, linewidth=2.6)
    with np.errstate(all="ignore"):
        bent = [_activation(journey, layer)(z) for layer in range(len(journey.spaces))]

    def show(index: int) -> None:
        sight = seen[index]
        share = sight.morph.share if sight.morph.part == "bend" else 0.0
        aim.set_data(z, bent[sight.layer])
        now.set_data(z, (1.0 - share) * z + share * bent[sight.layer])

    return Panel((aim, now, *axes.spines.values()), show)
