from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.data import checkerboard, curves, line, xor
from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.geometry import best_line, best_line_accuracy, linearly_separable


def plane(x: object, y: object) -> Dataset:
    return Dataset("points", np.array(x, np.float64), np.array(y, np.float64), "binary", ("a", "b"))


def accuracy_of(data: Dataset) -> float:
    return best_line_accuracy(data.x, data.y)


def reached(data: Dataset) -> float:
    found = best_line(data.x, data.y)
    return float(((data.x @ found.weight + found.bias > 0) == data.y).mean())


def best_of_all_dichotomies(data: Dataset) -> float:
    """Ask the linear program about every labelling of the points: slow, and independent of any turning of lines."""
    best = 0.0
    for labels in product([0.0, 1.0], repeat=len(data)):
        accuracy = float((np.array(labels) == data.y).mean())
        if accuracy > best and (len(set(labels)) == 1 or linearly_separable(data.x, labels).separable):
            best = accuracy
    return best


points_on_a_small_grid = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)), min_size=2, max_size=7
)


@settings(max_examples=25, deadline=None)
@given(points_on_a_small_grid)
def test_the_best_line_agrees_with_trying_every_labelling(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows)  # a small grid: many points on one line, and points on top of each other
    data = plane(table[:, :2], table[:, 2])
    assert accuracy_of(data) == pytest.approx(best_of_all_dichotomies(data))
    assert reached(data) == pytest.approx(accuracy_of(data))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 120), st.sampled_from([0.0, 1e3, -1e5]))
def test_no_random_line_beats_the_best_line_which_keeps_its_word(seed: int, n: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    data = plane(random.normal(size=(n, 2)) + shift, random.integers(0, 2, n))
    best = accuracy_of(data)
    assert reached(data) == pytest.approx(best)
    angle = random.uniform(0, 2 * np.pi, 500)
    height = (data.x - shift) @ np.stack([np.cos(angle), np.sin(angle)])
    guesses = (height > random.normal(size=500)) == data.y[:, None]
    assert guesses.mean(axis=0).max() <= best + 1e-12


def test_known_sets() -> None:
    assert accuracy_of(xor()) == 0.75
    assert accuracy_of(line()) == 1.0
    assert accuracy_of(plane([[0, 0]], [1])) == 1.0
    assert accuracy_of(plane([[1, 1], [1, 1]], [0, 1])) == 0.5
    assert accuracy_of(plane([[i, 2 * i] for i in range(6)], [0, 0, 1, 1, 0, 0])) == pytest.approx(4 / 6)
    assert accuracy_of(plane([[i, 2 * i] for i in range(6)], [1, 1, 1, 0, 0, 0])) == 1.0
    assert 0.5 < accuracy_of(checkerboard(n=400)) < 0.65


def test_the_two_curves_are_not_for_lines() -> None:
    data = curves(n=400)
    assert 0.85 < accuracy_of(data) < 0.86
    assert not linearly_separable(data.x, data.y).separable


def test_the_best_line_wants_two_classes_in_the_plane() -> None:
    with pytest.raises(UnbendError, match="best_line needs points with two coordinates, these have 3"):
        best_line(np.zeros((4, 3)), [0, 1, 0, 1])
    with pytest.raises(UnbendError, match="best_line needs classes 0 and 1; y holds 2"):
        best_line_accuracy([[0, 0], [1, 1], [2, 2]], [0, 1, 2])
    with pytest.raises(UnbendError, match=r"best_line: x\[1, 0\] is nan; every coordinate must be finite"):
        best_line([[0, 0], [np.nan, 1]], [0, 1])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 40), st.booleans())
def test_either_answer_comes_with_its_proof(seed: int, width: int, n: int, rule: bool) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, width)) * 10 ** random.uniform(-2, 2, size=width)
    y = (x[:, 0] > np.median(x[:, 0])) * 1.0 if rule else np.arange(n) % 2 * 1.0
    found = linearly_separable(x, y)
    assert found.separable or not rule
    if found.separable:
        assert (((x @ found.weight + found.bias) * (2 * y - 1)) >= 1 - 1e-9).all()
    else:
        assert found.mixture is not None and (found.mixture >= 0).all()
        for label in (0, 1):
            share = found.mixture[y == label]
            assert share.sum() == pytest.approx(1.0)
            np.testing.assert_allclose(share @ x[y == label], found.common_point, atol=1e-6 * np.ptp(x, axis=0).max())


def test_a_point_of_both_classes_cannot_be_parted() -> None:
    found = linearly_separable([[0.0], [1.0], [1.0]], [0, 0, 1])
    assert not found.separable
    np.testing.assert_allclose(found.common_point, [1.0])


def test_linearly_separable_wants_both_classes() -> None:
    with pytest.raises(UnbendError, match="needs both classes; all 2 points are of class 1"):
        linearly_separable([[0.0], [1.0]], [1, 1])
    with pytest.raises(UnbendError, match=r"a class y \(n,\) for each; x has the shape \(2, 1\), y \(3,\)"):
        linearly_separable([[0.0], [1.0]], [0, 1, 1])
