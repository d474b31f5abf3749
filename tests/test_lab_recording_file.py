"""Recordings that the page writes and reads: the same numbers in Python and JavaScript, and nothing foreign gets in."""

import json
import struct
from base64 import b64decode, b64encode

import numpy as np
import pytest

import unbend as ub
from lab_modules import run_module
from test_recording_file import ARRAYS, BROKEN, altered, place

# what `lab` is for a writer: settings, data and frames that belong together
LAB = """
import { inputsOf, makeData } from './data.js';
import { initialise } from './initializers.js';
import { measures, forward } from './net.js';
import { fitting, networkOf } from './shape.js';
import { DEFAULTS } from './state.js';
import { readRecording, writeRecording } from './recording-file.js';
function labOf(given, frames = null) {
  const wanted = { ...given, data: { ...DEFAULTS.settings.data, ...given.data } };
  const data = makeData(wanted.data), settings = fitting({ ...DEFAULTS.settings, ...wanted }, data);
  const inputs = inputsOf(data, data.x, data.n, settings.features);
  const network = networkOf(settings, data);
  const test = inputsOf(data, data.test.x, data.test.n, settings.features);
  frames ??= [0, 1, 1, 7].map((epoch, i) => {
    const parameters = initialise(network, settings.init, settings.gain, i);
    return { epoch, step: i, parameters, ...measures(network, parameters, settings.loss, data, inputs, test) };
  });
  return { data, settings, inputs, network, frames, frame: frames[frames.length - 1] };
}
const scores = (lab, frame) => Array.from(forward(lab.network, frame.parameters, lab.inputs, lab.data.n).at(-1).pre);
const answer = (bytes, lab) => console.log(JSON.stringify({
  file: Buffer.from(bytes).toString('base64'), settings: lab.settings, inputs: Array.from(lab.inputs),
  losses: lab.frames.map(frame => frame.loss), metrics: lab.frames.map(frame => frame.metric),
  scores: lab.frames.map(frame => scores(lab, frame)),
  parameters: lab.frames.map(frame => Array.from(frame.parameters)),
}));
"""
WRITE = LAB + "const lab = labOf(given); answer(writeRecording(lab), lab);"
AGAIN = (
    LAB + "const { settings, frames } = readRecording(Buffer.from(given, 'base64'));"
    " const lab = labOf(settings, frames); answer(writeRecording(lab), lab);"
)
REFUSE = (
    LAB
    + "console.log(JSON.stringify(given.map(text => { try { readRecording(Buffer.from(text, 'base64')); return null; }"
    " catch (fault) { return [fault.message, fault.said.zh]; } })));"
)
OWN = {
    "task": "binary", "x": [[-1.0, 0.5], [0.25, 1.5], [1.0, -1.0], [0.3, 0.1], [2, 2]], "y": [0, 1, 1, 0, 1],
    "feature_names": ["length", "width"], "class_names": ["甲", "乙"], "target_name": "kind", "origin": "typed",
    "x_mean": [10, 20], "x_scale": [2, 3],
}  # fmt: skip


def load(answer, folder):
    (folder / "a.unbend").write_bytes(b64decode(answer["file"]))
    return ub.load(folder / "a.unbend")


def read(run, folder):
    """What the page makes of a recording of Python."""
    run.save(folder / "b.unbend")
    return run_module(AGAIN, b64encode((folder / "b.unbend").read_bytes()).decode())


@pytest.mark.parametrize(
    "settings",
    [
        {"data": {"name": "spiral"}, "features": ["x1", "x2", "x1^2", "sin(pi*x2)"], "activations": ["gelu"]},
        {"data": {"name": "blobs"}, "hidden": [3], "activations": ["max(x, s*x); s=0.5"], "gain": "exact"},
        {"data": {"name": "sine"}, "features": ["x"], "activations": ["leaky_relu(alpha=0.3)"], "loss": "huber"},
        {"data": {"name": "iris"}, "features": ["petal length (cm)", "petal width (cm)"], "optimizer": "adam"},
        {
            "data": {"name": "xor", "test": 0.5},
            "features": ["x2"],
            "l1": 0.01,
            "batch_size": None,
            "init": "he_uniform",
        },
        {"data": {"name": "own", "own": OWN, "test": 0}, "gain": 2, "hidden": []},
    ],
)
def test_python_loads_what_the_page_writes(settings, tmp_path):
    answer = run_module(WRITE, settings)
    run = load(answer, tmp_path)
    assert run.epochs.tolist() == [0, 1, 7]
    for place_, epoch in ((0, 0), (2, 1), (3, 7)):
        assert run.network.flatten(run.weights(epoch)).tolist() == answer["parameters"][place_]
        found = run.forward(epoch=epoch)[-1].pre_activation
        np.testing.assert_allclose(found.ravel(), answer["scores"][place_], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(run.history["loss"], [answer["losses"][i] for i in (0, 2, 3)])
    np.testing.assert_allclose(run.history[run.metric_name], [answer["metrics"][i] for i in (0, 2, 3)])
    assert run.score() == pytest.approx(answer["metrics"][3])
    assert np.isfinite(ub.warp(run).points).all()
    assert run.fork(epochs=1).epochs[-1] == 1


def test_predict_takes_the_units_of_the_table(tmp_path):
    answer = run_module(WRITE, {"data": {"name": "own", "own": OWN, "test": 0}})
    run = load(answer, tmp_path)
    assert (run.dataset.feature_names, run.dataset.class_names) == (("length", "width"), ("甲", "乙"))
    original = np.array(OWN["x"]) * OWN["x_scale"] + OWN["x_mean"]
    assert run.predict(original).tolist() == [int(score > 0) for score in answer["scores"][3]]


@pytest.mark.parametrize(
    ("data", "arguments", "name"),
    [
        (lambda: ub.data.curves(n=60), {"hidden": (3, 2), "activation": ["relu", "leaky_relu(alpha=0.2)"]}, "curves"),
        (lambda: ub.data.blobs(n=30, seed=5), {"activation": "max(x, s*x); s=0.5", "seed": 5}, "blobs"),
        (lambda: ub.data.sine(n=30, noise=0.3), {"loss": "huber", "activation": "x**3", "learning_rate": 0.5}, "own"),
        (lambda: ub.data.load("iris"), {"hidden": (40,), "optimizer": "adamw", "measure": "kept"}, "iris"),
        (lambda: ub.data.table((np.arange(8.0).reshape(4, 2) * 1e7, list("乙甲乙甲"))), {"hidden": ()}, "own"),
    ],
)
def test_a_recording_of_python_goes_through_the_page_unchanged(data, arguments, name, tmp_path):
    run = ub.train(data(), epochs=4, **arguments)
    answer = read(run, tmp_path)
    assert answer["settings"]["data"]["name"] == name and answer["settings"]["data"]["test"] == 0
    np.testing.assert_allclose(
        answer["losses"], run.history["loss"][run.epochs if len(run.history["loss"]) == 5 else slice(None)]
    )
    again = load(answer, tmp_path)
    np.testing.assert_allclose(again.dataset.x, run.dataset.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(again.weights_at, run.weights_at, rtol=0)
    assert again.epochs.tolist() == run.epochs.tolist()
    assert again.dataset.feature_names == run.dataset.feature_names
    assert [a.formula for a in again.network.activations] == [a.formula for a in run.network.activations]
    assert again.network.widths == run.network.widths and again.recipe.optimizer == run.recipe.optimizer
    original = run.dataset.x * (1 if run.dataset.x_scale is None else run.dataset.x_scale) + (
        0 if run.dataset.x_mean is None else run.dataset.x_mean
    )
    np.testing.assert_allclose(again.predict(original), run.predict(original), atol=1e-9)


def test_lifted_columns_stand_in_their_plane_again(tmp_path):
    names = ["x1", "x2", "x1*x2"]
    first = run_module(WRITE, {"data": {"name": "circles", "n": 40, "test": 0}, "features": names})
    second = run_module(AGAIN, first["file"])
    assert second["settings"]["data"] == {"name": "circles", "n": 40, "noise": 0.15, "seed": 0, "test": 0} or (
        second["settings"]["data"]["name"] == "own" and len(second["settings"]["data"]["own"]["x"][0]) == 2
    )
    assert second["settings"]["features"] == names and second["inputs"] == first["inputs"]


def test_columns_that_only_bear_the_names_are_columns(tmp_path):
    x = np.random.default_rng(0).normal(size=(20, 3))
    data = ub.data.Dataset(
        name="a", x=x, y=(x[:, 0] > 0) * 1.0, task="binary", feature_names=("x1", "x2", "x1*x2"), class_names=("a", "b")
    )
    answer = read(ub.train(data, epochs=2), tmp_path)
    assert len(answer["settings"]["data"]["own"]["x"][0]) == 3
    np.testing.assert_allclose(answer["inputs"], x.ravel())


RUN = ub.train(ub.data.curves(n=20), epochs=2)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.unbend"
    RUN.save(path)
    return path.read_bytes()


def refusals(files):
    return run_module(REFUSE, [b64encode(file).decode() for file in files])


def hostile(content):
    """Files that say of themselves more than there is."""
    (length,) = struct.unpack("<Q", content[:8])
    rows, rest = json.loads(content[8 : 8 + length]), content[8 + length :]

    def with_row(name, **row):
        text = json.dumps(rows | {name: rows.get(name, {}) | row}).encode()
        return struct.pack("<Q", len(text)) + text + rest

    start, end = rows["weights"]["data_offsets"]
    lengths = [struct.pack("<Q", 2**63) + content[8:], struct.pack("<Q", 2**40) + content[8:], struct.pack("<Q", 0)]
    places = [[start, 2**50], [-8, end], None]
    shapes = [[2**31, 2**31], "ab"]
    return [
        *lengths,
        content + b"\0",
        *(with_row("weights", data_offsets=offsets) for offsets in places),
        *(with_row("weights", shape=shape) for shape in shapes),
        with_row("weights", dtype="__proto__"),
        with_row("more", dtype="U8", shape=[8], data_offsets=[0, 8]),
    ]


def test_files_that_are_cut_off_foreign_or_hostile_are_refused(content):
    cut = [
        content[:length] for length in (0, 1, 7, 8, 9, len(content) - 1, *range(10, len(content), len(content) // 40))
    ]
    foreign = [b"PK\x03\x04 a zip", b"\x80\x04\x95 a pickle", b"x" * 5000, b"{}", b"\xff" * 64, "年".encode() * 40]
    said = refusals([*cut, *foreign, *hostile(content)])
    assert all(
        one and one[0].startswith("This file is cut off, damaged or not a recording of unbend") for one in said
    ), said
    assert all("文件不完整" in chinese for _, chinese in said)


def test_other_tensors_and_newer_formats(content):
    from safetensors.numpy import save

    others = [
        save({"x": np.ones(3)}, metadata)
        for metadata in (None, {"unbend": "null"}, {"unbend": "[]"}, {"unbend": '{"format": 1}'})
    ]
    said = refusals([*others, altered(content, place("version", 2))])
    assert all("not a recording of unbend" in one[0] for one in said[:4]) and "newer version" in said[4][0]


@pytest.mark.parametrize("name", [*BROKEN, *ARRAYS])
def test_parts_that_do_not_fit_are_refused(name, content):
    change, _ = BROKEN.get(name, (lambda header: None, None))
    tensors = ARRAYS[name][0] if name in ARRAYS else None
    (said,) = refusals([altered(content, change, tensors)])
    tolerated = {"unknown field", "recipe field", "diverged", "diverged text"}  # nothing that the page would use
    assert (said is None) == (name in tolerated)
    assert said is None or ("\n" not in said[0] and len(said[0]) < 500)


def test_damaged_bytes_load_or_are_refused_in_one_sentence(content):
    random = np.random.default_rng(1)
    files = []
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(random.integers(1, 4)):
            damaged[random.integers(len(content))] = random.integers(256)
        files.append(bytes(damaged))
    assert all(one is None or "\n" not in one[0] for one in refusals(files))


def test_more_points_than_the_page_shows_are_said_to_be_so(tmp_path):
    ub.train(ub.data.curves(n=5001), epochs=1).save(tmp_path / "a.unbend")
    (said,) = refusals([(tmp_path / "a.unbend").read_bytes()])
    assert (
        said[0].startswith("The recording has 5001 points in 2 columns; the page shows up to 5,000")
        and "5001" in said[1]
    )


def test_a_recording_that_is_too_large_to_be_seen_is_refused_in_a_sentence(tmp_path):
    ub.train(ub.data.xor(), hidden=(129,), epochs=1).save(tmp_path / "wide.unbend")
    answer = run_module(
        """
        import { readRecording } from './recording-file.js';
        let said = '';
        try { readRecording(Uint8Array.from(given)); } catch (fault) { said = fault.message; }
        console.log(JSON.stringify(said));
        """,
        list((tmp_path / "wide.unbend").read_bytes()),
    )
    assert answer.startswith("The page shows up to 10 hidden layers of 128 units; this recording has more")
