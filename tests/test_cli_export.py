"""``unbend export``: every format from a finished run, read back by the tools that it is for; refusals."""

import csv
import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from unbend.choosing.choose import choose, open_choice
from unbend.choosing.exports.csv import harmless
from unbend.choosing.exports.curves import curves
from unbend.choosing.exports.source import loaded
from unbend.choosing.plan import Protocol
from unbend.cli.rim import run
from unbend.data.tabular import tabular

ARMS = ["identity", "tanh", "-x/(1 + exp(-x))"]
QUICK = Protocol(epochs=12, learning_rates=(0.01, 0.1), extensions=0, seeds=2, folds=3, repeats=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished run with a hidden twin, and its table as a file."""
    place = tmp_path_factory.mktemp("export")
    rows = ["age,=cmd(),city,churn"]
    for number in range(90):
        age, income = number % 30, (number * 7) % 11
        rows.append(f"{age},{income / 2},{('Bern', 'Basel', 'Zug')[number % 3]},{'yes' if age > 12 + income else 'no'}")
    (place / "clients.csv").write_text("\n".join(rows), encoding="utf-8")
    choose(
        str(place / "clients.csv"), "churn", activations=ARMS, hidden=[(5,)], control=True, protocol=QUICK,
        out=place / "run",
    )  # fmt: skip
    return place / "run"


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """What a call in ``tmp_path`` prints, with its exit status."""

    def call(*arguments):
        status = run(["export", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    monkeypatch.chdir(tmp_path)
    return call


def rows_in(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------------- tables
def test_csv_has_every_network_and_a_summary(finished, said, tmp_path):
    status, printed, complaint = said(finished, "--csv", "tables")
    assert (status, printed.strip(), complaint) == (0, "tables", "")
    choice = open_choice(finished)
    networks = rows_in(tmp_path / "tables" / "networks.csv")
    assert len(networks) == 4 * 3 * 2 * 2
    chosen = [float(row["test_score"]) for row in networks if row["arm"] == "tanh" and row["chosen"] == "True"]
    assert np.mean(chosen) == pytest.approx(choice.study.scores.values[1].mean(), abs=1e-12)
    summary = rows_in(tmp_path / "tables" / "summary.csv")
    assert [row["arm"] for row in summary] == [harmless(row.activation) for row in choice.verdict.ranking]
    assert float(summary[0]["score"]) == choice.verdict.ranking[0].mean and summary[0]["best"] == "True"
    status, _, _ = said(finished, "--csv", "networks.csv")
    assert status == 0 and rows_in(tmp_path / "networks.csv") == networks


def test_no_cell_of_a_table_is_computed_by_a_spreadsheet(finished, said, tmp_path):
    said(finished, "--csv", "tables")
    for name in ("networks.csv", "summary.csv"):
        for row in rows_in(tmp_path / "tables" / name):
            for cell in row.values():
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or np.isfinite(float(cell))
    assert {row["formula"] for row in rows_in(tmp_path / "tables" / "summary.csv")} >= {"tanh(x)", "'-x/(1 + exp(-x))"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_active_text_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


# ---------------------------------------------------------------------- other tools
def test_mlflow_reads_a_run_for_every_arm(finished, said, tmp_path):
    if not find_spec("mlflow"):
        pytest.skip("mlflow is not installed")
    status, printed, complaint = said(finished, "--mlflow", "tracking")
    assert (status, printed.strip(), complaint) == (0, "tracking", "")
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true" and sorted(p.name for p in tmp_path.iterdir()) == [
        "tracking"
    ]
    script = """
import json
from mlflow import MlflowClient
client = MlflowClient("sqlite:///tracking/mlflow.db")
experiment = client.get_experiment_by_name("unbend: churn")
runs = client.search_runs([experiment.experiment_id])
curve = {run.info.run_name: [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss/validation")]
         for run in runs}
print(json.dumps([[r.info.run_name, r.info.status, r.data.tags.get("mlflow.parentRunId"), r.info.run_id, r.data.metrics,
                   r.data.params, curve[r.info.run_name]] for r in runs]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    found = {row[0]: row[1:] for row in json.loads(done.stdout.splitlines()[-1])}
    choice = open_choice(finished)
    assert set(found) == {"the study", *(arm.name for arm in choice.study.plan.arms)}
    parent = found["the study"]
    assert parent[0] == "FINISHED" and parent[4]["target"] == "churn" and parent[4]["best"] == choice.verdict.best
    assert parent[3]["nested"] == choice.nested
    _, link, _, metrics, parameters, curve = found["tanh"]
    row = next(row for row in choice.verdict.ranking if row.activation == "tanh")
    assert link == parent[2] and parameters["formula"] == "tanh(x)"
    assert (metrics["score"], metrics["score_low"], metrics["score_high"]) == (row.mean, row.low, row.high)
    values = curves(choice.study, 1)["loss/validation"].tolist()
    assert sorted(map(tuple, curve)) == list(zip(QUICK.checkpoints(), values, strict=True))


def test_tensorboard_reads_a_run_for_every_arm(finished, said, tmp_path):
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    pytest.importorskip("tensorboardX")
    status, printed, complaint = said(finished, "--tensorboard", "events")
    assert (status, printed.strip(), complaint) == (0, "events", "")
    choice, folders = open_choice(finished), sorted((tmp_path / "events").iterdir())
    assert [folder.name for folder in folders] == ["01-identity", "02-tanh", "03-x-1-exp-x", "04-identity-twin"]
    for number, folder in enumerate(folders):
        events = accumulators.EventAccumulator(str(folder))
        events.Reload()
        for name, values in curves(choice.study, number).items():
            read = [(event.step, event.value) for event in events.Scalars(name)]
            assert [step for step, _ in read] == list(QUICK.checkpoints())
            np.testing.assert_allclose([value for _, value in read], values, rtol=1e-6)
        assert "hparams" in events.summary_metadata["_hparams_/session_start_info"].plugin_data.plugin_name
    best = choice.study.scores.names.index(choice.verdict.best)
    events = accumulators.EventAccumulator(str(folders[best]))
    events.Reload()
    assert events.Scalars("result/score")[0].value == pytest.approx(choice.verdict.ranking[0].mean, rel=1e-6)


def test_the_best_network_leaves_as_code_and_as_a_graph(finished, said, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    status, printed, complaint = said(
        finished, "--numpy", "best.py", "--torch", "net.py", "--keras", "k.py", "--onnx", "best.onnx"
    )
    assert (status, complaint) == (0, "")
    assert (
        sorted(printed.split())
        == sorted(p.name for p in tmp_path.iterdir())
        == ["best.onnx", "best.py", "k.py", "net.py"]
    )
    table = tabular(finished.parent / "clients.csv", "churn")
    columns = dict(zip(table.number_names, table.numbers.T, strict=True))
    columns["city"] = np.array(table.categories[0], object)[table.levels[:, 0]]
    module = loaded((tmp_path / "best.py").read_text("utf-8"))
    chances = module.predict_proba(columns)
    truth = np.array(table.class_names)[table.y.astype(int)]
    assert (module.predict(columns) == truth).mean() > 0.8
    session = runtime.InferenceSession(tmp_path / "best.onnx")
    label, found = session.run(None, {name: values[:, None] for name, values in columns.items()})
    np.testing.assert_allclose(found, chances, atol=1e-5)
    assert label.tolist() == module.predict(columns).tolist()
    compile((tmp_path / "net.py").read_text("utf-8") + (tmp_path / "k.py").read_text("utf-8"), "both", "exec")


# ---------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("RUN",), "nothing to export was named; give at least one of --csv, --mlflow, --tensorboard, --onnx"),
        (("nowhere", "--csv", "a"), "'nowhere' holds no run: there is no plan.json in it"),
        (("RUN", "--numpy", "a.txt"), "cannot save the numpy export as 'a.txt': it has the ending '.txt'"),
        (("RUN", "--onnx", "no/a.onnx"), "the folder 'no' does not exist"),
        (("RUN", "--csv", "taken"), "'taken' is there already; choose another place, or remove it first"),
        (("RUN", "--mlflow", "taken"), "'taken' is there already"),
        (("RUN", "--tensorboard", "taken"), "'taken' is there already"),
        (("RUN", "--csv", "no/a.csv"), "the folder 'no' does not exist"),
        (("RUN", "--csv", "no/tables"), "does not exist; make it first"),
    ],
)  # fmt: skip
def test_refusals_are_one_sentence_and_leave_nothing(finished, said, tmp_path, arguments, sentence):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    status, printed, complaint = said(*[finished if word == "RUN" else word for word in arguments])
    assert status == 2 and not printed and sentence in complaint and complaint.count("\n") == 1
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == ["taken", "taken/mine.txt"]


def test_a_missing_run_is_asked_for(said):
    status, _, complaint = said()
    assert status == 2 and "Missing argument 'RUN'" in complaint


@pytest.mark.parametrize(
    ("option", "library"), [("--mlflow", "mlflow"), ("--tensorboard", "tensorboardX"), ("--onnx", "onnx")]
)
def test_a_missing_library_is_named_and_nothing_is_left(finished, said, tmp_path, monkeypatch, option, library):
    monkeypatch.setitem(sys.modules, library, None)
    status, _, complaint = said(finished, option, "a.onnx")
    assert status == 2 and f"needs {library}; install it with: pip install" in complaint
    assert not list(tmp_path.iterdir())


def test_a_kind_without_a_place_goes_into_the_run(finished, said):
    status, printed, _ = said(finished, "--csv", "--numpy")
    assert status == 0 and len(printed.splitlines()) == 2
    assert (finished / "export" / "csv" / "networks.csv").exists()
    assert (finished / "export" / "network_numpy.py").exists()


def test_no_file_that_is_there_is_written_over(finished, said, tmp_path):
    for option, name in (("--csv", "clients.csv"), ("--onnx", "own.onnx"), ("--numpy", "own.py")):
        own = tmp_path / name
        own.write_text("precious", encoding="utf-8")
        status, printed, error = said(finished, option, own)
        assert (status, printed) == (2, "") and f"'{own}' is there already; choose another place" in error
        assert own.read_text(encoding="utf-8") == "precious"
