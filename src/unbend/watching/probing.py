"""What every framework's probe is made of: rows, the random score whose gradient goes back, and usual inputs."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from unbend.randomness import normal

MOST_ROWS = 256  # of the first batch, where it is the probe
SIGNS = 4096  # random weights of the score, repeated over a larger output
QUANTILES = 1001


class Titled(Protocol):
    """A place in a model with a name that others may have too."""

    @property
    def title(self) -> str:
        """The name."""
        ...


Place = TypeVar("Place", bound=Titled)


def score_weights(count: int) -> NDArray[np.float64]:
    """(count,) standard normal weights of a score of the outputs, over the root of their number.

    >>> score_weights(2).shape
    (2,)
    """
    return np.resize(normal(0, "watching/score", np.arange(min(count, SIGNS))), count) / np.sqrt(max(1, count))


def usual_inputs() -> NDArray[np.float64]:
    """(1001,) standard normal numbers by size, at which an activation's share of flat slopes is the usual one."""
    return np.sort(normal(0, "watching/usual", np.arange(QUANTILES)))


def named(places: Iterable[Place]) -> Iterator[tuple[str, Place]]:
    """Each place with its title, and a number from the second one of a title on."""
    seen: dict[str, int] = {}
    for place in places:
        seen[place.title] = seen.get(place.title, 0) + 1
        yield place.title if seen[place.title] == 1 else f"{place.title}#{seen[place.title]}", place
