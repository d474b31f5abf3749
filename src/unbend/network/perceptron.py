"""Rosenblatt's perceptron (1958): one line, moved at every mistake."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PerceptronRun:
    """``weights`` (mistakes + 1, d + 1) after each mistake, the bias last; ``rows`` (mistakes,) where they happened."""

    weights: Array
    rows: NDArray[np.int64]
    converged: bool


def learn_perceptron(x: Any, y: Any, passes: int = 1000) -> PerceptronRun:
    """The perceptron learning algorithm on x (n, d) with y (n,) of zeros and ones, row after row until all are right.

    >>> run = learn_perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    >>> run.converged
    True
    """
    points = np.column_stack([np.asarray(x, np.float64), np.ones(len(x))])
    signed = points * (2 * np.asarray(y, np.float64) - 1)[:, None]
    weights, rows = [np.zeros(points.shape[1])], []
    for _ in range(passes):
        before, row = len(rows), 0
        while row < len(signed):
            wrong = signed[row:] @ weights[-1] <= 0
            row += int(wrong.argmax()) if wrong.any() else len(wrong)
            if row < len(signed):
                weights.append(weights[-1] + signed[row])
                rows.append(row)
                row += 1
        if len(rows) == before:
            return PerceptronRun(np.array(weights), np.array(rows, np.int64), True)
    return PerceptronRun(np.array(weights), np.array(rows, np.int64), False)


def mistake_bound(x: Any, y: Any, weight: Any, bias: float) -> float:
    """(R / gamma)²: no run makes more mistakes when this line separates the points (Novikoff 1962).

    The bias counts as one more coordinate of value 1. Infinite when the line does not separate.

    >>> mistake_bound([[-1.0], [1.0]], [0, 1], [1.0], 0.0)
    2.0
    """
    points = np.column_stack([np.asarray(x, np.float64), np.ones(len(x))])
    line = np.append(np.asarray(weight, np.float64), bias)
    smallest = ((2 * np.asarray(y, np.float64) - 1) * (points @ line)).min()
    return float((points**2).sum(axis=1).max() * (line @ line) / smallest**2) if smallest > 0 else float("inf")
