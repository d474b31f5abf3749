"""What the lessons on straight pieces and on squared coordinates measure, checked by hand."""

import numpy as np
import pytest

from unbend.data import ring
from unbend.geometry import best_polygon, disc_error
from unbend.lessons import pieces, squares
from unbend.recording import Recording


@pytest.mark.parametrize("sides", pieces.SIDES)
def test_threshold_networks_answer_as_the_formula_says(sides):
    assert pieces.counted_error(sides) == pytest.approx(best_polygon(sides).error, rel=0.01)


def test_the_polygon_that_is_asked_for_is_just_good_enough():
    sides = pieces.sides_for(0.01)
    assert best_polygon(sides).error <= 0.01 < best_polygon(sides - 1).error


def test_a_power_has_its_exponent_as_slope():
    x = np.array([1.0, 2.0, 5.0])
    assert pieces.slope(x, 3.0 * x**-2.0) == pytest.approx(-2.0)


def test_four_bent_units_are_a_circle_in_the_limit():
    radii = pieces.radii(pieces.bent_by_hand(0.01))
    np.testing.assert_allclose(radii, 1.0, atol=1e-4)
    assert disc_error(radii) < disc_error(pieces.radii(pieces.bent_by_hand(0.1))) / 50


def test_tanh_is_bent_most_at_the_bias():
    places = np.linspace(0.0, 3.0, 30_001)
    second = 2.0 * np.tanh(places) * (1.0 - np.tanh(places) ** 2)
    assert places[second.argmax()] == pytest.approx(pieces.BIAS, abs=1e-4)


def by_hand(first, readout):
    weights = [(np.array(first, float), np.zeros(2)), (np.array(readout, float)[:, None], np.array([0.37]))]
    return Recording.from_weights(ring(n=40), [weights], activation="x**2")


@pytest.mark.parametrize(
    ("first", "readout", "ratio"),
    [
        ([[1, 0], [0, 1]], [-1, -1], 1.0),  # a circle
        ([[1, 1], [1, -1]], [-1, -1], 1.0),  # a circle, its axes turned
        ([[2, 0], [0, 1]], [-1, -1], 0.25),  # an ellipse
        ([[1, 0], [0, 1]], [-1, 0], 0.0),  # two parallel lines
        ([[1, 0], [0, 1]], [-1, 0.5], -0.5),  # a hyperbola
    ],
)
def test_the_eigenvalues_tell_the_shape_of_the_boundary(first, readout, ratio):
    assert squares.eigenvalue_ratio(by_hand(first, readout)) == pytest.approx(ratio)


def test_the_quadratic_form_is_the_score_without_its_constant():
    run = by_hand([[1.0, -0.5], [0.3, 2.0]], [-1.0, 0.7])
    form = squares.quadratic_form(run)
    score = run.forward(run.dataset.x)[-1].pre_activation[:, 0]
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", run.dataset.x, form, run.dataset.x) + 0.37, score, atol=1e-12)


def test_the_gap_lies_between_the_classes():
    data = ring(n=200)
    radius, gap = squares.between(data)
    distance = np.hypot(*data.x.T)
    assert distance[data.y == 1].max() < radius < distance[data.y == 0].min()
    normal = np.array([1.0, 1.0]) / np.sqrt(2.0)
    along = squares.squares(data.x) @ normal
    assert along[data.y == 0].min() - along[data.y == 1].max() == pytest.approx(gap)


def test_doubling_makes_a_square_four_times_as_large():
    assert squares.doubling(np.array([[1.0, 2.0], [0.5, 0.0]])) == pytest.approx(4.0)
