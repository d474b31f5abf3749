"""The widest margin between two classes, exactly: a least-distance problem (Lawson & Hanson 1974, chapter 23)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError
from unbend.geometry.labelled import labelled

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WidestMargin:
    """``x @ weight + bias`` is at least 1 on class 1 and at most -1 on class 0; ``margin`` is 1 / |(weight, bias)|."""

    weight: Array
    bias: float
    margin: float


def widest_margin(x: Any, y: Any) -> WidestMargin:
    """The line that keeps the points x (n, d) of the classes y (n,) 0 and 1 as far away as possible.

    The bias counts as one more coordinate of value 1, as in the bound of Novikoff (1962): this ``margin`` is the
    largest gamma, so `unbend.network.mistake_bound` is least for this line. Raises `UnbendError` where no line
    separates the classes, and for other classes than 0 and 1.

    >>> line = widest_margin([[-1.0], [3.0]], [0, 1])
    >>> line.weight.round(12).tolist(), round(line.bias, 12), round(line.margin, 6)
    ([0.5], -0.5, 1.414214)
    """
    from scipy.optimize import nnls

    points, labels = labelled(x, y, "widest_margin")
    signed = (2 * labels - 1)[:, None] * np.column_stack([points, np.ones(len(points))])
    scale = np.abs(signed).max()
    system = np.vstack([signed.T / scale, np.ones(len(points))])
    aim = np.append(np.zeros(signed.shape[1]), 1.0)
    residual = system @ nnls(system, aim)[0] - aim
    line = -residual[:-1] * np.sign(residual[-1])
    least = float((signed @ line).min())
    if not least > 1e-12 * scale * float(np.linalg.norm(line)):
        raise UnbendError("widest_margin: no line separates these classes; linearly_separable gives the proof")
    line = line / least
    return WidestMargin(line[:-1], float(line[-1]), float(1 / np.linalg.norm(line)))
