"""What the README, docs/watch.md and the notebook say of watching: it runs, and the numbers are those of the code."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import unbend as ub
from unbend.cli.rim import run
from unbend.watching.health_words import form
from unbend.watching.rules import RULES, rules

torch = pytest.importorskip("torch", reason="the documents on watching use torch")

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")


def snippets(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def run_code(code, name, names=None):
    names = {} if names is None else names
    exec(compile(code, name, "exec"), names)
    return names


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_says_what_the_demo_prints(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text(encoding="utf-8")
    (demo,) = [code for code in snippets(text, "python") if "import torch" in code]
    torch.manual_seed(0)
    run_code(demo, name)
    printed = capsys.readouterr().out
    (said,) = snippets(text, "text")
    found, tried = said.strip().splitlines()
    head, tail = re.split(r"\d\.\de\+\d\d", found)
    assert re.search(rf"{re.escape(head)}\d(\.\d)?e\+\d\d{re.escape(tail)}", printed) and tried.rstrip("… ") in printed
    assert (tmp_path / "health.html").stat().st_size > 10_000


def test_the_first_snippet_and_the_check_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("tensorboardX", reason="the snippet writes for TensorBoard")
    monkeypatch.chdir(tmp_path)
    code, model = snippets(TEXT, "python")
    run_code(code, "docs/watch.md")
    assert {"health.html", "path.mp4", "path.png", "logs", "mine.mp4"} <= {one.name for one in tmp_path.iterdir()}
    (tmp_path / "model.py").write_text(model, encoding="utf-8")
    capsys.readouterr()
    assert run(["check", "model.py:make_model", "--fail-on", "dead>0.2", "--report", "ci.html"]) == 0
    assert "Healthy: Sequential shows no fault." in capsys.readouterr().out


def test_the_limits_are_those_of_the_rules():
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", TEXT, flags=re.MULTILINE)
    told = {kind: cells for kind, *cells in rows}
    every = {rule.kind: rule for rule in RULES} | {"gain": gain_rule()}
    expected = {
        kind: [said(rule, limit) for limit in (rule.healthy, rule.note, rule.warning, rule.alarm)]
        for kind, rule in every.items()
    }
    assert told == expected


def gain_rule():
    """The rule of stacks of SELU, which asks the theory of one."""
    layers = [part for _ in range(4) for part in (torch.nn.Linear(8, 8), torch.nn.SELU())]
    w = ub.watch(torch.nn.Sequential(*layers, torch.nn.Linear(8, 1)), probe=torch.randn(16, 8))
    return next(rule for rule in rules(w.theory) if rule.kind == "gain")


def said(rule, limit):
    return (
        f"{limit:.4g}" if rule.form == "number" and limit < np.inf else form("share", limit) if limit < np.inf else ""
    )


def test_the_notebook_shows_the_fault_and_its_mend(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cells = json.loads((ROOT / "docs" / "watch.ipynb").read_text(encoding="utf-8"))["cells"]
    names = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            run_code("".join(cell["source"]), f"docs/watch.ipynb, cell {number}", names)
    first, last = (float(one) for one in re.findall(r"^accuracy (.*)$", capsys.readouterr().out, flags=re.MULTILINE))
    assert first < 0.3 and last > 0.9
    assert names["worst"].kind == "vanishing" and names["remedy"].action == "batch_norm"
    assert names["after"].health.is_healthy
