"""Watching leaves a Keras model and everything random exactly as they would be without it, on any backend."""

import os
import pickle
import random

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras", reason="watching Keras models needs keras")

from keras.src import backend  # noqa: E402

import unbend as ub  # noqa: E402
from unbend.watching.keras.backends import to_numpy  # noqa: E402
from unbend.watching.keras.functions import symbols  # noqa: E402
from watched_keras import FIRST, MODELS, made, some, state, structure  # noqa: E402


def generators():
    return random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002


def fitted(model, x, y, **how):
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0, validation_data=(x[:16], y[:16]), **how)
    return (
        history.history,
        state(model),
        generators(),
        to_numpy(keras.random.normal((3,))).tolist(),
        keras.layers.Dense(1).name,
    )


def assert_same(one, other):
    assert one[0] == other[0]
    assert all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in zip(one[1], other[1], strict=True))
    assert one[2:] == other[2:]


def looked_up():
    return [id(vars(owner).get(name, None)) for owner, name, _ in symbols()]


@pytest.mark.parametrize("name", some(MODELS, "mlp", "cnn"))
def test_a_run_is_the_same_to_the_last_bit(name):
    alone = fitted(*made(name))
    model, x, y = made(name)
    callback = ub.watching.KerasCallback(every=2)
    functions = looked_up()
    assert_same(alone, fitted(model, x, y, callbacks=[callback]))
    assert callback.watch.steps == 8 and callback.watch.history.steps.tolist()[1:] == [2, 4, 6, 8]
    assert looked_up() == functions and not backend.in_stateless_scope()


@pytest.mark.parametrize("name", some(MODELS, "residual"))
def test_a_run_inside_with_is_the_same_too(name):
    alone = fitted(*made(name))
    model, x, y = made(name)
    with ub.watch(model, probe=x[:24], every=3) as watched:
        inside = fitted(model, x, y)
    assert_same(alone, inside)
    assert watched.history.steps.tolist() == [FIRST if name == "residual" else 0, 3, 6, 8]


def losses(model, x, y):
    return [model.train_on_batch(x[:16], y[:16]) for _ in range(4)], state(model), generators()


def test_batches_one_by_one_are_the_same_too():
    alone = losses(*made("mlp"))
    model, x, y = made("mlp")
    with ub.watch(model, every=1) as watched:
        assert_same(alone, losses(model, x, y))
    assert watched.history.steps.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["mlp", "residual"])
def test_looking_changes_nothing(name):
    model, x, y = made(name)
    model.fit(x, y, verbose=0)
    before, held, drawn, functions = state(model), structure(model), generators(), looked_up()
    penalties = [] if FIRST else [to_numpy(one).tolist() for one in model.losses]
    activations = [getattr(layer, "activation", None) for layer in model._flatten_layers()]
    ub.watch(model, probe=x[:16]).step()
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(before, state(model), strict=True))
    assert structure(model) == held and generators() == drawn and looked_up() == functions
    assert all(
        one is getattr(layer, "activation", None)
        for one, layer in zip(activations, model._flatten_layers(), strict=True)
    )
    assert FIRST or [to_numpy(one).tolist() for one in model.losses] == penalties


class BreaksOff(keras.callbacks.Callback):
    """In the middle."""

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise KeyError("broken off")


def broken_off(model, x, y, callbacks):
    with pytest.raises(KeyError, match="broken off"):
        model.fit(x, y, batch_size=16, verbose=0, callbacks=[*callbacks, BreaksOff()])
    return 0, state(model), generators()


def test_a_run_that_breaks_off_is_let_go_of():
    alone = broken_off(*made("mlp"), [])
    model, x, y = made("mlp")
    callback = ub.watching.KerasCallback(every=1)
    assert_same(alone, broken_off(model, x, y, [callback]))
    assert callback.watch.steps == 3 and "_around" not in str(vars(model)["train_function"])
    again, x, y = made("mlp")
    with pytest.raises(KeyError, match="broken off"), ub.watch(again, probe=x[:16], every=1):
        again.fit(x, y, batch_size=16, verbose=0, callbacks=[BreaksOff()])
    assert_same(alone, (0, state(again), generators()))
    for one in (model, again):
        assert "unbend" not in one.train_function.__module__ and "make_train_function" not in vars(one)
    model.fit(x, y, batch_size=16, verbose=0, callbacks=[callback])
    assert callback.watch.steps == 7


# Keras converts its own variables as NumPy 1 did.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_a_watched_model_is_saved_as_ever(tmp_path):
    model, x, y = made("residual")
    with ub.watch(model, every=1):
        model.fit(x, y, verbose=0)
        model.save(tmp_path / "inside.keras")
    model.save(tmp_path / "after.keras")
    for name in ("inside", "after"):
        again = keras.saving.load_model(tmp_path / f"{name}.keras")
        assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert pickle.loads(pickle.dumps(model)).count_params() == model.count_params()


def test_a_model_that_fails_on_the_probe_is_left_alone():
    model, x, _ = made("mlp")
    before, held, functions = state(model), structure(model), looked_up()
    with pytest.raises(ub.UnbendError, match=r"Sequential does not take the probe of shape \(16, 5\)"):
        ub.watch(model, probe=x[:16, :5])
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(before, state(model), strict=True))
    assert structure(model) == held and looked_up() == functions and not backend.in_stateless_scope()


def test_the_comparison_notices_one_extra_draw():
    alone = losses(*made("mlp"))
    model, x, y = made("mlp")
    next(layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)).seed_generator.next()
    with pytest.raises(AssertionError):
        assert_same(alone, losses(model, x, y))
