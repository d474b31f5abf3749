"""The passage of a trained network's space through all its hidden layers, moment by moment; nothing is drawn here."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import numpy as np

from unbend.drawing.story import Array, Story
from unbend.drawing.telling import tell
from unbend.errors import UnbendError
from unbend.geometry import Box, Morph, Space, warp
from unbend.geometry.limits import space_limits
from unbend.geometry.morph import PARTS, Part, Passage, passage_of

if TYPE_CHECKING:
    from unbend.recording.recording import Recording

Step = Literal["input", "turn", "shift", "bend", "line", "back", "home"]
TIMES: dict[Step, float] = {
    "input": 1.6, "turn": 4.0, "shift": 2.0, "bend": 4.0, "line": 3.0, "back": 4.0, "home": 1.2,
}  # fmt: skip
CALM = 9  # pictures over which the limits of the axes are smoothed


@dataclass(frozen=True, eq=False)
class Journey:
    """A run's ``story`` at one epoch, the ``spaces`` of its hidden layers, and the ``passages`` through them."""

    story: Story
    spaces: tuple[Space, ...]
    passages: tuple[Passage, ...]

    @property
    def straight(self) -> tuple[Array, ...]:
        """The straight lines (2, 2) in the last hidden space."""
        return self.passages[-1].lines


@dataclass(frozen=True, eq=False)
class Sight:
    """One picture: the ``step`` under way and the ``share`` of it that is done, in hidden ``layer``, and what is seen.

    ``carried``: whether the boundary is shown as it is carried along; ``line``: how far the straight line has appeared,
    from 0 to 1.
    """

    step: Step
    layer: int
    share: float
    morph: Morph
    carried: bool
    line: float
    box: Box


def travel(run: "Recording", epoch: int = -1) -> Journey:
    """The journey of ``run`` at ``epoch``. Raises `UnbendError` where there is no hidden layer."""
    hidden = len(run.network.activations)
    if not hidden:
        raise UnbendError("a network without hidden layers bends nothing; give one such as hidden=(2,)")
    spaces = tuple(warp(run, epoch, layer) for layer in range(hidden))
    return Journey(tell(run, (epoch,)), spaces, tuple(passage_of(space) for space in spaces))


def sights(journey: Journey, pictures: int, aspect: float) -> list[Sight]:
    """The journey in so many ``pictures``, seen through boxes of one ``aspect`` (width / height) that move smoothly."""
    plan = timetable(journey)
    ends = list(accumulate(length for length, _, _ in plan))
    times = np.linspace(0.0, ends[-1], pictures)
    seen = [_sight(journey, plan, ends, float(time)) for time in times]
    boxes = _calmed(np.array([_square(space_limits(one.morph.points, one.morph.grid), aspect) for one in seen]), aspect)
    return [replace(one, box=box) for one, box in zip(seen, boxes, strict=True)]


def timetable(journey: Journey) -> list[tuple[float, Step, int]]:
    """How long each step takes, and the layer it belongs to."""
    last = len(journey.spaces) - 1
    through: list[tuple[float, Step, int]] = [(TIMES[part], part, layer) for layer in range(last + 1) for part in PARTS]
    line: list[tuple[float, Step, int]] = [(TIMES["line"], "line", last)] if journey.straight else []
    return [(TIMES["input"], "input", 0), *through, *line, (TIMES["back"], "back", last), (TIMES["home"], "home", 0)]


def _sight(journey: Journey, plan: list[tuple[float, Step, int]], ends: list[float], time: float) -> Sight:
    at = min(bisect_right(ends, time), len(plan) - 1)
    length, step, layer = plan[at]
    share = _eased(1.0 - (ends[at] - time) / length)
    if step == "back":
        return _on_the_way_back(journey, share)
    part: Part = "bend" if step == "line" else "turn" if step in ("input", "home") else step
    done = {"line": 1.0, "input": 0.0, "home": 0.0}.get(step, share)
    morph = journey.passages[layer].at(part, done)
    carried = step == "home" or (step == "line" and not journey.straight)
    return Sight(step, layer, share, morph, carried, min(1.0, 2.0 * share) if step == "line" else 0.0, (0, 1, 0, 1))


def _on_the_way_back(journey: Journey, share: float) -> Sight:
    """From the end of the last layer to the beginning of the first."""
    left = (1.0 - share) * len(journey.passages)
    layer = min(int(left), len(journey.passages) - 1)
    part = min(int(3 * (left - layer)), 2)
    morph = journey.passages[layer].at(PARTS[part], min(3 * (left - layer) - part, 1.0))
    return Sight("back", layer, share, morph, True, 0.0, (0, 1, 0, 1))


def _eased(share: float) -> float:
    """Slow at both ends."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _square(box: Box, aspect: float) -> tuple[float, float, float]:
    """Middle and half the height of the least box of the ``aspect`` around another; an unit is as long up as across."""
    left, right, bottom, top = box
    return (left + right) / 2, (bottom + top) / 2, max((top - bottom) / 2, (right - left) / 2 / aspect)


def boxed(box: Box, aspect: float) -> Box:
    """The least box of the ``aspect`` around another.

    >>> boxed((0.0, 1.0, 0.0, 1.0), 2.0)
    (-0.5, 1.5, 0.0, 1.0)
    """
    x, y, half = _square(box, aspect)
    return x - aspect * half, x + aspect * half, y - half, y + half


def _calmed(views: Array, aspect: float) -> list[Box]:
    """Boxes from middles and half heights (n, 3), smoothed over time so that they never lag behind what they hold."""
    room = CALM // 2
    around = np.pad(views, ((2 * room, 2 * room), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, CALM, axis=0)
    x, y = (windows[:, column].mean(axis=1) for column in (0, 1))
    half = windows[:, 2].max(axis=1)
    smooth = np.stack([x, y, half], axis=1)
    x, y, half = np.lib.stride_tricks.sliding_window_view(smooth, CALM, axis=0).mean(axis=2).T
    return [
        (float(a - aspect * c), float(a + aspect * c), float(b - c), float(b + c))
        for a, b, c in zip(x, y, half, strict=True)
    ]
