"""How the points of each class, or of each range of target values, look and what they are called."""

from dataclasses import dataclass

import numpy as np

from unbend.data.dataset import Dataset
from unbend.drawing import style
from unbend.drawing.words import Words, shorten

VALUE_GROUPS = 7
VALUE_MARKERS = ("v", "v", "v", "o", "^", "^", "^")


@dataclass(frozen=True)
class Group:
    """One kind of points: ``color``, ``marker`` and, where it has one, ``name``."""

    color: str
    marker: str
    name: str


def groups(data: Dataset, words: Words) -> tuple[Group, ...]:
    """The classes; for regression, seven ranges of the target from low to high, of which the ends have names."""
    if data.task == "regression":
        ends = {0: words("low"), VALUE_GROUPS - 1: words("high")}
        names = [shorten(f"{data.target_name} {ends[index]}") if index in ends else "" for index in range(VALUE_GROUPS)]
        return tuple(Group(*looks) for looks in zip(value_shades(), VALUE_MARKERS, names, strict=True))
    names = data.class_names or tuple(str(code) for code in range(int(data.y.max()) + 1))
    return tuple(
        Group(style.class_color(index), style.class_marker(index), shorten(name)) for index, name in enumerate(names)
    )


def value_shades() -> tuple[str, ...]:
    """Seven colours from orange over grey to blue.

    >>> value_shades()[0], value_shades()[3]
    ('#f59322', '#b9bec2')
    """
    middle = style.rgb("#b9bec2")
    ends = style.rgb(style.NEGATIVE), style.rgb(style.POSITIVE)
    shades = [middle + abs(step) * (ends[int(step > 0)] - middle) for step in np.linspace(-1.0, 1.0, VALUE_GROUPS)]
    return tuple("#" + "".join(f"{round(255 * part):02x}" for part in shade) for shade in shades)


def point_size(count: int) -> float:
    """The size of markers, in points: large for the four points of XOR, small for thousands.

    >>> point_size(4), point_size(100_000)
    (13.0, 3.8)
    """
    return float(np.interp(count, [4, 40, 200, 1000, 2000], [13.0, 8.0, 5.5, 4.2, 3.8]))
