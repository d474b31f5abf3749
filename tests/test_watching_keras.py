"""What is seen in Keras models of every kind on any backend, what is refused, and what is said of planted faults."""

import os
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras", reason="watching Keras models needs keras")

from keras import layers, ops  # noqa: E402

import unbend as ub  # noqa: E402
from unbend import packages  # noqa: E402
from unbend.watching.keras.backends import backend_in_use, to_numpy  # noqa: E402
from unbend.watching.keras.functions import symbols  # noqa: E402
from unbend.watching.keras.model import KerasModel  # noqa: E402
from unbend.watching.keras.places import averages  # noqa: E402
from unbend.watching.keras.trace import Trace  # noqa: E402
from unbend.watching.places import kept_rows  # noqa: E402
from watched_keras import FIRST, made, mlp, numbers, some  # noqa: E402

BACKEND = keras.backend.backend()


class Calls(keras.Model):
    """One dense layer, then whatever it is told."""

    def __init__(self, call):
        super().__init__(name="calls")
        self.tell, self.layer, self.head = call, layers.Dense(8, name="layer"), layers.Dense(2, name="head")

    def call(self, x):
        return self.head(self.tell(self.layer(x)))


class Own(layers.Layer):
    """Written by a user, without any function that Keras calls an activation."""

    def call(self, z):
        return z / (1 + ops.exp(-z))


def built(model, x):
    model(x)
    return model


def seen(model, probe):
    return ub.watch(built(model, probe), probe=probe).history.samples[0].layers


WAYS = {
    "relu": ([ops.relu, keras.activations.relu, layers.ReLU(), layers.Activation("relu")], "relu"),
    "relu6": ([lambda z: keras.activations.relu(z, max_value=6.0), layers.ReLU(6.0)], "relu6"),
    "leaky": ([layers.LeakyReLU(0.2), lambda z: ops.leaky_relu(z, negative_slope=0.2)], "leaky_relu"),
    "smooth": ([ops.silu, layers.Activation("swish")], "silu"),
    "elu": ([layers.ELU(), ops.elu], "elu"),
    "mish": ([keras.activations.mish, layers.Activation("mish")], "mish"),
    "gelu": ([lambda z: ops.gelu(z, approximate=False), layers.Activation("gelu")], "gelu"),
    "tanh": ([ops.tanh, layers.Activation("tanh")], "tanh"),
    "prelu": ([layers.PReLU()], "prelu"),
    "own": ([Own(name="own")], "Own"),
    "argument": ([layers.Dense(8, activation=lambda z: z * z)], "lambda"),
}


@pytest.mark.parametrize("way", some(WAYS, "leaky", "prelu", "own", "argument"))
def test_every_way_of_calling_is_seen(way):
    calls, kind = WAYS[way]
    for call in calls:
        (one,) = seen(Calls(call), numbers(64, 6))
        assert (one.activation, one.units, one.role, one.dead) == (kind, 8, "hidden", 0)
        assert one.gradient > 0 and one.weight == ("layer/kernel" if way != "argument" else one.weight)


def test_softmax_and_linear_are_no_activations():
    for call in (layers.Softmax(), layers.Activation("linear"), lambda z: z * 2):
        with pytest.raises(ub.UnbendError, match="Calls calls no activation on this probe"):
            seen(Calls(call), numbers(16, 6))


PLACES = {
    "mlp": ["re_lu", "dense_1/tanh", "p_re_lu"],
    "cnn": ["conv2d/silu", "activation"],
    "transformer": ["dense_1/gelu"],
    "residual": ["relu", "dense_1/silu", "leaky_relu"],
    "gru": ["gru/gru_cell/update", "gru/gru_cell/reset", "gru/gru_cell/new"],
}


@pytest.mark.parametrize("name", some(PLACES, "cnn"))
def test_places_have_names(name):
    model, x, _ = made(name)
    found = seen(model, x[:16])
    assert [layer.name for layer in found] == PLACES[name]
    assert [layer.role for layer in found[:2]] == (["gate"] * 2 if name == "gru" else ["hidden"] * len(found[:2]))


WAYS_THROUGH = {
    "mlp": [("input", 6), ("re_lu", 16), ("dense_1/tanh", 16), ("p_re_lu", 8), ("output", 2)],
    "cnn": [("input", 64), ("conv2d/silu", 4 * 16), ("activation", 8 * 4), ("output", 2)],
    "gru": [("input", 6), ("gru/gru_cell/new", 6), ("output", 2)],
    "transformer": [("embedding", 8), ("dense_1/gelu", 16), ("output", 2)],
}


@pytest.mark.parametrize("name", some(WAYS_THROUGH, "cnn"))
def test_the_way_of_the_probe_leads_through_every_layer(name, tmp_path):
    model, x, _ = made(name)
    watched = ub.watch(built(model, x), probe=x)
    places = watched.history.samples[-1].places
    assert [(one.name, one.width) for one in places.layers] == WAYS_THROUGH[name]
    assert places.count == len(places.rows) == len(x)
    watched.figure(labels=np.arange(len(x)) % 2).save(tmp_path / "way.png")


def test_places_are_the_outputs_of_layers_about_their_mean():
    x = numbers(600, 6)
    model = built(Calls(ops.tanh), x)
    places = ub.watch(model, probe=x).history.samples[0].places
    expected = np.tanh(to_numpy(model.layer(x)))[kept_rows(600)]
    expected -= expected.mean(axis=0)
    expected /= np.sqrt((expected**2).sum(axis=1).mean())
    answers = to_numpy(model(x))[kept_rows(600)].argmax(axis=1)
    assert places.count == 600 and places.answers.tolist() == answers.tolist()
    assert np.allclose(places.layers[1].points, expected, atol=2e-3)


@given(st.integers(1, 40), st.integers(1, 6))
def test_averages_over_parts_are_those_of_adaptive_pooling(size, most):
    weights = averages(size, most)
    assert weights.shape == (size, min(size, most)) and np.allclose(weights.sum(axis=0), 1)
    assert (weights.sum(axis=1) > 0).all() and (weights > 0).sum(axis=0).max() <= -(-size // min(size, most)) + 1


def test_numbers_are_those_of_the_pre_activations():
    x = numbers(64, 6)
    model = built(Calls(ops.relu), x)
    (one,) = ub.watch(model, probe=x).history.samples[0].layers
    z = to_numpy(model.layer(x))
    assert one.mean == pytest.approx(z.mean(), abs=1e-6) and one.spread == pytest.approx(z.std(), rel=1e-5)
    assert one.saturated == pytest.approx((z <= 0).mean())


def test_the_gradient_is_the_scores_by_the_output():
    from unbend.watching.probing import score_weights

    x = numbers(64, 6)
    model = built(Calls(ops.tanh), x)
    (one,) = ub.watch(model, probe=x).history.samples[0].layers
    by_hand = score_weights(128).reshape(64, 2) @ to_numpy(model.head.kernel.value).T
    assert one.gradient == pytest.approx(np.linalg.norm(by_hand), rel=1e-5)


def test_time_steps_weigh_differently_in_an_exploding_cell():
    model = keras.Sequential([layers.Input((6, 3)), layers.SimpleRNN(4, activation="relu"), layers.Dense(1)])
    cell = model.layers[0].cell
    cell.recurrent_kernel.assign(4 * np.eye(4))
    cell.bias.assign(np.ones(4))
    (one,) = seen(model, np.abs(numbers(16, 6, 3)))
    assert one.time_ratio > 100


def test_gates_and_outputs_are_told_apart():
    x = layers.Input((6,))
    h = layers.Dense(8, activation="relu")(x)
    gated = layers.Multiply()([h, layers.Dense(8, activation="sigmoid")(h)])
    model = keras.Model(x, layers.Dense(1, activation="sigmoid")(gated))
    assert [layer.role for layer in seen(model, numbers(16, 6))] == ["hidden", "gate", "output"]


def test_a_plain_stack_has_its_theory():
    stack = [layers.Dense(256, "tanh", kernel_initializer="he_normal") for _ in range(4)]
    model = keras.Sequential([layers.Input((256,)), *stack, layers.Dense(4)])
    theory = ub.watch(model, probe=numbers(128, 256)).theory
    assert theory is not None and theory.chi.shape == (3,)
    assert theory.measured_chi == pytest.approx(theory.chi, rel=0.25)
    assert theory.measured_variance == pytest.approx(theory.variance, rel=0.15)
    assert ub.watch(mlp(), probe=numbers(16, 6)).theory is None


def test_dead_units_are_counted():
    model = built(Calls(ops.relu), numbers(4, 6))
    model.layer.bias.assign([-99.0] * 3 + [0.0] * 5)
    (one,) = ub.watch(model, probe=numbers(64, 6)).history.samples[0].layers
    assert one.dead_units == (0, 1, 2) and one.dead == 3 / 8


def test_the_first_nan_has_a_step():
    model, x, y = made("mlp", rate=1e-3)

    class Poison(keras.utils.PyDataset):
        def __len__(self):
            return 6

        def __getitem__(self, batch):
            return (x[:16] * (np.nan if batch == 3 else 1), y[:16])

    callback = ub.watching.KerasCallback(x[:16], every=1)
    model.fit(Poison(), epochs=1, shuffle=False, verbose=0, callbacks=[callback])
    (flag,) = [one for one in callback.watch.health.flags if one.kind.startswith("broken")]
    assert (flag.severity, flag.since, flag.before) == ("alarm", 4, 3)


def test_nan_is_noticed_between_two_looks():
    model, x, _ = made("mlp")
    source = KerasModel(model, x[:16])
    noticed = []
    source.attach(lambda is_broken: noticed.append(is_broken()), lambda: None)
    around = source._around
    model.layers[-1].bias.assign([0.0, float("nan")])
    state = [[one.value for one in model.trainable_variables], [one.value for one in model.non_trainable_variables]]
    around(lambda *args: (None, state), (state,))
    sample = source.sample(5)
    source.detach()
    assert noticed == [True] and (sample.step, sample.sound) == (4, 0) and sample.broken == "dense_3/bias"


def test_weights_have_norms_and_updates():
    model, x, y = made("residual")
    with ub.watch(model, probe=x[:16], every=2) as watched:
        model.fit(x, y, batch_size=16, verbose=0)
    weights = {one.name: one for one in watched.history.samples[-1].weights}
    assert set(weights) == {"dense/kernel", "dense_1/kernel", "dense_2/kernel"}
    assert weights["dense/kernel"].norm == pytest.approx(np.linalg.norm(to_numpy(model.first.kernel.value)))
    assert all(0 < one.update < 1 for one in weights.values())
    assert all((one.gradient > 0) if BACKEND == "torch" else np.isnan(one.gradient) for one in weights.values())


class Batches(keras.utils.PyDataset):
    """Eight rows at a time."""

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return numbers(24, 6)[8 * index : 8 * index + 8], np.zeros(8, int)


def generator():
    yield from (Batches()[index] for index in range(3))


@pytest.mark.parametrize("data", [Batches, generator, lambda: (numbers(24, 6), np.zeros(24, int))])
def test_the_first_batch_is_the_probe(data):
    model, _, _ = made("mlp")
    callback, given = ub.watching.KerasCallback(), data()
    arrays = given if isinstance(given, tuple) else (given,)
    steps = 1 if len(arrays) == 2 else 3
    model.fit(*arrays, verbose=0, callbacks=[callback], shuffle=False, steps_per_epoch=steps)
    probe = callback._source._inputs
    assert np.array_equal(probe, numbers(24, 6)[: len(probe)]) and len(probe) == (24 if len(arrays) == 2 else 8)
    assert callback.watch.history.steps[0] == 0 and "Sequential" in str(callback.watch)


def test_an_unbuilt_model_is_looked_at_when_it_has_weights():
    model = keras.Sequential([layers.Dense(8, "relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    with ub.watch(model, probe=numbers(16, 6)) as watched:
        assert not watched.history.samples
        model.fit(numbers(32, 6), np.zeros(32), verbose=0)
    assert watched.history.steps.tolist() == [*range(FIRST, 2)]


def test_several_inputs_and_names():
    a, b = layers.Input((3,), name="a"), layers.Input((2,), name="b")
    out = layers.Dense(4, "relu")(layers.Concatenate()([a, b]))
    probe = {"a": numbers(16, 3), "b": numbers(16, 2)}
    assert len(ub.watch(keras.Model({"a": a, "b": b}, layers.Dense(1)(out)), probe=probe).history.samples) == 1


def test_what_draws_in_inference_is_said():
    class Noise(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seeds = keras.random.SeedGenerator(1)

        def call(self, x):
            return x + keras.random.normal(ops.shape(x), seed=self.seeds)

    model = keras.Sequential([layers.Input((6,)), Noise(), layers.Dense(8, "relu"), layers.Dense(1)])
    watched = ub.watch(model, probe=numbers(16, 6))
    assert any("draws random numbers in inference" in notice.en for notice in watched.notices)
    assert any("取随机数" in notice.zh for notice in watched.notices)


def test_what_does_not_fit_is_said_in_one_sentence():
    model = keras.Sequential([layers.Dense(8, "relu")])
    with pytest.raises(ub.UnbendError, match=r"Sequential has no weights yet; call it once, or model\.build"):
        ub.watch(model, probe=numbers(4, 6), every=1).step()
    with pytest.raises(ub.UnbendError, match=r"Sequential has no probe yet; give one"):
        ub.watch(built(model, numbers(4, 6)), every=1).step()
    with pytest.raises(ub.UnbendError, match=r"this one a object; give X\[:256\]"):
        ub.watch(model, probe=object())
    with pytest.raises(ub.UnbendError, match="the probe holds 24 NaN, the first in row 0, which Sequential passes on"):
        ub.watch(built(keras.Sequential([layers.Dense(8, "relu")]), numbers(4, 6)), probe=numbers(4, 6) * np.nan)
    with pytest.raises(ub.UnbendError, match=r"probe of shape \(0, 6\) is empty"):
        ub.watch(model, probe=numbers(0, 6))
    with pytest.raises(ub.UnbendError, match=r"the probe of shape \(4, 5\): [^\x1b]*incompatible[^\x1b]*;"):
        ub.watch(built(keras.Sequential([layers.Dense(8, "relu")]), numbers(4, 6)), probe=numbers(4, 5))
    with pytest.raises(ub.UnbendError, match=r"a Dense is no Keras model; put the layer into keras\.Sequential"):
        ub.watch(layers.Dense(3), probe=numbers(4, 6))
    with pytest.raises(ub.UnbendError, match="the callback has seen no training yet"):
        _ = ub.watching.KerasCallback().watch


def test_two_threads_that_watch_leave_every_function_as_it_was():
    def replaced():
        return [vars(owner)[name] if name in vars(owner) else getattr(owner, name) for owner, name, _ in symbols()]

    def look():
        with Trace(model, backend_in_use(), lambda _, h: h, set()).watching():
            order.append("second")

    model, before, order = mlp(), replaced(), []
    other = Thread(target=look)
    with Trace(model, backend_in_use(), lambda _, h: h, set()).watching():
        other.start()
        other.join(0.2)
        order.append("first")
    other.join()
    assert order == ["first", "second"] and all(one is was for one, was in zip(replaced(), before, strict=True))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow"), "which needs tensorflow; set"),
        (ModuleNotFoundError("No module named 'keras'", name="keras"), "needs keras; install it with: pip install"),
    ],
)
def test_a_missing_backend_is_not_taken_for_a_missing_keras(error, said, monkeypatch):
    def missing(_):
        raise error

    monkeypatch.setattr(packages, "import_module", missing)
    with pytest.raises(ub.UnbendError, match=said) as caught:
        packages.needed("keras", "keras", "KerasCallback")
    assert ("set KERAS_BACKEND=" in str(caught.value)) == (error.name == "tensorflow")
