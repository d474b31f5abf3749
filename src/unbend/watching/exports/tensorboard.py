"""A watch as an event file for TensorBoard: scalars and histograms at their steps, figures, and the diagnosis."""

import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from unbend.files import cannot_write
from unbend.packages import needed
from unbend.watching.exports.export import Watched, histograms, pixels, place, scalars
from unbend.watching.histogram import Histogram

SUFFIX = ".unbend"


def write(watched: Watched, path: Path | None) -> None:
    """Add an event file to a log directory, in the place of the one that was written there before.

    Raises `UnbendError` where tensorboardX is not installed or the directory cannot be written.
    """
    path = place("tensorboard", path)
    writing = needed("tensorboardX", "'unbend[tensorboard]'", "an export to TensorBoard")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path, prefix=".unbend-") as folder:
            with writing.SummaryWriter(folder, filename_suffix=SUFFIX) as writer:
                _write(writer, watched)
            old, new = list(path.glob(f"events.*{SUFFIX}")), list(Path(folder).iterdir())
            for file in old:
                file.unlink()
            for file in new:
                file.replace(path / file.name)
    except OSError as error:
        raise cannot_write(path, error) from error


def _write(writer: Any, watched: Watched) -> None:
    for sample in watched.history.samples:
        for name, value in scalars(sample).items():
            writer.add_scalar(name, value, sample.step)
        for name, one in histograms(sample).items():
            writer.add_histogram_raw(name, *_moments(one), one.edges[1:].tolist(), list(one.counts), sample.step)
    last = watched.history.samples[-1].step
    for name, figure in watched.figures().items():
        writer.add_image(f"unbend/{name}", pixels(figure), last, dataformats="HWC")
    writer.add_text("unbend/health", textwrap.indent(watched.summary, "    "), last)


def _moments(one: Histogram) -> tuple[float, float, int, float, float]:
    """Smallest, largest, count, and what the middles of the bins say of sum and squares; TensorBoard shows no sums."""
    middles = (one.edges[1:] + one.edges[:-1]) / 2
    return one.low, one.high, sum(one.counts), float(middles @ one.counts), float(middles**2 @ one.counts)
