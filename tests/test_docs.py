"""The documents: every snippet runs, every link leads somewhere, and both languages say the same."""

import re
import shlex
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

import unbend as ub
from unbend.cli.rim import run

ROOT = Path(__file__).parent.parent
QUICK = ["--epochs", "3", "--cv", "2x1", "--seeds", "1", "--activations", "relu,tanh"]
READMES = ("README.md", "README.zh.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/lab.md", "docs/watch.md")
MODEL = """
import torch

def make_model():
    return torch.nn.Sequential(torch.nn.Linear(3, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))

def make_probe():
    return torch.randn(64, 3)
"""


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def snippets(name, language):
    return re.findall(rf"```{language}\n(.*?)```", text_of(name), flags=re.DOTALL)


def without_comments(snippet):
    return [line.split("  #")[0].rstrip() for line in snippet.splitlines()]


def commands(name):
    lines = [line for snippet in snippets(name, "sh") for line in without_comments(snippet)]
    return [line for line in lines if line.startswith("unbend ")]


def look_and_stop(address):
    """What a user does with `unbend lab`: looks at the page, and then Ctrl-C."""
    assert b"unbendLab" in urlopen(address, timeout=20).read()
    raise KeyboardInterrupt


@pytest.mark.parametrize("number", range(4))
def test_the_python_of_the_readme_runs(number, tmp_path, monkeypatch):
    code = snippets("README.md", "python")[number]
    if "import torch" in code:
        pytest.importorskip("torch", reason="the demo of watching needs torch")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, f"README.md, snippet {number}", "exec"), {})


@pytest.mark.parametrize("line", commands("README.md"))
def test_the_commands_of_the_readme_run(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(60, 3))
    table = [f"{a:.4f},{b:.4f},{'yes' if c > 0 else 'no'}" for a, b, c in rows]
    Path("clients.csv").write_text("\n".join(["age,visits,churn", *table]), encoding="utf-8")
    arguments = shlex.split(line)[1:]
    if arguments[0] == "check":
        pytest.importorskip("torch", reason="the model that is checked needs torch")
        Path("model.py").write_text(MODEL, encoding="utf-8")
    short = {"see": ["--epochs", "2", "--seeds", "3", "--film", "none"], "choose": QUICK}
    monkeypatch.setattr("webbrowser.open", look_and_stop)
    if "curves.unbend" in arguments:
        ub.train(ub.data.curves(), hidden=(2,), activation="tanh", epochs=5, seed=42).save("curves.unbend")
    if arguments[0] in ("resume", "export"):
        assert run(["choose", "clients.csv", "--target", "churn", "--out", arguments[1], *QUICK]) == 0
    assert run([*arguments, *short.get(arguments[0], [])]) == 0
    if arguments == ["lab"] or arguments[0] in ("doctor", "check") or "--dry-run" in arguments:
        return
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".unbend", ".svg", ".pdf", ".html", ".py")]


def test_both_languages_show_the_same():
    for language in ("sh", "python"):
        english, chinese = ([without_comments(snippet) for snippet in snippets(name, language)] for name in READMES)
        assert english == chinese
    assert len(snippets("README.md", "python")) == 4
    english, chinese = (re.findall(r"^(#+|- )", text_of(name), flags=re.MULTILINE) for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_a_picture_comes_first_and_then_exactly_two_commands(name):
    text = text_of(name)
    assert text.index("![") < text.index("# unbend") < text.index("```")
    first, second = (snippet.strip() for snippet in snippets(name, "sh")[:2])
    assert first == "python -m pip install . && unbend tour"
    assert second == "python -m pip install '.[test]' && pytest"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text_of(name)) if not link.startswith("http")]
    assert all(((ROOT / name).parent / link).is_file() for link in links)


def test_the_rooms_are_those_of_the_source():
    rooms = re.findall(r"^\| `(\w+)/`", text_of("CONTRIBUTING.md"), flags=re.MULTILINE)
    assert sorted(rooms) == sorted(path.parent.name for path in (ROOT / "src" / "unbend").glob("*/__init__.py"))


@pytest.mark.parametrize("name", READMES)
def test_the_number_of_networks_is_that_of_the_plan(name):
    from unbend.choosing.choose import plan_choice

    plan = plan_choice("breast_cancer")
    rows = len(plan.table)
    assert f"{plan.networks:,}" in text_of(name) and re.search(rf"\b{rows}\b", text_of(name))
