"""Features computed from one or two columns, as the lab offers them: squares, the product, waves."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.data.dataset import Dataset
from unbend.errors import UnbendError, did_you_mean

Column = NDArray[np.float64]
OF_ONE: dict[str, Callable[[Column], Column]] = {
    "x": lambda x: x,
    "x^2": lambda x: x * x,
    "sin(pi*x)": lambda x: np.sin(np.pi * x),
}
OF_TWO: dict[str, Callable[[Column, Column], Column]] = {
    "x1": lambda x, y: x,
    "x2": lambda x, y: y,
    "x1^2": lambda x, y: x * x,
    "x2^2": lambda x, y: y * y,
    "x1*x2": lambda x, y: x * y,
    "sin(pi*x1)": lambda x, y: np.sin(np.pi * x),
    "sin(pi*x2)": lambda x, y: np.sin(np.pi * y),
}


def lift(data: Dataset, features: Sequence[str]) -> Dataset:
    """The same points with these features as columns, computed from the one column x, or from x1 and x2.

    Features of two columns: x1, x2, x1^2, x2^2, x1*x2, sin(pi*x1), sin(pi*x2); of one: x, x^2, sin(pi*x). Raises
    `UnbendError` for another name, and for data with more columns.

    >>> from unbend.data import xor
    >>> lift(xor(), ("x1", "x1*x2")).x.tolist()
    [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    """
    d = data.x.shape[1]
    if d > 2:
        raise UnbendError(f"features are computed from one or two columns; {data.name} has {d}")
    known: dict[str, Any] = OF_ONE if d == 1 else OF_TWO
    for name in features:
        if name not in known:
            raise UnbendError(f"there is no feature {name!r:.60}; {did_you_mean(str(name), list(known))}")
    if not features:
        raise UnbendError(f"no features were named; choose from {', '.join(known)}")
    columns = [known[name](*data.x.T) for name in features]
    return replace(data, x=np.stack(columns, axis=1), feature_names=tuple(features), x_mean=None, x_scale=None)
