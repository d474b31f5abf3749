import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry_networks import some_points
from unbend.data import curves
from unbend.geometry import input_plane
from unbend.geometry.projection import plain_view, view_of

seeds = st.integers(0, 100_000)


def cloud(seed: int, width: int, n: int = 50) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, width)) @ random.normal(size=(width, width)) + random.normal(size=width)


def direction(seed: int, width: int, columns: int = 1) -> np.ndarray:
    return np.random.default_rng(seed + 1).normal(size=(width, columns))


@settings(deadline=None)
@given(seeds, st.integers(3, 20), st.integers(0, 5))
def test_axes_are_orthonormal_and_hold_up_to_two_directions(seed: int, width: int, columns: int) -> None:
    directions = direction(seed, width, columns) if columns else np.zeros((width, 1))
    view = view_of(cloud(seed, width), directions)
    np.testing.assert_allclose(view.axes @ view.axes.T, np.eye(2), atol=1e-12)
    assert view.holds(directions) == (columns <= 2)


@settings(deadline=None)
@given(seeds, st.integers(3, 20))
def test_without_directions_the_view_is_that_of_principal_components(seed: int, width: int) -> None:
    points = cloud(seed, width)
    view = view_of(points, np.zeros((width, 1)))
    _, sizes, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(view.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-8)
    np.testing.assert_allclose(np.abs((view.axes * axes[:2]).sum(axis=1)), 1.0, rtol=1e-6)


@settings(deadline=None)
@given(seeds, st.integers(3, 20))
def test_one_direction_is_the_first_axis_and_the_second_is_the_main_variance_across_it(seed: int, width: int) -> None:
    points, toward = cloud(seed, width), direction(seed, width)
    view = view_of(points, toward)
    unit = toward[:, 0] / np.linalg.norm(toward)
    np.testing.assert_allclose(view.axes[0], unit, atol=1e-12)
    centred = points - points.mean(axis=0)
    across = centred - np.outer(centred @ unit, unit)
    sizes = np.linalg.svd(across, compute_uv=False)
    total = (centred**2).sum()
    np.testing.assert_allclose(view.shares, [((centred @ unit) ** 2).sum() / total, sizes[0] ** 2 / total], rtol=1e-8)
    assert view.variance_share <= 1 + 1e-12


@settings(deadline=None)
@given(seeds, st.integers(3, 20))
def test_back_is_the_inverse_within_the_plane(seed: int, width: int) -> None:
    view = view_of(cloud(seed, width), direction(seed, width))
    seen = np.random.default_rng(seed).normal(size=(7, 2))
    np.testing.assert_allclose(view(view.back(seen)), seen, atol=1e-9)


@settings(deadline=None)
@given(seeds, st.integers(3, 20), st.sampled_from([1, 2]))
def test_a_small_step_of_the_readout_turns_the_view_only_a_little(seed: int, width: int, columns: int) -> None:
    points, toward = cloud(seed, width), direction(seed, width, columns)
    before = view_of(points, toward)
    after = view_of(points * 1.7, toward + 1e-6 * direction(seed + 7, width, columns), before)
    assert after.holds(toward + 1e-6 * direction(seed + 7, width, columns))
    np.testing.assert_allclose(after.axes, before.axes, atol=1e-4)
    np.testing.assert_array_equal(after.center, before.center)


def test_a_reversed_readout_turns_the_picture_half_way_round_instead_of_mirroring_it() -> None:
    points, toward = cloud(3, 5), direction(3, 5)
    before = view_of(points, toward)
    after = view_of(points, -toward, before)
    np.testing.assert_allclose(after.axes, -before.axes, atol=1e-12)


def test_a_readout_across_the_old_view_is_still_the_first_axis() -> None:
    before = view_of(cloud(4, 4), np.eye(4)[:, :1])
    across = np.linalg.svd(before.axes)[2][3][:, None]
    after = view_of(cloud(4, 4), across, before)
    np.testing.assert_allclose(after.axes[0], across[:, 0], atol=1e-12)
    np.testing.assert_allclose(after.axes @ after.axes.T, np.eye(2), atol=1e-12)


def test_without_directions_or_with_too_many_a_film_keeps_its_axes() -> None:
    points = cloud(5, 6)
    before = view_of(points, direction(5, 6))
    for directions in (np.zeros((6, 1)), direction(6, 6, 4)):
        np.testing.assert_array_equal(view_of(points, directions, before).axes, before.axes)


@pytest.mark.parametrize("width", [1, 2])
def test_one_and_two_units_are_shown_as_they_are(width: int) -> None:
    points = cloud(0, width)
    view = view_of(points, direction(0, width))
    np.testing.assert_array_equal(view(points)[:, :width], points)
    np.testing.assert_allclose(view.variance_share, 1.0)
    assert view.holds(direction(0, width))
    assert (plain_view(points)(points)[:, width:] == 0).all()


def test_points_that_do_not_vary_hide_nothing() -> None:
    assert view_of(np.ones((5, 4)), np.eye(4)[:, :1]).variance_share == 1.0


def test_the_first_axis_of_a_table_rises_to_class_1() -> None:
    data = some_points(6, 2, seed=1)
    plane = input_plane(data)
    difference = data.x[data.y == 1].mean(axis=0) - data.x[data.y == 0].mean(axis=0)
    np.testing.assert_allclose(plane.projection.axes[0], difference / np.linalg.norm(difference), atol=1e-12)
    assert plane.points[data.y == 1, 0].mean() > plane.points[data.y == 0, 0].mean()


def test_the_plane_of_two_features_is_the_input_with_a_margin() -> None:
    plane = input_plane(curves())
    np.testing.assert_array_equal(plane.points, curves().x)
    np.testing.assert_allclose(plane.limits, (-1.24, 1.24, -0.68, 1.18), atol=1e-5)
