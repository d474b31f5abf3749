"""`lift`: a network of two units beside one of three or more: a sheet that cannot be parted, and a cap that can."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unbend.drawing import style
from unbend.drawing.groups import groups
from unbend.drawing.journey import boxed
from unbend.drawing.panel import at, place, set_points, size_of
from unbend.drawing.picture import Figure
from unbend.drawing.scene import axis_names, light, scene, still_points
from unbend.drawing.sheet import LEFT
from unbend.drawing.story import Array, Story
from unbend.drawing.telling import tell
from unbend.drawing.words import Words, percent, shorten
from unbend.geometry import Lifted, lifted
from unbend.geometry.limits import space_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from unbend.recording.recording import Recording

TILT, ROUND = np.radians(16.0), np.radians(25.0)  # how far the eye looks down, and from which side
LOOP = "#8f4a00"  # a darker orange
FROM_BELOW = 0.35  # how much of the paper shows through the cut


def lift(
    narrow: "Recording", wide: "Recording", epoch: int = -1, lang: str = "en", loop: Array | None = None
) -> Figure:
    """Draw the last hidden space of ``narrow`` (two units) beside that of ``wide`` (three or more), two classes each.

    At the left, the sheet of the input is bent in its plane, and the line is the best that training found. At the
    right, space is turned so that the cut between the classes lies level: an orthographic view, in which equal lengths
    in one direction look equal; for more than three units, of the three directions of `unbend.geometry.lifted`. A
    ``loop`` (m, 2) in the input is drawn in both spaces. Raises `UnbendError` for another language, and for runs that
    `lifted` refuses.

    >>> import unbend as ub
    >>> runs = [ub.train(ub.data.ring(n=100), hidden=(units,), epochs=1) for units in (2, 3)]
    >>> len(lift(*runs).canvas.axes)
    2
    """
    from matplotlib.figure import Figure as Canvas

    words, space = Words(lang), lifted(wide, epoch)
    stories = tell(narrow, (epoch,)), tell(wide, (epoch,))
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        left, right = place(canvas, LEFT, 132, 500, 470), place(canvas, 640, 132, 612, 470)
        canvas.text(*at(LEFT, 38), _title(stories[0]), fontsize=style.HEADER, va="center")
        canvas.text(*at(640, 38), _title(stories[1]), fontsize=style.HEADER, va="center")
        loops = () if loop is None else (narrow.forward(loop, epoch), wide.forward(loop, epoch))
        _flat(left, stories[0], words, [loop[-2].activation for loop in loops[:1]])
        _cap(right, stories[1], space, words, [space.coordinates(loop[-2].activation) for loop in loops[1:]])
        for axes, run in ((left, narrow), (right, wide)):
            axes.set_title(words("lift_right", share=percent(run.score(epoch=epoch))), loc="right", color=style.QUIET)
        left.set_title(words("lift_flat"))
        right.set_title(words("lift_cap", units=wide.network.widths[-2]))
        _legend(canvas, stories[0], words, loop is not None)
    return Figure(canvas)


def _title(story: Story) -> str:
    return f"{shorten(story.name, 20)}   {shorten(story.shape, 12)}   {shorten(story.dataset.name, 12)}"


def _flat(axes: "Axes", story: Story, words: Words, loops: list[Array]) -> None:
    space = story.moments[0].space
    width, height = size_of(axes)
    box = boxed(space_limits(space.points, space.grid), width / height)
    scene(axes, story, words).show(
        box, [light(line) for line in space.grid], space.points[story.drawn], story.labels, space.straight
    )
    for loop in loops:
        axes.plot(*loop.T, color=LOOP, linewidth=2.4, zorder=1.5)  # under the points
    across, up = axis_names(story, words, len(story.hidden_widths) - 1)
    axes.set_xlabel(across)
    axes.set_ylabel(up)


def _cap(axes: "Axes", story: Story, space: Lifted, words: Words, loops: list[Array]) -> None:
    """The cap from behind to before: what lies below the cut, the cut, what lies above it."""
    from matplotlib.patches import Polygon

    axes.set_axis_off()
    points, grid = space.points[story.drawn], space.grid
    cut = _cut(np.concatenate([points, grid.reshape(-1, 3)]))
    seen = _seen(np.concatenate([points, grid.reshape(-1, 3), cut]))
    width, height = size_of(axes)
    left, right, bottom, top = boxed(space_limits(seen, [seen]), width / height)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    for above in (False, True):
        _lines(axes, grid, above, style.QUIET if above else style.GRID, 0.9)
        _lines(axes, loops, above, LOOP, 2.4)
        side = (points[:, 2] > 0) == above
        set_points(still_points(axes, story, words), _seen(points[side]), story.labels[side])
        if not above:
            axes.add_patch(
                Polygon(_seen(cut), facecolor=style.UNDECIDED, edgecolor=style.BOUNDARY, alpha=1 - FROM_BELOW, lw=2.0)
            )


def _cut(places: Array) -> Array:
    """(4, 3) the corners of the level cut under and over all places."""
    turned = places[:, :2] @ _round().T
    (left, front), (right, back) = turned.min(axis=0), turned.max(axis=0)
    corners = np.array([[left, front], [right, front], [right, back], [left, back]])
    return np.column_stack([corners @ _round(), np.zeros(4)])


def _round() -> NDArray[np.float64]:
    cosine, sine = np.cos(ROUND), np.sin(ROUND)
    return np.array([[cosine, -sine], [sine, cosine]])


def _seen(places: Array) -> Array:
    """Places (…, 3) as seen (…, 2) by an eye far away that looks down a little; heights stand upright."""
    turned = places[..., :2] @ _round().T
    return np.stack([turned[..., 0], np.cos(TILT) * places[..., 2] + np.sin(TILT) * turned[..., 1]], axis=-1)


def _lines(axes: "Axes", lines: "Array | list[Array]", above: bool, color: str, width: float) -> None:
    """As much of lines (m, 3) as lies above the cut, or below it."""
    from matplotlib.collections import LineCollection

    shown = [light(_seen(part)) for line in lines for part in _parts(line, above)]
    axes.add_collection(LineCollection(shown, colors=color, linewidths=width, zorder=2), autolim=False)


def _parts(line: Array, above: bool) -> list[Array]:
    """The stretches of a line (m, 3) that lie above the cut, or those below, to the first vertex beyond it."""
    side = (line[:, 2] > 0) == above
    ends = np.flatnonzero(np.diff(np.concatenate([[False], side, [False]]).astype(int)))
    return [line[start : end + 1] for start, end in zip(ends[::2], ends[1::2], strict=True) if end - start > 1]


def _legend(figure: "Canvas", story: Story, words: Words, loop: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    points = [
        Line2D([], [], color=group.color, marker=group.marker, linestyle="none", markersize=7.0, label=group.name)
        for group in groups(story.dataset, words)
    ]
    line = Line2D([], [], color=style.BOUNDARY, linewidth=2.2, label=words("line"))
    loops = [Line2D([], [], color=LOOP, linewidth=2.2, label=words("lift_loop"))] if loop else []
    cut = Patch(facecolor=style.UNDECIDED, edgecolor=style.BOUNDARY, label=words("lift_cut"))
    grid = Line2D([], [], color=style.GRID, linewidth=1.4, label=words("grid"))
    figure.legend(
        handles=[*points, *loops, line, cut, grid], loc="center left", bbox_to_anchor=at(LEFT - 8.0, 690), ncols=20,
        frameon=False, fontsize=style.LABEL, handlelength=1.4, handletextpad=0.4, columnspacing=1.1, borderpad=0.0,
    )  # fmt: skip
