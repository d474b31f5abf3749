"""Strict monotony and steep zones: what is known of the catalogue, what float64 hides, and formulas made to deceive."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unbend.activations import activation, catalogue_names
from unbend.activations.monotony import monotony
from unbend.activations.pieces import pieces, polynomial_degree
from unbend.activations.rounding import values_with_errors
from unbend.activations.steep import steep_zones

# textbook facts: strictly rising
STRICT = {
    "identity", "leaky_relu", "elu", "selu", "softplus", "softsign", "sigmoid", "log_sigmoid", "cloglog", "tanh",
    "lecun_tanh", "tanh_shrink", "arctan", "erf", "isru", "symlog", "arcsinh", "prelu", "rrelu", "celu", "isrlu",
    "squareplus", "bent_identity", "cube", "exponential", "snake",
}  # fmt: skip
# never falling, but constant somewhere
FLAT = {
    "relu", "hard_sigmoid", "hard_sigmoid_keras2", "sparse_sigmoid", "hard_tanh", "relu6", "squared_relu", "star_relu",
    "smelu", "sparse_plus", "soft_shrink",
}  # fmt: skip
JUMPS = {"step": 0.0, "threshold": 1.0, "hard_shrink": -0.5}
# where the published derivative is zero
TURNS = {
    "gelu": -0.7517915246935645, "silu": -1.2784645427610738, "mish": -1.1924312145154956, "absolute": 0.0,
    "square": 0.0, "sine": -math.pi / 2, "cosine": 0.0, "gaussian": 0.0, "lisht": 0.0, "hard_swish": -1.5,
}  # fmt: skip


@pytest.mark.parametrize("name", catalogue_names())
def test_every_activation_of_the_catalogue_is_told_rightly(name: str) -> None:
    found = monotony(activation(name))
    assert found.strict == (name in STRICT)
    if name in FLAT:
        assert found.direction == 1 and found.flat is not None
    assert found.jump == JUMPS.get(name)
    if name in TURNS:
        assert found.turn == pytest.approx(TURNS[name], abs=1e-9)
    if name not in STRICT | FLAT | set(JUMPS):
        assert found.turn is not None and found.direction == 0


@pytest.mark.parametrize(
    "formula",
    ["-tanh(x)", "-softplus(x)", "3 - 2*sigmoid(x)", "where(x > 0, -x, -0.1*x)", "-x**3"],
)
def test_falling_activations_count_as_well(formula: str) -> None:
    found = monotony(activation(formula))
    assert found.direction == -1 and found.strict


def test_saturation_in_float64_is_no_flat_piece() -> None:
    assert activation("tanh")(np.array([40.0]))[0] == 1.0
    assert monotony(activation("tanh")).flat is None
    assert monotony(activation("where(x > 50, tanh(x), x/50)")).strict  # flat in float64 on all of its second piece
    assert monotony(activation("where(x > 50, 1, x/50)")).flat == (50.0, math.inf)


@pytest.mark.parametrize(
    ("formula", "strict"),
    [
        ("x - sin(x)", True),
        ("x - 1.000001*sin(x)", False),  # dips by 1e-6
        ("x + 0.0005*sin(2000*x)", True),  # touches a slope of 0
        ("x + 0.0006*sin(2000*x)", False),
        ("x**63 - x", False),
        ("tanh(x)**3", True),
        ("sin(x)**2 + cos(x)**2", False),  # constant
    ],
)
def test_formulas_made_to_deceive(formula: str, strict: bool) -> None:
    assert monotony(activation(formula)).strict == strict


@pytest.mark.parametrize(("formula", "place"), [("1/x", 0.0), ("tan(x)", math.pi / 2), ("sqrt(x)", 0.0)])
def test_poles_and_holes_are_jumps(formula: str, place: float) -> None:
    found = monotony(activation(formula))
    assert not found.strict and found.jump is not None
    assert abs(abs(found.jump) - place) <= 1 / 64


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(STRICT | FLAT)), st.floats(-20, 20), st.floats(1e-3, 10))
def test_what_never_falls_never_falls(name: str, z: float, step: float) -> None:
    low, high = activation(name)(np.array([z, z + step]))
    assert low <= high + 1e-12 * max(1.0, abs(low))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["tanh", "gelu", "softplus", "silu", "tanh_shrink", "erf"]), st.floats(-8, 8))
def test_rounding_errors_are_bounded(name: str, z: float) -> None:
    import mpmath

    known = {
        "tanh": mpmath.tanh, "gelu": lambda x: x * (1 + mpmath.erf(x / mpmath.sqrt(2))) / 2,
        "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)), "silu": lambda x: x / (1 + mpmath.exp(-x)),
        "tanh_shrink": lambda x: x - mpmath.tanh(x), "erf": mpmath.erf,
    }  # fmt: skip
    with mpmath.workdps(40):
        exact = known[name](mpmath.mpf(z))
        value, error = values_with_errors(activation(name).expression, np.array([z]))
        assert abs(mpmath.mpf(float(value[0])) - exact) <= mpmath.mpf(float(error[0])) + mpmath.mpf("1e-300")


def test_pieces_hold_the_formula_between_its_switches() -> None:
    for name in catalogue_names():
        whole = activation(name)
        for piece in pieces(whole.expression):
            z = np.linspace(max(piece.low, -9.0), min(piece.high, 9.0), 23)[1:-1]
            values, _ = values_with_errors(piece.branch, z)
            np.testing.assert_allclose(values, whole(z), rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("formula", "degree"),
    [
        ("max(x, 0.1*x)", 1),
        ("abs(x) - 2", 1),
        ("step(x)", 0),
        ("max(x, 0)**2", 2),
        ("x*step(x)", 1),
        ("silu", math.inf),
    ],
)
def test_the_degree_of_pieced_polynomials(formula: str, degree: float) -> None:
    assert polynomial_degree(activation(formula).expression) == degree


def test_steep_zones_of_known_functions() -> None:
    (zone,) = steep_zones(activation("tanh"))
    assert zone.high == pytest.approx(math.atanh(math.sqrt(0.5)), abs=1e-9) and zone.low == -zone.high
    assert zone.middle == 0.0
    (zone,) = steep_zones(activation("sigmoid"))
    assert zone.high == pytest.approx(math.log(3 + 2 * math.sqrt(2)), abs=1e-9)
    (zone,) = steep_zones(activation("arctan"))
    assert (zone.low, zone.high) == pytest.approx((-1.0, 1.0), abs=1e-9)
    (zone,) = steep_zones(activation("softplus"))
    assert (zone.low, zone.high, zone.middle) == (0.0, math.inf, 0.0)
    assert [zone.edges for zone in steep_zones(activation("square"))] == [(-0.25,), (0.25,)]
    (zone,) = steep_zones(activation("identity"))
    assert zone.middle is None and zone.edges == ()


@pytest.mark.parametrize("name", sorted(set(catalogue_names()) - {"identity", "step", "two_piece"}))
def test_at_the_edges_of_a_zone_the_slope_passes_half_of_the_largest(name: str) -> None:
    function = activation(name)
    z = np.linspace(-30, 30, 6001)
    top = np.abs(function.gradient(z)).max()
    zones = steep_zones(function)
    assert zones
    for zone in zones:
        inside = z[(z > zone.low) & (z < zone.high)]
        for edge in zone.edges:
            if abs(edge) < 30 and top < 5:
                beside = np.abs(function.gradient(edge + np.array([-1e-6, 1e-6])))
                assert beside.min() <= 1.01 * top / 2 and beside.max() >= 0.99 * top / 2
        assert len(inside) == 0 or np.abs(function.gradient(inside)).max() > 0
