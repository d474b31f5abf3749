"""The cheat sheet: small curves of many activations, ordered by the problem their shape causes; A3, for print."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unbend.drawing import style
from unbend.drawing.curves import opened, sampled
from unbend.drawing.one_card import short
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words, percent, shorten, text_width
from unbend.properties.groups import GROUPS, group

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from unbend.properties import Card

WIDTH = 16.54  # inches, as A3 landscape; the whole catalogue fills it
MARGIN, HEAD, FOOT = 0.42, 1.02, 0.34
COLUMNS, HEADING = 15, 2  # cells in a row; cells that the words of a group take
ROW = 1.72  # inches
STEPS = 161
X, Y = (-4.0, 4.0), (-2.0, 3.0)
NAME, FACT, RULE, GROUP, TITLE = 11.0, 10.0, 10.0, 15.0, 24.0  # points
LEAST = 8.5  # points of the longest names
ORDER = ("dies", "saturates", "off_centre", "kink", "explodes", "wavy", "healthy")  # packs well, and reads well
SATURATED = 0.01
COLORS = {
    "dies": "#8a8f94", "saturates": "#c8102e", "off_centre": "#b5a800", "kink": "#7a5230", "explodes": "#f59322",
    "wavy": "#c2569b", "healthy": "#1b9e77",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A place in the grid: the words of a group, or one of its cards."""

    row: int
    column: int
    group: str
    card: "Card | None"


def cards_figure(cards: "Sequence[Card]", lang: str = "en") -> Figure:
    """Draw the cheat sheet of ``cards``. Raises `UnbendError` for a language that is not there.

    >>> from unbend.properties import cards
    >>> len(cards_figure(cards(["tanh", "relu"])).canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    words = Words(lang)
    cells = arranged(cards)
    rows = 1 + max(cell.row for cell in cells)
    size = (WIDTH, HEAD + ROW * rows + FOOT)
    with style.settings():
        canvas = Canvas(size, dpi=style.DPI)
        _head(canvas, size, words)
        for cell in cells:
            if cell.card is None:
                _heading(canvas, size, cell, words)
            else:
                _panel(canvas, size, cell, cell.card, words)
    return Figure(canvas)


def arranged(cards: "Sequence[Card]") -> list[Cell]:
    """The grid, row by row: a group begins in the row of the one before if all of it fits there.

    >>> from unbend.properties import cards
    >>> [(cell.row, cell.column, cell.group) for cell in arranged(cards(["tanh", "relu"]))]
    [(0, 0, 'dies'), (0, 2, 'dies'), (0, 3, 'saturates'), (0, 5, 'saturates')]
    """
    members = {name: [card for card in cards if group(card) == name] for name in ORDER}
    assert set(ORDER) == set(GROUPS)
    cells: list[Cell] = []
    row, column = 0, 0
    for name, group_cards in members.items():
        if not group_cards:
            continue
        if column and column + HEADING + len(group_cards) > COLUMNS:
            row, column = row + 1, 0
        cells.append(Cell(row, column, name, None))
        column += HEADING
        for card in group_cards:
            if column == COLUMNS:
                row, column = row + 1, HEADING
            cells.append(Cell(row, column, name, card))
            column += 1
    return cells


# ---------------------------------------------------------------------- places, in inches from the upper left corner
def _corner(cell: Cell) -> tuple[float, float]:
    return MARGIN + cell.column * _column_width(), HEAD + cell.row * ROW


def _column_width() -> float:
    return (WIDTH - 2 * MARGIN) / COLUMNS


def _at(size: tuple[float, float], left: float, top: float) -> tuple[float, float]:
    return left / size[0], 1.0 - top / size[1]


def _head(canvas: "Canvas", size: tuple[float, float], words: Words) -> None:
    from matplotlib.lines import Line2D

    canvas.text(*_at(size, MARGIN, 0.46), words("sheet_title"), fontsize=TITLE, va="center")
    canvas.text(*_at(size, MARGIN, size[1] - 0.26), words("sheet_note"), fontsize=RULE, va="center", color=style.QUIET)
    zone = Line2D([], [], color=style.soften(style.GRID, 0.5), linewidth=9, label=words("saturated_zone"))
    lines = [
        Line2D([], [], color=style.INK, linewidth=2.4, label=words("value")),
        Line2D([], [], color=style.GRADIENT, linewidth=2.0, linestyle="--", label=words("gradient")),
    ]
    canvas.legend(
        handles=[*lines, zone], loc="center right", bbox_to_anchor=_at(size, size[0] - MARGIN, 0.46), ncols=3,
        frameon=False, fontsize=style.TITLE,
    )  # fmt: skip


def _heading(canvas: "Canvas", size: tuple[float, float], cell: Cell, words: Words) -> None:
    from matplotlib.patches import Rectangle

    left, top = _corner(cell)
    left += 0.1 if cell.column else 0.0
    low = _at(size, left, top + ROW - 0.16)
    canvas.add_artist(Rectangle(low, 0.07 / size[0], (ROW - 0.26) / size[1], color=COLORS[cell.group], linewidth=0))
    text = left + 0.16
    canvas.text(*_at(size, text, top + 0.24), words(f"group_{cell.group}"), fontsize=GROUP, va="center")
    room = int((HEADING * _column_width() - 0.3) / (RULE / 72 * 0.53))
    rule = "\n".join(broken(words(f"group_{cell.group}_rule"), room))
    canvas.text(*_at(size, text, top + 0.44), rule, fontsize=RULE, va="top", color=style.QUIET, linespacing=1.3)


def broken(text: str, room: int) -> list[str]:
    """``text`` in lines at most ``room`` letters wide: between words, or between Chinese characters.

    >>> broken("one two three", 8)
    ['one two', 'three']
    >>> broken("超出 ±0.25：学不到东西。", 12)
    ['超出 ±0.25：', '学不到东西。']
    """
    lines = [""]
    for piece in re.findall(r"(?:\|[^|]*\||[^\s\u2e80-\uffef]+\s?|.)[，。：；、]*", text):
        if text_width((lines[-1] + piece).rstrip()) > room and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _panel(canvas: "Canvas", size: tuple[float, float], cell: Cell, card: "Card", words: Words) -> None:
    left, top = _corner(cell)
    width = _column_width() - 0.1
    middle = left + width / 2
    name, points = _name(shorten(card.name, 24), width)
    rest = "bottom" if "\n" in name else "baseline"
    canvas.text(*_at(size, middle, top + 0.26), name, fontsize=points, va=rest, ha="center", linespacing=0.95)
    low, high = _at(size, left, top + 1.36), _at(size, left + width, top + 0.31)
    axes = canvas.add_axes((low[0], low[1], high[0] - low[0], high[1] - low[1]))
    _draw(axes, card, cell.group)
    fact = _fact(card, cell.group, words)
    canvas.text(*_at(size, middle, top + 1.53), fact, fontsize=FACT, va="baseline", ha="center", color=style.QUIET)


def _name(name: str, width: float) -> tuple[str, float]:
    """A name and its size; one that would become too small stands in two lines."""
    points = _fitting(name, width)
    first, bar, last = name.rpartition("_")
    if points >= LEAST or not bar:
        return name, max(points, LEAST)
    return f"{first}\n{bar}{last}", _fitting(first, width)


def _fitting(text: str, width: float) -> float:
    return min(NAME, width * 72 / (0.53 * max(text_width(text), 1)))


def _draw(axes: "Axes", card: "Card", of_group: str) -> None:
    z = sampled(X, card.kinks, STEPS)
    with np.errstate(all="ignore"):
        value, slope = card.activation(z), card.activation.gradient(z)
        flat = np.abs(slope) < SATURATED
        axes.fill_between(z, *Y, where=flat.tolist(), color=style.soften(style.GRID, 0.35), linewidth=0)
    axes.axhline(0.0, color=style.GRID, linewidth=0.7)
    axes.axvline(0.0, color=style.GRID, linewidth=0.7)
    axes.plot(*opened(z, np.clip(value, -50, 50)), color=style.INK, linewidth=1.9)
    axes.plot(*opened(z, np.clip(slope, -50, 50)), "--", color=style.GRADIENT, linewidth=1.5)
    axes.set_xlim(*X)
    axes.set_ylim(*Y)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(style.soften(COLORS[of_group], 0.7))


def _fact(card: "Card", of_group: str, words: Words) -> str:
    """The number that shows the problem of its group."""
    share = card.saturated_share_normal
    if of_group == "dies" and share is not None:
        return words("panel_share", value=percent(share, 0 if share > 0.1 else 1))
    if of_group == "saturates":
        return words("panel_flat", value=short(card.gradient_below_0_01))
    if of_group == "wavy" and card.minimum is not None:
        return words("panel_dip", value=short(card.minimum))
    if of_group in ("off_centre", "kink") and card.mean_normal is not None:
        return words("panel_mean", value=short(card.mean_normal))
    if of_group == "explodes":
        return words("panel_unbounded")
    return words("panel_gradient", value=short(card.max_gradient))
