"""What the networks of every arm look like along training, from the results of a study alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.cohort import Cohort, cohort, constant_losses, mean_of_finite
from unbend.choosing.plan import Plan
from unbend.choosing.shard import PROBE_ROWS, points_of
from unbend.choosing.study import Study
from unbend.choosing.why import Diagnosis
from unbend.diagnosis import starting_growth
from unbend.diagnosis.units import FLAT
from unbend.errors import UnbendError
from unbend.network import Network, collapse, initialise, normal_mean
from unbend.randomness import permutation

Floats = NDArray[np.float64]
NEARLY = 0.05  # of what the best learning rate gains over the constant answer: lost without a notable loss of score
SAME_RATE = 6  # decimals of log10; rates reached on different ways differ in their last bits


def diagnose(study: Study) -> tuple[Diagnosis, ...]:
    """The diagnosis of every arm of the plan, in its order."""
    constants, x = constant_losses(study), _probes(study.plan, study.splits[0])
    return tuple(_diagnosis(study, arm, constants, x) for arm in range(len(study.plan.arms)))


def basin(rates: Floats, losses: Floats, constant: float) -> tuple[float, bool]:
    """The decades of learning rates that are nearly as good as the best, and whether an end of the grid is among them.

    Of the mean losses (R,) at rising rates (R,), with straight lines over the logarithm between them, those that lose
    at most 5 % of what the best gains over the constant answer. NaN for fewer than three rates, and where no rate gains
    anything.

    >>> basin(np.array([0.01, 0.1, 1.0]), np.array([0.5, 0.1, 0.5]), 0.9)
    (0.2, False)
    """
    best = float(losses.min())
    if len(rates) < 3 or not best < constant:
        return float("nan"), False
    limit = best + NEARLY * (constant - best)
    low, high = np.minimum(losses[:-1], losses[1:]), np.maximum(losses[:-1], losses[1:])
    rise = np.where(high > low, high - low, 1.0)
    below = np.where(high > low, np.clip((limit - low) / rise, 0, 1), low <= limit)
    width = float((below * np.diff(np.log10(rates))).sum())
    return round(width, 12), bool(losses[0] <= limit or losses[-1] <= limit)


def _diagnosis(study: Study, arm: int, constants: Sequence[Floats], x: Floats) -> Diagnosis:
    plan, found = study.plan, cohort(study, arm, constants)
    network, epochs = plan.network(arm, x.shape[1]), np.array(plan.protocol.checkpoints())
    rates, loss, score, diverged = _by_rate(found)
    width, is_open = basin(rates, loss, float(found.constant.mean()))
    course = {name: mean_of_finite(values) for name, values in found.curves.items()}
    return Diagnosis(
        activation=plan.arms[arm].name, epochs=epochs, train_loss=course["train_loss"],
        validation_loss=course["validation_losses"], dead=course["dead"], saturated=course["saturated"],
        gradient_first=course["gradient_first"], gradient_last=course["gradient_last"], rates=rates, loss_by_rate=loss,
        score_by_rate=score, diverged_by_rate=diverged, chosen_rates=_chosen_rates(found),
        gradient_growth=starting_growth(network, x), epochs_to_90=_median(found.epochs_to_90(epochs)), basin=width,
        basin_open=is_open, failure_rate=float(found.diverged[found.chosen].mean()),
        usually_flat=_usually_flat(network), bends=bends(network),
        gradient_ratio=float(10 ** mean_of_finite(found.gradient_ratio())),
    )  # fmt: skip


def _by_rate(found: Cohort) -> tuple[Floats, Floats, Floats, Floats]:
    """Of the rates that every split tried: the rates, mean loss and score, share of networks that diverged, (R,)."""
    _, first, place = np.unique(np.round(np.log10(found.rate), SAME_RATE), return_index=True, return_inverse=True)
    tried = np.zeros((len(first), found.splits), bool)
    tried[place, found.split] = True
    count = np.bincount(place)
    means = [np.bincount(place, values) / count for values in (found.loss, found.score, found.diverged)]
    common = tried.all(axis=1)
    return found.rate[first][common], means[0][common], means[1][common], means[2][common]


def _chosen_rates(found: Cohort) -> Floats:
    _, first = np.unique(found.split[found.chosen], return_index=True)
    return found.rate[found.chosen][first]


def _median(values: Floats) -> float:
    sound = values[np.isfinite(values)]
    return float(np.median(sound)) if len(sound) else float("nan")


def _probes(plan: Plan, split: int) -> Floats:
    """Fitting rows of a split, as the networks see them."""
    x = points_of(plan, split)[0].fit[0]
    return x[permutation(0, "choosing/probe", 0, len(x))[:PROBE_ROWS]]


def _usually_flat(network: Network) -> float:
    if not network.activations:
        return 0.0
    own = network.activations[0]
    return normal_mean(lambda z: (np.abs(own.gradient(z)) < FLAT).astype(np.float64), own.kinks)


def bends(network: Network) -> bool:
    """Whether a network is more than one affine map."""
    weights = tuple((weight[0], bias[0]) for weight, bias in network.unflatten(initialise(network, [0])))
    try:
        collapse(network, weights)
    except UnbendError:
        return True
    return False
