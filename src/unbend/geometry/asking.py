"""A boundary found by asking for answers alone, yes or no; nothing here looks at weights or scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Answers = Callable[[Array], NDArray[np.bool_]]  # places (…, n, 2) -> (…, n)
ROUNDS = 56  # halvings: down to neighbouring numbers


def boundary_places(answers: Answers, start: Any, end: Any, rounds: int = ROUNDS) -> Array:
    """Where the answer changes on the way from each ``start`` to each ``end``, both (…, n, 2) or a common shape.

    By halving ``rounds`` times; where both ends answer alike, some place or end of the way that still answers like the
    start.

    >>> boundary_places(lambda places: places[..., 0] < 0.3, [[0.0, 0.0]], [[1.0, 2.0]]).round(12).tolist()
    [[0.3, 0.6]]
    """
    low, high = (np.array(side) for side in np.broadcast_arrays(np.asarray(start, float), np.asarray(end, float)))
    first = answers(low)
    for _ in range(rounds):
        middle = (low + high) / 2
        same = (answers(middle) == first)[..., None]
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return low
