"""`train`, `train_many` and `fork`: the same network whichever way it is trained, and every argument checked."""

import numpy as np
import pytest

import unbend as ub
from unbend.errors import UnbendError

CURVES = ub.data.curves(n=120)
SINE = ub.data.sine(n=60)


def same(one: ub.Recording, other: ub.Recording) -> bool:
    arrays = [(one.weights_at, other.weights_at), (one.epochs, other.epochs)]
    arrays += [(one.history[name], other.history[name]) for name in one.history]
    return one.recipe == other.recipe and all(a.tobytes() == b.tobytes() for a, b in arrays)


def test_a_recording_has_what_was_asked_for():
    run = ub.train(
        CURVES, hidden=(4, 3), activation=["relu", "x*sigmoid(1.702*x)"], init="he_normal", epochs=30, seed=3
    )
    assert run.network.widths == (2, 4, 3, 1) and run.network.initializer == "he_normal"
    assert [a.name for a in run.network.activations] == ["relu", "x*sigmoid(1.702*x)"]
    assert run.epochs.dtype == np.int64 and run.epochs[[0, -1]].tolist() == [0, 30]
    assert run.weights_at.shape == (len(run.epochs), run.network.parameter_count)
    assert {name: (v.dtype.name, len(v)) for name, v in run.history.items()} == {
        "loss": ("float64", 31),
        "accuracy": ("float64", 31),
    }
    assert run.diverged_at is None and run.versions["numpy"] == np.__version__
    assert repr(run).startswith("<Recording 2-4-3-1 relu, x*sigmoid(1.702*x) on curves: 30 epochs, accuracy ")


def test_hidden_may_be_empty_or_a_number():
    assert ub.train(CURVES, hidden=(), epochs=1).network.widths == (2, 1)
    assert ub.train(CURVES, hidden=np.int64(3), epochs=1).network.widths == (2, 3, 1)


@pytest.mark.parametrize(
    ("data", "link", "metric"),
    [(CURVES, "sigmoid", "accuracy"), (ub.data.blobs(n=60), "softmax", "accuracy"), (SINE, "identity", "r2")],
)
def test_the_task_decides_link_loss_and_metric(data, link, metric):
    run = ub.train(data, epochs=2)
    assert run.network.output == link and set(run.history) == {"loss", metric} and run.metric_name == metric


def test_the_last_history_entry_is_the_score_of_the_last_weights():
    for data in (CURVES, SINE):
        run = ub.train(data, epochs=5)
        assert run.score() == pytest.approx(run.history[run.metric_name][-1], abs=1e-5)


REFUSED = {
    "hiden": ({"hiden": 3}, "train has no argument 'hiden'; did you mean 'hidden'?"),
    "hidden text": ({"hidden": "8"}, "hidden='8' must be widths from 1 to 4096"),
    "hidden fraction": ({"hidden": 2.5}, "hidden=2.5 must be widths"),
    "hidden zero": ({"hidden": (2, 0)}, "hidden=(2, 0) must be widths"),
    "hidden True": ({"hidden": True}, "hidden=True must be widths"),
    "hidden None": ({"hidden": None}, "hidden=None must be widths"),
    "activation": ({"activation": "rulu"}, "did you mean 'relu'?"),
    "activations": ({"activation": ["relu", "tanh"]}, "activation names 2 layers and hidden 1"),
    "activation number": ({"activation": 3}, "an activation is a name, a formula or a Python function, not 3"),
    "init": ({"init": "glorot"}, "there is no initializer 'glorot'; did you mean 'glorot_normal'?"),
    "init number": ({"init": 3}, "init=3 must be the name of an initializer"),
    "init list": ({"init": ["zeros"]}, "init=['zeros'] must be the name of an initializer"),
    "gain": ({"gain": "exakt"}, "gain='exakt' must be None, 'exact', or a number above 0"),
    "gain nan": ({"gain": float("nan")}, "gain=nan must be None"),
    "gain array": ({"gain": np.ones(2)}, "gain=array([1., 1.]) must be None"),
    "optimizer": ({"optimizer": "adm"}, "there is no optimizer 'adm'; did you mean 'adam'?"),
    "rate": ({"learning_rate": -1}, "learning_rate=-1 must be a finite number above 0"),
    "rates": (
        {"learning_rate": [0.1, 0.2]},
        "learning_rate=[0.1, 0.2] must be one value here; train_many takes several",
    ),
    "seeds": ({"seed": range(4)}, "seed=range(0, 4) must be one value here; train_many takes several"),
    "seed": ({"seed": 1.5}, "seed=1.5 must be a whole number from 0 to 4294967295"),
    "batch": ({"batch_size": 0}, "batch_size=0 must be a whole number from 1 on, or None for all rows"),
    "epochs": ({"epochs": 0}, "epochs=0 must be a whole number from 1 to 4294967295"),
    "loss": ({"loss": "mse"}, "there is no loss 'mse'"),
    "no loss": ({"loss": ""}, "there is no loss ''"),
    "other task's loss": ({"loss": "squared"}, "loss='squared' does not fit the binary data set 'curves'"),
    "keep": ({"keep": [3, 1]}, "keep=(3, 1) must be 'dense-early', 'all', 'last', or rising epochs from 0 to 150"),
    "keep fractions": ({"keep": [0.5]}, "keep=(0.5,) must be"),
    "setting": ({"momentun": 0.9}, "did you mean 'momentum'?"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_one_sentence(name):
    arguments, sentence = REFUSED[name]
    with pytest.raises(UnbendError) as refusal:
        ub.train(CURVES, **arguments)
    assert sentence in str(refusal.value) and "\n" not in str(refusal.value)


def test_the_data_must_be_a_data_set():
    with pytest.raises(UnbendError, match=r"must be a data set such as ub\.data\.curves\(\) .* not 'curves'"):
        ub.train("curves")
    with pytest.raises(UnbendError, match=r"must be a data set"):
        ub.train_many("curves", seed=range(2))


def test_one_of_many_is_the_network_trained_alone():
    runs = ub.train_many(
        CURVES,
        hidden=[(3,), (2, 2)],
        activation=["relu", "tanh"],
        learning_rate=[0.01, 0.3],
        seed=range(7, 12),
        epochs=6,
    )
    table = runs.table()
    assert len(runs) == 2 * 2 * 2 * 5
    for index in (0, 13, 26, -1):
        settings = {name: table[name][index] for name in ("hidden", "activation", "learning_rate", "seed")}
        assert same(runs[index], ub.train(CURVES, epochs=6, **settings)), settings


def test_the_table_has_a_column_for_every_setting_and_result():
    runs = ub.train_many(SINE, loss=["squared", "huber"], gain=[1.0, "exact"], seed=np.arange(3), epochs=2, keep=[0, 2])
    table = runs.table()
    given = ["activation", "hidden", "loss_name", "gain", "seed", "epochs", "keep", "learning_rate"]
    assert list(table) == [*given, "loss", "r2", "diverged_at"]
    assert {len(column) for column in table.values()} == {12}
    assert table["loss_name"] == ["squared"] * 6 + ["huber"] * 6
    assert table["gain"] == ([1.0] * 3 + ["exact"] * 3) * 2
    assert table["seed"] == [0, 1, 2] * 4 and table["diverged_at"] == [-1] * 12
    assert [run.history["loss"][-1] for run in runs] == table["loss"]
    assert [run.history["r2"][-1] for run in runs] == table["r2"]
    assert runs.best().history["loss"][-1] == min(table["loss"])
    assert repr(runs).startswith("<Population of 12 networks on sine: r2 median ")


def test_parameters_tell_activations_of_one_name_apart():
    runs = ub.train_many(
        CURVES, activation=["leaky_relu", "leaky_relu(alpha=0.2)", ("relu", "sine")], hidden=(2, 2), epochs=1
    )
    assert runs.table()["activation"] == ["leaky_relu", "leaky_relu(alpha=0.2)", "relu, sine"]


def test_results_are_there_when_only_kept_epochs_are_measured():
    runs = ub.train_many(CURVES, seed=range(3), epochs=6, keep=[2, 4], measure="kept")
    assert np.isfinite(runs.table()["loss"]).all() and np.isfinite(runs.best().history["loss"][4])


def test_indexing_a_population():
    runs = ub.train_many(CURVES, seed=range(3), epochs=1)
    assert same(runs[-1], runs[np.int64(2)]) and runs[1].recipe.seed == 1
    with pytest.raises(IndexError, match="network 3 of a population of 3"):
        runs[3]
    kept = runs.groups[0].trained.weights
    assert not np.shares_memory(runs[0].weights_at, kept)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"seeds": range(3)}, "train_many has no argument 'seeds'; did you mean 'seed'?"),
        ({"seed": []}, "seed=[] gives train_many nothing to train; give at least one value"),
        ({"seed": [0, 1.5, 2]}, "seed=1.5 must be a whole number from 0 to 4294967295"),
        ({"seed": range(-1, 3)}, "seed=-1 must be a whole number from 0 to 4294967295"),
        ({"seed": ["a", 1]}, "seed='a' must be a whole number from 0 to 4294967295"),
        ({"learning_rate": [0.1, float("nan")]}, "learning_rate=nan must be a finite number above 0"),
        ({"activation": ["relu", "rulu"]}, "did you mean 'relu'?"),
    ],
)
def test_every_value_of_many_is_checked_before_anything_trains(arguments, sentence, monkeypatch):
    monkeypatch.setattr("unbend.recording.many.train_population", None)
    with pytest.raises(UnbendError) as refusal:
        ub.train_many(CURVES, **arguments)
    assert sentence in str(refusal.value)


def test_a_population_that_diverged_has_no_best():
    runs = ub.train_many(SINE, activation="x**3", learning_rate=1e20, seed=range(2), epochs=3)
    assert min(runs.table()["diverged_at"]) >= 0 and runs[0].diverged_at == runs.table()["diverged_at"][0]
    assert "diverged in epoch" in repr(runs[0]) and repr(runs).endswith("no metric, 2 diverged>")
    with pytest.raises(UnbendError, match="all 2 networks diverged; try a smaller learning_rate"):
        runs.best()


def test_a_fork_starts_from_the_kept_weights():
    run = ub.train(CURVES, epochs=40, momentum=0.5)
    fork = run.fork(epoch=12, learning_rate=0.01, epochs=np.int64(5), keep=[0, 5])
    assert np.array_equal(fork.weights_at[0], run.weights_at[12])
    assert (fork.recipe.learning_rate, fork.recipe.epochs, fork.recipe.momentum) == (0.01, 5, 0.5)
    assert fork.epochs.tolist() == [0, 5] and fork.history["loss"][0] == run.history["loss"][12]
    assert fork.fork(epochs=2).epochs.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hidden": 3}, "fork trains the same network on, and 'hidden' makes another one; call train for that"),
        ({"seed": 3}, "change shuffle_seed for another order of the batches"),
        ({"epoch": 999}, "epoch 999 was not kept; choose one from 0 to 2, or -1"),
        ({"learning_rte": 3}, "a recipe has no 'learning_rte'; did you mean 'learning_rate'?"),
        ({"loss": "squared"}, "loss 'squared' needs the output 'identity', not 'sigmoid'"),
        ({"epochs": [1, 2]}, "epochs=[1, 2] must be one value here"),
    ],
)
def test_a_fork_refuses_what_it_cannot_change(changes, sentence):
    with pytest.raises(UnbendError) as refusal:
        ub.train(CURVES, epochs=2).fork(**changes)
    assert sentence in str(refusal.value)
