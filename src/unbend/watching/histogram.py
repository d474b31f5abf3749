"""A histogram small and quick enough to be kept of every layer in every sample."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
BINS = 32
VALUES = 4096  # about so many are counted; all units of evenly spread rows


@dataclass(frozen=True)
class Histogram:
    """How often values fell into bins of equal width between the smallest, ``low``, and the largest, ``high``."""

    low: float
    high: float
    counts: tuple[int, ...]

    @property
    def edges(self) -> NDArray[np.float64]:
        """(bins + 1,) where each bin begins, and the last one ends; rising even where all values are the same."""
        size = max(abs(self.low), abs(self.high))
        apart = self.high / 2 - self.low / 2 > len(self.counts) * np.spacing(size)
        half = 0.0 if apart else max(size, 1.0) * 1e-6
        share = np.linspace(0.0, 1.0, len(self.counts) + 1)
        return (self.low - half) * (1 - share) + (self.high + half) * share


def histogram(rows: Floats) -> Histogram:
    """The histogram of finite values (m, H), of evenly spread rows where there are many.

    >>> histogram(np.array([[0.0, 1.0], [1.0, 32.0]])).counts[:3]
    (1, 2, 0)
    """
    values = rows[:: max(1, rows.size // VALUES)].ravel().astype(np.float64)
    low, high = float(values.min()), float(values.max())
    half = high / 2 - low / 2  # halves, since the difference of the largest numbers is no number
    places = (values / 2 - low / 2) / half if half > 0 else np.full(len(values), 0.5)
    counts = np.bincount(np.minimum((places * BINS).astype(np.int64), BINS - 1), minlength=BINS)
    return Histogram(low, high, tuple(counts.tolist()))
