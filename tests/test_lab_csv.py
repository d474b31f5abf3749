"""The page's reader of tables against Python's: the same numbers, or refused in the same words."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lab_modules import run_module
from unbend.data.standardize import standardize
from unbend.data.table import table
from unbend.data.tabular import tabular
from unbend.errors import DataError

CASES = json.loads(Path(__file__).with_name("lab_tables.json").read_text(encoding="utf-8"))
READ = """
import { parseTable } from './csv.js';
console.log(JSON.stringify(given.map(({ text, target, name }) => {
  try {
    return { own: parseTable(text, target ?? undefined, name) };
  } catch (fault) {
    return { said: fault.message };
  }
})));
"""


def file_name(case):
    return f"t{case.get('ending', '.csv')}"


def by_page(cases):
    return run_module(
        READ, [{"text": case["text"], "target": case["target"], "name": file_name(case)} for case in cases]
    )


@cache
def answers():
    """What the page says of every case of the list."""
    return dict(zip([case["case"] for case in CASES], by_page(CASES), strict=True))


def expected(path, case):
    """The data as Python reads it, as the page should; where the page sniffs the separator, as choosing reads it."""
    if "as_choosing" not in case:
        made = table(path, case["target"])
        scales = (made.x_mean, made.x_scale, made.y_mean, made.y_scale)
        return made, made.x, made.y, made.feature_names, scales
    found = tabular(path, case["target"])
    assert found.task != "regression" and not found.level_names
    x, mean, scale = standardize(found.numbers)
    return found, x, found.y, found.number_names, (mean, scale, 0.0, 1.0)


def check_case(path, case, answer):
    path.write_bytes(case["text"].encode())
    try:
        made, x, y, names, scales = expected(path, case)
    except DataError as error:
        assert answer.get("said") == str(error)
        return
    assert "said" not in answer, answer
    own = answer["own"]
    assert (own["task"], own["target_name"], own["origin"]) == (made.task, made.target_name, path.name)
    assert (tuple(own["feature_names"]), tuple(own["class_names"])) == (names, made.class_names)
    assert np.allclose(own["x"], x, rtol=1e-12, atol=1e-12) and np.allclose(own["y"], y, rtol=1e-12, atol=1e-12)
    for key, value in zip(("x_mean", "x_scale", "y_mean", "y_scale"), scales, strict=True):
        assert np.allclose(own[key], value, rtol=1e-12, atol=1e-12 * np.abs(value).max()), key


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_page_reads_a_table_as_python_does(tmp_path, case):
    check_case(tmp_path / file_name(case), case, answers()[case["case"]])


LONG = {
    "digits": "1" * 900_000 + "x",
    "spaces": "a" + " " * 900_000 + "a",
    "quotes": '"' + '""' * 400_000 + '"',
    "digits with commas": "1,234" * 180_000,
    "dots": "1." * 400_000,
}


@pytest.mark.parametrize("cell", LONG.values(), ids=LONG)
def test_a_cell_of_a_million_characters_is_read_in_linear_time(tmp_path, cell):
    case = {"case": "long", "text": f"a;b;y\n{cell};1;0\n2;3;1\n3;5;0\n4;1;1\n", "target": "y"}
    if "," not in cell:
        case["text"] = case["text"].replace(";", ",")
    (answer,) = by_page([case])
    if "," not in cell:
        check_case(tmp_path / "t.csv", case, answer)
    assert "in row 1" in answer["said"] and len(answer["said"]) < 300


ODD = ("", "NA", "nan", "abc", "1e39", "-inf", "0x1A", "true", "False", "0", " 4", "+5", "1_0", "2020-01-01", "12:30")
ODD += ('"q"', '"a,b"', '"x""y"', 'a"b', '" 1"', "None", "1.", ".5", "x;y", "é", "1,5", "#N/A", "-0", "1e400", "null ")
COLUMNS = (
    lambda random: repr(random.normal()),
    lambda random: str(random.integers(9)),
    lambda random: str(random.choice(["true", "false", "1", "0"])),
    lambda random: str(random.choice(["a", "b", "c"])),
    lambda random: str(random.choice(ODD)) if random.random() < 0.02 else str(random.integers(90)),
)


def random_table(random):
    """A table of columns of every kind, some with odd cells, a few with rows of the wrong length."""
    width = int(random.integers(1, 4))
    kinds = [COLUMNS[k] for k in [*random.choice(5, width, p=[0.6, 0.1, 0.1, 0.05, 0.15]), random.integers(5)]]
    rows = [
        [kind(random) for kind in kinds][: None if random.random() > 0.002 else -1] for _ in range(random.integers(40))
    ]
    lines = [",".join([*(str(name) for name in random.choice(["a", "b", " c ", '"d"', "e"], width)), "y"])]
    text = str(random.choice(["\n", "\r\n"])).join([*lines, *(",".join(row) for row in rows)]) + "\n"
    return {"case": "random", "text": text, "target": str(random.choice(["y", "y", "y", "y", "Y", "z"]))}


def test_random_tables_are_read_alike(tmp_path):
    random = np.random.default_rng(0)
    cases = [random_table(random) for _ in range(300)]
    answers = by_page(cases)
    assert sum("own" in answer for answer in answers) > 30
    for case, answer in zip(cases, answers, strict=True):
        check_case(tmp_path / "t.csv", case, answer)
