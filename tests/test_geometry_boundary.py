import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry_networks import net, random_weights, some_points
from unbend.data import circles, curves, load, xor
from unbend.data.dataset import Dataset
from unbend.geometry import Space, warp_weights
from unbend.geometry.curves import Curves, boundary_curves, zero_curves
from unbend.geometry.grid import raster
from unbend.geometry.joining import joined_paths
from unbend.network import Network, Weights, forward

BOX = (-2.0, 2.0, -2.0, 2.0)
SMOOTH = ("tanh", "relu", "gelu", "sigmoid", "sine", "leaky_relu", "mish")


def gaps(network: Network, weights: Weights, space: Space) -> np.ndarray:
    """At every vertex of the boundary, the difference between the two largest scores, by the network's own forward."""
    vertices = np.concatenate([np.zeros((0, 2)), *space.boundary])
    scores = forward(network, weights, space.input.inputs(vertices))[-1].pre_activation
    if network.output == "sigmoid":
        return np.abs(scores[:, 0])
    top = np.sort(scores, axis=1)
    return top[:, -1] - top[:, -2]


def on_raster(function, box=BOX, points: int = 121) -> np.ndarray:
    return function(raster(box, points, points)[2]).reshape(points, points)


def zeros_of(function, points: int = 121) -> Curves:
    return zero_curves(function, BOX, on_raster(function, points=points))


def length(curve: np.ndarray) -> float:
    return float(np.hypot(*np.diff(curve, axis=0).T).sum())


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SMOOTH), st.integers(0, 10_000), st.sampled_from([(2,), (5,), (4, 3)]))
def test_every_vertex_of_a_continuous_network_has_score_zero(name: str, seed: int, hidden: tuple[int, ...]) -> None:
    network = net(name, 2, *hidden, 1)
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, circles(n=60))
    assert gaps(network, weights, space).max(initial=0.0) <= 1e-10
    assert all(exact.all() for exact in space.boundary_exact)
    assert [len(exact) for exact in space.boundary_exact] == [len(curve) for curve in space.boundary]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["tanh", "relu", "gelu"]), st.integers(0, 10_000), st.integers(3, 6))
def test_every_vertex_between_several_classes_is_undecided(name: str, seed: int, classes: int) -> None:
    network = net(name, 2, 6, classes, output="softmax")
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, some_points(2, classes, seed))
    assert gaps(network, weights, space).max(initial=0.0) <= 1e-6
    assert all(exact.all() for exact in space.boundary_exact)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["tanh", "relu"]), st.integers(0, 10_000), st.integers(3, 12))
def test_the_boundary_of_a_slice_is_exact_in_the_full_input(name: str, seed: int, features: int) -> None:
    network = net(name, features, 8, 8, 1)
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, some_points(features, 2, seed))
    assert gaps(network, weights, space).max(initial=0.0) <= 1e-10


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["tanh", "relu", "step"]), st.integers(0, 10_000))
def test_the_boundary_passes_between_all_neighbours_of_different_class(name: str, seed: int) -> None:
    network = net(name, 2, 4, 1)
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, circles(n=60))
    positive = space.field[..., 0] > 0.5
    sure = np.abs(space.field[..., 0] - 0.5) > 1e-6  # float32
    changes = (positive[:, 1:] != positive[:, :-1]) & sure[:, 1:] & sure[:, :-1]
    rows, columns = space.field.shape[:2]
    x, y, _ = raster(space.input.limits, columns, rows)
    vertices = np.concatenate([np.zeros((0, 2)), *space.boundary])
    for row, column in np.argwhere(changes):
        on_edge = (vertices[:, 1] == y[row]) & (vertices[:, 0] >= x[column]) & (vertices[:, 0] <= x[column + 1])
        assert on_edge.any()


def test_a_step_network_has_its_boundary_on_the_jump_and_says_so() -> None:
    network = net("step", 2, 1, 1)
    weights = ((np.array([[1.0], [0.5]]), np.array([-0.3])), (np.array([[2.0]]), np.array([-1.0])))
    space = warp_weights(network, weights, circles(n=60))
    (curve,) = space.boundary
    np.testing.assert_allclose(curve @ [1.0, 0.5], 0.3, atol=1e-13)
    assert not space.boundary_exact[0].any()


def test_where_the_score_is_zero_in_a_whole_region_the_boundary_is_its_edge() -> None:
    network = net("relu", 2, 1, 1)
    weights = ((np.array([[1.0], [0.5]]), np.array([-0.3])), (np.array([[2.0]]), np.array([0.0])))
    (curve,) = warp_weights(network, weights, circles(n=60)).boundary
    np.testing.assert_allclose(curve @ [1.0, 0.5], 0.3, atol=1e-13)
    weights = (weights[0], (np.array([[-2.0]]), np.array([0.0])))
    assert warp_weights(network, weights, circles(n=60)).boundary == ()  # class 0 on both sides of the edge


def test_a_network_without_a_readout_has_no_boundary_and_no_line() -> None:
    network = net("tanh", 2, 2, 1)
    weights = (random_weights(network, 0)[0], (np.zeros((2, 1)), np.zeros(1)))
    space = warp_weights(network, weights, curves(n=40))
    assert space.boundary == () and space.line is None and space.lines == ()


def test_weights_too_large_for_numbers_do_no_harm() -> None:
    network = net("relu", 2, 2, 1)
    weights = tuple((weight * 1e200, bias * 1e200) for weight, bias in random_weights(network, 1))
    space = warp_weights(network, weights, curves(n=40))
    assert np.isfinite(np.concatenate([*space.grid, space.points, *space.boundary])).all()
    assert np.isfinite(space.limits).all()


def test_a_circle_is_one_closed_curve_of_the_right_length() -> None:
    found = zeros_of(lambda points: (points**2).sum(axis=1) - 1)
    (circle,) = found.curves
    assert (circle[0] == circle[-1]).all()
    np.testing.assert_allclose(np.hypot(*circle.T), 1.0, rtol=1e-12)
    assert length(circle) == pytest.approx(2 * np.pi, rel=1e-3)


def test_curves_that_leave_the_box_are_open() -> None:
    found = zeros_of(lambda points: points[:, 1] ** 2 - points[:, 0] ** 2 - 0.5)
    assert len(found.curves) == 2
    for curve in found.curves:
        assert np.isclose(np.abs(curve[[0, -1]]).max(axis=1), 2.0).all()


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("middle", [0.02, -0.02])
def test_at_a_saddle_the_middle_decides_which_branches_meet(sign: float, middle: float) -> None:
    # 4 x 4 cells, so that the saddle of x y = c lies inside one cell of a raster moved by half a cell
    function = lambda points: sign * ((points[:, 0] - 0.1) * (points[:, 1] + 0.1) - middle)  # noqa: E731
    found = zeros_of(function, points=6)
    assert len(found.curves) == 2
    for curve in found.curves:
        corner = (curve - [0.1, -0.1]).prod(axis=1)
        np.testing.assert_allclose(corner, middle, atol=1e-12)
        sides = np.sign(curve - [0.1, -0.1])
        assert (sides == sides[0]).all()  # neither branch crosses an axis of the saddle


def test_three_classes_meet_in_one_exact_point() -> None:
    centers = np.array([[0.3, 1.1], [-1.0, -0.7], [1.2, -0.4]])
    scores = lambda points: -((points[:, None] - centers) ** 2).sum(axis=2)  # noqa: E731
    found = boundary_curves(scores, BOX, scores(raster(BOX, 31, 31)[2]).reshape(31, 31, 3))
    assert len(found.curves) == 3
    ends = [tuple(end) for curve in found.curves for end in (curve[0], curve[-1])]
    (meeting,) = {end for end in ends if ends.count(end) == 3}
    distances = np.hypot(*(centers - meeting).T)
    np.testing.assert_allclose(distances, distances[0], rtol=1e-10)


@given(st.integers(1, 30), st.integers(0, 1000))
def test_joined_paths_use_every_pair_once(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    order = random.permutation(count + 1)
    pairs = np.stack([order[:-1], order[1:]], axis=1)[random.permutation(count)]
    flip = random.random(count) < 0.5
    pairs[flip] = pairs[flip][:, ::-1]
    (path,) = joined_paths(pairs, count + 1)
    assert path.tolist() in (order.tolist(), order[::-1].tolist())


def test_one_feature_gives_upright_boundaries_and_the_fitted_curve() -> None:
    random = np.random.default_rng(0)
    data = Dataset("line", random.normal(size=(50, 1)), np.arange(50) % 2 * 1.0, "binary", ("x",))
    network = net("tanh", 1, 3, 1)
    weights = random_weights(network, 2)
    space = warp_weights(network, weights, data)
    assert gaps(network, weights, space).max(initial=0.0) <= 1e-10
    assert space.fit is not None and space.fit.shape[1] == 2
    np.testing.assert_array_equal(space.fit[:, 1], forward(network, weights, space.fit[:, :1])[-1].activation[:, 0])
    assert space.input.limits[2:] == (-1.0, 1.0)


def test_regression_has_levels_whose_curves_have_that_value() -> None:
    data = load("plane")
    network = net("tanh", 2, 5, 1, output="identity")
    weights = random_weights(network, 4)
    space = warp_weights(network, weights, data)
    assert space.boundary == () and space.lines == () and len(space.levels) == 5 and space.agreement is None
    assert any(level.curves for level in space.levels)
    for level in space.levels:
        for curve in level.curves:
            np.testing.assert_allclose(forward(network, weights, curve)[-1].activation[:, 0], level.value, atol=1e-10)
        if level.segment is not None:
            values = space.projection.back(level.segment) @ weights[-1][0] + weights[-1][1]
            np.testing.assert_allclose(values[:, 0], level.value, atol=1e-10)


def test_the_four_points_of_xor_are_enough() -> None:
    network = net("tanh", 2, 2, 1)
    space = warp_weights(network, random_weights(network, 5), xor())
    assert space.points.shape == (4, 2) and len(space.grid) == 26
