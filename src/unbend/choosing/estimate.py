"""What a plan will take and what it can find, before it runs: both are measured by running a little of it."""

import time
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.plan import Plan, Protocol
from unbend.choosing.shard import EXTENSION, run_shard
from unbend.choosing.statistics import detectable_difference
from unbend.choosing.study import chosen_mean
from unbend.choosing.workers import Result, threads
from unbend.training.interrupts import Stop

Floats = NDArray[np.float64]
Range = tuple[float, float]
DRIFT = 0.15  # how much the speed of a computer wanders
WORTH = 2  # how many times as many epochs make another round of the probe worth while
PILOT_SPLITS = 6
PILOT_ARMS = 4


@dataclass(frozen=True)
class Estimate:
    """``networks`` in ``shards`` over ``splits``: ``seconds`` of training from .. to with so many ``workers``.

    ``detectable_difference`` from .. to, in units of ``metric``: what the comparison of two arms finds four times in
    five (None for a single arm). It comes from differences on ``pilot_splits`` splits after ``pilot_epochs`` epochs
    with one learning rate, and it has a floor that more splits cannot lower.
    """

    networks: int
    shards: int
    splits: int
    workers: int
    seconds: Range
    metric: str
    detectable_difference: Range | None
    pilot_splits: int
    pilot_epochs: int


def estimate(plan: Plan, workers: int | None = None, seconds: float = 2.0) -> Estimate:
    """Probe a plan for about so many seconds (at least two epochs of every arm) in as many threads as it would use.

    >>> import unbend as ub
    >>> from unbend.choosing.choose import plan_choice
    >>> found = estimate(plan_choice(ub.data.iris(), activations=["relu", "tanh"]), seconds=0.1)
    >>> found.networks, found.shards, found.splits, found.seconds[0] < found.seconds[1]
    (4800, 200, 100, True)
    """
    from joblib import cpu_count

    processors: int = cpu_count()
    width = min(workers or processors, processors, len(plan.shards))
    cost, epochs = _cost_of_a_shard(plan, width, seconds)
    low, high = (len(plan.shards) * one / width for one in cost)
    splits = len(plan.splits.outer)
    pilots = min(PILOT_SPLITS, splits)
    return Estimate(
        networks=plan.networks,
        shards=len(plan.shards),
        splits=splits,
        workers=width,
        seconds=(low * (1 - DRIFT), high * (1 + DRIFT)),
        metric=plan.metric.name,
        detectable_difference=_detectable(plan, _pilot(plan, width, pilots, epochs)) if len(plan.arms) > 1 else None,
        pilot_splits=pilots,
        pilot_epochs=epochs,
    )


# ---------------------------------------------------------------------- time
def _cost_of_a_shard(plan: Plan, width: int, seconds: float) -> tuple[Range, int]:
    """Seconds of a thread for a shard, the mean over the arms, from .. to; and the epochs that there was time for.

    Rounds of one epoch, of some, and of as many as fit into the seconds. Where those are not all, a line goes through
    the last two rounds, and nobody knows yet how often the search goes on past its edge.
    """
    whole = plan.protocol
    rates = len(whole.learning_rates)
    _round(plan, replace(whole, epochs=1, extensions=0), width)  # compiles the kernels
    costs: dict[int, float] = {}
    epochs = 1
    while True:
        protocol = whole if epochs == whole.epochs else replace(whole, epochs=epochs, extensions=0)
        started = time.perf_counter()
        costs[epochs] = _round(plan, protocol, width)
        rounds_seconds = (time.perf_counter() - started) / costs[epochs]
        if epochs == whole.epochs:
            return (costs[epochs], costs[epochs]), epochs
        longer = _affordable(costs, whole.epochs, seconds / rounds_seconds)
        if longer < WORTH * epochs and longer < whole.epochs:
            low = _extrapolated(costs, whole.epochs)
            return (low, low * (1 + whole.extensions * EXTENSION / rates if rates > 1 else 1.0)), epochs
        epochs = longer


def _affordable(costs: dict[int, float], whole: int, cost: float) -> int:
    """The largest number of epochs that costs no more: by the line, or in proportion (but two) after one epoch.

    >>> _affordable({1: 0.2}, 100, 1.0), _affordable({1: 0.2, 5: 0.4}, 100, 1.0), _affordable({1: 2.0}, 100, 1.0)
    (5, 17, 2)
    """
    last = max(costs)
    if len(costs) == 1:
        return min(whole, max(2, int(cost / costs[last])))
    slope = (_extrapolated(costs, last + 1) - costs[last]) or 1e-9
    return min(whole, last + int((cost - costs[last]) / slope + 1e-6))


def _extrapolated(costs: dict[int, float], epochs: int) -> float:
    """The line through the last two points (through the origin if there is one point), never falling.

    >>> _extrapolated({1: 0.5, 4: 0.8}, 10), _extrapolated({1: 0.5}, 10)
    (1.4, 5.0)
    """
    *before, last = costs
    known = costs[last]
    slope = (known - costs[before[-1]]) / (last - before[-1]) if before else known / last
    return round(known + max(slope, 0.0) * (epochs - last), 9)


def _round(plan: Plan, protocol: Protocol, width: int) -> float:
    """The mean seconds of a shard: every arm on the first split, and on as many more as keep all threads busy."""
    splits = min(-(-width // len(plan.arms)), len(plan.splits.outer))
    return float(np.mean([shard["seconds"] for shard in _results(plan, protocol, width, splits)]))


def _results(plan: Plan, protocol: Protocol, width: int, splits: int) -> list[Result]:
    with threads(replace(plan, protocol=protocol), _timed, Stop(), width) as pool:
        futures = [pool.submit(arm, split) for split in range(splits) for arm in range(len(plan.arms))]
        return [future.result() for future in futures]


def _timed(plan: Plan, arm: int, split: int) -> Result:
    started = time.perf_counter()
    columns = run_shard(plan, arm, split)
    return columns | {"seconds": [time.perf_counter() - started]}


# ---------------------------------------------------------------------- differences
def _pilot(plan: Plan, width: int, splits: int, epochs: int) -> Floats:
    """(arms, splits) held-out scores of the first arms with one learning rate, the middle one, and so many epochs."""
    rates = plan.protocol.learning_rates
    quick = replace(plan.protocol, epochs=epochs, learning_rates=(rates[len(rates) // 2],), extensions=0)
    few = replace(plan, arms=plan.arms[:PILOT_ARMS])
    scores = [chosen_mean(shard, "test_score") for shard in _results(few, quick, width, splits)]
    return np.array(scores).reshape(splits, len(few.arms)).T


def _detectable(plan: Plan, scores: Floats) -> Range:
    """The detectable difference for the 80 % interval of the deviation of the differences of two arms."""
    from scipy.stats import chi2

    splits = plan.splits
    differences = [scores[first] - scores[second] for first, second in combinations(range(len(scores)), 2)]
    variance = float(np.mean([np.var(values, ddof=1) for values in differences]))
    degrees = scores.shape[1] - 1
    if plan.metric.name == "accuracy":  # no difference at all would still be one row now and then
        variance = max(variance, 1 / (scores.shape[1] * splits.n_test**2))
    low, high = (float(np.sqrt(variance * degrees / chi2.ppf(quantile, degrees))) for quantile in (0.9, 0.1))
    return tuple(  # pyright: ignore[reportReturnType]
        detectable_difference(one, len(splits.outer), splits.n_train, splits.n_test) for one in (low, high)
    )
