"""Numbers along axes whose limits move from picture to picture: drawn anew each time, at a third of the usual cost."""

from typing import TYPE_CHECKING, Any

import numpy as np

from unbend.drawing import style
from unbend.geometry import Box

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MOST = 7  # numbers on an axis
BELOW, BESIDE = 0.014, 0.009  # of the axes: how far the numbers stand off
ROOM = 20.0, 40.0  # points between the axes and their names, for the numbers


class Ruler:
    """The numbers of one pair of ``axes``, whose own ticks it takes away; `show` sets them for a box."""

    def __init__(self, axes: "Axes"):
        """Make room for the numbers."""
        from matplotlib.ticker import MaxNLocator

        axes.set_xticks([])
        axes.set_yticks([])
        axes.xaxis.labelpad, axes.yaxis.labelpad = ROOM
        look: dict[str, Any] = {"fontsize": style.TICK, "color": style.QUIET}
        across, up = axes.get_xaxis_transform(), axes.get_yaxis_transform()
        self._locator = MaxNLocator(5, steps=[1, 2, 5, 10])
        self._numbers = (
            [axes.text(0.0, -BELOW, "", ha="center", va="top", transform=across, **look) for _ in range(MOST)],
            [axes.text(-BESIDE, 0.0, "", ha="right", va="center", transform=up, **look) for _ in range(MOST)],
        )
        marks: dict[str, Any] = {"linestyle": "none", "color": style.GRID, "markersize": 4.0, "clip_on": False}
        self._marks = (
            axes.plot([], [], marker=3, transform=across, **marks)[0],  # ticks that point down
            axes.plot([], [], marker=0, transform=up, **marks)[0],  # ticks that point left
        )

    @property
    def artists(self) -> "tuple[Artist, ...]":
        """What is drawn with every picture."""
        return (*self._marks, *self._numbers[0], *self._numbers[1])

    def show(self, box: Box) -> None:
        """Set the numbers for the limits ``box``."""
        for upright, (low, high) in enumerate((box[:2], box[2:])):
            places = [place for place in self._locator.tick_values(low, high) if low <= place <= high][:MOST]
            nothing = np.zeros(len(places))
            self._marks[upright].set_data(*((nothing, places) if upright else (places, nothing)))
            texts = tick_labels(places) + [""] * (MOST - len(places))
            for number, text, place in zip(
                self._numbers[upright], texts, places + [low] * (MOST - len(places)), strict=True
            ):
                number.set_text(text)
                (number.set_y if upright else number.set_x)(place)


def tick_labels(places: list[float]) -> list[str]:
    """Numbers with as many digits behind the point as their steps need.

    >>> tick_labels([-0.5, 0.0, 0.5]), tick_labels([0.0, 1000.0])
    (['−0.5', '0.0', '0.5'], ['0', '1000'])
    """
    step = min((b - a for a, b in zip(places, places[1:], strict=False)), default=1.0)
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    return [f"{place + 0.0:.{digits}f}".replace("-", "−") for place in places]
