"""Arms compared over data sets, one independent score for each: ranks, signed ranks, and the groups of a diagram."""

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.choosing.statistics.splits import BayesianComparison, check_rope
from unbend.errors import UnbendError
from unbend.randomness import normal, uniform

Floats = NDArray[np.float64]
ROUNDING = 1e-12  # of the largest score: what two ways to sum the same numbers can differ by


@dataclass(frozen=True, eq=False)
class FriedmanTest:
    """Mean ranks (k,), 1 the best; χ² as Demšar computes it and its ``p``, corrected for ties and its ``p_ties``; Iman
    and Davenport's F and its ``f_p``, which is nearer the truth for few data sets."""

    mean_ranks: Floats
    chi_square: float
    p: float
    chi_square_ties: float
    p_ties: float
    f: float
    f_p: float


@dataclass(frozen=True)
class SignedRankTest:
    """Sums of the ranks where the first is better and worse (ties share ranks, zeros are split), two-sided ``p``."""

    plus: float
    minus: float
    p: float


def friedman(scores: Any) -> FriedmanTest:
    """Whether k arms differ over N data sets, scores (N, k), higher is better (Friedman 1937; Iman & Davenport 1980).

    F comes from χ² without the correction for ties, as in Demšar (2006). Where all data sets rank the arms alike, F is
    infinite and ``f_p`` is the chance of that, (1/k!)^(N-1) (Conover 1999, section 5.8). Raises `UnbendError` for fewer
    than two data sets or arms, or missing scores.

    >>> found = friedman([[0.9, 0.8], [0.7, 0.6], [0.8, 0.7]])
    >>> found.mean_ranks.tolist(), found.f_p
    ([1.0, 2.0], 0.25)
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise UnbendError(f"friedman needs finite scores (data sets, arms), two of each or more, not {values.shape}")
    from scipy.stats import chi2, f, rankdata

    sets, arms = values.shape
    ranks = rankdata(-_cleared(values, values), axis=1)
    means = ranks.mean(axis=0)
    chi_square = max(0.0, 12 * sets / (arms * (arms + 1)) * float((means**2).sum() - arms * (arms + 1) ** 2 / 4))
    ties = sum(float((counts**3 - counts).sum()) for row in ranks for counts in [np.unique(row, return_counts=True)[1]])
    share = 1 - ties / (sets * arms * (arms**2 - 1))
    corrected = chi_square / share if share > 0 else 0.0
    largest = sets * (arms - 1)
    alike = chi_square >= largest * (1 - 1e-12)
    value = np.inf if alike else (sets - 1) * chi_square / (largest - chi_square)
    by_chance = float(factorial(arms)) ** (1 - sets)
    return FriedmanTest(
        mean_ranks=means,
        chi_square=chi_square,
        p=float(chi2.sf(chi_square, arms - 1)),
        chi_square_ties=corrected,
        p_ties=float(chi2.sf(corrected, arms - 1)),
        f=float(value),
        f_p=by_chance if alike else float(f.sf(value, arms - 1, (arms - 1) * (sets - 1))),
    )


@dataclass(frozen=True, eq=False)
class CriticalDifference(float):
    """A number, the ``difference`` of mean ranks, that knows for how many arms ``k``, data sets ``n`` and ``alpha``."""

    difference: float
    k: int = 0
    n: int = 0
    alpha: float = 0.0

    def __new__(cls, difference: float, k: int = 0, n: int = 0, alpha: float = 0.0) -> "CriticalDifference":
        """The number itself; the rest are its fields."""
        return super().__new__(cls, difference)


def nemenyi_critical_difference(k: int, n: int, alpha: float = 0.05) -> CriticalDifference:
    """The difference of mean ranks of k arms over n data sets that Nemenyi's test calls significant (Demšar 2006).

    Raises `UnbendError` for fewer than two arms or data sets, or an alpha that is not between 0 and 1.

    >>> round(nemenyi_critical_difference(4, 14), 2)
    1.25
    """
    if k < 2 or n < 2 or not 0 < alpha < 1:
        raise UnbendError(
            f"k={k}, n={n}, alpha={alpha}: two arms, two data sets and an alpha between 0 and 1 are needed"
        )
    from scipy.stats import studentized_range

    studentized = float(studentized_range.ppf(1 - alpha, k, np.inf))
    return CriticalDifference(studentized * float(np.sqrt(k * (k + 1) / (12 * n))), k, n, alpha)


def rank_groups(mean_ranks: Any, critical_difference: float) -> tuple[tuple[int, ...], ...]:
    """The largest groups of arms, by mean ranks (k,), whose ranks all differ by less than the critical difference.

    Places in ``mean_ranks``, best first; an arm can stand in several groups, one that differs from all in none.

    >>> rank_groups([3.143, 2.0, 2.893, 1.964], 1.12)  # Demšar 2006, figure 1a
    ((3, 1, 2), (2, 0))
    """
    ranks = np.asarray(mean_ranks, np.float64)
    order = np.argsort(ranks, kind="stable")
    ends = np.searchsorted(ranks[order], ranks[order] + critical_difference - ROUNDING, side="left")
    groups: list[tuple[int, ...]] = []
    reached = 0
    for start, end in enumerate(ends):
        if end > max(reached, start + 1):
            groups.append(tuple(int(arm) for arm in order[start:end]))
            reached = int(end)
    return tuple(groups)


def wilcoxon_signed_rank(a: Any, b: Any) -> SignedRankTest:
    """Whether two arms differ over N data sets, scores (N,) each (Wilcoxon 1945; zeros as in Demšar 2006, page 7).

    ``p`` is SciPy's, exact where there are few data sets. Differences that only rounding keeps apart are ties. Raises
    `UnbendError` for fewer than two data sets, missing scores, or lists that differ in length.

    >>> test = wilcoxon_signed_rank([0.8, 0.7, 0.9, 0.6], [0.7, 0.5, 0.6, 0.2])
    >>> test.plus, test.minus, test.p
    (10.0, 0.0, 0.125)
    """
    differences = _paired("wilcoxon_signed_rank", a, b)
    from scipy.stats import rankdata, wilcoxon

    ranks = rankdata(np.abs(differences))
    zeros = float(ranks[differences == 0].sum()) / 2
    plus, minus = (float(ranks[own].sum()) + zeros for own in (differences > 0, differences < 0))
    p = float(wilcoxon(differences, zero_method="zsplit").pvalue) if differences.any() else 1.0  # pyright: ignore[reportAttributeAccessIssue]
    return SignedRankTest(plus, minus, p)


def bayesian_signed_rank(
    a: Any, b: Any, rope: float = 0.01, samples: int = 20_000, seed: int = 0
) -> BayesianComparison:
    """Wilcoxon's question answered with a Dirichlet process, scores (N,) each (Benavoli et al. 2014; 2017, section 4).

    The weights of the N differences, and of one that is 0, are drawn from a Dirichlet distribution (1, …, 1, 1/2);
    in each draw the mass of the pairs' means below, within and above ±``rope`` is compared. With ``seed`` repeatable.
    Raises `UnbendError` as `wilcoxon_signed_rank` does, and for a negative ``rope``.

    >>> bayesian_signed_rank([0.9] * 12, [0.8] * 12).better > 0.99
    True
    """
    check_rope(rope)
    differences = np.append(_paired("bayesian_signed_rank", a, b), 0.0)
    gamma = -np.log1p(-uniform(seed, "statistics/signed rank", np.arange(samples * len(differences))))
    weights = gamma.reshape(samples, len(differences))
    weights[:, -1] = normal(seed, "statistics/prior", np.arange(samples)) ** 2 / 2  # Gamma(1/2)
    weights /= weights.sum(axis=1, keepdims=True)
    means = (differences[:, None] + differences) / 2
    regions = [(means < -rope) * 1.0, (np.abs(means) <= rope) * 1.0, (means > rope) * 1.0]
    masses = [((weights @ region) * weights).sum(axis=1) for region in regions]
    winner = np.argmax(np.stack(masses), axis=0)
    worse, equivalent, better = (float((winner == place).mean()) for place in range(3))
    return BayesianComparison(worse, equivalent, better)


def _paired(what: str, a: Any, b: Any) -> Floats:
    """The differences (N,) of two lists of scores, free of rounding."""
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if first.ndim != 1 or first.shape != second.shape or len(first) < 2 or not np.isfinite(first - second).all():
        raise UnbendError(f"{what} needs two lists of finite scores, equally long, two or more each")
    return _cleared(first - second, np.stack([first, second]))


def _cleared(values: Floats, scores: Floats) -> Floats:
    """Values that differ by the rounding of scores alone made equal."""
    step = ROUNDING * float(np.abs(scores).max())
    return np.round(values / step) * step if step else values
