"""The fitted model: what it says of rows, and that it was trained on all of them as the shards were on theirs."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss

import unbend as ub
from unbend.choosing import preparation
from unbend.choosing.arms import arms
from unbend.choosing.folds import split_of_all
from unbend.choosing.plan import ALL_ROWS, Protocol, make_plan
from unbend.choosing.refit import refit
from unbend.choosing.shard import best_rate, points_of, search
from unbend.data.tabular import Table, tabular
from unbend.errors import UnbendError
from unbend.network import apply_link

QUICK = Protocol(epochs=40, learning_rates=(0.003, 0.03, 0.3), extensions=1, seeds=2, folds=2, repeats=1)


def plan_of(data, activations=("tanh",), **changes):
    control = changes.pop("control", False)
    table = data if isinstance(data, Table) else tabular(data)
    return make_plan(table, arms(activations, hidden=[(6,)], control=control), replace(QUICK, **changes))


@pytest.fixture(scope="module", params=["moons", "iris", "sine"])
def fitted(request):
    plan = plan_of({"moons": ub.data.moons(n=120), "iris": ub.data.iris(), "sine": ub.data.sine(n=120)}[request.param])
    return plan, refit(plan, 0)


def mixed_table():
    """Two numbers and a category, of which the class depends on all; one number and one level are missing."""
    rows = np.arange(120)
    numbers = np.stack([np.sin(1.0 * rows), np.cos(2.0 * rows)], axis=1)
    levels = (rows % 3)[:, None]
    y = (numbers[:, 0] + levels[:, 0] - 1 > 0).astype(float)
    numbers[3, 1], levels[5, 0] = np.nan, -1
    return Table(numbers, ("a", "b"), levels, ("c",), (("p", "q", "r"),), y, "binary", ("no", "yes"), "y", "test")


# ---------------------------------------------------------------------- what a model says
def test_scores_are_the_forward_pass_in_float64(fitted):
    plan, model = fitted
    table = plan.table
    hidden = preparation.inputs(model.preparation, table.numbers, table.levels)
    (weight, bias), (last, shift) = model.weights
    expected = np.tanh(hidden @ weight.astype(float) + bias.astype(float)) @ last.astype(float) + shift.astype(float)
    assert (weight.dtype, model.scores(table.numbers, table.levels).dtype) == (np.float32, np.float64)
    assert np.allclose(model.scores(table.numbers, table.levels), expected, rtol=1e-12, atol=1e-12)


def test_predictions_are_good_and_in_the_units_of_the_target(fitted):
    plan, model = fitted
    table = plan.table
    predicted = model.predict(table.numbers, table.levels)
    assert predicted.shape == table.y.shape
    if table.task == "regression":
        assert 1 - ((predicted - table.y) ** 2).mean() / table.y.var() > 0.7
    else:
        assert predicted.dtype == np.int64
        assert (predicted == table.y).mean() > 0.93


def test_probabilities_are_the_link_of_the_scores(fitted):
    plan, model = fitted
    rows = plan.table.numbers, plan.table.levels
    if plan.table.task == "regression":
        with pytest.raises(UnbendError, match="has no probabilities; use predict"):
            model.predict_proba(*rows)
        return
    chances = model.predict_proba(*rows)
    assert chances.shape == (len(plan.table), len(plan.table.class_names))
    assert np.allclose(chances.sum(axis=1), 1)
    assert np.array_equal(chances.argmax(axis=1), model.predict(*rows))
    linked = apply_link(plan.link, model.scores(*rows))
    assert np.array_equal(chances[:, -linked.shape[1] :], linked)


def test_a_regression_in_other_units_is_the_same_regression():
    table = tabular(ub.data.sine(n=120))
    far = replace(table, y=table.y * 1000.0 + 5e4)
    near_model, far_model = refit(plan_of(table), 0), refit(plan_of(far), 0)
    rows = table.numbers, table.levels
    assert np.allclose(far_model.predict(*rows), near_model.predict(*rows) * 1000.0 + 5e4, atol=1.0)


def test_missing_numbers_and_unknown_levels_have_a_prediction():
    table = mixed_table()
    model = refit(plan_of(table, epochs=80), 0)
    assert (model.predict(table.numbers, table.levels) == table.y).mean() > 0.9
    strange = model.predict_proba(np.array([[np.nan, 1e300]]), np.array([[-1]]))
    assert np.isfinite(strange).all()


# ---------------------------------------------------------------------- how it was trained
def test_every_row_takes_part_and_none_is_left_to_test():
    split = split_of_all(tabular(ub.data.iris()), 3)
    assert sorted(split.train.tolist()) == list(range(150))
    assert len(split.test) == 0
    for cut in range(split.cuts):
        assert len(np.intersect1d(*split.inner(cut))) == 0


def test_groups_and_time_are_respected_by_the_inner_cut():
    table = tabular(ub.data.moons(n=90))
    groups = np.arange(90) // 6
    fit, validation = split_of_all(replace(table, groups=groups)).inner(0)
    assert not set(groups[fit]) & set(groups[validation])
    time = np.arange(90.0)[::-1].copy()
    fit, validation = split_of_all(replace(table, time=time)).inner(0)
    assert time[fit].max() < time[validation].min()


def test_the_kept_network_has_the_lowest_validation_loss_of_the_chosen_rate():
    plan = plan_of(ub.data.moons(n=120, noise=0.3), seeds=3)
    model = refit(plan, 0)
    searched = search(plan, 0, ALL_ROWS, points_of(plan, ALL_ROWS))
    assert model.learning_rate == best_rate(searched)
    at = plan.protocol.checkpoints().index(model.epoch)
    own = searched.rates == model.learning_rate
    losses = [validation_loss(plan, model, cut) for cut in searched.cuts[own]]
    place = int(searched.validation_loss[at, own].argmin())
    assert losses[place] == pytest.approx(searched.validation_loss[at, own].min(), rel=1e-4)
    fit, _ = plan.split(ALL_ROWS).inner(int(searched.cuts[own][place]))
    assert np.array_equal(model.preparation.centre, np.median(plan.table.numbers[fit], axis=0))


def validation_loss(plan, model, cut):
    _, rows = plan.split(ALL_ROWS).inner(int(cut))
    table = plan.table
    return log_loss(table.y[rows], model.predict_proba(table.numbers[rows], table.levels[rows]))


def test_the_same_plan_gives_the_same_bytes_and_a_twin_others():
    plan = plan_of(ub.data.moons(n=90), control=True)
    first, again, twin = refit(plan, 0), refit(plan, 0), refit(plan, 1)
    for (weight, bias), (weight_2, bias_2) in zip(first.weights, again.weights, strict=True):
        assert weight.tobytes() == weight_2.tobytes()
        assert bias.tobytes() == bias_2.tobytes()
    assert not np.array_equal(first.weights[0][0], twin.weights[0][0])


def test_networks_that_all_diverged_are_said():
    plan = plan_of(ub.data.moons(n=90), ["x**3"], learning_rates=(1e30, 2e30), extensions=0)
    with pytest.raises(UnbendError, match=r"every network of 'x\*\*3' diverged on all rows"):
        refit(plan, 0)
