"""The one file of a recording: bit for bit there and back, whole or not at all, and read with suspicion."""

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from unbend.data.dataset import Dataset
from unbend.errors import DataError, UnbendError
from unbend.network import Network
from unbend.recording import Recording
from unbend.training import Recipe


def identical(one: Recording, other: Recording) -> None:
    """Fail unless two recordings hold the same bits."""
    arrays = [
        (one.dataset.x, other.dataset.x), (one.dataset.y, other.dataset.y), (one.epochs, other.epochs),
        (one.weights_at, other.weights_at), *((one.history[name], other.history[name]) for name in one.history),
    ]  # fmt: skip
    for a, b in arrays:
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    for a, b in ((one.dataset.x_mean, other.dataset.x_mean), (one.dataset.x_scale, other.dataset.x_scale)):
        assert (a is None) == (b is None) and (a is None or a.tobytes() == b.tobytes())
    for name in ("name", "task", "feature_names", "target_name", "class_names", "origin", "y_mean", "y_scale"):
        assert getattr(one.dataset, name) == getattr(other.dataset, name)
    for name in ("widths", "output", "initializer", "gain"):
        assert getattr(one.network, name) == getattr(other.network, name)
    for a, b in zip(one.network.activations, other.network.activations, strict=True):
        assert (a.name, a.formula, a.source, a.expression) == (b.name, b.formula, b.source, b.expression)
    assert (one.recipe, one.diverged_at, one.versions) == (other.recipe, other.diverged_at, other.versions)


def there_and_back(run: Recording, folder: Path) -> Recording:
    run.save(folder / "a.unbend")
    return ub.load(folder / "a.unbend")


@pytest.mark.parametrize(
    ("data", "arguments"),
    [
        (ub.data.curves(n=60), {"hidden": (3, 2), "activation": ["relu", "leaky_relu(alpha=0.2)"], "gain": "exact"}),
        (ub.data.blobs(n=30), {"activation": lambda x: x / (1 + abs(x)), "keep": [1, 3], "measure": "kept"}),
        (ub.data.sine(n=30), {"activation": "max(x, s*x); s=0.5", "loss": "huber", "gain": np.float32(2)}),
        (ub.data.sine(n=30), {"activation": "x**3", "learning_rate": 1e20}),
        (ub.data.table((np.arange(8.0).reshape(4, 2) * 1e7, list("乙甲乙甲"))), {"hidden": ()}),
    ],
)
def test_a_run_comes_back_bit_for_bit(data, arguments, tmp_path):
    run = ub.train(data, epochs=4, **arguments)
    again = there_and_back(run, tmp_path)
    identical(run, again)
    assert repr(again) == repr(run)
    assert run.fork(epochs=2).weights_at.tobytes() == again.fork(epochs=2).weights_at.tobytes()


FINITE = {64: st.floats(-1e300, 1e300, width=64), 32: st.floats(-(2.0**100), 2.0**100, width=32)}
BYTES = st.sampled_from([0.0, -0.0, 1.0, 255.0, 256.0])
NAMES = st.text(max_size=8)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    widths = (draw(st.integers(1, 3)), *draw(st.lists(st.integers(1, 3), max_size=2)), 1)
    task, link, loss = draw(
        st.sampled_from([("binary", "sigmoid", "binary_cross_entropy"), ("regression", "identity", "squared")])
    )
    spec = st.sampled_from(["relu", "elu(alpha=0.3)", "x*sigmoid(1.702*x)"])
    network = Network(widths, tuple(ub.activation(draw(spec)) for _ in widths[1:-1]), link, gain=draw(st.none()))
    rows, kept, bits = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.sampled_from([32, 64]))

    def array(shape, values=FINITE[64], kind=np.float64):
        size = int(np.prod(shape))
        return np.array(draw(st.lists(values, min_size=size, max_size=size)), kind).reshape(shape)

    data = Dataset(
        name=draw(NAMES), task=task, origin=draw(NAMES), class_names=("a", draw(NAMES)) if task == "binary" else (),
        x=array((rows, widths[0]), draw(st.sampled_from([FINITE[64], FINITE[32], BYTES]))),
        y=array((rows,), st.sampled_from([0.0, 1.0]) if task == "binary" else FINITE[64]),
        feature_names=tuple(draw(NAMES) for _ in range(widths[0])),
    )  # fmt: skip
    measured = st.floats(allow_nan=True, allow_infinity=True)
    name = "r2" if task == "regression" else "accuracy"
    return Recording(
        dataset=data,
        network=network,
        recipe=Recipe(loss=loss, epochs=9, seed=draw(st.integers(0, 2**32 - 1))),
        epochs=np.cumsum(array((kept,), st.integers(1, 3), np.int64)),
        weights_at=array((kept, network.parameter_count), FINITE[bits], np.dtype(f"f{bits // 8}")),
        history={"loss": array((kept,), measured), name: array((kept,), measured)},
        diverged_at=draw(st.none() | st.integers(0, 9)),
        versions={"numpy": draw(NAMES)},
    )


@settings(max_examples=60, deadline=None)
@given(recordings())
def test_any_recording_comes_back_bit_for_bit(tmp_path_factory, run):
    identical(run, there_and_back(run, tmp_path_factory.mktemp("runs")))


def test_the_run_of_the_article_is_small(tmp_path):
    run = ub.train(ub.data.curves(), epochs=150, seed=42)
    run.save(tmp_path / "curves.unbend")
    assert len(run.dataset) == 2000 and (tmp_path / "curves.unbend").stat().st_size <= 120_000


# ---------------------------------------------------------------------- whole or not at all
RUN = ub.train(ub.data.curves(n=20), epochs=2)


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    target = tmp_path / "a.unbend"
    target.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UnbendError, match=r"the disk is full while writing '.*a\.unbend'; free some space"):
        RUN.save(target)
    assert target.read_text() == "old" and [file.name for file in tmp_path.iterdir()] == ["a.unbend"]


def test_an_interrupt_while_saving_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        RUN.save(tmp_path / "a.unbend")
    assert list(tmp_path.iterdir()) == []


def test_saving_into_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(UnbendError, match="does not exist; make it first"):
        RUN.save(tmp_path / "nowhere" / "a.unbend")


# ---------------------------------------------------------------------- read with suspicion
@pytest.fixture(scope="module")
def content(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "a.unbend"
    RUN.save(path)
    return path.read_bytes()


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as refused:
        ub.load(path)
    assert str(refused.value).startswith(f"{path}: ") and "\n" not in str(refused.value)
    assert refused.value.exit_status == 3
    return str(refused.value)


def test_a_file_that_was_cut_off_anywhere_is_refused(content, tmp_path):
    path = tmp_path / "cut.unbend"
    for length in {0, 1, 7, 8, 9, len(content) - 1, *range(10, len(content), len(content) // 40)}:
        path.write_bytes(content[:length])
        assert "cut off, damaged or not a recording of unbend" in refusal(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_loads_or_is_refused_in_one_sentence(content, tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "a.unbend"
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        ub.load(path)
    except DataError as error:
        assert str(error).startswith(f"{path}: ") and "\n" not in str(error)


@pytest.mark.parametrize(
    "foreign", [b"PK\x03\x04 a zip", b"\x80\x04\x95 a pickle", b"x" * 5000, b"{}", b"\xff" * 64, "年".encode() * 40]
)
def test_a_foreign_file_is_refused(foreign, tmp_path):
    (tmp_path / "a").write_bytes(foreign)
    assert "cut off, damaged or not a recording of unbend" in refusal(tmp_path / "a")


def test_other_tensors_are_not_a_recording(tmp_path):
    from safetensors.numpy import save_file

    for number, metadata in enumerate((None, {"unbend": "null"}, {"unbend": "[]"}, {"unbend": '{"format": "other"}'})):
        save_file({"x": np.ones(3)}, tmp_path / f"{number}", metadata)
        assert "not a recording of unbend; load takes what run.save wrote" in refusal(tmp_path / f"{number}")


def test_a_missing_file_and_a_folder(tmp_path):
    assert refusal(tmp_path / "none").endswith("there is no such file")
    assert refusal(tmp_path).endswith("is a directory")


def test_a_file_that_may_not_be_read(content, tmp_path, monkeypatch):
    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_bytes(content)
    monkeypatch.setattr("safetensors.safe_open", deny)  # root may read everything
    assert "cannot be read (Permission denied)" in refusal(tmp_path / "a")


def altered(content: bytes, change, tensors=None) -> bytes:
    """The file with another header text, and with some arrays replaced."""
    from safetensors.numpy import load, save

    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["unbend"])
    changed = change(header)
    text = changed if isinstance(changed, str) else json.dumps(header)
    return save(load(content) | (tensors or {}), {"unbend": text})


def place(*keys):
    """A change that puts a value where the keys lead."""
    *path, last, value = keys

    def change(header):
        for key in path:
            header = header[key]
        header[last] = value

    return change


def test_a_newer_format_asks_for_an_upgrade(content, tmp_path):
    (tmp_path / "a").write_bytes(altered(content, place("version", 2)))
    assert "written in version 2 of the format, this unbend reads version 1; upgrade unbend" in refusal(tmp_path / "a")


BROKEN = {
    "version": (place("version", "1"), "there is no version '1' of the format"),
    "no network": (lambda header: header.pop("network") and None, "the recording is damaged (KeyError: 'network')"),
    "no object": (place("dataset", 3), "the recording is damaged (TypeError"),
    "deep": (lambda header: "[" * 100_000, "cut off, damaged or not a recording of unbend"),
    "NaN": (place("dataset", "y_mean", float("nan")), "NaN in the header"),
    "huge": (lambda header: '{"format": ' + "9" * 6000 + "}", "cut off, damaged or not a recording of unbend"),
    "formula": (place("network", "activations", 0, "formula", "__import__('os')"), "the recording is damaged: "),
    "widths": (place("network", "widths", [2, 10**9, 1]), "must be widths from 1 to 4096"),
    "other widths": (place("network", "widths", [2, 3, 1]), "the weights do not fit the rest"),
    "few widths": (place("network", "widths", [2]), "the recording is damaged"),
    "layers": (place("network", "activations", []), "the activations do not fit the rest"),
    "initializer": (place("network", "initializer", "he"), "there is no initializer 'he'"),
    "gain": (place("network", "gain", -1), "gain=-1 must be None"),
    "output": (place("network", "output", "softmax"), "the output do not fit the rest"),
    "task": (place("dataset", "task", "other"), "there is no task 'other'"),
    "other task": (place("dataset", "task", "regression"), "needs the output"),
    "names": (place("dataset", "feature_names", ["a"]), "the feature names do not fit the rest"),
    "classes": (place("dataset", "class_names", list("abc")), "the class names do not fit the rest"),
    "unknown field": (place("dataset", "more", 1), "the recording is damaged (TypeError"),
    "y_scale": (place("dataset", "y_scale", 0), "the target's scale do not fit the rest"),
    "recipe": (place("recipe", "epochs", 0), "epochs=0 must be a whole number from 1 to 4294967295"),
    "epochs": (place("recipe", "epochs", 1), "the epochs do not fit the rest"),
    "recipe field": (place("recipe", "more", 0), "the recording is damaged (TypeError"),
    "diverged": (place("diverged_at", 3), "the divergence do not fit the rest"),
    "diverged text": (place("diverged_at", "no"), "the divergence do not fit the rest"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_header_that_does_not_fit_is_refused(name, content, tmp_path):
    change, sentence = BROKEN[name]
    (tmp_path / "a").write_bytes(altered(content, change))
    assert sentence in refusal(tmp_path / "a")


ARRAYS = {
    "x nan": ({"x": np.full((20, 2), np.nan)}, "the points"),
    "x flat": ({"x": np.zeros(40)}, "the points"),
    "x empty": ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, "the points"),
    "y short": ({"y": np.zeros(3)}, "the targets"),
    "y class": ({"y": np.full(20, 2.0)}, "the classes"),
    "scale": ({"x_mean": np.zeros(2)}, "the scale"),
    "scale zero": ({"x_mean": np.zeros(2), "x_scale": np.zeros(2)}, "the scale"),
    "weights": ({"weights": np.zeros((3, 8), np.float32)}, "the weights"),
    "weights int": ({"weights": np.zeros((3, 9), np.int64)}, "the weights"),
    "weights nan": ({"weights": np.full((3, 9), np.nan)}, "the weights"),
    "epochs fall": ({"epochs": np.array([2, 1, 0])}, "the epochs"),
    "epochs float": ({"epochs": np.array([0.0, 1, 2])}, "the epochs"),
    "epochs none": ({"epochs": np.zeros(0, np.int64)}, "the epochs"),
    "history short": ({"history/loss": np.zeros(2)}, "the history"),
    "history float32": ({"history/loss": np.zeros(3, np.float32)}, "the history"),
    "history more": ({"history/more": np.zeros(3)}, "the history"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_do_not_fit_are_refused(name, content, tmp_path):
    tensors, what = ARRAYS[name]
    (tmp_path / "a").write_bytes(altered(content, lambda header: None, tensors))
    said = refusal(tmp_path / "a")
    assert what in said and "do not fit the rest" in said


def test_a_recording_from_before_l1_is_read_as_one_without(content, tmp_path):
    (tmp_path / "a").write_bytes(altered(content, lambda header: header["recipe"].pop("l1")))
    assert ub.load(tmp_path / "a").recipe.l1 == 0.0


def test_formulas_are_text_and_nothing_is_executed(content):
    assert b"tanh(x)" in content and not any(mark in content for mark in (b"__main__", b"builtins", b"lambda"))
