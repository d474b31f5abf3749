"""The unit disc and regions that should be like it, side by side; what lies in only one of the two is shaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.panel import Array, at, frame, place
from unbend.drawing.picture import Figure
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch
    from matplotlib.path import Path

WHOLE: Box = (-1.62, 1.62, -1.62, 1.62)
PIECE: Box = (0.48, 1.08, 0.28, 0.88)  # of the rim, enlarged below
TOP, EDGE, GAP, TALLEST = 84.0, 58.0, 48.0, 262.0  # pixels
LOWER = 72.0  # pixels between the upper and the lower row
CIRCLE = 96  # corners of the drawn circle


@dataclass(frozen=True, eq=False)
class Region:
    """A closed ``outline`` (m, 2), counter-clockwise, with a ``title`` above it."""

    title: str
    outline: Array


def beside_the_disc(regions: Sequence[Region], disc: str, outline: str, difference: str) -> Figure:
    """Draw up to four ``regions`` over the unit disc, and below each a piece of the rim, enlarged.

    The last three words name disc, outline and shaded area.

    >>> square = Region("4", np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]))
    >>> len(beside_the_disc([square], "disc", "boundary", "wrong").canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    size = min(TALLEST, (style.SIZE[0] * style.DPI - 2.0 * EDGE - GAP * (len(regions) - 1)) / len(regions))
    left = (style.SIZE[0] * style.DPI - size * len(regions) - GAP * (len(regions) - 1)) / 2.0
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        for index, region in enumerate(regions):
            upper = place(canvas, left + index * (size + GAP), TOP, size, size)
            _draw(upper, region, WHOLE)
            upper.set_title(region.title)
            upper.add_patch(_window())
            _draw(place(canvas, left + index * (size + GAP), TOP + size + LOWER, size, size), region, PIECE)
        canvas.legend(
            handles=_legend(disc, outline, difference),
            loc="center",
            bbox_to_anchor=at(style.SIZE[0] * style.DPI / 2.0, 28.0),
            ncols=3,
            frameon=False,
            fontsize=style.TITLE,
        )
    return Figure(canvas)


def _window() -> "Patch":
    from matplotlib.patches import Rectangle

    left, right, bottom, top = PIECE
    return Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=style.INK, linewidth=0.9)


def _draw(axes: "Axes", region: Region, box: Box) -> None:
    from matplotlib.patches import PathPatch

    frame(axes, box, ticks=4)
    axes.set_facecolor(style.soften(style.NEGATIVE, 0.25))
    circle = _circle()
    axes.add_patch(PathPatch(_closed([circle]), facecolor=style.soften(style.POSITIVE, 0.35), edgecolor="none"))
    axes.add_patch(PathPatch(_closed([circle, region.outline[::-1]]), facecolor=style.QUIET, edgecolor="none"))
    axes.add_patch(PathPatch(_closed([circle]), facecolor="none", edgecolor=style.POSITIVE, linewidth=1.4))
    axes.add_patch(PathPatch(_closed([region.outline]), facecolor="none", edgecolor=style.BOUNDARY, linewidth=2.4))


def _circle() -> Array:
    angles = 2.0 * np.pi * np.arange(CIRCLE) / CIRCLE
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _closed(rings: Sequence[Array]) -> "Path":
    """One path of closed rings; where two of opposite direction overlap, the path is not filled."""
    from matplotlib.path import Path

    paths = [Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings]
    return Path.make_compound_path(*paths)


def _legend(disc: str, outline: str, difference: str) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=style.soften(style.POSITIVE, 0.35), edgecolor=style.POSITIVE, label=disc),
        Line2D([], [], color=style.BOUNDARY, linewidth=2.4, label=outline),
        Patch(facecolor=style.QUIET, edgecolor="none", label=difference),
    ]
