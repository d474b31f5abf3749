"""The one style of every picture: size, fonts, colours, markers, and the matplotlib settings that go with them.

Orange is negative and blue is positive; classes differ by marker and by grey value too, so nothing depends on colour
alone. It knows nothing of runs and spaces.
"""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = (12.8, 7.2)  # inches; 1280 x 720 pixels
DPI = 100
FONT = Path(__file__).parent / "fonts" / "UnbendSans-Regular.otf"
FAMILY = "Unbend Sans"
CJK = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei")

NEGATIVE, POSITIVE, UNDECIDED = "#f59322", "#0877bd", "#e8eaeb"
INK, QUIET, GRID, PAPER = "#22262a", "#5f676e", "#aeb6bc", "#ffffff"
BOUNDARY = "#000000"
GRADIENT = "#c8102e"  # the red curve of an activation's derivative
CLASSES = (
    NEGATIVE, POSITIVE, "#1b9e77", "#c2569b", "#7a5230",
    "#57c4e5", "#b5a800", "#4b3f8f", "#e4572e", "#4d4d4d",
)  # fmt: skip
ACTIVATIONS = {  # the same in every chart that compares them
    "sigmoid": INK, "tanh": POSITIVE, "relu": NEGATIVE, "leaky_relu": CLASSES[2], "gelu": CLASSES[2],
}  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h")

HEADER, TITLE, LABEL, TICK = 19.0, 13.0, 12.0, 10.5  # points

_SETTINGS: dict[Any, Any] = {
    "font.size": LABEL,
    "text.color": INK,
    "text.parse_math": False,  # a feature may be called "price in $"
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": LABEL,
    "axes.labelpad": 3.0,
    "axes.linewidth": 1.0,
    "axes.axisbelow": True,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "unbend",
    "pdf.fonttype": 3,
}


def class_color(index: int) -> str:
    """The colour of class ``index``; after ten they begin again.

    >>> class_color(0), class_color(1), class_color(10)
    ('#f59322', '#0877bd', '#f59322')
    """
    return CLASSES[index % len(CLASSES)]


def class_marker(index: int) -> str:
    """The marker of class ``index``; after ten they begin again, shifted, so that colour and marker differ together.

    >>> class_marker(0), class_marker(1), class_marker(10)
    ('o', 's', 's')
    """
    return MARKERS[(index + index // len(CLASSES)) % len(MARKERS)]


def rgb(color: str) -> NDArray[np.float64]:
    """Red, green and blue (3,) in [0, 1] of ``#rrggbb``.

    >>> rgb("#ff0000")
    array([1., 0., 0.])
    """
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def soften(color: str, share: float) -> tuple[float, float, float]:
    """``color`` mixed with white; ``share`` of the colour remains.

    >>> soften("#000000", 0.25)
    (0.75, 0.75, 0.75)
    """
    red, green, blue = (1.0 + share * (rgb(color) - 1.0)).tolist()
    return red, green, blue


@cache
def families() -> tuple[str, ...]:
    """The font families to try in turn: the bundled one, Chinese fonts of this machine, matplotlib's own."""
    from matplotlib.font_manager import fontManager

    fontManager.addfont(FONT)
    present = {entry.name for entry in fontManager.ttflist}
    return (FAMILY, *(name for name in CJK if name in present), "DejaVu Sans")


@contextmanager
def settings(words_as_paths: bool = True) -> Generator[None]:
    """matplotlib's settings for making and saving a picture of ours; the user's come back afterwards.

    ``words_as_paths``: whether an SVG carries the shapes of its letters, or leaves them to the fonts of the reader.
    """
    from cycler import cycler
    from matplotlib import rc_context

    values: dict[Any, Any] = {**_SETTINGS, "font.family": list(families()), "axes.prop_cycle": cycler(color=CLASSES)}
    values["svg.fonttype"] = "path" if words_as_paths else "none"
    with rc_context(values):
        yield
