"""Broken lines: the floor against brute force and theory, the kinks against slopes."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.activations import activation
from unbend.errors import UnbendError
from unbend.geometry import kink_places, polyline_floor
from unbend.network import Network, forward, initialise
from unbend.randomness import normal

RELU = Network((1, 5, 1), (activation("relu"),), "identity")


def _straight(x, y):
    """The sum of squared errors of the best straight line."""
    if len(x) < 3:
        return 0.0
    return float(((y - np.polyval(np.polyfit(x, y, 1), x)) ** 2).sum())


def _by_trying_all(x, y, kinks):
    ends = (
        [0, *cut, len(x)] for pieces in range(kinks + 1) for cut in combinations(range(1, len(x)), pieces)
    )  # fmt: skip
    sums = (sum(_straight(x[a:b], y[a:b]) for a, b in pairwise(cut)) for cut in ends)
    return np.sqrt(min(sums) / len(x))


@given(seed=st.integers(0, 1000), n=st.integers(2, 9), kinks=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_the_floor_is_the_best_of_all_cuts(seed, n, kinks):
    x = np.cumsum(np.exp(normal(seed, "x", range(n))))
    y = normal(seed, "y", range(n))
    assert polyline_floor(x, y, kinks)[kinks] == pytest.approx(_by_trying_all(x, y, kinks), abs=1e-6)


def test_the_floor_of_a_parabola_falls_with_the_square_of_the_number_of_pieces():
    """The best straight piece over a length h of y = x² errs by h² / sqrt(180)."""
    x = np.linspace(-1, 1, 1201)
    floor = polyline_floor(x, x**2, 9)
    pieces = np.arange(1, 11)
    np.testing.assert_allclose(floor, (2 / pieces) ** 2 / np.sqrt(180), rtol=0.02)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_no_network_goes_below_the_floor_of_its_kinks(seed):
    x = np.linspace(-1, 1, 101)
    flat = initialise(RELU, [seed])[0] + normal(seed, "shift", range(RELU.parameter_count))
    weights = RELU.unflatten(flat)
    fit = forward(RELU, weights, x[:, None])[-1].pre_activation[:, 0]
    kinks = int(np.isfinite(kink_places(RELU, weights, -1, 1)).sum())
    for target in (np.sin(np.pi * x), np.abs(x), fit):
        error = np.sqrt(((fit - target) ** 2).mean())
        assert error >= polyline_floor(x, target, kinks)[kinks] - 1e-7


def test_kinks_are_where_the_slope_changes():
    weights = ((np.array([[2.0, -1.0, 1.0, 1.0, 0.0]]), np.array([-1.0, -0.25, 3.0, 0.5, 1.0])),
               (np.array([[1.0], [2.0], [1.0], [0.0], [1.0]]), np.zeros(1)))  # fmt: skip
    places = kink_places(RELU, weights, -1, 1)
    np.testing.assert_array_equal(places, [0.5, -0.25, np.nan, np.nan, np.nan])
    x = np.linspace(-1, 1, 801)
    bent = np.abs(np.diff(forward(RELU, weights, x[:, None])[-1].pre_activation[:, 0], 2)) > 1e-9
    np.testing.assert_allclose(x[1:-1][bent], [-0.25, 0.5], atol=1e-12)


def test_a_population_keeps_its_axes_and_smooth_units_have_no_kinks():
    weights = RELU.unflatten(initialise(RELU, range(7)))
    assert kink_places(RELU, weights, -1, 1).shape == (7, 5)
    smooth = Network((1, 5, 1), (activation("tanh"),), "identity")
    assert kink_places(smooth, weights, -1, 1).shape == (7, 0)
    clipped = Network((1, 5, 1), (activation("hard_tanh"),), "identity")
    assert kink_places(clipped, weights, -1, 1).shape == (7, 10)


def test_what_has_no_answer_is_refused():
    with pytest.raises(UnbendError, match="rising places"):
        polyline_floor([0.0, 0.0, 1.0], [1.0, 2.0, 3.0], 1)
    deep = Network((1, 2, 2, 1), (activation("relu"),) * 2, "identity")
    with pytest.raises(UnbendError, match=r"one hidden layer, not widths \(1, 2, 2, 1\)"):
        kink_places(deep, deep.unflatten(initialise(deep, [0])[0]), -1, 1)
