"""The critical-difference diagram: arms at their ranks, bars over the right groups, and nothing outside the sheet."""

from itertools import pairwise

import numpy as np
import pytest

from unbend.drawing import rank_diagram, style
from unbend.errors import UnbendError

LONG = "x*sigmoid(1.702*x) he_normal 32-32"
RANKS = {
    2: [1.0, 2.0],
    4: [3.143, 2.0, 2.893, 1.964],
    8: [1.4, 2.9, 3.1, 3.15, 5.2, 5.25, 7.4, 7.6],
    15: [2.1, 3.0, 4.6, 4.7, 5.5, 7.2, 7.9, 8.0, 8.05, 9.2, 9.9, 11.0, 12.0, 12.85, 14.0],
    40: list(range(1, 41)),
}


def drawn(count, tables=20, alpha=0.05, lang="en"):
    names = [LONG, *(f"arm {place}" for place in range(1, count))]
    (axes,) = rank_diagram(names, RANKS[count], tables, alpha, lang).canvas.axes
    return axes


def dots(axes):
    """Arms by their places across, best first."""
    return sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o")


def bars(axes):
    """For each bar the places (in the order of ranks) of the arms that it covers."""
    found = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 5.0]
    return [[place for place, x in enumerate(dots(axes)) if low <= x <= high] for low, high in found]


def words(axes):
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(("alpha", "expected"), [(0.10, [[0, 1, 2], [2, 3]]), (0.05, [[0, 1, 2, 3]])])
def test_bars_of_demsars_figure(alpha, expected):
    assert bars(drawn(4, 14, alpha)) == expected


def test_a_bar_ends_before_a_near_arm_that_is_not_in_its_group():
    assert bars(drawn(8)) == [[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [4, 5, 6], [6, 7]]


def test_bars_on_one_level_do_not_touch():
    lines = [line for line in drawn(15, 30).lines if line.get_linewidth() == 5.0]
    levels = {}
    for line in lines:
        levels.setdefault(float(line.get_ydata()[0]), []).append(line.get_xdata())
    assert len(levels) == 3
    assert all(a[1] < b[0] for spans in levels.values() for a, b in pairwise(spans))


@pytest.mark.parametrize("count", [4, 8, 15])
def test_places_are_proportional_to_ranks(count):
    ranks, x = np.sort(RANKS[count]), np.array(dots(drawn(count)))
    slope = np.diff(x) / np.diff(ranks)
    assert slope == pytest.approx(slope[0])
    for rank in ranks:
        assert f"{rank:.2f}" in words(drawn(count))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("count", [2, 4, 8, 15, 40])
def test_nothing_leaves_the_sheet_and_no_names_overlap(count, lang):
    axes = drawn(count, tables=5, lang=lang)
    axes.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    width, height = axes.figure.get_size_inches() * style.DPI
    assert min(box.x0 for box in boxes) >= 20 and max(box.x1 for box in boxes) <= width - 20
    assert min(box.y0 for box in boxes) >= 5 and max(box.y1 for box in boxes) <= height - 5
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]


def test_lines_to_the_names_do_not_cross():
    """On either side an arm further out has its name further up."""
    elbows = [(line.get_xdata(), line.get_ydata()) for line in drawn(15).lines if len(line.get_xdata()) == 3]
    for side in (-1, 1):
        own = sorted((side * x[0], y[1]) for x, y in elbows if side * (x[2] - x[0]) > 0)
        assert [y for _, y in own] == sorted((y for _, y in own), reverse=True)


def test_where_no_group_is_left_the_note_says_so():
    axes = drawn(2, tables=100)
    assert bars(axes) == []
    assert any("tells all mean ranks apart" in text for text in words(axes))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(UnbendError, match="there is no language 'de'"):
        rank_diagram(["a", "b"], [1, 2], 5, lang="de")
    with pytest.raises(UnbendError, match="k=1, n=5"):
        rank_diagram(["a"], [1], 5)
    with pytest.raises(UnbendError, match="3 names for 2 mean ranks"):
        rank_diagram(["a", "b", "c"], [1, 2], 5)
