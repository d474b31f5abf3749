"""What the panels need to know: one `Moment` for each epoch shown, and a `Story` with all that stays the same.

Boxes are ``(left, right, bottom, top)`` and hold for all moments of a story, so that axes never move.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.geometry import Box, Space

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """The values of one layer: a histogram ``counts (bins,)`` whose peak is 1, and the share of values that is flat
    (None where there is no activation)."""

    counts: Array
    flat: float | None


@dataclass(frozen=True, eq=False)
class Moment:
    """One epoch: its space, a band for each row of the layers' panel, and the soft ``colors (h, w, 3)`` under the input
    space, the first row at the bottom (None for data with one feature)."""

    space: Space
    bands: tuple[Band, ...]
    colors: NDArray[np.uint8] | None

    @property
    def epoch(self) -> int:
        """The epoch whose weights are shown."""
        return self.space.epoch


@dataclass(frozen=True, eq=False)
class Course:
    """What was measured in training: ``loss`` and ``metric``, both (m,) and NaN where unknown, at ``epochs`` (m,);
    ``last`` is the epoch at which training was to end; ``unit`` what is counted."""

    epochs: Array
    loss: Array
    metric: Array
    metric_name: Literal["accuracy", "r2"]
    diverged_at: int | None
    last: int
    unit: Literal["epoch", "step"] = "epoch"

    def metric_at(self, epoch: int) -> float:
        """The metric as last known at ``epoch``; NaN if it never was."""
        known = self.metric[(self.epochs <= epoch) & np.isfinite(self.metric)]
        return float(known[-1]) if len(known) else float("nan")


@dataclass(frozen=True, eq=False)
class Story:
    """One run, ready to be drawn.

    Of the data, only the rows ``drawn`` (m,) appear as points: ``inputs (m, 2)`` in the input panel, in the colours of
    their ``labels (m,)`` (classes, or ranges of the target). ``band_names`` are keys and numbers for the words.
    """

    name: str
    shape: str
    dataset: Dataset
    hidden_widths: tuple[int, ...]
    moments: tuple[Moment, ...]
    course: Course
    drawn: NDArray[np.int64]
    labels: NDArray[np.int64]
    inputs: Array
    input_box: Box
    band_names: tuple[tuple[str, int], ...]
    band_range: tuple[float, float]

    @property
    def hidden_box(self) -> Box:
        """The box of the hidden space."""
        return self.moments[0].space.limits

    @property
    def features(self) -> int:
        """The number of features d."""
        return self.dataset.x.shape[1]

    @property
    def shown_width(self) -> int:
        """The width of the space in the hidden panel: the last hidden layer's, or the input's where there is none."""
        return (self.features, *self.hidden_widths)[-1]
