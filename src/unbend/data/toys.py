"""The toy data sets with classes: points in the plane that a straight line can, or cannot, separate.

Each function is a formula written in its docstring; ``n`` points in all, ``noise`` the standard deviation added to each
coordinate, ``seed`` from 0 to 2^32 - 1. Impossible values raise `unbend.errors.UnbendError`.
"""

import numpy as np

from unbend.data.dataset import Dataset
from unbend.data.toy_parts import (
    LARGEST_N,
    Floats,
    check_integer,
    check_number,
    check_toy,
    class_sizes,
    classified,
    labelled,
    uniform_points,
)
from unbend.randomness import uniform


def curves(n: int = 2000, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Two parabolas: class 0 on x2 = x1^2, class 1 on x2 = x1^2 - 0.5, x1 evenly in [-1, 1], n / 2 points each.

    No straight line separates them; one layer of two bent units does.

    >>> data = curves()
    >>> data.x.shape, data.task, data.y.sum()
    ((2000, 2), 'binary', np.float64(1000.0))
    >>> data.x[1000].tolist()
    [-1.0, 0.5]
    """
    check_toy("curves", n, noise, seed)
    upper, lower = (np.linspace(-1.0, 1.0, size) for size in class_sizes(n, 2))
    groups = (_plane(upper, upper**2), _plane(lower, lower**2 - 0.5))
    return classified("curves", groups, noise, seed, "two parabolas, x2 = x1^2 and x2 = x1^2 - 0.5")


def xor(n: int = 4, noise: float = 0.0, seed: int = 0) -> Dataset:
    """The corners (0, 0), (0, 1), (1, 0), (1, 1) in turn; class 1 where the two coordinates differ.

    ``xor()`` is the truth table of exclusive or; ``xor(n=400, noise=0.2)`` is a cloud around each corner.

    >>> data = xor()
    >>> data.x.tolist(), data.y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0])
    """
    check_toy("xor", n, noise, seed)
    corner = np.arange(n) % 4
    first, second = corner // 2, corner % 2
    points = _plane(first.astype(np.float64), second.astype(np.float64))
    return labelled("xor", points, first ^ second, noise, seed, "exclusive or of two coordinates")


def circles(n: int = 1000, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Two circles around the origin: class 0 of radius 1, class 1 of radius 0.5, angles evenly spaced.

    >>> data = circles(n=8, noise=0)
    >>> np.hypot(*data.x.T).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5]
    """
    check_toy("circles", n, noise, seed)
    angles = [2.0 * np.pi * np.arange(size) / size for size in class_sizes(n, 2)]
    groups = [_polar(radius, angle) for radius, angle in zip((1.0, 0.5), angles, strict=True)]
    return classified("circles", groups, noise, seed, "two circles with one centre, radius 1 and 0.5")


def ring(n: int = 1000, noise: float = 0.0, seed: int = 0) -> Dataset:
    """A disc inside a ring: class 1 fills radius 0 to 0.5, class 0 fills radius 0.7 to 1, evenly by area.

    >>> data = ring()
    >>> float(np.hypot(*data.x[data.y == 1].T).max()) < 0.5
    True
    """
    check_toy("ring", n, noise, seed)
    labels = np.repeat([0, 1], class_sizes(n, 2))
    position = np.arange(n)
    inner, outer = np.where(labels == 1, 0.0, 0.7**2), np.where(labels == 1, 0.5**2, 1.0)
    radius = np.sqrt(inner + (outer - inner) * uniform(seed, "ring radius", position))
    points = _polar(radius, 2.0 * np.pi * uniform(seed, "ring angle", position))
    return labelled("ring", points, labels, noise, seed, "a disc inside a ring")


def moons(n: int = 1000, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that interlock, t evenly in [0, pi], both divided by 1.5 and centred on the origin.

    Class 0: (cos t - 0.5, sin t - 0.25) / 1.5; class 1: (0.5 - cos t, 0.25 - sin t) / 1.5.

    >>> data = moons(noise=0)
    >>> data.x.min(axis=0).round(3).tolist(), data.x.max(axis=0).round(3).tolist()
    ([-1.0, -0.5], [1.0, 0.5])
    """
    check_toy("moons", n, noise, seed)
    upper, lower = (np.linspace(0.0, np.pi, size) for size in class_sizes(n, 2))
    groups = (
        _plane(np.cos(upper) - 0.5, np.sin(upper) - 0.25) / 1.5,
        _plane(0.5 - np.cos(lower), 0.25 - np.sin(lower)) / 1.5,
    )
    return classified("moons", groups, noise, seed, "two half circles that interlock")


def spiral(n: int = 1000, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Two arms of a spiral: radius t evenly in [0.1, 1], angle 3.5 pi t, the arm of class 1 turned by pi.

    >>> data = spiral(n=200, noise=0)
    >>> bool(np.allclose(data.x[:100], -data.x[100:]))
    True
    """
    check_toy("spiral", n, noise, seed)
    radii = [np.linspace(0.1, 1.0, size) for size in class_sizes(n, 2)]
    groups = [_polar(radius, 3.5 * np.pi * radius + turn) for radius, turn in zip(radii, (0.0, np.pi), strict=True)]
    return classified("spiral", groups, noise, seed, "two arms of a spiral")


def gaussians(n: int = 1000, noise: float = 0.25, seed: int = 0) -> Dataset:
    """Two round clouds of standard deviation ``noise``: class 0 around (-0.5, -0.5), class 1 around (0.5, 0.5).

    >>> gaussians(n=6, noise=0).x[:, 0].tolist()
    [-0.5, -0.5, -0.5, 0.5, 0.5, 0.5]
    """
    check_toy("gaussians", n, noise, seed)
    groups = [np.full((size, 2), centre) for size, centre in zip(class_sizes(n, 2), (-0.5, 0.5), strict=True)]
    return classified("gaussians", groups, noise, seed, "two round clouds")


def checkerboard(n: int = 2000, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Points spread evenly over the square (-1, 1)^2, coloured like a board of 4 x 4 fields.

    Class: (floor(2 x1) + floor(2 x2)) mod 2.

    >>> data = checkerboard()
    >>> bool((data.y == (np.floor(2 * data.x).sum(axis=1) % 2)).all())
    True
    """
    check_toy("checkerboard", n, noise, seed)
    points = uniform_points("checkerboard", n, 2, seed)
    labels = np.floor(2.0 * points).sum(axis=1).astype(np.int64) % 2
    return labelled("checkerboard", points, labels, noise, seed, "a board of 4 x 4 fields")


def blobs(n: int = 900, noise: float = 0.15, seed: int = 0, classes: int = 3) -> Dataset:
    """Round clouds of standard deviation ``noise``, 3 to 20 ``classes``, centres evenly on the circle of radius 0.7.

    >>> data = blobs()
    >>> data.task, data.class_names, data.output_width
    ('multiclass', ('0', '1', '2'), 3)
    """
    check_integer("blobs", "classes", classes, 3, 20)
    check_toy("blobs", n, noise, seed)
    check_integer("blobs", "n", n, classes, LARGEST_N)
    centres = _polar(0.7, 2.0 * np.pi * np.arange(classes) / classes + np.pi / 2.0)
    groups = [np.tile(centre, (size, 1)) for centre, size in zip(centres, class_sizes(n, classes), strict=True)]
    return classified("blobs", groups, noise, seed, f"{classes} round clouds")


def line(n: int = 1000, noise: float = 0.0, seed: int = 0, margin: float = 0.2) -> Dataset:
    """Two classes on the two sides of x1 + x2 = 0, with an empty strip of width ``margin`` (0 to 1) between them.

    Points spread evenly over (-1, 1)^2 are pushed away from the line by half the margin.

    >>> data = line(margin=0.3)
    >>> distance = data.x.sum(axis=1) / np.sqrt(2)
    >>> bool((np.abs(distance) >= 0.15).all()), bool(((distance > 0) == data.y).all())
    (True, True)
    """
    check_toy("line", n, noise, seed)
    check_number("line", "margin", margin, 0.0, 1.0)
    points = uniform_points("line", n, 2, seed)
    labels = (points.sum(axis=1) > 0.0).astype(np.int64)
    points += np.where(labels == 1, 1.0, -1.0)[:, None] * (0.5 * margin * (1.0 + 1e-12) / np.sqrt(2.0))
    return labelled("line", points, labels, noise, seed, "two sides of the line x1 + x2 = 0")


def _plane(first: Floats, second: Floats) -> Floats:
    return np.stack((first, second), axis=1)


def _polar(radius: "Floats | float", angle: Floats) -> Floats:
    return _plane(radius * np.cos(angle), radius * np.sin(angle))
