"""`card`: every property of one activation, computed in float64 from its formula; only its names are looked up."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.activations import Activation, activation, to_latex
from unbend.activations.catalogue import entries
from unbend.errors import UnbendError
from unbend.network import calculate_gain, exact_gain
from unbend.properties.extremes import Extreme, Place, critical, find_poles, flat_pieces, highest
from unbend.properties.fixed_points import fixed_points
from unbend.properties.line import HIGHEST_ORDER, Line, draw_line
from unbend.properties.mean_field import Field, edge_of_chaos, self_normalising
from unbend.properties.record import Card
from unbend.properties.series import taylor
from unbend.properties.tails import Tail, tail
from unbend.properties.thresholds import below_for_good, dead_zones, normal_share_below

Floats = NDArray[np.float64]
SATURATED = 0.01
KNOWN_TO_PYTORCH = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "selu")  # by torch.nn.init.calculate_gain
_ROUNDING = 1e-12


def card(spec: "str | Activation | Callable[..., Any]", **parameters: float) -> Card:
    """Every property of an activation: a catalogue name, a formula in ``x``, a Python function, or an `Activation`.

    Values are exact up to rounding where the function is tame: sampled at 128 places per unit up to |z| = 12, and
    geometrically up to 1e16. Raises `UnbendError` where `activation` does.

    >>> found = card("sigmoid")
    >>> found.max_gradient, found.max_gradient_at, found.range
    (0.25, 0.0, (0.0, 1.0))
    >>> card("max(x, 0)").dead_zone
    ((-inf, 0.0),)
    """
    subject = activation(spec, **parameters)
    with np.errstate(all="ignore"):  # a formula may leave the numbers wherever it is looked at
        return _computed(subject)


@lru_cache(maxsize=256)
def _computed(subject: Activation) -> Card:
    line = draw_line(subject)
    tails = tail(subject, -1), tail(subject, 1)
    slope_tails = tail(subject.gradient, -1), tail(subject.gradient, 1)
    field = Field(subject, line.joints)
    return Card(
        activation=subject,
        latex=to_latex(subject),
        limits=(tails[0].limit, tails[1].limit),
        gradient_limits=(slope_tails[0].limit, slope_tails[1].limit),
        kinks=tuple(_tidy(kink) for kink in subject.kinks),
        taylor=_taylor(line),
        libraries=_libraries(subject),
        use=_use(subject),
        fixed_points=tuple(_tidy_place(point) for point in fixed_points(line)),  # type: ignore[misc]
        **_extremes(line, tails, slope_tails),
        **_symmetry(subject),
        **_gradient(line, slope_tails),
        **_normal(subject, field),
        **_deep(field),
    )


# ---------------------------------------------------------------------- value
def _extremes(line: Line, tails: tuple[Tail, Tail], slope_tails: tuple[Tail, Tail]) -> dict[str, Any]:
    poles = find_poles(line)
    value, slope = critical(line, 0, tails, poles), critical(line, 1, slope_tails, poles)
    low, high, steepest = highest(line, value, -1), highest(line, value, 1), highest(line, slope, 1)
    defined = math.isfinite(low.value) or low.value == math.inf
    jumps = 0 in line.jumping or len(poles) > 0
    reached = low.at is not None
    bottom = _tidy(-low.value) if defined else None
    return {
        "domain": _domain(line),
        "range": (bottom, _tidy(high.value)) if defined else None,
        "range_reached": (reached, high.at is not None),
        "minimum": bottom if reached else None,
        "minimum_at": _tidy_place(low.at) if reached else None,
        "maximum": _tidy(high.value) if high.at is not None else None,
        "maximum_at": _tidy_place(high.at),
        "max_gradient": _tidy(steepest.value) if defined else None,
        "max_gradient_at": _tidy_place(steepest.at),
        "lipschitz": _lipschitz(steepest, jumps) if defined else None,
        "smoothness": _smoothness(line, jumps),
        **_monotone(line, poles),
    }


def _lipschitz(steepest: Extreme, jumps: bool) -> float:
    return math.inf if jumps else _tidy(steepest.value)


def _domain(line: Line) -> tuple[tuple[float, float], ...] | None:
    """The intervals on which the formula has a number; None if that is the whole line."""
    if not len(line.gaps):
        return None
    marks = [-math.inf, *line.gaps.tolist(), math.inf]
    return tuple(span for span in pairwise(marks) if line.inside(span).any())


def _smoothness(line: Line, jumps: bool) -> str | None:
    """How many derivatives are continuous; None for a formula that has no number on a part of the line."""
    domain = _domain(line)
    if domain is not None and not (domain[0][0] == -math.inf and domain[-1][1] == math.inf):
        return None
    if domain is not None or jumps:
        return "discontinuous"
    return f"C{min(line.jumping) - 1}" if line.jumping else "C∞"


def _monotone(line: Line, poles: Floats) -> dict[str, Any]:
    slopes = line.gradient
    near = np.abs(slopes[np.abs(line.z) <= 12.0])
    noise = _ROUNDING * max(1.0, float(near.max())) if len(near) else 0.0
    steps = _jumps(line)
    rising = bool(np.any(slopes > noise) or np.any(steps > noise))
    falling = bool(np.any(slopes < -noise) or np.any(steps < -noise))
    broken = len(poles) > 0 or len(_domain(line) or ()) > 1
    if broken or (rising and falling):
        return {"monotone": False, "strictly_monotone": False, "direction": None}
    direction = "increasing" if rising else "decreasing" if falling else None
    return {"monotone": True, "strictly_monotone": bool(direction and not flat_pieces(line)), "direction": direction}


def _jumps(line: Line) -> Floats:
    """Every step of the value at a joint: from the left to the value there, and from there to the right."""
    at = line.joints[np.array(line.jumping, int) == 0]
    beside = 1e-9 * np.maximum(1.0, np.abs(at))
    left, here, right = (line.activation(at + k * beside) for k in (-1, 0, 1))
    with np.errstate(all="ignore"):
        return np.concatenate([here - left, right - here])


def _symmetry(subject: Activation) -> dict[str, bool]:
    z = np.geomspace(1e-6, 100.0, 801)
    right, left = subject(z), subject(-z)
    size = np.maximum(1.0, np.abs(right))
    with np.errstate(all="ignore"):
        odd, even = np.abs(right + left) <= 1e-10 * size, np.abs(right - left) <= 1e-10 * size
    unknown = np.isnan(right) & np.isnan(left)
    there = bool(np.isfinite(right).any())
    return {"odd": there and bool(np.all(odd | unknown)), "even": there and bool(np.all(even | unknown))}


def _taylor(line: Line) -> tuple[float, ...] | None:
    """The coefficients at 0 as far as derivatives are continuous there, up to order 5; None at a kink."""
    jumping = zip(line.joints, line.jumping, strict=True)
    first = next((order for joint, order in jumping if joint == 0), HIGHEST_ORDER + 1)
    if first <= 1 or np.any(line.gaps == 0):
        return None
    place = 1e-30 if np.any(line.switches == 0) else 0.0  # a switch decides as on its right
    found = taylor(line.activation.expression, [place], HIGHEST_ORDER)[:first, 0]
    found[0] = line.activation(0.0)
    return tuple(_tidy(value) for value in found.tolist()) if np.all(np.isfinite(found)) else None


# ---------------------------------------------------------------------- gradient
def _gradient(line: Line, tails: tuple[Tail, Tail]) -> dict[str, Any]:
    tenth, hundredth = below_for_good(line, tails, 0.1), below_for_good(line, tails, SATURATED)
    zones = dead_zones(line, tails)
    return {
        "gradient_below_0_1": _outer(tenth),
        "gradient_below_0_01": _outer(hundredth),
        "saturates_from": tuple(None if side is None else _tidy(side) for side in hundredth),
        "saturated_share_normal": normal_share_below(line, SATURATED),
        "dead_zone": tuple((_tidy(low), _tidy(high)) for (low, high), _ in zones),
        "dead_zone_exact": tuple(exact for _, exact in zones),
    }


def _outer(sides: tuple[float | None, float | None]) -> float | None:
    """The smallest |z| beyond which both sides stay small; 0 if they are small everywhere."""
    left, right = sides
    return None if left is None or right is None else _tidy(max(-left, right, 0.0))


# ---------------------------------------------------------------------- many layers
def _normal(subject: Activation, field: Field) -> dict[str, Any]:
    found = field.at(1.0, checked=True)
    mean = float(found.mean[0] + 0 * found.square[0])  # no number where the mean square is none
    odd = _symmetry(subject)["odd"]
    return {
        "mean_normal": None if math.isnan(mean) else 0.0 if odd else mean,
        "gain_exact": _gain(subject),
        "gain_pytorch": calculate_gain(subject) if subject.name in KNOWN_TO_PYTORCH else None,
    }


def _gain(subject: Activation) -> float | None:
    try:
        return _tidy(exact_gain(subject))
    except UnbendError:
        return None


def _deep(field: Field) -> dict[str, Any]:
    sigmas = {"glorot": 1.0, "he": math.sqrt(2), "exact": _gain(field.activation)}
    starts = {name: None if sigma is None else field.started(sigma) for name, sigma in sigmas.items()}
    exact = starts["exact"]
    return {
        "edge_of_chaos": edge_of_chaos(field),
        "chi_1": None if exact is None else exact.chi,
        "depth_scale": {name: None if start is None else start.depth for name, start in starts.items()},
        "gradient_growth": {name: None if start is None else start.chi for name, start in starts.items()},
        "settled_variance": {name: None if start is None else start.variance for name, start in starts.items()},
        "self_normalising": self_normalising(field),
    }


# ---------------------------------------------------------------------- names and numbers
def _libraries(subject: Activation) -> dict[str, Any]:
    row = entries().get(subject.name)
    names = {library: getattr(row, library, "") or None for library in ("pytorch", "keras", "jax")}
    return {**names, "differs": dict(row.differs) or None if row else None}


def _use(subject: Activation) -> dict[str, str] | None:
    row = entries().get(subject.name)
    return dict(row.use) if row else None


def _tidy(value: float) -> float:
    """Without the last bit of rounding: 2.9999999999999996 is 3, and -0 is 0."""
    if not math.isfinite(value):
        return value
    short = float(f"{value:.14g}")
    return (short if abs(short - value) <= 4e-16 * abs(value) else value) + 0.0


def _tidy_place(place: Place) -> Place:
    if place is None:
        return None
    return tuple(map(_tidy, place)) if isinstance(place, tuple) else _tidy(place)  # type: ignore[return-value]
