import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from geometry_networks import net, random_weights, some_points
from unbend.data import circles, curves
from unbend.errors import UnbendError
from unbend.geometry import Space, fold_lines, warp, warp_film, warp_weights
from unbend.geometry.grid import grid_lines
from unbend.geometry.limits import shared_limits, space_limits
from unbend.geometry.scores import class_scores
from unbend.geometry.straight import straight_lines
from unbend.network import Network, Weights, forward


def readout(network: Network, weights: Weights, space: Space, places: np.ndarray) -> np.ndarray:
    """The classes' scores at places of the last hidden space's view."""
    return class_scores(space.projection.back(places) @ weights[-1][0] + weights[-1][1])


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["tanh", "relu", "sine"]),
    st.integers(0, 10_000),
    st.integers(1, 9),
    st.integers(2, 5),
    st.booleans(),
)
def test_on_the_straight_lines_the_two_classes_tie_and_none_is_above(
    name: str, seed: int, width: int, features: int, deep: bool
) -> None:
    network = net(name, features, *([4] * deep), width, 1)
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, some_points(features, 2, seed))
    if space.line is not None:
        scores = readout(network, weights, space, space.line)
        np.testing.assert_allclose(scores, 0.0, atol=1e-10)
        left, right, bottom, top = space.limits
        for x, y in space.line:
            assert left - 1e-9 <= x <= right + 1e-9 and bottom - 1e-9 <= y <= top + 1e-9
    if width > 2 and space.line is not None:
        np.testing.assert_allclose(*space.line[:, 0], atol=1e-9)  # upright: the first axis is the read-out


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([3, 5]))
def test_lines_between_several_classes_are_shown_only_where_they_are_exact(seed: int, width: int, classes: int) -> None:
    network = net("tanh", 2, width, classes, output="softmax")
    weights = random_weights(network, seed)
    space = warp_weights(network, weights, some_points(2, classes, seed))
    for line in space.lines:
        scores = readout(network, weights, space, line.segment)
        top = scores.max(axis=1, keepdims=True)
        np.testing.assert_allclose(scores[:, line.between], np.repeat(top, 2, axis=1), atol=1e-9)
    if width > 2 and classes > 3:
        assert space.lines == ()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["tanh", "relu"]), st.integers(0, 10_000), st.integers(2, 5))
def test_the_sides_of_the_line_are_the_predictions(name: str, seed: int, width: int) -> None:
    network = net(name, 2, width, 1)
    weights = random_weights(network, seed)
    data = circles(n=80)
    space = warp_weights(network, weights, data)
    if space.line is None:
        return
    (x0, y0), (x1, y1) = space.line
    side = (x1 - x0) * (space.points[:, 1] - y0) - (y1 - y0) * (space.points[:, 0] - x0)
    scores = forward(network, weights, data.x)[-1].pre_activation[:, 0]
    clear = (np.abs(scores) > 1e-6) & (np.abs(side) > 1e-9)
    agreement = (np.sign(side) == np.sign(scores))[clear]
    assert agreement.all() or not agreement.any()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["tanh", "relu"]), st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([0, 1]))
def test_the_bent_grid_and_points_are_forward_of_the_straight_ones(
    name: str, seed: int, features: int, layer: int
) -> None:
    network = net(name, features, 3, 4, 1)
    weights = random_weights(network, seed)
    data = some_points(features, 2, seed)
    space = warp_weights(network, weights, data, layer)
    straight = grid_lines(space.input.limits)
    assert len(space.grid) == len(straight) and space.layer == layer
    for bent, line in zip(space.grid, straight, strict=True):
        values = forward(network, weights, space.input.inputs(line))[layer].activation
        np.testing.assert_allclose(bent, space.projection(values), atol=1e-10)
    values = forward(network, weights, data.x)[layer].activation
    np.testing.assert_allclose(space.points, space.projection(values), atol=1e-12)
    centred, seen = values - values.mean(axis=0), space.points - space.points.mean(axis=0)
    assert space.projection.variance_share == pytest.approx((seen**2).sum() / (centred**2).sum())
    assert (space.line is None) or layer == 1


def test_jumps_tear_the_grid_instead_of_drawing_lines_that_are_not_there() -> None:
    network = net("step", 2, 2, 1)
    weights = ((np.eye(2), np.array([0.1, -0.2])), (np.ones((2, 1)), np.array([-1.5])))
    space = warp_weights(network, weights, circles(n=60))
    assert len(space.grid) == 2 * 26
    for part in space.grid:
        assert (part == part[0]).all()  # each piece is one point of the step network


def test_the_field_is_the_output_on_the_raster() -> None:
    network = net("tanh", 2, 3, 3, output="softmax")
    weights = random_weights(network, 1)
    space = warp_weights(network, weights, some_points(2, 3, 1))
    left, _, bottom, top = space.input.limits
    expected = forward(network, weights, np.array([[left, bottom], [left, top]]))[-1].activation
    assert space.field.shape == (121, 121, 3) and space.field.dtype == np.float32
    np.testing.assert_allclose(space.field[[0, -1], 0], expected, rtol=1e-6)


def test_without_hidden_layers_space_stays_straight() -> None:
    run = ub.train(circles(n=60), hidden=(), epochs=3)
    space = warp(run)
    assert space.layer == -1 and space.line is not None
    np.testing.assert_array_equal(space.points, run.dataset.x)
    np.testing.assert_array_equal(np.concatenate(space.grid), np.concatenate(grid_lines(space.input.limits)))
    assert len(space.boundary) <= 1


def test_agreement_says_how_far_a_slice_can_be_trusted() -> None:
    network = net("tanh", 3, 4, 1)
    weights = random_weights(network, 2)
    data = some_points(3, 2, 2, n=200)
    space = warp_weights(network, weights, data)
    shown = space.input.inputs(space.input.points)
    scores = [forward(network, weights, x)[-1].pre_activation > 0 for x in (data.x, shown)]
    assert space.agreement == pytest.approx((scores[0] == scores[1]).mean())
    assert warp_weights(net("tanh", 2, 2, 1), random_weights(net("tanh", 2, 2, 1), 0), curves(n=20)).agreement == 1.0


def test_a_film_has_one_box_and_one_input_and_every_frame_is_its_epoch() -> None:
    run = ub.train(circles(n=100), hidden=(4,), activation="tanh", epochs=12, learning_rate=0.1)
    film = warp_film(run)
    assert [space.epoch for space in film] == run.epochs.tolist()
    assert len({space.limits for space in film}) == 1 and len({id(space.input) for space in film}) == 1
    for space in film:
        values = run.forward(epoch=space.epoch)[0].activation
        np.testing.assert_allclose(space.points, space.projection(values), atol=1e-6)
        assert space.projection.holds(np.asarray(run.weights(space.epoch)[-1][0], np.float64))
    last = warp(run)
    np.testing.assert_allclose(film[-1].projection.axes, last.projection.axes, atol=1e-12)
    assert [space.epoch for space in warp_film(run, epochs=[3, 3, -1])] == [3, 3, 12]


def test_the_axes_of_a_film_never_flip() -> None:
    run = ub.train(circles(n=100), hidden=(8, 8), activation="relu", epochs=40, keep="all", seed=1)
    for layer in (0, 1):
        axes = np.stack([space.projection.axes for space in warp_film(run, layer)])
        steps = (axes[1:] * axes[:-1]).sum(axis=2)
        assert steps.min() > 0.9


def test_warp_takes_the_last_kept_epoch_before_the_one_asked_for() -> None:
    run = ub.train(curves(n=40), epochs=40, keep=(0, 10, 40))
    assert [warp(run, epoch).epoch for epoch in (-1, 0, 9, 10, 39, 40)] == [40, 0, 0, 10, 10, 40]


def test_a_layer_or_epoch_that_is_not_there_is_refused() -> None:
    run = ub.train(curves(n=40), hidden=(3, 2), epochs=2)
    with pytest.raises(
        UnbendError, match="layer 2 is not a hidden layer of the network 2-3-2-1; choose one from 0 to 1"
    ):
        warp(run, layer=2)
    with pytest.raises(UnbendError, match="epoch 7 was not kept"):
        warp(run, epoch=7)
    straight = ub.train(curves(n=40), hidden=(), epochs=2)
    with pytest.raises(UnbendError, match="layer 0 is not a hidden layer of the network 2-1; it has none, use -1"):
        warp_film(straight, layer=0)
    assert warp(run, layer=-2).layer == 0


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_straight_lines_are_the_edges_of_the_largest_score(seed: int, classes: int) -> None:
    random = np.random.default_rng(seed)
    slopes, offsets = random.normal(size=(2, classes)), random.normal(size=classes)
    lines = straight_lines(slopes, offsets, (-1.0, 1.0, -1.0, 1.0))
    places = random.uniform(-1, 1, size=(300, 2))
    winner = (places @ slopes + offsets).argmax(axis=1)
    between = {line.between for line in lines}
    for line in lines:
        inner = line.segment[0] + np.array([[0.1], [0.5], [0.9]]) * (line.segment[1] - line.segment[0])
        scores = inner @ slopes + offsets
        top = np.repeat(scores.max(axis=1)[:, None], 2, axis=1)
        np.testing.assert_allclose(scores[:, line.between], top, atol=1e-9)
    assert len(between) >= len(set(winner.tolist())) - 1  # regions that fill a square hang together


def test_a_box_follows_the_grid_only_so_far_and_never_has_no_size() -> None:
    grid = [np.array([[-100.0, 0.0], [100.0, 1.0]])]
    left, right, _, _ = space_limits(np.array([[0.0, 0.0], [1.0, 1.0]]), grid)
    assert -1 < left < 0 and 1 < right < 2
    flat = space_limits(np.zeros((3, 2)), [np.zeros((2, 2))])
    assert flat[0] < 0 < flat[1] and flat[2] < 0 < flat[3]
    assert space_limits(np.zeros((3, 2)), grid)[0] < -100
    assert shared_limits([(0.0, 1.0, 0.0, 1.0)]) == (0.0, 1.0, 0.0, 1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_on_every_fold_the_unit_is_at_its_kink(seed: int) -> None:
    network = net("relu", 2, 3, 3, 1)
    weights = random_weights(network, seed)
    run = ub.Recording.from_weights(circles(n=40), weights, activation="relu")
    folds = fold_lines(run)
    assert {fold.layer for fold in folds} <= {0, 1}
    for fold in folds:
        places = np.concatenate(fold.curves)
        z = forward(network, weights, places)[fold.layer].pre_activation[:, fold.unit]
        np.testing.assert_allclose(z, fold.kink, atol=1e-10)
        if fold.layer == 0:
            weight, bias = weights[0][0][:, fold.unit], weights[0][1][fold.unit]
            np.testing.assert_allclose(places @ weight + bias, 0.0, atol=1e-10)


def test_smooth_activations_have_no_folds_and_every_kink_has_its_own() -> None:
    data = circles(n=40)
    network = net("relu", 2, 1, 1)
    weights = ((np.array([[1.0], [0.0]]), np.zeros(1)), (np.ones((1, 1)), np.zeros(1)))
    assert fold_lines(ub.Recording.from_weights(data, weights, activation="tanh")) == ()
    clipped = fold_lines(ub.Recording.from_weights(data, weights, activation="clip(x, -0.5, 0.5)"))
    assert [(fold.kink, len(fold.curves)) for fold in clipped] == [(-0.5, 1), (0.5, 1)]
    assert network.widths == (2, 1, 1)
