"""Fits side by side: the curves that are given, one scale in a row, words on the outside only."""

import numpy as np

from unbend.drawing.fits import Fit, FitRow, fitted

X = np.linspace(-1.0, 1.0, 21)
ROW = FitRow("曲线", X, X**2, [Fit("relu", "a", np.abs(X), np.array([0.0])), Fit("tanh", "b", X**2, np.zeros(0))])


def test_each_fit_stands_over_its_error_on_the_scale_of_its_row():
    above, below, second, error = fitted([ROW], "x", "误差").canvas.axes
    np.testing.assert_array_equal(above.lines[1].get_ydata(), np.abs(X))
    np.testing.assert_array_equal(below.lines[-1].get_ydata(), np.abs(X) - X**2)
    assert below.get_ylim() == error.get_ylim() and above.get_ylim() == second.get_ylim()
    assert error.get_ylim()[1] > 0.25  # the largest error of the row


def test_kinks_are_dots_on_the_fit():
    above = fitted([ROW], "x", "error").canvas.axes[0]
    assert (above.lines[2].get_xdata().tolist(), above.lines[2].get_ydata().tolist()) == ([0.0], [0.0])


def test_nothing_leaves_the_sheet_and_nothing_overlaps():
    canvas = fitted([ROW, ROW], "x", "误差").canvas
    canvas.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in canvas.axes]
    assert min(box.x0 for box in boxes) >= 0 and max(box.x1 for box in boxes) <= 1280
    assert min(box.y0 for box in boxes) >= 0 and max(box.y1 for box in boxes) <= 720
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert not any(a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1 for a, b in pairs)
