"""How far a map is from affine: what the nearest affine map leaves unexplained."""

from typing import Any

import numpy as np


def bent_share(inputs: Any, values: Any) -> float:
    """The share of the variance of ``values`` (n, k) that the best affine map of ``inputs`` (n, d) leaves unexplained.

    0 for an affine map, near 1 for a map that follows no direction at all; 0 for values that do not vary.

    >>> x = np.array([[0.0], [1.0], [2.0]])
    >>> bent_share(x, 3 * x + 1) < 1e-20, bent_share(x, (x - 1) ** 2)
    (True, 1.0)
    """
    columns = np.column_stack([np.asarray(inputs, np.float64), np.ones(len(inputs))])
    values = np.asarray(values, np.float64)
    residual = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    spread = values.var(axis=0).sum()
    return float(min(residual.var(axis=0).sum() / spread, 1.0)) if spread > 0 else 0.0
