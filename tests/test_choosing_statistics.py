"""The statistics against published numbers, against other libraries, and by their own laws."""

import json
import pickle
from dataclasses import FrozenInstanceError, asdict, fields

import baycomp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.choosing.statistics import (
    bayesian_correlated_t_test,
    bayesian_signed_rank,
    corrected_resampled_t_test,
    detectable_difference,
    friedman,
    holm,
    interquartile_mean,
    nemenyi_critical_difference,
    rank_groups,
    wilcoxon_signed_rank,
)
from unbend.errors import UnbendError
from unbend.randomness import uniform

# Demšar 2006, Table 6: AUC of C4.5, C4.5+m, C4.5+cf, C4.5+m+cf on 14 data sets, three decimals
DEMSAR = np.array(
    [
        [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957],
        [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.000, 0.962, 0.666, 0.981, 0.978],
        [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.000, 0.965, 0.614, 0.975, 0.946],
        [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.000, 0.962, 0.669, 0.975, 0.970],
    ]
).T
differences = st.lists(st.floats(-1, 1).map(lambda value: round(value, 4)), min_size=2, max_size=30)


def test_friedman_on_the_printed_auc_of_demsar_with_the_ties_as_printed():
    found = friedman(DEMSAR)
    assert found.mean_ranks.round(3).tolist() == [3.143, 2.0, 2.929, 1.929]
    assert found.chi_square == pytest.approx(9.857, abs=5e-4)
    assert found.f == pytest.approx(3.987, abs=5e-4)
    assert found.chi_square_ties == pytest.approx(10.952, abs=5e-4)


def test_friedman_with_the_ranks_that_demsar_had_before_rounding():
    unrounded = DEMSAR.copy()
    voting = int(np.flatnonzero((DEMSAR[:, 2] == 0.975) & (DEMSAR[:, 3] == 0.975))[0])
    unrounded[voting, 2] += 1e-4
    found = friedman(unrounded)
    assert found.mean_ranks.round(3).tolist() == [3.143, 2.0, 2.893, 1.964]
    assert found.chi_square == pytest.approx(9.28, abs=5e-3)
    assert found.f == pytest.approx(3.69, abs=5e-3)


def test_friedman_agrees_with_scipy_which_corrects_for_ties():
    from scipy.stats import friedmanchisquare

    theirs = friedmanchisquare(*DEMSAR.T)
    assert friedman(DEMSAR).chi_square_ties == pytest.approx(theirs.statistic)


def test_wilcoxon_on_demsars_example_and_against_scipy():
    from scipy.stats import wilcoxon

    found = wilcoxon_signed_rank(DEMSAR[:, 1], DEMSAR[:, 0])
    assert (found.plus, found.minus) == (93.0, 12.0)
    assert found.p == wilcoxon(DEMSAR[:, 1], DEMSAR[:, 0], zero_method="zsplit").pvalue


@pytest.mark.parametrize(("alpha", "expected"), [(0.05, 1.25), (0.10, 1.12)])
def test_critical_difference_of_demsar(alpha, expected):
    assert nemenyi_critical_difference(4, 14, alpha) == pytest.approx(expected, abs=6e-3)


def test_critical_difference_of_scmamp():
    """Its `data_gh_2008`: 5 arms on 30 sets, alpha 0.10; 1.014 with 145 degrees, 1.004 with infinitely many."""
    from scipy.stats import studentized_range

    theirs = studentized_range.ppf(0.90, 5, 145) / np.sqrt(2) * np.sqrt(5 * 6 / (6 * 30))
    assert theirs == pytest.approx(1.014, abs=5e-4)
    assert nemenyi_critical_difference(5, 30, 0.10) == pytest.approx(1.004, abs=5e-4)


def test_nemenyi_of_scikit_posthocs():
    """``scikit_posthocs.posthoc_nemenyi_friedman(DEMSAR)`` of version 0.17.1: a p-value for every pair."""
    theirs = {(0, 1): 0.0887, (0, 2): 0.9717, (0, 3): 0.0617, (1, 2): 0.2267, (1, 3): 0.9989, (2, 3): 0.1701}
    ranks = friedman(DEMSAR).mean_ranks
    for (one, other), p in theirs.items():
        apart = abs(ranks[one] - ranks[other])
        assert nemenyi_critical_difference(4, 14, min(p + 1e-4, 0.9999)) < apart
        assert apart < nemenyi_critical_difference(4, 14, p - 1e-4)


def test_groups_of_demsars_figure():
    ranks = [3.143, 2.0, 2.893, 1.964]
    assert rank_groups(ranks, nemenyi_critical_difference(4, 14, 0.10)) == ((3, 1, 2), (2, 0))
    assert rank_groups(ranks, nemenyi_critical_difference(4, 14, 0.05)) == ((3, 1, 2, 0),)


@pytest.mark.parametrize(
    ("ranks", "critical", "expected"),
    [
        ([1, 2, 3], 0.5, ()),
        ([1, 2, 3], 1.0, ()),  # at least the critical difference is significant
        ([1, 1, 3], 1.0, ((0, 1),)),
        ([3, 2, 1], 1.5, ((2, 1), (1, 0))),
        ([1, 1.5, 2, 3.4, 3.5, 5], 1.6, ((0, 1, 2), (2, 3, 4), (4, 5))),
    ],
)
def test_groups_of_ranks(ranks, critical, expected):
    assert rank_groups(ranks, critical) == expected


@given(st.lists(st.integers(4, 40).map(lambda rank: rank / 4), min_size=2, max_size=12), st.floats(0.1, 9))
def test_groups_are_the_largest_sets_within_the_critical_difference(ranks, critical):
    """By trying all stretches of arms in the order of their ranks."""
    order = np.argsort(ranks, kind="stable")
    stretches = [order[i:j] for i in range(len(ranks)) for j in range(i + 2, len(ranks) + 1)]
    within = [set(one.tolist()) for one in stretches if ranks[one[-1]] - ranks[one[0]] < critical - 1e-12]
    largest = [one for one in within if not any(one < other for other in within)]
    assert [set(group) for group in rank_groups(ranks, critical)] == largest


def test_holm_on_demsars_p_values():
    assert holm([0.016, 0.019, 0.607]).p.round(3).tolist() == [0.048, 0.048, 0.607]


@pytest.fixture(scope="module")
def grid_search_scores():
    """Scikit-learn's example "Statistical comparison of models using grid search": the two best support vectors."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    models = (SVC(kernel="rbf", random_state=0), SVC(kernel="linear", random_state=0))
    return [cross_val_score(model, x, y, scoring="roc_auc", cv=folds) for model in models]


def test_corrected_t_of_scikit_learns_example(grid_search_scores):
    test = corrected_resampled_t_test(grid_search_scores[0] - grid_search_scores[1], n_train=90, n_test=10)
    assert (round(test.t, 3), round(test.p / 2, 3)) == (0.750, 0.227)


def test_bayesian_probabilities_of_scikit_learns_example(grid_search_scores):
    ahead = grid_search_scores[0] - grid_search_scores[1]
    assert bayesian_correlated_t_test(ahead, 90, 10, rope=0.0).better == pytest.approx(0.773, abs=5e-4)
    assert bayesian_correlated_t_test(ahead, 90, 10, rope=0.01).equivalent == pytest.approx(0.432, abs=5e-4)


def test_bayesian_correlated_t_agrees_with_baycomp(grid_search_scores):
    theirs = baycomp.CorrelatedTTest(*grid_search_scores, rope=0.01, runs=10).probs()  # (left, rope, right)
    ours = bayesian_correlated_t_test(grid_search_scores[0] - grid_search_scores[1], 90, 10, rope=0.01)
    assert (ours.better, ours.equivalent, ours.worse) == pytest.approx(theirs, abs=1e-9)


def test_bayesian_signed_rank_agrees_with_baycomp():
    theirs = baycomp.SignedRankTest(DEMSAR[:, 1], DEMSAR[:, 0], rope=0.005, nsamples=50_000, random_state=1).probs()
    ours = bayesian_signed_rank(DEMSAR[:, 1], DEMSAR[:, 0], rope=0.005)
    assert (ours.better, ours.equivalent, ours.worse) == pytest.approx(theirs, abs=0.015)


def test_the_numbers_of_autoranks_readme():
    """Six clipped normals with 50 rows each, seed 42."""
    from scipy.stats import chi2

    source = np.random.RandomState(42)
    means = (0.2, 0.3, 0.5, 0.8, 0.85, 0.9)
    scores = np.stack([source.normal(mean, 0.3, 50).clip(0, 1) for mean in means], axis=1)
    found = friedman(scores)
    assert found.mean_ranks.round(2).tolist() == [5.40, 4.71, 3.95, 2.47, 2.29, 2.18]
    assert chi2.sf(found.chi_square_ties, 5) == pytest.approx(2.3412212612346733e-28, rel=1e-9)
    assert nemenyi_critical_difference(6, 50) == pytest.approx(1.0662484, abs=2e-5)  # its table has three decimals


@given(differences)
def test_turning_the_arms_round_turns_the_signs(values):
    one, other = (corrected_resampled_t_test(sign * np.array(values), 90, 10) for sign in (1, -1))
    assert (one.t, one.p) == (-other.t, other.p)
    here, there = (bayesian_correlated_t_test(sign * np.array(values), 90, 10) for sign in (1, -1))
    assert (here.worse, here.better) == pytest.approx((there.better, there.worse))
    assert here.worse + here.equivalent + here.better == pytest.approx(1)


@given(differences, st.floats(0.5, 4))
def test_the_unit_of_the_score_does_not_matter(values, factor):
    one, other = (corrected_resampled_t_test(scale * np.array(values), 90, 10) for scale in (1, factor))
    assert one.t == pytest.approx(other.t, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_keeps_the_order_and_never_lowers(p_values):
    p, adjusted = np.array(p_values), holm(p_values).p
    assert (adjusted >= p).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert adjusted[p.argmin()] == min(1, p.min() * len(p))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8))
def test_signed_ranks_turn_with_the_arms_and_add_up(pairs):
    a, b = np.array(pairs).T
    here, there = wilcoxon_signed_rank(a, b), wilcoxon_signed_rank(b, a)
    assert (here.plus, here.minus) == (there.minus, there.plus)
    assert here.p == pytest.approx(there.p)
    assert here.plus + here.minus == pytest.approx(len(a) * (len(a) + 1) / 2)


@given(st.integers(2, 8), st.integers(2, 6), st.integers(0, 99))
def test_friedman_sees_ranks_alone(sets, arms, seed):
    scores = uniform(seed, "test/friedman", np.arange(sets * arms)).reshape(sets, arms)
    one, other = friedman(scores), friedman(np.exp(3 * scores))
    assert one.mean_ranks.tolist() == other.mean_ranks.tolist()
    assert one.mean_ranks.sum() == pytest.approx(arms * (arms + 1) / 2)
    assert one.f_p == other.f_p and 0 <= one.f_p <= 1
    assert one.chi_square <= one.chi_square_ties + 1e-9


def test_friedman_where_all_data_sets_agree_is_the_chance_of_that():
    assert friedman([[3.0, 2.0, 1.0]] * 4).f_p == pytest.approx(1 / 6**3)
    assert friedman([[0.5, 0.5]] * 4).f_p == friedman([[0.5, 0.5]] * 4).p_ties == 1


def test_rounding_breaks_no_ties():
    assert 0.3 - 0.2 != 0.2 - 0.1
    found = wilcoxon_signed_rank([0.3, 0.2, 0.5], [0.2, 0.1, 0.7])
    assert (found.plus, found.minus) == (3.0, 3.0)
    assert friedman([[0.1 + 0.2, 0.3], [0.5, 0.4]]).mean_ranks.tolist() == [1.25, 1.75]


def test_bayesian_signed_rank_turns_with_the_arms():
    here = bayesian_signed_rank(DEMSAR[:, 1], DEMSAR[:, 0], rope=0.005)
    there = bayesian_signed_rank(DEMSAR[:, 0], DEMSAR[:, 1], rope=0.005)
    assert (here.better, here.equivalent) == (there.worse, there.equivalent)


def test_equal_differences_are_tested_by_their_sign():
    assert corrected_resampled_t_test([0.1, 0.1], 90, 10).p == 0.5
    assert corrected_resampled_t_test([0.1] * 10, 90, 10).p == pytest.approx(2 / 1024)
    assert corrected_resampled_t_test([0.0] * 10, 90, 10).p == 1


def test_interquartile_mean_leaves_the_outer_quarters_out():
    sets = [np.full((1, 4), value) for value in (0.0, 0.5, 0.6, 0.7, 1.0, 0.8, 0.1, 0.9)]
    found = interquartile_mean(sets, [0.1] * 8)
    assert found.value == pytest.approx(np.mean([0.5, 0.6, 0.7, 0.8]))
    assert found.low == pytest.approx(found.high)


def test_interquartile_interval_of_one_data_set_is_that_of_its_corrected_mean():
    values = 0.8 + 0.03 * np.random.default_rng(0).standard_normal((1, 100))
    found = interquartile_mean([values], [1 / 9], samples=20_000)
    low, high = corrected_resampled_t_test(values[0], 90, 10).interval()
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), abs=0.0006)


def test_the_corrected_test_is_more_careful_than_the_naive_one():
    from scipy.stats import ttest_1samp

    values = np.linspace(-0.01, 0.05, 100)
    assert corrected_resampled_t_test(values, 90, 10).p > ttest_1samp(values, 0).pvalue


def test_the_detectable_difference_has_a_floor():
    floor = detectable_difference(0.03, 10**6, 90, 10)
    assert floor == pytest.approx((1.95996 + 0.84162) * 0.03 * np.sqrt(1 / 9), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: corrected_resampled_t_test([0.1], 90, 10), "two numbers or more"),
        (lambda: corrected_resampled_t_test([0.1, np.nan], 90, 10), "difference 1 is not a finite number"),
        (lambda: corrected_resampled_t_test([0.1, 0.2], 0, 10), "n_train=0"),
        (lambda: bayesian_correlated_t_test([0.1, 0.2], 90, 10, -1), "rope=-1"),
        (lambda: holm([1.5]), "from 0 to 1"),
        (lambda: friedman([[1.0, 2.0]]), "two of each"),
        (lambda: nemenyi_critical_difference(1, 10), "k=1"),
        (lambda: wilcoxon_signed_rank([1.0], [2.0]), "two or more"),
        (lambda: bayesian_signed_rank([1.0, 2.0], [2.0, np.nan]), "bayesian_signed_rank needs two lists of finite"),
        (lambda: bayesian_signed_rank([1.0, 2.0], [2.0, 1.0], rope=-1), "rope=-1"),
        (lambda: detectable_difference(0.1, 1, 90, 10), "splits=1"),
        (lambda: interquartile_mean([np.ones((1, 2))], []), "a ratio for each"),
        (lambda: interquartile_mean([np.ones((1, 1))], [0.1]), "two splits or more"),
    ],
)
def test_what_cannot_be_tested_is_refused(call, said):
    with pytest.raises(UnbendError, match=said):
        call()


def test_every_result_is_a_small_frozen_dataclass():
    found = [
        corrected_resampled_t_test([0.1, 0.2], 90, 10), bayesian_correlated_t_test([0.1, 0.2], 90, 10), holm([0.1]),
        friedman(DEMSAR), nemenyi_critical_difference(4, 14), wilcoxon_signed_rank(DEMSAR[:, 0], DEMSAR[:, 1]),
        bayesian_signed_rank(DEMSAR[:, 0], DEMSAR[:, 1]),
    ]  # fmt: skip
    for one in found:
        first = fields(one)[0].name
        with pytest.raises(FrozenInstanceError, match=first):
            setattr(one, first, 0)
        assert asdict(pickle.loads(pickle.dumps(one))).keys() == asdict(one).keys()
    critical = nemenyi_critical_difference(4, 14, 0.10)
    assert (critical.difference, critical.k, critical.n, critical.alpha) == (float(critical), 4, 14, 0.10)
    assert json.loads(json.dumps(critical)) == float(critical) == pickle.loads(pickle.dumps(critical))
