"""The recipe: what is refused, which epochs are kept, and the order of the batches."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.errors import UnbendError
from unbend.training import Recipe
from unbend.training.batches import epoch_orders
from unbend.training.recipe import validate
from unbend.training.schedule import schedule_factors

RECIPE = Recipe(loss="squared")


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"loss": "sqared"}, "there is no loss 'sqared'; did you mean 'squared'"),
        ({"optimizer": "adamm"}, "there is no optimizer 'adamm'; did you mean 'adam'"),
        ({"schedule": "linear"}, "there is no schedule 'linear'"),
        ({"measure": "never"}, "there is no measure 'never'"),
        ({"learning_rate": 0.0}, "learning_rate=0.0 must be a finite number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate=nan must be a finite number above 0"),
        ({"learning_rate": "fast"}, "learning_rate='fast' must be a finite number above 0"),
        ({"weight_decay": -1}, "weight_decay=-1 must be a finite number from 0 on"),
        ({"l1": -0.1}, "l1=-0.1 must be a finite number from 0 on"),
        ({"l1": float("inf")}, "l1=inf must be a finite number from 0 on"),
        ({"beta1": 1.0}, "beta1=1.0 must be from 0 to below 1"),
        ({"epochs": 0}, "epochs=0 must be a whole number from 1 to 4294967295"),
        ({"epochs": 2.5}, "epochs=2.5 must be a whole number from 1 to 4294967295"),
        ({"epochs": True}, "epochs=True must be a whole number from 1 to 4294967295"),
        ({"batch_size": 0}, "batch_size=0 must be a whole number from 1 on, or None for all rows"),
        ({"seed": -1}, "seed=-1 must be a whole number from 0 to 4294967295"),
        ({"seed": 2**32}, "seed=4294967296 must be a whole number from 0 to 4294967295"),
        ({"keep": "some"}, "keep='some' must be 'dense-early', 'all', 'last', or rising epochs from 0 to 150"),
        ({"keep": (3, 2)}, r"keep=\(3, 2\) must be"),
        ({"keep": (0, 151)}, r"keep=\(0, 151\) must be"),
        ({"keep": ()}, r"keep=\(\) must be"),
        ({"nesterov": True}, "nesterov=True needs a momentum above 0"),
        ({"nesterov": "no", "momentum": 0.9}, "nesterov='no' must be True or False"),
        ({"momentum": True}, "momentum=True must be from 0 to below 1"),
        ({"smoothing": float("inf")}, "smoothing=inf must be from 0 to below 1"),
        ({"learning_rate": 10**400}, "learning_rate=10+ must be a finite number above 0"),
        ({"epochs": "5", "keep": (0, 3)}, "^epochs='5' must be a whole number from 1 to 4294967295$"),
        ({"epochs": 0, "keep": (3, 2)}, "epochs=0 must .*; keep=.* must be"),
    ],
)
def test_what_cannot_be_followed_is_refused(settings, sentence):
    with pytest.raises(UnbendError, match=sentence):
        validate(replace(RECIPE, **settings))


def test_all_faults_are_named_at_once():
    with pytest.raises(UnbendError) as refused:
        validate(replace(RECIPE, learning_rate=-1, epochs=0, momentum=2, schedule="slow"))
    assert all(name in str(refused.value) for name in ("learning_rate", "epochs", "momentum", "schedule"))


def test_a_loss_must_fit_the_output():
    with pytest.raises(UnbendError, match="loss 'squared' needs the output 'identity', not 'softmax'"):
        validate(RECIPE, "softmax")


@given(st.integers(1, 5_000))
def test_the_kept_epochs_are_dense_early(epochs):
    kept = replace(RECIPE, epochs=epochs).kept_epochs()
    steps = np.diff(kept)
    assert kept[0] == 0 and kept[-1] == epochs
    assert kept[: min(epochs, 20) + 1] == tuple(range(min(epochs, 20) + 1))
    assert (steps >= 1).all() and (steps <= np.maximum(1, np.array(kept[:-1]) // 20)).all()
    assert len(kept) <= 150


def test_the_named_choices_of_epochs():
    assert replace(RECIPE, epochs=4, keep="all").kept_epochs() == (0, 1, 2, 3, 4)
    assert replace(RECIPE, epochs=4, keep="last").kept_epochs() == (4,)
    assert replace(RECIPE, epochs=4, keep=(1, 3)).kept_epochs() == (1, 3)


def test_schedules_have_their_closed_forms():
    cosine = schedule_factors(replace(RECIPE, epochs=10, schedule="cosine"))
    np.testing.assert_allclose(cosine, [np.cos(np.pi * t / 20) ** 2 for t in range(10)], rtol=1e-12)
    steps = schedule_factors(replace(RECIPE, epochs=7, schedule="step", step_epochs=3, step_factor=0.5))
    assert steps.tolist() == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert schedule_factors(replace(RECIPE, epochs=3)).tolist() == [1, 1, 1]


@given(st.integers(2, 60), st.integers(0, 99))
def test_every_epoch_meets_every_row_once_in_an_order_of_its_own(rows, seed):
    recipe = replace(RECIPE, batch_size=1, shuffle_seed=seed)
    orders = epoch_orders(recipe, range(1, 6), rows)
    assert (np.sort(orders, axis=1) == np.arange(rows)).all()
    np.testing.assert_array_equal(epoch_orders(recipe, range(3, 4), rows)[0], orders[2])
    if rows >= 12:
        assert len({tuple(order) for order in orders.tolist()}) == 5


def test_the_order_does_not_depend_on_the_network_seed():
    first, second = (epoch_orders(replace(RECIPE, seed=seed), range(1, 3), 50) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)
    other = epoch_orders(replace(RECIPE, shuffle_seed=1), range(1, 3), 50)
    assert (other != first).any()


@pytest.mark.parametrize("settings", [{}, {"keep": (0, 150)}, {"batch_size": None, "momentum": 0, "seed": 2**32 - 1}])
def test_what_can_be_followed_is_not_refused(settings):
    validate(replace(RECIPE, **settings), "identity")


def test_dense_early_by_hand():
    kept = replace(RECIPE, epochs=64).kept_epochs()
    assert kept == (*range(40), *range(40, 60, 2), 60, 63, 64)


def test_every_row_comes_first_equally_often():
    orders = epoch_orders(replace(RECIPE, batch_size=2), range(1, 6001), 6)
    for place in orders.T:
        assert np.abs(np.bincount(place) - 1000).max() < 120  # four deviations
    assert len(np.unique(orders, axis=0)) > 690  # of 720


@pytest.mark.parametrize("batch_size", [None, 7, 8])
def test_the_full_batch_keeps_the_order_of_the_data(batch_size):
    orders = epoch_orders(replace(RECIPE, batch_size=batch_size), range(1, 4), 7)
    assert orders.tolist() == [list(range(7))] * 3
