"""Mean 0 and standard deviation 1, with what is needed to undo it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def standardize(values: Floats) -> tuple[Floats, Floats, Floats]:
    """(n, …) values to (standardised, mean, scale), column by column; a constant column gets scale 1.

    The scale is the standard deviation of the rows themselves (divided by n), so ``standardised * scale + mean`` gives
    the values back.

    >>> standard, mean, scale = standardize(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> standard.tolist(), mean.tolist(), scale.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [2.0, 7.0], [1.0, 1.0])
    """
    constant = values.max(axis=0) == values.min(axis=0)
    mean = np.where(constant, values[0], values.mean(axis=0))
    centred = values - mean
    reach = np.where(constant, 1.0, np.abs(centred).max(axis=0))  # squares of tiny numbers would vanish without it
    scale = np.where(constant, 1.0, reach * np.sqrt(((centred / reach) ** 2).mean(axis=0)))
    return centred / scale, mean, scale
