"""Why an arm does as it does: what its networks look like inside, and what happened when one cause was changed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the networks of one arm look like, averaged over splits (and over the seeds with the chosen learning rate).

    At k checkpoints ``epochs`` (k,): ``train_loss`` and ``validation_loss`` (k,), and on fixed probe rows ``dead`` and
    ``saturated`` shares (k,), ``gradient_first`` and ``gradient_last`` norms (k,). At the R ``rates`` (R,) of the
    common grid: ``loss_by_rate`` (R,) mean validation loss (inf where a network diverged), ``score_by_rate`` (R,) mean
    held-out score, ``diverged_by_rate`` (R,) share of networks. ``chosen_rates`` (splits,). ``gradient_growth`` is χ₁
    at initialisation (NaN where it does not exist), ``epochs_to_90`` the median epochs to 90 % of the way to its best
    validation loss, ``basin`` the decades of learning rates that are nearly as good as the best.
    """

    activation: str
    epochs: NDArray[np.int64]
    train_loss: Floats
    validation_loss: Floats
    dead: Floats
    saturated: Floats
    gradient_first: Floats
    gradient_last: Floats
    rates: Floats
    loss_by_rate: Floats
    score_by_rate: Floats
    diverged_by_rate: Floats
    chosen_rates: Floats
    gradient_growth: float
    epochs_to_90: float
    basin: float


@dataclass(frozen=True)
class Intervention:
    """An arm trained once more with one cause changed (``change``: "gain" or "learning rate"), on the same splits.

    ``score`` and ``cause`` (the share or norm that ``measure`` names) before and after.
    """

    activation: str
    change: str
    measure: str
    cause_before: float
    cause_after: float
    score_before: float
    score_after: float
    p: float


def diagnose(study: Study) -> tuple[Diagnosis, ...]:
    """The diagnosis of every arm of the plan, in its order."""
    epochs = np.array(study.plan.protocol.checkpoints())
    return tuple(_diagnosis(study, arm, epochs) for arm in range(len(study.plan.arms)))
