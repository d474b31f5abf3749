"""The films: valid files, axes that stand still, the same picture as the figure's, nothing left behind."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import unbend as ub
from drawing_runs import grown
from unbend.drawing import Reached, figure, film, style
from unbend.drawing.films import at_or_before, clock, frames
from unbend.drawing.sheet import four_panels
from unbend.drawing.telling import tell
from unbend.drawing.words import Words
from unbend.errors import UnbendError


@pytest.fixture(scope="module")
def run() -> ub.Recording:
    return grown("curves", epochs=12)


@pytest.fixture(scope="module")
def wide() -> ub.Recording:
    return grown("iris", "relu", (6, 5))


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def all_frames(recording: ub.Recording, lang: str = "en") -> list[np.ndarray]:
    from matplotlib.figure import Figure

    with style.settings():
        canvas = FigureCanvasAgg(Figure(style.SIZE, dpi=style.DPI))
        epochs = recording.epochs.tolist()
        panel = four_panels(canvas.figure, tell(recording, epochs), Words(lang))
        return [frame[..., :3].copy() for frame in frames(canvas, panel, range(len(epochs)))]


def test_a_film_has_a_picture_for_each_kept_epoch_and_holds_the_last(run: ub.Recording, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    film(run, tmp_path / "a.mp4", lang="zh", seconds=1.2, progress=lambda done, count: told.append((done, count)))
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (1280, 720, 10)
    pictures = decoded(tmp_path / "a.mp4")
    assert len(pictures) == len(run.epochs) + 15
    assert np.abs(pictures[-1].astype(int) - pictures[-15]).mean() < 0.5
    assert told == [(index + 1, 24) for index in range(24)]
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_several_runs_share_one_clock(run: ub.Recording, tmp_path: Path) -> None:
    longer = grown("curves", "relu", epochs=15)
    assert clock([run, longer]) == tuple(longer.epochs.tolist())
    assert at_or_before(run, (0, 5, 30)) == [0, 5, 11]
    film([run, longer], tmp_path / "a.mp4", reached=[Reached(1, 2), Reached(2, 2)])
    assert len(decoded(tmp_path / "a.mp4")) >= len(longer.epochs)


def test_a_gif_repeats_and_is_smaller(run: ub.Recording, tmp_path: Path) -> None:
    from PIL import Image

    short = replace(run, epochs=run.epochs[:6], weights_at=run.weights_at[:6])
    film(short, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as picture:
        assert (picture.n_frames, picture.size, picture.info["loop"]) == (6, (960, 540), 0)


def test_nothing_jitters(run: ub.Recording, wide: ub.Recording) -> None:
    """Everything outside the panels' insides and their changing words is the same in each picture."""
    for recording in (run, wide):
        pictures = np.stack(all_frames(recording))
        still = np.ones(pictures.shape[1:3], dtype=bool)
        still[20:66, 560:] = False  # the epoch and the metric in the header
        for left, top, width, height in ((68, 112, 412, 462), (552, 112, 412, 462), (1040, 394, 212, 180)):
            still[top - 2 : top + height + 3, left - 2 : left + width + 3] = False
        still[84:320, 1030:1264] = False  # history: its dot may overlap the frame, its value changes
        assert np.all(pictures[:, still] == pictures[0, still])
        assert not np.all(pictures[0] == pictures[-1])


def test_the_last_picture_is_the_figure(run: ub.Recording) -> None:
    """The quick way of drawing a film agrees with matplotlib's own."""
    from matplotlib.figure import Figure

    story = tell(run, run.epochs.tolist())
    with style.settings():
        canvas = FigureCanvasAgg(Figure(style.SIZE, dpi=style.DPI))
        panel = four_panels(canvas.figure, story, Words())
        panel.show(len(story.moments) - 1)
        canvas.draw()
        whole = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    quick = all_frames(run)[-1].astype(int)
    assert np.abs(quick - whole).mean() < 0.6
    inside = (slice(120, 560), slice(76, 470))  # the soft field is the same way up
    assert np.abs(quick[inside] - whole[inside]).mean() < 1.5


def test_the_axes_of_a_film_hold_every_epoch(wide: ub.Recording) -> None:
    story = tell(wide, wide.epochs.tolist())
    left, right, bottom, top = story.hidden_box
    for moment in story.moments:
        assert moment.space.limits == story.hidden_box
        points = moment.space.points
        assert np.all((points >= (left, bottom)) & (points <= (right, top)))


def test_a_film_of_very_many_epochs_is_thinned(run: ub.Recording) -> None:
    many = replace(run, epochs=np.arange(5000))
    epochs = clock([many])
    assert len(epochs) == 240 and epochs[0] == 0 and epochs[-1] == 4999


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_film_that_is_stopped_leaves_nothing(run: ub.Recording, tmp_path: Path, error: type[BaseException]) -> None:
    def stop(done: int, count: int) -> None:
        if done == 3:
            raise error

    (tmp_path / "a.mp4").write_text("the old one")
    with pytest.raises(error):
        film(run, tmp_path / "a.mp4", progress=stop)
    assert (tmp_path / "a.mp4").read_text() == "the old one"
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_bad_wishes_are_refused_in_one_sentence(run: ub.Recording, tmp_path: Path) -> None:
    with pytest.raises(UnbendError, match=r"cannot save a film as 'a.avi': .*; use one of .mp4, .gif"):
        film(run, tmp_path / "a.avi")
    with pytest.raises(UnbendError, match="a film cannot last 0 seconds; give 0"):
        film(run, tmp_path / "a.mp4", seconds=0)
    with pytest.raises(UnbendError, match="there is no language 'fr'"):
        film(run, tmp_path / "a.mp4", lang="fr")
    with pytest.raises(UnbendError, match="no runs cannot stand side by side"):
        film([], tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_pictures_leave_the_users_settings_alone(run: ub.Recording, tmp_path: Path) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figure(run).save(tmp_path / "a.png")
    assert dict(mpl.rcParams) == before


def test_drawing_does_without_pyplot(tmp_path: Path) -> None:
    code = (
        "import sys, unbend as ub; from unbend.drawing import figure; import numpy as np;"
        "layers = [(np.eye(2), np.zeros(2)), (np.ones((2, 1)), np.zeros(1))];"
        "figure(ub.Recording.from_weights(ub.data.xor(), layers)).save(sys.argv[1]);"
        "print('matplotlib.pyplot' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
