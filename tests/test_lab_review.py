"""Things that once went wrong on the page of the lab, each by itself: addresses, races, names, moved points."""

import json
from urllib.parse import quote

import pytest

from lab_browser import until
from lab_modules import run_module
from test_lab_code import CODE
from test_lab_page import open_lab, state, train_to  # noqa: F401 - the page and its fixture
from test_lab_recording_file import OWN

DECODED = """
import { decodeState, encodeState, DEFAULTS, checkSettings, ownIsSound } from './state.js';
"""
SETTINGS = "const of = data => ({ ...DEFAULTS.settings, data: { ...DEFAULTS.settings.data, ...data } });\n"


@pytest.mark.parametrize(
    "change",
    [
        {"y_mean": '0"); raise SystemExit("'}, {"y_scale": "2"}, {"y_scale": 0}, {"x_mean": 5}, {"x_mean": ["1", "2"]},
        {"x_scale": [1]}, {"x_scale": [1, -1]}, {"y_mean": {"a": 1}},
    ],
)  # fmt: skip
def test_scales_in_an_address_are_numbers_or_nothing(change):
    address = f"data=own&own={quote(json.dumps(OWN | change))}"
    state = run_module(DECODED + "console.log(JSON.stringify(decodeState(given)));", address)
    assert state["settings"]["data"]["name"] == "xor" and len(state["faults"]) == 1


def test_sound_scales_come_through_the_address_and_back():
    address = f"data=own&own={quote(json.dumps(OWN | {'y_mean': 1e13, 'y_scale': 2}))}"
    state = run_module(DECODED + "console.log(JSON.stringify(decodeState(given)));", address)
    assert state["faults"] == [] and state["settings"]["data"]["own"]["x_scale"] == OWN["x_scale"]
    assert state["settings"]["data"]["own"]["y_mean"] == 1e13


@pytest.mark.parametrize("data", [{"name": "iris", "n": 0, "noise": 0}, {"name": "own", "n": 3, "own": OWN}])
def test_what_the_page_writes_into_its_address_it_can_read(data):
    script = (
        DECODED
        + SETTINGS
        + "console.log(JSON.stringify(decodeState(encodeState({ ...DEFAULTS, settings: of(given) }))));"
    )
    state = run_module(script, data)
    assert state["faults"] == [] and state["settings"]["data"]["name"] == data["name"]


def test_columns_with_commas_and_long_names_stay_in_the_address():
    names = ["height, standing", "b" * 150, "c"]
    script = (
        DECODED + "const settings = { ...DEFAULTS.settings, features: given };"
        "console.log(JSON.stringify([checkSettings(settings), decodeState(encodeState({ ...DEFAULTS, settings }))]));"
    )
    faults, state = run_module(script, names)
    assert faults == [] and state["settings"]["features"] == names


def test_code_holds_no_text_in_the_place_of_a_number():
    own = OWN | {"task": "regression", "class_names": [], "y": [0.5, 1, 2, 3, 4], "y_mean": 3, "y_scale": 2}
    (code,) = run_module(CODE, [{"data": {"name": "own", "own": own, "test": 0}, "loss": "squared"}])
    assert "* 2 + 3" in code["torch"]


LANE = """
import { makeLab } from './run.js';
import { DEFAULTS } from './state.js';
globalThis.requestAnimationFrame = draw => setTimeout(draw, 0);
const host = { setState() {} };
const make = (settings = {}, view = {}) => {
  const faults = [], data = { ...DEFAULTS.settings.data, ...settings.data };
  const start = { ...DEFAULTS, language: 'en', faults, settings: { ...DEFAULTS.settings, ...settings, data } };
  const lab = makeLab(host, { ...start, view: { ...DEFAULTS.view, ...view } });
  lab.said = [];
  lab.say = text => lab.said.push(text);
  return { lab, faults };
};
const until = async test => { while (!test()) await new Promise(done => setTimeout(done, 5)); };
const rest = time => new Promise(done => setTimeout(done, time));
"""  # without a linked script there is no worker, so the page itself trains


def test_a_late_report_does_not_take_away_the_epoch_that_is_sought():
    script = """
const { lab } = make();
lab.play();
await until(() => lab.frame.epoch > 30);
lab.seek(10);
const sought = lab.frame.epoch;
await rest(100);
console.log(JSON.stringify([sought, lab.frame.epoch, lab.playing]));
lab.close();
"""
    assert run_module(LANE + script) == [10, 10, False]


def test_training_stops_when_the_run_begins_anew():
    script = """
const { lab } = make({ learning_rate: 0.01 }, { speed: 0 });
lab.play();
await until(() => lab.frame.epoch > 30);
lab.reset();
await rest(50);
let turns = 0;
const { setTimeout: later } = globalThis;
globalThis.setTimeout = (...given) => { turns += 1; return later(...given); };
await rest(200);
console.log(JSON.stringify([lab.frame.epoch, lab.frames.length, turns]));
lab.close();
"""
    assert run_module(LANE + script) == [0, 1, 1]  # the rest itself


def test_a_setting_that_cannot_be_followed_changes_nothing():
    script = """
const { lab } = make({ gain: 'exact' });
const before = [lab.settings, lab.network, lab.frame];
lab.change({ hidden: [3], activations: ['exp(x**2)'] });
const same = [lab.settings, lab.network, lab.frame].every((part, i) => part === before[i]);
const other = make({ gain: 'exact', activations: ['exp(x**2)'], hidden: [3] });
console.log(JSON.stringify([lab.said.length, same, other.faults.length, other.lab.settings.gain]));
"""
    assert run_module(LANE + script) == [1, True, 1, None]


def test_a_moved_point_takes_the_later_epochs_with_it_and_keeps_its_class_and_scales():
    script = """
const { lab } = make();
lab.step('epoch');
await until(() => lab.frame.epoch === 1);
lab.step('epoch');
await until(() => lab.frame.epoch === 2);
lab.seek(1);
lab.movePoint(0, 0.5, 0.25);
const epochs = lab.frames.map(frame => frame.epoch);
const own = { task: 'binary', x: [[1], [2], [3], [4]], y: [0, 1, 0, 1], feature_names: ['x'], class_names: ['a', 'b'],
  target_name: 'y', origin: 'here', x_mean: [7], x_scale: [2] };
lab.change({ data: { name: 'own', n: 4, noise: 0, seed: 0, test: 0, own }, features: [] });
lab.movePoint(0, 0.5, 0.25);
console.log(JSON.stringify([epochs, Array.from(lab.data.y), Array.from(lab.data.x), lab.settings.data.own.x_mean]));
lab.close();
"""
    assert run_module(LANE + script) == [[0, 1], [0, 1, 0, 1], [0.5, 2, 3, 4], [7]]


def test_columns_with_the_names_of_a_prototype_are_shown(open_lab):  # noqa: F811
    own = {
        "task": "binary", "x": [[i, -i, i % 3, 1 - i] for i in range(8)], "y": [0, 1] * 4, "target_name": "y",
        "class_names": ["valueOf", "__proto__"], "origin": "typed",
        "feature_names": ["constructor", "__proto__", "toString", "hasOwnProperty"],
    }  # fmt: skip
    page = open_lab(f"data=own&own={quote(json.dumps(own))}&test=0")
    assert page.get_by_role("alert").count() == 0
    assert page.get_by_role("button", name="Feature constructor").count() == 1
    page.evaluate("window.lab.change({features: ['constructor']})")  # one column of four: its curve stands over it
    shown = page.evaluate("window.lab.spaces().output.points")
    assert shown[::2] == [row[0] for row in own["x"]] and shown[1::2] == own["y"]


def test_a_point_is_dragged_in_the_input_space(open_lab):  # noqa: F811
    page = open_lab("data=xor&n=4&noise=0&hidden=3&act=tanh&test=0")
    canvas = page.locator("canvas.space").first
    box, places = canvas.bounding_box(), page.evaluate("window.lab.spaces().input")
    left, right, bottom, top = places["limits"]
    x = box["x"] + box["width"] * (places["points"][2] - left) / (right - left)
    y = box["y"] + box["height"] * (top - places["points"][3]) / (top - bottom)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y + 20, steps=6)
    page.mouse.up()
    moved = state(page)["settings"]["data"]["own"]["x"][1]
    assert moved == pytest.approx(
        [-20 * (right - left) / box["width"], 1 - 20 * (top - bottom) / box["height"]], abs=0.02
    )


def test_the_loss_is_said_for_the_epoch_under_the_pointer(open_lab):  # noqa: F811
    page = open_lab()
    train_to(page, 400)
    chart = page.locator(".output canvas.chart")
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    said = page.locator(".output p.quiet").inner_text()
    assert abs(int(said.split()[1].rstrip(":")) - 200) <= 10


def test_an_address_that_is_typed_shows_what_it_says_and_nothing_old_comes_back(open_lab):  # noqa: F811
    page = open_lab()
    page.evaluate("window.lab.show({grid: false}); location.hash = 'data=ring&hidden=3&act=relu'")
    until(page, "window.lab && window.lab.state().data === 'ring' && window.lab.state().ready")
    page.wait_for_timeout(700)  # longer than the state takes into the address
    assert "data=ring" in page.evaluate("location.hash") and state(page)["settings"]["hidden"] == [3]


def test_the_button_of_the_language_keeps_the_focus(open_lab):  # noqa: F811
    page = open_lab()
    page.get_by_role("button", name="中文").click()
    assert page.get_by_role("button", name="English").evaluate("button => button.matches(':focus')")
