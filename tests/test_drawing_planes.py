"""Two pictures of the plane: regions beside the disc, and the same points in several spaces."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from unbend.drawing.feature_map import Plane, planes
from unbend.drawing.polygons import Region, beside_the_disc
from unbend.geometry import best_polygon

POINTS = np.array([[0.0, 0.0], [0.5, 0.5], [1.0, 0.0]])
PLANE = Plane("title", "first", "second", (-1.0, 2.0, -1.0, 2.0), POINTS, np.array([[0.0, 1.0], [1.0, 0.0]]))


def overflow(picture):
    """How many texts stick out of the picture."""
    picture.canvas.draw_without_rendering()
    sheet = picture.canvas.bbox
    texts = [text for axes in picture.canvas.axes for text in (axes.title, axes.xaxis.label, axes.yaxis.label)]
    texts += picture.canvas.legends[0].get_texts()
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    return sum(box.x0 < 0 or box.y0 < 0 or box.x1 > sheet.x1 or box.y1 > sheet.y1 for box in boxes)


@pytest.mark.parametrize("sides", [(3,), (3, 6), (3, 4, 6, 12)])
def test_every_region_is_drawn_whole_and_enlarged(sides):
    regions = [Region(f"{one} 个单元 units", best_polygon(one).vertices) for one in sides]
    picture = beside_the_disc(regions, "圆 disc", "边界 boundary", "判错 wrong")
    assert [axes.get_title(loc="left") for axes in picture.canvas.axes[::2]] == [region.title for region in regions]
    assert len(picture.canvas.axes) == 2 * len(sides)
    assert [text.get_text() for text in picture.canvas.legends[0].get_texts()] == [
        "圆 disc",
        "边界 boundary",
        "判错 wrong",
    ]
    assert overflow(picture) == 0


def test_only_what_lies_in_one_of_the_two_is_shaded():
    picture = beside_the_disc([Region("3", best_polygon(3).vertices)], "a", "b", "c")
    pixels = imread(io.BytesIO(picture.png()), format="png")[..., :3]
    axes = picture.canvas.axes[0]

    def color(place):
        column, row = axes.transData.transform(place)
        return tuple(pixels[int(pixels.shape[0] - row), int(column)])

    both, neither, missed, extra = map(color, [(0.0, 0.0), (-1.3, 1.3), (0.8, 0.3), (0.0, 1.3)])
    assert missed == extra
    assert len({both, neither, missed}) == 3


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_points_stand_in_every_plane_under_their_class(count):
    picture = planes([PLANE] * count, np.array([0, 1, 1]), ["外 out", "里 in"], "分界线 boundary")
    assert len(picture.canvas.axes) == count
    for axes in picture.canvas.axes:
        lines = {line.get_label(): line.get_xydata() for line in axes.lines}
        np.testing.assert_array_equal(lines["外 out"], POINTS[:1])
        np.testing.assert_array_equal(lines["里 in"], POINTS[1:])
        np.testing.assert_array_equal(lines["分界线 boundary"], PLANE.cut)
        width, height = axes.get_window_extent().size
        assert width == pytest.approx(height)
    assert overflow(picture) == 0
