"""Many hypotheses at once: p-values adjusted so that the chance of any false rejection stays bounded."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HolmAdjustment:
    """Adjusted p-values (m,) in the order given."""

    p: Floats

    def rejected(self, alpha: float = 0.05) -> NDArray[np.bool_]:
        """Which hypotheses (m,) are rejected."""
        return self.p <= alpha


def holm(p_values: Any) -> HolmAdjustment:
    """P-values (m,) adjusted so that the chance of any false rejection is at most alpha (Holm 1979).

    Valid however the tests depend on each other. Raises `UnbendError` for numbers that are no probabilities.

    >>> holm([0.01, 0.04, 0.03]).p.round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64).reshape(-1)
    if not ((p >= 0) & (p <= 1)).all():
        raise UnbendError("p-values must be numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return HolmAdjustment(adjusted)
