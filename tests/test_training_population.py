"""The compiled population agrees with the float64 reference, and a network never depends on its companions."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from unbend.activations import activation, catalogue_names
from unbend.network.initializers import initialise
from unbend.network.network import Network
from unbend.training import population
from unbend.training.population import lay_out, pack, train_population, unpack
from unbend.training.recipe import Recipe
from unbend.training.reference import reference_train

LINKS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "squared": "identity",
    "huber": "identity",
}
RECIPE = Recipe(loss="binary_cross_entropy", learning_rate=0.02, batch_size=16, epochs=4, keep="all", shuffle_seed=5)
OPTIMIZERS = {
    "sgd": {},
    "momentum": {"optimizer": "sgd", "momentum": 0.9},
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    "adam": {"optimizer": "adam", "weight_decay": 0.01},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1},
    "rmsprop": {"optimizer": "rmsprop", "epsilon": 1e-3},
    "rmsprop with momentum": {"optimizer": "rmsprop", "momentum": 0.5, "epsilon": 1e-3},
    "l1": {"l1": 0.03},
    "l1 and decay": {"momentum": 0.9, "l1": 0.03, "weight_decay": 0.02},
    "l1 with adamw": {"optimizer": "adamw", "l1": 0.01, "weight_decay": 0.1},
}


def points(loss, n=70, columns=3):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, columns))
    score = np.sin(x[:, 0]) + x[:, 1] * x[:, 2]
    if loss == "binary_cross_entropy":
        return x, (score > 0).astype(float)
    return x, np.digitize(score, [-0.5, 0.5]).astype(float) if loss == "cross_entropy" else 2 * score


def network_for(loss, name="tanh", hidden=(5, 7), columns=3):
    outputs = 3 if loss == "cross_entropy" else 1
    widths = (columns, *hidden, outputs)
    return Network(widths, (activation(name),) * len(hidden), LINKS[loss])


def both(network, recipe, x, y, networks=11, **settings):
    seeds, rates = np.arange(networks), np.linspace(0.5, 1.5, networks) * recipe.learning_rate
    fast = train_population(x, y, network, recipe, seeds, rates, **settings)
    start = initialise(network, seeds).astype(np.float32).astype(np.float64)
    return fast, reference_train(x, y, network, recipe, start, rates)


def assert_close(fast, slow, tolerance=2e-4):
    np.testing.assert_allclose(fast.weights, slow.weights, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(fast.loss, slow.loss, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(fast.metric, slow.metric, rtol=0, atol=0.05)
    assert np.array_equal(fast.diverged_at, slow.diverged_at)
    assert np.array_equal(fast.epochs, slow.epochs)


@pytest.mark.parametrize("loss", LINKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_and_loss(optimizer, loss):
    x, y = points(loss)
    assert_close(*both(network_for(loss), replace(RECIPE, loss=loss, **OPTIMIZERS[optimizer]), x, y))


@pytest.mark.parametrize("batch_size", [16, None])
def test_l1_leaves_weights_of_zero_alone(batch_size):
    x, y = points("squared")
    network = replace(network_for("squared", "relu"), initializer="zeros")
    recipe = replace(RECIPE, loss="squared", l1=0.1, batch_size=batch_size)
    fast, slow = both(network, recipe, x, y, networks=2)
    assert_close(fast, slow)
    assert np.count_nonzero(fast.weights[-1], axis=1).tolist() == [1, 1]  # the last bias alone has a gradient


@pytest.mark.parametrize("name", catalogue_names())
def test_every_activation_for_a_hundred_steps(name):
    x, y = points("binary_cross_entropy")
    recipe = replace(RECIPE, epochs=20, keep="last", learning_rate=0.05)  # 5 batches an epoch
    assert_close(*both(network_for("binary_cross_entropy", name), recipe, x, y, networks=3))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 32, 33, 69, 70, 500, None])
def test_every_batch_size(batch_size):
    x, y = points("binary_cross_entropy")
    assert_close(*both(network_for("binary_cross_entropy"), replace(RECIPE, batch_size=batch_size, epochs=2), x, y))


@pytest.mark.parametrize("hidden", [(), (1,), (2,), (3, 1, 9), (33,), (64, 65), (2, 2, 2, 2, 2)])
@pytest.mark.parametrize("columns", [1, 2, 13])
def test_every_shape(hidden, columns):
    x, y = points("squared", columns=3)
    x = np.tile(x, 5)[:, :columns]
    network = network_for("squared", "gelu", hidden, columns)
    assert_close(*both(network, replace(RECIPE, loss="squared", epochs=2, batch_size=24), x, y, networks=2))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "step"])
def test_every_schedule(schedule):
    x, y = points("binary_cross_entropy")
    recipe = replace(RECIPE, schedule=schedule, step_epochs=2, epochs=6, optimizer="adam")
    assert_close(*both(network_for("binary_cross_entropy"), recipe, x, y))


def test_a_network_does_not_depend_on_its_companions_or_the_threads():
    x, y = points("binary_cross_entropy")
    network = network_for("binary_cross_entropy")
    seeds, rates = np.arange(40), np.full(40, 0.05)
    together = train_population(x, y, network, RECIPE, seeds, rates, threads=2)
    alone = train_population(x, y, network, RECIPE, seeds[17:18], rates[:1], threads=1)
    backwards = train_population(x, y, network, RECIPE, seeds[::-1], rates, threads=5)
    assert np.array_equal(together.weights[:, 17], alone.weights[:, 0])
    assert np.array_equal(together.weights, backwards.weights[:, ::-1])
    assert np.array_equal(together.loss, backwards.loss[:, ::-1])


def test_laying_out_epochs_in_pieces_changes_nothing(monkeypatch):
    x, y = points("binary_cross_entropy")
    network, seeds, rates = network_for("binary_cross_entropy"), np.arange(3), np.full(3, 0.05)
    recipe = replace(RECIPE, optimizer="adam", schedule="cosine")
    whole = train_population(x, y, network, recipe, seeds, rates)
    monkeypatch.setattr(population, "BATCH_BYTES", 1)
    assert np.array_equal(whole.weights, train_population(x, y, network, recipe, seeds, rates).weights)


def test_a_diverging_network_is_flagged_and_harms_nobody():
    x, y = points("squared")
    network = network_for("squared", "identity")
    recipe = replace(RECIPE, loss="squared", epochs=12)
    seeds, rates = np.arange(9), np.full(9, 0.01)
    calm = train_population(x, y, network, recipe, seeds, rates)
    rates = rates.copy()
    rates[4] = 1e3
    wild = train_population(x, y, network, recipe, seeds, rates)
    others = np.arange(9) != 4
    assert np.array_equal(calm.weights[:, others], wild.weights[:, others])
    assert np.array_equal(calm.loss[:, others], wild.loss[:, others])
    assert (wild.diverged_at[others] == -1).all()
    epoch = wild.diverged_at[4]
    assert 1 <= epoch <= 12
    assert np.isfinite(wild.weights).all()
    assert np.array_equal(wild.weights[epoch:, 4], np.repeat(wild.weights[epoch - 1 : epoch, 4], 13 - epoch, axis=0))
    assert np.isnan(wild.loss[epoch:, 4]).all()
    assert np.isfinite(wild.loss[:epoch, 4]).all()


def test_only_kept_epochs_are_measured_when_asked():
    x, y = points("binary_cross_entropy")
    recipe = replace(RECIPE, keep=(0, 3), measure="kept")
    trained = train_population(x, y, network_for("binary_cross_entropy"), recipe, np.arange(2), np.full(2, 0.1))
    assert np.isfinite(trained.loss).all(axis=1).tolist() == [True, False, False, True, False]


def test_progress_counts_every_epoch_of_every_lane():
    x, y = points("binary_cross_entropy")
    told = []
    train_population(
        x, y, network_for("binary_cross_entropy"), RECIPE, np.arange(20), np.full(20, 0.1), progress=told.append
    )
    assert sum(told) == 20 * RECIPE.epochs


def test_without_llvm_the_reference_does_the_work(monkeypatch):
    x, y = points("binary_cross_entropy")
    network, seeds, rates = network_for("binary_cross_entropy"), np.arange(2), np.full(2, 0.1)
    fast = train_population(x, y, network, RECIPE, seeds, rates)

    def refuse(*_):
        raise RuntimeError("no target for this processor")

    monkeypatch.setattr("unbend.training.kernel.compile.compile_kernel", refuse)
    with pytest.warns(RuntimeWarning, match=r"LLVM cannot run here \(no target .* NumPy reference"):
        slow = train_population(x, y, network, RECIPE, seeds, rates)
    assert_close(fast, slow)


def test_rows_are_laid_out_batch_by_batch():
    rows = lay_out(10, 4, 3)
    assert rows.place.tolist() == [0, 1, 2, 3, 0, 0, 4, 5, 6, 7, 0, 0, 8, 9, 0]
    assert rows.share.tolist() == [0.25] * 4 + [0] * 2 + [0.25] * 4 + [0] * 2 + [0.5, 0.5, 0]
    assert rows.first_block.tolist() == [0, 2, 4, 5]


@pytest.mark.parametrize("networks", [1, 7, 8, 9])
def test_unpack_undoes_pack(networks):
    order = np.array([2, -1, 0, 1, -1])
    weights = np.random.default_rng(0).normal(size=(networks, 3)).astype(np.float32)
    assert np.array_equal(unpack(pack(weights, order, 8)[None], order, networks)[0], weights)


INTERRUPTED = """
    import numpy as np
    from unbend.activations import activation
    from unbend.network.network import Network
    from unbend.training.population import train_population
    from unbend.training.recipe import Recipe

    x = np.random.default_rng(0).normal(size=(20000, 4))
    network = Network((4, 64, 64, 1), (activation("mish"),) * 2, "sigmoid")
    recipe = Recipe(loss="binary_cross_entropy", optimizer="adam", epochs=10_000, keep="last")
    train_population(x, (x[:, 0] > 0) * 1.0, network, recipe, np.arange(64), np.full(64, 0.01), progress=print)
    """


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_an_interrupt_ends_training_within_a_second():
    script = textwrap.dedent(INTERRUPTED).replace(
        "train_population(x", "print('ready', flush=True)\ntrain_population(x"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(3)
    before = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert time.monotonic() - before < 10  # a second on an idle machine
    assert "KeyboardInterrupt" in errors
