"""The simulation behind the calibration, smaller, on its own path; and the numbers that it left for the reports."""

import importlib.util
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from unbend.choosing.calibration import calibration

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "calibration.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("calibration_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def small(script):
    return script.Setting(tables=200, rows=60, epochs=15, learning_rates=(0.03,), folds=4, repeats=2, rope=0.0)


@pytest.fixture(scope="module")
def of_twins(script, small):
    return script.simulate(small, script.toy, script.twins(small))


def test_false_winners_among_real_twins_are_rare(script, of_twins):
    """200 tables, 6400 shards; with rope 0, so that the margin does not help."""
    rates = script.without_difference(of_twins, alpha=0.05)
    assert rates["winner"]["rate"] <= 0.08
    assert rates["any_difference"]["rate"] <= 0.08
    assert rates["one_pair"]["rate"] <= 0.08


def test_the_test_that_takes_splits_for_independent_errs_more_often(script, of_twins):
    rates = script.without_difference(of_twins, alpha=0.05)
    assert rates["one_pair_naive"]["rate"] > rates["one_pair"]["rate"]


def test_twins_differ_in_their_scores_and_not_in_the_long_run(of_twins):
    values = np.array([scores.values.mean(axis=1) for scores, _ in of_twins])
    assert len({tuple(row) for row in values.T}) == 4
    assert np.ptp(values.mean(axis=0)) < 0.01


def test_mirrored_activations_are_equal_by_symmetry(script, small):
    found = script.simulate(replace(small, tables=12), script.toy, script.mirrored(small))
    values = np.array([scores.values.mean(axis=1) for scores, _ in found])
    assert np.abs(values[:, 0] - values[:, 1]).max() > 0
    assert abs((values[:, 0] - values[:, 1]).mean()) < 0.03


def test_a_planted_difference_is_seen(script):
    setting = replace(script.PLANTED, tables=10, repeats=1)
    found = script.simulate(setting, script.Bent(script.BEND), script.straight_and_bent(setting))
    rates = script.with_difference(found, alpha=0.05)
    assert rates["difference"] == pytest.approx(0.03, abs=0.015)
    assert rates["false_winner"]["rate"] == 0


def test_shares_come_with_their_exact_interval(script):
    """Clopper and Pearson: 0 of 200 leaves 1 - 0.025^(1/200) possible."""
    assert script.share([False] * 200) == {"rate": 0.0, "low": 0.0, "high": round(1 - 0.025 ** (1 / 200), 4)}


# ---------------------------------------------------------------------- what was measured at full size
@pytest.mark.parametrize("equal", ["twins", "mirrored"])
def test_measured_rates_of_false_findings_are_within_the_promise(equal):
    found = calibration()[equal]
    assert found["setting"]["tables"] >= 200 and len(found["arms"]) == 4
    assert max(found[name]["rate"] for name in ("winner", "any_difference", "one_pair")) <= 0.08


def test_the_measured_power_is_what_the_detectable_difference_foretells():
    found = calibration()["planted"]
    assert found["setting"]["tables"] >= 200
    assert found["difference"] == pytest.approx(0.03, abs=0.005)
    assert found["detectable"] == pytest.approx(0.03, abs=0.005)
    assert found["power"]["rate"] == pytest.approx(found["power_foretold"], abs=0.1)
    assert found["false_winner"]["rate"] <= 0.01 and found["false_equivalent"]["rate"] <= 0.05


def test_the_settings_written_are_those_of_the_script(script):
    found = calibration()
    assert found["twins"]["setting"] == _listed(script.NULL) == found["mirrored"]["setting"]
    assert (found["planted"]["setting"], found["planted"]["bend"]) == (_listed(script.PLANTED), script.BEND)


def _listed(setting):
    """As JSON has it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(setting).items()}
