"""Rows kept for testing, chosen by counter, so that the same seed always keeps the same rows."""

from dataclasses import replace

import numpy as np

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.randomness import permutation


def split(data: Dataset, test: float = 0.3, seed: int = 0) -> tuple[Dataset, Dataset]:
    """The rows for training and those for testing, each in their own order.

    ``test`` is the share of the rows that is kept for testing, from 0 to below 1; the first so many of a permutation of
    the rows are taken. Raises `UnbendError` for another share, and where no row would be left for training.

    >>> from unbend.data import moons
    >>> train, test = split(moons(n=10), test=0.3)
    >>> len(train), len(test)
    (7, 3)
    """
    if isinstance(test, bool) or not isinstance(test, (int, float)) or not 0 <= test < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UnbendError(f"test={test!r} is not possible; choose a share from 0 to below 1")
    n = len(data)
    count = int(np.floor(test * n + 0.5))
    if count >= n:
        raise UnbendError(f"test={test} of {n} rows leaves none for training; choose a smaller share")
    kept = np.zeros(n, np.bool_)
    kept[permutation(seed, "test rows", 0, n)[:count]] = True
    return replace(data, x=data.x[~kept], y=data.y[~kept]), replace(data, x=data.x[kept], y=data.y[kept])
