"""``unbend card`` as a user meets it."""

import csv
import json
from xml.etree import ElementTree

import pytest
from PIL import Image

from unbend.activations import catalogue_names
from unbend.cli.rim import run
from unbend.properties.record import KEYS


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """What a call in ``tmp_path`` prints, with its exit status."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["card", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return call


def test_a_card_is_printed_in_both_languages(said):
    status, english, _ = said("tanh")
    assert status == 0 and "largest |gradient|: 1" in english and "torch.nn.Tanh()" in english
    status, chinese, _ = said("tanh", "--lang", "zh")
    assert status == 0 and "最大 |梯度|: 1" in chinese and len(chinese.splitlines()) == len(english.splitlines())


@pytest.mark.parametrize("text", ["x*sigmoid(1.7*x)", "1/x", "exp(x)", "x", "tan(x)", "leaky_relu(alpha=0.3)"])
def test_formulas_have_cards_too(said, text):
    status, printed, complaint = said(text)
    assert status == 0 and printed.startswith(text.partition("(alpha")[0]) and not complaint


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("rulu",), "did you mean 'relu'?"), (("x**",), "cannot be read"), ((), "a name or a formula"),
        (("tanh", "--all"), "a name or a formula"), (("tanh", "--out", "a.doc"), "ending '.doc'"),
        (("tanh", "--out", "nowhere/a.json"), "does not exist"), (("--all", "--out", "a.txt"), "ending '.txt'"),
        (("5",), "needs x"), (("__import__('os')",), "unbend:"),
    ],
)  # fmt: skip
def test_refusals_are_sentences_with_status_2(said, arguments, reason):
    status, _, complaint = said(*arguments)
    assert status == 2 and reason in complaint and "Traceback" not in complaint


def test_files_of_one_card(said, tmp_path):
    for ending in ("json", "md", "txt", "svg", "png", "pdf"):
        status, printed, _ = said("gelu", "--lang", "zh", "--out", f"gelu.{ending}")
        assert status == 0 and printed.strip() == f"gelu.{ending}"
    assert tuple(json.loads((tmp_path / "gelu.json").read_text("utf-8"))) == KEYS
    assert "| 最小值 | −0.17 |" in (tmp_path / "gelu.md").read_text("utf-8")
    assert ElementTree.parse(tmp_path / "gelu.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "gelu.svg").stat().st_size < 200_000
    with Image.open(tmp_path / "gelu.png") as picture:
        assert picture.size == (1280, 720)
    assert (tmp_path / "gelu.pdf").read_bytes().startswith(b"%PDF")


def test_all_cards_side_by_side(said, tmp_path):
    for ending in ("csv", "json", "md", "svg"):
        status, printed, _ = said("--all", "--out", f"all.{ending}")
        assert status == 0 and printed.strip() == f"all.{ending}"
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == list(catalogue_names())
    assert {row["name"]: row["max_gradient"] for row in rows}["square"] == "inf"
    assert len(json.loads((tmp_path / "all.json").read_text("utf-8"))) == len(rows)
    assert len((tmp_path / "all.md").read_text("utf-8").splitlines()) == len(rows) + 2
    status, printed, _ = said("--all", "--lang", "zh")
    assert status == 0 and len(printed.splitlines()) == len(rows) + 1
