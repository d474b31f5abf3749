"""The points where a piecewise formula really changes: where its value or its derivative jumps.

Candidates are the roots of every switch (the argument of abs, relu, step and sign; the difference of the two sides of
min, max and a comparison): exact where the switch is affine in ``x``, else bracketed on a grid over [-100, 100] and
polished to the last bit. Nothing outside that grid is seen of a switch that is not affine.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from unbend.activations.build import subtract
from unbend.activations.expression import Node, distinct_nodes, evaluate
from unbend.activations.leaves import RELATIONS, X, is_constant
from unbend.activations.numpy_algebra import NumpyAlgebra, numpy_values

MOST_KINKS = 100  # those nearest to 0 are kept
_SWITCHES = ("abs", "relu", "step", "sign")
_DIFFERENCES = ("minimum", "maximum", *RELATIONS)
_GRID = np.linspace(-100, 100, 200 * 128 + 1)  # 128 points per unit: halves, quarters … lie on it exactly
_BISECTIONS = 70

Floats = NDArray[np.float64]


def find_kinks(expression: Node, derivative: Node) -> tuple[float, ...]:
    """The kinks of a formula, ascending; at most 100, those nearest to 0.

    >>> from unbend.activations.build import make
    >>> find_kinks(make("relu", X), make("step", X))
    (0.0,)
    """
    candidates = switch_places(expression)
    if not len(candidates):
        return ()
    real = candidates[value_jumps(expression, candidates) | _jumps(derivative, candidates)]
    nearest = real[np.argsort(np.abs(real), kind="stable")][:MOST_KINKS]
    return tuple(float(kink) for kink in np.sort(nearest))


def switch_places(expression: Node) -> Floats:
    """All places (m,), ascending, at which a switch of the formula turns, whether or not anything changes there.

    >>> from unbend.activations.build import make
    >>> switch_places(make("power", make("relu", X), make("add", X, X))).tolist()
    [0.0]
    """
    factors = {factor for switch in _switches(expression) for factor in _factors(switch)}
    lines = {factor: _affine(factor) for factor in factors}
    curved = [factor for factor, line in lines.items() if line is None]
    straight = (-line[1] / line[0] + 0.0 for line in lines.values() if line and line[0])
    return _distinct([*straight, *_curved_roots(curved)])


def _switches(expression: Node) -> Iterable[Node]:
    for node in distinct_nodes(expression):
        if node.op in _SWITCHES:
            yield node.args[0]
        elif node.op in _DIFFERENCES:
            yield subtract(*node.args)


def _factors(switch: Node) -> Iterable[Node]:
    """Simpler switches that change where this one does: a product changes where a factor does."""
    if switch.op in ("negative", "abs", "power"):
        yield from _factors(switch.args[0])
    elif switch.op in ("multiply", "divide"):
        for factor in switch.args:
            yield from _factors(factor)
    elif not is_constant(switch):
        yield switch


def _affine(node: Node) -> tuple[float, float] | None:
    """``(slope, intercept)`` of a tree that is affine in ``x``."""
    if node is X:
        return 1.0, 0.0
    if is_constant(node):
        return 0.0, node.value
    if node.op not in ("add", "subtract", "negative", "multiply"):
        return None
    lines = [line for line in map(_affine, node.args) if line]
    match node.op, lines:
        case "add", [(a, b), (c, d)]:
            return a + c, b + d
        case "subtract", [(a, b), (c, d)]:
            return a - c, b - d
        case "negative", [(a, b)]:
            return -a, -b
        case "multiply", [(0.0, factor), (a, b)]:
            return factor * a, factor * b
        case _:
            return None


def _curved_roots(switches: Sequence[Node]) -> Iterable[float]:
    """Where a switch changes sign or touches zero within the grid: of each switch the changes nearest to 0."""
    with np.errstate(all="ignore"):
        on_grid = evaluate(switches, _GRID, NumpyAlgebra())
    for switch, values in zip(switches, on_grid, strict=True):
        kinds = _kinds(values)
        changes = np.flatnonzero(kinds[1:] != kinds[:-1])
        yield from _polished(switch, kinds, changes[np.argsort(np.abs(_GRID[changes]))][: 2 * MOST_KINKS])


def _polished(switch: Node, kinds: Floats, changes: NDArray[np.intp]) -> list[float]:
    """The roots in the given intervals of the grid, by bisection to the last bit."""
    low, high, left = _GRID[changes], _GRID[changes + 1], kinds[changes]
    for _ in range(_BISECTIONS if len(changes) else 0):
        middle = low + (high - low) / 2
        same = _kinds(numpy_values(switch, middle)) == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    at_low, at_high = (np.abs(numpy_values(switch, side)) for side in (low, high))
    return [float(root) for root in np.where(at_low < at_high, low, high)]


def _kinds(values: Floats) -> Floats:
    """-1, 0 or 1, and 2 where a value is not a number."""
    return np.nan_to_num(np.sign(values), nan=2.0)


def _distinct(roots: Iterable[float]) -> Floats:
    """Ascending, without those that differ only by rounding; of such a pair the one with fewer digits stays."""
    kept: list[float] = []
    for root in sorted(root for root in roots if np.isfinite(root)):
        if kept and root - kept[-1] <= 1e-9 * max(1.0, abs(root)):
            kept[-1] = min(kept[-1], root, key=lambda value: len(repr(value)))
        else:
            kept.append(root)
    return np.array(kept)


def _jumps(piece: Node, at: Floats) -> NDArray[np.bool_]:
    """Whether a tree differs from left to right of each point, by an amount that does not shrink with the distance."""
    (left, right), (near_left, near_right) = (_beside(piece, at, distance) for distance in (1e-5, 1e-7))
    return remains(left, right, near_left, near_right)


def value_jumps(piece: Node, at: Floats) -> NDArray[np.bool_]:
    """Whether a value at each point differs from that beside it."""
    (left, right), (near_left, near_right) = (_beside(piece, at, distance) for distance in (1e-5, 1e-7))
    here = numpy_values(piece, at)
    return remains(left, here, near_left, here) | remains(here, right, here, near_right)


def _beside(piece: Node, at: Floats, distance: float) -> tuple[Floats, Floats]:
    step = distance * np.maximum(1.0, np.abs(at))
    return numpy_values(piece, at - step), numpy_values(piece, at + step)


def remains(far: Floats, other_far: Floats, near: Floats, other_near: Floats) -> NDArray[np.bool_]:
    """Whether two sides that differ at a distance still do nearer by, beyond rounding."""
    with np.errstate(all="ignore"):
        wide, narrow = np.abs(other_far - far), np.abs(other_near - near)
        size = np.abs(near) + np.abs(other_near)
    rounding = 1e-8 * np.where(np.isfinite(size), size, 0.0) + 1e-14
    alike = (near == other_near) | (np.isnan(near) & np.isnan(other_near)) | (narrow <= rounding)
    return ~(alike | (np.isfinite(narrow) & (narrow <= 0.5 * wide)))
