"""What the lessons say of many runs in numbers: medians with their intervals, ranks, and who wins how often."""

from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def median_interval(values: Any, confidence: float = 0.95) -> tuple[float, float, float]:
    """The median of values (n,), and the two of them that enclose the true median with at least ``confidence``.

    Order statistics, whatever the distribution (Thompson 1936): the k-th smallest and the k-th largest fail with
    probability 2 P(B < k), B binomial with n trials and chance 1/2. Too few values give the smallest and the largest.

    >>> median_interval(range(1, 101))
    (50.5, 40.0, 61.0)
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n, rank, below = len(ordered), 0, 1
    while 2 * below <= (1 - confidence) * 2**n:
        rank += 1
        below += comb(n, rank)
    rank = max(rank - 1, 0)
    return float(np.median(ordered)), float(ordered[rank]), float(ordered[n - 1 - rank])


def rank_correlation(first: Any, second: Any) -> float:
    """Spearman's correlation of two columns (n,): that of their ranks, equal values sharing the mean of their ranks.

    >>> rank_correlation([1, 2, 3, 4], [1, 10, 100, 99])
    0.8
    """
    both = np.corrcoef(_ranks(first), _ranks(second))
    return round(float(both[0, 1]), 12)


def _ranks(values: Any) -> Array:
    column = np.asarray(values, np.float64)
    ordered = np.sort(column)
    return (np.searchsorted(ordered, column) + np.searchsorted(ordered, column, side="right") - 1) / 2


def wins(first: Any, second: Any) -> float:
    """How often a run of the first (n,) has the smaller error than one of the second (m,), over all pairs; ties half.

    >>> wins([1, 2], [2, 3])
    0.875
    """
    one, other = np.asarray(first, np.float64)[:, None], np.asarray(second, np.float64)
    return float(((one < other) + 0.5 * (one == other)).mean())
