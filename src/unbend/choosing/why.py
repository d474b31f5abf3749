"""What is known of why an arm does as it does: how its networks look inside, and what came of changing one cause."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SURE = 0.05  # p-values up to this one count


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What the networks of one arm look like, averaged over splits (and over the seeds with the chosen learning rate).

    At k checkpoints ``epochs`` (k,): ``train_loss`` and ``validation_loss`` (k,), and on fixed probe rows ``dead`` and
    ``saturated`` shares (k,), ``gradient_first`` and ``gradient_last`` norms (k,); networks that diverged are left out,
    NaN where all did. At the R ``rates`` (R,) that every split tried: ``loss_by_rate`` (R,) mean validation loss, a
    network counting as the constant answer where it diverged or is worse; ``score_by_rate`` (R,) mean held-out score,
    ``diverged_by_rate`` (R,) share of networks. ``chosen_rates`` (splits,). ``gradient_growth`` is χ₁ at the start (NaN
    where it does not exist); ``epochs_to_90`` the median epochs to 90 % of the way from the constant answer's
    validation loss to a network's best (NaN where none gets ahead of the constant answer); ``basin`` the decades of
    learning rates that are nearly as good as the best, ``basin_open`` whether it reaches an end of ``rates`` and may
    be wider; ``failure_rate`` the share of the networks with the chosen learning rate that diverged. ``usually_flat``:
    the share of standard normal inputs that the activation is flat at, to compare ``saturated`` with. ``bends``:
    whether the network is more than one affine map. ``gradient_ratio``: the gradient of the first layer over that of
    the last, the geometric mean over checkpoints and splits.
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
    basin_open: bool = False
    failure_rate: float = 0.0
    usually_flat: float = 0.0
    bends: bool = True
    gradient_ratio: float = float("nan")


@dataclass(frozen=True)
class Intervention:
    """An arm trained once more with one cause changed (``change``: "gain" or "learning rate"), on the same splits.

    ``measure``: the cause that was looked at, "dead", "saturated", "gradient" (first over last layer), "epochs" to
    90 %, "diverged" or "learning rate"; ``cause`` and ``score`` before and after. ``p`` of the corrected t-test on the
    scores, adjusted by Holm over everything that was changed, ``p_cause`` of that on the cause; ``eased`` whether the
    cause became smaller (a gradient: more even from first to last layer; a learning rate: whether it is another one).
    """

    activation: str
    change: str
    measure: str
    cause_before: float
    cause_after: float
    score_before: float
    score_after: float
    p: float
    p_cause: float = 1.0
    eased: bool = False

    @property
    def cause_moved(self) -> bool:
        """Whether the cause is less of one than before, beyond chance."""
        return self.eased and self.p_cause <= SURE

    @property
    def score_rose(self) -> bool:
        """Whether the score is higher than before, beyond chance."""
        return self.score_after > self.score_before and self.p <= SURE
