"""Causes tried out: arms trained once more on the same splits with their gain or their learning rate changed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.arms import Arm
from unbend.choosing.cohort import cohort, constant_losses, mean_of_finite
from unbend.choosing.diagnose import bends, diagnose
from unbend.choosing.plan import Plan
from unbend.choosing.salient import salient
from unbend.choosing.statistics import corrected_resampled_t_test, holm
from unbend.choosing.study import Study
from unbend.choosing.verdict import Verdict
from unbend.choosing.why import Intervention
from unbend.errors import UnbendError
from unbend.network import Network, exact_gain, weight_variance

Floats = NDArray[np.float64]
GAIN, RATE = "gain", "learning rate"
PROPER = 0.05  # relative distance of weights' variance from the one that preserves signals, below which nothing changes


def why_plan(study: Study, verdict: Verdict) -> Plan | None:
    """The plan that tries causes out, with the table, splits and seeds of the study; it has a folder of its own.

    Of the arms that bend: one that is excluded as the best, or notably worse inside, and whose weights do not start
    with the exact gain is run with LeCun's normal distribution and that gain; one that is excluded is run at the best
    arm's median learning rate, unless that is its own. None where nothing can be changed, or the study is not complete.
    """
    if not study.complete:
        return None
    places = {arm.name: place for place, arm in enumerate(study.plan.arms)}
    worse, winner = _worse(study), _usual_rate(study, places[verdict.best])
    changed: list[Arm] = []
    for ranked in verdict.ranking[1:]:
        place = places[ranked.activation]
        arm, network = study.plan.arms[place], study.plan.network(place, 1)
        beaten = ranked.activation not in verdict.not_excluded
        if not bends(network) or not (beaten or worse[place]):
            continue
        if _improvable(network):
            changed.append(replace(arm, name=_named(arm, GAIN), initializer="lecun_normal", gain="exact"))
        if beaten and _usual_rate(study, place) != winner:
            changed.append(replace(arm, name=_named(arm, RATE), rates=(winner,)))
    if not changed:
        return None
    return replace(study.plan, arms=tuple(changed), judgement=replace(study.plan.judgement, why=False))


def read_interventions(study: Study, why_study: Study) -> tuple[Intervention, ...]:
    """What came of the changes, for every measure by which an arm is notably worse than the best one.

    For an arm that is not, its gradient where the gain was changed, the learning rate itself where that was. Paired
    over the splits that both studies have; raises `UnbendError` where these are fewer than two.
    """
    shared = [split for split in study.splits if split in why_study.splits]
    if len(shared) < 2:
        raise UnbendError(f"{len(shared)} splits have been tried again, and two are needed; resume the run")
    before, after = _of_splits(study, shared), _of_splits(why_study, shared)
    changes = list(_changes(before, after))
    scores = before.scores.values[[arm for arm, _ in changes]], after.scores.values
    p_values = holm([_p(*pair, study) for pair in zip(*scores, strict=True)]).p.tolist()
    worse, constants = _worse(study), constant_losses(before)
    found: list[Intervention] = []
    for place, (arm, change) in enumerate(changes):
        causes = measures(before, arm, constants), measures(after, place, constants)
        for measure in worse[arm] or (("gradient",) if change == GAIN else (RATE,)):
            told = study.plan.arms[arm].name, change, measure
            means = float(scores[0][place].mean()), float(scores[1][place].mean())
            found.append(_intervention(told, (causes[0][measure], causes[1][measure]), means, p_values[place], study))
    return tuple(found)


def measures(study: Study, arm: int, constants: Sequence[Floats]) -> dict[str, Floats]:
    """What an intervention may move, in each split (splits,): means over the networks with the chosen learning rate.

    ``dead`` and ``saturated`` shares at the end, ``diverged`` share, ``epochs`` to 90 %, and as decimal logarithms
    ``gradient`` (first over last layer, mean over the checkpoints) and ``learning rate``.
    """
    found = cohort(study, arm, constants)
    curves, epochs = found.curves, np.array(study.plan.protocol.checkpoints())
    return {
        "dead": found.per_split(curves["dead"][:, -1]),
        "saturated": found.per_split(curves["saturated"][:, -1]),
        "diverged": found.per_split(found.diverged[found.chosen].astype(np.float64)),
        "epochs": found.per_split(found.epochs_to_90(epochs)),
        "gradient": found.gradient_ratio(),
        RATE: found.per_split(np.log10(found.rate[found.chosen])),
    }


def _intervention(
    told: tuple[str, str, str], causes: tuple[Floats, Floats], scores: tuple[float, float], p: float, study: Study
) -> Intervention:
    """``told``: activation, change and measure; ``causes``: what the measure says in each split before and after."""
    measure = told[2]
    before, after = (float(mean_of_finite(values)) for values in causes)
    size = np.abs(causes) if measure == "gradient" else np.array(causes)  # a gradient is best where it is even
    smaller, other = bool(mean_of_finite(size[1]) < mean_of_finite(size[0])), before != after
    if measure in ("gradient", RATE):
        before, after = 10**before, 10**after
    eased = other if measure == RATE else smaller
    return Intervention(*told, before, after, *scores, p, _p(size[0], size[1], study), eased)


def _worse(study: Study) -> list[tuple[str, ...]]:
    """For each arm the measures by which it is worse than the best one, a basin apart: one learning rate has none."""
    means = np.where([arm.twin for arm in study.plan.arms], -np.inf, study.scores.values.mean(axis=1))
    found = diagnose(study)
    best = found[int(np.argmax(means))]
    return [tuple(name for name in salient(own, best) if name != "basin") for own in found]


def _changes(study: Study, why_study: Study) -> Iterator[tuple[int, str]]:
    """(arm of the study, change) for each arm of the other plan."""
    known = {
        _named(arm, change): (place, change) for place, arm in enumerate(study.plan.arms) for change in (GAIN, RATE)
    }
    for arm in why_study.plan.arms:
        if arm.name not in known:
            raise UnbendError(f"{arm.name!r} is no changed arm of this study; choose another folder")
        yield known[arm.name]


def _of_splits(study: Study, shared: list[int]) -> Study:
    places = [study.splits.index(split) for split in shared]
    shards = tuple(tuple(arm[place] for place in places) for arm in study.shards)
    return replace(study, splits=tuple(shared), shards=shards)


def _improvable(network: Network) -> bool:
    """Whether there is an exact gain and the layers that an activation feeds do not start with it."""
    try:
        wanted = [exact_gain(activation) ** 2 for activation in network.activations]
    except UnbendError:
        return False
    return any(
        abs(weight_variance(network, layer) / variance - 1) > PROPER for layer, variance in enumerate(wanted, start=1)
    )


def _named(arm: Arm, change: str) -> str:
    return f"{arm.name} ({change})"


def _usual_rate(study: Study, arm: int) -> float:
    """The lower median of the chosen learning rates: one that was tried."""
    pairs = (zip(shard["learning_rate"], shard["chosen"], strict=True) for shard in study.shards[arm])
    rates = sorted(next(rate for rate, own in pair if own) for pair in pairs)
    return float(rates[(len(rates) - 1) // 2])


def _p(before: Floats, after: Floats, study: Study) -> float:
    """Of the corrected t-test on the splits where both exist; 1 for fewer than two."""
    differences = (after - before)[np.isfinite(after - before)]
    if len(differences) < 2:
        return 1.0
    return corrected_resampled_t_test(differences, study.plan.splits.n_train, study.plan.splits.n_test).p
