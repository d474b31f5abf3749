"""The perceptron at work: the line after each mistake, the point that caused it, and how many mistakes there were."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.films import frames, new_canvas
from unbend.drawing.panel import Panel, at, frame, place, together
from unbend.drawing.picture import Figure
from unbend.drawing.planes import SOFT, Array, halves, name_axes, plane, segment
from unbend.drawing.video import write_mp4
from unbend.drawing.words import Words
from unbend.files import extension, replacing
from unbend.geometry import Box
from unbend.geometry.input_plane import box_around

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from unbend.network import PerceptronRun

RATE = 4  # pictures a second
SLOW, STEADY = 3, 8  # so many mistakes are shown at leisure, so many without haste
HOLDS = ((4, 4), (3, 3), (2, 2))  # pictures before and after the line moves: at leisure, without haste, then
LAST = 12
LEFT, COLUMN, WIDTH = 68.0, 724.0, 528.0


@dataclass(frozen=True, eq=False)
class _Moment:
    """``done`` mistakes are made; ``row`` is the point under the finger (-1: none), ``moved``: its line is drawn."""

    done: int
    row: int
    moved: bool


@dataclass(frozen=True, eq=False)
class _Play:
    """What is played: the run on points ``x`` (n, 2), the ``bound`` of its mistakes, and ``wrong`` (mistakes + 1,)."""

    run: "PerceptronRun"
    x: Array
    y: Array
    bound: float
    wrong: Array
    box: Box
    moments: tuple[_Moment, ...]


def perceptron_film(
    run: "PerceptronRun", x: Array, y: Array, bound: float, path: str | os.PathLike[str], lang: str = "en"
) -> None:
    """Write the film (.mp4) of ``run`` on the points x (n, 2) of the classes y (n,): at every mistake first the point on
    the wrong side, then the line that moves. ``bound``: no run makes more mistakes.

    Raises `UnbendError` for another ending or language.
    """
    extension(path, ("mp4",), "this film")
    words, play = Words(lang), _play(run, x, y, bound)
    with replacing(path) as temporary, style.settings():
        canvas = new_canvas(style.DPI)
        panel = _screen(canvas.figure, play, words)
        pictures = frames(canvas, panel, range(len(play.moments)))
        held = (picture for picture, hold in zip(pictures, _holds(play), strict=True) for _ in range(hold))
        write_mp4(temporary, held, RATE, LAST)


def perceptron_figure(
    run: "PerceptronRun", x: Array, y: Array, bound: float, mistake: int = -1, lang: str = "en"
) -> Figure:
    """Draw the moment after ``mistake`` (counted from 1; -1: when all is over) of a run as `perceptron_film` shows it.

    >>> from unbend.network import learn_perceptron
    >>> x, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0])
    >>> len(perceptron_figure(learn_perceptron(x, y), x, y, 12.0).canvas.axes)
    3
    """
    from matplotlib.figure import Figure as Canvas

    words, play = Words(lang), _play(run, x, y, bound)
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        _screen(canvas, play, words).show(-1 if mistake == -1 else 2 * mistake - 1)
    return Figure(canvas)


def _play(run: "PerceptronRun", x: Array, y: Array, bound: float) -> _Play:
    points = np.column_stack([x, np.ones(len(x))])
    wrong = ((2 * y - 1) * (run.weights @ points.T) <= 0).sum(axis=1)
    steps = [_Moment(done + moved, int(row), bool(moved)) for done, row in enumerate(run.rows) for moved in (0, 1)]
    return _Play(run, x, y, bound, wrong, box_around(x), (*steps, _Moment(len(run.rows), -1, True)))


def _holds(play: _Play) -> list[int]:
    """How many pictures each moment lasts."""
    pace = [0] * SLOW + [1] * (STEADY - SLOW) + [2] * max(len(play.run.rows) - STEADY, 0)
    return [hold for kind in pace[: len(play.run.rows)] for hold in HOLDS[kind]] + [1]


def _screen(figure: "Canvas", play: _Play, words: Words) -> Panel:
    figure.text(*at(LEFT, 38), words("learn_header"), fontsize=style.HEADER, va="center")
    panels = [_plane_panel(figure, play, words), _sum_panel(figure, play, words), _count_panels(figure, play, words)]
    return together(panels)


def _plane_panel(figure: "Canvas", play: _Play, words: Words) -> Panel:
    from matplotlib.collections import LineCollection, PolyCollection

    axes = place(figure, LEFT, 104, 580, 540)
    box = plane(axes, play.box)
    name_axes(axes)
    soft = [style.soften(color, SOFT) for color in (style.NEGATIVE, style.POSITIVE)]
    sides = PolyCollection([], facecolors=soft, linewidths=0.0)
    trail = LineCollection([], colors=style.QUIET, linewidths=0.9, alpha=0.35)
    for collection in (sides, trail):
        axes.add_collection(collection, autolim=False)
    (before,) = axes.plot([], [], color=style.QUIET, linewidth=1.8, linestyle=(0, (4, 3)))
    points = [
        axes.plot(*play.x[play.y == label].T, style.class_marker(label), color=style.class_color(label), markersize=7.0,
                  markeredgecolor=style.PAPER, markeredgewidth=0.5)[0]
        for label in (0, 1)
    ]  # fmt: skip
    (now,) = axes.plot([], [], color=style.BOUNDARY, linewidth=2.6)
    (ring,) = axes.plot(
        [], [], "o", markersize=19.0, markerfacecolor="none", markeredgecolor=style.INK, markeredgewidth=2.4
    )
    title = axes.set_title("")
    segments = [segment(box, line[:2], float(line[2])) for line in play.run.weights]

    def show(index: int) -> None:
        moment = play.moments[index]
        line = play.run.weights[moment.done]
        sides.set_verts(list(halves(box, line[:2], float(line[2]))) if line.any() else [])
        trail.set_segments([one for one in segments[: moment.done] if len(one)])
        was = segments[moment.done - 1] if moment.moved and moment.row >= 0 else segments[0][:0]
        before.set_data(*was.T)
        now.set_data(*segments[moment.done].T)
        ring.set_data(*(play.x[[moment.row]] if moment.row >= 0 else play.x[:0]).T)
        title.set_text(_title(play, moment, words))

    return Panel((sides, trail, before, *points, now, ring, title, *axes.spines.values()), show)


def _title(play: _Play, moment: _Moment, words: Words) -> str:
    if moment.row < 0:
        return words("learn_end" if play.run.converged else "learn_on")
    if moment.moved:
        return words("learn_moved", count=moment.done)
    if not play.run.weights[moment.done].any():
        return words("learn_start")
    return words("learn_wrong", count=moment.done + 1)


def _sum_panel(figure: "Canvas", play: _Play, words: Words) -> Panel:
    """The sum that moves the line, written out: the weights, the point with its sign, the new weights."""
    top, columns = 176.0, [COLUMN + 190.0 + 112.0 * column for column in range(3)]
    figure.text(*at(COLUMN, top - 64), words("learn_sum"), fontsize=style.TITLE, va="center")
    look: dict[str, Any] = {"fontsize": style.TITLE, "va": "center", "ha": "right"}
    for name, left in zip(("w1", "w2", "b"), columns, strict=True):
        figure.text(*at(left + 70, top - 30), name, color=style.QUIET, **look)
    labels = [figure.text(*at(COLUMN, top + 34 * row), "", fontsize=style.TITLE, va="center") for row in range(3)]
    cells = [[figure.text(*at(left + 70, top + 34 * row), "", **look) for left in columns] for row in range(3)]

    def show(index: int) -> None:
        moment = play.moments[index]
        rows: list[tuple[str, Array | None]] = [
            (words("learn_now"), play.run.weights[moment.done]),
            ("", None),
            ("", None),
        ]
        if moment.row >= 0:
            done = moment.done - moment.moved
            step = play.run.weights[done + 1] - play.run.weights[done]
            sign = "plus" if play.y[moment.row] == 1 else "minus"
            rows[0] = (words("learn_old"), play.run.weights[done])
            rows[1] = (words(f"learn_{sign}"), step)
            rows[2] = (words("learn_new"), play.run.weights[done + 1] if moment.moved else None)
        for label, numbers, (text, values) in zip(labels, cells, rows, strict=True):
            label.set_text(text if values is not None else "")
            for column, cell in enumerate(numbers):
                cell.set_text("" if values is None else _signed(float(values[column])))

    return Panel((*labels, *(cell for row in cells for cell in row)), show)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _count_panels(figure: "Canvas", play: _Play, words: Words) -> Panel:
    """Below: how many points are wrong after each mistake; mistakes made, against the bound."""
    mistakes = len(play.run.rows)
    wrong, bar = place(figure, COLUMN + 40, 344, WIDTH - 40, 134), place(figure, COLUMN + 40, 576, WIDTH - 40, 26)
    frame(wrong, (0.0, float(mistakes), 0.0, float(max(play.wrong.max(), 1)) * 1.08), 4)
    wrong.set_title(words("learn_points"))
    wrong.set_xlabel(words("learn_mistakes"))
    (course,) = wrong.plot([], [], color=style.INK, linewidth=2.0, drawstyle="steps-post")
    (here,) = wrong.plot([], [], "o", color=style.INK, markersize=7.0, clip_on=False)
    frame(bar, (0.0, play.bound, 0.0, 1.0), 5)
    bar.set_yticks([])
    bar.set_xlabel(words("learn_bound", bound=f"{play.bound:.0f}"))
    filled = bar.barh([0.5], [0.0], height=1.0, color=style.QUIET)[0]
    counter = bar.set_title("")

    def show(index: int) -> None:
        done = play.moments[index].done
        course.set_data(np.arange(done + 1), play.wrong[: done + 1])
        here.set_data([done], [play.wrong[done]])
        filled.set_width(done)
        counter.set_text(words("learn_count", count=done))

    return Panel((course, here, filled, counter, *bar.spines.values()), show)
