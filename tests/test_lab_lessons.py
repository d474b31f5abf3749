"""The scenes of the lab: they are the lessons, they speak both languages, and what they say will happen does happen."""

import dataclasses
import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

import unbend as ub
from lab_modules import run_module
from lab_panels import asked, open_panel
from unbend.diagnosis import dead_units, gradient_norms
from unbend.geometry import bent_share, best_line_accuracy
from unbend.lessons import LESSONS
from unbend.network import forward, initialise
from unbend.recording.arguments import specification
from unbend.training.reference import reference_train

TELL = """
import { SCENES } from './scenes.js';
import { settingsOf } from './lessons.js';
const widths = settings => [settings.features.length, ...settings.hidden, 1];
const count = sizes => sizes.slice(1).reduce((sum, size, l) => sum + (sizes[l] + 1) * size, 0);
console.log(JSON.stringify(SCENES.map(scene => ({ name: scene.name, title: scene.title, steps: scene.steps.map(step => {
  const settings = settingsOf(scene, step), sizes = widths(settings);
  const weights = step.weights && Array.from(step.weights({ widths: sizes, parameterCount: count(sizes) }));
  return { ...step, settings, weights, checks: Boolean(step.done) };
}) }))));
"""
DONE = """
import { SCENES } from './scenes.js';
const find = ([name, at]) => SCENES.find(scene => scene.name === name).steps[at];
console.log(JSON.stringify(given.map(([where, lab]) => find(where).done(lab))));
"""
TRAIN = """
import { activation } from './activations.js';
import { initialise } from './initializers.js';
import { makeNetwork } from './net.js';
import { makeTrainer } from './trainer.js';
const { settings, widths, output, weights, epochs } = given;
const [x, y] = [given.x, given.y].map(list => Float64Array.from(list)), none = new Float64Array(0);
const data = { n: y.length, x, y, test: { n: 0, x: none, y: none } };
const network = makeNetwork(widths, settings.activations.map(activation), output);
const { init, gain, seed } = settings;
const parameters = weights ? Float64Array.from(weights) : initialise(network, init, gain, seed);
const trainer = makeTrainer(network, settings, data, x, none, { parameters });
const frames = [];
for (let epoch = 0; epoch <= epochs; epoch++) {
  if (epoch) trainer.runEpochs(1);
  frames.push({ ...trainer.measure(), weights: Array.from(trainer.parameters) });
}
console.log(JSON.stringify(frames));
"""
# after its epochs, and with what it has the user change: the accuracy (r2 for regression) of every step
OUTCOMES = {
    "line": [(1, 1), (0, 0.9), (0.99, 1)],
    "affine": [(0, 0.8525), (0, 0.8525), (1, 1)],
    "pieces": [(0.6, 0.99), (1, 1), (0.5, 1), (1, 1)],
    "depth": [(0.5, 0.65), (0.95, 1), (0.95, 1)],
    "regression": [(0, 0.9), (0.95, 1), (0.999, 1), (0.99, 0.999)],
    "perceptron": [(1, 1), (0, 0.75), (1, 1)],
    "squares": [(0.5, 0.65), (1, 1), (1, 1)],
    "xor": [(0, 0.75), (1, 1), (1, 1), (0, 0.75), (1, 1)],
    "curves": [(1, 1), (1, 1), (1, 1), (1, 1), (0.5, 0.5)],
    "gradients": [(0, 0.6), (1, 1), (0, 0.9), (0.99, 1)],
    "training": [(1, 1), (1, 1)],
    "sweep": [(0, 0.8525), (1, 1), (0.4, 0.6), (0.99, 1), (0.4, 0.6)],
    "ring": [(0.5, 0.95), (0.5, 0.95), (1, 1), (1, 1)],
}
RECIPE = ("hidden", "init", "gain", "loss", "optimizer", "learning_rate", "batch_size", "seed")
STEPS = [(name, at) for name, bounds in OUTCOMES.items() for at in range(len(bounds))]


@cache
def scenes():
    return {scene["name"]: scene for scene in run_module(TELL)}


def step_of(name, at):
    return scenes()[name]["steps"][at]


@dataclasses.dataclass(frozen=True)
class Run:
    """What became of the settings of a step in the page's own training, epoch by epoch."""

    data: object
    network: object
    recipe: object
    metric: np.ndarray
    loss: np.ndarray
    flat: np.ndarray

    def weights(self, epoch=-1):
        return self.network.unflatten(self.flat[epoch])

    @property
    def dead(self):
        return sum(int(units.sum()) for units in dead_units(self.network, self.weights(), self.data.x))


@cache
def trained(name, at, mended=True):
    step = step_of(name, at)
    settings = step["settings"] | (step.get("mend", {}) if mended else {})
    settings["activations"] = [settings["activations"][layer] for layer, _ in enumerate(settings["hidden"])]
    data, epochs = lifted(settings), step.get("run") or step.get("ran") or 1
    named = {key: settings[key] for key in RECIPE} | {"activation": settings["activations"] or "tanh", "epochs": epochs}
    network, recipe = specification(data, named)
    frames = run_module(TRAIN, {
        "settings": settings, "widths": network.widths, "output": network.output, "weights": step.get("weights"),
        "epochs": epochs, "x": data.x.ravel().tolist(), "y": data.y.tolist(),
    })  # fmt: skip
    return Run(
        data, network, recipe, *(np.array([frame[key] for frame in frames]) for key in ("metric", "loss", "weights"))
    )


def lifted(settings):
    """The data of a step, in the coordinates that it chooses."""
    asked = settings["data"]
    data = getattr(ub.data, asked["name"])(n=asked["n"], noise=asked["noise"], seed=asked["seed"])
    places = [(int(name.startswith("x2")), 2 if name.endswith("^2") else 1) for name in settings["features"]]
    x = np.stack([data.x[:, column] ** power for column, power in places], axis=1)
    return dataclasses.replace(data, x=x, feature_names=tuple(settings["features"]))


def test_the_scenes_are_the_lessons_in_their_order_with_their_titles():
    assert list(scenes()) == [one.name for one in LESSONS] == list(OUTCOMES)
    for one in LESSONS:
        assert scenes()[one.name]["title"] == {"en": one.title("en"), "zh": one.title("zh")}


@pytest.mark.parametrize("name", OUTCOMES)
def test_steps_are_few_short_and_in_both_languages(name):
    steps = scenes()[name]["steps"]
    assert len(steps) == len(OUTCOMES[name]) and 2 <= len(steps) <= 6
    for step in steps:
        assert 10 < len(step["text"]["en"]) < 160 and re.search("[一-鿿]", step["text"]["zh"])
        assert ("task" in step) == step["checks"]
        assert "mend" not in step or "task" in step


@pytest.mark.parametrize("name, at", STEPS)
def test_what_a_step_says_happens(name, at):
    low, high = OUTCOMES[name][at]
    last = 0 if name == "pieces" and at < 2 else -1  # placed by hand, and not yet trained
    assert low <= trained(name, at).metric[last] <= high


@pytest.mark.parametrize("name", OUTCOMES)
def test_tasks_are_fulfilled_by_what_the_steps_offer_and_not_before(name):
    states, expected = [], []
    for at, step in enumerate(scenes()[name]["steps"]):
        if "task" not in step or "ran" in step:  # those that look back have a slider or the timeline as their task
            continue
        for mended in {True, "mend" not in step}:
            last = -1 if step.get("run") else 0
            metric = float(trained(name, at, mended).metric[last])
            states.append([[name, at], {"frame": {"metric": metric}}])
            expected.append(mended)
    assert run_module(DONE, states) == expected


def test_the_slider_and_the_timeline_are_tasks_too():
    drags = [(name, at) for name, at in STEPS if "bend" in step_of(name, at).get("show", {})]
    assert {name for name, _ in drags} == {"affine", "xor", "curves", "ring"}
    for place in drags:
        settings = {"hidden": step_of(*place)["settings"]["hidden"]}
        depth = len(settings["hidden"])
        states = [[place, {"view": {"bend": bend}, "settings": settings}] for bend in (None, 0, depth - 0.1, depth)]
        assert run_module(DONE, states) == [False, False, False, True]
    frames = [{"epoch": 0}, {"epoch": 29}, {"epoch": 150}]
    states = [[["training", 1], {"frame": frame, "frames": frames}] for frame in frames]
    assert run_module(DONE, states) == [True, True, False]


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_step_that_looks_back_keeps_the_run_of_the_step_before(name):
    steps = scenes()[name]["steps"]
    for before, after in pairwise(steps):
        if after.get("ran"):
            done = before["settings"] | before.get("mend", {})
            assert after["settings"] == done


def test_the_page_accepts_the_settings_of_every_step():
    steps = [step for scene in scenes().values() for step in scene["steps"]]
    settings = [step["settings"] | mend for step in steps for mend in ({}, step.get("mend", {}))]
    check = """import { checkSettings } from './state.js';
        console.log(JSON.stringify(given.flatMap(one => checkSettings(one))));"""
    assert run_module(check, settings) == []


# ---------------------------------------------------------------------- what texts say beside the accuracy
def test_affine_never_beats_the_best_line_and_has_as_many_numbers_as_it_says():
    run = trained("affine", 0)
    assert run.metric.max() <= best_line_accuracy(run.data.x, run.data.y)
    assert str(run.network.parameter_count) in step_of("affine", 0)["text"]["en"]


def test_the_lines_of_step_units_do_not_move():
    run = trained("pieces", 2)
    assert all((now == then).all() for now, then in zip(run.weights()[0], run.weights(0)[0], strict=True))
    assert (run.weights()[1][0] != run.weights(0)[1][0]).any()


def test_regression_relu_loses_on_the_wave_and_wins_on_the_price_list():
    wave_relu, wave_tanh, tariff_relu, tariff_tanh = (trained("regression", at).loss[-1] for at in range(4))
    assert wave_tanh < 0.2 * wave_relu and tariff_tanh > 10 * tariff_relu


def test_relu_units_die_where_the_text_says_so():
    assert trained("curves", 4).dead == 2 and trained("curves", 3).dead == 0
    assert trained("gradients", 2).dead >= 24
    assert trained("sweep", 4).dead == 4 and trained("sweep", 3).dead == 0


def test_the_gradient_does_not_reach_the_first_of_six_sigmoid_layers():
    run = trained("gradients", 0)
    norms = gradient_norms(run.network, run.weights(0), run.data.x, run.data.y, run.recipe)
    assert norms[0] < 1e-3 * norms[-1]
    before, after = run.weights(0)[0][0], run.weights()[0][0]
    assert np.abs(after - before).max() < 0.01 * np.abs(before).max()


def test_training_is_first_almost_affine_and_then_bent():
    run = trained("training", 0)
    x = run.data.x
    early, late = (bent_share(x, forward(run.network, run.weights(epoch), x)[0].activation) for epoch in (30, 150))
    assert early < 0.1 and late > 0.3
    assert run.metric[30] <= best_line_accuracy(x, run.data.y)


def test_no_seed_at_all_makes_width_two_enclose_the_ring():
    run = trained("ring", 0)
    recipe, starts = dataclasses.replace(run.recipe, keep="last"), initialise(run.network, range(16))
    many = reference_train(run.data.x, run.data.y, run.network, recipe, starts, np.full(16, recipe.learning_rate))
    assert many.metric[-1].max() < 1


# ---------------------------------------------------------------------- the panel, in a browser
@pytest.fixture
def lessons(browser):
    """Opens the panel of lessons; complaints of the browser fail the test."""
    page, complaints = browser.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def opened(lesson=None):
        data = {"name": "xor", "task": "binary", "d": 2, "n": 4, "x": [0, 0, 0, 1, 1, 0, 1, 1], "y": [0, 1, 1, 0]}
        settings = {"features": ["x1", "x2"], "hidden": [4], "activations": ["relu"]}
        open_panel(page, "lessonPanel", data=data, settings=settings, options={"hide": [], "lesson": lesson})
        return page

    yield opened
    page.close()
    assert not complaints


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_a_newcomer_presses_buttons_only_and_gets_through_xor(lessons):
    page = lessons()
    press(page, "New here? Begin with four points")
    assert asked(page, "change")[0]["hidden"] == [] and page.evaluate("lab.options.lesson") == "xor"
    press(page, "Play 100 epochs")
    press(page, "Pause")
    press(page, "Next")
    assert page.locator(".task").inner_text() == "To do: 100 % right"
    page.evaluate("lab.asked.splice(0)")
    press(page, "Do it for me")
    assert page.evaluate("lab.asked.map(one => one[0])") == ["change", "play"]
    page.evaluate("lab.frame = { ...lab.frame, epoch: 150, metric: 1 }; lab.emit('frame')")
    assert page.locator(".task").inner_text() == "Done: 100 % right"
    press(page, "Next")
    assert page.evaluate("[lab.asked.filter(one => one[0] === 'change').length, lab.view.bend, lab.frame.epoch]") == [
        1,
        0,
        150,
    ]
    press(page, "Back")
    assert page.evaluate("lab.settings.hidden") == []


def test_every_lesson_is_in_the_menu_and_can_be_walked_through(lessons):
    page = lessons()
    menu = page.get_by_label("Choose a lesson").last
    for place, one in enumerate(LESSONS, start=1):
        menu.select_option(label=f"{place}. {one.title('en')}")
        assert page.locator("p.quiet").inner_text() == f"Step 1 of {len(OUTCOMES[one.name])}"
        for _ in OUTCOMES[one.name][1:]:
            press(page, "Next")
        press(page, "End")
        assert page.evaluate("lab.options.lesson") is None


def test_a_lesson_of_the_url_is_entered_once_and_a_change_of_language_keeps_its_run(lessons):
    page = lessons("ring.3")
    page.wait_for_function("lab.asked.some(one => one[0] === 'change')")
    assert page.locator("p.quiet").inner_text() == "Step 3 of 4"
    page.evaluate(
        "lab.settings = { ...lab.settings, hidden: [5] }; lab.asked.splice(0); lab.language = 'zh'; lab.build()"
    )
    page.wait_for_timeout(50)
    assert page.evaluate("lab.asked") == [] and "第 3 步，共 4 步" in page.locator("p.quiet").inner_text()


@pytest.mark.parametrize("lesson", ["nothing", "ring.99", "ring.-1", "ring.x", "<b>"])
def test_a_lesson_that_is_not_there_does_no_harm(lessons, lesson):
    page = lessons(lesson)
    assert page.get_by_label("Choose a lesson").last.input_value() == ("ring" if lesson.startswith("ring") else "")


def test_weights_that_are_placed_by_hand_are_placed(lessons):
    page = lessons("pieces.2")
    page.wait_for_function("lab.asked.some(one => one[0] === 'setParameters')")
    assert page.evaluate("lab.asked.find(one => one[0] === 'setParameters')[1].length") == 25
