"""The way from one view of a space to a linear map of it: a turn without stretching, then a stretch without turning.

The map as it is seen, M (2, m), has the polar form M = H E: E has orthonormal rows, H is symmetric and stretches along
two axes at right angles. First the frame turns from that of the start to E along the shortest way (the geodesic of
principal angles; Björck and Golub 1973), then H grows from no stretch at all. So nothing collapses on the way that is
not pressed flat in the end. In the plane, a map with a negative determinant has to turn the sheet over: it swings about
an axis in the sheet, like a page, and is seen edge-on in between.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_FLAT = 1e-12  # a stretch this much smaller than the larger one is none


@dataclass(frozen=True, eq=False)
class Turning:
    """``turned(0)`` is the frame (2, m) of the start, ``turned(1)`` that of the end; ``stretched(0)`` is the latter,
    ``stretched(1)`` the map. ``over``: whether the sheet is turned over."""

    first: Array
    sideways: Array
    angles: Array
    inside: Array
    spin: float
    stretch: Array
    over: bool

    def turned(self, share: float) -> Array:
        """The frame (2, m) after a share of the turn."""
        angles = share * self.angles[:, None]
        frame = np.cos(angles) * self.first + np.sin(angles) * self.sideways
        return _rotation(share * self.spin) @ self.inside @ frame

    def stretched(self, share: float) -> Array:
        """The map (2, m) after the whole turn and a share of the stretch."""
        return (np.eye(2) + share * (self.stretch - np.eye(2))) @ self.turned(1.0)


def turning(start: Array, end: Array) -> Turning:
    """The way from the orthonormal rows ``start`` (2, m), m >= 2, to the map ``end`` (2, m).

    >>> way = turning(np.eye(2), np.array([[0.0, -2.0], [2.0, 0.0]]))
    >>> way.turned(0.5).round(3).tolist(), way.stretched(1.0).round(9).tolist()
    ([[0.707, -0.707], [0.707, 0.707]], [[0.0, -2.0], [2.0, 0.0]])
    """
    left, sizes, right = np.linalg.svd(end, full_matrices=False)
    flat = sizes <= _FLAT * sizes[0]
    frame = left @ right if sizes[0] > 0 else start
    mirrored = bool(np.linalg.det(frame @ start.T) < 0)
    if mirrored and flat[1]:  # the direction that is pressed flat may point either way
        frame, mirrored = left * [1.0, -1.0] @ right, False
    inside, cosines, outside, spin = _aligned(frame @ start.T, mirrored)
    first, last = inside.T @ start, outside.T @ frame
    across = last - cosines[:, None] * first
    sines = np.linalg.norm(across, axis=1)
    sideways = np.where(sines[:, None] > 1e-9, across / np.maximum(sines, 1e-9)[:, None], 0.0)
    stretch = (left * sizes) @ left.T
    over = mirrored and start.shape[1] == 2
    return Turning(first, sideways, np.arctan2(sines, cosines), inside, spin, stretch, over)


def _aligned(between: Array, mirrored: bool) -> tuple[Array, Array, Array, float]:
    """Two frames (2, 2), as columns, and the cosines of the angles between their directions, for the inner products
    ``between`` (2, 2) of end and start; and the angle by which the first frame spins into the other."""
    if mirrored and np.allclose(between, between.T, atol=1e-9) and np.allclose(between @ between, np.eye(2), atol=1e-9):
        values, axes = np.linalg.eigh((between + between.T) / 2)
        return axes, np.sign(values), axes * 1.0, 0.0  # a reflection of the plane: about its own axis
    outside, cosines, inside = np.linalg.svd(between)
    inside = inside.T
    if np.linalg.det(outside) * np.linalg.det(inside) < 0:
        outside, cosines = outside * [1.0, -1.0], cosines * [1.0, -1.0]
    spin = outside @ inside.T
    return inside, cosines, outside, float(np.arctan2(spin[1, 0], spin[0, 0]))


def _rotation(angle: float) -> Array:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def facing(sheet: Array, aim: Array) -> Array:
    """The frame (2, k) that looks straight at a sheet, as near to the frame ``aim`` (2, k), k > 2, as can be.

    ``sheet`` (k, 2): where the two directions of the sheet point. It is looked at from the side from which it is not
    mirrored. A sheet that is pressed onto a line is looked at as ``aim`` does.

    >>> floor, wall = np.eye(3)[:, :2], np.eye(3)[[0, 2]]
    >>> facing(floor, wall).round(9).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    basis, sizes, _ = np.linalg.svd(sheet, full_matrices=False)
    if sizes[1] <= _FLAT * max(float(sizes[0]), 1.0):
        return aim
    left, _, right = np.linalg.svd(aim @ basis)
    frame = left @ right @ basis.T
    return frame if np.linalg.det(frame @ sheet) > 0 else left * [1.0, -1.0] @ right @ basis.T
