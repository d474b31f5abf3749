import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.drawing import style
from unbend.drawing.curves import curve, sampled
from unbend.drawing.words import TABLE, Words, percent, shorten
from unbend.errors import UnbendError


def grey(color: str) -> float:
    """Relative luminance by ITU-R BT.709, on linear light (WCAG 2.1, "relative luminance")."""
    part = style.rgb(color)
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def seen_by(color: str, matrix: list[list[float]]) -> np.ndarray:
    return np.clip(np.array(matrix) @ style.rgb(color), 0.0, 1.0)


def test_negative_and_positive_differ_without_colour() -> None:
    light, dark = grey(style.NEGATIVE), grey(style.POSITIVE)
    assert (light + 0.05) / (dark + 0.05) > 1.9
    assert style.class_marker(0) != style.class_marker(1)


@pytest.mark.parametrize(
    "matrix",
    [
        # Machado, Oliveira and Fernandes (2009), severity 1.0: protanopia, deuteranopia
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ],
)
def test_negative_and_positive_differ_for_the_colour_blind(matrix: list[list[float]]) -> None:
    assert np.linalg.norm(seen_by(style.NEGATIVE, matrix) - seen_by(style.POSITIVE, matrix)) > 0.5


def test_no_two_classes_share_colour_and_marker() -> None:
    looks = [(style.class_color(index), style.class_marker(index)) for index in range(30)]
    assert len(set(looks)) == 30


def test_every_word_is_there_twice_with_the_same_values_to_fill_in() -> None:
    import string

    for key, texts in TABLE.items():
        english, chinese = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts)
        assert english == chinese, key


def test_the_bundled_font_has_every_character_of_the_table() -> None:
    from matplotlib.ft2font import FT2Font

    known = set(FT2Font(str(style.FONT)).get_charmap())
    used = {character for texts in TABLE.values() for text in texts for character in text} - {"\n"}
    assert not {character for character in used if ord(character) not in known}
    common = (
        "激活函数空间神经网络损失准确率弯曲直线边界梯度种子发散饱和"
        + "".join(map(chr, range(0x21, 0x7F)))
        + "αβγ−×≤≥≈′²"
    )
    assert not {character for character in common if ord(character) not in known}


def test_the_font_carries_its_licence() -> None:
    licence = (style.FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence and "Adobe" in licence
    assert style.FONT.stat().st_size < 3_000_000


def test_settings_come_back() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.settings():
        assert mpl.rcParams["font.family"][0] == style.FAMILY
    assert dict(mpl.rcParams) == before


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnbendError, match="there is no language 'de'; did you mean 'en'"):
        Words("de")


@given(st.floats(0.0, 1.0))
def test_a_percentage_is_never_rounded_to_all_or_nothing(share: float) -> None:
    text = percent(share)
    assert (text == "100%") == (share == 1.0)
    assert (text == "0%") == (share == 0.0)
    assert abs(float(text.removesuffix("%")) - 100 * share) <= 0.11


@given(st.text(max_size=60), st.integers(4, 40))
def test_shortened_text_fits_on_its_line(text: str, length: int) -> None:
    short = shorten(text, length)
    assert "\n" not in short
    assert sum(2 if ord(character) > 0x2E80 else 1 for character in short) <= length


def test_importing_the_room_does_not_load_matplotlib() -> None:
    code = "import sys, unbend.drawing; print([m for m in ('matplotlib', 'av', 'PIL') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
    code = "import sys, matplotlib; print([m for m in ('matplotlib', 'av', 'PIL') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "matplotlib" in result.stdout  # the guard can fail


def test_a_curve_shows_the_jump_of_a_gradient(tmp_path: Path) -> None:
    from unbend.activations import activation

    picture = curve(activation("relu"), "zh")
    picture.save(tmp_path / "relu.png")
    value, gradient = picture.canvas.axes[0].lines[-2:]
    assert np.isfinite(value.get_ydata()).all()
    assert np.isnan(gradient.get_ydata()).sum() == 1
    assert gradient.get_linestyle() == "--" and value.get_linestyle() == "-"


def test_samples_lie_beside_each_kink() -> None:
    places = sampled((-2.0, 2.0), (0.0, 1.0, 7.0))
    assert 0.0 not in places and 1.0 not in places
    assert np.all(np.diff(places) > 0)
    assert np.min(np.abs(places)) < 1e-8


def test_an_empty_span_is_refused() -> None:
    from unbend.activations import activation

    with pytest.raises(UnbendError, match=r"the span \(1.0, 1.0\) is empty; give two finite numbers"):
        curve(activation("tanh"), span=(1.0, 1.0))
