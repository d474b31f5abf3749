"""Tests and intervals for scores over cross-validation splits and over data sets; float64, each usable alone.

Scores of cross-validation splits share most of their training rows and are not independent: the corrected tests are
for them. Friedman, Nemenyi and Wilcoxon are for scores that are independent, one for each data set (Demšar 2006).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.randomness import uniform

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CorrectedTTest:
    """Mean difference, its corrected standard error, t with ``degrees`` of freedom, two-sided ``p``."""

    mean: float
    standard_error: float
    t: float
    degrees: int
    p: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The confidence interval of the difference."""
        from scipy.stats import t

        reach = float(t.ppf((1 + confidence) / 2, self.degrees)) * self.standard_error
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True)
class BayesianComparison:
    """Probabilities that the first is practically ``worse``, ``equivalent`` (within the ROPE), ``better``."""

    worse: float
    equivalent: float
    better: float


@dataclass(frozen=True, eq=False)
class HolmAdjustment:
    """Adjusted p-values (m,) in the order given."""

    p: Floats

    def rejected(self, alpha: float = 0.05) -> NDArray[np.bool_]:
        """Which hypotheses are rejected."""
        return self.p <= alpha


@dataclass(frozen=True, eq=False)
class FriedmanTest:
    """Mean ranks (k,), 1 the best; χ² as Demšar computes it and corrected for ties; Iman and Davenport's F."""

    mean_ranks: Floats
    chi_square: float
    chi_square_ties: float
    p: float
    f: float
    f_p: float


@dataclass(frozen=True)
class SignedRankTest:
    """Sums of the ranks where the first is better and worse (ties share ranks, zeros are split), two-sided ``p``."""

    plus: float
    minus: float
    p: float


def corrected_resampled_t_test(differences: Any, n_train: int, n_test: int) -> CorrectedTTest:
    """Whether the mean of J differences over resampled splits is 0 (Nadeau & Bengio 2003, equation 9).

    ``differences`` (J,); t = mean / sqrt(s² (1/J + n_test / n_train)) with J - 1 degrees of freedom. Differences that
    are all equal give p = 0, or 1 where they are all 0.

    >>> test = corrected_resampled_t_test([0.02, 0.00, 0.03, 0.01], n_train=90, n_test=10)
    >>> round(test.t, 3), round(test.p, 3)
    (1.934, 0.149)
    """
    values = _differences(differences)
    count, mean = len(values), float(values.mean())
    error = float(values.std(ddof=1)) * float(np.sqrt(1 / count + _ratio(n_train, n_test)))
    if not _varies(values):
        return CorrectedTTest(mean, 0.0, float(np.copysign(np.inf, mean)) if mean else 0.0, count - 1, float(mean == 0))
    from scipy.stats import t

    return CorrectedTTest(mean, error, mean / error, count - 1, 2 * float(t.sf(abs(mean / error), count - 1)))


def bayesian_correlated_t_test(differences: Any, n_train: int, n_test: int, rope: float = 0.01) -> BayesianComparison:
    """The posterior of the mean difference below, within and above ±``rope`` (Benavoli et al. 2017, section 3.2).

    A Student distribution with J - 1 degrees of freedom, the mean and the corrected variance of the differences (J,),
    the correlation of the splits being n_test / (n_train + n_test).

    >>> bayesian_correlated_t_test([0.0, 0.0], n_train=90, n_test=10).equivalent
    1.0
    """
    if rope < 0:
        raise UnbendError(f"rope={rope} must be from 0 on")
    test = corrected_resampled_t_test(differences, n_train, n_test)
    if test.standard_error == 0:
        worse, better = float(test.mean < -rope), float(test.mean > rope)
        return BayesianComparison(worse, 1 - worse - better, better)
    from scipy.stats import t

    worse = float(t.cdf((-rope - test.mean) / test.standard_error, test.degrees))
    better = float(t.sf((rope - test.mean) / test.standard_error, test.degrees))
    return BayesianComparison(worse, max(0.0, 1 - worse - better), better)


def holm(p_values: Any) -> HolmAdjustment:
    """P-values (m,) adjusted so that the chance of any false rejection stays below alpha (Holm 1979).

    >>> holm([0.01, 0.04, 0.03]).p.round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64).reshape(-1)
    if not ((p >= 0) & (p <= 1)).all():
        raise UnbendError("p-values must be numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return HolmAdjustment(adjusted)


def friedman(scores: Any) -> FriedmanTest:
    """Whether k arms differ over N data sets, scores (N, k), higher is better (Friedman 1937; Iman & Davenport 1980).

    ``p`` belongs to χ² without the correction for ties, ``f_p`` to F. Raises `UnbendError` for fewer than two data
    sets or arms, or missing scores.

    >>> friedman([[0.9, 0.8], [0.7, 0.6], [0.8, 0.7]]).mean_ranks.tolist()
    [1.0, 2.0]
    """
    values = np.asarray(scores, np.float64)
    if values.ndim != 2 or min(values.shape) < 2 or not np.isfinite(values).all():
        raise UnbendError(f"friedman needs finite scores (data sets, arms), two of each or more, not {values.shape}")
    from scipy.stats import chi2, f, rankdata

    sets, arms = values.shape
    ranks = rankdata(-values, axis=1)
    means = ranks.mean(axis=0)
    chi_square = 12 * sets / (arms * (arms + 1)) * float((means**2).sum() - arms * (arms + 1) ** 2 / 4)
    ties = sum(float((counts**3 - counts).sum()) for row in ranks for counts in [np.unique(row, return_counts=True)[1]])
    share = 1 - ties / (sets * arms * (arms**2 - 1))
    largest = sets * (arms - 1)
    value = (sets - 1) * chi_square / (largest - chi_square) if chi_square < largest * (1 - 1e-12) else np.inf
    return FriedmanTest(
        mean_ranks=means,
        chi_square=chi_square,
        chi_square_ties=chi_square / share if share > 0 else 0.0,
        p=float(chi2.sf(chi_square, arms - 1)),
        f=float(value),
        f_p=float(f.sf(value, arms - 1, (arms - 1) * (sets - 1))),
    )


def nemenyi_critical_difference(k: int, n: int, alpha: float = 0.05) -> float:
    """The difference of mean ranks of k arms over n data sets that Nemenyi's test calls significant (Demšar 2006).

    >>> round(nemenyi_critical_difference(4, 14), 2)
    1.25
    """
    if k < 2 or n < 2 or not 0 < alpha < 1:
        raise UnbendError(
            f"k={k}, n={n}, alpha={alpha}: two arms, two data sets and an alpha between 0 and 1 are needed"
        )
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2) * np.sqrt(k * (k + 1) / (6 * n)))


def wilcoxon_signed_rank(a: Any, b: Any) -> SignedRankTest:
    """Whether two arms differ over N data sets, scores (N,) each (Wilcoxon 1945; zeros as in Demšar 2006, page 7).

    ``p`` is SciPy's, exact where there are few data sets without ties.

    >>> test = wilcoxon_signed_rank([0.8, 0.7, 0.9, 0.6], [0.7, 0.5, 0.6, 0.2])
    >>> test.plus, test.minus, test.p
    (10.0, 0.0, 0.125)
    """
    differences = np.asarray(a, np.float64) - np.asarray(b, np.float64)
    if differences.ndim != 1 or len(differences) < 2 or not np.isfinite(differences).all():
        raise UnbendError("wilcoxon_signed_rank needs two lists of finite scores, equally long, two or more each")
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

    >>> bayesian_signed_rank([0.9] * 12, [0.8] * 12).better > 0.99
    True
    """
    differences = np.append(np.asarray(a, np.float64) - np.asarray(b, np.float64), 0.0)
    gamma = -np.log1p(-uniform(seed, "statistics/signed rank", np.arange(samples * len(differences))))
    weights = gamma.reshape(samples, len(differences))
    weights[:, -1] = _half_gamma(seed, samples)
    weights /= weights.sum(axis=1, keepdims=True)
    means = (differences[:, None] + differences) / 2
    masses = [((weights @ region) * weights).sum(axis=1) for region in _regions(means, rope)]
    winner = np.argmax(np.stack(masses), axis=0)
    worse, equivalent, better = (float((winner == place).mean()) for place in range(3))
    return BayesianComparison(worse, equivalent, better)


def detectable_difference(standard_deviation: float, splits: int, n_train: int, n_test: int) -> float:
    """What one corrected t-test at 5 % finds four times in five: (t.975 + t.80) s sqrt(1/J + n_test / n_train).

    It has a floor that more splits cannot lower, since n_test / n_train stays.

    >>> detectable_difference(0.03, 1000, 90, 10) > detectable_difference(0.03, 10**6, 90, 10) > 0.02
    True
    """
    from scipy.stats import t

    reach = float(t.ppf(0.975, splits - 1) + t.ppf(0.80, splits - 1))
    return reach * standard_deviation * float(np.sqrt(1 / splits + _ratio(n_train, n_test)))


def _differences(differences: Any) -> Floats:
    values = np.asarray(differences, np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise UnbendError(f"differences must be a list of two numbers or more, not an array of shape {values.shape}")
    if not np.isfinite(values).all():
        raise UnbendError(f"difference {int(np.flatnonzero(~np.isfinite(values))[0])} is not a finite number")
    return values


def _varies(values: Floats) -> bool:
    """Whether the values differ by more than the rounding of their subtraction."""
    return float(np.ptp(values)) > 1e-13 * max(float(np.abs(values).max()), 1e-300)


def _ratio(n_train: int, n_test: int) -> float:
    if n_train < 1 or n_test < 1:
        raise UnbendError(f"n_train={n_train} and n_test={n_test} must be whole numbers from 1 on")
    return n_test / n_train


def _half_gamma(seed: int, samples: int) -> Floats:
    """Gamma(1/2) numbers: half the square of a normal one."""
    from unbend.randomness import normal

    return normal(seed, "statistics/prior", np.arange(samples)) ** 2 / 2


def _regions(means: Floats, rope: float) -> list[NDArray[Any]]:
    return [(means < -rope) * 1.0, (np.abs(means) <= rope) * 1.0, (means > rope) * 1.0]
