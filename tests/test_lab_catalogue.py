"""The catalogue as JavaScript: each loop gives the value and the slope that Python gives."""

import subprocess

import numpy as np
import pytest

from lab_modules import page_folder, run_module
from unbend.activations import activation, catalogue_names
from unbend.activations.catalogue import entry
from unbend.lab.catalogue import catalogue_module

POINTS = np.concatenate(
    [np.linspace(-12, 12, 961), np.geomspace(1e-12, 1e4, 97), -np.geomspace(1e-12, 1e4, 97), [0.5, 1.0, 6.0, 20, 30]]
)
SCRIPT = """
import { NAMES, activation, facts } from './activations.js';
const written = numbers => Array.from(numbers, v => Number.isFinite(v) ? v : String(v));
console.log(JSON.stringify(NAMES.map(name => {
  const known = activation(name), z = Float64Array.from(given), n = z.length;
  const value = z.slice(), slope = new Float64Array(n), alone = new Float64Array(n).fill(7);
  known.apply(z, alone, null, 3, n - 2);
  known.apply(value, value, slope, 0, n);
  return { name: known.name, formula: known.formula, kinks: known.kinks, facts: facts(name),
    value: written(value), slope: written(slope), alone: written(alone) };
})));
"""


@pytest.fixture(scope="module")
def rows():
    answered = run_module(SCRIPT, POINTS.tolist())
    return {row["name"]: row for row in answered}


def numbers(values):
    return np.array([float(value) for value in values])


def test_the_names_are_those_of_python_in_order(rows):
    assert tuple(rows) == catalogue_names()


@pytest.mark.parametrize("name", catalogue_names())
def test_value_and_slope_are_those_of_python(rows, name):
    known, row = activation(name), rows[name]
    value, slope = numbers(row["value"]), numbers(row["slope"])
    np.testing.assert_allclose(value, known(POINTS), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(slope, known.gradient(POINTS), rtol=1e-12, atol=1e-15)
    at_kinks = np.isin(POINTS, known.kinks)
    np.testing.assert_array_equal(slope[at_kinks], known.gradient(POINTS)[at_kinks])
    alone = numbers(row["alone"])
    np.testing.assert_array_equal(alone[3:-2], value[3:-2])  # the slope is asked for or not
    np.testing.assert_array_equal(alone[[0, 1, 2, -2, -1]], 7)  # outside start … end nothing is written


@pytest.mark.parametrize("name", catalogue_names())
def test_words_and_kinks_are_those_of_python(rows, name):
    row, known = rows[name], activation(name)
    assert (row["formula"], tuple(row["kinks"])) == (known.formula, known.kinks)
    assert row["facts"] == {"source": entry(name).source, "use": dict(entry(name).use)}


def test_the_faster_tanh_is_as_exact_as_the_slow_one():
    places = np.concatenate(
        [np.linspace(-21, 21, 200_001), *(sign * np.geomspace(1e-300, 25, 20_000) for sign in (1, -1))]
    )
    script = """
    import { activation } from './activations.js';
    const tanh = z => {
      activation('tanh').apply(z, z, null, 0, z.length);
      return z;
    };
    const ends = tanh(Float64Array.of(0, 19.99, 20, 710, 1e308, Infinity, -Infinity, NaN));
    console.log(JSON.stringify([Array.from(tanh(Float64Array.from(given))), Array.from(ends, String)]));
    """
    values, ends = run_module(script, places.tolist())
    np.testing.assert_allclose(values, np.tanh(places), rtol=1e-15, atol=0)
    assert ends == ["0", "1", "1", "1", "1", "1", "-1", "NaN"]


def test_the_module_is_small_and_makes_nothing_per_element():
    text = catalogue_module()
    assert len(text.encode()) <= 26 * 1024
    loops = [line.split("=>", 1)[1] for line in text.splitlines() if "(z,a,d,i,e)" in line]
    assert len(loops) == len(catalogue_names())
    for loop in loops:
        code = loop[: loop.index("}},")]
        assert code.count("[") == code.count("z[i]") + code.count("a[i]") + code.count("d[i]")
    assert "eval" not in text


def test_helpers_stand_once():
    text = catalogue_module()
    for helper in ("sigmoid", "softplus", "erf"):
        assert text.count(f"const {helper}=") == 1


def test_node_reads_the_module_as_it_is():
    subprocess.run(["node", "--check", page_folder() / "catalogue.js"], check=True)
