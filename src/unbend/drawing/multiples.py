"""The same small chart once for each arm of a choice, all on the same axes so that they can be compared."""

import math
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.rows import WIDTH
from unbend.drawing.words import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

HEIGHT = 1.72  # inches of a row of charts with its names
LEFT, RIGHT, TOP, BELOW, GAP = 0.85, 0.08, 0.32, 0.62, 0.18  # inches around the charts, and between two
COLUMNS = 4


def multiples(names: list[str], x_label: str, y_label: str) -> "tuple[Canvas, list[Axes]]":
    """A chart for each name, four in a row, with common axes and common words."""
    from matplotlib.figure import Figure as Canvas

    columns = min(COLUMNS, len(names))
    lines = math.ceil(len(names) / columns)
    row = HEIGHT * (1.0 if columns == COLUMNS else 1.3)
    height = row * lines + BELOW
    canvas = Canvas((WIDTH, height), dpi=style.DPI)
    tall, wide = row - TOP - 0.1, (WIDTH - LEFT - RIGHT - GAP * (columns - 1)) / columns
    canvas.subplots_adjust(
        left=LEFT / WIDTH, right=1 - RIGHT / WIDTH, bottom=BELOW / height, top=1 - TOP / height, wspace=GAP / wide,
        hspace=(row - tall) / tall,
    )  # fmt: skip
    panels = canvas.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for place, (axes, name) in enumerate(zip(panels, names, strict=False)):
        axes.set_title(shorten(name, 22), fontsize=style.LABEL)
        axes.grid(color=style.UNDECIDED, linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelbottom=place + columns >= len(names))
    look = {"fontsize": style.TICK, "color": style.QUIET}
    canvas.supxlabel(x_label, y=0.08 / height, **look)  # pyright: ignore[reportArgumentType]
    canvas.supylabel(y_label, x=0.08 / WIDTH, ha="left", **look)  # pyright: ignore[reportArgumentType]
    return canvas, panels[: len(names)]
