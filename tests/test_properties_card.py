"""The card against published values, closed forms and other people's code."""

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import integrate

import unbend as ub
from activation_formulas import FORMULAS
from unbend.activations import activation, catalogue_names
from unbend.activations.monotony import monotony
from unbend.properties.groups import GROUPS, group, problems
from unbend.properties.line import draw_line
from unbend.properties.record import KEYS
from unbend.properties.thresholds import normal_share_below

INF = math.inf
WILD = (
    "1/x", "tan(x)", "log(x)", "1/(x-0.3)**2", "1/(x-0.3)", "x**0.5", "x*sin(x)", "sin(x)/x", "abs(x)**0.5", "x**64",
    "x-x", "exp(1/x)", "0*x+3", "log(abs(x))", "where(x==0,5,x)", "x**3/sqrt(1+x**6)", "sin(100*x)", "sinh(x)**4",
    "exp(exp(x))", "x**-3", "log(1+log(1+abs(x)))", "where(x>0,1,-1)", "step(sin(x))", "abs(abs(x)-1)", "1e-300*x",
)  # fmt: skip


# ---------------------------------------------------------------------- published values
def test_sigmoid_and_tanh():
    sigmoid, tanh = ub.card("sigmoid"), ub.card("tanh")
    assert (sigmoid.max_gradient, sigmoid.max_gradient_at) == (0.25, 0.0)
    assert (tanh.max_gradient, tanh.max_gradient_at) == (1.0, 0.0)
    assert float(tanh.activation.gradient(3.0)) == pytest.approx(0.00987, abs=5e-6)
    assert (
        tanh.gradient_below_0_01 == pytest.approx(math.atanh(math.sqrt(0.99)), rel=1e-12)
        and tanh.gradient_below_0_01 < 3
    )
    assert tanh.gradient_below_0_1 == pytest.approx(math.atanh(math.sqrt(0.9)), rel=1e-12)
    assert tanh.saturated_share_normal == pytest.approx(math.erfc(tanh.gradient_below_0_01 / math.sqrt(2)), rel=1e-10)
    assert (sigmoid.range, sigmoid.range_reached, sigmoid.limits) == ((0.0, 1.0), (False, False), (0.0, 1.0))
    assert tanh.taylor == pytest.approx((0, 1, 0, -1 / 3, 0, 2 / 15), abs=1e-15)
    assert sigmoid.mean_normal == pytest.approx(0.5, abs=1e-15) and sigmoid.fixed_points[0] == pytest.approx(
        0.659046068
    )
    assert sigmoid.smoothness == "C∞" and tanh.odd and not sigmoid.odd


@pytest.mark.parametrize(
    ("name", "lowest", "place"),
    [
        ("silu", -0.27846454276107374, -1.2784645427610738),  # -W(1/e), -(1 + W(1/e))
        ("gelu", -0.16997120747990369, -0.7517915246935645),
        ("mish", -0.308843, -1.192431),
    ],
)
def test_the_dips_of_smooth_rectifiers(name, lowest, place):
    card = ub.card(name)
    assert card.minimum == pytest.approx(lowest, rel=2e-6) and card.minimum_at == pytest.approx(place, rel=2e-6)
    assert card.range == (card.minimum, INF) and card.range_reached == (True, False)
    assert not card.monotone and card.limits == (0.0, INF)


def test_silu_satisfies_lamberts_equation():
    """Where silu'(x) = 0, w = -silu(x) solves w·exp(w) = 1/e."""
    lowest = -ub.card("silu").minimum
    assert lowest * math.exp(lowest) == pytest.approx(1 / math.e, rel=1e-13)


def test_relu():
    card = ub.card("relu")
    assert card.dead_zone == ((-INF, 0.0),) and card.dead_zone_exact == (True,)
    assert card.range == (0.0, INF) and card.range_reached == (True, False)
    assert card.minimum == 0.0 and card.minimum_at == (-INF, 0.0) and card.max_gradient_at == (0.0, INF)
    assert card.mean_normal == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-13)
    assert card.saturated_share_normal == pytest.approx(0.5, abs=1e-12)
    assert card.kinks == (0.0,) and card.smoothness == "C0" and card.taylor is None
    assert card.fixed_points == ((0.0, INF),) and card.monotone and not card.strictly_monotone and card.lipschitz == 1.0
    assert card.gain_exact == pytest.approx(math.sqrt(2), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "smoothness"),
    [
        ("step", "discontinuous"), ("threshold", "discontinuous"), ("relu", "C0"), ("hard_swish", "C0"), ("elu", "C1"),
        ("elu(alpha=2)", "C0"), ("celu(alpha=2)", "C1"), ("softsign", "C1"), ("smelu", "C1"), ("squared_relu", "C1"),
        ("isrlu", "C2"), ("max(x, 0)**3", "C2"), ("max(x, 0)**5", "C4"), ("gelu", "C∞"), ("arcsinh", "C∞"),
        ("squareplus", "C∞"), ("1/x", "discontinuous"), ("log(x)", None), ("abs(x)**0.5", "C0"), ("abs(x)**2.5", "C2"),
    ],
)  # fmt: skip
def test_smoothness(name, smoothness):
    assert ub.card(name).smoothness == smoothness


@pytest.mark.parametrize(
    ("name", "bounds", "reached"),
    [
        ("softplus", (0, INF), (False, False)), ("elu", (-1, INF), (False, False)),
        ("hard_tanh", (-1, 1), (True, True)),
        ("relu6", (0, 6), (True, True)), ("gaussian", (0, 1), (False, True)), ("sine", (-1, 1), (True, True)),
        ("arctan", (-math.pi / 2, math.pi / 2), (False, False)),
        ("square", (0, INF), (True, False)),
        ("hard_sigmoid_keras2", (0, 1), (True, True)), ("cloglog", (0, 1), (False, False)),
        ("1/x", (-INF, INF), (False, False)),
        ("log(x)", (-INF, INF), (False, False)), ("x**3/sqrt(1+x**6)", (-1, 1), (False, False)),
        ("step", (0, 1), (True, True)),
        ("1/(x-0.3)**2", (0, INF), (False, False)), ("where(x > 0, exp(-x), 2)", (0, 2), (False, True)),
    ],
)  # fmt: skip
def test_range(name, bounds, reached):
    card = ub.card(name)
    assert card.range == pytest.approx(bounds, abs=1e-12) and card.range_reached == reached


@pytest.mark.parametrize(
    ("name", "order", "direction"),
    [
        ("tanh", "strictly", "increasing"), ("relu", "weakly", "increasing"), ("x**3", "strictly", "increasing"),
        ("-x", "strictly", "decreasing"), ("cosine", "no", None), ("1/x", "no", None), ("step", "weakly", "increasing"),
        ("x-x", "weakly", None), ("threshold", "weakly", "increasing"), ("snake", "strictly", "increasing"),
        ("where(x > 0, x, x + 1)", "no", None), ("exp(-x)", "strictly", "decreasing"),
        ("log(x)", "strictly", "increasing"),
    ],
)  # fmt: skip
def test_monotone(name, order, direction):
    card = ub.card(name)
    assert (card.monotone, card.strictly_monotone) == (order != "no", order == "strictly")
    assert card.direction == direction


@pytest.mark.parametrize("name", catalogue_names())
def test_a_card_and_the_topology_of_a_layer_agree_on_what_can_be_undone(name):
    continuous = ub.card(name).smoothness != "discontinuous"
    assert monotony(activation(name)).strict == (ub.card(name).strictly_monotone and continuous)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("square", (0, 1)), ("cube", (-1, 0, 1)), ("identity", ((-INF, INF),)), ("hard_tanh", ((-1, 1),)),
        ("exponential", ()),
        ("arcsinh", (0,)), ("gelu", (0,)), ("x + x**2", (0,)), ("cosine", (0.7390851332151607,)),
    ],
)  # fmt: skip
def test_fixed_points(name, points):
    found = ub.card(name).fixed_points
    assert len(found) == len(points)
    for ours, theirs in zip(found, points, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_an_unbounded_gradient_and_a_jump_have_no_lipschitz_constant():
    assert ub.card("square").max_gradient == INF and ub.card("square").lipschitz == INF
    assert ub.card("step").max_gradient == 0 and ub.card("step").lipschitz == INF
    assert ub.card("softplus").max_gradient == 1 and ub.card("softplus").max_gradient_at is None
    assert ub.card("selu").max_gradient == pytest.approx(1.0507009873554805 * 1.6732632423543772, rel=1e-14)
    assert ub.card("sqrt(abs(x))").max_gradient == INF


@pytest.mark.parametrize(
    ("name", "gain"), [("tanh", 5 / 3), ("relu", math.sqrt(2)), ("leaky_relu", None), ("selu", 0.75), ("sigmoid", 1.0)]
)
def test_pytorchs_gains(name, gain):
    gain = math.sqrt(2 / (1 + 0.01**2)) if gain is None else gain
    assert ub.card(name).gain_pytorch == pytest.approx(gain, rel=1e-15)
    assert ub.card("gelu").gain_pytorch is None


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "selu", "sigmoid"])
def test_the_gains_are_those_of_torch(name):
    torch = pytest.importorskip("torch", reason="torch is not installed: the gains are not compared with it")
    setting = {"leaky_relu": (0.01,)}.get(name, ())
    assert ub.card(name).gain_pytorch == pytest.approx(torch.nn.init.calculate_gain(name, *setting), rel=1e-15)


@pytest.mark.parametrize("name", ["gelu", "mish", "elu", "softsign", "hard_swish", "snake"])
def test_means_are_those_of_scipys_quadrature(name):
    card = ub.card(name)

    def mean(function):
        joints = [float(joint) for joint in draw_line(card.activation).joints] or None
        return integrate.quad(
            lambda z: function(z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi), -13, 13, points=joints, limit=500
        )[0]

    assert card.mean_normal == pytest.approx(mean(lambda z: float(card.activation(z))), abs=1e-9)
    square, slope = (
        mean(lambda z: float(card.activation(z)) ** 2),
        mean(lambda z: float(card.activation.gradient(z)) ** 2),
    )
    assert card.gain_exact == pytest.approx(1 / math.sqrt(square), rel=1e-8)
    assert card.chi_1 == pytest.approx(slope / square, rel=1e-8)


def test_the_saturated_share_is_that_of_a_sample():
    z = np.random.Generator(np.random.Philox(3)).standard_normal(400_000)
    for name in ("tanh", "gelu", "erf", "soft_shrink", "sine", "relu6"):
        share = normal_share_below(draw_line(ub.activation(name)), 0.01)
        sampled = np.mean(np.abs(ub.activation(name).gradient(z)) < 0.01)
        assert abs(share - sampled) < 5 * math.sqrt(0.25 / len(z)), name


# ---------------------------------------------------------------------- every card
@pytest.mark.parametrize("name", [*catalogue_names(), *WILD])
def test_every_card_is_sound(name):
    _check(ub.card(name))


@settings(max_examples=60)
@given(FORMULAS)
def test_random_formulas_have_sound_cards(text):
    _check(ub.card(text))


def _check(card):
    told = card.to_dict(cost=False)
    assert tuple(told) == KEYS
    json.loads(json.dumps(told, allow_nan=False))
    z = np.concatenate([np.linspace(-20, 20, 4001), [-1e3, 1e3]])
    value, slope = card.activation(z), np.abs(card.activation.gradient(z))
    value, slope = value[np.isfinite(value)], slope[np.isfinite(slope)]
    if card.range is not None and len(value):
        size = max(1.0, float(np.abs(value).max()))
        assert value.min() >= card.range[0] - 1e-9 * size and value.max() <= card.range[1] + 1e-9 * size
        for limit in card.limits:
            assert limit is None or card.range[0] - 1e-9 <= limit <= card.range[1] + 1e-9
    if card.lipschitz is not None and len(slope):
        assert card.lipschitz >= slope.max() * (1 - 1e-9) - 1e-12
    if card.odd and card.mean_normal is not None:
        assert card.mean_normal == 0
    if card.gradient_below_0_01 is not None and not card.domain:
        outside = np.abs(z) > card.gradient_below_0_01 * (1 + 1e-9) + 1e-9
        assert np.all(np.abs(card.activation.gradient(z[outside])) < 0.01 + 1e-9)
    for (low, high), exact in zip(card.dead_zone, card.dead_zone_exact, strict=True):
        inside = z[(z > low) & (z < high)]
        assert np.all(np.abs(card.activation.gradient(inside)) <= (0 if exact else 1.01e-6))
    for point in card.fixed_points:
        for place in point if isinstance(point, tuple) else (point,):
            if math.isfinite(place) and place not in card.kinks:
                assert float(card.activation(place)) == pytest.approx(place, abs=1e-6)
    assert group(card) in GROUPS and problems(card)


def test_taylor_is_the_function_near_0():
    for name in ("gelu", "mish", "sigmoid", "arctan", "exp(x)", "log(2 + sin(x))", "squareplus", "dsilu"):
        card = ub.card(name)
        z = np.array([-0.02, 0.01, 0.02])
        assert np.polynomial.polynomial.polyval(z, card.taylor) == pytest.approx(card.activation(z), abs=1e-10)
    assert ub.card("elu").taylor == pytest.approx((0, 1)) and ub.card("isrlu").taylor == pytest.approx((0, 1, 0))


def test_the_card_of_a_function_and_of_an_activation():
    def steep(x):
        return np.tanh(2 * x)

    assert ub.card(steep).max_gradient == pytest.approx(2) and ub.card(steep).name == "steep"
    assert ub.card(ub.activation("relu")) is ub.card("relu")
    assert ub.card("leaky_relu", alpha=0.3).parameters == {"alpha": 0.3}
    assert ub.card("tanh").libraries["pytorch"] == "torch.nn.Tanh" and ub.card("x**2").libraries["pytorch"] is None
    with pytest.raises(ub.UnbendError, match="did you mean 'relu'"):
        ub.card("rulu")


def test_the_groups_of_well_known_shapes():
    known = {
        "relu": "dies", "step": "dies", "tanh": "saturates", "sigmoid": "saturates", "hard_tanh": "saturates",
        "softplus": "off_centre", "leaky_relu": "kink", "gelu": "wavy", "absolute": "wavy", "cube": "explodes",
        "squared_relu": "explodes", "elu": "healthy", "arcsinh": "healthy",
    }  # fmt: skip
    assert {name: group(ub.card(name)) for name in known} == known


# ---------------------------------------------------------------------- side by side
def test_cards_side_by_side():
    found = ub.cards(["tanh", "relu", "x**3"])
    table = found.table()
    assert table["name"] == ["tanh", "relu", "x**3"] and table["max_gradient"] == [1.0, 1.0, "inf"]
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    assert [len(row) for row in found.rows("zh")] == [8] * 4 and len(found[:2]) == 2 and found[-1].name == "x**3"
    assert "<td>relu</td>" in found._repr_html_() and repr(found) == "<Cards of 3 activations: tanh, relu, x**3>"


@pytest.mark.parametrize("names", ["tanh", []])
def test_cards_refuses_what_is_no_list(names):
    with pytest.raises(ub.UnbendError, match="cards"):
        ub.cards(names)


def test_the_cost_is_relative_to_relu():
    cost = ub.card("mish").relative_cost
    assert set(cost) == {"value", "gradient", "measured_on"} and cost["value"] > 1
    assert ub.card("mish").to_dict()["relative_cost"] == cost
    assert ub.card("relu").relative_cost["value"] == pytest.approx(1, abs=0.5)


def test_saying_a_card():
    from rich.console import Console

    from unbend.properties.telling import WORDS, markdown, plain_text, rows

    assert all(len(pair) == 2 and all(pair) for pair in WORDS.values())
    for name in ("tanh", "1/x", "step", "log(x)", "gelu", "where(x>0,1,-1)"):
        english, chinese = rows(ub.card(name)), rows(ub.card(name), "zh")
        assert len(english) == len(chinese) and [bool(row[2]) for row in english] == [bool(row[2]) for row in chinese]
    assert "|x| = 2.993" in plain_text(ub.card("tanh")) and "jax.nn.silu" in markdown(ub.card("silu"), "zh")
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(ub.card("relu"))
    assert "exactly 0" in console.export_text() and "<table>" in ub.card("relu")._repr_html_()
    with pytest.raises(ub.UnbendError, match="language"):
        rows(ub.card("relu"), "fr")


@pytest.mark.parametrize("formula", ["1e300*x", "tan(x)*1e300", "1e308*exp(x)", "exp(exp(x))", "x**9*exp(x**2)"])
def test_numbers_beyond_all_range_are_no_warning(formula):
    assert ub.card(formula).to_dict()["formula"]
