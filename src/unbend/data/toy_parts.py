"""What all toy data sets share: checking n, noise and seed, drawing noise, and putting the points into a `Dataset`.

Every toy is a clean formula plus ``noise`` times a standard normal number on each coordinate (on the target, for
regression); point i of a toy depends on the seed and i alone.
"""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError
from unbend.randomness import LARGEST_SEED, normal, uniform

Floats = NDArray[np.float64]
SMALLEST_N = 4
LARGEST_N = 10_000_000


def check_toy(name: str, n: int, noise: float, seed: int) -> None:
    """Refuse an impossible size, noise or seed with an `UnbendError` that names it."""
    check_integer(name, "n", n, SMALLEST_N, LARGEST_N)
    check_integer(name, "seed", seed, 0, LARGEST_SEED)
    check_number(name, "noise", noise, 0.0, 10.0)


def check_integer(name: str, option: str, value: object, least: int, most: int) -> None:
    """Refuse anything but an integer within least … most."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not least <= int(value) <= most:
        raise UnbendError(f"{name}: {option}={value!r} is not possible; choose an integer from {least} to {most}")


def check_number(name: str, option: str, value: object, least: float, most: float) -> None:
    """Refuse anything but a number within least … most."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not least <= float(value) <= most:
        raise UnbendError(f"{name}: {option}={value!r} is not possible; choose a number from {least:g} to {most:g}")


def class_sizes(n: int, classes: int) -> list[int]:
    """n points shared out as evenly as possible, the first classes getting one more where it does not divide.

    >>> class_sizes(10, 3)
    [4, 3, 3]
    """
    return [n // classes + (k < n % classes) for k in range(classes)]


def uniform_points(name: str, n: int, d: int, seed: int) -> Floats:
    """(n, d) points, uniform in the square (-1, 1)^d."""
    return 2.0 * uniform(seed, f"{name} position", _positions(n, d)) - 1.0


def classified(name: str, groups: Sequence[Floats], noise: float, seed: int, origin: str) -> Dataset:
    """A data set from the clean points of each class; two groups make it binary, more make it multiclass."""
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return labelled(name, np.concatenate(groups), labels, noise, seed, origin)


def labelled(name: str, points: Floats, labels: NDArray[np.int64], noise: float, seed: int, origin: str) -> Dataset:
    """A data set from clean points (n, d) and their classes (n,); the noise moves points, never labels."""
    n, d = points.shape
    x = points + noise * normal(seed, f"{name} noise", _positions(n, d)) if noise else points
    classes = max(2, int(labels.max()) + 1)
    return Dataset(
        name=name,
        x=x,
        y=labels.astype(np.float64),
        task="binary" if classes == 2 else "multiclass",
        feature_names=_feature_names(d),
        class_names=tuple(str(k) for k in range(classes)),
        origin=origin,
    )


def regression(name: str, x: Floats, y: Floats, noise: float, seed: int, origin: str) -> Dataset:
    """A data set from inputs (n, d) and their clean targets (n,); the noise is added to the targets."""
    noisy = y + noise * normal(seed, f"{name} noise", np.arange(len(y))) if noise else y
    return Dataset(name=name, x=x, y=noisy, task="regression", feature_names=_feature_names(x.shape[1]), origin=origin)


def _positions(n: int, d: int) -> NDArray[np.int64]:
    return np.arange(n * d).reshape(n, d)


def _feature_names(d: int) -> tuple[str, ...]:
    return ("x",) if d == 1 else tuple(f"x{j + 1}" for j in range(d))
