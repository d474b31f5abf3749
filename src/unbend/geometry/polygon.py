"""Regular polygons and the unit disc: how much of the plane lies in one of them but not in the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RegularPolygon:
    """A polygon around the origin with ``sides`` equal sides, each ``apothem`` away from it; it stands on a side."""

    sides: int
    apothem: float

    @property
    def normals(self) -> Array:
        """The outward unit normals (sides, 2)."""
        angles = 2.0 * np.pi * np.arange(self.sides) / self.sides - np.pi / 2.0
        return np.column_stack([np.cos(angles), np.sin(angles)])

    @property
    def vertices(self) -> Array:
        """The corners (sides, 2), counter-clockwise."""
        angles = (2.0 * np.arange(self.sides) + 1.0) * np.pi / self.sides - np.pi / 2.0
        return np.column_stack([np.cos(angles), np.sin(angles)]) * self.apothem / np.cos(np.pi / self.sides)

    @property
    def error(self) -> float:
        """The area between the polygon and the unit disc, as a share of the disc.

        Each side cuts a segment of area arccos(a) - a sqrt(1 - a^2) off the disc, if its distance a is below 1. The
        area of the polygon, less that of the disc, plus twice those segments is what lies in one of the two alone. This
        holds while the corners are not inside the disc.
        """
        distance = min(self.apothem, 1.0)
        segments = self.sides * (np.arccos(distance) - distance * np.sqrt(1.0 - distance**2))
        area = self.sides * self.apothem**2 * np.tan(np.pi / self.sides)
        return float((area - np.pi + 2.0 * segments) / np.pi)


def best_polygon(sides: int) -> RegularPolygon:
    """The regular polygon around the origin with the least area between itself and the unit disc.

    At the least area, half of every side lies inside the circle: sqrt(1 - a^2) = a tan(pi / sides) / 2, where the
    derivative of `RegularPolygon.error` by the distance a is zero. Raises `UnbendError` for fewer than three sides.

    >>> square = best_polygon(4)
    >>> round(square.apothem, 4), round(square.error, 4)
    (0.8944, 0.1807)
    """
    if sides < 3:
        raise UnbendError(f"a polygon cannot have {sides} sides; give 3 or more")
    return RegularPolygon(sides, float(1.0 / np.hypot(1.0, np.tan(np.pi / sides) / 2.0)))


def disc_error(radii: Any) -> float:
    """The area between a closed curve and the unit circle, as a share of the disc; ``radii`` (n,) at even angles.

    The integral of |r^2 - 1| / 2 over the angle, by the rule of rectangles.

    >>> round(disc_error([1.1, 1.1, 1.1, 1.1]), 3)
    0.21
    """
    return float(np.abs(np.asarray(radii, np.float64) ** 2 - 1.0).mean())
