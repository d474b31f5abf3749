"""What the lesson on regression measures by itself: honest halves, the share near the kinks, the middle run."""

import numpy as np
import pytest

from unbend.data import sine, tariff
from unbend.geometry import polyline_floor
from unbend.lessons import regression
from unbend.lessons.lesson import Settings, give

SMALL = Settings(seed=3, seeds=16)


@pytest.fixture(scope="module")
def arm():
    return regression._arm(regression._task(tariff), "gelu", SMALL)


def test_the_seeds_that_are_reported_did_not_choose_the_rate(arm):
    assert arm.seeds.tolist() == list(range(11, 19))
    assert arm.rate in regression.RATES


def test_half_of_the_runs_are_better_than_the_one_in_the_middle(arm):
    assert (arm.errors < arm.errors[arm.middle]).sum() == len(arm.errors) // 2


def test_the_recorded_run_is_the_one_in_the_middle(arm):
    run = regression._record(arm)
    fit = run.forward(arm.task.x)[-1].pre_activation[:, 0]
    np.testing.assert_allclose(fit, arm.fits[arm.middle], atol=1e-6)


def test_errors_are_those_of_the_clean_curve_between_the_points_of_training():
    task = regression._task(sine, waves=1)
    np.testing.assert_allclose(task.y, np.sin(np.pi * task.x[:, 0]), atol=1e-12)
    assert len(task.data) == regression.LEARNT and len(task.x) == regression.TESTED


def test_the_share_near_the_kinks_of_an_even_error_is_the_share_of_the_interval(arm):
    task = arm.task
    shifted = regression.Arm(task, "x", 0.1, arm.seeds, task.y + np.ones((3, 1)), np.ones(3), np.full((3, 0), np.nan))
    near = np.abs(task.x - np.array([-0.4, 0.3])).min(axis=1) < regression.NEAR
    assert regression._near_kinks(shifted) == pytest.approx(near.mean())
    assert regression._gathered(shifted, np.array([2.0])) == pytest.approx(1.0)


def test_the_price_list_needs_two_kinks_and_has_them():
    task = regression._task(tariff)
    floor = polyline_floor(task.x[:, 0], task.y, 2)
    assert floor[1] > 0.02 and floor[2] < 1e-7


def test_the_same_seeds_give_the_same_lesson():
    one, two = (give(regression.LESSON, SMALL).findings for _ in range(2))
    assert one.numbers == two.numbers and [c.value for c in one.claims] == [c.value for c in two.claims]
