"""Two axes to look along: the units themselves where there are one or two, else an honest view of a wider space.

A view holds the directions that matter (what the scores depend on), fills what they leave free with the main variance,
and says what share of the variance it shows. It knows nothing of networks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FAINT = 1e-9  # a direction this much shorter than the longest one counts as absent


@dataclass(frozen=True, eq=False)
class Projection:
    """Two orthonormal ``axes`` (2, width) through ``center`` (width,) and the ``shares`` (2,) of variance along them.

    For one unit the second axis is zero.

    >>> flat = Projection(np.eye(2, 3), np.zeros(3), np.array([0.5, 0.25]))
    >>> flat([[1.0, 2.0, 3.0]]).tolist(), flat.variance_share
    ([[1.0, 2.0]], 0.75)
    """

    axes: Array
    center: Array
    shares: Array

    @property
    def variance_share(self) -> float:
        """The share of the points' variance that the view shows, from 0 to 1."""
        return float(self.shares.sum())

    def __call__(self, values: Any) -> Array:
        """Points (n, width) as seen in the view, (n, 2)."""
        return (np.asarray(values, np.float64) - self.center) @ self.axes.T

    def back(self, seen: Any) -> Array:
        """The points (n, width) of the view's own plane at places (n, 2) in it."""
        return np.asarray(seen, np.float64) @ self.axes + self.center

    def holds(self, directions: Array) -> bool:
        """Whether ``directions`` (width, k) lie in the view, so that planes across them are seen as exact lines."""
        outside = directions - self.axes.T @ (self.axes @ directions)
        return bool(np.abs(outside).max(initial=0.0) <= FAINT * np.abs(directions).max(initial=0.0))


def plain_view(points: Array) -> Projection:
    """The units themselves as axes, for points (n, 1) or (n, 2)."""
    width = points.shape[1]
    axes = np.eye(2, width)
    return Projection(axes, np.zeros(width), shares_along(axes, points))


def view_of(points: Array, directions: Array, reference: Projection | None = None) -> Projection:
    """A view of points (n, width) that holds ``directions`` (width, k), or the two strongest of them.

    With one direction, that is the first axis, rising to the right. ``reference`` is the view of another epoch: this
    one then turns away from it no further than the directions demand, so that the pictures of a film do not flip.

    >>> points = np.array([[0.0, 0, 0], [1, 0, 1], [0, 2, 0], [1, 2, 1]])
    >>> view_of(points, np.array([[2.0], [0.0], [0.0]])).axes.round(6).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if points.shape[1] <= 2:
        return plain_view(points)
    strongest, rank = _strongest(directions)
    if reference is None:
        center, axes = points.mean(axis=0), _filled(strongest, points)
    else:
        center, axes = reference.center, _turned(reference.axes, strongest, rank)
    return Projection(axes, center, shares_along(axes, points))


def _strongest(directions: Array) -> tuple[Array, int]:
    """At most two orthonormal rows along the strongest directions, and how many independent ones there are."""
    left, sizes, _ = np.linalg.svd(np.nan_to_num(directions), full_matrices=False)
    rank = int((sizes > FAINT * sizes.max(initial=0.0)).sum())
    axes = left.T[: min(rank, 2)]
    if rank == 1:
        return axes * (-1.0 if axes[0] @ directions[:, -1] < 0 else 1.0), rank
    return _signed(axes), rank


def _filled(axes: Array, points: Array) -> Array:
    """``axes`` (r, width), filled up to two with the main variance of the points across them."""
    width = points.shape[1]
    across = np.linalg.svd(axes, full_matrices=True)[2][len(axes) :] if len(axes) else np.eye(width)
    centred = (points - points.mean(axis=0)) @ across.T
    _, main = np.linalg.eigh(centred.T @ centred)
    return np.concatenate([axes, _signed(main.T[::-1] @ across)])[:2]


def _turned(reference: Array, directions: Array, rank: int) -> Array:
    """The axes (2, width) nearest to those of ``reference`` whose plane holds ``directions``, if that can be."""
    if rank == 1:
        first = directions[0]
        along = reference @ first
        second = along[0] * reference[1] - along[1] * reference[0]  # in the old plane, and at right angles to `first`
        if np.linalg.norm(second) < 1e-6:
            second = reference[1] - (reference[1] @ first) * first
        return np.stack([first, second / np.linalg.norm(second)])
    if rank == 2:
        left, _, right = np.linalg.svd(reference @ directions.T)
        return left @ right @ directions
    return reference


def _signed(axes: Array) -> Array:
    """Each row turned so that its largest entry is positive."""
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    return axes * np.where(largest < 0, -1.0, 1.0)[:, None]


def shares_along(axes: Array, points: Array) -> Array:
    """(2,) shares of the points' variance along the axes; where nothing varies, nothing is hidden."""
    centred = points - points.mean(axis=0)
    total = float((centred**2).sum())
    return ((centred @ axes.T) ** 2).sum(axis=0) / total if total > 0 else np.array([1.0, 0.0])
