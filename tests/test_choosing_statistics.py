"""The statistics against published numbers, against other libraries, and by their own laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.choosing.statistics import (
    bayesian_correlated_t_test,
    bayesian_signed_rank,
    corrected_resampled_t_test,
    detectable_difference,
    friedman,
    holm,
    nemenyi_critical_difference,
    wilcoxon_signed_rank,
)
from unbend.errors import UnbendError

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


def test_critical_difference_of_scmamp_with_infinite_degrees():
    assert nemenyi_critical_difference(5, 30) == pytest.approx(1.113, abs=1e-3)


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
    baycomp = pytest.importorskip("baycomp")
    theirs = baycomp.CorrelatedTTest(*grid_search_scores, rope=0.01, runs=10).probs()  # (left, rope, right)
    ours = bayesian_correlated_t_test(grid_search_scores[0] - grid_search_scores[1], 90, 10, rope=0.01)
    assert (ours.better, ours.equivalent, ours.worse) == pytest.approx(theirs, abs=1e-9)


def test_bayesian_signed_rank_agrees_with_baycomp():
    baycomp = pytest.importorskip("baycomp")
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
    ],
)
def test_what_cannot_be_tested_is_refused(call, said):
    with pytest.raises(UnbendError, match=said):
        call()
