"""Where the inputs of a probe lie in each layer of a model, in few enough numbers to keep a whole run of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.randomness import normal

Floats = NDArray[np.floating[Any]]
DIRECTIONS = 24  # of a wider layer's main variance that are kept
MOST_POINTS = 256
MOST_LAYERS = 8  # hidden ones; with 24 directions of 256 points in float16, 256 samples take 31 MB
GRID = 4  # of the positions of a convolution along each of its axes that are told apart
MOST_FEATURES = 4096  # of an input; of more, evenly chosen ones
FIRST_TURNS = 4  # of the orthogonal iteration; at later samples one is enough, since layers change little
FAINT = 1e-10  # a variance this small beside the largest is rounding
ONE_PLACE = 1e-10  # so is one beside the square of the largest value


@dataclass(frozen=True, eq=False)
class Place:
    """The probe in one layer: ``points`` (n, k) in float16, about their mean and with a mean square distance of 1.

    They are coordinates in an orthonormal basis: the ``width`` directions of the layer, or, where it is wider than 24,
    the 24 main ones of its variance, which hold the share ``kept`` of it. All 0 where the layer does not tell the
    inputs apart, NaN where it is not finite.
    """

    name: str
    width: int
    points: NDArray[np.float16]
    kept: float = 1.0


@dataclass(frozen=True, eq=False)
class Places:
    """The probe's way: the ``rows`` (n,) of its ``count`` inputs that are kept, and the `Place` of these in the input,
    the hidden layers and the output.

    ``answers`` (n,): the largest output of each; zeros where there is only one.
    """

    rows: NDArray[np.int64]
    count: int
    layers: tuple[Place, ...]
    answers: NDArray[np.int32]


@dataclass(eq=False)
class Placing:
    """Makes the places of sample after sample; keeps for each wide layer its main directions of the sample before."""

    _before: dict[str, Floats] = field(default_factory=dict[str, Floats])
    _fixed: Place | None = None

    def __call__(
        self, count: int, first: Floats, hidden: Sequence[tuple[str, Floats]], output: Floats, fixed: bool = True
    ) -> Places:
        """The way of the kept rows from the ``first`` place (n, features) to the ``output`` (n, outputs).

        ``count``: how many inputs the probe has, of which `kept_rows` are kept; ``fixed``: the first place is the
        input itself, which is the same in every sample; else it is what an embedding makes of it.
        """
        if self._fixed is None or not fixed:
            self._fixed = self._place("input" if fixed else "embedding", first)
        chosen = (self._place(*hidden[index]) for index in evenly(len(hidden), MOST_LAYERS))
        layers = (self._fixed, *chosen, self._place("output", output))
        return Places(kept_rows(count), count, layers, np.argmax(np.nan_to_num(output), axis=1).astype(np.int32))

    def _place(self, name: str, rows: Floats) -> Place:
        size = float(np.abs(rows).max(initial=0.0))
        if not np.isfinite(size):
            return Place(name, rows.shape[1], np.full((len(rows), 1), np.nan, np.float16), float("nan"))
        centred = rows / (size or 1.0)
        centred = centred - centred.mean(axis=0)
        total = float(np.vdot(centred, centred)) / max(1, len(rows))
        if total <= ONE_PLACE:
            return Place(name, rows.shape[1], np.zeros((len(rows), 1), np.float16))
        narrow = rows.shape[1] <= DIRECTIONS
        points = centred if narrow else self._main(name, centred)
        kept = 1.0 if narrow else min(1.0, float(np.vdot(points, points)) / len(rows) / total)
        return Place(name, rows.shape[1], (points / np.sqrt(total)).astype(np.float16), kept)

    def _main(self, name: str, centred: Floats) -> Floats:
        before = self._before.get(name)
        turns = 1
        if before is None or len(before) != len(centred):
            before, turns = _start(len(centred)).astype(centred.dtype), FIRST_TURNS
        points = before
        for _ in range(turns):
            points = main_directions(centred, before)
            before = np.linalg.qr(points)[0]
        self._before[name] = before
        return points


def main_directions(centred: Floats, before: Floats) -> Floats:
    """Coordinates (n, k) of rows (n, width) in an orthonormal basis near their k main directions, largest first.

    One step of orthogonal iteration (Rutishauser 1969) on the rows' Gram matrix from ``before`` (n, k), orthonormal:
    repeated, with the points made orthonormal each time, it finds the main directions.

    >>> rows = np.diag([4.0, 2.0, 1.0])
    >>> np.abs(main_directions(rows, np.eye(3, 2))).tolist()
    [[4.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
    """
    back = centred.T @ before
    squares, turn = np.linalg.eigh((back.T @ back).astype(np.float64))
    seen = squares > FAINT * max(float(squares[-1]), 0.0)
    scaled = np.where(seen, turn / np.sqrt(np.where(seen, squares, 1.0)), 0.0)[:, ::-1]
    return centred @ (back @ scaled.astype(centred.dtype))


def kept_rows(count: int) -> NDArray[np.int64]:
    """Which of so many inputs are kept: all up to 256, else 256 of them, evenly spread.

    >>> len(kept_rows(64)), len(kept_rows(1000)), int(kept_rows(1000)[-1])
    (64, 256, 999)
    """
    return evenly(count, MOST_POINTS)


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of the numbers below ``count``, evenly spread, with both ends.

    >>> evenly(20, 4).tolist()
    [0, 6, 13, 19]
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def feature_step(width: int) -> int:
    """Every how-many-th of so many features of an input is kept.

    >>> feature_step(4096), feature_step(4097)
    (1, 2)
    """
    return max(1, -(-width // MOST_FEATURES))


def _start(count: int) -> Floats:
    directions = min(DIRECTIONS, count)
    return np.linalg.qr(normal(0, "watching/places", np.arange(count * directions)).reshape(count, directions))[0]
