"""Diagrams of numbers: what is given stands in the picture, and nothing is cut off."""

from itertools import pairwise

import numpy as np
import pytest

from unbend.drawing.charts import Chart, Curve, HeatMap, Mark, Spread, Spreads, charts, heat_maps, spreads

X = np.geomspace(1e-3, 1.0, 7)


def labels(axis):
    return [tick.get_text() for tick in axis.get_ticklabels() if tick.get_text()]


def drawn(picture):
    picture.canvas.draw_without_rendering()
    return picture.canvas.axes


def test_every_curve_has_its_name_in_the_legend_and_its_values():
    (axes,) = drawn(charts([Chart("t", "x", "y", [Curve("one", X, X), Curve("two", X, 2 * X, look="points")])]))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "two"]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), 2 * X)
    assert axes.lines[1].get_linestyle() == "None"


def test_a_band_lies_between_its_sides():
    (axes,) = drawn(charts([Chart("t", "x", "y", [Curve("", X, X, band=(X / 2, 2 * X))])]))
    box = axes.collections[0].get_paths()[0].get_extents()
    assert (box.y0, box.y1) == pytest.approx((X[0] / 2, 2 * X[-1]))
    assert axes.get_legend() is None


def test_logarithmic_axes_have_plain_numbers_over_few_decades_and_powers_over_many():
    wide = Chart("t", "x", "y", [Curve("a", X, 10.0 ** -np.arange(7) * 1e-3)], x_log=True, y_log=True)
    (axes,) = drawn(charts([wide]))
    assert {"10⁻³", "10⁻⁵"} <= set(labels(axes.yaxis))
    (axes,) = drawn(charts([Chart("t", "x", "y", [Curve("a", [1, 10, 100], [1, 2, 3])], x_log=True)]))
    assert {"1", "10", "100"} <= set(labels(axes.xaxis))


def test_reference_lines_say_what_they_are():
    marks = [Mark(0.5, "half"), Mark(0.1, "here", across=False)]
    (axes,) = drawn(charts([Chart("t", "x", "y", [Curve("a", X, X)], notes=marks)]))
    assert [text.get_text() for text in axes.texts] == ["half", "here"]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_nothing_leaves_the_sheet_and_panels_do_not_overlap(count):
    one = Chart("title", "x", "一个很长的纵轴名称", [Curve("a", X, 1e5 * X)])
    canvas = charts([one] * count).canvas
    boxes = [axes.get_tightbbox() for axes in canvas.axes]
    assert min(box.x0 for box in boxes) >= 0 and max(box.x1 for box in boxes) <= 1280
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_cells_hold_their_values_and_dark_ones_have_light_ink():
    values = [[0.0, 1.0], [np.nan, 0.25]]
    (axes,) = drawn(heat_maps([HeatMap("t", "x", "y", ["a", "b"], ["c", "d"], values)]))
    assert [text.get_text() for text in axes.texts] == ["0%", "100%", "25.0%"]
    assert axes.texts[0].get_color() != axes.texts[1].get_color()
    assert labels(axes.xaxis) == ["a", "b"] and labels(axes.yaxis) == ["c", "d"]


def test_heat_maps_stand_in_two_rows_when_asked():
    one = HeatMap("t", "x", "y", ["a"], ["b"], [[0.5]])
    boxes = [axes.get_tightbbox() for axes in drawn(heat_maps([one] * 4, rows=2))]
    assert boxes[0].x1 < boxes[1].x0 and boxes[0].y0 > boxes[2].y1


def test_rows_of_dots_hold_all_finite_values_within_their_row_and_the_interval():
    values = [3.0, 1.0, np.inf, 2.0]
    rows = [Spread("one", values, 2.0, 1.5, 2.5), Spread("two", [4.0], 4.0, 4.0, 4.0)]
    (axes,) = drawn(spreads([Spreads("t", "error", rows, x_log=True, notes=[Mark(2.2, "limit", across=False)])]))
    dots, interval, middle, *_ = axes.lines
    assert dots.get_xdata().tolist() == [1.0, 2.0, 3.0]
    assert np.abs(dots.get_ydata()).max() < 0.5
    assert interval.get_xdata().tolist() == [1.5, 2.5] and middle.get_xdata().tolist() == [2.0]
    assert labels(axes.yaxis) == ["one", "two"]
    assert [text.get_text() for text in axes.texts] == ["limit"]
