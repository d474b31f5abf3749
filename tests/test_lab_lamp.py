"""The sentences of the theorem lamp: each where it must be said and where it must not, on known weights."""

import re

import numpy as np
import pytest

import unbend as ub
from lab_modules import PAGE, run_module
from lab_panels import asked, open_panel
from unbend.activations import activation, catalogue_names
from unbend.activations.monotony import monotony
from unbend.data.dataset import Dataset
from unbend.geometry import linearly_separable
from unbend.network import forward
from unbend.training.losses import LOSSES, metric

SAY = """
import { facts, sentences } from './lamp.js';
import { makeNetwork } from './net.js';
import { activation } from './activations.js';
const log = { apply: (z, a, slope) => { a.set(z.map(Math.log)); slope?.set(z.map(value => 1 / value)); } };
const known = name => name === 'log(x)' ? { name, formula: name, kinks: [], ...log } : activation(name);
const number = value => value.toFixed(2);
const numbers = list => Float64Array.from(list, value => value ?? NaN);
const { widths, output, data, settings, frames, divergedAt } = given;
const kept = frames.map(frame => ({
  ...frame, loss: frame.loss ?? NaN, testLoss: frame.testLoss ?? NaN, parameters: numbers(frame.parameters),
}));
console.log(JSON.stringify(sentences(facts({
  network: makeNetwork(widths, settings.activations.map(known), output), data: { ...data, y: numbers(data.y) },
  inputs: numbers(data.x), settings, frames: kept, frame: kept[kept.length - 1], divergedAt, number,
}))));
"""


def said(
    data,
    hidden=(2,),
    activation="tanh",
    weights=None,
    epochs=None,
    before=(),
    shown=None,
    diverged_at=None,
    called=None,
    **settings,
):
    """The sentences, by their names, of a network with given weights, or of one that is trained so far.

    ``before``: what is special about earlier frames, ``shown``: about the one that is shown, and
    ``called``: other activations than Python's.
    """
    names = [activation] * len(hidden) if isinstance(activation, str) else list(activation)
    loss = {"binary": "binary_cross_entropy", "multiclass": "cross_entropy", "regression": "squared"}[data.task]
    run = ub.train(data, hidden=hidden, activation=names or "tanh", epochs=epochs or 1, **settings)
    network = run.network
    if epochs:
        weights = network.flatten(run.weights())
    elif weights is None:
        weights = np.sin(np.arange(network.parameter_count))
    frame = {"epoch": epochs or 20, "parameters": [float(p) if np.isfinite(p) else None for p in weights]} | measured(
        network, loss, data, weights
    )
    given = {
        "widths": network.widths, "output": network.output, "divergedAt": diverged_at,
        "data": {
            "name": data.name, "task": data.task, "d": data.x.shape[1], "n": len(data), "x": data.x.ravel().tolist(),
            "y": data.y.tolist(),
        },
        "frames": [frame | one for one in (*before, shown or {})],
        "settings": {
            "features": list(data.feature_names), "hidden": list(hidden), "activations": called or names, "loss": loss,
            "learning_rate": run.recipe.learning_rate,
        },
    }  # fmt: skip
    return {one["id"]: one for one in run_module(SAY, given)}


def measured(network, loss, data, weights):
    """Loss and metric of a frame; none where weights are no numbers."""
    if not np.isfinite(weights).all():
        return {"loss": None, "metric": None}
    with np.errstate(over="ignore", invalid="ignore"):
        scores = forward(network, network.unflatten(np.asarray(weights, float)), data.x)[-1].pre_activation[None]
        values = LOSSES[loss].value(scores, data.y, 1.0).mean(), metric(network.output, scores, data.y)[0]
    return dict(
        zip(("loss", "metric"), (float(value) if np.isfinite(value) else None for value in values), strict=True)
    )


def text(sentence, lang="en"):
    """The sentence with its values; every value that it names is there."""
    return re.sub(r"\{(\w+)\}", lambda match: str(sentence["values"][match[1]]), sentence["text"][lang])


def flat(*parts):
    return np.concatenate([np.ravel(part).astype(float) for part in parts])


def points(x, y):
    """Two classes of points of one's own."""
    x = np.asarray(x, float)
    names = tuple(f"x{place}" for place in range(1, 1 + x.shape[1]))
    return Dataset(name="own", x=x, y=np.asarray(y, float), task="binary", feature_names=names, class_names=("0", "1"))


RING, CURVES, XOR, LINE = ub.data.ring(n=80), ub.data.curves(n=80), ub.data.xor(), ub.data.line(n=80)
DEAD = flat([[1, 0.5], [0, 0.5]], [0, -9], [1, 1], [0])  # two relu units, of which the second is off everywhere
EIGHT = (6,) * 6


def test_a_number_that_ran_away_is_blamed_on_rate_function_or_hole():
    wild = said(CURVES, weights=np.full(9, np.nan), diverged_at=7)["nan"]
    assert "Epoch 7, layer 1" in text(wild) and "learning rate 0.05 is too high" in text(wild)
    assert wild["action"]["changes"] == {"learning_rate": 0.025}
    fast = said(CURVES, activation="square", weights=np.full(9, 1e200), diverged_at=3)["nan"]
    assert "square grows faster" in text(fast) and fast["action"]["changes"] == {"activations": ["tanh"]}
    last_finite = said(CURVES, weights=flat(np.ones(6), 1e30, 1, 1), diverged_at=5)["nan"]
    assert last_finite["values"]["layer"] == 2
    assert "nan" not in said(CURVES)
    assert "nan" in said(CURVES, diverged_at=3)
    hole = said(CURVES, weights=-np.ones(9), called=["log(x)"], diverged_at=1)["nan"]
    assert "log(x) has no value there" in text(hole) and hole["action"]["name"] == "tanh"


def test_units_that_are_all_alike():
    assert "alike" in said(CURVES, weights=np.zeros(9))
    same = said(CURVES, weights=flat([[1, 1], [2, 2]], [3, 3], [4, 4], [5]))["alike"]
    assert same["values"]["layer"] == 1 and same["action"]["changes"]["init"] == "glorot_normal"
    for unlike in (flat([[1, 1], [2, 3]], [3, 3], [4, 4], [5]), flat([[1, 1], [2, 2]], [3, 3], [4, 5], [5])):
        assert "alike" not in said(CURVES, weights=unlike)
    assert "alike" not in said(CURVES, hidden=(1,), weights=np.zeros(5))


def test_a_step_has_no_slope():
    step = said(RING, activation=("tanh", "step"), hidden=(2, 2))
    assert step["step"]["values"] == {"layer": 2, "name": "step"} and not {"blocked", "dead"} & step.keys()
    assert "step" not in said(RING, activation="relu") and "blocked" not in said(RING)


def test_dead_units_and_dead_layers():
    dead = said(CURVES, activation="relu", weights=DEAD)["dead"]
    assert dead["target"] == {"layer": 0, "unit": 1} and dead["values"]["count"] == 1
    assert "no gradient can move it" in text(dead) and "all 80 points" in text(dead)
    deeper = flat(np.eye(2), [2, 2], [[1, 1], [1, 1]], [0, -99], [1, 1], [0])
    assert "its gradient is 0" in text(said(CURVES, (2, 2), "relu", weights=deeper)["dead"])
    assert "dead" not in said(CURVES, activation="leaky_relu", weights=DEAD)
    blocked = said(CURVES, activation="relu", weights=flat(np.eye(2), [-9, -9], [1, 1], [0]))
    assert blocked["blocked"]["values"]["layer"] == 1 and "dead" not in blocked
    assert "blocked" not in said(CURVES, activation="relu", weights=DEAD)


def test_no_line_parts_these_points():
    for data, hidden, name in ((XOR, (), "tanh"), (RING, (), "tanh"), (CURVES, (3, 3), "identity")):
        assert "line" in said(data, hidden, name)
    assert said(XOR, ())["line"]["action"]["changes"]["hidden"] == [3]
    assert said(XOR, (2,), "identity")["line"]["action"]["changes"] == {"activations": ["tanh"]}
    assert "line" not in said(LINE, ()) and "line" not in said(XOR, (2,), "tanh")


def test_inseparable_agrees_with_a_linear_program():
    made = np.random.default_rng(0)
    cases = [(made.normal(size=(8, 2)), np.arange(8) % 2) for _ in range(60)]
    found = run_module(
        "import { inseparable } from './lamp.js';\n"
        "console.log(JSON.stringify(given.map(([x, y]) => inseparable(x, Float64Array.from(y)))));",
        [(x.ravel().tolist(), y.tolist()) for x, y in cases],
    )
    proved = [not linearly_separable(x, y).separable for x, y in cases]
    assert found == proved and len(set(found)) == 2


def test_nothing_narrow_encloses_the_disc():
    for hidden, name in (((2,), "tanh"), ((2, 2, 2), "sigmoid"), ((2,), "relu"), ((2, 1), "leaky_relu")):
        sentence = said(RING, hidden, name)["topology"]
        assert sentence["action"]["changes"]["hidden"] == [3, *hidden[1:]]
    assert "topology" in said(ub.data.circles(n=40))
    for data, hidden, name in (
        (RING, (3,), "tanh"),
        (RING, (2,), "square"),
        (CURVES, (2,), "tanh"),
        (RING, (), "tanh"),
    ):
        assert "topology" not in said(data, hidden, name)


def test_the_list_of_strictly_monotone_activations_is_the_catalogues():
    listed = run_module("import { STRICT } from './lamp.js';\nconsole.log(JSON.stringify(STRICT));")
    assert listed == [name for name in catalogue_names() if monotony(activation(name)).strict]


def test_gradients_vanish_or_explode():
    small = said(CURVES, EIGHT, "sigmoid", epochs=1)["vanishing"]
    assert small["values"]["ratio"] < 1e-3 and small["action"]["name"] == "tanh"
    timid = said(CURVES, (2, 2, 2), weights=flat(*[0.02, 0, 0, 0.02, 0, 0.01] * 3, 1, 1, 1))["vanishing"]
    assert timid["action"]["changes"] == {"init": "lecun_normal", "gain": "exact"}
    steep = flat([1e-6], [0], [200], [0], [200], [0], [100], [0])
    line = points([[-1.0], [1.0]] * 4, [0, 1] * 4)
    assert said(line, (1, 1, 1), "identity", weights=steep)["exploding"]["action"]["name"] == "he_normal"
    healthy = said(CURVES, (8, 8), "tanh", epochs=5)
    assert "vanishing" not in healthy and "exploding" not in healthy


def test_one_answer_for_all():
    always = flat(np.eye(2), [0, 0], [0, 0], [1])
    assert said(CURVES, weights=always)["same"]["values"] == {"n": 80, "right": 40}
    assert "same" not in said(CURVES, weights=always, shown={"epoch": 3})
    assert "same" not in said(CURVES, weights=flat(np.eye(2), [0, 0], [1, 1], [0]))


def test_saturated_layers():
    full = said(CURVES, weights=flat(99 * np.eye(2), [0, 0], [1, 1], [0]))["saturated"]
    assert full["values"]["share"] > 90
    assert "saturated" not in said(CURVES, weights=flat(np.eye(2), [0, 0], [1, 1], [0]))
    assert "saturated" not in said(CURVES, activation="relu", weights=DEAD)


def test_inputs_that_are_not_standardised():
    far = points(CURVES.x * [1, 100], CURVES.y)
    assert said(far)["input"]["values"]["name"] == far.feature_names[1]
    assert "input" not in said(CURVES)


def test_overfitting():
    rising = [{"epoch": 5, "loss": 99.0, "testLoss": 0.5}, {"epoch": 9, "loss": 98.0, "testLoss": 0.7}]
    assert said(CURVES, before=rising, shown={"testLoss": 0.6})["overfit"]["action"]["seek"] == 5
    assert "overfit" not in said(CURVES, before=rising, shown={"testLoss": 0.54})
    assert "overfit" not in said(CURVES, before=rising, shown={"testLoss": 0.6, "loss": 100.0})
    assert "overfit" not in said(CURVES)


def test_a_network_without_a_bend_shows_its_one_map():
    shown = said(CURVES, (2,), "identity", weights=flat([[1, 2], [3, 4]], [5, 6], [1, -1], [0.5]))["collapse"]
    assert shown["values"]["map"] == "− 1.00·x1 − 1.00·x2 − 0.50"
    assert "collapse" in said(CURVES, ()) and "collapse" not in said(CURVES)


def test_the_line_in_the_last_space_is_counted():
    good = said(LINE, (), weights=[1, 1, 0])["separated"]
    assert good["tone"] == "good" and text(good).startswith("One straight line in the last space has 80 of 80")
    assert said(LINE, (), weights=[1, -1, 0])["right"]["values"]["right"] < 80
    many = said(ub.data.blobs(n=60), (2,))
    assert "right" in many and "line" not in text(many["right"])
    assert not {"right", "separated"} & said(ub.data.sine(n=20)).keys()


def test_straight_pieces_are_counted():
    two = flat(np.eye(2), [0, 0], [1, 1], [0])  # folds along both axes: four quadrants
    assert said(RING, activation="relu", weights=two)["pieces"]["values"] == {"folds": 2, "cells": 4}
    assert not {"pieces", "kinks"} & said(RING).keys()
    assert "pieces" not in said(RING, activation="identity") and "pieces" not in said(RING, activation="step")
    broken = said(ub.data.sine(n=40), (3,), "relu", weights=flat([1, 1, 1], [0, 0.5, 5], [1, 1, 1], [0]))
    assert broken["kinks"]["values"] == {"name": "relu", "folds": 2, "width": 3} and "pieces" not in broken


def test_regression_says_what_r2_means():
    plane = ub.data.plane(n=40, noise=0)
    assert said(plane, (), weights=[0.6, -0.4, 0])["r2"]["tone"] == "good"
    assert "no better" in text(said(plane, (), weights=[0, 0, 9])["r2"])
    assert "r2" not in said(CURVES)


def test_every_sentence_has_both_languages_and_all_its_values():
    cases = [
        said(CURVES, (), weights=[1, 1, 1]),
        said(RING),
        said(CURVES, activation="relu", weights=DEAD),
        said(CURVES, weights=np.zeros(9)),
    ]
    for sentences in cases:
        for one in sentences.values():
            assert text(one) and re.search("[一-鿿]", text(one, "zh"))


def test_thresholds_have_reasons():
    source = (PAGE / "lamp.js").read_text(encoding="utf-8")
    for name in ("FLAT", "SATURATED", "APART", "WORSE", "SETTLED", "FAR", "COMPARED"):
        assert re.search(rf"/\*\* [^\n]+ \*/\nconst {name} = ", source)


# ---------------------------------------------------------------------- the panel, in a browser
@pytest.fixture
def lamp(browser):
    """Opens the panel with a network on two curves; complaints of the browser fail the test."""
    page, complaints = browser.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def opened(activation, weights, **start):
        data = {
            "name": "curves",
            "task": "binary",
            "d": 2,
            "n": 80,
            "x": CURVES.x.ravel().tolist(),
            "y": CURVES.y.tolist(),
        }
        settings = {
            "features": ["x1", "x2"], "hidden": [2], "activations": [activation], "loss": "binary_cross_entropy",
            "learning_rate": 0.1,
        }  # fmt: skip
        open_panel(page, "lampPanel", data=data, settings=settings, parameters=list(map(float, weights)), **start)
        page.wait_for_selector("li")
        return page

    yield opened
    page.close()
    assert not complaints


def shown(page):
    return page.locator("li").evaluate_all("items => items.map(item => item.dataset.id)")


def test_the_panel_shows_the_most_important_first_and_does_what_it_offers(lamp):
    page = lamp("relu", DEAD)
    assert shown(page)[0] == "dead" and len(shown(page)) <= 4
    page.get_by_role("button", name="Show the unit").click()
    assert asked(page, "show") == [{"unit": {"layer": 0, "unit": 1}}]
    page.get_by_role("button", name="Use leaky_relu").click()
    assert asked(page, "change") == [{"activations": ["leaky_relu"]}]
    page.wait_for_function("!document.querySelector('[data-id=dead]')")


def test_the_panel_speaks_chinese_after_the_language_changes(lamp):
    page = lamp("identity", np.ones(9))
    page.evaluate("lab.language = 'zh'; lab.build()")
    page.wait_for_selector("li")
    assert "得分 = " in page.locator("[data-id=collapse]").inner_text()


def test_a_run_that_diverged_starts_anew_with_half_the_rate(lamp):
    page = lamp("tanh", np.ones(9), divergedAt=4)
    page.get_by_role("button", name="Halve the learning rate").click()
    assert page.evaluate("lab.asked.map(one => one[0])") == ["change", "reset"]


def test_while_it_plays_it_is_redrawn_about_once_a_second_and_read_out_only_when_sentences_change(lamp):
    page = lamp("relu", DEAD)
    page.evaluate("""() => { lab.playing = true; window.drawn = 0;
      new MutationObserver(() => window.drawn++).observe(document.querySelector('ul'), { childList: true });
      window.frames60 = setInterval(() => lab.emit('frame'), 16); }""")
    page.wait_for_function("window.drawn === 2")
    assert page.locator("ul").get_attribute("aria-live") == "off"
    page.evaluate("lab.begin(lab.frame.parameters.map(Math.abs)); window.drawn = 0")
    page.wait_for_function("window.drawn === 1")
    assert page.locator("ul").get_attribute("aria-live") == "polite"
    page.evaluate("clearInterval(window.frames60); lab.pause()")
    page.wait_for_function("window.drawn === 2")
    assert page.locator("ul").get_attribute("aria-live") == "polite"
