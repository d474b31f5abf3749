"""The state of the page as an address: it comes back as it went, and nothing in it is believed."""

import json
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_modules import run_module

READ = """
import { DEFAULTS, checkSettings, decodeState, encodeState } from './state.js';
import { makeData } from './data.js';
import { fitting, networkOf } from './shape.js';
console.log(JSON.stringify(given.map(address => {
  const { faults, ...state } = decodeState(address), again = decodeState(encodeState(state));
  const data = makeData(state.settings.data), fitted = fitting(state.settings, data);
  return {
    state, address: encodeState(state), again: { ...again, faults: undefined }, faults: faults.map(one => one.en),
    chinese: faults.map(one => one.zh), left: checkSettings(fitted).map(one => one.en),
    widths: networkOf(fitted, data).widths, defaults: DEFAULTS,
  };
})));
"""
OWN = {
    "task": "binary", "x": [[0, 1], [1.25, 0], [2, -1]], "y": [0, 1, 1], "feature_names": ["a", "b, c"],
    "class_names": ["甲", "<b>&"], "target_name": "kind", "origin": "typed",
}  # fmt: skip


def read(*addresses):
    return run_module(READ, list(addresses))


def own(**changes):
    return f"own={quote(json.dumps(OWN | changes))}"


SAID = [
    ("data=spiral&n=300&noise=0.1", "settings.data.name", "spiral"),
    ("hidden=8,8&act=tanh,relu", "settings.hidden", [8, 8]),
    ("hidden=", "settings.hidden", []),
    ("hidden=64", "settings.hidden", [64]),
    ("act=clip(x;; -1;; 1),x**2%2B1", "settings.activations", ["clip(x, -1, 1)", "x**2+1"]),
    ("lr=0.03", "settings.learning_rate", 0.03),
    ("batch=none", "settings.batch_size", None),
    ("gain=exact", "settings.gain", "exact"),
    ("gain=1.5", "settings.gain", 1.5),
    ("opt=adam", "settings.optimizer", "adam"),
    ("l1=0.001", "settings.l1", 0.001),
    ("features=x1,x1*x2", "settings.features", ["x1", "x1*x2"]),
    ("hide=card,race", "options.hide", ["card", "race"]),
    ("lesson=xor", "options.lesson", "xor"),
    ("folds=1", "view.foldLines", True),
    ("stop=40", "view.stopEpoch", 40),
    ("lang=zh", "language", "zh"),
]
IMPOSSIBLE = [
    "data=__proto__", "data=constructor", "data=nowhere", "n=3", "n=5001", "n=2.5", "n=", "n=1e99", "noise=-1",
    "noise=NaN", "test=0.95", "dseed=-1", "dseed=4294967296", "hidden=0", "hidden=65", "hidden=2.5",
    f"hidden={','.join('1' * 11)}", "hidden=x", "act=__proto__", "act=constructor", "act=__import__('os')", "act=x.y",
    "act=", "init=constructor", "gain=-5", "gain=0", "gain=", "gain=Infinity", "loss=hinge", "opt=lion", "lr=0",
    "lr=Infinity", "lr=", "momentum=1", "decay=-1", "l1=NaN", "batch=0", "seed=-1", "shuffle=x",
    "theme=<script>", "speed=-1", "stop=0", "bend=99", "grid=yes", "lang=fr", "epoch=-1", f"lesson={'x' * 41}",
    f"features={'x' * 201}", "weights=1,x", "weights=Infinity", "__proto__=1", "constructor=1", "nothing",
    "own=null", "own=1", "own=[]", "own={", f"own={'[' * 20_000}",
]  # fmt: skip
BAD_OWN = {
    "x text": {"x": [["a", 1], [1, 0], [2, 1]]},
    "x ragged": {"x": [[0], [1, 0], [2, 1]]},
    "x flat short": {"x": [0, 1, 1, 0, 2]},
    "x null": {"x": [[None, 1], [1, 0], [2, 1]]},
    "x huge": {"x": [[1e300, 1], [1, 0], [2, 1]]},
    "y long": {"y": [0, 1, 1, 0]},
    "y class": {"y": [0, 1, 2]},
    "y half": {"y": [0, 0.5, 1]},
    "y text": {"y": "011"},
    "task": {"task": "other"},
    "names": {"feature_names": ["a"]},
    "names alike": {"feature_names": ["a", "a"]},
    "names no text": {"feature_names": [1, {}]},
    "classes": {"class_names": ["a"]},
    "target": {"target_name": {}},
    "mean alone": {"x_mean": [0, 0]},
    "mean text": {"x_mean": "zz", "x_scale": [1, 1]},
    "mean short": {"x_mean": [0], "x_scale": [1]},
    "scale zero": {"x_mean": [0, 0], "x_scale": [0, 1]},
    "y_scale zero": {"y_scale": 0},
    "y_mean text": {"y_mean": "a"},
}


def bad_own(name):
    return f"data=own&{own(**BAD_OWN[name])}"


@pytest.fixture(scope="module")
def answers():
    """What the page makes of every address below, read at once."""
    addresses = [*(address for address, _, _ in SAID), *IMPOSSIBLE, *map(bad_own, BAD_OWN)]
    return dict(zip(addresses, read(*addresses), strict=True))


def test_the_defaults_are_an_empty_address():
    (answer,) = read("")
    assert answer["address"] == "" and answer["faults"] == [] and answer["left"] == []
    assert {name: answer["state"][name] for name in ("settings", "view", "options")} == answer["defaults"]


@pytest.mark.parametrize(("address", "path", "value"), SAID)
def test_what_an_address_says_is_taken_and_said_again(answers, address, path, value):
    answer = answers[address]
    found = answer["state"]
    for name in path.split("."):
        found = found[name]
    assert found == value and answer["faults"] == [] and answer["left"] == []
    assert answer["again"] == answer["state"]


@pytest.mark.parametrize("address", IMPOSSIBLE)
def test_what_is_impossible_is_named_and_the_default_stays(answers, address):
    answer = answers[address]
    if address != "act=":  # no activation: the last one is that of every layer
        assert len(answer["faults"]) == len(answer["chinese"]) == 1 and "\n" not in answer["faults"][0]
        assert len(answer["faults"][0]) < 300 and answer["faults"] != answer["chinese"]
    assert answer["left"] == []
    usual = answer["defaults"]["settings"] | ({"activations": []} if address == "act=" else {})
    assert answer["state"]["settings"] == usual and answer["state"]["parameters"] is None


@pytest.mark.parametrize("name", BAD_OWN)
def test_points_that_do_not_fit_are_refused(answers, name):
    answer = answers[bad_own(name)]
    assert answer["faults"] == ["The points in the address cannot be read; copy the link once more."]
    assert answer["state"]["settings"]["data"]["name"] == "xor" and "own" not in answer["state"]["settings"]["data"]


def test_own_points_come_back():
    scales = {"x_mean": [1, 2], "x_scale": [3, 4], "y_mean": 0, "y_scale": 1}
    plain, scaled = read(own(), own(**scales, feature_names=["\ud800", "x" * 200]))
    assert plain["state"]["settings"]["data"]["own"] == OWN and plain["again"] == plain["state"]
    assert scaled["state"]["settings"]["data"]["own"] | scales == scaled["state"]["settings"]["data"]["own"]
    assert scaled["faults"] == [] and scaled["again"]["settings"]["data"]["own"]["x"] == OWN["x"]


def test_names_with_commas_are_features_again():
    names = ["a", "b, c", "d" * 150]
    data = own(x=[[0, 1, 2], [1, 0, 1], [2, 1, 0]], feature_names=names)
    (first,) = read(f"{data}&features={quote(';;'.join(['b', ' c']))},{'d' * 150}")
    assert first["state"]["settings"]["features"] == names[1:] and first["widths"][0] == 2
    assert first["again"] == first["state"]


def test_two_thousand_points_fit_into_an_address():
    x = np.random.default_rng(0).normal(size=(2000, 2))
    (answer,) = read(own(x=x.tolist(), y=(x[:, 0] > 0).astype(int).tolist()))
    assert len(answer["address"]) < 50_000 and answer["faults"] == []
    np.testing.assert_allclose(answer["again"]["settings"]["data"]["own"]["x"], x, rtol=1e-5)


def test_weights_come_with_their_epoch():
    (answer,) = read("hidden=1&weights=1,-2.5,0,1e-7,3&epoch=12")
    assert list(answer["state"]["parameters"].values()) == [1, -2.5, 0, 1e-7, 3] and answer["state"]["epoch"] == 12
    assert answer["address"].endswith("weights=1,-2.5,0,1e-7,3") and "epoch=12" in answer["address"]


KEYS = st.sampled_from(
    [
        "data", "n", "noise", "dseed", "test", "features", "hidden", "act", "init", "gain", "loss", "opt", "lr",
        "momentum", "decay", "l1", "batch", "seed", "shuffle", "showtest", "hard", "folds", "grid", "theme", "speed",
        "stop", "stoploss", "bend", "epoch", "hide", "lesson", "lang", "own", "weights", "__proto__",
    ]
)  # fmt: skip
VALUES = st.text(max_size=20) | st.floats().map(str) | st.integers().map(str) | st.just("x" * 500) | st.just("[" * 99)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(st.tuples(KEYS, VALUES), max_size=8), min_size=30, max_size=40))
def test_no_address_stops_the_page(addresses):
    texts = ["&".join(f"{key}={quote(value, errors='replace')}" for key, value in parts) for parts in addresses]
    for answer in read(*texts):
        again, state = ({**one, "parameters": None} for one in (answer["again"], answer["state"]))  # these are rounded
        assert answer["left"] == [] and again == state
        assert all(len(fault) < 300 for fault in answer["faults"])


CHECK = "import { DEFAULTS, checkSettings } from './state.js';\n" + (
    "const meant = changes => changes && { ...DEFAULTS.settings, ...changes };"
    "console.log(JSON.stringify(given.map(([after, before]) =>"
    " checkSettings(meant(after), meant(before)).map(one => one.en))));"
)


def test_of_a_wide_recording_only_what_changes_is_looked_at():
    wide = {"hidden": [400]}
    every, same, other, bad = run_module(
        CHECK,
        [
            [wide | {"learning_rate": 0.5}],
            [wide | {"learning_rate": 0.5}, wide],
            [{"hidden": [401]}, wide],
            [wide | {"l1": -1}, wide],
        ],
    )
    assert len(every) == 1 and every[0].startswith("hidden=400 is not possible") and same == []
    assert len(other) == 1 and other[0].startswith("hidden=401 is not possible")
    assert bad == ["l1=-1 is not possible; choose a number from 0 to 100."]
