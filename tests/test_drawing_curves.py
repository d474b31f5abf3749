"""Activations side by side: one scale for all, and grey exactly where the gradient is small."""

import numpy as np
import pytest

from unbend.activations import activation
from unbend.drawing.curves import LEVELS, curve_panels
from unbend.errors import UnbendError


def panels(*names, **settings):
    return curve_panels([activation(name) for name in names], 0.01, **settings).canvas


def grey(axes):
    (patch,) = axes.collections
    return [(path[:, 0].min(), path[:, 0].max()) for path in (path.vertices for path in patch.get_paths())]


def test_all_panels_have_one_scale():
    axes = panels("sigmoid", "tanh", "relu").axes
    assert {one.get_ylim() for one in axes} == {LEVELS}
    assert {one.get_xlim() for one in axes} == {(-6.0, 6.0)}
    assert len({round(one.get_position().width, 9) for one in axes}) == 1


# sigmoid' = 0.01 at ±ln(49 + 20 √6), tanh' = 0.01 at ±artanh √0.99; the picture has a step of 0.03
@pytest.mark.parametrize("name, edge", [("sigmoid", np.log(49 + 20 * np.sqrt(6))), ("tanh", np.arctanh(np.sqrt(0.99)))])
def test_grey_begins_where_the_gradient_falls_below_a_hundredth(name, edge):
    (left, right) = grey(panels(name).axes[0])
    assert left == pytest.approx((-6.0, -edge), abs=0.031)
    assert right == pytest.approx((edge, 6.0), abs=0.031)


def test_relu_is_grey_on_its_left_half_alone():
    assert grey(panels("relu").axes[0]) == [pytest.approx((-6.0, 0.0), abs=0.031)]


def test_both_languages_name_the_lines():
    legends = [panels("tanh", lang=lang).legends[0] for lang in ("en", "zh")]
    assert [[text.get_text() for text in legend.get_texts()][1] for legend in legends] == ["value f(x)", "函数值 f(x)"]


def test_an_empty_span_is_refused():
    with pytest.raises(UnbendError, match=r"the span \(1, 1\) is empty"):
        panels("tanh", span=(1, 1))
