"""What the panels need to know, as plain arrays: one `Moment` for each epoch shown, one `Story` for a run.

Boxes are ``(left, right, bottom, top)`` and hold for all moments of a story, so that axes never move.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset

Box = tuple[float, float, float, float]
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """The activations of one layer: a histogram ``counts (bins,)`` scaled to at most 1, and the share that is flat."""

    counts: Array
    flat: float | None


@dataclass(frozen=True, eq=False)
class Moment:
    """One epoch: the input space, the hidden space and the layers.

    ``colors (h, w, 3)`` uint8, its first row at the bottom: the score field under the input space. ``outputs (m, k)``:
    for data with one feature, the outputs along `Story.line_x` (m,). ``boundary``: curves (m, 2) in the input space.
    ``grid (lines, m, 2)``, ``points (n, 2)``, ``lines (each (2, 2))``: the hidden space; ``share`` is the share of the
    variance that its view shows.
    """

    epoch: int
    boundary: tuple[Array, ...]
    grid: tuple[Array, ...]
    points: Array
    lines: tuple[Array, ...]
    share: float
    bands: tuple[Band, ...]
    colors: NDArray[np.uint8] | None = None
    outputs: Array | None = None


@dataclass(frozen=True, eq=False)
class Story:
    """One run, ready to be drawn: its moments in order, and all that does not change from one to the next."""

    name: str
    shape: str
    dataset: Dataset
    moments: tuple[Moment, ...]
    history_epochs: Array
    loss: Array
    metric: Array
    metric_name: Literal["accuracy", "r2"]
    diverged_at: int | None
    labels: Array
    inputs: Array
    input_box: Box
    input_shares: tuple[float, ...] | None
    input_names: tuple[str, ...]
    hidden_box: Box
    hidden_layer: int
    hidden_width: int
    band_names: tuple[tuple[str, int], ...]
    band_range: tuple[float, float]
    line_x: Array | None = None
    total_points: int = 0
