"""Data sets by name: one table of the toys, one of the packaged tables."""

import inspect
from collections.abc import Callable
from typing import Any

from unbend.data import packaged, toys, toys_regression
from unbend.data.dataset import Dataset
from unbend.errors import UnbendError, did_you_mean

TOYS: dict[str, Callable[..., Dataset]] = {
    toy.__name__: toy
    for toy in (
        toys.curves, toys.xor, toys.circles, toys.ring, toys.moons, toys.spiral, toys.gaussians, toys.checkerboard,
        toys.blobs, toys.line, toys_regression.sine, toys_regression.step, toys_regression.bumps,
        toys_regression.plane, toys_regression.absolute, toys_regression.tariff,
    )
}  # fmt: skip
PACKAGED: dict[str, Callable[..., Dataset]] = {
    real.__name__: real
    for real in (packaged.iris, packaged.wine, packaged.breast_cancer, packaged.digits, packaged.diabetes)
}


def toy_names() -> tuple[str, ...]:
    """The names of the toy data sets.

    >>> toy_names()[:2]
    ('curves', 'xor')
    """
    return tuple(TOYS)


def names() -> tuple[str, ...]:
    """The names that `load` knows: the toys, then the packaged tables.

    >>> names()[-1]
    'diabetes'
    """
    return (*TOYS, *PACKAGED)


def load(name: str, **options: Any) -> Dataset:
    """The toy or packaged table called ``name``; ``options`` go to the function of that name.

    An unknown name or option raises `UnbendError` with the nearest known one.

    >>> len(load("moons", n=300))
    300
    >>> load("mons")
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: there is no data set 'mons'; did you mean 'moons'?
    """
    make = (TOYS | PACKAGED).get(name)
    if make is None:
        raise UnbendError(f"there is no data set {name!r}; {did_you_mean(name, names())}")
    known = tuple(inspect.signature(make).parameters)
    for option in options:
        if option not in known:
            choice = did_you_mean(option, known) if known else "it takes none"
            raise UnbendError(f"{name} has no option {option!r}; {choice}")
    return make(**options)
