"""From held-out scores to a verdict in one of three words, with all that speaks for and against it."""

from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.scores import Scores
from unbend.choosing.statistics import (
    bayesian_correlated_t_test,
    corrected_resampled_t_test,
    detectable_difference,
    holm,
)
from unbend.errors import UnbendError

Floats = NDArray[np.float64]
Word = Literal["winner", "equivalent", "not decided"]
SURE = 0.95
ROUNDING = 1e-12  # of the largest score: what two ways to sum the same numbers can differ by
LIMITS = {"accuracy": (0.0, 1.0), "r2": (-np.inf, 1.0)}  # which no interval of a mean needs to pass


@dataclass(frozen=True)
class Ranked:
    """An arm in the ranking: mean score, simultaneous 95 % interval, share of its networks that diverged."""

    activation: str
    mean: float
    low: float
    high: float
    failure_rate: float


@dataclass(frozen=True)
class Comparison:
    """Two arms: difference of the first from the second with its simultaneous interval, p before and after Holm,
    probabilities that the first is practically worse, equivalent, better, and the share of splits that it wins."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    worse: float
    equivalent: float
    better: float
    wins: float


@dataclass(frozen=True)
class Verdict:
    """``word`` of the judgement, the ``best`` arm by its mean, and every arm ``not_excluded``: it may be the best, or
    practically as good."""

    word: Word
    best: str
    not_excluded: tuple[str, ...]
    ranking: tuple[Ranked, ...]
    comparisons: tuple[Comparison, ...]
    detectable_difference: float
    metric: str
    rope: float
    alpha: float

    @property
    def nothing_trained(self) -> bool:
        """Whether every network of every arm diverged, so that there is nothing to compare."""
        return all(one.failure_rate == 1 for one in self.ranking)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe, with the ranking and the comparisons as lists."""
        return {
            "verdict": self.word,
            "best": self.best,
            "not_excluded": list(self.not_excluded),
            "ranking": [asdict(one) for one in self.ranking],
            "detectable_difference": self.detectable_difference,
            "comparisons": [asdict(one) for one in self.comparisons],
            "metric": self.metric,
            "rope": self.rope,
            "alpha": self.alpha,
        }

    def comparison(self, first: str, second: str) -> Comparison:
        """How ``first`` compares with ``second``, whichever way round it was computed."""
        for one in self.comparisons:
            if (one.first, one.second) == (first, second):
                return one
            if (one.first, one.second) == (second, first):
                return _turned(one)
        raise UnbendError(f"{first!r} and {second!r} were not compared")


def judge(scores: Scores, rope: float = 0.01, alpha: float = 0.05) -> Verdict:
    """The verdict on arms that were scored on the same splits.

    The best arm *excludes* a rival that it beats by the corrected resampled t-test with Holm's correction over all
    pairs, and by more than ``rope`` with probability 0.95. *winner*: it excludes every rival. *equivalent*: all that it
    does not exclude lie within ±``rope`` of it with probability 0.95. Else *not decided*. The intervals hold together
    at 1 - ``alpha`` by Bonferroni's inequality: those of the comparisons, and those of the ranking. Raises
    `UnbendError` for fewer than two arms or splits, or scores that are not finite.

    >>> values = np.array([[0.9, 0.92, 0.91, 0.9], [0.5, 0.51, 0.52, 0.5]])
    >>> verdict = judge(Scores(("tanh", "identity"), values, np.zeros(2), 90, 10, "accuracy"))
    >>> verdict.word, verdict.best, verdict.not_excluded
    ('winner', 'tanh', ('tanh',))
    """
    _check(scores, rope, alpha)
    comparisons = _comparisons(scores, rope, alpha)
    means = np.round(scores.values.mean(axis=1), 12)
    order = np.lexsort((scores.failures, -means))
    best = scores.names[order[0]]
    rivals = [_seen_from(best, one) for one in comparisons if best in (one.first, one.second)]
    excluded = {one.second for one in rivals if excludes(one.p_holm, one.better, alpha)}
    return Verdict(
        word="not decided"
        if (scores.failures == 1).all()  # constant answers are alike, and tell nothing of the activations
        else word_for([one.equivalent for one in rivals if one.second not in excluded]),
        best=best,
        not_excluded=tuple(scores.names[arm] for arm in order if scores.names[arm] not in excluded),
        ranking=tuple(_ranked(scores, int(arm), alpha) for arm in order),
        comparisons=comparisons,
        detectable_difference=_detectable(scores),
        metric=scores.metric,
        rope=rope,
        alpha=alpha,
    )


def excludes(p_holm: float, better: float, alpha: float) -> bool:
    """Whether an arm rules a rival out as the best: significantly, and practically better with probability 0.95."""
    return p_holm <= alpha and better >= SURE


def word_for(equivalent: list[float]) -> Word:
    """The word for the probabilities that the best arm is equivalent to the rivals that it does not exclude."""
    if not equivalent:
        return "winner"
    return "equivalent" if min(equivalent) >= SURE else "not decided"


def _comparisons(scores: Scores, rope: float, alpha: float) -> tuple[Comparison, ...]:
    pairs = list(combinations(range(len(scores.names)), 2))
    alone = [_comparison(scores, rope, 1 - alpha / len(pairs), *pair) for pair in pairs]
    adjusted = holm([one.p for one in alone]).p
    return tuple(replace(one, p_holm=float(p)) for one, p in zip(alone, adjusted, strict=True))


def _check(scores: Scores, rope: float, alpha: float) -> None:
    arms, splits = scores.values.shape
    if arms < 2 or splits < 2:
        raise UnbendError(f"{arms} arms on {splits} splits cannot be compared; two of each are needed")
    if not np.isfinite(scores.values).all():
        arm, split = np.argwhere(~np.isfinite(scores.values))[0]
        raise UnbendError(f"the score of {scores.names[arm]!r} on split {split} is not a finite number")
    check_limits(rope, alpha)


def check_limits(rope: float, alpha: float) -> None:
    """Raise `UnbendError` for a ROPE or an alpha that means nothing."""
    limits: list[Any] = [rope, alpha]
    numbers = all(isinstance(limit, int | float | np.number) for limit in limits)
    if not (numbers and 0 <= rope < np.inf and 0 < alpha < 1):
        raise UnbendError(f"rope={rope!r}, alpha={alpha!r}: rope must be from 0 on and alpha between 0 and 1")


def _ahead(scores: Scores, first: int, second: int) -> Floats:
    """By how much the first arm is ahead on each split; what rounding alone keeps apart counts as equal."""
    step = ROUNDING * float(np.abs(scores.values).max())
    differences = scores.values[first] - scores.values[second]
    return np.round(differences / step) * step if step else differences


def _comparison(scores: Scores, rope: float, confidence: float, first: int, second: int) -> Comparison:
    """Two arms, ``p_holm`` still without the other pairs."""
    ahead, sizes = _ahead(scores, first, second), (scores.n_train, scores.n_test)
    test = corrected_resampled_t_test(ahead, *sizes)
    chance = bayesian_correlated_t_test(ahead, *sizes, rope)
    low, high = test.interval(confidence)
    return Comparison(
        first=scores.names[first],
        second=scores.names[second],
        difference=test.mean,
        low=low,
        high=high,
        p=test.p,
        p_holm=test.p,
        worse=chance.worse,
        equivalent=chance.equivalent,
        better=chance.better,
        wins=float((ahead > 0).mean() + (ahead == 0).mean() / 2),
    )


def _seen_from(name: str, one: Comparison) -> Comparison:
    return one if one.first == name else _turned(one)


def _turned(one: Comparison) -> Comparison:
    return Comparison(
        one.second, one.first, -one.difference, -one.high, -one.low, one.p, one.p_holm, one.better, one.equivalent,
        one.worse, 1 - one.wins,
    )  # fmt: skip


def _ranked(scores: Scores, arm: int, alpha: float) -> Ranked:
    own = corrected_resampled_t_test(scores.values[arm], scores.n_train, scores.n_test)
    least, most = LIMITS.get(scores.metric, (-np.inf, np.inf))
    low, high = own.interval(1 - alpha / len(scores.names))
    return Ranked(scores.names[arm], own.mean, max(low, least), min(high, most), float(scores.failures[arm]))


def _detectable(scores: Scores) -> float:
    """For the typical pair of arms: the median of their differences' standard deviations."""
    pairs = combinations(range(len(scores.names)), 2)
    spread = float(np.median([_ahead(scores, *pair).std(ddof=1) for pair in pairs]))
    return detectable_difference(spread, scores.values.shape[1], scores.n_train, scores.n_test)
