"""The same small chart once for each arm of a choice, all on the same axes so that they can be compared."""

import math
from typing import TYPE_CHECKING

from unbend.drawing import style
from unbend.drawing.rows import WIDTH
from unbend.drawing.words import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

HEIGHT, FRAME = 1.75, 0.35  # inches of a row of charts, and of the words below
COLUMNS = 4


def multiples(names: list[str], x_label: str, y_label: str) -> "tuple[Canvas, list[Axes]]":
    """A chart for each name, four in a row, with common axes and common words."""
    from matplotlib.figure import Figure as Canvas

    columns = min(COLUMNS, len(names))
    lines = math.ceil(len(names) / columns)
    canvas = Canvas((WIDTH, FRAME + HEIGHT * lines * (1.25 if columns < COLUMNS else 1)), dpi=style.DPI)
    canvas.set_layout_engine("constrained", w_pad=0.06, h_pad=0.05)
    panels = canvas.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for place, (axes, name) in enumerate(zip(panels, names, strict=False)):
        axes.set_title(shorten(name, 22), fontsize=style.LABEL)
        axes.grid(color=style.UNDECIDED, linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelbottom=place + columns >= len(names))
    canvas.supxlabel(x_label, fontsize=style.TICK, color=style.QUIET)
    canvas.supylabel(y_label, fontsize=style.TICK, color=style.QUIET)
    return canvas, panels[: len(names)]
