"""What the lesson on trial and error counts by itself: zones, causes, contests."""

import numpy as np
import pytest

from unbend.lessons import sweep
from unbend.lessons.lesson import Settings
from unbend.recording import train_many

SMALL = Settings(seed=7, seeds=16)


@pytest.fixture(scope="module")
def cells():
    return sweep._cells(SMALL)


def test_every_cell_is_in_one_zone_and_the_window_is_where_the_margin_is_positive(cells):
    zones = cells.zones
    assert (sum(zone.astype(int) for zone in zones.values()) == 1).all()
    np.testing.assert_array_equal(zones["inside"], cells.margin >= 0)


def test_reach_and_overshoot_are_proportional_to_the_learning_rate(cells):
    for quantity in (cells.reach, cells.overshoot):
        np.testing.assert_allclose(quantity / quantity[..., :1], np.broadcast_to(sweep.RATES, quantity.shape) / 0.01)


def test_only_networks_that_failed_have_a_cause(cells):
    np.testing.assert_array_equal(cells.cause == -1, cells.solved)
    assert cells.cause.max() < len(sweep.CAUSES)


def test_a_network_that_exploded_is_dead_and_one_that_crept_has_hardly_moved(cells):
    assert (cells.cause[sweep._place("exact", "relu", 10.0)] == sweep.CAUSES.index("flat")).all()
    assert (cells.cause[sweep._place("small", "gelu", 0.01)] == sweep.CAUSES.index("still")).all()


def test_a_cell_is_the_population_of_its_settings(cells):
    settings = {"init": "glorot_normal", "learning_rate": 3.0, **sweep.RECIPE}
    runs = train_many(sweep.DATA, activation="tanh", seed=range(7, 23), **settings)
    place = sweep._place("glorot", "tanh", 3.0)
    np.testing.assert_array_equal(cells.solved[place], np.array(runs.table()["accuracy"]) == 1.0)
    np.testing.assert_allclose(cells.loss[place], runs.table()["loss"])


def test_the_winner_is_always_found_where_the_seeds_do_not_matter(cells):
    """With one value in each cell every draw is the same, and crowns the same."""
    same = np.broadcast_to(np.arange(140.0).reshape(4, 5, 7, 1), cells.loss.shape)
    sure = sweep.Cells(cells.solved, same, cells.reach, cells.overshoot, cells.cause)
    wrong, picked = sweep._contests(sure, SMALL)
    assert (wrong == 0).all() and (picked == sure.shares.ravel()[0]).all()


def test_one_run_each_misses_the_winner_as_often_as_the_counts_say(cells):
    """The exact probability that the true winner has the smallest of 140 losses drawn one from each cell."""
    loss = cells.loss.reshape(140, -1)
    best = int(np.median(loss, axis=1).argmin())
    others = np.delete(loss, best, axis=0)
    found = np.mean([np.prod((others > value).mean(axis=1)) for value in loss[best]])
    assert sweep._contests(cells, SMALL)[0][0] == pytest.approx(1 - found, abs=4 * 0.5 / np.sqrt(sweep.DRAWS))


def test_cells_of_a_heat_map_are_0_and_100_only_where_that_is_true():
    assert [sweep._whole_percent(value) for value in (0.0, 0.001, 0.504, 0.999, 1.0)] == ["0", "1", "50", "99", "100"]
