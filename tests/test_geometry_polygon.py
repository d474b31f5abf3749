"""Polygons and the disc: the formula of their difference, and that no other distance of the sides does better."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.errors import UnbendError
from unbend.geometry import RegularPolygon, best_polygon, disc_error

SIDES = st.integers(3, 200)


def radii(polygon, angles=20_000):
    """The distance of the polygon's outline from the origin, counted from the middle of a side, over half a side."""
    across = np.pi / polygon.sides * (np.arange(angles) + 0.5) / angles
    return polygon.apothem / np.cos(across)


@given(SIDES)
def test_the_formula_is_the_area_between_outline_and_circle(sides):
    polygon = best_polygon(sides)
    assert disc_error(radii(polygon)) == pytest.approx(polygon.error, rel=1e-6)


@given(SIDES, st.floats(0.0, 1.0))
def test_no_other_distance_of_the_sides_is_better(sides, share):
    inscribed = np.cos(np.pi / sides)
    other = RegularPolygon(sides, inscribed + share * (1.0 - inscribed))
    assert other.error >= best_polygon(sides).error - 1e-12


@given(SIDES)
def test_half_of_every_side_lies_inside_the_circle(sides):
    polygon = best_polygon(sides)
    chord = 2.0 * np.sqrt(1.0 - polygon.apothem**2)
    side = np.linalg.norm(polygon.vertices[1] - polygon.vertices[0])
    assert chord == pytest.approx(side / 2.0, rel=1e-9)


@given(SIDES)
def test_inscribed_and_circumscribed_polygons_have_the_areas_of_the_schoolbook(sides):
    inside = sides / 2.0 * np.sin(2.0 * np.pi / sides)
    assert RegularPolygon(sides, np.cos(np.pi / sides)).error == pytest.approx((np.pi - inside) / np.pi, abs=1e-12)
    outside = sides * np.tan(np.pi / sides)
    assert RegularPolygon(sides, 1.0).error == pytest.approx((outside - np.pi) / np.pi, abs=1e-12)


@given(SIDES)
def test_every_corner_lies_on_two_sides_and_within_the_others(sides):
    polygon = best_polygon(sides)
    distances = polygon.vertices @ polygon.normals.T
    assert distances.max() == pytest.approx(polygon.apothem, abs=1e-12)
    assert (np.isclose(distances, polygon.apothem, atol=1e-9).sum(axis=1) == 2).all()


def test_the_error_tends_to_a_quarter_of_pi_squared_over_the_square_of_the_sides():
    assert best_polygon(1000).error * 1000**2 == pytest.approx(np.pi**2 / 4.0, rel=1e-4)


@pytest.mark.parametrize("sides", [2, 0, -3])
def test_a_polygon_has_three_sides_at_least(sides):
    with pytest.raises(UnbendError, match=f"cannot have {sides} sides; give 3 or more"):
        best_polygon(sides)


def test_a_circle_that_is_too_large_or_too_small_by_hand():
    assert disc_error([1.0, 1.0]) == 0.0
    assert disc_error([0.5, 0.5]) == pytest.approx(0.75)
    assert disc_error([2.0]) == pytest.approx(3.0)
