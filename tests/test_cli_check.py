"""``unbend check`` as CI calls it: exit status, what is printed in both languages, and every way to call it wrongly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from unbend.cli.rim import run

pytest.importorskip("torch", reason="the models are PyTorch's")

MODEL = '''\
import sys
import torch
from torch import nn
from shapes import WIDTH  # beside this file


def make_model():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 2))
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(WIDTH, 6).roll(1, 1) + 0.1)
    return model


def make_probe():
    return torch.randn(64, 6, generator=torch.Generator().manual_seed(1))


def make_dead():
    model = make_model()
    with torch.no_grad():
        model[0].bias[:8] = -100
    return model, make_probe()


def make_named():
    return {"model": make_model(), "probe": make_probe()}


def train(model, rate=0.05, steps=20):
    x = make_probe()
    y = (x[:, 0] > 0).long()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def kill(model):
    """Ends with the first layer dead."""
    train(model, steps=12)
    x, optimizer = make_probe(), torch.optim.SGD([model[0].bias], lr=1.0)
    for _ in range(10):
        optimizer.zero_grad()
        (1000 * model[0].bias.sum()).backward()
        optimizer.step()


def mend(model):
    with torch.no_grad():
        model[0].bias[:] = 0
    train(model)


def idle(model):
    return model


def fail(model):
    train(model, steps=2)
    return 1 / 0


def leave():
    sys.exit(7)


def nothing():
    pass


def three():
    return make_model(), make_probe(), 3


def odd():
    return {"net": make_model()}


def wide():
    return make_model(), torch.randn(8, 7)


def with_width(width):
    return make_model()
'''


def line(text):
    """The number of the line in the user's file."""
    return next(place for place, one in enumerate(MODEL.splitlines(), 1) if text in one)


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Call the command in a folder with ``model.py``: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "shapes.py").write_text("WIDTH = 8\n")
    (tmp_path / "model.py").write_text(MODEL)

    def call(*arguments):
        status = run(["check", *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


# ---------------------------------------------------------------------- as CI calls it
@pytest.mark.parametrize(
    ("lang", "passed", "failed", "where"),
    [
        ("en", "Passed: none of these holds: dead>0.2, alarm.", "Failed:", "dead>0.2: dead is 1 in '1'"),
        ("zh", "通过：以下条件均不成立：dead>0.2, alarm。", "未通过：", "dead>0.2：“1”的 dead 为 1"),
    ],
)
def test_the_exit_status_says_whether_a_model_is_healthy(check, tmp_path, lang, passed, failed, where):
    def called(target, *more):
        command = [sys.executable, "-c", "from unbend.cli import main; main()", "check", target, *more]
        environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    asked = ("--fail-on", "dead>0.2", "--fail-on", "alarm", "--lang", lang)
    status, said, complaint = called("model.py:make_model", *asked)
    assert (status, complaint) == (0, "") and said.endswith(f"\n{passed}\n")
    status, said, complaint = called("model.py:make_dead", *asked)
    assert (status, complaint) == (1, "") and f"\n{failed}\n" in said and f"✗ {where}\n" in said
    status, said, complaint = called("model.py:fail", *asked)
    assert status == 2 and said == "" and complaint.count("\n") == 1 and "Traceback" not in complaint


def test_a_model_can_be_given_in_every_way(check):
    for target in (
        "model.py:make_model",
        "model.py:make_named",
        "model:make_model",
        str(Path("model.py").resolve()) + ":make_model",
    ):
        status, said, complaint = check(target, "--fail-on", "dead>0.9")
        assert (status, complaint) == (0, ""), complaint
        assert "Passed: none of these holds: dead>0.9." in said and "No step of training was watched." in said


def test_before_and_after_training_are_both_looked_at(check):
    status, said, _ = check("model.py:make_model", "--train", "train", "--fail-on", "dead>0.9", "--fail-on", "update>1")
    assert status == 0 and "20 steps, 3 samples" in said
    status, said, _ = check("model.py:make_model", "--train", "kill")
    # 12 steps and 9: the first of another optimizer might still belong to a turn of two
    assert status == 1 and "after 21 steps, alarm: 1: 100% of the units are dead" in said and "before" not in said
    status, said, _ = check("model.py:make_dead", "--train", "model.py:mend", "--fail-on", "dead>90%")
    assert status == 1 and "before training, dead>90%: dead is 1 in '1'" in said and "✗ after" not in said


def test_the_first_batch_of_training_is_a_probe_too(check, tmp_path):
    (tmp_path / "model.py").write_text(
        MODEL.replace("def make_probe", "def inputs").replace("make_probe()", "inputs()")
    )
    status, _, complaint = check("model.py:make_model")
    assert (
        status == 2
        and "there is no probe to send through the model; return (model, probe) from 'make_model'" in complaint
    )
    status, said, complaint = check("model.py:make_model", "--train", "train", "--fail-on", "dead>0.9")
    assert (status, complaint) == (0, "") and "20 steps" in said


def test_report_and_numbers_are_written_whether_healthy_or_not(check, tmp_path):
    status, _, _ = check("model.py:make_dead", "--report", "health.html", "--json", "health.json")
    assert status == 1
    found = json.loads((tmp_path / "health.json").read_text("utf-8"))
    assert found["health"]["flags"][0]["kind"] == "dead" and len(found["samples"]) == 1
    assert "<html" in (tmp_path / "health.html").read_text("utf-8")


# ---------------------------------------------------------------------- the probe of a file
def test_probes_of_every_kind_of_file_give_the_same_numbers(check, tmp_path):
    rows = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)
    names = [f"f{place}" for place in range(6)]
    np.save("x.npy", rows)
    np.savez("x.npz", rows)
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(dict(zip(names, rows.T.astype(np.float64), strict=True))), "x.parquet")
    text = [",".join(names), *(",".join(repr(float(value)) for value in row) for row in rows)]
    Path("x.csv").write_text("\n".join(text))
    found = []
    for name in ("x.npy", "x.npz", "x.parquet", "x.csv"):
        status, _, complaint = check(
            "model.py:make_model", "--probe", name, "--json", "out.json", "--fail-on", "dead>0.9"
        )
        assert (status, complaint) == (0, "")
        found.append(json.loads(Path("out.json").read_text("utf-8"))["samples"])
    assert found[0] == found[1] == found[2] == found[3]


def test_of_a_long_file_evenly_spread_rows_are_taken(tmp_path):
    from unbend.cli.probe_file import read_probe

    np.save(tmp_path / "a.npy", np.arange(1024))
    kept = read_probe(tmp_path / "a.npy")
    assert len(kept) == 256 and set(np.diff(kept)) == {4, 5} and (kept[0], kept[-1]) == (0, 1023)


def test_several_arrays_are_several_inputs(tmp_path):
    from unbend.cli.probe_file import read_probe

    np.savez(tmp_path / "a.npz", np.ones((3, 2)), np.zeros((3, 4)))
    first, second = read_probe(tmp_path / "a.npz")
    assert (first.shape, second.shape) == ((3, 2), (3, 4))
    np.savez(tmp_path / "b.npz", x=np.ones((3, 2)), mask=np.zeros((3, 4)))
    assert {name: one.shape for name, one in read_probe(tmp_path / "b.npz").items()} == {"x": (3, 2), "mask": (3, 4)}


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("no.npy", lambda path: None, "no.npy: there is no such file; save the probe there with numpy.save"),
        ("no.csv", lambda path: None, "no.csv: there is no such file"),
        ("x.txt", lambda path: path.write_text("1"), "x.txt: no probe is read from a file of this kind"),
        ("x.npy", lambda path: path.write_bytes(b"\x93NUMPY"), "x.npy: the file cannot be read ("),
        ("x.npy", lambda path: path.write_bytes(b""), "x.npy: the file cannot be read ("),
        ("x.npz", lambda path: path.write_bytes(b"PK\x03\x04"), "x.npz: the file cannot be read ("),
        ("x.npy", lambda path: np.save(path, np.array([{}])), "x.npy: the file cannot be read ("),
        ("x.npy", lambda path: np.save(path, np.array(["a"])), "x.npy: array holds <U1 and no numbers"),
        ("x.npy", lambda path: np.save(path, np.zeros((0, 6))), "x.npy: array of shape (0, 6) has no rows"),
        ("x.npy", lambda path: np.save(path, np.array([[1.0], [np.nan]])), "NaN or Inf in 1 row, first at [1]"),
        ("x.npz", lambda at: np.savez(at, a=np.ones((3, 6)), b=np.ones((2, 6))), "rows (a (3, 6), b (2, 6))"),
        ("x.csv", lambda path: path.write_text("a,b\n1,Bern\n2,Basel\n"), "column 'b' holds text ('Bern' and 'Basel'"),
        ("x.csv", lambda path: path.write_text("a,b\n1,2\n,2\n"), "column 'a': 1 value is missing (NaN), in row 2"),
    ],
)  # fmt: skip
def test_a_bad_probe_file_is_status_3(check, name, make, sentence):
    make(Path(name))
    status, said, complaint = check("model.py:make_model", "--probe", name)
    assert status == 3 and not said and sentence in complaint and "Traceback" not in complaint


# ---------------------------------------------------------------------- wrong calls
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("modl.py:make_model",), "there is no file 'modl.py'; did you mean 'model.py'?"),
        (("model.py",), "'model.py' names no function; write its file and its name, such as model.py:make_model"),
        (("model.py:make_modl",), "there is no function 'make_modl' in 'model.py'; did you mean 'make_model'?"),
        (("model.py:WIDTH",), "'WIDTH' in 'model.py' is of type int and no function"),
        (("model.py:with_width",), "'with_width' in 'model.py' cannot be called without arguments (missing a required"),
        (("model.py:nothing",), "'nothing' in 'model.py' returned nothing; end it with: return model"),
        (("model.py:three",), "'three' in 'model.py' returned 3 values; return (model, probe)"),
        (("model.py:odd",), "'odd' in 'model.py' returned a dict with the keys net; 'model' is needed"),
        (("model.py:make_probe",), "a Tensor is no model that can be watched"),
        (("model.py:wide",), "Sequential does not take the probe of shape (8, 7)"),
        (("model.py:leave",), f"model.py, line {line('sys.exit')}: SystemExit: the program ends itself here"),
        (("nowhere.at.all:make",), "there is no module 'nowhere.at.all' here; give a file, such as model.py:make"),
        (("model.py:make_model", "--train", "trane"), "no function 'trane' in 'model.py'; did you mean 'train'?"),
        (("model.py:make_model", "--train", "idle"), "'idle' made no step that updates the model it was given"),
        (("model.py:make_model", "--train", "fail"), f"model.py, line {line('1 / 0')}: ZeroDivisionError: division"),
        (("model.py:make_model", "--fail-on", "dead"), "condition 'dead' has no limit; write 'dead>0.2', in quotes"),
        (("model.py:make_model", "--fail-on", "update>0.1"), "whether 'update>0.1' holds is not known"),
        (("model.py:make_model", "--report", "a.pdf"), "cannot save the report as 'a.pdf'"),
        (("model.py:make_model", "--json", "no/a.json"), "cannot write 'no/a.json': the folder 'no' does not exist"),
        ((), "Missing argument 'FILE.py:FUNCTION'"),
    ],
)  # fmt: skip
def test_wrong_calls_are_one_sentence_and_leave_nothing(check, tmp_path, arguments, sentence):
    status, said, complaint = check(*arguments)
    assert status == 2 and not said and sentence in complaint and complaint.count("\n") == 1, complaint
    assert {path.name for path in tmp_path.iterdir()} <= {"model.py", "shapes.py", "__pycache__"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import torch\n\ndef make(:\n    pass\n", "model.py, line 3: SyntaxError: invalid syntax"),
        ("x = 1\nimport not_there_at_all\n", "model.py, line 2: ModuleNotFoundError: No module named 'not_there"),
        ("import broken\n", "broken.py, line 2: KeyError: 'a'"),
        ("import unbend as ub\nub.activation('rulu')\n", "model.py, line 2: UnbendError: "),
        ("import json\ndef make():\n    return json.loads('{')\n", "model.py, line 3: JSONDecodeError: Expecting"),
    ],
)  # fmt: skip
def test_an_exception_is_told_by_the_line_of_the_users_file(check, tmp_path, text, sentence):
    (tmp_path / "model.py").write_text(text)
    (tmp_path / "broken.py").write_text("\n{}['a']\n")
    sys.modules.pop("broken", None)
    status, said, complaint = check("model.py:make")
    assert status == 2 and not said and sentence in complaint and complaint.count("\n") == 1, complaint
