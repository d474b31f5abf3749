"""What a linear read-out can tell from points in a space of any width, and the view of them that holds its direction.

Shares and R² are those of points left out when the read-out is fitted: in a space of many directions a cut that is
fitted to few points parts them whatever their classes are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unbend.geometry.projection import Projection, shares_along, view_of

Array = NDArray[np.float64]
FOLDS = 5
SHRINKAGE = 1e-4  # of the mean variance of a direction, added to each


@dataclass(frozen=True, eq=False)
class Readout:
    """Points as a read-out shows them: ``seen`` (n, 2), and the ``share`` of their variance in the plane of the view.

    The first column is the value read out. The second is the other value read out, or, where there is but one target,
    the place along the main direction of the rest, in its standard deviations; zero where nothing is left.
    """

    seen: Array
    share: float


def class_targets(labels: NDArray[np.integer[Any]]) -> Array:
    """(n, 1) −1 and 1 for two classes; (n, 2) places of the classes 0, 1, … on a circle for more.

    >>> class_targets(np.array([0, 1])).tolist()
    [[-1.0], [1.0]]
    """
    count = int(labels.max(initial=0)) + 1
    if count <= 2:
        return np.where(labels[:, None] > 0, 1.0, -1.0)
    angle = np.pi / 2 - 2 * np.pi * labels / count
    return np.column_stack([np.cos(angle), np.sin(angle)])


def read_out(points: ArrayLike, targets: Array, weights: Array | None = None, like: Array | None = None) -> Readout:
    """The view of points (n, width) that holds the direction along which ``targets`` (n, 1) or (n, 2) are best read.

    Ridge least squares; ``weights`` (n,) are those of the points. For one target, the second direction follows the
    second column of ``like`` (n, 2), the same points a moment before or after: one power iteration towards the main
    direction of the rest, so that a film neither flips nor jumps. Without it, it is the main direction itself.

    >>> points = np.array([[0.0, 0, 0], [1, 0, 1], [0, 9, 0], [1, 9, 1]])
    >>> shown = read_out(points, class_targets(np.array([0, 1, 0, 1])))
    >>> shown.seen.round(2).tolist(), round(shown.share, 6)
    ([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]], 1.0)
    """
    x = np.asarray(points, np.float64)
    weight, offset = _ridge(x, targets, np.ones(len(x)) if weights is None else weights)
    read = x @ weight + offset
    if targets.shape[1] > 1:
        return Readout(read, float(shares_along(_orthonormal(weight), x).sum()))
    view = _view(x, weight, None if like is None else like[:, 1])
    beside = view(x)[:, 1]
    spread = beside.std()
    beside = (beside - beside.mean()) / spread if spread > 1e-4 * x.std() else np.zeros(len(x))
    beside *= -1.0 if like is not None and beside @ like[:, 1] < 0 else 1.0
    return Readout(np.column_stack([read[:, 0], beside]), view.variance_share)


def told_apart(points: ArrayLike, labels: NDArray[np.integer[Any]]) -> float:
    """The share of points (n, width) of classes 0, 1, … that flat cuts give their class, averaged over the classes.

    Linear discriminant analysis (Fisher 1936) with equal priors, on each fifth of the points by the other four. NaN
    where there is but one class.

    >>> rows = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    >>> told_apart(rows, np.array([0, 0, 0, 1, 1, 1]))
    1.0
    """
    x, present = np.asarray(points, np.float64), np.unique(labels)
    if len(present) < 2:
        return float("nan")
    member = labels[:, None] == present
    right = np.zeros(len(labels), bool)
    for held in _folds(labels):
        weight, offset = _discriminant(x[~held], member[~held].astype(np.float64))
        right[held] = member[held, np.argmax(x[held] @ weight + offset, axis=1)]
    return float(np.mean([right[column].mean() for column in member.T]))


def explained(points: ArrayLike, values: Array) -> float:
    """R² of a linear read-out of ``values`` (n,) from points (n, width), at least 0; each fifth by the other four.

    >>> rows = np.arange(10.0)[:, None]
    >>> round(explained(rows, 3 * rows[:, 0] - 1), 3)
    1.0
    """
    x = np.asarray(points, np.float64)
    missed = np.zeros(len(x))
    for held in _folds(values):
        weight, offset = _ridge(x[~held], values[~held, None], np.ones(int((~held).sum())))
        missed[held] = values[held] - (x[held] @ weight + offset)[:, 0]
    total = float(((values - values.mean()) ** 2).sum())
    return max(0.0, 1.0 - float((missed**2).sum()) / total) if total > 0 else float("nan")


def balanced(labels: NDArray[np.integer[Any]]) -> Array:
    """(n,) weights with which each class counts the same.

    >>> balanced(np.array([0, 0, 1])).tolist()
    [0.75, 0.75, 1.5]
    """
    counts = np.bincount(labels)
    return len(labels) / (counts[labels] * np.count_nonzero(counts))


def _ridge(x: Array, targets: Array, weights: Array) -> tuple[Array, Array]:
    """Weight (width, k) and offset (k,) of the least squares fit."""
    share = weights / weights.sum()
    center, middle = share @ x, share @ targets
    centred = x - center
    weight = np.linalg.solve(_shrunk((centred * share[:, None]).T @ centred), (centred * share[:, None]).T @ targets)
    return weight, middle - center @ weight


def _discriminant(x: Array, member: Array) -> tuple[Array, Array]:
    """Weight (width, classes) and offset (classes,) of the scores of each class."""
    means = (member.T @ x) / np.maximum(member.sum(axis=0), 1.0)[:, None]
    within = x - member @ means
    weight = np.linalg.solve(_shrunk(within.T @ within / len(x), x.var(axis=0).mean()), means.T)
    return weight, -0.5 * (means.T * weight).sum(axis=0)


def _shrunk(covariance: Array, scale: float = 0.0) -> Array:
    size = max(float(np.trace(covariance)) / len(covariance), SHRINKAGE * scale, np.finfo(np.float32).tiny)
    return covariance + SHRINKAGE * size * np.eye(len(covariance))


def _view(x: Array, weight: Array, like: Array | None) -> Projection:
    """The view with the first axis along ``weight`` (width, 1)."""
    if like is None or not like.any() or x.shape[1] < 3:
        return _beside(x, weight) if x.shape[1] < 3 else view_of(x, weight)
    first = _orthonormal(weight)
    second = (x - x.mean(axis=0)).T @ like
    second = second - first[0] * (first[0] @ second)
    length = float(np.linalg.norm(second))
    axes = np.stack([first[0], second / length if length > 0 else np.zeros_like(second)])
    return Projection(axes, x.mean(axis=0), shares_along(axes, x))


def _beside(x: Array, weight: Array) -> Projection:
    """The same for one direction or two, where the second axis has no choice."""
    first = _orthonormal(weight)[0]
    axes = np.stack([first, np.array([-first[1], first[0]]) if len(first) == 2 else np.zeros(1)])
    return Projection(axes, x.mean(axis=0), shares_along(axes, x))


def _orthonormal(directions: Array) -> Array:
    """(k, width) orthonormal rows that span the same as the columns of ``directions``; zero for a zero direction."""
    left, sizes, _ = np.linalg.svd(directions, full_matrices=False)
    return np.where(sizes > 0, left, 0.0).T * (np.sign((left.T @ directions)[0, 0]) or 1.0)


def _folds(order: NDArray[Any]) -> list[NDArray[np.bool_]]:
    """Masks (n,) of the points left out, each with its share of all classes, or of small and large values."""
    rank = np.empty(len(order), np.int64)
    rank[np.argsort(order, kind="stable")] = np.arange(len(order))
    return [rank % FOLDS == fold for fold in range(min(FOLDS, len(order)))]
