"""Arms compared over several tables: one mean score for each table, rank tests, and a verdict in the same words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.scores import Scores
from unbend.choosing.statistics import (
    FriedmanTest,
    InterquartileMean,
    bayesian_signed_rank,
    friedman,
    holm,
    interquartile_mean,
    nemenyi_critical_difference,
    rank_groups,
    wilcoxon_signed_rank,
)
from unbend.choosing.verdict import Verdict, Word, excludes, judge, word_for
from unbend.errors import UnbendError

Floats = NDArray[np.float64]
FEWEST = 5  # tables, below which nothing is said about tables in general


@dataclass(frozen=True)
class SeveralComparison:
    """Two arms over the tables: mean difference of the first from the second, p of Wilcoxon's test before and after
    Holm, probabilities that the first is practically worse, equivalent, better, its share of wins."""

    first: str
    second: str
    difference: float
    p: float
    p_holm: float
    worse: float
    equivalent: float
    better: float
    wins: float


@dataclass(frozen=True, eq=False)
class SeveralVerdict:
    """The judgement over tables, and what speaks for and against it.

    ``names`` of the arms (k,) and of the ``tables`` (N,); ``scores`` (N, k) mean held-out scores; ``verdicts`` of each
    table alone; ``word``, ``best`` by its mean rank, ``not_excluded`` as for one table; ``tables_needed`` for the
    least p-value of Wilcoxon's test to survive Holm's correction; ``interquartile`` mean of each arm over these tables;
    ``critical_difference`` of mean ranks and ``groups`` of arms within it (places in ``names``), for the diagram alone.
    """

    names: tuple[str, ...]
    tables: tuple[str, ...]
    scores: Floats
    verdicts: tuple[Verdict, ...]
    word: Word
    best: str
    not_excluded: tuple[str, ...]
    tables_needed: int
    friedman: FriedmanTest
    comparisons: tuple[SeveralComparison, ...]
    interquartile: InterquartileMean
    critical_difference: float
    groups: tuple[tuple[int, ...], ...]
    metric: str
    rope: float
    alpha: float

    @property
    def enough_tables(self) -> bool:
        """Whether there are tables enough to say something about tables in general."""
        return len(self.tables) >= FEWEST

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe: arms in the order of their mean ranks, tables with their own verdicts, all comparisons."""
        order = np.argsort(self.friedman.mean_ranks, kind="stable")
        return {
            "verdict": self.word,
            "best": self.best,
            "not_excluded": list(self.not_excluded),
            "enough_tables": self.enough_tables,
            "tables_needed": self.tables_needed,
            "ranking": [self._row(int(arm)) for arm in order],
            "tables": [self._table(place) for place in range(len(self.tables))],
            "friedman": {
                name: value if math.isfinite(value) else None
                for name, value in vars(self.friedman).items()
                if name != "mean_ranks"
            },
            "comparisons": [asdict(one) for one in self.comparisons],
            "critical_difference": self.critical_difference,
            "groups": [[self.names[arm] for arm in group] for group in self.groups],
            "metric": self.metric,
            "rope": self.rope,
            "alpha": self.alpha,
        }

    def _row(self, arm: int) -> dict[str, Any]:
        middle = self.interquartile
        return {
            "activation": self.names[arm],
            "mean_rank": float(self.friedman.mean_ranks[arm]),
            "mean": float(self.scores[:, arm].mean()),
            "interquartile_mean": float(middle.value[arm]),
            "low": float(middle.low[arm]),
            "high": float(middle.high[arm]),
        }

    def _table(self, place: int) -> dict[str, Any]:
        own = self.verdicts[place]
        return {
            "table": self.tables[place],
            "verdict": own.word,
            "best": own.best,
            "not_excluded": list(own.not_excluded),
            "means": dict(zip(self.names, self.scores[place].tolist(), strict=True)),
        }


def compare(tables: Mapping[str, Any], rope: float = 0.01, alpha: float = 0.05) -> SeveralVerdict:
    """The verdict on arms that were scored on several tables; ``tables``: `Scores`, or things with ``scores``, by name.

    Each table counts once, by its mean scores. The arm with the best mean rank *excludes* a rival that it beats by
    Wilcoxon's signed-rank test with Holm's correction over all pairs, and is practically better (by more than
    ``rope``) on tables like these with probability 0.95 by the Bayesian signed-rank test. The words *winner*,
    *equivalent* and *not decided* follow as for one table; below five tables it is always *not decided* and no arm is
    excluded. Nemenyi's test, whose answer for two arms depends on the others (Benavoli et al. 2016), serves the
    diagram alone. Raises `UnbendError` for one table, or tables that differ in their arms or metric.

    >>> rise = np.linspace(0, 0.01, 10)
    >>> one = Scores(("tanh", "identity"), np.stack([0.9 + rise, 0.5 - rise]), np.zeros(2), 90, 10, "accuracy")
    >>> verdict = compare({f"table {number}": one for number in range(8)})
    >>> verdict.word, verdict.best, verdict.friedman.mean_ranks.tolist()
    ('winner', 'tanh', [1.0, 2.0])
    """
    all_scores = _aligned(tables)
    names = all_scores[0].names
    means = np.stack([one.values.mean(axis=1) for one in all_scores])
    verdicts = tuple(judge(one, rope, alpha) for one in all_scores)
    ranks = friedman(means)
    comparisons = _comparisons(names, means, rope)
    order = np.lexsort((-means.mean(axis=0), ranks.mean_ranks))
    best = names[order[0]]
    word, excluded = _judged(best, comparisons, alpha) if len(means) >= FEWEST else ("not decided", set[str]())
    critical = nemenyi_critical_difference(len(names), len(means), alpha)
    return SeveralVerdict(
        names=names,
        tables=tuple(tables),
        scores=means,
        verdicts=verdicts,
        word=word,
        best=best,
        not_excluded=tuple(names[arm] for arm in order if names[arm] not in excluded),
        tables_needed=_tables_needed(len(comparisons), alpha),
        friedman=ranks,
        comparisons=comparisons,
        interquartile=interquartile_mean(
            [one.values for one in all_scores], [one.n_test / one.n_train for one in all_scores]
        ),
        critical_difference=critical,
        groups=rank_groups(ranks.mean_ranks, critical),
        metric=all_scores[0].metric,
        rope=rope,
        alpha=alpha,
    )


def _aligned(tables: Mapping[str, Any]) -> list[Scores]:
    """The scores of every table, its arms in the order of the first."""
    found: dict[str, Scores] = {name: getattr(one, "scores", one) for name, one in tables.items()}
    if len(found) < 2:
        raise UnbendError(f"{len(found)} table cannot be compared over tables; give two or more")
    (first_name, first), *others = found.items()
    faults: list[str] = []
    for name, one in others:
        if set(one.names) != set(first.names):
            differing = ", ".join(sorted(set(one.names) ^ set(first.names)))
            faults.append(f"{name!r} and {first_name!r} differ in their arms ({differing})")
        if one.metric != first.metric:
            faults.append(f"{name!r} is scored by {one.metric} and {first_name!r} by {first.metric}")
    if faults:
        raise UnbendError("; ".join(faults) + "; compare the same arms by the same metric on every table")
    return [_ordered(one, first.names) for one in found.values()]


def _ordered(scores: Scores, names: tuple[str, ...]) -> Scores:
    places = [scores.names.index(name) for name in names]
    return replace(scores, names=names, values=scores.values[places], failures=scores.failures[places])


def _comparisons(names: Sequence[str], means: Floats, rope: float) -> tuple[SeveralComparison, ...]:
    pairs = list(combinations(range(len(names)), 2))
    alone = [_comparison(names, means, rope, *pair) for pair in pairs]
    adjusted = holm([one.p for one in alone]).p
    return tuple(replace(one, p_holm=float(p)) for one, p in zip(alone, adjusted, strict=True))


def _comparison(names: Sequence[str], means: Floats, rope: float, first: int, second: int) -> SeveralComparison:
    """Two arms, ``p_holm`` still without the other pairs."""
    a, b = means[:, first], means[:, second]
    test, chance = wilcoxon_signed_rank(a, b), bayesian_signed_rank(a, b, rope)
    return SeveralComparison(
        first=names[first],
        second=names[second],
        difference=float((a - b).mean()),
        p=test.p,
        p_holm=test.p,
        worse=chance.worse,
        equivalent=chance.equivalent,
        better=chance.better,
        wins=float((a > b).mean() + (a == b).mean() / 2),
    )


def _judged(best: str, comparisons: Sequence[SeveralComparison], alpha: float) -> tuple[Word, set[str]]:
    """The word, and the arms that the best one rules out."""
    rivals = [one if one.first == best else _turned(one) for one in comparisons if best in (one.first, one.second)]
    excluded = {one.second for one in rivals if excludes(one.p_holm, one.better, alpha)}
    return word_for([one.equivalent for one in rivals if one.second not in excluded]), excluded


def _turned(one: SeveralComparison) -> SeveralComparison:
    return SeveralComparison(
        one.second, one.first, -one.difference, one.p, one.p_holm, one.better, one.equivalent, one.worse, 1 - one.wins
    )


def _tables_needed(pairs: int, alpha: float) -> int:
    """The fewest tables N whose least p-value, 2^(1-N), is at most alpha / pairs; never below five."""
    return max(FEWEST, math.ceil(1 + math.log2(pairs / alpha)))
