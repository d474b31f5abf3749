"""Whether a flat cut can part two classes, with a proof either way: a linear program and its dual (Farkas 1902)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.labelled import labelled

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Separation:
    """The answer with its proof.

    Separable: ``weight`` (d,) and ``bias`` with ``x @ weight + bias`` at least 1 on class 1 and at most -1 on class 0.
    Else ``mixture`` (n,) of weights that are not negative and add up to 1 in each class, and with which both classes
    have one and the same mean ``common_point`` (d,): their hulls overlap, so no cut parts them.
    """

    separable: bool
    weight: Array | None = None
    bias: float = 0.0
    mixture: Array | None = None
    common_point: Array | None = None


def linearly_separable(x: Any, y: Any) -> Separation:
    """Whether a hyperplane has all points x (n, d) of class y (n,) 1 strictly on one side, those of 0 on the other.

    Raises `UnbendError` for other classes than 0 and 1, or only one of them, and for shapes that do not fit.

    >>> linearly_separable([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]).separable
    True
    >>> linearly_separable([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]).common_point.tolist()
    [0.5, 0.5]
    """
    points, labels = labelled(x, y, "linearly_separable")
    if len(set(labels.tolist())) < 2:
        raise UnbendError(f"linearly_separable needs both classes; all {len(labels)} points are of class {labels[0]:g}")
    center, scale = points.mean(axis=0), np.ptp(points, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    sign = 2 * labels - 1
    solution, multipliers = _least_violation((points - center) / scale, sign)
    weight = solution[:-1] / scale
    bias = float(solution[-1] - center @ weight)
    margin = float((sign * (points @ weight + bias)).min())
    if margin > 0:
        return Separation(True, weight / margin, bias / margin)
    mixture = multipliers / np.where(labels == 1, multipliers[labels == 1].sum(), multipliers[labels == 0].sum())
    return Separation(False, mixture=mixture, common_point=mixture[labels == 1] @ points[labels == 1])


def _least_violation(points: Array, sign: Array) -> tuple[Array, Array]:
    """(weight, bias) that makes the sum of max(0, 1 - sign * score) smallest, and the multiplier of each point."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    count, width = points.shape
    signed = sign[:, None] * np.column_stack([points, np.ones(count)])
    cost = np.concatenate([np.zeros(width + 1), np.ones(count)])
    bounds = [(None, None)] * (width + 1) + [(0, None)] * count
    violated: Any = -hstack([csr_array(signed), eye_array(count)], format="csr")
    result: Any = linprog(cost, violated, -np.ones(count), bounds=bounds, method="highs")
    return result.x[: width + 1], np.maximum(-result.ineqlin.marginals, 0.0)
