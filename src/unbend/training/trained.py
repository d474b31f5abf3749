"""What training returns, whichever engine did it: plain arrays for a population of P networks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trained:
    """Kept weights and measurements of P networks.

    ``epochs`` (k,) the kept epochs; ``weights`` (k, P, parameter_count), float32 from the kernel and float64 from the
    reference; ``loss`` and ``metric`` (epochs + 1, P) on all rows (accuracy, or r² for regression), NaN where not
    measured and from the epoch at which a network diverged; ``diverged_at`` (P,) that epoch, or -1.
    """

    epochs: NDArray[np.int64]
    weights: NDArray[np.floating]
    loss: NDArray[np.float64]
    metric: NDArray[np.float64]
    diverged_at: NDArray[np.int64]
