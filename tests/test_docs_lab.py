"""What docs/lab.md says of the lab: its snippet runs, its addresses are understood, its parts are those of the page."""

import re
from pathlib import Path

import pytest

from lab_modules import run_module
from unbend.lab.address import KEYS, address_of
from unbend.lab.document import modules

TEXT = (Path(__file__).parent.parent / "docs" / "lab.md").read_text(encoding="utf-8")
DECODE = """
import { decodeState } from './state.js';
console.log(JSON.stringify(given.map(text => decodeState(text))));
"""


def test_the_snippet_runs(capsys):
    pytest.importorskip("anywidget", reason="the notebook tests need anywidget")
    (snippet,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    with pytest.warns(UserWarning, match=r"^ub\.lab is shown in a notebook alone; elsewhere run: unbend lab$"):
        exec(compile(snippet, "docs/lab.md", "exec"), {})
    state = capsys.readouterr().out.strip()
    (decoded,) = run_module(DECODE, [state])
    assert decoded["faults"] == [] and decoded["options"]["hide"] == ["race", "exits"]
    assert decoded["settings"]["hidden"] == [2] and decoded["settings"]["data"]["name"] == "ring"


def test_the_addresses_are_understood():
    rows = re.findall(r"^\| (`\w+=.*?) \|", TEXT, flags=re.MULTILINE)
    addresses = ["&".join(re.findall(r"`([^`]+)`", row)) for row in rows]
    assert len(addresses) == 4
    assert [one["faults"] for one in run_module(DECODE, addresses)] == [[]] * 4


def test_the_parts_that_can_be_left_out_are_those_of_the_page():
    (told,) = re.findall(r"leaves out parts: (.*?) \|", TEXT)
    page = modules()["page"]
    assert sorted(re.findall(r"`(\w+)`", told)) == sorted({*re.findall(r"part\('(\w+)'", page), "head"})


def test_every_setting_by_its_name_in_python_is_understood_by_the_page():
    settings = {
        "data": "moons", "n": 60, "noise": 0.2, "test": 0.25, "features": ("x1", "x1*x2"), "hidden": (5, 2),
        "activation": ("tanh", "leaky_relu(alpha=0.2)"), "init": "he_normal", "gain": "exact", "loss": "squared",
        "optimizer": "adam", "learning_rate": 0.02, "momentum": 0.5, "weight_decay": 0.01, "l1": 0.001,
        "batch_size": None, "seed": 7, "shuffle_seed": 8, "lesson": "5", "hide": ("race", "card"),
    }  # fmt: skip
    assert settings.keys() == KEYS.keys()
    (decoded,) = run_module(DECODE, [address_of(settings)])
    assert decoded["faults"] == []
    found = decoded["settings"]["data"] | decoded["settings"] | decoded["options"]
    found |= {"data": decoded["settings"]["data"]["name"], "activation": found["activations"]}
    for name, value in settings.items():
        if name != "lesson":  # given by its number
            assert found[name] == (list(value) if isinstance(value, tuple) else value), name
