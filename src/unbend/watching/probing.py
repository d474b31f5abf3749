"""What every framework's probe is made of: rows, the random score whose gradient goes back, and usual inputs."""

import random
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.randomness import normal

SEED = 20_100_807  # of what a model draws while the probe runs
MOST_ROWS = 256  # of the first batch, where it is the probe
SIGNS = 4096  # random weights of the score, repeated over a larger output
QUANTILES = 1001
ELEMENTS = 2**17  # of a layer's pre-activations that one call keeps
FEWEST_ROWS = 64


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


def is_kept(count: int) -> bool:
    """Whether rows are kept of the call that so many of the same place precede: the first, then ever sparser ones.

    >>> [count for count in range(20) if is_kept(count)]
    [0, 1, 2, 3, 4, 8, 16]
    """
    return count < 4 or count & (count - 1) == 0


def nothing_to_watch(model: Any) -> UnbendError:
    """What to say of a model in which the probe meets no activation."""
    return UnbendError(
        f"{type(model).__name__} calls no activation on this probe, so there is nothing to watch; "
        "give the model that holds the layers, and a probe that reaches them"
    )


def nan_told(inputs: Iterable[NDArray[Any]]) -> str | None:
    """How many NaN inputs (n, …) hold and in which row the first is; None if there is none.

    >>> nan_told([np.array([[1.0], [np.nan]])])
    'the probe holds 1 NaN, the first in row 1'
    """
    for one in inputs:
        if np.issubdtype(one.dtype, np.floating) and (places := np.argwhere(np.isnan(one))).size:
            where = f", the first in row {places[0][0]}" if one.ndim else ""
            return f"the probe holds {len(places)} NaN{where}"
    return None


@contextmanager
def random_state(seed: int) -> Generator[None]:
    """The generators of Python and NumPy that all code shares start from ``seed`` inside, and come back."""
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the user's code may draw from it
    try:
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
