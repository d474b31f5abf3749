"""The page's data are Python's: every toy, the packaged tables, the rows kept for testing, the computed features."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from lab_modules import run_module
from unbend.data.lift import OF_ONE, OF_TWO
from unbend.lab.tables import NAMES

MAKE = """
import { inputsOf, makeData } from './data.js';
console.log(JSON.stringify(given.map(({ features, ...settings }) => {
  const data = makeData(settings), names = features ?? data.feature_names;
  const inputs = (x, n) => [...inputsOf(data, x, n, names)];
  const test = { x: inputs(data.test.x, data.test.n), y: [...data.test.y] };
  return { ...data, test, x: inputs(data.x, data.n), y: [...data.y],
    x_mean: [...data.x_mean ?? []], x_scale: [...data.x_scale ?? []] };
})));
"""
SEEDS = (0, 7, 2**32 - 1)


def case(name, n=150, noise=0.0, seed=0, test=0.0, features=None):
    return {"name": name, "n": n, "noise": noise, "seed": seed, "test": test, "features": features}


def in_python(one):
    """The training and the test rows of a case, with its features."""
    options = {} if one["name"] in NAMES else {key: one[key] for key in ("n", "noise", "seed")}
    data = ub.data.load(one["name"], **options)
    parts = ub.data.split(data, one["test"], one["seed"])
    return data, [ub.data.lift(part, one["features"]) if one["features"] else part for part in parts]


def check(cases):
    for one, answer in zip(cases, run_module(MAKE, cases), strict=True):
        data, parts = in_python(one)
        assert (answer["task"], answer["d"]) == (data.task, data.x.shape[1]), one
        assert (tuple(answer["feature_names"]), tuple(answer["class_names"])) == (data.feature_names, data.class_names)
        assert (answer["target_name"], answer["y_mean"], answer["y_scale"]) == (
            data.target_name,
            data.y_mean,
            data.y_scale,
        )
        for part, rows in zip(parts, (answer, answer["test"]), strict=True):
            np.testing.assert_allclose(rows["x"], part.x.ravel(), rtol=1e-12, atol=1e-12, err_msg=str(one))
            np.testing.assert_allclose(rows["y"], part.y, rtol=1e-12, atol=1e-12, err_msg=str(one))


def test_every_toy_from_every_seed():
    sizes, noises = (4, 7, 150, 333), (0.0, 0.05, 10.0)
    check([
        case(name, n=n, noise=noise, seed=seed)
        for name in ub.data.toy_names() for n in sizes for noise in noises for seed in SEEDS
    ])  # fmt: skip


def test_the_page_offers_every_toy_under_pythons_task_and_name():
    offered = run_module("import { TOYS } from './toys.js';\nconsole.log(JSON.stringify(TOYS));")
    tasks = {name: ub.data.load(name) for name in ub.data.toy_names()}
    assert {toy["name"]: (toy["task"], toy["d"]) for toy in offered} == {
        name: (data.task, data.x.shape[1]) for name, data in tasks.items()
    }
    assert all(toy["title"]["en"] and toy["title"]["zh"] for toy in offered)


@pytest.mark.parametrize("name", NAMES)
def test_packaged_tables_are_standardised_as_python_does_it(name):
    check([case(name, seed=seed, test=test) for seed in SEEDS for test in (0.0, 0.3)])
    (answer,) = run_module(MAKE, [case(name)])
    data = ub.data.load(name)
    assert (answer["x_mean"], answer["x_scale"]) == (data.x_mean.tolist(), data.x_scale.tolist())
    assert answer["origin"] == data.origin


def test_the_page_computes_the_same_features():
    offered = run_module("import { FEATURES } from './data.js';\nconsole.log(JSON.stringify(FEATURES));")
    assert offered == {"1": list(OF_ONE), "2": list(OF_TWO)}
    check([
        case("moons", noise=0.3, features=list(OF_TWO)), case("moons", noise=0.3, features=["x1*x2", "x1"]),
        case("bumps", features=list(OF_ONE)), case("bumps", features=["sin(pi*x)"]),
        *(case("plane", features=[name]) for name in OF_TWO),
    ])  # fmt: skip


@given(st.lists(st.tuples(st.integers(4, 60), st.floats(0, 0.9), st.integers(0, 2**32 - 1)), min_size=50, max_size=50))
@settings(max_examples=3, deadline=None)
def test_the_same_rows_are_kept_for_testing(drawn):
    possible = [(n, test, seed) for n, test, seed in drawn if np.floor(test * n + 0.5) < n]
    check([case("plane", n=n, test=test, seed=seed) for n, test, seed in possible])


def test_halves_are_rounded_up_on_both_sides():
    check([case("plane", n=n, test=test) for n, test in ((5, 0.5), (5, 0.1), (7, 0.5), (10, 0.25), (30, 0.15))])


def test_one_row_is_always_left_for_training():
    (answer,) = run_module(MAKE, [case("plane", n=4, test=0.9)])
    assert (answer["n"], len(answer["test"]["y"])) == (1, 3)


def test_the_users_own_rows_are_split_like_any_others():
    rows = ub.data.moons(n=41, noise=0.1, seed=5)
    own = {
        "task": "binary", "x": rows.x.tolist(), "y": rows.y.tolist(), "feature_names": ["a", "b"],
        "class_names": ["no", "yes"], "target_name": "fits", "origin": "drawn points",
        "x_mean": [1, 2], "x_scale": [3, 4],
    }  # fmt: skip
    (answer,) = run_module(MAKE, [case("own", seed=3, test=0.4) | {"own": own, "features": ["x1", "x2"]}])
    train, test = ub.data.split(rows, 0.4, 3)
    assert (answer["x"], answer["y"]) == (train.x.ravel().tolist(), train.y.tolist())
    assert (answer["test"]["x"], answer["test"]["y"]) == (test.x.ravel().tolist(), test.y.tolist())
    assert (answer["class_names"], answer["x_mean"], answer["y_scale"]) == (["no", "yes"], [1, 2], 1)


@pytest.mark.parametrize(
    ("name", "known"),
    [("xor", True), ("iris", True), ("own", True), ("digits", False), ("__proto__", False), ("constructor", False)],
)
def test_only_names_of_data_are_known(name, known):
    assert run_module("import { isKnown } from './data.js';\nconsole.log(isKnown(given));", name) is known


def test_own_data_without_points_is_refused():
    said = run_module(
        """
        import { makeData } from './data.js';
        try { makeData(given); } catch (fault) { console.log(JSON.stringify(fault.message)); }
        """,
        case("own"),
    )
    assert said == "there are no points of your own yet"
