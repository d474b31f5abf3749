"""What the statistics compare: held-out scores of arms over the same outer splits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out scores of arms over outer splits: seeds averaged, failed networks scored as the dummy.

    ``values`` (arms, splits) float64, higher is better; ``failures`` (arms,) share of networks that diverged;
    ``n_train`` and ``n_test`` rows in an outer training and test part, the median over the splits.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    failures: NDArray[np.float64]
    n_train: int
    n_test: int
    metric: str

    def of(self, arms: Sequence[int]) -> "Scores":
        """The scores of some arms, by their places."""
        chosen = list(arms)
        return replace(
            self,
            names=tuple(self.names[arm] for arm in chosen),
            values=self.values[chosen],
            failures=self.failures[chosen],
        )
