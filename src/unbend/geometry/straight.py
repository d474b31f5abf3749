"""Straight lines in a view: where two affine scores are equal, cut off at its edge and where a third one wins."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from unbend.geometry.input_plane import Box

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StraightLine:
    """A ``segment`` (2, 2) on which the classes ``between`` have the same score, and no other class a larger one."""

    segment: Array
    between: tuple[int, int]


def straight_lines(slopes: Array, offsets: Array, limits: Box) -> tuple[StraightLine, ...]:
    """The lines inside a box on which the largest of the scores ``place @ slopes + offsets`` changes hands.

    ``slopes`` (2, k), ``offsets`` (k,) for k >= 2 classes.

    >>> line, = straight_lines(np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([0.0, -1.0]), (0, 1, 0, 3))
    >>> line.segment.tolist(), line.between
    ([[0.5, 3.0], [0.5, 0.0]], (0, 1))
    """
    left, right, bottom, top = limits
    inside = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1]]), np.array([-left, right, -bottom, top])
    middle = np.array([left + right, bottom + top]) / 2
    lines: list[StraightLine] = []
    for one, other in combinations(range(slopes.shape[1]), 2):
        lower = [place for place in range(slopes.shape[1]) if place not in (one, other)]
        kept = np.concatenate([inside[0], slopes[:, [one]] - slopes[:, lower]], axis=1)
        kept_offsets = np.concatenate([inside[1], offsets[one] - offsets[lower]])
        normal, offset = slopes[:, other] - slopes[:, one], offsets[other] - offsets[one]
        segment = _segment(normal, float(offset), middle, kept, kept_offsets)
        if segment is not None:
            lines.append(StraightLine(segment, (one, other)))
    return tuple(lines)


def _segment(normal: Array, offset: float, middle: Array, slopes: Array, offsets: Array) -> Array | None:
    """The part of the line ``place @ normal + offset = 0`` on which no ``place @ slopes + offsets`` is below 0."""
    length = float(np.hypot(*normal))
    if length == 0 or not np.isfinite(length):
        return None
    normal, offset = normal / length, offset / length
    start = middle - normal * (normal @ middle + offset)
    direction = np.array([-normal[1], normal[0]]) + 0.0
    rise, value = direction @ slopes, start @ slopes + offsets
    flat = np.abs(rise) <= 1e-14 * np.abs(slopes).sum(axis=0)
    if (value[flat] < 0).any():
        return None
    ends = -value[~flat] / rise[~flat]
    first, last = ends[rise[~flat] > 0].max(), ends[rise[~flat] < 0].min()
    return np.stack([start + first * direction, start + last * direction])[::-1] if first < last else None
