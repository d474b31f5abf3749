"""From held-out scores to a verdict in one of three words, with all that speaks for and against it."""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from unbend.choosing.scores import Scores
from unbend.choosing.statistics import (
    BayesianComparison,
    CorrectedTTest,
    bayesian_correlated_t_test,
    corrected_resampled_t_test,
    detectable_difference,
    holm,
)
from unbend.errors import UnbendError

Word = Literal["winner", "equivalent", "not decided"]
SURE = 0.95


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
    """``word`` of the judgement, the ``best`` arm by its mean, and every arm ``not_excluded`` as the best."""

    word: Word
    best: str
    not_excluded: tuple[str, ...]
    ranking: tuple[Ranked, ...]
    comparisons: tuple[Comparison, ...]
    detectable_difference: float
    metric: str
    rope: float
    alpha: float

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

    *winner*: the best arm beats every rival by the corrected resampled t-test with Holm's correction over all pairs,
    and is better by more than ``rope`` with probability 0.95 against each. *equivalent*: every arm that the best does
    not beat lies within ±``rope`` of it with probability 0.95, and there is one. Else *not decided*. Raises
    `UnbendError` for fewer than two arms or splits, or scores that are not finite.

    >>> values = np.array([[0.9, 0.92, 0.91, 0.9], [0.5, 0.51, 0.52, 0.5]])
    >>> verdict = judge(Scores(("tanh", "identity"), values, np.zeros(2), 90, 10, "accuracy"))
    >>> verdict.word, verdict.best, verdict.not_excluded
    ('winner', 'tanh', ('tanh',))
    """
    _check(scores, rope, alpha)
    pairs = list(combinations(range(len(scores.names)), 2))
    tests = [_tested(scores, rope, *pair) for pair in pairs]
    adjusted = holm([test.p for test, _ in tests]).p
    comparisons = tuple(
        _comparison(scores, pair, *test, float(p), alpha / len(pairs))
        for pair, test, p in zip(pairs, tests, adjusted, strict=True)
    )
    order = np.argsort(-scores.values.mean(axis=1), kind="stable")
    best = int(order[0])
    rivals = [
        _seen_from(scores.names[best], one) for one in comparisons if scores.names[best] in (one.first, one.second)
    ]
    beaten = {one.second for one in rivals if one.difference > 0 and one.p_holm <= alpha}
    open_arms = [one for one in rivals if one.second not in beaten]
    return Verdict(
        word=_word(rivals, open_arms),
        best=scores.names[best],
        not_excluded=tuple(scores.names[arm] for arm in order if scores.names[arm] not in beaten),
        ranking=tuple(_ranked(scores, int(arm), alpha) for arm in order),
        comparisons=comparisons,
        detectable_difference=_detectable(scores),
        metric=scores.metric,
        rope=rope,
        alpha=alpha,
    )


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
    if rope < 0 or not 0 < alpha < 1:
        raise UnbendError(f"rope={rope}, alpha={alpha}: rope must be from 0 on and alpha between 0 and 1")


def _tested(scores: Scores, rope: float, first: int, second: int) -> tuple[CorrectedTTest, BayesianComparison]:
    differences = scores.values[first] - scores.values[second]
    sizes = (scores.n_train, scores.n_test)
    return corrected_resampled_t_test(differences, *sizes), bayesian_correlated_t_test(differences, *sizes, rope)


def _comparison(
    scores: Scores, pair: tuple[int, int], test: CorrectedTTest, chance: BayesianComparison, p_holm: float, alpha: float
) -> Comparison:
    first, second = pair
    low, high = test.interval(1 - alpha)
    ahead = scores.values[first] - scores.values[second]
    wins = float((ahead > 0).mean() + (ahead == 0).mean() / 2)
    names = scores.names[first], scores.names[second]
    return Comparison(
        *names, test.mean, low, high, test.p, p_holm, chance.worse, chance.equivalent, chance.better, wins
    )


def _seen_from(name: str, one: Comparison) -> Comparison:
    return one if one.first == name else _turned(one)


def _turned(one: Comparison) -> Comparison:
    return Comparison(
        one.second, one.first, -one.difference, -one.high, -one.low, one.p, one.p_holm, one.better, one.equivalent,
        one.worse, 1 - one.wins,
    )  # fmt: skip


def _word(rivals: list[Comparison], open_arms: list[Comparison]) -> Word:
    if not open_arms:
        return "winner" if all(one.better >= SURE for one in rivals) else "not decided"
    return "equivalent" if all(one.equivalent >= SURE for one in open_arms) else "not decided"


def _ranked(scores: Scores, arm: int, alpha: float) -> Ranked:
    own = corrected_resampled_t_test(scores.values[arm], scores.n_train, scores.n_test)
    low, high = own.interval(1 - alpha / len(scores.names))
    return Ranked(scores.names[arm], own.mean, low, high, float(scores.failures[arm]))


def _detectable(scores: Scores) -> float:
    """For the typical pair of arms: the median of their differences' standard deviations."""
    pairs = combinations(scores.values, 2)
    spread = float(np.median([(first - second).std(ddof=1) for first, second in pairs]))
    return detectable_difference(spread, scores.values.shape[1], scores.n_train, scores.n_test)
