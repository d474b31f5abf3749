"""The samples of a watch by the names that they have in every tool, and the tools that they can go to."""

import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError, did_you_mean
from unbend.watching.health import Health
from unbend.watching.histogram import Histogram
from unbend.watching.history import History, Sample
from unbend.watching.measure import OF_LAYER, OF_WEIGHT

# A tool: its module here, and what it writes to.
TOOLS = {"tensorboard": "a log directory", "mlflow": "a new folder", "wandb": "a folder", "json": "a file"}


@dataclass(frozen=True, eq=False)
class Watched:
    """What an export writes: the samples, the diagnosis, its words in one language, and figures of the run by name."""

    history: History
    health: Health
    summary: str
    figures: Callable[[], Mapping[str, Any]]

    @property
    def verdict(self) -> str:
        """The first line of the summary."""
        return self.summary.splitlines()[0]


def export(watched: Watched, tool: str, path: str | PathLike[str] | None) -> None:
    """Hand a watch over to a tool of `TOOLS`; `UnbendError` for another one, or where nothing was measured yet."""
    if tool not in TOOLS:
        raise UnbendError(f"there is no export to {tool!r}; {did_you_mean(tool, list(TOOLS))}")
    if not watched.history.samples:
        raise UnbendError("nothing was measured yet, so there is nothing to export; train the model first")
    write = import_module(f"unbend.watching.exports.{tool}").write
    write(watched, None if path is None else Path(path))


def place(tool: str, path: Path | None) -> Path:
    """The path of an export; `UnbendError` says what it should be where it was left out."""
    if path is None:
        running = {"mlflow": ", or start a run with mlflow.start_run()", "wandb": ", or start a run with wandb.init()"}
        said = f'say where: w.to("{tool}", path), and path is {TOOLS[tool]}'
        raise UnbendError(f"an export to {tool} needs a place; {said}{running.get(tool, '')}")
    return path


def scalars(sample: Sample) -> dict[str, float]:
    """The numbers of a sample by ``unbend/<layer>/<metric>``, ``unbend/<weight>/<metric>``; what was measured of them.

    >>> scalars(Sample(0, ()))
    {}
    """
    found = {"unbend/gradient_ratio": sample.gradient_ratio}
    for parts, metrics in ((sample.layers, OF_LAYER), (sample.weights, OF_WEIGHT)):
        found |= {tag(part.name, what): getattr(part, what) for part in parts for what in metrics}
    return {name: float(value) for name, value in found.items() if not math.isnan(value)}


def histograms(sample: Sample) -> dict[str, Histogram]:
    """The histograms of a sample by ``unbend/<layer>/pre_activations`` and ``unbend/<layer>/outputs``."""
    found = {
        tag(layer.name, what): getattr(layer, what)
        for layer in sample.layers
        for what in ("pre_activations", "outputs")
    }
    return {name: one for name, one in found.items() if one is not None}


def pixels(figure: Any) -> NDArray[np.uint8]:
    """(height, width, 3) of a figure."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(figure.png())).convert("RGB"))


def tag(part: str, metric: str) -> str:
    """A name that every tool takes.

    >>> tag("blocks.0/relu#2", "dead")
    'unbend/blocks.0/relu.2/dead'
    """
    folders = re.sub(r"[^\w./-]+", "_", part.replace("#", ".")).split("/")
    return "/".join(["unbend", *(one for one in folders if one.strip(".")), metric])
