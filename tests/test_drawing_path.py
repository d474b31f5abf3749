"""The path of a probe: films and figures of any model, in both languages, and what is said where there is none."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="watching PyTorch models needs torch")

import unbend as ub  # noqa: E402
from unbend.drawing import style  # noqa: E402
from unbend.drawing.path_sheet import layer_name, path_panels  # noqa: E402
from unbend.drawing.path_story import path_of  # noqa: E402
from unbend.drawing.words import Words  # noqa: E402
from unbend.errors import UnbendError  # noqa: E402
from watched_models import MODELS, made, train  # noqa: E402


@pytest.fixture(scope="module")
def watch() -> ub.watching.Watch:
    model, x = made("gru")
    with ub.watch(model, probe=x, every=1) as w:
        train(model, x, steps=8)
    return w


LABELS = np.arange(64) % 2


def drawn(picture: object) -> np.ndarray:
    """The pixels of a figure (height, width, 3)."""
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGB"))


def words_of(picture: object) -> str:
    canvas = picture.canvas
    texts = [text.get_text() for axes in canvas.axes for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label)]
    titles = [axes.get_title(loc=where) for axes in canvas.axes for where in ("left", "right")]
    ticks = [tick.get_text() for axes in canvas.axes for tick in axes.get_xticklabels()]
    legend = [text.get_text() for text in canvas.legends[0].get_texts()]
    return " | ".join([*(text.get_text() for text in canvas.texts), *texts, *titles, *ticks, *legend])


@pytest.mark.parametrize("lang, said", [("en", "read-out direction"), ("zh", "读出方向")])
def test_a_film_has_a_picture_for_each_sample(watch: ub.watching.Watch, tmp_path: Path, lang: str, said: str) -> None:
    watch.film(tmp_path / "path.mp4", LABELS, lang, seconds=0.9)
    with av.open(str(tmp_path / "path.mp4")) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert pictures[0].shape == (720, 1280, 3)
    assert len(pictures) == 9 + 15
    assert np.abs(pictures[0].astype(int) - pictures[8]).max() > 100
    assert [file.name for file in tmp_path.iterdir()] == ["path.mp4"]
    assert said in words_of(watch.figure(LABELS, lang=lang))


def test_a_gif_is_written_too(watch: ub.watching.Watch, tmp_path: Path) -> None:
    from PIL import Image

    watch.film(tmp_path / "path.gif", LABELS)
    with Image.open(tmp_path / "path.gif") as picture:
        assert (picture.n_frames, picture.size) == (9, (960, 540))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_model_has_a_figure(name: str, lang: str) -> None:
    model, x = made(name)
    picture = ub.watch(model, probe=x).figure(LABELS, lang=lang)
    pixels = drawn(picture)
    for color in (style.NEGATIVE, style.POSITIVE):
        assert (np.abs(pixels - 255 * style.rgb(color)).max(axis=-1) < 8).sum() > 500
    hidden = len(path_of(ub.watch(model, probe=x), LABELS).names)
    assert len(picture.canvas.axes) == hidden + 1


def test_axes_stand_still_and_the_two_ends_of_the_film_differ_inside_them(watch: ub.watching.Watch) -> None:
    from matplotlib.figure import Figure

    path = path_of(watch, LABELS)
    with style.settings():
        canvas = Figure(style.SIZE, dpi=style.DPI)
        panel = path_panels(canvas, path, Words("en"))
        places = []
        for index in range(len(path.moments)):
            panel.show(index)
            places.append([(axes.get_xlim(), axes.get_ylim(), axes.get_position().bounds) for axes in canvas.axes])
    assert all(place == places[0] for place in places)
    assert [moment.step for moment in path.moments] == list(range(9))


def test_views_follow_each_other_without_a_flip(watch: ub.watching.Watch) -> None:
    path = path_of(watch, LABELS)
    for index in range(len(path.names)):
        for before, after in zip(path.moments, path.moments[1:], strict=False):
            for axis in (0, 1):
                pair = before.seen[index][:, axis], after.seen[index][:, axis]
                assert np.ptp(pair[0]) == 0 or np.corrcoef(*pair)[0, 1] > 0.5, (path.names[index], axis)


@pytest.mark.parametrize(
    "labels, groups, said",
    [
        (None, 2, "answer 0"),
        (np.arange(64) % 10, 10, "class 0"),
        ([["cat", "dog", "fish"][index % 3] for index in range(64)], 3, "fish"),
        (np.arange(64) / 64.0, 7, "R²"),
        (torch.arange(64).remainder(2)[:, None], 2, "class 1"),
        (np.arange(64) % 2 == 0, 2, "True"),
        (np.array(["a", "b"], object)[np.arange(64) % 2], 2, "b"),
    ],
)
def test_labels_are_classes_numbers_or_the_models_own_answers(
    watch: ub.watching.Watch, labels: object, groups: int, said: str
) -> None:
    assert len(path_of(watch, labels).coloring.names) == groups
    assert said in words_of(watch.figure(labels))


def test_what_an_encoder_gives_out_is_coloured_by_its_main_direction() -> None:
    torch.manual_seed(0)
    encoder = torch.nn.Sequential(torch.nn.Linear(6, 40), torch.nn.Tanh(), torch.nn.Linear(40, 40))
    coloring = path_of(ub.watch(encoder, probe=torch.randn(64, 6)), None).coloring
    assert coloring.values is not None and len(np.unique(coloring.groups)) == 7


def test_a_deep_model_shows_eight_hidden_layers_with_both_ends(watch: ub.watching.Watch) -> None:
    layers = [part for _ in range(20) for part in (torch.nn.Linear(8, 8), torch.nn.Sigmoid())]
    w = ub.watch(torch.nn.Sequential(*layers, torch.nn.Linear(8, 2)), probe=torch.randn(32, 8))
    path = path_of(w, np.arange(32) % 2)
    assert [layer_name(path, index, Words("zh")) for index in (0, 1, 8, 9)] == [
        "输入",
        "1 sigmoid",
        "39 sigmoid",
        "输出",
    ]
    assert "all inputs in one place" in words_of(w.figure(np.arange(32) % 2))


def test_a_step_can_be_chosen(watch: ub.watching.Watch) -> None:
    assert "at the start" in words_of(watch.figure(LABELS, step=0))
    assert "step 3 of 8" in words_of(watch.figure(LABELS, step=3))


def test_a_run_that_broke_shows_what_was_sound(watch: ub.watching.Watch) -> None:
    broken = ub.watch(*made("mlp"))
    sample = broken.history.samples[0]
    place = replace(sample.places.layers[1], kept=float("nan"))
    layers = (sample.places.layers[0], place, *sample.places.layers[2:])
    broken.history.record(replace(sample, step=5, places=replace(sample.places, layers=layers)))
    assert [moment.step for moment in path_of(broken, LABELS).moments] == [0]


@pytest.mark.parametrize(
    "given, message",
    [
        ({"labels": np.zeros(63)}, r"labels of shape \(63,\) do not fit the 64 inputs of the probe; give one each"),
        ({"labels": np.eye(64)}, r"labels of shape \(64, 64\) do not fit the 64 inputs"),
        ({"labels": np.zeros(64)}, "all labels are 0.0; a path needs inputs of two classes at least"),
        ({"labels": np.where(np.arange(64) == 5, np.nan, 1.0)}, r"labels\[5\] is nan; every input of the probe needs"),
        ({"step": 70}, "step 70 was not sampled; near it are 7 and 8, and -1 is the last"),
        ({"lang": "fr"}, "there is no language 'fr'"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(
    watch: ub.watching.Watch, given: dict[str, object], message: str
) -> None:
    with pytest.raises(UnbendError, match=message):
        watch.figure(**given)


def test_a_film_refuses_what_it_cannot_write(watch: ub.watching.Watch, tmp_path: Path) -> None:
    with pytest.raises(
        UnbendError, match=r"cannot save a film as 'path.avi': it has the ending '.avi'; use one of .mp4"
    ):
        watch.film(tmp_path / "path.avi")
    with pytest.raises(UnbendError, match=r"a film cannot last 0 seconds; give 0\.1 to 600"):
        watch.film(tmp_path / "path.mp4", seconds=0.0)
    assert not list(tmp_path.iterdir())


def test_no_samples_and_no_places_are_said(tmp_path: Path) -> None:
    model, _ = made("mlp")
    with pytest.raises(UnbendError, match="the watch of Sequential has no samples yet; train inside `with` first"):
        ub.watch(model).figure()
    w = ub.watch(*made("mlp"))
    sample = w.history.samples[0]
    w.history.samples[0] = replace(sample, places=None)
    with pytest.raises(UnbendError, match="no path of Sequential can be shown: its output does not hold one row for"):
        w.figure()
    bad = tuple(replace(place, kept=float("nan")) for place in sample.places.layers)
    w.history.samples[0] = replace(sample, places=replace(sample.places, layers=bad))
    with pytest.raises(
        UnbendError, match=r"no path of Sequential can be shown: NaN or Inf is in every sample; see w.su"
    ):
        w.figure()


@pytest.mark.parametrize(
    "lang, said", [("en", "gives the same answer to every input"), ("zh", "每个输入都给出同样的答案")]
)
def test_a_model_that_answers_all_alike_is_said_to_do_so(lang: str, said: str) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    with torch.no_grad():
        model[2].weight.zero_()
    assert said in words_of(ub.watch(model, probe=torch.randn(64, 6)).figure(lang=lang))
