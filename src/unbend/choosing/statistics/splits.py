"""Two arms scored on the same cross-validation splits: tests that know that the splits share their training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

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


def corrected_resampled_t_test(differences: Any, n_train: int, n_test: int) -> CorrectedTTest:
    """Whether the mean of J differences over resampled splits is 0 (Nadeau & Bengio 2003; Bouckaert & Frank 2004).

    ``differences`` (J,); t = mean / sqrt(s² (1/J + n_test / n_train)) with J - 1 degrees of freedom. Differences that
    are all equal have no spread to test with: their sign is tested, p = 2^(1-J), and p = 1 where they are all 0.
    Raises `UnbendError` for fewer than two differences, or some that are not finite.

    >>> test = corrected_resampled_t_test([0.02, 0.00, 0.03, 0.01], n_train=90, n_test=10)
    >>> round(test.t, 3), round(test.p, 3)
    (1.934, 0.149)
    """
    values = _differences(differences)
    count, mean = len(values), float(values.mean())
    error = float(values.std(ddof=1)) * float(np.sqrt(1 / count + _ratio(n_train, n_test)))
    if not _varies(values):
        certain = float(np.copysign(np.inf, mean)) if mean else 0.0
        return CorrectedTTest(mean, 0.0, certain, count - 1, 2.0 ** (1 - count) if mean else 1.0)
    from scipy.stats import t

    return CorrectedTTest(mean, error, mean / error, count - 1, 2 * float(t.sf(abs(mean / error), count - 1)))


def bayesian_correlated_t_test(differences: Any, n_train: int, n_test: int, rope: float = 0.01) -> BayesianComparison:
    """The posterior of the mean difference below, within and above ±``rope`` (Benavoli et al. 2017, section 3).

    A Student distribution with J - 1 degrees of freedom, the mean and the corrected variance of the differences (J,),
    the correlation of the splits being n_test / (n_train + n_test). Raises `UnbendError` as the corrected t-test does,
    and for a negative ``rope``.

    >>> bayesian_correlated_t_test([0.0, 0.0], n_train=90, n_test=10).equivalent
    1.0
    """
    check_rope(rope)
    test = corrected_resampled_t_test(differences, n_train, n_test)
    if test.standard_error == 0:
        worse, better = float(test.mean < -rope), float(test.mean > rope)
        return BayesianComparison(worse, 1 - worse - better, better)
    from scipy.stats import t

    worse = float(t.cdf((-rope - test.mean) / test.standard_error, test.degrees))
    better = float(t.sf((rope - test.mean) / test.standard_error, test.degrees))
    return BayesianComparison(worse, max(0.0, 1 - worse - better), better)


def detectable_difference(standard_deviation: float, splits: int, n_train: int, n_test: int) -> float:
    """What one corrected t-test at 5 % finds four times in five: (t.975 + t.80) s sqrt(1/J + n_test / n_train).

    It has a floor that more splits cannot lower, since n_test / n_train stays. Raises `UnbendError` for fewer than two
    splits or a spread below 0.

    >>> detectable_difference(0.03, 1000, 90, 10) > detectable_difference(0.03, 10**6, 90, 10) > 0.02
    True
    """
    if splits < 2 or not standard_deviation >= 0:
        raise UnbendError(
            f"splits={splits}, standard_deviation={standard_deviation}: two splits and a spread from 0 on are needed"
        )
    from scipy.stats import t

    reach = float(t.ppf(0.975, splits - 1) + t.ppf(0.80, splits - 1))
    return reach * standard_deviation * float(np.sqrt(1 / splits + _ratio(n_train, n_test)))


def check_rope(rope: float) -> None:
    """Refuse a region of practical equivalence that ends below 0 or nowhere."""
    if not 0 <= rope < np.inf:
        raise UnbendError(f"rope={rope} must be a number from 0 on")


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
