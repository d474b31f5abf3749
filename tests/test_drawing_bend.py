"""The film of the passage through the layers, its still strip, and the lifted sheet: real files, real pictures."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import unbend as ub
from drawing_runs import grown
from unbend.drawing import Figure, bend_film, lift, passage, style
from unbend.drawing.bend_films import screen_for, screened
from unbend.drawing.films import new_canvas
from unbend.drawing.journey import boxed, sights, timetable, travel
from unbend.drawing.words import Words
from unbend.errors import UnbendError


@pytest.fixture(scope="module")
def run() -> ub.Recording:
    return grown("curves", epochs=3)


def pictures(run: ub.Recording, indices: list[int], lang: str = "en", count: int = 60) -> list[np.ndarray]:
    with style.settings():
        canvas = new_canvas(style.DPI)
        screen = screen_for(canvas.figure, travel(run), Words(lang), count)
        return [frame[..., :3].copy() for frame in screened(canvas, screen, indices)]


def test_a_film_of_the_bend_is_a_real_one(run: ub.Recording, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run.film(
        tmp_path / "bend.mp4", lang="zh", kind="bend", seconds=3.5, progress=lambda done, all: told.append((done, all))
    )
    with av.open(str(tmp_path / "bend.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (1280, 720, 16)
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(shown) == 32 + 24  # two seconds move, one and a half stand still
    assert told == [(done + 1, 32) for done in range(32)]
    differences = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(shown)]
    assert min(differences[4:28]) > 0.05 and max(differences[32:]) < 0.3
    assert [file.name for file in tmp_path.iterdir()] == ["bend.mp4"]


def test_as_a_gif(run: ub.Recording, tmp_path: Path) -> None:
    from PIL import Image

    bend_film(run, tmp_path / "a.gif", seconds=0.5)
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.size == (960, 540) and picture.n_frames >= 3


def test_the_usual_film_is_short_and_light(run: ub.Recording) -> None:
    journey = travel(run)
    plan = timetable(journey)
    assert [step for _, step, _ in plan] == ["input", "turn", "shift", "bend", "line", "back", "home"]
    deep = timetable(travel(grown("circles", "tanh", (2, 3, 8))))
    assert [(step, layer) for _, step, layer in deep if step == "bend"] == [("bend", 0), ("bend", 1), ("bend", 2)]


@pytest.mark.parametrize("hidden", [(2,), (3,), (1,), (8, 8), (2, 2, 2)])
def test_axes_move_smoothly_and_hold_the_points(hidden: tuple[int, ...]) -> None:
    seen = sights(travel(grown("circles", "tanh", hidden)), 120, 1.5)
    boxes = np.array([sight.box for sight in seen])
    heights = boxes[:, 3] - boxes[:, 2]
    np.testing.assert_allclose((boxes[:, 1] - boxes[:, 0]) / heights, 1.5)
    assert (np.abs(np.diff(np.log(heights))) < 0.7).all()
    for sight in seen:
        left, right, bottom, top = sight.box
        x, y = sight.morph.points.T
        outside = (x < left) | (x > right) | (y < bottom) | (y > top)
        assert outside.mean() < 0.05


def test_it_begins_and_ends_in_the_input(run: ub.Recording) -> None:
    seen = sights(travel(run), 50, 1.5)
    np.testing.assert_allclose(seen[0].morph.points, run.dataset.x, atol=1e-9)
    np.testing.assert_allclose(seen[-1].morph.points, run.dataset.x, atol=1e-9)
    assert seen[0].step == "input" and not seen[0].carried and seen[-1].step == "home" and seen[-1].carried
    assert max(sight.line for sight in seen) == 1.0


def test_what_stands_still_does_and_what_moves_moves(run: ub.Recording) -> None:
    shown = np.stack(pictures(run, [0, 12, 22, 34, 45, 59]))
    assert (shown[:, :60] == shown[0, :60]).all()  # the title of the film
    assert (shown[:, 670:] == shown[0, 670:]).all()  # the legend
    for one, other in pairwise(shown):
        assert np.abs(one.astype(int) - other)[112:626, 76:880].mean() > 0.3
    assert np.abs(shown[0].astype(int) - shown[-1])[112:626, 76:880].mean() > 0.1  # the boundary has come


def test_both_languages_differ_in_words_alone(run: ub.Recording) -> None:
    (english,), (chinese,) = pictures(run, [30]), pictures(run, [30], "zh")
    assert np.abs(english.astype(int) - chinese)[112:620, 80:876].mean() < 0.01
    assert np.abs(english.astype(int) - chinese)[:, 940:].mean() > 0.3


@pytest.mark.parametrize("name", ["xor", "breast_cancer", "iris", "sine", "plane", "blobs", "moons"])
def test_every_kind_of_data_can_be_followed(name: str, tmp_path: Path) -> None:
    run = grown(name)
    bend_film(run, tmp_path / "a.mp4", seconds=0.6)
    assert (tmp_path / "a.mp4").stat().st_size > 10_000
    passage(run, lang="zh").save(tmp_path / "a.png")


def test_the_strip_tells_the_passage_in_order(run: ub.Recording) -> None:
    titles = [axes.get_title(loc="left") for axes in passage(run, lang="zh").canvas.axes]
    assert titles == [
        "1  输入空间",
        titles[1],
        "3  平移（b）",
        "4  弯曲（tanh）",
        "5  一条直线划分空间",
        "6  回到输入空间：直线是弯的",
    ]
    assert titles[1] in ("2  旋转、拉伸（W）", "2  翻面、拉伸（W）")
    deep = grown("circles", "relu", (2, 8))
    assert len(passage(deep, layer=0).canvas.axes) == 5  # no straight line before the last layer
    first = passage(deep).canvas.axes[0]
    assert first.get_title(loc="left") == "1  the layer before"
    counted = [text.get_text() for text in passage(deep, layer=0).canvas.axes[0].texts]
    assert counted == ["2 of 2 units fold inside the picture"]


def test_the_lifted_sheet_is_drawn_on_its_sides_of_the_cut(tmp_path: Path) -> None:
    data = ub.data.ring(n=200)
    runs = [ub.train(data, hidden=(units,), epochs=3) for units in (2, 3)]
    angle = np.linspace(0, 6.3, 100)
    loop = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    plain, looped = lift(*runs), lift(*runs, lang="zh", loop=loop)
    assert isinstance(plain, Figure) and len(looped.canvas.axes) == 2
    assert len(looped.canvas.axes[0].lines) == len(plain.canvas.axes[0].lines) + 1
    for index, picture in enumerate((plain, looped)):
        picture.save(tmp_path / f"{index}.png")
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "1.png").read_bytes()


def test_boxes_have_one_aspect() -> None:
    assert boxed((0.0, 4.0, 0.0, 1.0), 2.0) == (0.0, 4.0, -0.5, 1.5)


def test_bad_wishes_are_refused_in_one_sentence(run: ub.Recording, tmp_path: Path) -> None:
    with pytest.raises(UnbendError, match="there is no film of the kind 'bent'; did you mean 'bend'"):
        run.film(tmp_path / "a.mp4", kind="bent")
    with pytest.raises(UnbendError, match="a film cannot last 0 seconds"):
        bend_film(run, tmp_path / "a.mp4", seconds=0)
    with pytest.raises(UnbendError, match=r"cannot save a film as 'a\.avi'"):
        bend_film(run, tmp_path / "a.avi")
    with pytest.raises(UnbendError, match="there is no language 'fr'"):
        passage(run, lang="fr")
    with pytest.raises(UnbendError, match="layer 3 is not a hidden layer"):
        passage(run, layer=3)
    with pytest.raises(UnbendError, match="without hidden layers bends nothing"):
        bend_film(grown("circles", "tanh", ()), tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())
