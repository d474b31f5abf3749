"""What is said before a run: a probe of known costs gives the known time, and the pilot's differences are the run's."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from choosing_runs import QUICK, small_plan
from unbend.choosing import estimate as module
from unbend.choosing.arms import arms
from unbend.choosing.engine import run
from unbend.choosing.estimate import estimate
from unbend.choosing.plan import make_plan
from unbend.choosing.statistics import detectable_difference
from unbend.choosing.study import read_study
from unbend.data import load
from unbend.data.tabular import tabular


@pytest.fixture
def clockwork(monkeypatch):
    """Shards that cost what a formula of the epochs says, on a clock of their own."""

    def begin(cost):
        clock = SimpleNamespace(now=0.0, perf_counter=lambda: clock.now)
        asked = []

        def results(plan, protocol, width, splits):
            count = splits * len(plan.arms)
            asked.append(protocol)
            clock.now += cost(protocol.epochs) * count / width
            rng = np.random.default_rng(len(asked))
            return [
                {"seconds": [cost(protocol.epochs)], "test_score": [rng.normal()], "chosen": [True]}
                for _ in range(count)
            ]

        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(module, "_results", results)
        return asked

    return begin


def test_cheap_shards_are_probed_whole(clockwork):
    asked = clockwork(lambda epochs: 0.02 + 0.001 * epochs)
    found = estimate(small_plan(), workers=2)
    exact = 12 * 0.032 / found.workers
    assert found.seconds == pytest.approx((0.85 * exact, 1.15 * exact))
    assert next(protocol.extensions for protocol in asked if protocol.epochs == QUICK.epochs) == QUICK.extensions
    assert (found.networks, found.shards, found.splits, found.pilot_epochs) == (72, 12, 6, 12)


def test_dear_shards_are_extrapolated_and_the_unknown_extension_widens_the_range(clockwork):
    asked = clockwork(lambda epochs: 1.0 + 0.5 * epochs)
    found = estimate(small_plan(), workers=1)
    exact = 12 * (1.0 + 0.5 * 12)
    assert found.seconds == pytest.approx((0.85 * exact, 1.15 * exact * (1 + 4 / 3)))
    assert [protocol.epochs for protocol in asked] == [1, 1, 2, 2]
    assert found.pilot_epochs == 2


def test_a_single_learning_rate_is_never_searched_further(clockwork):
    clockwork(lambda epochs: 1.0 * epochs)
    low, high = estimate(small_plan(replace(QUICK, learning_rates=(0.01,))), workers=1).seconds
    assert (low, high) == pytest.approx((0.85 * 144, 1.15 * 144))


def test_the_pilot_knows_what_the_run_can_detect(tmp_path):
    plan = small_plan(replace(QUICK, epochs=30, repeats=4))
    low, high = estimate(plan).detectable_difference
    run(plan, tmp_path)
    scores = read_study(plan, tmp_path).scores
    deviation = float(np.std(scores.values[0] - scores.values[1], ddof=1))
    assert low / 2 < detectable_difference(deviation, 12, scores.n_train, scores.n_test) < 2 * high


def test_arms_that_never_differ_could_still_differ_by_a_row(monkeypatch):
    plan = small_plan()
    assert min(module._detectable(plan, np.ones((2, 6)))) > 0


def test_one_arm_has_nothing_to_detect():
    plan = make_plan(tabular(load("iris")), arms(["relu"], hidden=[(4,)]), QUICK)
    assert estimate(plan, seconds=0.0).detectable_difference is None
