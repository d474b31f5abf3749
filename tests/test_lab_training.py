"""Training on the page is training in Python: a hundred steps of float64 are equal to 1e-9, whatever is chosen.

Where steps are so long that training is chaotic, two orders of summation part for good: those networks (``cube`` and
``exponential``, which explode from the start of the others, and ``momentum`` on squares at their rate) are calmed
here. Of a network that diverges, the epoch and the last parameters before it are equal; Python measures nothing then.
"""

from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

import unbend as ub
from lab_modules import run_module
from unbend.activations import activation, catalogue_names
from unbend.errors import UnbendError
from unbend.network import INITIALIZERS, Network, exact_gain, forward, initialise
from unbend.randomness import normal, permutation, truncated_normal, uniform
from unbend.training import Recipe
from unbend.training.losses import LOSSES, metric
from unbend.training.recipe import LINK_OF_LOSS
from unbend.training.reference import reference_train

MAKE = """
import { activation } from './activations.js';
import { inputsOf, makeData } from './data.js';
import { initialise } from './initializers.js';
import { makeNetwork } from './net.js';
import { makeTrainer } from './trainer.js';

const written = numbers => Array.from(numbers, v => Number.isFinite(v) ? v : String(v));

function dataOf({ named, x, y }) {
  if (named) return makeData(named);
  const test = { n: 0, x: new Float64Array(0), y: new Float64Array(0) };
  return { n: y.length, d: x.length / y.length, x: Float64Array.from(x), y: Float64Array.from(y), test };
}

function made({ widths, activations, output, settings, features, ...points }, start) {
  const data = dataOf(points), network = makeNetwork(widths, activations.map(activation), output);
  const inputs = features ? inputsOf(data, data.x, data.n, features) : data.x;
  const testInputs = features ? inputsOf(data, data.test.x, data.test.n, features) : data.test.x;
  const parameters = initialise(network, settings.init, settings.gain, settings.seed);
  return makeTrainer(network, settings, data, inputs, testInputs, start ?? { parameters });
}
"""
TRAIN = """
console.log(JSON.stringify(Object.fromEntries(Object.entries(given).map(([name, one]) => {
  const trainer = made(one), start = written(trainer.parameters), first = written(Object.values(trainer.measure()));
  trainer.runEpochs(one.epochs);
  const { step, epoch, divergedAt } = trainer, last = written(Object.values(trainer.measure()));
  return [name, { start, end: written(trainer.parameters), first, last, step, epoch, divergedAt }];
}))));
"""
ROWS = 50
RECIPE = Recipe(loss="binary_cross_entropy", learning_rate=0.05, batch_size=16, epochs=25, keep="last", seed=3)
OPTIMIZERS = {
    "sgd": {},
    "momentum": {"momentum": 0.9, "learning_rate": 0.01},
    "adam": {"optimizer": "adam", "learning_rate": 0.01},
    "adamw": {"optimizer": "adamw", "learning_rate": 0.01},
    "rmsprop": {"optimizer": "rmsprop", "learning_rate": 0.01},
    "rmsprop with momentum": {"optimizer": "rmsprop", "learning_rate": 0.01, "momentum": 0.5},
}
PENALTIES = {
    "no penalty": {},
    "decay": {"weight_decay": 0.02},
    "l1": {"l1": 0.003},
    "decay and l1": {"weight_decay": 0.05, "l1": 0.002},
}
CALMER = {name: {"gain": 0.5, "learning_rate": 0.01} for name in ("cube", "exponential")}
GAINS = (None, 1.5, "exact")
BATCHES = (1, 2, 3, 7, 16, 49, 50, 51, 500, None)
HIDDEN = ((), (1,), (2,), (4, 2), (3, 1, 9), (8, 8, 8), (33,), (2, 2, 2, 2, 2, 2))
LAYERS = (
    ["relu", "sine", "softsign"],
    ["x*exp(-abs(x))", "leaky_relu(alpha=0.2)"],
    ["max(x, s*x) - 0.1*x**2; s=0.3", "tanh"],
)
FEATURES = {
    1: ["x", "x^2", "sin(pi*x)"],
    2: ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(pi*x1)", "sin(pi*x2)"],
}
LOSS = {"binary": "binary_cross_entropy", "multiclass": "cross_entropy", "regression": "squared"}
WILD = {"batch_size": None, "loss": "squared"}


def points(loss, columns=2, classes=3):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, columns))
    score = np.sin(2 * x[:, 0]) + x[:, -1]
    if loss == "binary_cross_entropy":
        return x, (score > 0) * 1.0
    edges = np.linspace(-1, 1, classes - 1)
    return x, np.digitize(score, edges) * 1.0 if loss == "cross_entropy" else 2 * score


def case(activations=("tanh", "tanh"), hidden=(5, 4), columns=2, classes=3, init="glorot_normal", gain=None, **recipe):
    """A network, its recipe and its points; ``activations`` one for each hidden layer."""
    recipe = replace(RECIPE, **recipe)
    outputs = classes if recipe.loss == "cross_entropy" else 1
    functions = tuple(activation(text) for text in activations)
    network = Network((columns, *hidden, outputs), functions, LINK_OF_LOSS[recipe.loss], init, gain)
    x, y = points(recipe.loss, columns, classes)
    return {"network": network, "recipe": recipe, "x": x, "y": y, "activations": list(activations)}


def named_case(data, share=0.37, seed=4):
    """Data that the page makes itself: a share of it for testing, and all its features."""
    n, d = data.x.shape
    train, test = ub.data.split(data, share, seed)
    if d in FEATURES:
        train, test = (ub.data.lift(part, FEATURES[d]) for part in (train, test))
    made = {
        "x": train.x, "y": train.y, "test": (test.x, test.y), "features": list(train.feature_names),
        "named": {"name": data.name, "n": n, "noise": 0.05, "seed": seed, "test": share},
    }  # fmt: skip
    settings = {"loss": LOSS[data.task], "batch_size": 10, "epochs": -(-100 // -(-len(train) // 10))}
    return case(columns=train.x.shape[1], **settings) | made


def batches_case(size):
    steps = -(-ROWS // min(size or ROWS, ROWS))
    return case(batch_size=size, epochs=-(-100 // steps), shuffle_seed=8)


@cache
def cases():
    known = {f"activation {name}": case((name, name), **CALMER.get(name, {})) for name in catalogue_names()}
    for name in INITIALIZERS:
        known |= {f"init {name} {gain}": case(("relu", "silu"), init=name, gain=gain) for gain in GAINS}
        known |= {f"square init {name}": case(("relu", "selu"), (9, 9), init=name)}
    for rule, settings in OPTIMIZERS.items():
        for name, penalty in PENALTIES.items():
            known |= {f"{rule}, {name}, {loss}": case(loss=loss, **settings, **penalty) for loss in LOSSES}
    for d in (1, 2, 7, 13):
        known |= {f"hidden {hidden} of {d}": case(["tanh"] * len(hidden), hidden, d) for hidden in HIDDEN}
    known |= {f"batches of {size}": batches_case(size) for size in BATCHES}
    known |= {f"{k} classes": case(loss="cross_entropy", classes=k) for k in (2, 3, 6)}
    known |= {f"layers {texts}": case(texts, (4,) * len(texts)) for texts in LAYERS}
    known |= {f"seed {seed}": case(seed=seed, shuffle_seed=2**32 - 1 - seed) for seed in (0, 77, 2**32 - 1)}
    toys = [ub.data.load(name, n=61, noise=0.05, seed=4) for name in ub.data.toy_names()]
    known |= {f"data {data.name}": named_case(data) for data in (*toys, ub.data.iris())}
    known |= {"diverges": case(("x**3", "x**3"), learning_rate=40.0, **WILD)}
    return known | {"diverges at once": case((), (), learning_rate=1e39, **WILD)}


def asked(one):
    """A case as the page reads it."""
    network, recipe = one["network"], one["recipe"]
    points = ("named", "features") if "named" in one else ("x", "y")
    return {name: np.ravel(one[name]).tolist() if name in "xy" else one[name] for name in points} | {
        "widths": network.widths,
        "activations": one["activations"],
        "output": network.output,
        "settings": asdict(recipe) | {"init": network.initializer, "gain": network.gain},
        "epochs": recipe.epochs,
    }


@pytest.fixture(scope="module")
def answers():
    return run_module(MAKE + TRAIN, {name: asked(one) for name, one in cases().items()})


def by_python(one, recipe=None, start=None):
    recipe = recipe or one["recipe"]
    start = initialise(one["network"], [recipe.seed]) if start is None else start
    return reference_train(one["x"], one["y"], one["network"], recipe, start, np.array([recipe.learning_rate]))


def numbers(values):
    return np.array([float(value) for value in values])


def close(ours, expected, tolerance=1e-9):
    np.testing.assert_allclose(numbers(ours), expected, rtol=tolerance, atol=tolerance)


def measured(one, parameters, x, y):
    network, recipe = one["network"], one["recipe"]
    scores = forward(network, network.unflatten(parameters), x)[-1].pre_activation
    return LOSSES[recipe.loss].value(scores, y, recipe.huber_delta).mean(), metric(network.output, scores, y)


@pytest.mark.parametrize("name", cases())
def test_a_hundred_steps_are_those_of_python(name, answers):
    one, answer = cases()[name], answers[name]
    trained = by_python(one)
    close(answer["start"], initialise(one["network"], [one["recipe"].seed])[0], 1e-13)
    close(answer["end"], trained.weights[-1, 0])
    if name.startswith("diverges"):
        assert answer["divergedAt"] == answer["epoch"] == trained.diverged_at[0] > 0
        return
    assert answer["divergedAt"] is None and trained.diverged_at[0] == -1
    assert answer["step"] >= 100 and answer["epoch"] == one["recipe"].epochs
    assert np.abs(numbers(answer["end"]) - numbers(answer["start"])).max() > 1e-3
    close(answer["first"][:2], [trained.loss[0, 0], trained.metric[0, 0]])
    close(answer["last"][:2], [trained.loss[-1, 0], trained.metric[-1, 0]])
    test = measured(one, trained.weights[-1, 0], *one["test"]) if "test" in one else (np.nan, np.nan)
    close(answer["last"][2:], test)


def test_the_toys_of_the_page_are_those_of_python():
    script = (
        "import { TOYS } from './toys.js'; console.log(JSON.stringify(TOYS.map(toy => [toy.name, toy.task, toy.d])));"
    )
    toys = [(name, ub.data.load(name, n=60)) for name in ub.data.toy_names()]
    assert sorted(run_module(script)) == sorted([name, data.task, data.x.shape[1]] for name, data in toys)


# ---------------------------------------------------------------------- what training stands on
RANDOM = """
import { normal, permutation, truncatedNormal, uniform } from './random.js';
console.log(JSON.stringify(given.map(seed => [
  uniform(seed, 'a b', 400), normal(seed, 'ü', 400), truncatedNormal(seed, 'c', 400),
  permutation(seed, 'batch', 7, 333),
].map(values => Array.from(values)))));
"""


def test_random_numbers_are_those_of_python():
    seeds = [0, 7, 2**32 - 1]
    for seed, (uniforms, normals, cut, order) in zip(seeds, run_module(RANDOM, seeds), strict=True):
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


GAIN = """
import { activation } from './activations.js';
import { exactGain } from './initializers.js';
const gainOf = text => { try { return exactGain(activation(text)); } catch (fault) { return fault.message; } };
console.log(JSON.stringify(given.map(gainOf)));
"""
FORMULAS = ("max(x, s*x); s=0.3", "abs(x - 0.7)", "0*x", "exp(x**2)", "1/x", "sqrt(x)", "exp(x**2/5)")


def gain_or_refusal(text):
    try:
        return exact_gain(activation(text))
    except UnbendError as fault:
        return str(fault)


def test_exact_gains_and_their_refusals_are_those_of_python():
    texts = [*catalogue_names(), *FORMULAS]
    for text, ours in zip(texts, run_module(GAIN, texts), strict=True):
        expected = gain_or_refusal(text)
        assert ours == (expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-12)), text


# ---------------------------------------------------------------------- other ways to the same weights
OTHERWISE = """
const batches = made(given.one);
for (let step = 0; step < 103; step++) batches.stepBatch();
const middle = { epoch: batches.epoch, step: batches.step };
batches.runEpochs(1);
const straight = made(given.one);
straight.runEpochs(10);
const { parameters, epoch, step } = straight, forked = made(given.one, { parameters, epoch, step });
straight.runEpochs(16);
forked.runEpochs(16);
const changed = made(given.whole);
changed.runEpochs(10);
changed.change(given.changes);
changed.runEpochs(15);
console.log(JSON.stringify({
  middle, end: { epoch: batches.epoch, step: batches.step },
  ways: [batches, straight, forked].map(trainer => written(trainer.parameters)), changed: written(changed.parameters),
}));
"""


WILD_BATCHES = """
const trainer = made(given), start = written(trainer.parameters);
let batches = 0;
for (; trainer.divergedAt === null; batches++) trainer.stepBatch();
trainer.stepBatch();
const { epoch, step, divergedAt } = trainer;
console.log(JSON.stringify({ start, end: written(trainer.parameters), batches, epoch, step, divergedAt }));
"""


def test_single_batches_show_no_numbers_that_are_not_finite():
    one = case(loss="squared", batch_size=5, learning_rate=1e42, epochs=1)
    answer = run_module(MAKE + WILD_BATCHES, asked(one))
    assert answer["divergedAt"] == answer["epoch"] == by_python(one).diverged_at[0] == 1
    assert answer["step"] == answer["batches"] < 10
    assert answer["end"] == answer["start"]


def test_batch_by_batch_from_the_middle_and_after_changes_it_is_the_same():
    one, whole = case(), case(batch_size=None)
    changes = {"learning_rate": 0.2, "weight_decay": 0.03, "l1": 0.002}
    answer = run_module(MAKE + OTHERWISE, {"one": asked(one), "whole": asked(whole), "changes": changes})
    assert answer["middle"] == {"epoch": 25, "step": 103} and answer["end"] == {"epoch": 26, "step": 104}
    expected = by_python(one, replace(RECIPE, epochs=26)).weights[-1, 0]
    for way in answer["ways"]:
        close(way, expected)
    first = replace(whole["recipe"], epochs=10)
    before = by_python(whole, first).weights[-1]
    close(answer["changed"], by_python(whole, replace(first, epochs=15, **changes), before).weights[-1, 0])
