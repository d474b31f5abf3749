"""The path's panels on one sheet: the layers in reading order, and below them how well each can be read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.groups import VALUE_MARKERS, point_size, value_shades
from unbend.drawing.panel import Panel, at, frame, place, set_points, size_of, together
from unbend.drawing.path_story import Array, Moment, Path
from unbend.drawing.words import Words, percent, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

LEFT, RIGHT = 68.0, 1252.0
GAP = 22.0
ONE_ROW = 5  # panels
REACH = 2.3  # of both axes from their middle; what lies beyond is drawn at the edge
CIRCLE = 1.5  # the same for the shorter axis, where classes have their places on a circle
GOLDEN = (5**0.5 - 1) / 2
LETTER = 7.6  # pixels of a letter in a panel's title
ONE_PLACE = 1e-9
LOW = 200.0  # pixels; beside a panel that is lower, words are small
SEEN_GAIN = 0.02


@dataclass(frozen=True)
class _Rows:
    """Where the panels stand: ``tops`` of the rows, how many ``columns``, their ``width`` and ``height``; that of the
    ``curve`` below."""

    tops: tuple[float, ...]
    columns: int
    width: float
    height: float
    curve: float


def path_panels(figure: "Figure", path: Path, words: Words) -> Panel:
    """Draw a path on ``figure``; the panel that comes back shows any of its moments."""
    rows = _rows(len(path.names))
    panels = [_header(figure, path, words)]
    for index in range(len(path.names)):
        row, column = divmod(index, rows.columns)
        axes = place(figure, LEFT + column * (rows.width + GAP), rows.tops[row], rows.width, rows.height)
        lowest = index + rows.columns >= len(path.names)
        panels.append(_layer(axes, path, index, words, column == 0, lowest))
    top = 616.0 - rows.curve
    panels.append(_curve(place(figure, LEFT, top, RIGHT - LEFT, rows.curve), path, words))
    _legend(figure, path, words)
    return together(panels)


def _rows(count: int) -> _Rows:
    columns = count if count <= ONE_ROW else -(-count // 2)
    width = min((RIGHT - LEFT - GAP * (columns - 1)) / columns, 360.0)
    if count <= ONE_ROW:
        return _Rows((116.0,), columns, width, 296.0, 110.0)
    return _Rows((116.0, 314.0), columns, width, 144.0, 76.0)


def layer_name(path: Path, index: int, words: Words, length: int = 40) -> str:
    """What a layer is called."""
    name = path.names[index]
    ends = {0: name in ("input", "embedding"), len(path.names) - 1: name == "output"}
    return words(f"path_{name}") if ends.get(index) else shorten(name, length)


def _header(figure: "Figure", path: Path, words: Words) -> Panel:
    title = words("path_header", model=shorten(path.model, 24), count=path.count)
    figure.text(*at(LEFT, 34), title, fontsize=style.HEADER, va="center")
    now = figure.text(*at(RIGHT, 34), "", fontsize=style.HEADER, va="center", ha="right")
    said = figure.text(*at(LEFT, 68), "", fontsize=style.TITLE, va="center", color=style.QUIET)

    def show(index: int) -> None:
        moment = path.moments[index]
        step = words("path_step", step=moment.step, last=path.last) if moment.step else words("path_step_first")
        now.set_text(step)
        said.set_text(gain(path, moment, words))

    return Panel((now, said), show)


def gain(path: Path, moment: Moment, words: Words) -> str:
    """In one line: how well the classes can be told at both ends, and where it becomes easier."""
    steps = np.diff(moment.scores)
    if not np.isfinite(moment.scores).any():
        return words("path_alike")
    ends = {"first": score(path, moment.scores[0]), "last": score(path, moment.scores[-1])}
    if not len(steps) or not np.nanmax(steps) > SEEN_GAIN:
        return words("path_no_gain", **ends)
    best = int(np.nanargmax(steps)) + 1
    before, after = (score(path, moment.scores[index]) for index in (best - 1, best))
    return words("path_gain", **ends, name=layer_name(path, best, words), before=before, after=after)


def score(path: Path, value: float) -> str:
    """A share of right classes, or R²."""
    if not np.isfinite(value):
        return "–"
    return percent(value, 0) if path.coloring.values is None else f"{value:.2f}"


def _layer(axes: "Axes", path: Path, index: int, words: Words, first: bool, lowest: bool) -> Panel:
    several = path.coloring.targets.shape[1] > 1
    width, height = size_of(axes)
    unit = CIRCLE / min(width, height)
    reach = (unit * width, unit * height) if several else (REACH, REACH)  # a circle is seen as one
    frame(axes, (-reach[0], reach[0], -reach[1], reach[1]))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(layer_name(path, index, words, int(width / LETTER) - 6))
    value = axes.set_title("", loc="right")
    if first:
        axes.set_ylabel(
            words("path_other" if several else "path_beside"), fontsize=style.LABEL if height > LOW else style.TICK
        )
    if not several and path.coloring.values is None:
        axes.axvline(0.0, color=style.BOUNDARY, linewidth=1.8, zorder=1)
    points = _points(axes, path)
    (followed,) = axes.plot(
        [], [], "o", markersize=11.0, markerfacecolor="none", markeredgecolor=style.INK, markeredgewidth=1.4
    )
    note = axes.text(0.5, -0.035, "", transform=axes.transAxes, ha="center", va="top", fontsize=style.TICK)
    note.set_color(style.QUIET)
    if lowest:
        axes.set_xlabel(words("path_one" if several else "readout"), labelpad=20.0)

    def show(at: int) -> None:
        moment = path.moments[at]
        seen = np.clip(_placed(moment.seen[index]), np.negative(reach), reach)
        set_points(points, seen, path.coloring.groups)
        followed.set_data(seen[path.followed, 0], seen[path.followed, 1])
        share = percent(min(1.0, moment.shares[index]), 0)
        note.set_text(words("path_shows", share=share) if np.ptp(seen) else words("path_nothing"))
        value.set_text(score(path, moment.scores[index]))

    return Panel((*points, followed, note, value), show)


def _placed(seen: Array) -> Array:
    """Where nothing varies across the read-out direction, evenly spread so that all are seen."""
    if seen[:, 1].any() or np.ptp(seen[:, 0]) < ONE_PLACE:
        return seen
    return np.column_stack([seen[:, 0], (np.arange(len(seen)) * GOLDEN % 1.0) * 2.4 - 1.2]).astype(np.float64)


def looks(path: Path) -> list[tuple[str, str]]:
    """The colour and the marker of each group."""
    if path.coloring.values is not None:
        return list(zip(value_shades(), VALUE_MARKERS, strict=True))
    return [(style.class_color(index), style.class_marker(index)) for index in range(len(path.coloring.names))]


def _points(axes: "Axes", path: Path) -> "list[Line2D]":
    size = min(point_size(len(path.coloring.groups)), 6.0)
    look: dict[str, Any] = {"linestyle": "none", "markersize": size, "markeredgecolor": style.PAPER}
    return [
        axes.plot([], [], marker=marker, color=color, markeredgewidth=0.4, **look)[0] for color, marker in looks(path)
    ]


def _curve(axes: "Axes", path: Path, words: Words) -> Panel:
    """The score of each layer, from the input to the output: at the start pale, now dark."""
    count = len(path.names)
    key = "numbers" if path.coloring.values is not None else "classes" if path.coloring.given else "answers"
    frame(axes, (-0.5, count - 0.5, 0.0, 1.06))
    axes.set_title(words(f"path_{key}"))
    axes.set_yticks([0.0, 0.5, 1.0], [score(path, value) for value in (0.0, 0.5, 1.0)])
    letters = int((RIGHT - LEFT) / count / LETTER)
    axes.set_xticks(range(count), [layer_name(path, index, words, letters) for index in range(count)])
    axes.tick_params(axis="x", length=0, labelcolor=style.INK)
    axes.grid(axis="y", color=style.UNDECIDED, linewidth=0.8)
    if path.coloring.values is None:
        axes.axhline(path.coloring.guessing, color=style.QUIET, linewidth=1.1, linestyle=(0, (2, 2)))
        below = path.coloring.guessing > 0.25
        where = (0.003, path.coloring.guessing)
        axes.annotate(
            words("path_guessing"), where, xycoords=axes.get_yaxis_transform(), xytext=(0, -2 if below else 2),
            textcoords="offset points", ha="left", va="top" if below else "bottom", fontsize=style.TICK,
            color=style.QUIET,
        )  # fmt: skip
    axes.plot(range(count), path.first, "o-", color=style.GRID, linewidth=1.4, markersize=4.0)
    (now,) = axes.plot([], [], "o-", color=style.INK, linewidth=2.4, markersize=6.5, clip_on=False)

    def show(at: int) -> None:
        now.set_data(range(count), path.moments[at].scores)

    return Panel((now,), show)


def _legend(figure: "Figure", path: Path, words: Words) -> None:
    """What the points, the ring, the line and the two curves are; below, small, how it was measured."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="none", markersize=7.0, label=label)
        for (color, marker), label in zip(looks(path), _labels(path, words), strict=True)
        if label
    ]
    numbers = path.coloring.values is not None
    ring: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 9.0, "markerfacecolor": "none"}
    handles.append(
        Line2D([], [], color=style.INK, label=words("path_same_numbers" if numbers else "path_same"), **ring)
    )
    if not numbers and len(path.coloring.names) == 2:
        handles.append(Line2D([], [], color=style.BOUNDARY, linewidth=1.8, label=words("path_cut")))
    handles.append(Line2D([], [], color=style.GRID, linewidth=1.6, label=words("path_start")))
    handles.append(Line2D([], [], color=style.INK, linewidth=2.4, label=words("path_now")))
    crowded = len(handles) > 8
    figure.legend(
        handles=handles, loc="center left", bbox_to_anchor=at(LEFT - 8.0, 672), ncols=30, frameon=False,
        fontsize=style.TICK if crowded else style.LABEL, handlelength=1.2, handletextpad=0.3,
        columnspacing=0.8 if crowded else 1.2, borderpad=0.0,
    )  # fmt: skip
    note = words("path_note_numbers" if numbers else "path_note")
    figure.text(*at(LEFT, 702), note, fontsize=style.TICK - 1.5, va="center", color=style.QUIET)


def _labels(path: Path, words: Words) -> list[str]:
    """A name for each group, or none."""
    names = path.coloring.names
    if path.coloring.values is not None:
        return [words("path_low"), *("" for _ in names[2:]), words("path_high")]
    key = "path_class" if path.coloring.given else "path_answer"
    if len(names) > 6:
        shown = [words(key, name=shorten(names[0], 8)), *(shorten(name, 8) for name in names[1:])]
        return shown[:10] + [""] * (len(names) - 10)
    return [words(key, name=shorten(name, 14)) if name.isdigit() else shorten(name, 14) for name in names]
