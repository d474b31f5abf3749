"""A watch in TensorBoard, MLflow, Weights & Biases and JSON, read back as those tools read it."""

import json
import math
import os
import posixpath
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import unbend as ub
from unbend.errors import UnbendError
from unbend.watching.exports.export import histograms, scalars, tag
from unbend.watching.histogram import BINS, histogram

torch = pytest.importorskip("torch", reason="the exports are tested on PyTorch models")
from watched_models import made, train  # noqa: E402

STEPS = [0, 2, 4, 5]
LARGE = 2.0**99


@pytest.fixture(scope="module")
def watched():
    """A watch with samples at `STEPS`: the last one, and the first, saw no update."""
    model, x = made("mlp")
    watch = ub.watch(model, x, every=2)
    with watch:
        train(model, x, steps=5)
    assert watch.history.steps.tolist() == STEPS
    return watch


def expected(watch):
    """{name: [(step, value), …]} of everything that was measured, from the samples themselves."""
    found = {}
    for sample in watch.history.samples:
        numbers = {"unbend/gradient_ratio": sample.gradient_ratio}
        for layer in sample.layers:
            for what in ("dead", "saturated", "dormant", "constant", "mean", "spread", "gradient", "rank"):
                numbers[f"unbend/{layer.name}/{what}"] = getattr(layer, what)
        for weight in sample.weights:
            numbers |= {f"unbend/{weight.name}/{what}": getattr(weight, what) for what in ("norm", "update")}
        for name, value in numbers.items():
            if not math.isnan(value):
                found.setdefault(name, []).append((sample.step, value))
    return found


def assert_curves(found, watch):
    """The curves are those that were measured, and nothing is there that was not."""
    curves = expected(watch)
    assert [step for step, _ in curves["unbend/0.weight/update"]] == [2, 4]
    assert [step for step, _ in curves["unbend/2/dead"]] == STEPS
    for name, points in curves.items():
        assert [step for step, _ in found[name]] == [step for step, _ in points], name
        np.testing.assert_allclose([v for _, v in found[name]], [v for _, v in points], rtol=1e-6, err_msg=name)
    assert not any(math.isnan(value) for points in found.values() for _, value in points)
    assert not [name for name in found if name.endswith("/time_ratio")]  # of recurrent layers alone


def ratio_measured(watch):
    return histograms(watch.history.samples[-1])["unbend/2/outputs"]


# ---------------------------------------------------------------------- histograms
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 40), st.integers(1, 9)), elements=st.floats(-(2.0**99), 2.0**99, width=32)
    ),
)
def test_a_histogram_is_that_of_numpy(rows):
    found = histogram(rows)
    values = rows.astype(np.float64).ravel()
    assert (found.low, found.high, sum(found.counts)) == (values.min(), values.max(), len(values))
    edges = found.edges
    assert len(edges) == BINS + 1 and (np.diff(edges) > 0).all()
    assert edges[0] <= found.low and edges[-1] >= found.high
    reached = np.concatenate([[0], np.cumsum(found.counts)])
    slack = 1e-9 * max(abs(found.low), abs(found.high), 1e-300)
    for place, edge in enumerate(edges[:-1]):  # rounding may move what lies on an edge
        assert (values < edge - slack).sum() <= reached[place] <= (values < edge + slack).sum()


def test_a_histogram_of_many_values_counts_every_unit_of_evenly_spread_rows():
    rows = np.repeat(np.arange(1000.0)[:, None], 64, axis=1)
    found = histogram(rows)
    assert sum(found.counts) % 64 == 0 and 4096 <= sum(found.counts) < 2 * 4096
    assert max(found.counts) - min(found.counts) <= 64 and (found.low, found.high) == (0, 990)


def test_histograms_are_of_what_the_layer_does(watched):
    found = ratio_measured(watched)
    assert found.low == 0 and found.counts[0] > sum(found.counts) / 10  # a ReLU
    newest = watched.history.samples[-1].layers[0]
    assert newest.pre_activations.low < 0 < newest.pre_activations.high == pytest.approx(found.high)


# ---------------------------------------------------------------------- names
@given(st.text(min_size=1, max_size=30))
def test_every_tool_takes_the_names(part):
    name = tag(part, "dead")
    assert re.fullmatch(r"unbend(/[\w.-]+)*/dead", name) and posixpath.normpath(name) == name


def test_the_numbers_of_a_sample_are_named_by_layer_and_metric(watched):
    names = set(scalars(watched.history.samples[1]))
    assert {"unbend/2/dead", "unbend/5/spread", "unbend/0.weight/update", "unbend/gradient_ratio"} <= names
    assert tag("block/relu#2", "dead") == "unbend/block/relu.2/dead"


# ---------------------------------------------------------------------- TensorBoard
def test_tensorboard_reads_scalars_histograms_and_figures(watched, tmp_path):
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    pytest.importorskip("tensorboardX")
    own = tmp_path / "logs" / "own.txt"
    own.parent.mkdir()
    own.write_text("mine")
    for _ in range(2):  # the second one takes the place of the first
        watched.to("tensorboard", own.parent, lang="zh")
    assert sorted(path.suffix for path in own.parent.iterdir()) == [".txt", ".unbend"] and own.read_text() == "mine"
    events = accumulators.EventAccumulator(str(own.parent), {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    found = {name: [(event.step, event.value) for event in events.Scalars(name)] for name in tags["scalars"]}
    assert_curves(found, watched)
    histogram = events.Histograms("unbend/2/outputs")
    assert [event.step for event in histogram] == STEPS
    measured = ratio_measured(watched)
    last = histogram[-1].histogram_value
    assert (last.min, last.max, last.num) == (measured.low, measured.high, sum(measured.counts))
    assert sum(last.bucket) == last.num and last.bucket_limit[-1] == pytest.approx(measured.high)
    assert {"unbend/gradient", "unbend/update"} <= set(tags["images"])
    assert events.Images("unbend/gradient")[0].step == STEPS[-1] and events.Images("unbend/gradient")[0].width > 400
    words = events.Tensors("unbend/health/text_summary")[0].tensor_proto.string_val[0].decode()
    assert watched.summary("zh").splitlines()[0] in words


# ---------------------------------------------------------------------- MLflow
MLFLOW = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(sys.argv[1])
run = next(run for one in client.search_experiments() for run in client.search_runs([one.experiment_id]))
curves = {name: sorted((m.step, m.value) for m in client.get_metric_history(run.info.run_id, name))
          for name in run.data.metrics}
files = [one.path for one in client.list_artifacts(run.info.run_id, "unbend")]
place = client.download_artifacts(run.info.run_id, "unbend/watch.json")
print(json.dumps([run.data.params, run.data.tags, run.info.status, curves, files, json.load(open(place))]))
"""


def read_mlflow(uri, folder):
    done = subprocess.run(
        [sys.executable, "-c", MLFLOW, uri], capture_output=True, text=True, cwd=folder,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_mlflow_reads_a_run_in_its_own_folder(watched, tmp_path):
    for package in ("mlflow", "sqlalchemy", "alembic"):
        pytest.importorskip(package)
    watched.to("mlflow", tmp_path / "runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    said, _, status, curves, files, whole = read_mlflow(f"sqlite:///{tmp_path / 'runs' / 'mlflow.db'}", tmp_path)
    assert (status, said["model"], said["steps"], said["samples"]) == ("FINISHED", "Sequential", "5", "4")
    assert said["verdict"] == watched.summary().splitlines()[0]
    assert_curves(curves, watched)
    assert {"unbend/gradient.png", "unbend/health.txt", "unbend/watch.json"} <= set(files)
    assert [sample["step"] for sample in whole["samples"]] == STEPS
    with pytest.raises(UnbendError, match=r"'.*runs' is there already; choose another place"):
        watched.to("mlflow", tmp_path / "runs")


ACTIVE = """
import sys
sys.path.insert(0, {tests!r})
import unbend as ub
from watched_models import made, train
model, x = made("mlp")
watch = ub.watch(model, x, every=2)
with watch:
    train(model, x, steps=5)
"""


def run_script(text, folder, **environment):
    script = ACTIVE.format(tests=str(Path(__file__).parent)) + text
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, cwd=folder,
        env=os.environ | {"WANDB_MODE": "offline", "MLFLOW_DISABLE_TELEMETRY": "true"} | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_an_active_mlflow_run_is_used(watched, tmp_path):
    for package in ("mlflow", "sqlalchemy", "alembic"):
        pytest.importorskip(package)
    script = """
import mlflow
mlflow.set_tracking_uri("sqlite:///own.db")
with mlflow.start_run():
    mlflow.log_metric("loss", 0.5, step=3)
    watch.to("mlflow")
    assert mlflow.active_run() is not None
"""
    run_script(script, tmp_path)
    said, tags, status, curves, files, _ = read_mlflow(f"sqlite:///{tmp_path / 'own.db'}", tmp_path)
    assert said == {} and status == "FINISHED" and tags["unbend.verdict"] == watched.summary().splitlines()[0]
    assert curves.pop("loss") == [[3, 0.5]] and "unbend/watch.json" in files
    assert [step for step, _ in curves["unbend/2/dead"]] == STEPS
    assert [step for step, _ in curves["unbend/0.weight/update"]] == [2, 4]


# ---------------------------------------------------------------------- Weights & Biases
def records(path):
    """The records of an offline run: a log of blocks as in LevelDB, of the messages that wandb itself defines."""
    from wandb.proto import wandb_internal_pb2

    data, place, parts = path.read_bytes(), 7, b""
    assert data[:4] == b":W&B"
    while place + 7 <= len(data):
        room = 32768 - place % 32768
        if room < 7:
            place += room
            continue
        _, length, kind = struct.unpack("<IHB", data[place : place + 7])
        parts += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(parts)
            yield record
            parts = b""


def rows_of(folder):
    """The rows of the only offline run below a folder, its summary, and the metrics that have an axis of their own."""
    (path,) = folder.rglob("run-*.wandb")
    rows, summary, axes = [], {}, {}
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "history":
            rows.append(items(record.history.item))
        elif kind == "summary":
            summary |= items(record.summary.update)
        elif kind == "metric" and record.metric.step_metric:
            axes[record.metric.glob_name or record.metric.name] = record.metric.step_metric
    return rows, summary, axes


def items(pairs):
    """Values by their key; of a nested key, a dict."""
    found = {}
    for one in pairs:
        *outer, last = list(one.nested_key) or [one.key]
        place = found
        for key in outer:
            place = place.setdefault(key, {})
        place[last] = json.loads(one.value_json)
    return found


def curves_of(rows):
    found = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, int | float) and not name.startswith("_") and name != "unbend/step":
                found.setdefault(name, []).append((row["unbend/step"], value))
    return found


def test_wandb_keeps_an_offline_run_with_one_call_for_each_sample(watched, tmp_path):
    pytest.importorskip("wandb")
    said = run_script('watch.to("wandb", "runs")', tmp_path)
    assert said == ""
    rows, summary, axes = rows_of(tmp_path / "runs")
    assert [row["unbend/step"] for row in rows] == STEPS and axes["unbend/*"] == "unbend/step"
    found = curves_of(rows)
    assert set(expected(watched)) <= set(found)
    assert [step for step, _ in found["unbend/0.weight/update"]] == [2, 4]
    assert [value for _, value in found["unbend/2/spread"]] == pytest.approx(
        [value for _, value in expected(watched)["unbend/2/spread"]]
    )
    outputs, measured = rows[-1]["unbend/2/outputs"], ratio_measured(watched)
    assert outputs["_type"] == "histogram" and tuple(outputs["values"]) == measured.counts
    assert outputs["bins"] == pytest.approx(measured.edges.tolist())
    assert rows[-1]["unbend/gradient"]["_type"] == "image-file" and "unbend/gradient" not in rows[0]
    assert summary["unbend/verdict"] == watched.summary().splitlines()[0]


def test_an_active_wandb_run_is_used_and_left_open(tmp_path):
    pytest.importorskip("wandb")
    script = """
import wandb
with wandb.init(mode="offline", dir=".", settings=wandb.Settings(silent=True, console="off")) as run:
    for step in range(9):
        run.log({"loss": step})
    watch.to("wandb")
    run.log({"loss": 9.5})
"""
    run_script(script, tmp_path)
    rows, _, _ = rows_of(tmp_path)
    assert [row["loss"] for row in rows if "loss" in row] == [*range(9), 9.5]
    assert [row["unbend/step"] for row in rows if "unbend/step" in row] == STEPS


# ---------------------------------------------------------------------- JSON
def test_json_has_every_sample_and_says_none_of_what_was_not_measured(watched, tmp_path):
    watched.to("json", tmp_path / "watch.json")
    found = json.loads((tmp_path / "watch.json").read_text("utf-8"))
    assert found["schema"] == 1 and found["health"]["model"] == "Sequential"
    assert [sample["step"] for sample in found["samples"]] == STEPS
    updates = [sample["weights"][0]["update"] for sample in found["samples"]]
    assert updates[0] is None and updates[-1] is None and updates[1] == watched.history.samples[1].weights[0].update
    layer, measured = found["samples"][-1]["layers"][0], ratio_measured(watched)
    assert layer["outputs"] == {"low": measured.low, "high": measured.high, "counts": list(measured.counts)}


# ---------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("tool", "path", "sentence"),
    [
        ("tensorbord", "a", "there is no export to 'tensorbord'; did you mean 'tensorboard'"),
        ("tensorboard", None, r'needs a place; say where: w.to\("tensorboard", path\), and path is a log'),
        ("mlflow", None, r"an export to mlflow needs a place; .*, or start a run with mlflow.start_run\(\)"),
        ("wandb", None, r"an export to wandb needs a place; .*, or start a run with wandb.init\(\)"),
        ("json", "a.txt", "cannot save a watch as 'a.txt': it has the ending '.txt'; use one of .json"),
        ("json", "no/a.json", "the folder 'no' does not exist; make it first"),
        ("tensorboard", "taken", "cannot write 'taken'"),
        ("wandb", "taken", "cannot write 'taken'"),
        ("mlflow", "taken", "'taken' is there already"),
    ],
)  # fmt: skip
def test_refusals_are_one_sentence_and_leave_nothing(watched, tmp_path, monkeypatch, tool, path, sentence):
    if tool in ("wandb", "mlflow"):
        pytest.importorskip(tool)
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("mine")
    with pytest.raises(UnbendError, match=sentence):
        watched.to(tool, path)
    assert [one.name for one in tmp_path.iterdir()] == ["taken"] and Path("taken").read_text() == "mine"


@pytest.mark.parametrize(
    ("tool", "package"), [("tensorboard", "tensorboardX"), ("mlflow", "mlflow"), ("wandb", "wandb")]
)
def test_a_missing_package_is_named_with_its_mend(watched, tmp_path, monkeypatch, tool, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UnbendError, match=rf"needs {package}; install it with: pip install 'unbend\[{tool}\]'"):
        watched.to(tool, tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_nothing_is_exported_before_anything_was_measured(tmp_path):
    model, _ = made("mlp")
    with pytest.raises(UnbendError, match="nothing was measured yet, so there is nothing to export; train the model"):
        ub.watch(model).to("json", tmp_path / "a.json")


def test_another_language_is_refused(watched, tmp_path):
    with pytest.raises(UnbendError, match="there is no language 'de'"):
        watched.to("json", tmp_path / "a.json", lang="de")
