"""Medians, ranks and wins against SciPy and by counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.lessons.statistics import median_interval, rank_correlation, wins
from unbend.randomness import normal

stats = pytest.importorskip("scipy.stats")
COLUMN = st.lists(st.integers(-5, 5), min_size=3, max_size=30)


@pytest.mark.parametrize("n", [6, 20, 55, 128, 256])
def test_the_ends_of_the_interval_are_the_narrowest_ranks_that_keep_the_promise(n):
    _, low, high = median_interval(range(1, n + 1))
    rank = int(low)
    assert high == n + 1 - rank
    assert 2 * stats.binom.cdf(rank - 1, n, 0.5) <= 0.05 < 2 * stats.binom.cdf(rank, n, 0.5)


def test_the_interval_holds_the_true_median_as_often_as_it_says():
    draws = normal(0, "median", range(400 * 41)).reshape(400, 41)
    held = np.mean([low <= 0.0 <= high for _, low, high in map(median_interval, draws)])
    assert 0.93 <= held <= 0.99  # at least 95%, give or take two in a hundred


def test_few_values_give_their_ends():
    assert median_interval([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)


@given(pairs=st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_rank_correlation_is_spearmans(pairs):
    first, second = zip(*pairs, strict=True)
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert rank_correlation(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-9)


@given(first=COLUMN, second=COLUMN)
@settings(max_examples=50, deadline=None)
def test_wins_are_counted_over_all_pairs(first, second):
    u = stats.mannwhitneyu(second, first).statistic
    assert wins(first, second) == pytest.approx(u / (len(first) * len(second)))
    assert wins(first, second) + wins(second, first) == pytest.approx(1.0)
