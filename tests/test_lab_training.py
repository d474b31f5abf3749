"""The page trains as Python does: random numbers, data, starting weights, and a hundred steps of every kind."""

import numpy as np
import pytest

import unbend as ub
from lab_modules import run_module
from unbend.activations import activation, catalogue_names
from unbend.data import toy_names
from unbend.network import INITIALIZERS, Network, initialise
from unbend.randomness import normal, permutation, truncated_normal, uniform
from unbend.training import Recipe
from unbend.training.reference import reference_train

SETTINGS = {
    "data": {"name": "xor", "n": 60, "noise": 0.2, "seed": 3, "test": 0}, "features": ["x1", "x2"], "hidden": [4, 3],
    "activations": ["tanh", "tanh"], "init": "glorot_normal", "gain": None, "loss": "binary_cross_entropy",
    "optimizer": "sgd", "learning_rate": 0.05, "momentum": 0, "weight_decay": 0, "l1": 0, "batch_size": 6, "seed": 5,
    "shuffle_seed": 2,
}  # fmt: skip
TRAIN = """
import { inputsOf, makeData } from './data.js';
import { initialise } from './initializers.js';
import { fitting, networkOf } from './shape.js';
import { makeTrainer } from './trainer.js';
console.log(JSON.stringify(given.map(({ settings: wanted, steps }) => {
  const data = makeData(wanted.data), settings = fitting(wanted, data), network = networkOf(settings, data);
  const inputs = inputsOf(data, data.x, data.n, settings.features), test = inputsOf(data, data.test.x, data.test.n, settings.features);
  const start = initialise(network, settings.init, settings.gain, settings.seed);
  const trainer = makeTrainer(network, settings, data, inputs, test, { parameters: start });
  for (let step = 0; step < steps; step++) trainer.stepBatch();
  const { loss, metric, testLoss, testMetric } = trainer.measure();
  return { start: [...start], weights: [...trainer.parameters], loss, metric, testLoss, testMetric, x: [...inputs], y: [...data.y], divergedAt: trainer.divergedAt };
}).map(answer => JSON.parse(JSON.stringify(answer, (_, value) => typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)))));
"""


def case(**changes):
    data = SETTINGS["data"] | changes.pop("data", {})
    return {"settings": SETTINGS | changes | {"data": data}, "steps": 100}


def in_python(settings):
    """Start, weights, loss and metric of ten epochs (a hundred steps of 60 rows in batches of 6) by the reference."""
    rows = settings["data"]
    data = ub.data.load(rows["name"], n=rows["n"], noise=rows["noise"], seed=rows["seed"])
    data, _ = ub.data.split(data, rows["test"], rows["seed"])
    data = ub.data.lift(data, settings["features"])
    link = {"binary": "sigmoid", "multiclass": "softmax", "regression": "identity"}[data.task]
    losses = {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}
    network = Network(
        (data.x.shape[1], *settings["hidden"], data.output_width), tuple(map(activation, settings["activations"])), link,
        settings["init"], settings["gain"],
    )  # fmt: skip
    batch = settings["batch_size"]
    steps = -(-len(data) // (batch or len(data)))
    recipe = Recipe(
        loss=losses.get(link, "huber" if settings["loss"] == "huber" else "squared"), epochs=100 // steps, keep="last",
        **{name: settings[name] for name in ("optimizer", "learning_rate", "momentum", "weight_decay", "l1", "batch_size", "seed", "shuffle_seed")},
    )  # fmt: skip
    start = initialise(network, [settings["seed"]])
    trained = reference_train(data.x, data.y, network, recipe, start, np.array([settings["learning_rate"]]))
    return data, start[0], trained


def check(cases):
    answers = run_module(TRAIN, cases)
    for one, answer in zip(cases, answers, strict=True):
        said = str({name: value for name, value in one["settings"].items() if value != SETTINGS.get(name)})
        data, start, trained = in_python(one["settings"])
        np.testing.assert_allclose(answer["x"], data.x.ravel(), rtol=1e-13, atol=1e-13, err_msg=said)
        np.testing.assert_allclose(answer["y"], data.y, rtol=1e-13, atol=1e-13, err_msg=said)
        np.testing.assert_allclose(answer["start"], start, rtol=1e-12, atol=1e-14, err_msg=said)
        np.testing.assert_allclose(answer["weights"], trained.weights[-1, 0], rtol=1e-9, atol=1e-9, err_msg=said)
        assert trained.diverged_at[0] == -1 and answer["divergedAt"] is None, said
        assert answer["loss"] == pytest.approx(trained.loss[-1, 0], rel=1e-9), said
        assert answer["metric"] == pytest.approx(trained.metric[-1, 0], rel=1e-9), said


def test_a_hundred_steps_with_every_activation():
    slower = {"cube": 1e-3, "square": 5e-3, "exponential": 5e-3}  # at 0.02 they leave the finite numbers, in both
    check([case(activations=[name, name], learning_rate=slower.get(name, 0.02)) for name in catalogue_names()])


def test_a_hundred_steps_with_typed_formulas_and_one_activation_for_each_layer():
    check([
        case(activations=["x*sigmoid(1.7*x)", "max(x, 0.1*x)"]), case(activations=["relu", "sine"]),
        case(activations=["where(x > 0, x, alpha*expm1(x)); alpha=0.5", "tanh"]),
    ])  # fmt: skip


@pytest.mark.parametrize("gain", [None, "exact", 1.5])
def test_a_hundred_steps_from_every_initialiser(gain):
    check([case(init=name, gain=gain, hidden=[3, 7]) for name in INITIALIZERS])


def test_a_hundred_steps_with_every_optimiser():
    kinds = [
        {"optimizer": "sgd"},
        {"optimizer": "sgd", "momentum": 0.9},
        *({"optimizer": name} for name in ("adam", "adamw", "rmsprop")),
    ]
    penalties = [{}, {"weight_decay": 0.01}, {"l1": 0.003}, {"weight_decay": 0.02, "l1": 0.001}]
    check([case(**kind, **penalty) for kind in kinds for penalty in penalties])


def test_a_hundred_steps_on_every_toy():
    features = {"x": ["x", "x^2", "sin(pi*x)"]}
    names = {name: ub.data.load(name, n=60).feature_names for name in toy_names()}
    every = ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(pi*x1)", "sin(pi*x2)"]
    check(
        [
            case(data={"name": name, "noise": noise}, features=features.get(names[name][0], every))
            for name in names
            for noise in (0.0, 0.1)
        ]
    )


@pytest.mark.parametrize("batch", [1, 6, 7, 59, 60, None])
def test_a_hundred_steps_with_every_size_of_batch(batch):
    whole = {1: 60, 6: 100, 7: 99, 59: 100, 60: 100, None: 100}[batch]
    check(
        [
            case(batch_size=batch) | {"steps": whole},
            case(batch_size=batch, loss="huber", data={"name": "plane"}) | {"steps": whole},
        ]
    )


@pytest.mark.parametrize("hidden", [[], [1], [2], [5, 4, 3], [16]])
def test_a_hundred_steps_in_every_shape(hidden):
    check(
        [
            case(hidden=hidden, activations=["tanh"] * len(hidden)),
            case(hidden=hidden, activations=["relu"] * len(hidden), data={"name": "blobs"}),
        ]
    )


def test_test_rows_are_those_of_split():
    (answer,) = run_module(TRAIN, [case(data={"test": 0.37, "n": 61})])
    data = ub.data.xor(n=61, noise=0.2, seed=3)
    train, test = ub.data.split(data, 0.37, 3)
    np.testing.assert_array_equal(np.reshape(answer["x"], (-1, 2)), train.x)
    assert len(test) == round(0.37 * 61) and {*map(tuple, test.x), *map(tuple, train.x)} == {*map(tuple, data.x)}


def test_a_run_that_leaves_the_finite_numbers_is_noticed_in_the_same_epoch():
    wild = case(learning_rate=1e30, hidden=[4], activations=["cube"], data={"name": "plane", "noise": 0})
    (answer,) = run_module(TRAIN, [wild])
    _, _, trained = in_python(wild["settings"])
    assert answer["divergedAt"] == trained.diverged_at[0] > 0
    np.testing.assert_allclose(answer["weights"], trained.weights[-1, 0], rtol=1e-9)


def test_random_numbers_are_pythons():
    answer = run_module(
        """
        import { normal, permutation, truncatedNormal, uniform } from './random.js';
        console.log(JSON.stringify(given.map(seed => [uniform(seed, 'a b', 400), normal(seed, 'ü', 400), truncatedNormal(seed, 'c', 400),
          permutation(seed, 'batch', 7, 333)].map(values => [...values]))));
        """,
        [0, 7, 2**32 - 1],
    )
    for seed, (uniforms, normals, cut, order) in zip([0, 7, 2**32 - 1], answer, strict=True):
        np.testing.assert_array_equal(uniforms, uniform(seed, "a b", range(400)))
        np.testing.assert_allclose(normals, normal(seed, "ü", range(400)), rtol=1e-13)
        np.testing.assert_allclose(cut, truncated_normal(seed, "c", range(400)), rtol=1e-12)
        np.testing.assert_array_equal(order, permutation(seed, "batch", 7, 333))


def test_impossible_splits_and_features_are_refused():
    data = ub.data.xor()
    with pytest.raises(ub.UnbendError, match=r"test=1 is not possible; choose a share from 0 to below 1"):
        ub.data.split(data, 1)
    with pytest.raises(ub.UnbendError, match=r"test=0\.9 of 4 rows leaves none for training"):
        ub.data.split(data, 0.9)
    with pytest.raises(ub.UnbendError, match=r"there is no feature 'x3'"):
        ub.data.lift(data, ("x1", "x3"))
    with pytest.raises(ub.UnbendError, match=r"iris has 4"):
        ub.data.lift(ub.data.iris(), ("x1",))
