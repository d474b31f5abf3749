"""``unbend see`` as a user meets it: a process, what it prints, what it leaves on the disk, and its exit status."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image

import unbend as ub
from unbend.cli.rim import run
from unbend.drawing.words import percent

COMMAND = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a test runner may ignore it
    "from unbend.cli import main; main()",
]
QUICK = ("--film", "none", "--seeds", "4", "--epochs", "3")


def surroundings(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return {**kept, "COLUMNS": "160", "PYTHONUTF8": "1", **more}


def unbend(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=surroundings(**more), capture_output=True, encoding="utf-8", timeout=120
    )


def seen(folder: Path, *arguments: str, **more: str) -> str:
    """What a call that goes well prints."""
    done = unbend(folder, "see", *arguments, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def inside(tmp_path, monkeypatch, capsys):
    """As `seen`, in ``tmp_path`` and without a process of its own, which is quicker."""

    def call(*arguments: str) -> str:
        assert run(["see", *arguments]) == 0
        return capsys.readouterr().out

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return call


def rows(printed: str) -> list[list[str]]:
    """The cells of the table's rows, the heading not among them."""
    lines = [line.strip("│").split("│") for line in printed.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line] for line in lines]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write_table(path: Path, names: list[str], columns: list[Any], start: bytes = b"") -> None:
    lines = [",".join(names), *(",".join(map(str, row)) for row in zip(*columns, strict=True))]
    path.write_bytes(start + ("\n".join(lines) + "\n").encode())


# ---------------------------------------------------------------------- what is printed and what is written
def test_the_table_agrees_with_the_files_and_with_training_the_networks_again(tmp_path):
    names = ["tanh", "relu"]
    printed = seen(tmp_path, "blobs", "--activation", "tanh,relu", "--epochs", "6", "--seeds", "24", "--film", "none")
    stems = ["blobs-relu.unbend", "blobs-tanh.unbend", "blobs.png", "blobs.svg"]
    assert files(tmp_path) == [f"unbend-out{os.sep}blobs{os.sep}{name}" for name in stems]
    assert sorted(line for line in printed.splitlines() if line.startswith("unbend-out")) == files(tmp_path)

    many = ub.train_many(ub.data.blobs(), activation=names, seed=range(42, 66), epochs=6).table()
    accuracy = np.array(many["accuracy"]).reshape(2, 24)
    for row, name, own in zip(rows(printed), names, accuracy, strict=True):
        run = ub.load(tmp_path / "unbend-out" / "blobs" / f"blobs-{name}.unbend")
        assert (run.recipe.seed, run.network.activations[0].name, len(run.dataset)) == (42, name, 900)
        assert run.score() == pytest.approx(own[0], abs=1e-12)
        reached, stuck = int((own >= 0.99).sum()), int((own <= 1 / 3 + 0.02 * 2 / 3).sum())
        short = 24 - reached - stuck
        failed = [f"{stuck} no better than guessing"] * bool(stuck) + [f"{short} fell short"] * bool(short)
        share = f"{reached}/24 ({percent(reached / 24)})"
        assert row == [name, percent(own[0]), share, percent(float(np.median(own))), ", ".join(failed) or "–"]
    assert "measured on the training rows" in printed and "one constant answer scores 33.3%" in printed
    assert "accuracy, seed 42" in printed


def test_the_pictures_open_and_the_table_fits_a_narrow_terminal(tmp_path):
    narrow = seen(tmp_path, "xor", *QUICK, "--out", "here", COLUMNS="60")
    assert all(len(line) <= 60 for line in narrow.splitlines() if line.startswith(("│", "┏", "xor")))
    assert ElementTree.parse(tmp_path / "here" / "xor.svg").getroot().tag.endswith("svg")
    with Image.open(tmp_path / "here" / "xor.png") as picture:
        assert picture.size == (1280, 720) and len(picture.convert("RGB").getcolors(2**20)) > 20


def test_the_film_has_a_picture_for_each_epoch(tmp_path):
    seen(tmp_path, "xor", "--activation", "tanh", "--seeds", "2", "--epochs", "5", "--out", ".")
    with av.open(str(tmp_path / "xor.mp4")) as film:
        stream = film.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert {picture.shape for picture in pictures} == {(720, 1280, 3)}
    assert len(pictures) == 6 + 2  # epochs 0 to 5 at one a second, and the last stays
    assert np.abs(pictures[0].astype(int) - pictures[-1]).max() > 100


def test_chinese_words_and_a_gif_where_the_locale_is_chinese(tmp_path):
    wanted = ("--activation", "tanh,relu", "--seeds", "2", "--epochs", "3", "--film", "gif", "--out", ".")
    printed = seen(tmp_path, "xor", *wanted, LC_ALL="zh_CN.UTF-8")
    for words in ("激活函数", "准确率（种子 42）", "达到 99% 的种子", "失败情况", "训练数据", "没有网络达到 99%"):
        assert words in printed
    assert "accuracy" not in printed and "guessing" not in printed
    with Image.open(tmp_path / "xor.gif") as picture:
        assert (picture.n_frames, picture.size) == (4, (960, 540))


def test_a_regression_is_measured_by_r2(tmp_path, inside):
    printed = inside("plane", *QUICK, "--activation", "tanh", "--epochs", "40", "--out", ".")
    run = ub.load(tmp_path / "plane-tanh.unbend")
    assert "R², seed 42" in printed and "seeds that reach R² 0.9" in printed and "accuracy" not in printed
    assert rows(printed)[0][1] == f"{run.score():.3f}"


def test_a_table_of_the_user_with_chinese_names_and_a_byte_order_mark(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    answers = ["是" if value else "否" for value in x[:, 0] > 0]
    write_table(tmp_path / "客户 表.csv", ["年龄", "收入", "流失"], [*x.T, answers], b"\xef\xbb\xbf")
    printed = seen(tmp_path, "客户 表.csv", "--target", "流失", *QUICK, "--activation", "relu", "--out", ".")
    run = ub.load(tmp_path / "客户-表-relu.unbend")
    assert run.dataset.feature_names == ("年龄", "收入") and run.dataset.class_names == ("否", "是")
    assert "客户 表 (rows: 60, features: 2)" in printed


def test_a_class_that_is_nearly_all_is_not_a_success(tmp_path, inside):
    y = np.zeros(400, int)
    y[[3, 200]] = 1
    write_table(tmp_path / "rare.csv", ["a", "b", "y"], [*np.random.default_rng(1).normal(size=(2, 400)), y])
    printed = inside("rare.csv", "--target", "y", *QUICK, "--activation", "tanh", "--epochs", "20")
    assert "one constant answer scores 99.5%" in " ".join(printed.split()) and "seeds that reach 99.75%" in printed
    assert rows(printed) == [["tanh", "99.5%", "0/4 (0%)", "99.5%", "4 no better than guessing"]]


def test_formulas_whose_names_look_alike_keep_their_own_recordings(tmp_path, inside):
    inside("xor", *QUICK, "--activation", "x+0.5*sin(x),x-0.5*sin(x),max(x, a*x); a=0.1", "--out", ".")
    runs = [ub.load(path) for path in tmp_path.glob("*.unbend")]
    assert len({run.network.activations[0].formula for run in runs}) == 3


def test_divergence_is_said(tmp_path, inside):
    printed = inside("plane", *QUICK, "--activation", "relu,tanh", "--learning-rate", "1e9", "--out", ".")
    assert [row[1:] for row in rows(printed)] == [["diverged in epoch 1", "0/4 (0%)", "–", "4 diverged"]] * 2
    assert "Every network diverged: try a smaller --learning-rate" in printed
    assert ub.load(tmp_path / "plane-relu.unbend").diverged_at == 1


def test_without_a_hidden_layer_one_linear_network_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["see", "curves", *QUICK, "--hidden", "0", "--out", ".", "--lang", "en"]) == 0
    printed, said = capsys.readouterr()
    assert said == "Without a hidden layer there is no activation to compare: one linear network is shown.\n"
    assert ub.load(tmp_path / "curves-identity.unbend").network.widths == (2, 1)
    assert len(rows(printed)) == 1 and rows(printed)[0][0] == "identity"


def test_a_terminal_that_knows_no_chinese_shows_what_it_can(tmp_path):
    wanted = (*QUICK, "--activation", "tanh", "--lang", "zh", "--out", ".")
    done = unbend(tmp_path, "see", "xor", *wanted, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "") and "tanh" in done.stdout
    assert files(tmp_path) == ["xor-tanh.unbend", "xor.png", "xor.svg"]


# ---------------------------------------------------------------------- refusals
REFUSED = {
    "unknown toy": (2, ["curvs"], "there is no data set 'curvs'; did you mean 'curves'?"),
    "no data": (2, [], "Missing argument 'DATA'. Try 'unbend see --help'."),
    "unknown option": (2, ["xor", "--fil", "none"], "No such option '--fil'."),
    "unknown activation": (2, ["xor", "--activation", "rulu"], "there is no activation 'rulu'; did you mean 'relu'?"),
    "formula": (2, ["xor", "--activation", "a*x"], "there is no name 'a' in a formula; give a parameter its value"),
    "twice": (2, ["xor", "--activation", "tanh,tanh"], "--activation 'tanh,tanh' names one twice"),
    "too many": (2, ["xor", "--activation", "elu,selu,gelu,silu,mish,relu,sine"], "names 7, and 6 fit side by side"),
    "widths": (2, ["xor", "--hidden", "8x8"], "widths from 1 to 1024 with commas, such as 2 or 32,32, or 0"),
    "epochs": (2, ["xor", "--epochs", "0"], "Invalid value for '--epochs': 0"),
    "rate": (2, ["xor", "--learning-rate", "nan"], "learning_rate=nan must be a finite number above 0"),
    "optimizer": (2, ["xor", "--optimizer", "adan"], "there is no optimizer 'adan'; did you mean 'adam'?"),
    "last seed": (2, ["xor", "--seed", "4294967295"], "--seed 4294967295 with --seeds 4 runs past the last seed"),
    "file as folder": (2, ["xor", "--out", "good.csv/deep"], "--out 'good.csv/deep' cannot be a folder: "),
    "no target": (2, ["good.csv"], "good.csv: name the column to predict with --target"),
    "target of a toy": (2, ["xor", "--target", "y"], "--target goes with a file; 'xor' knows its own target"),
    "target name": (3, ["good.csv", "--target", "chrun"], "there is no column 'chrun'; did you mean 'churn'?"),
    "no file": (3, ["goo.csv", "--target", "churn"], "goo.csv: there is no such file; did you mean 'good.csv'?"),
    "gap": (3, ["gap.csv", "--target", "churn"], "gap.csv: column 'b': 1 value is missing (NaN), in row 2"),
    "text": (3, ["text.csv", "--target", "churn"], "column 'b' holds text ('Oslo' and 'Rome', first in row 1)"),
    "semicolons": (3, ["semi.csv", "--target", "churn"], "semi.csv: the header 'a;b;churn' is one column"),
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    numbers, churn = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5], [0, 1, 0, 1, 0, 1]
    write_table(folder / "good.csv", ["a", "b", "churn"], [numbers, numbers[::-1], churn])
    write_table(folder / "gap.csv", ["a", "b", "churn"], [numbers, [1, "", 2, 3, 4, 5], churn])
    write_table(folder / "text.csv", ["a", "b", "churn"], [numbers, ["Oslo", "Rome"] * 3, churn])
    (folder / "semi.csv").write_text((folder / "good.csv").read_text().replace(",", ";"))
    return folder


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_sentence_and_nothing_is_written(name, tables, monkeypatch, capsys):
    status, arguments, sentence = REFUSED[name]
    before = files(tables)
    monkeypatch.chdir(tables)
    assert run(["see", *arguments, "--seeds", "4"]) == status
    printed, said = capsys.readouterr()
    first, *rest = said.splitlines()
    assert printed == "" and first.startswith("unbend: ") and sentence in first
    assert all(line.startswith("  ") for line in rest)  # the caret under a formula
    assert files(tables) == before and not (tables / "unbend-out").exists()


@pytest.mark.parametrize("name", ["unknown option", "rate", "gap"])
def test_a_process_that_is_refused_ends_with_the_status_and_no_traceback(name, tables):
    status, arguments, sentence = REFUSED[name]
    done = unbend(tables, "see", *arguments)
    assert (done.returncode, done.stdout) == (status, "") and sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_commands_are_found_by_name_and_help_is_offered(capsys):
    assert run(["seee", "xor"]) == 2
    assert capsys.readouterr().err == "unbend: there is no command 'seee'; did you mean 'see'?\n"
    assert run([]) == 0
    offered = capsys.readouterr().out
    assert "\n  see " in offered and "\n  tour " in offered


def test_too_little_memory_is_said_in_a_sentence(monkeypatch, capsys, tmp_path):
    def refuse(*_, **__):
        raise MemoryError("Unable to allocate 2.00 GiB")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unbend.recording.train", refuse)
    assert run(["see", "xor"]) == 2
    said = "unbend: there is not enough memory (Unable to allocate 2.00 GiB); try fewer seeds or narrower layers\n"
    assert capsys.readouterr().err == said and files(tmp_path) == []


# ---------------------------------------------------------------------- stopped, or not alone
def started(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, "see", *arguments],
        cwd=folder, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def stopped(process: "subprocess.Popen[str]") -> str:
    """What a process that is interrupted now says on standard error; it must go quickly, with status 130."""
    process.send_signal(signal.SIGINT)
    since = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - since < 10  # a second on a quiet machine
    assert process.returncode == 130 and said.endswith("unbend: stopped\n") and "Traceback" not in said
    return said


unix = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to another process")


@unix
def test_an_interrupt_in_training_stops_and_writes_nothing(tmp_path):
    process = started(tmp_path, "breast_cancer", "--hidden", "64,64", "--epochs", "100000", "--activation", "tanh")
    assert process.stderr is not None and process.stderr.readline().startswith("training: ")
    stopped(process)
    assert files(tmp_path) == []


@unix
def test_an_interrupt_in_the_film_leaves_what_was_whole_and_nothing_half(tmp_path):
    (tmp_path / "curves.mp4").write_text("the old film")
    process = started(tmp_path, "curves", "--seeds", "1", "--epochs", "200", "--out", ".")
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".*.part*")) or not (tmp_path / "curves.png").exists():
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.01)
    stopped(process)
    runs = [f"curves-{name}.unbend" for name in ("relu", "sigmoid", "tanh")]
    assert files(tmp_path) == [*runs, "curves.mp4", "curves.png", "curves.svg"]
    assert (tmp_path / "curves.mp4").read_text() == "the old film"
    assert all(ub.load(tmp_path / name).recipe.epochs == 200 for name in runs)


def test_two_processes_may_write_to_one_folder(tmp_path):
    both = [started(tmp_path, "moons", *QUICK, "--activation", "tanh", "--out", ".") for _ in range(2)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in both] == [("", 0)] * 2
    assert files(tmp_path) == ["moons-tanh.unbend", "moons.png", "moons.svg"]
    assert ub.load(tmp_path / "moons-tanh.unbend").recipe.epochs == 3


def test_no_hidden_layer_is_offered_only_where_it_is_taken(capsys):
    for widths in ("8x8", "0"):
        assert run(["choose", "xor", "--hidden", widths]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("--hidden '8x8' must be widths from 1 to 1024 with commas, such as 2 or 32,32")
    assert second.endswith("without a hidden layer there is no activation to compare; give widths such as 32")
