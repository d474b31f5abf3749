"""The pictures: what is on them, that nothing is cut off or missing, that they are valid files."""

import itertools
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import AxesImage
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import unbend as ub
from drawing_runs import CASES, grown
from unbend.drawing import Figure, Reached, compare, figure
from unbend.drawing.bands import MOST_ROWS, bands, common_range, rows, values_of
from unbend.drawing.figures import named
from unbend.drawing.groups import VALUE_GROUPS
from unbend.drawing.telling import MOST_POINTS, tell
from unbend.drawing.words import Words
from unbend.errors import UnbendError


def texts(picture: Figure) -> list[str]:
    return [text.get_text() for text in picture.canvas.findobj(Text) if text.get_text()]


def drawn_texts(picture: Figure) -> list[tuple[str, Bbox]]:
    """All texts that are seen, with the room they take; ticks beyond the limits of an axis are not drawn."""
    canvas = FigureCanvasAgg(picture.canvas)
    canvas.draw()
    shown = [*picture.canvas.texts, *(text for legend in picture.canvas.legends for text in legend.get_texts())]
    for axes in picture.canvas.axes:
        shown += [*axes.texts, axes.title, axes._left_title, axes._right_title, axes.xaxis.label, axes.yaxis.label]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            shown += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    renderer = canvas.get_renderer()
    seen = [text for text in shown if text.get_text() and text.get_visible()]
    return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in seen]


def flaws(picture: Figure) -> list[str]:
    """Texts that leave the sheet, and pairs that overlap."""
    sheet, seen = picture.canvas.bbox, drawn_texts(picture)
    cut = [text for text, box in seen if box.x0 < 0 or box.y0 < 0 or box.x1 > sheet.x1 or box.y1 > sheet.y1]
    pairs = [
        f"{one} / {other}"
        for (one, first), (other, second) in itertools.combinations(seen, 2)
        if first.shrunk(0.97, 0.97).overlaps(second.shrunk(0.97, 0.97))
    ]
    return cut + pairs


@pytest.mark.parametrize(("name", "lang"), list(zip(CASES, ["zh", "en"] * 6, strict=True)))
def test_every_kind_of_run_is_drawn_with_all_its_words_on_the_sheet(name: str, lang: str) -> None:
    picture = figure(grown(name), lang=lang)  # a missing glyph would be a warning, and warnings are errors
    axes = picture.canvas.axes
    assert len(axes) == 5
    assert all(one.get_title(loc="left") for one in axes)
    assert all(axes[index].get_xlabel() for index in (0, 1, 3, 4))
    assert flaws(picture) == []


def test_the_input_panel_shows_the_boundary_that_geometry_found() -> None:
    run = grown("curves")
    picture, space = figure(run), ub.warp(run)
    drawn = picture.canvas.axes[0].lines[-1].get_xydata()
    assert np.array_equal(drawn[np.isfinite(drawn[:, 0])], np.concatenate(space.boundary))
    straight = picture.canvas.axes[1].lines[-1].get_xydata()
    assert np.array_equal(straight[:2], space.line)
    (grid,) = picture.canvas.axes[1].collections
    assert all(map(np.array_equal, grid.get_segments(), space.grid))


def test_points_keep_their_class_colour_and_marker_in_both_spaces() -> None:
    run = grown("iris")
    picture, data = figure(run), run.dataset
    for axes in picture.canvas.axes[:2]:
        groups = [line for line in axes.lines if line.get_marker() not in ("None", None, "")]
        assert [len(line.get_xdata()) for line in groups] == np.bincount(data.y.astype(int)).tolist()
        assert len({(line.get_color(), line.get_marker()) for line in groups}) == 3


def test_a_wide_table_says_how_much_of_the_variance_is_seen() -> None:
    run = grown("breast_cancer")
    space, said = ub.warp(run), texts(figure(run))
    assert f"shows {100 * space.projection.variance_share:.0f}% of the variance" in said
    assert f"{100 * space.agreement:.0f}% of the points keep their class here" in said
    assert f"direction 1 ({100 * space.input.projection.shares[0]:.0f}% of the variance)" in said
    assert "Input space, cut by a plane" in said


def test_a_network_without_hidden_layers_bends_nothing() -> None:
    said = texts(figure(grown("circles")))
    assert "No hidden layer: nothing is bent" in said
    assert "Input space: the line is straight" in said
    assert any(text.startswith("linear") for text in said)
    assert not any("flat" in text for text in said)


def test_a_run_that_diverged_says_so() -> None:
    run = grown("curves")
    history = {name: np.where(np.arange(5) < 3, values, np.nan) for name, values in run.history.items()}
    gone = replace(run, diverged_at=3, epochs=run.epochs[:3], weights_at=run.weights_at[:3], history=history)
    picture = figure(gone)
    assert "diverged in epoch 3; its last finite weights are shown" in texts(picture)
    assert any(text.startswith("epoch 2 of 4") for text in texts(picture))
    assert "第 3 轮发散" in texts(compare([gone, run], lang="zh"))
    assert flaws(picture) == []


def test_regression_shows_the_fit_and_for_two_features_lines_of_equal_prediction() -> None:
    run = grown("sine")
    fit = figure(run).canvas.axes[0].lines[-1].get_xydata()
    assert np.array_equal(fit, ub.warp(run).fit)
    plane = grown("plane")
    said = texts(figure(plane))
    assert "equal predictions" in said and "Input space: equal predictions" in said
    labels = tell(plane, (-1,)).labels
    assert labels.min() == 0 and labels.max() == VALUE_GROUPS - 1


def test_names_from_a_table_are_drawn_as_they_are(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    data = ub.data.table((x, x[:, 0] > 0))
    data = replace(data, name="价格_{$x^2$} and much more than fits", feature_names=("price in $ or $", "数\n量" * 30))
    layers = [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))]
    picture = figure(ub.Recording.from_weights(data, layers), lang="zh")
    assert "price in $ or $（标准化）" in texts(picture)
    assert flaws(picture) == []
    picture.save(tmp_path / "a.png")


def test_many_rows_are_thinned_and_the_picture_says_so() -> None:
    run = ub.Recording.from_weights(ub.data.curves(n=5000), [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))])
    story = tell(run, (-1,))
    assert len(story.inputs) == len(story.labels) == MOST_POINTS
    assert "4,000 of 5,000 points are drawn" in texts(figure(run))


def test_a_figure_of_an_early_epoch_marks_it() -> None:
    run = grown("curves", epochs=31)
    picture = figure(run, epoch=7)
    now = [line for line in picture.canvas.axes[3].lines if line.get_marker() == "o"]
    assert now[0].get_xdata().tolist() == [7.0]
    assert now[0].get_ydata().tolist() == [run.history["loss"][7]]
    assert any(text.startswith("epoch 7 of 30") for text in texts(picture))
    with pytest.raises(UnbendError, match="epoch 31 was not kept; choose one from 0 to 30, or -1"):
        figure(run, epoch=31)


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_saved_figure_is_a_valid_file_and_the_same_each_time(tmp_path: Path, ending: str) -> None:
    picture = figure(grown("curves"), lang="zh")
    picture.save(tmp_path / f"a.{ending}")
    picture.save(tmp_path / f"b.{ending}")
    data = (tmp_path / f"a.{ending}").read_bytes()
    assert data == (tmp_path / f"b.{ending}").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"a.{ending}", f"b.{ending}"]
    assert data[:4] in (b"<?xm", b"\x89PNG", b"%PDF")
    if ending == "svg":
        root = ElementTree.fromstring(data)
        assert root.get("viewBox") == "0 0 921.6 518.4"
        assert not [node for node in root.iter() if node.tag.endswith("}text")]  # letters are paths
        assert len(data) < 600_000
    if ending == "png":
        assert (data[16:20], data[20:24]) == ((1280).to_bytes(4), (720).to_bytes(4))


def test_a_notebook_gets_a_png() -> None:
    assert figure(grown("xor"))._repr_png_().startswith(b"\x89PNG")


def test_an_unknown_ending_writes_nothing(tmp_path: Path) -> None:
    expected = "cannot save a figure as 'a.jpg': it has the ending '.jpg'; use one of .png, .svg, .pdf"
    with pytest.raises(UnbendError, match=expected):
        figure(grown("xor")).save(tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())


def test_comparing_puts_one_column_for_each_run() -> None:
    runs = [grown("curves", activation=name) for name in ("sigmoid", "tanh", "relu")]
    reached = [Reached(231, 256), Reached(254, 256), Reached(101, 256)]
    picture = compare(runs, reached=reached)
    said = texts(picture)
    assert len(picture.canvas.axes) == 6
    assert {"sigmoid", "tanh", "relu", "231 of 256 seeds reach 99%", "epoch 4 of 4"} <= set(said)
    boxes = {picture.canvas.axes[index].get_xlim() for index in (1, 3, 5)}
    assert len(boxes) == 1
    assert flaws(picture) == []


def test_six_wide_runs_still_fit() -> None:
    runs = [grown("breast_cancer", hidden=hidden) for hidden in ((), (1,), (2,), (3,), (4, 4), (5,))]
    picture = compare(runs, lang="zh", reached=[Reached(1, 256)] * 6)
    assert flaws(picture) == []
    assert "1/256 达到 99%" in texts(picture)


def test_runs_are_called_by_what_tells_them_apart() -> None:
    base = grown("xor")
    runs = [base, replace(base, recipe=replace(base.recipe, learning_rate=0.5)), grown("xor", hidden=())]
    names = [story.name for story in named([tell(run, (-1,)) for run in runs], runs, Words("zh"))]
    assert len(set(names)) == 3 and names[2].startswith("线性")
    same = named([tell(base, (-1,))] * 2, [base, base], Words())
    assert [story.name for story in same] == ["relu", "relu"]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([], "no runs cannot stand side by side; give 1 to 6"),
        (["x"], "'x' is not a recording; give what ub.train returns, or a list of such"),
        (3, "3 is not a recording"),
    ],
)
def test_what_cannot_be_compared_is_refused(runs: object, message: str) -> None:
    with pytest.raises(UnbendError, match=message):
        compare(runs)


def test_more_runs_than_fit_are_refused_without_making_them_all() -> None:
    run = grown("xor")
    with pytest.raises(UnbendError, match="more than 6 runs cannot stand side by side"):
        compare(itertools.repeat(run))
    with pytest.raises(UnbendError, match="reached has 1 entries for 2 runs; give one for each run"):
        compare([run, run], reached=[Reached(1, 2)])


def test_the_share_that_is_flat_is_that_of_the_gradient() -> None:
    run = grown("curves", activation="relu")
    (shown,) = values_of(run.network, run.forward())
    assert shown.flat == np.mean(run.forward()[0].pre_activation <= 0)
    span = common_range([(shown,)])
    (band,) = bands((shown,), span)
    assert band.counts.max() == 1.0 and len(band.counts) == 60
    assert span[0] <= 0.0 <= span[1]


def test_a_deep_network_shows_its_first_and_last_layers() -> None:
    shown = rows(grown("spiral").network)
    assert len(shown) == MOST_ROWS
    assert shown[0] == ("layer", 1) and shown[-1] == ("layer", 9)


def test_values_that_are_not_finite_do_not_stretch_the_range() -> None:
    from unbend.drawing.bands import Values

    wild = Values(np.array([0.0, 1.0, np.inf, -np.inf, np.nan]), None)
    low, high = common_range([(wild,)])
    assert -0.1 < low < 0.0 and 1.0 < high < 1.1
    assert bands((Values(np.array([np.nan]), None),), (0.0, 1.0))[0].counts.sum() == 0


def test_the_field_is_an_image_and_lies_under_everything() -> None:
    axes = figure(grown("curves")).canvas.axes[0]
    (image,) = axes.findobj(AxesImage)
    assert image.get_zorder() < min(line.get_zorder() for line in axes.lines)
    assert tuple(image.get_extent()) == (*axes.get_xlim(), *axes.get_ylim())


def test_a_figure_says_how_often_if_it_is_told() -> None:
    assert "231 of 256 seeds reach 99%" in texts(figure(grown("curves"), reached=[Reached(231, 256)]))
    assert "256 个种子中有 7 个达到 R² 0.9" in texts(figure(grown("sine"), lang="zh", reached=[Reached(7, 256, 0.9)]))
