"""What a caller asks about: points and targets from outside, checked before a network sees them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError, did_you_mean

Floats = NDArray[np.float64]


def points_of(x: Any, columns: int) -> Floats:
    """x as finite float64 (n, columns); `UnbendError` says what else it is.

    >>> points_of([[1, 2], [3, 4]], 3)
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: x has the shape (2, 2); the network takes (n, 3)
    """
    points = numbers(x, "x")
    if points.ndim != 2 or points.shape[1] != columns:
        raise UnbendError(f"x has the shape {points.shape}; the network takes (n, {columns})")
    return points


def targets(data: Dataset, y: Any) -> Floats:
    """y (n,) as the data set holds its own: standardised for regression, else class codes (from codes or names)."""
    given = np.asarray(y)
    if given.ndim != 1 or not given.size:
        raise UnbendError(f"y has the shape {given.shape}; it must be (n,), one entry per row")
    if data.task == "regression":
        values = numbers(given, "y")
        if values.min() == values.max():
            raise UnbendError(f"y is {values[0]:g} in every row; r² needs at least two different values")
        return (values - data.y_mean) / data.y_scale
    if given.dtype.kind in "OUS" and any(isinstance(one, str) for one in given.tolist()):
        return np.array([_code(data, one) for one in given.tolist()], np.float64)
    codes, count = numbers(given, "y"), max(len(data.class_names), 2)
    wrong = np.flatnonzero((codes != np.rint(codes)) | (codes < 0) | (codes >= count))
    if wrong.size:
        where, names = wrong[0], ", ".join(data.class_names[:20])
        raise UnbendError(
            f"y holds {codes[where]:g} in row {where}; give class names ({names}) or their codes from 0 to {count - 1}"
        )
    return codes


def numbers(values: Any, name: str) -> Floats:
    """Finite float64 values, or a sentence that says why they are not."""
    given = np.asarray(values)
    try:
        if given.dtype.kind == "c":
            raise TypeError
        found = given.astype(np.float64)
    except (TypeError, ValueError):
        raise UnbendError(f"{name} must hold numbers, not {values!r:.60}") from None
    if not np.isfinite(found).all():
        where = tuple(int(place) for place in np.argwhere(~np.isfinite(found))[0])
        raise UnbendError(f"{name} holds {found[where]} in row {where[0] if where else 0}; every value must be finite")
    return found


def _code(data: Dataset, label: Any) -> int:
    if label not in data.class_names:
        raise UnbendError(f"y holds {label!r:.60}, which is no class; {did_you_mean(str(label), data.class_names)}")
    return data.class_names.index(label)
