import re
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.drawing.fields import class_colors, resized, sign_colors
from unbend.drawing.video import write_gif, write_mp4
from unbend.errors import UnbendError
from unbend.files import extension, replacing


def pictures(count: int, height: int = 90, width: int = 160) -> list[np.ndarray]:
    frames = np.full((count, height, width, 4), 255, dtype=np.uint8)
    for index in range(count):
        frames[index, 20:40, index : index + 30, :3] = (245, 147, 34)
    return list(frames)


def test_a_file_is_there_completely_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(UnbendError, match=r"the folder '.*nowhere' does not exist; make it first"),
        replacing(tmp_path / "nowhere" / "a.png"),
    ):
        pass


def test_a_target_that_is_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with (
        pytest.raises(UnbendError, match=r"cannot write '.*a\.png': .*; choose another place"),
        replacing(tmp_path / "a.png") as temporary,
    ):
        temporary.write_text("x")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(("name", "said"), [("a.bmp", "the ending '.bmp'"), ("a", "no ending")])
def test_an_unknown_ending_names_the_known_ones(name: str, said: str) -> None:
    expected = f"cannot save a figure as '{name}': it has {said}; use one of .png, .svg"
    with pytest.raises(UnbendError, match=re.escape(expected)):
        extension(name, ("png", "svg"), "a figure")


def test_mp4_is_h264_in_the_pixel_format_that_every_player_knows(tmp_path: Path) -> None:
    write_mp4(tmp_path / "a.mp4", iter(pictures(12)), rate=10, hold=5)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (len(frames), frames[0].width, frames[0].height) == (17, 160, 90)
        assert float(stream.average_rate) == 10.0
    last = frames[-1].to_ndarray(format="rgb24")
    assert np.abs(last[30, 25].astype(int) - (245, 147, 34)).max() < 12
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads


def test_gif_repeats_and_holds_its_last_picture(tmp_path: Path) -> None:
    from PIL import Image

    frames = pictures(6)
    write_gif(tmp_path / "a.gif", iter(frames), rate=10, hold=5, samples=frames[:1])
    with Image.open(tmp_path / "a.gif") as picture:
        assert (picture.n_frames, picture.size, picture.info["loop"]) == (6, (160, 90), 0)
        picture.seek(5)
        assert picture.info["duration"] == 600
        assert picture.convert("RGB").getpixel((10, 30)) == (245, 147, 34)


def test_scores_are_orange_below_and_blue_above() -> None:
    low, middle, high = sign_colors(np.array([-1.0, 0.0, 1.0])).astype(int)
    assert low[0] > low[2] and high[2] > high[0]
    assert np.ptp(middle) < 8


def test_colors_of_classes_follow_the_winner_and_fade_with_doubt() -> None:
    sure, unsure = class_colors(np.array([[0.98, 0.01, 0.01], [0.34, 0.33, 0.33]])).astype(int)
    assert sure[0] > sure[2] and np.ptp(sure) > np.ptp(unsure)


@given(st.integers(2, 7), st.integers(2, 7), st.integers(8, 40), st.integers(8, 40))
def test_resizing_keeps_a_constant_and_is_opaque(h: int, w: int, height: int, width: int) -> None:
    picture = resized(np.full((h, w, 3), 77, dtype=np.uint8), width, height)
    assert picture.shape == (height, width, 4)
    assert np.all(picture[..., :3] == 77) and np.all(picture[..., 3] == 255)


def test_not_a_number_is_drawn_as_undecided() -> None:
    assert np.array_equal(sign_colors(np.array(np.nan)), sign_colors(np.array(0.0)))
    assert class_colors(np.full(3, np.nan)).dtype == np.uint8
