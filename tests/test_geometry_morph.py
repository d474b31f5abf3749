"""The passage through a layer: it begins and ends where it must, moves without jumps, and collapses nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from geometry_networks import net, random_weights, some_points
from unbend.errors import UnbendError
from unbend.geometry import Morph, Space, warp_weights
from unbend.geometry.grid import grid_lines
from unbend.geometry.morph import PARTS, passage_of
from unbend.geometry.turning import facing, turning

SHAPES = [(2,), (3,), (8,), (1,), (8, 8), (2, 3), (8, 2), (3, 1, 2)]


def space_of(
    hidden: tuple[int, ...], seed: int, layer: int = -1, name: str = "tanh", features: int = 2, classes: int = 2
) -> Space:
    network = net(
        name, features, *hidden, 1 if classes == 2 else classes, output="sigmoid" if classes == 2 else "softmax"
    )
    return warp_weights(network, random_weights(network, seed), some_points(features, classes, seed), layer)


def everything(morph: Morph) -> np.ndarray:
    return np.concatenate([morph.points, *morph.grid, *morph.curves])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(0, 10_000), st.sampled_from([1, 2, 5]), st.sampled_from(["tanh", "relu"]))
def test_it_ends_exactly_in_the_space_and_begins_in_the_one_before(
    hidden: tuple[int, ...], seed: int, features: int, name: str
) -> None:
    for layer in range(len(hidden)):
        space = space_of(hidden, seed, layer, name, features)
        start, end = space.morph(0.0), space.morph(1.0)
        np.testing.assert_array_equal(end.points, space.points)
        assert len(end.grid) == len(space.grid)
        for one, other in zip(end.grid, space.grid, strict=True):
            np.testing.assert_array_equal(one, other)
        assert len(end.lines) == len(space.straight) and start.lines == ()
        if layer == 0:
            np.testing.assert_allclose(start.points, space.input.points, atol=1e-9)
            if features > 1:
                np.testing.assert_allclose(np.stack(start.grid), grid_lines(space.input.limits), atol=1e-9)
            for one, other in zip(start.curves, space.boundary, strict=True):
                shown = (
                    [0, 1] if features > 1 else [0]
                )  # one feature: the boundary is a point, drawn as an upright line
                np.testing.assert_allclose(one[:, shown], other[:, shown], atol=1e-9)
        else:
            before = space_of(hidden, seed, layer - 1, name, features)
            np.testing.assert_allclose(start.points, before.points, atol=1e-9)
            np.testing.assert_allclose(np.concatenate(start.grid), np.concatenate(before.grid), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(0, 10_000), st.sampled_from([1, 2, 5]), st.sampled_from(["tanh", "relu"]))
def test_nothing_jumps(hidden: tuple[int, ...], seed: int, features: int, name: str) -> None:
    for layer in range(len(hidden)):
        passage = passage_of(space_of(hidden, seed, layer, name, features))
        moments = [passage.at(part, share) for part in PARTS for share in np.linspace(0, 1, 401)]
        size = max(np.abs(everything(moment)).max() for moment in moments)
        paths = np.stack([everything(moment) for moment in moments])
        assert np.abs(np.diff(paths, axis=0)).max() <= 0.03 * size


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 8]))
def test_the_turn_only_turns_and_the_stretch_only_stretches(seed: int, width: int) -> None:
    random = np.random.default_rng(seed)
    start = np.linalg.qr(random.normal(size=(width, 2)))[0].T
    end = random.normal(size=(2, width))
    way = turning(start, end)
    np.testing.assert_allclose(way.turned(0.0), start, atol=1e-9)
    np.testing.assert_allclose(way.stretched(0.0), way.turned(1.0), atol=1e-9)
    np.testing.assert_allclose(way.stretched(1.0), end, atol=1e-9)
    sizes = np.linalg.svd(end, compute_uv=False)
    assert way.over == (width == 2 and np.linalg.det(end @ start.T) < 0)
    for share in np.linspace(0, 1, 9):
        frame = way.turned(share)
        if not way.over:
            np.testing.assert_allclose(frame @ frame.T, np.eye(2), atol=1e-9)
        stretch = np.linalg.svd(way.stretched(share), compute_uv=False)
        np.testing.assert_allclose(stretch, np.sort(1 + share * (sizes - 1))[::-1], atol=1e-9)


def test_a_plain_turn_is_the_one_everybody_knows() -> None:
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    way = turning(np.eye(2), 3 * quarter)
    half = np.sqrt(0.5)
    np.testing.assert_allclose(way.turned(0.5), [[half, -half], [half, half]], atol=1e-12)
    np.testing.assert_allclose(way.stretched(0.5), 2 * quarter, atol=1e-12)


def test_a_mirrored_sheet_is_turned_over_about_its_own_axis() -> None:
    mirror = np.array([[0.0, 1.0], [1.0, 0.0]])
    way = turning(np.eye(2), mirror)
    assert way.over
    diagonal = np.array([1.0, 1.0])
    for share in np.linspace(0, 1, 5):
        np.testing.assert_allclose(way.turned(share) @ diagonal, diagonal, atol=1e-12)
    np.testing.assert_allclose(way.turned(0.5) @ [1.0, -1.0], 0.0, atol=1e-12)  # edge-on


def test_what_is_pressed_flat_is_not_turned_over() -> None:
    for end in (np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[-1.0, 0.0], [0.0, 0.0]]), np.zeros((2, 2))):
        way = turning(np.eye(2), end)
        assert not way.over
        np.testing.assert_allclose(way.stretched(1.0), end, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, 8]))
def test_a_lifted_sheet_is_looked_at_straight(seed: int, width: int) -> None:
    random = np.random.default_rng(seed)
    sheet, aim = random.normal(size=(width, 2)), np.linalg.qr(random.normal(size=(width, 2)))[0].T
    seen = facing(sheet, aim)
    np.testing.assert_allclose(seen @ seen.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(seen @ sheet, axis=0), np.linalg.norm(sheet, axis=0), atol=1e-9)
    assert np.linalg.det(seen @ sheet) > 0


def test_the_shift_is_b_and_the_bend_is_f() -> None:
    space = space_of((2,), 7)
    (weight, bias), _ = space.shape.weights
    z = space.stage.data.x @ weight + bias
    passage = passage_of(space)
    np.testing.assert_allclose(passage.at("turn", 1.0).points, z - bias, atol=1e-12)
    np.testing.assert_allclose(passage.at("shift", 0.5).points, z - bias / 2, atol=1e-12)
    np.testing.assert_allclose(passage.at("bend", 0.25).points, z + 0.25 * (np.tanh(z) - z), atol=1e-12)
    np.testing.assert_allclose(space.morph(0.5).points, passage.at("shift", 0.5).points, atol=1e-12)
    assert [space.morph(t).part for t in (0.0, 0.3, 0.34, 0.66, 0.67, 1.0)] == [
        "turn", "turn", "shift", "shift", "bend", "bend"
    ]  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 3]))
def test_the_boundary_ends_on_the_straight_line(seed: int, width: int) -> None:
    space = space_of((width,), seed)
    if space.line is None:
        return
    (x0, y0), (x1, y1) = space.line
    for curve in space.morph(1.0).curves:
        across = (x1 - x0) * (curve[:, 1] - y0) - (y1 - y0) * (curve[:, 0] - x0)
        np.testing.assert_allclose(across / np.hypot(x1 - x0, y1 - y0), 0.0, atol=1e-6)


def test_regression_and_jumps_pass_too() -> None:
    sine = ub.warp(ub.train(ub.data.load("plane"), hidden=(3,), epochs=2))
    assert len(sine.morph(0.4).curves) == sum(len(level.curves) for level in sine.levels)
    steps = space_of((3,), 2, name="step")
    assert len(steps.morph(0.9).grid) == len(steps.grid) > len(steps.morph(0.5).grid) == 26
    assert all(curve.shape[1] == 2 for curve in steps.morph(0.9).curves)


def test_impossible_moments_are_refused() -> None:
    space = space_of((2,), 1)
    for moment in (-0.1, 1.1, float("nan")):
        with pytest.raises(UnbendError, match="is not a moment of the passage; choose a number from 0 to 1"):
            space.morph(moment)
    with pytest.raises(UnbendError, match="no hidden layer"):
        ub.warp(ub.train(ub.data.xor(), hidden=(), epochs=1)).morph(0.5)
