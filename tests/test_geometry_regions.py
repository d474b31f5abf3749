"""Linear regions counted against what is proven: Zaslavsky 1975 for one layer, the bounds for several."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from geometry_networks import net, random_weights, some_points
from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.geometry import linear_regions, most_regions
from unbend.network import Weights


def square(side: float) -> Dataset:
    corners = side * np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
    return Dataset("square", corners, np.array([0.0, 1, 1, 0]), "binary", ("a", "b"), class_names=("0", "1"))


def recording(data: Dataset, weights: Weights, name: str = "relu") -> ub.Recording:
    return ub.Recording.from_weights(data, [list(weights)], activation=name)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 6), st.floats(0.0, 6.0))
def test_lines_in_general_position_reach_zaslavskys_number(lines: int, turn: float) -> None:
    """Tangents of a circle: no two parallel, no three through a point, all meetings near the circle."""
    angles = turn + 2 * np.pi * np.arange(lines) / 7
    weight = np.stack([np.cos(angles), np.sin(angles)])
    read_out = np.ones((lines, 1)), np.zeros(1)
    run = recording(square(8.0), ((weight, -np.ones(lines)), read_out))
    assert linear_regions(run, points=801) == 1 + lines + lines * (lines - 1) // 2 == most_regions(run.network)


def test_lines_through_one_point_make_fewer() -> None:
    angles = np.pi * np.arange(5) / 5
    weight = np.stack([np.cos(angles), np.sin(angles)])
    run = recording(square(1.0), ((weight, np.zeros(5)), (np.ones((5, 1)), np.zeros(1))))
    assert linear_regions(run) == 10


def test_parallel_folds_and_several_kinks() -> None:
    weight, bias = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([0.0, 0.5])
    assert linear_regions(recording(square(1.0), ((weight, bias), (np.ones((2, 1)), np.zeros(1))))) == 3
    one = recording(square(3.0), ((np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))), "hard_tanh")
    assert linear_regions(one) == 9
    assert most_regions(one.network) == 1 + 4 + comb(4, 2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 6), min_size=1, max_size=3), st.sampled_from(["relu", "abs(x)"]))
def test_never_more_than_the_bounds(seed: int, widths: list[int], name: str) -> None:
    network = net(name, 2, *widths, 1)
    run = recording(some_points(2, 2, seed), random_weights(network, seed), name)
    count = linear_regions(run, points=201)
    assert 1 <= count <= most_regions(run.network) <= 2 ** sum(widths)  # Montúfar et al. 2014
    assert linear_regions(run, points=101) <= most_regions(run.network)


def test_deep_folding_makes_more_than_one_layer_of_as_many_units_can() -> None:
    """Montúfar et al. 2014: three folds in a row, x -> |x - 1|, crease each axis at -1, 0, 1 and 2."""
    fold = np.eye(2), np.full(2, -1.0)
    run = recording(square(1.9), (fold, fold, fold, (np.ones((2, 1)), np.zeros(1))), "abs(x)")
    assert linear_regions(run) == 25 > most_regions(net("abs(x)", 2, 6, 1)) == 22


def test_every_pattern_has_one_affine_map() -> None:
    network = net("relu", 2, 5, 1)
    weights = random_weights(network, 3)
    run = recording(some_points(2, 2, 3), weights)
    from unbend.geometry import input_plane

    left, right, bottom, top = input_plane(run.dataset).limits
    x = np.stack(np.meshgrid(np.linspace(left, right, 301), np.linspace(bottom, top, 301)), axis=-1).reshape(-1, 2)
    patterns = run.forward(x)[0].pre_activation > 0
    different = np.unique(patterns, axis=0)
    assert abs(len(different) - linear_regions(run, points=301)) <= 1
    for pattern in different:
        some = (patterns == pattern).all(axis=1)
        columns = np.column_stack([x[some], np.ones(some.sum())])
        scores = run.forward(x[some])[-1].pre_activation
        fit = columns @ np.linalg.lstsq(columns, scores, rcond=None)[0]
        np.testing.assert_allclose(fit, scores, atol=1e-9)


def test_one_feature_and_many() -> None:
    line = ub.train(ub.data.load("sine"), hidden=(4,), activation="relu", epochs=2)
    assert 1 <= linear_regions(line) <= most_regions(line.network) == 5
    wide = ub.train(ub.data.load("iris"), hidden=(4,), activation="relu", epochs=2)
    assert 1 <= linear_regions(wide) <= most_regions(wide.network) == 11


@pytest.mark.parametrize("name", ["tanh", "gelu", "elu", "hard_swish", "squared_relu"])
def test_smooth_activations_are_refused_in_one_sentence(name: str) -> None:
    run = ub.train(ub.data.xor(), activation=name, epochs=1)
    with pytest.raises(UnbendError, match=f"'{name}' is not piecewise linear, so .* train with relu"):
        linear_regions(run)


def test_a_raster_of_one_point_is_refused() -> None:
    with pytest.raises(UnbendError, match="points=1 is not possible; choose a number from 2 to 4000"):
        linear_regions(ub.train(ub.data.xor(), activation="relu", epochs=1), points=1)
