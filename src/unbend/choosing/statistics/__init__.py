"""Tests and intervals for scores over cross-validation splits and over data sets; float64, each usable alone.

Scores of cross-validation splits share most of their training rows and are not independent: the corrected tests of
`splits` are for them. Those of `data_sets` are for scores that are independent, one for each data set (Demšar 2006).
"""

from unbend.choosing.statistics.data_sets import (
    CriticalDifference,
    FriedmanTest,
    SignedRankTest,
    bayesian_signed_rank,
    friedman,
    nemenyi_critical_difference,
    rank_groups,
    wilcoxon_signed_rank,
)
from unbend.choosing.statistics.interquartile import InterquartileMean, interquartile_mean
from unbend.choosing.statistics.multiple import HolmAdjustment, holm
from unbend.choosing.statistics.splits import (
    BayesianComparison,
    CorrectedTTest,
    bayesian_correlated_t_test,
    corrected_resampled_t_test,
    detectable_difference,
)

__all__ = [
    "BayesianComparison",
    "CorrectedTTest",
    "CriticalDifference",
    "FriedmanTest",
    "HolmAdjustment",
    "InterquartileMean",
    "SignedRankTest",
    "bayesian_correlated_t_test",
    "bayesian_signed_rank",
    "corrected_resampled_t_test",
    "detectable_difference",
    "friedman",
    "holm",
    "interquartile_mean",
    "nemenyi_critical_difference",
    "rank_groups",
    "wilcoxon_signed_rank",
]
