"""Boundaries found by asking, and the widest margin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.errors import UnbendError
from unbend.geometry import boundary_places, widest_margin
from unbend.network import learn_perceptron, mistake_bound


def rays(count: int) -> np.ndarray:
    angle = 2 * np.pi * (np.arange(count) + 0.5) / count
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.2, 3.0), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_a_circle_is_found_by_asking(radius, across, up):
    centre = np.array([across, up]) * radius
    found = boundary_places(lambda places: radius > np.hypot(*(places - centre).T).T, [0.0, 0.0], 8.0 * rays(30))
    np.testing.assert_allclose(np.hypot(*(found - centre).T), radius, rtol=1e-14)


def test_a_way_without_a_change_ends_where_it_ends():
    found = boundary_places(lambda places: np.ones(places.shape[:-1], bool), [[0.0, 0.0]], [[1.0, 2.0]])
    np.testing.assert_allclose(found, [[1.0, 2.0]])


def test_several_boundaries_are_found_at_once():
    radius = np.array([[0.5], [2.0]])
    found = boundary_places(
        lambda places: np.hypot(places[..., 0], places[..., 1]) < radius, [0.0, 0.0], [[[3.0, 0.0]]] * 2
    )
    np.testing.assert_allclose(found[..., 0], radius)


# ---------------------------------------------------------------------- the widest margin
def separable(seed: int, width: int, count: int):
    random = np.random.default_rng(seed)
    x, line, bias = random.normal(size=(count, width)), random.normal(size=width), random.normal() / 3
    y = x @ line + bias > 0
    y[:2] = [False, True]
    x[:2] = -bias / (line @ line) * line + np.array([[-0.7], [0.4]]) * line
    return x, y.astype(float)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 40))
def test_the_widest_margin_is_optimal_by_its_dual(seed, width, count):
    """Separating with margin gamma, and a mixture of the signed points as short as gamma: no wider one exists."""
    x, y = separable(seed, width, count)
    found = widest_margin(x, y)
    signed = (2 * y - 1)[:, None] * np.column_stack([x, np.ones(count)])
    line = np.append(found.weight, found.bias)
    assert (signed @ line).min() >= 1 - 1e-9
    assert found.margin == pytest.approx(1 / np.linalg.norm(line))
    touching = signed[signed @ line < 1 + 1e-6]
    nearest = found.margin**2 * line
    mixture = np.linalg.lstsq(np.vstack([touching.T, np.ones(len(touching))]), np.append(nearest, 1.0), rcond=None)[0]
    np.testing.assert_allclose(touching.T @ mixture, nearest, atol=1e-7)
    assert mixture.min() >= -1e-6 or len(touching) > width + 1


def test_the_widest_margin_agrees_with_a_support_vector_machine():
    svm = pytest.importorskip("sklearn.svm")
    for seed in range(5):
        x, y = separable(seed, 2, 30)
        points = np.column_stack([x, np.ones(30)])
        mirrored, sign = np.vstack([points, -points]), np.concatenate([2 * y - 1, 1 - 2 * y])  # so its own bias is 0
        machine = svm.SVC(kernel="linear", C=1e9, tol=1e-9).fit(mirrored, sign)
        theirs = machine.coef_[0] / ((2 * y - 1) * (points @ machine.coef_[0])).min()
        assert widest_margin(x, y).margin == pytest.approx(1 / np.linalg.norm(theirs), rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_widest_margin_gives_the_least_bound_and_the_perceptron_keeps_it(seed):
    x, y = separable(seed, 2, 25)
    found = widest_margin(x, y)
    bound = mistake_bound(x, y, found.weight, found.bias)
    random = np.random.default_rng(seed).normal(size=(200, 3))
    assert bound <= min(mistake_bound(x, y, line[:2], line[2]) for line in random) * (1 + 1e-9)
    if bound < 5_000:
        run = learn_perceptron(x, y, passes=int(bound) + 1)
        assert run.converged and len(run.rows) <= bound


def test_classes_that_no_line_separates_have_no_margin():
    with pytest.raises(UnbendError, match="no line separates these classes"):
        widest_margin([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    with pytest.raises(UnbendError, match="no line separates these classes"):
        widest_margin([[0.5], [0.5]], [0, 1])
