"""`path_film` and `path_figure`: the way of a watched model's probe through its layers, as a film and as a picture."""

import os
from typing import TYPE_CHECKING, Any

from unbend.drawing import style
from unbend.drawing.films import FORMATS, GIF_DPI, counter, frames, new_canvas, silent, write
from unbend.drawing.path_sheet import path_panels
from unbend.drawing.path_story import path_of
from unbend.drawing.picture import Figure
from unbend.drawing.words import Words
from unbend.errors import UnbendError
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from unbend.watching import Watch


def path_film(
    watch: "Watch", path: str | os.PathLike[str], labels: Any = None, lang: str = "en", seconds: float = 8.0
) -> None:
    """Write the film of the probe's way through the layers over the sampled steps, as ``.mp4`` or ``.gif``.

    ``labels`` (n,): a class, or a number, of each input of the probe; without them the points have the colours of the
    model's own final answers. Each panel is a layer: across, the direction along which the label is best read; up, the
    main direction of the rest (for more than two classes: the second read-out direction). Above it stands how many of
    the inputs a straight cut tells apart. Raises `UnbendError` for labels that do not fit, a watch without samples, and
    another ending or language.
    """
    form = extension(path, FORMATS, "a film")
    words = Words(lang)
    if not 0.1 <= seconds <= 600.0:
        raise UnbendError(f"a film cannot last {seconds:g} seconds; give 0.1 to 600, such as seconds=8")
    way = path_of(watch, labels)
    with replacing(path) as temporary, style.settings():
        canvas = new_canvas(style.DPI if form == "mp4" else GIF_DPI)
        panel = path_panels(canvas.figure, way, words)
        write(
            temporary, form, lambda indices: frames(canvas, panel, indices), len(way.moments), seconds,
            counter(silent, len(way.moments)),
        )  # fmt: skip


def path_figure(watch: "Watch", labels: Any = None, step: int = -1, lang: str = "en") -> Figure:
    """Draw the probe's way through the layers after ``step`` (-1: the last sample), as `path_film` shows it.

    Raises `UnbendError` as `path_film` does, and for a step that was not sampled.
    """
    from matplotlib.figure import Figure as Canvas

    words, way = Words(lang), path_of(watch, labels, (step,))
    with style.settings():
        canvas = Canvas(style.SIZE, dpi=style.DPI)
        path_panels(canvas, way, words).show(0)
    return Figure(canvas)
