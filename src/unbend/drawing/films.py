"""`film`: a run, or several side by side, through time; what stays is drawn once, what moves for each picture."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.drawing.columns import columns
from unbend.drawing.fields import resized
from unbend.drawing.figures import named, side_by_side
from unbend.drawing.often import Reached
from unbend.drawing.panel import Panel
from unbend.drawing.sheet import four_panels
from unbend.drawing.story import Story
from unbend.drawing.telling import tell
from unbend.drawing.video import Frame, write_gif, write_mp4
from unbend.drawing.words import Words
from unbend.errors import UnbendError
from unbend.files import extension, replacing

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from unbend.recording.recording import Recording

FORMATS = ("mp4", "gif")
MOST_PICTURES = 240
GIF_DPI = 75  # 960 x 540: a gif of full size is too heavy to send
HOLD = 1.5  # seconds that the last picture stays

Progress = Callable[[int, int], None]


def film(
    run_or_runs: "Recording | Iterable[Recording]",
    path: str | os.PathLike[str],
    lang: str = "en",
    seconds: float = 8.0,
    progress: Progress | None = None,
    reached: Sequence[Reached] = (),
) -> None:
    """Write a film of one run (four panels) or of up to six side by side (the columns of `compare`) to ``path``.

    The ending of ``path`` decides: .mp4 (H.264, 1280 x 720) or .gif (960 x 540). ``seconds`` is how long the film lasts
    before the last picture stands still. ``progress(done, all)`` is called for each space that is computed and for each
    picture. The file is there completely or not at all. Raises `UnbendError` for another ending, language or number of
    runs.

    >>> import tempfile, unbend as ub
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     film(ub.train(ub.data.xor(), epochs=1), folder + "/xor.mp4", progress=lambda done, all: print(done, all))
    1 4
    2 4
    3 4
    4 4
    """
    form = extension(path, FORMATS, "a film")
    words = Words(lang)
    if not 0.1 <= seconds <= 600.0:
        raise UnbendError(f"a film cannot last {seconds:g} seconds; give 0.1 to 600, such as seconds=8")
    runs = side_by_side(run_or_runs, reached)
    epochs = clock(runs)
    times = [at_or_before(run, epochs) for run in runs]
    advance = counter(progress or silent, sum(len(set(own)) for own in times) + len(epochs))
    with replacing(path) as temporary, style.settings():
        canvas = new_canvas(style.DPI if form == "mp4" else GIF_DPI)
        stories = [tell(run, own, advance) for run, own in zip(runs, times, strict=True)]
        panel = _panel(canvas, stories, runs, words, reached)
        write(temporary, form, lambda indices: frames(canvas, panel, indices), len(epochs), seconds, advance)


def clock(runs: "Sequence[Recording]") -> tuple[int, ...]:
    """The epochs of the film: all that any of the runs kept, thinned evenly if there are more than 240."""
    epochs = np.unique(np.concatenate([run.epochs for run in runs]))
    if len(epochs) > MOST_PICTURES:
        epochs = epochs[np.unique(np.linspace(0, len(epochs) - 1, MOST_PICTURES).round().astype(int))]
    return tuple(epochs.tolist())


def frames(canvas: "FigureCanvasAgg", panel: Panel, indices: Iterable[int]) -> Iterator[Frame]:
    """The moments ``indices`` of ``panel`` as pictures (height, width, 4); each is overwritten by the next."""
    for artist in panel.artists:
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(canvas.figure.bbox)
    for index in indices:
        panel.show(index)
        canvas.restore_region(background)
        paint(canvas.get_renderer(), panel)
        yield np.asarray(canvas.buffer_rgba())


def new_canvas(dpi: int) -> "FigureCanvasAgg":
    """An empty sheet of the usual size on which `frames` can draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure(style.SIZE, dpi=dpi))


def _panel(
    canvas: "FigureCanvasAgg",
    stories: Sequence[Story],
    runs: "Sequence[Recording]",
    words: Words,
    reached: Sequence[Reached],
) -> Panel:
    if len(stories) == 1:
        return four_panels(canvas.figure, stories[0], words, reached)
    return columns(canvas.figure, named(stories, runs, words), words, reached)


def at_or_before(run: "Recording", epochs: Sequence[int]) -> list[int]:
    """For each of ``epochs``, the last that ``run`` kept by then; its first where there is none yet."""
    places = np.searchsorted(run.epochs, epochs, side="right") - 1
    return run.epochs[np.maximum(places, 0)].tolist()


def write(
    path: Path,
    form: str,
    draw: Callable[[Iterable[int]], Iterator[Frame]],
    pictures: int,
    seconds: float,
    advance: Callable[[], None],
) -> None:
    """Write the ``pictures`` that ``draw`` makes of indices as ``form`` ("mp4" or "gif"); the last one stands still."""
    rate = min(max(round(pictures / seconds), 1), 30)
    shown = _counted(draw(range(pictures)), advance)
    if form == "mp4":
        write_mp4(path, shown, rate, round(HOLD * rate))
    else:
        samples = [frame.copy() for frame in draw(sorted({0, pictures // 2, pictures - 1}))]
        write_gif(path, shown, rate, round(HOLD * rate), samples)


def _counted(pictures: Iterator[Frame], advance: Callable[[], None]) -> Iterator[Frame]:
    for picture in pictures:
        yield picture
        advance()


def counter(progress: Progress, total: int) -> Callable[[], None]:
    """``progress(1, total)``, ``progress(2, total)``, … at each call."""
    done = count(1)
    return lambda: progress(next(done), total)


def silent(done: int, count: int) -> None:
    """The progress of one who does not ask."""


def paint(renderer: Any, panel: Panel) -> None:
    """Draw the artists of a panel that change."""
    from matplotlib.image import AxesImage

    for artist in panel.artists:
        if isinstance(artist, AxesImage):
            _paint_image(renderer, artist)
        else:
            artist.draw(renderer)


def _paint_image(renderer: Any, image: Any) -> None:
    """Stretch a soft field over its axes: the same as matplotlib's own way, at a tenth of the time."""
    box = image.axes.bbox
    left, bottom, right, top = (round(edge) for edge in (box.x0, box.y0, box.x1, box.y1))
    pixels = resized(np.asarray(image.get_array()), right - left, top - bottom)
    renderer.draw_image(renderer.new_gc(), left, bottom, pixels)
