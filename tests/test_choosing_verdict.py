"""The verdict: its three words, its symmetry, and how often it is wrong where the truth is known."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.choosing.arms import arms
from unbend.choosing.control import control_verdict
from unbend.choosing.scores import Scores
from unbend.choosing.statistics import corrected_resampled_t_test
from unbend.choosing.verdict import judge
from unbend.errors import UnbendError
from unbend.randomness import normal

TRAIN, TEST = 90, 10


def scored(values, names=None):
    values = np.asarray(values, np.float64)
    names = names or tuple(f"arm {place}" for place in range(len(values)))
    return Scores(tuple(names), values, np.zeros(len(values)), TRAIN, TEST, "accuracy")


def correlated(seed, arms, splits, spread=0.03):
    """Scores whose splits are correlated as those of cross-validation are: n_test / (n_train + n_test)."""
    share = TEST / (TRAIN + TEST)
    common = normal(seed, "test/common", np.arange(arms))[:, None]
    own = normal(seed, "test/own", np.arange(arms * splits)).reshape(arms, splits)
    return 0.8 + spread * (np.sqrt(share) * common + np.sqrt(1 - share) * own)


def test_a_clear_winner():
    verdict = judge(scored(correlated(0, 3, 100) + np.array([[0.2], [0.0], [0.0]])))
    assert (verdict.word, verdict.best, verdict.not_excluded) == ("winner", "arm 0", ("arm 0",))


def test_a_significant_but_tiny_difference_is_practically_none():
    values = correlated(1, 1, 100, spread=0.01)
    verdict = judge(scored([values[0] + 0.004 + 1e-5 * np.arange(100), values[0]]))
    assert verdict.comparisons[0].p_holm < 0.05
    assert (verdict.word, verdict.not_excluded) == ("equivalent", ("arm 0", "arm 1"))


def test_a_significant_difference_as_large_as_the_rope_decides_nothing():
    values = correlated(1, 1, 100, spread=0.01)
    verdict = judge(scored([values[0] + 0.01 + 1e-4 * np.tile([-1, 1], 50), values[0]]))
    assert verdict.comparisons[0].p_holm < 0.05
    assert (verdict.word, len(verdict.not_excluded)) == ("not decided", 2)


def test_two_splits_with_one_difference_make_no_winner():
    assert judge(scored([[0.9, 0.8], [0.8, 0.7]])).word == "not decided"


def test_rounding_is_no_difference():
    values = np.full(10, 0.3)
    one = judge(scored([values, np.tile([0.1 + 0.2, 0.3], 5)])).comparisons[0]
    assert (one.difference, one.p, one.wins) == (0.0, 1.0, 0.5)


def test_of_arms_with_equal_means_the_one_that_fails_less_is_named():
    values = correlated(6, 1, 20)[0]
    tied = Scores(("a", "b"), np.stack([values, values]), np.array([0.5, 0.0]), TRAIN, TEST, "accuracy")
    assert judge(tied).best == "b"


def test_an_interval_stays_among_the_scores_that_exist():
    top = judge(scored([[1.0, 1.0, 0.9, 1.0], [0.0, 0.1, 0.0, 0.0]])).ranking
    assert (top[0].high, top[-1].low) == (1.0, 0.0)


def test_the_intervals_hold_together():
    """Where two arms of three are equal and one is better, all three intervals miss the truth in few studies."""
    truth = {("arm 0", "arm 1"): 0.05, ("arm 0", "arm 2"): 0.05, ("arm 1", "arm 2"): 0.0}
    studies = [judge(scored(correlated(seed, 3, 100) + np.array([[0.05], [0.0], [0.0]]))) for seed in range(400)]
    held = [all(one.low <= truth[one.first, one.second] <= one.high for one in v.comparisons) for v in studies]
    assert np.mean(held) >= 0.94


def test_intervals_are_bonferronis():
    values = correlated(7, 3, 50)
    one = judge(scored(values)).comparison("arm 0", "arm 1")
    test = corrected_resampled_t_test(values[0] - values[1], TRAIN, TEST)
    assert (one.low, one.high) == pytest.approx(test.interval(1 - 0.05 / 3))


# ---------------------------------------------------------------------- the hidden control
def test_a_twin_is_judged_with_its_arm_alone():
    found = arms(["tanh", "relu"], hidden=[(4,)], control=True)
    values = correlated(8, 3, 50)
    scores = scored(values, [arm.name for arm in found])
    control = control_verdict(scores, found)
    assert {one.activation for one in control.ranking} == {"tanh", "tanh (twin)"}
    assert control.comparisons[0].p == control.comparisons[0].p_holm
    assert control_verdict(scores, arms(["tanh", "relu", "elu"])) is None


def test_identical_twins_are_equivalent():
    values = correlated(2, 1, 100)[0]
    verdict = judge(scored([values, values]))
    assert (verdict.word, len(verdict.not_excluded)) == ("equivalent", 2)
    assert verdict.comparisons[0].p_holm == 1


def test_too_little_to_decide():
    verdict = judge(scored(correlated(3, 2, 10, spread=0.1)))
    assert (verdict.word, len(verdict.not_excluded)) == ("not decided", 2)


@given(st.integers(0, 500), st.permutations(range(4)))
def test_the_order_of_the_arms_does_not_matter(seed, order):
    values = correlated(seed, 4, 20)
    names = np.array([f"arm {place}" for place in range(4)])
    one, other = judge(scored(values)), judge(scored(values[list(order)], names[list(order)].tolist()))
    assert (one.word, one.best, set(one.not_excluded)) == (other.word, other.best, set(other.not_excluded))
    assert one.comparison("arm 0", "arm 3").p_holm == pytest.approx(other.comparison("arm 0", "arm 3").p_holm)


def test_a_comparison_reads_both_ways():
    verdict = judge(scored(correlated(4, 2, 20)))
    here, there = verdict.comparison("arm 0", "arm 1"), verdict.comparison("arm 1", "arm 0")
    assert (here.difference, here.low, here.better) == (-there.difference, -there.high, there.worse)
    assert here.low < here.difference < here.high
    with pytest.raises(UnbendError, match="were not compared"):
        verdict.comparison("arm 0", "arm 7")


def test_a_false_winner_is_rare_where_all_arms_are_equal():
    verdicts = [judge(scored(correlated(seed, 4, 100)), rope=0.0) for seed in range(400)]
    significant = np.mean([min(one.p_holm for one in verdict.comparisons) <= 0.05 for verdict in verdicts])
    assert significant <= 0.08
    assert np.mean([verdict.word == "winner" for verdict in verdicts]) <= 0.05


def test_a_planted_difference_is_found():
    found = [judge(scored(correlated(seed, 2, 100, 0.01) + np.array([[0.03], [0.0]]))).word for seed in range(100)]
    assert found.count("winner") >= 95


def test_the_dictionary_is_json():
    said = json.loads(json.dumps(judge(scored(correlated(5, 3, 10))).to_dict(), allow_nan=False))
    assert {"verdict", "best", "not_excluded", "ranking", "detectable_difference"} <= set(said)
    assert set(said["ranking"][0]) == {"activation", "mean", "low", "high", "failure_rate"}


@pytest.mark.parametrize(
    ("values", "said"),
    [([[0.1, 0.2]], "1 arms"), ([[0.1], [0.2]], "on 1 splits"), ([[0.1, np.nan], [0.2, 0.3]], "'arm 0' on split 1")],
)
def test_what_cannot_be_judged_is_refused(values, said):
    with pytest.raises(UnbendError, match=said):
        judge(scored(values))
