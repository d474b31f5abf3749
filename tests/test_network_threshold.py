"""Threshold units of 1943, and the perceptron of 1958 with its theorem."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unbend.errors import UnbendError
from unbend.network import (
    ThresholdLayer,
    convex_network,
    learn_perceptron,
    mistake_bound,
    run_threshold_network,
    xor_network,
)

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_the_exclusive_or_has_the_thresholds_of_its_figure():
    middle, last = xor_network()
    assert middle.weight[:, 1].tolist() == [1, 1]
    assert middle.threshold[1] == 1.5
    assert last.weight.ravel().tolist() == [1, -2, 1]
    assert last.threshold.tolist() == [0.5]
    steps = run_threshold_network((middle, last), CORNERS)
    assert [step.threshold.tolist() for step in steps] == [[0.5, 1.5, 0.5], [0.5]]


def test_a_unit_speaks_only_above_its_threshold():
    layer = ThresholdLayer(np.array([[1.0]]), np.array([2.0]))
    (step,) = run_threshold_network((layer,), [[1.9], [2.0], [np.nextafter(2, 3)]])
    assert step.output.ravel().tolist() == [0, 0, 1]


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=2), st.integers(-13, 13).map(lambda n: n + 0.5))
def test_no_single_unit_is_the_exclusive_or(weight, threshold):
    layer = ThresholdLayer(np.array(weight, float)[:, None], np.array([threshold]))
    (step,) = run_threshold_network((layer,), CORNERS)
    assert step.output.ravel().tolist() not in ([0, 1, 1, 0], [1, 0, 0, 1])


# ---------------------------------------------------------------------- the perceptron
def says(weights, x):
    return (np.column_stack([x, np.ones(len(x))]) @ weights > 0).astype(int)


@pytest.mark.parametrize("y", [[0, 1, 1, 0], [1, 0, 0, 1]])
def test_the_perceptron_walks_in_a_circle_at_the_exclusive_or(y):
    run = learn_perceptron(CORNERS, y, passes=300)
    assert not run.converged
    assert len(run.rows) >= 300
    assert len(np.unique(run.weights, axis=0)) < 20


def test_every_mistake_moves_the_line_by_its_row():
    x, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 2
    run = learn_perceptron(x, y, passes=4)
    signed = np.column_stack([x, np.ones(30)]) * (2 * y - 1)[:, None]
    assert run.weights.shape == (len(run.rows) + 1, 4)
    assert not run.weights[0].any()
    np.testing.assert_allclose(np.diff(run.weights, axis=0), signed[run.rows], atol=1e-12)
    assert ((run.weights[:-1] * signed[run.rows]).sum(axis=1) <= 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 25))
def test_separable_points_are_learnt_within_the_bound(seed, columns, rows):
    rng = np.random.default_rng(seed)
    x, line, bias = rng.normal(size=(rows, columns)), rng.normal(size=columns), rng.normal() / 2
    x = x[np.abs(x @ line + bias) > 0.15]
    assume(len(x))
    y = (x @ line + bias > 0).astype(int)
    points, unit = np.column_stack([x, np.ones(len(x))]), np.append(line, bias) / np.hypot(np.linalg.norm(line), bias)
    bound = (np.linalg.norm(points, axis=1).max() / np.abs(points @ unit).min()) ** 2
    assert mistake_bound(x, y, line, bias) == pytest.approx(bound, rel=1e-9)
    run = learn_perceptron(x, y, passes=int(bound) + 1)
    assert run.converged
    assert len(run.rows) <= bound
    assert np.array_equal(says(run.weights[-1], x), y)


@pytest.mark.parametrize(("weight", "bias"), [([1.0], -0.5), ([-1.0], 1.5), ([0.0], 0.0), ([1.0], -1.0)])
def test_a_line_that_does_not_separate_gives_no_bound(weight, bias):
    assert mistake_bound([[1.0], [2.0]], [0, 1], weight, bias) == float("inf")


def test_the_bound_by_hand_and_in_any_units():
    assert mistake_bound([[1.0], [2.0]], [0, 1], [1.0], -1.5) == pytest.approx(65)  # 5 / (0.5² / 3.25)
    assert mistake_bound([[1.0], [2.0]], [0, 1], [40.0], -60.0) == pytest.approx(65)


# ---------------------------------------------------------------------- half-spaces and "all"
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 4))
def test_a_convex_network_says_where_all_half_spaces_meet(seed, count, columns):
    rng = np.random.default_rng(seed)
    normals, distances, x = rng.normal(size=(count, columns)), rng.normal(size=count), rng.normal(size=(50, columns))
    answers = run_threshold_network(convex_network(normals, distances), x)[-1].output[:, 0]
    assert np.array_equal(answers == 1, (x @ normals.T < distances).all(axis=1))


@pytest.mark.parametrize(("normals", "distances"), [([[1.0, 0.0]], [1.0, 2.0]), ([1.0, 0.0], [1.0, 1.0]), ([], [])])
def test_each_half_space_has_one_distance(normals, distances):
    with pytest.raises(UnbendError, match="needs normals"):
        convex_network(normals, distances)
