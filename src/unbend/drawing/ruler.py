"""Numbers along axes whose limits move from picture to picture: drawn anew each time, at a third of the usual cost."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from matplotlib.ticker import Locator

MOST = 7  # numbers on an axis
BELOW, BESIDE = 0.014, 0.009  # of the axes: how far the numbers stand off
ROOM = 20.0, 36.0  # points between the axes and their names, for the numbers


@dataclass(frozen=True, eq=False)
class Ruler:
    """The ``numbers`` and ``marks`` across and up one pair of axes; `show` sets them for a box."""

    numbers: "tuple[list[Text], list[Text]]"
    marks: "tuple[Line2D, Line2D]"
    locator: "Locator"

    @property
    def artists(self) -> "tuple[Artist, ...]":
        """What is drawn with every picture."""
        return (*self.marks, *self.numbers[0], *self.numbers[1])

    def show(self, box: Box) -> None:
        """Set the numbers for the limits ``box``."""
        for upright, (low, high) in enumerate((box[:2], box[2:])):
            ticks = self.locator.tick_values(low, high)
            places = [float(place) for place in ticks if low <= place <= high][:MOST]
            nothing = [0.0] * len(places)
            self.marks[upright].set_data(*((nothing, places) if upright else (places, nothing)))
            texts = tick_labels(places) + [""] * (MOST - len(places))
            everywhere = places + [low] * (MOST - len(places))
            for number, text, place in zip(self.numbers[upright], texts, everywhere, strict=True):
                number.set_text(text)
                (number.set_y if upright else number.set_x)(place)


def ruler(axes: "Axes") -> Ruler:
    """A ruler in the place of the ticks of ``axes``; their names make room for it."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xticks([])
    axes.set_yticks([])
    axes.xaxis.labelpad, axes.yaxis.labelpad = ROOM
    look: dict[str, Any] = {"fontsize": style.TICK, "color": style.QUIET}
    marks: dict[str, Any] = {"linestyle": "none", "color": style.GRID, "markersize": 4.0, "clip_on": False}
    across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    return Ruler(
        numbers=(
            [axes.text(0.0, -BELOW, "", ha="center", va="top", transform=across, **look) for _ in range(MOST)],
            [axes.text(-BESIDE, 0.0, "", ha="right", va="center", transform=up, **look) for _ in range(MOST)],
        ),
        marks=(
            axes.plot([], [], marker=3, transform=across, **marks)[0],  # points down
            axes.plot([], [], marker=0, transform=up, **marks)[0],  # points left
        ),
        locator=MaxNLocator(5, steps=[1, 2, 5, 10]),
    )


def tick_labels(places: list[float]) -> list[str]:
    """Numbers with as many digits behind the point as their steps need.

    >>> tick_labels([-0.5, 0.0, 0.5]), tick_labels([0.0, 1000.0])
    (['−0.5', '0.0', '0.5'], ['0', '1000'])
    """
    step = min((b - a for a, b in pairwise(places)), default=1.0)
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    return [f"{place + 0.0:.{digits}f}".replace("-", "−") for place in places]
