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
    return run_module(READ, [{"text": case["text"], "target": case["target"], "name": file_name(case)} for case in cases])


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
