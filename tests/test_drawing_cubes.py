"""The truth table as a cube: the plane is the plane, and the picture holds all its words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.drawing import cube
from unbend.drawing.cubes import cut, seen
from unbend.network import run_threshold_network, xor_network

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0, 1, 1, 0])
WEIGHT = st.floats(0.1, 3.0) | st.floats(-3.0, -0.1)


@given(st.tuples(WEIGHT, WEIGHT, WEIGHT), st.floats(0.1, 0.9))
def test_the_cut_lies_in_the_plane_and_in_the_cube(weight, share):
    weight = np.array(weight)
    low, high = weight[weight < 0].sum(), weight[weight > 0].sum()
    threshold = low + share * (high - low)
    corners = cut(weight, threshold)
    assert 3 <= len(corners) <= 6
    np.testing.assert_allclose(corners @ weight, threshold, atol=1e-9)
    assert corners.min() >= 0.0 and corners.max() <= 1.0


def test_the_cut_goes_round_once():
    corners = cut(np.array([1.0, -2.0, 1.0]), 0.5)
    middle = corners.mean(axis=0)
    normal = np.array([1.0, -2.0, 1.0])
    turns = np.cross(corners - middle, np.roll(corners, -1, axis=0) - middle) @ normal
    assert (turns > 0).all() or (turns < 0).all()


def test_what_is_seen_keeps_lines_straight():
    ends = np.array([[0.0, 1.0, 0.2], [1.0, 0.3, 0.9]])
    np.testing.assert_allclose(seen(ends.mean(axis=0)), seen(ends).mean(axis=0))


@pytest.mark.parametrize("lang, word", [("en", "both"), ("zh", "都是 1")])
def test_every_point_is_named_and_nothing_leaves_the_sheet(lang, word):
    hidden = run_threshold_network(xor_network(), X)[0].output
    canvas = cube(X, hidden, Y, (np.array([1.0, -2.0, 1.0]), 0.5), lang=lang).canvas
    texts = [text.get_text() for text in canvas.axes[1].texts]
    assert word in texts and "1, 1 → 1, 1, 1" in texts
    boxes = [text.get_window_extent() for axes in canvas.axes for text in axes.texts]
    assert min(box.x0 for box in boxes) >= 0 and max(box.x1 for box in boxes) <= 1280
