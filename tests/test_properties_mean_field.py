"""Mean-field numbers against Klambauer 2017, Poole 2016, Schoenholz 2017, closed forms and wide random networks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unbend as ub
from unbend.properties.line import draw_line
from unbend.properties.mean_field import Field
from unbend.properties.normal import moments

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def _field(name):
    subject = ub.activation(name)
    return Field(subject, draw_line(subject).joints)


def _upper(z):
    """P(Z > z)."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def test_the_constants_of_selu_solve_its_fixed_point_equations():
    """E f = 0 and E f² = 1 for z ~ N(0, 1), in closed form: E expm1(z; z<0) = √e P(Z>1) − 1/2, and so on."""
    first = math.sqrt(math.e) * _upper(1) - 0.5
    second = math.e**2 * _upper(2) - 2 * math.sqrt(math.e) * _upper(1) + 0.5
    alpha = -(1 / math.sqrt(2 * math.pi)) / first
    scale = 1 / math.sqrt(0.5 + alpha**2 * second)
    assert alpha == pytest.approx(ALPHA, rel=1e-13) and scale == pytest.approx(SCALE, rel=1e-13)
    # and the quadrature alone finds them: Newton's method on the two means as functions of alpha and scale
    found = np.array([1.0, 1.0])
    for _ in range(30):
        here = _selu_means(*found)
        steps = [(_selu_means(*(found + step)) - here) / 1e-6 for step in (np.array([1e-6, 0]), np.array([0, 1e-6]))]
        found = found - np.linalg.solve(np.array(steps).T, here)
    assert found == pytest.approx([ALPHA, SCALE], rel=1e-10)


def _selu_means(alpha, scale):
    selu = ub.activation("selu", alpha=float(alpha), scale=float(scale))
    mean = moments(selu, np.array([0.0]), np.array([1.0]))
    return np.array([mean.mean[0], mean.square[0] - 1])


def test_self_normalising_is_selu_alone_in_the_catalogue():
    from unbend.activations import catalogue_names

    assert [name for name in catalogue_names() if ub.card(name).self_normalising] == ["selu"]
    star = ub.card("star_relu")  # mean 0 and variance 1, and not stable: a larger variance grows
    assert star.mean_normal == pytest.approx(0, abs=1e-9) and star.gain_exact == pytest.approx(1, abs=1e-9)
    found = _field("selu").at(1.0)
    assert found.drift[0] == pytest.approx(0.782648, abs=1e-6)  # the Jacobian of Klambauer et al. 2017, section A.2


def test_relu_is_on_the_edge_at_2_and_0_alone():
    card = ub.card("relu")
    assert card.edge_of_chaos == [(pytest.approx(math.sqrt(2), rel=1e-12), 0.0)]
    assert card.chi_1 == pytest.approx(1) and card.depth_scale["he"] == math.inf
    assert card.gradient_growth["glorot"] == pytest.approx(0.5) and card.depth_scale["glorot"] == pytest.approx(
        1 / math.log(2)
    )


def test_the_critical_line_of_tanh():
    field = _field("tanh")
    assert field.critical_without_bias() == [1.0]  # as σ_b → 0, σ_w → 1
    (weight,) = field.critical(math.sqrt(0.05))
    assert weight**2 == pytest.approx(1.76, abs=0.01)  # Schoenholz et al. 2017, figure 1
    biases = [0.01, 0.1, 0.2, 0.3, 0.5, 1.0]
    line = [field.critical(bias)[0] for bias in biases]
    assert line == sorted(line) and 1 < line[0] < 1.06


@pytest.mark.parametrize("name", ["tanh", "erf", "softsign", "elu", "sine", "arctan"])
@pytest.mark.parametrize("bias", [0.1, 0.5])
def test_points_of_the_line_are_critical(name, bias):
    """χ₁ = 1 at the variance at which the network settles when it is run layer by layer."""
    field = _field(name)
    for weight in field.critical(bias):
        variance = 1.0
        for _ in range(20_000):
            following = weight**2 * float(field.at(variance).square[0]) + bias**2
            if abs(following - variance) < 1e-13:
                break
            variance = following
        assert weight**2 * field.at(variance).slope_square[0] == pytest.approx(1, abs=1e-6)


def test_erf_in_closed_form():
    """E erf(x)² = (2/π) asin(2q / (1 + 2q)), E erf'(x)² = (4/π) / sqrt(1 + 4q) (Williams 1997)."""
    q = np.array([0.01, 0.3, 1.0, 5.0, 60.0])
    found = moments(ub.activation("erf"), np.zeros(0), q)
    assert found.square == pytest.approx(2 / np.pi * np.arcsin(2 * q / (1 + 2 * q)), rel=1e-9)
    assert found.slope_square == pytest.approx(4 / np.pi / np.sqrt(1 + 4 * q), rel=1e-9)


@given(st.floats(1e-3, 100), st.floats(-1, 1))
def test_a_leaky_rectifier_in_closed_form(q, alpha):
    found = moments(ub.activation("leaky_relu", alpha=alpha), np.array([0.0]), np.array([q]))
    assert found.square[0] == pytest.approx(q * (1 + alpha**2) / 2, rel=1e-9)
    assert found.slope_square[0] == pytest.approx((1 + alpha**2) / 2, rel=1e-9)
    assert found.mean[0] == pytest.approx(math.sqrt(q / 2 / math.pi) * (1 - alpha), rel=1e-8, abs=1e-9)


def test_a_wide_random_network_behaves_as_the_card_says():
    """tanh with weights of variance 2/n: variance and gradient settle at what mean-field theory gives."""
    card = ub.card("tanh")
    width, rng = 600, np.random.Generator(np.random.Philox(5))
    x, variances, growths = rng.standard_normal(width), [], []
    tangent = rng.standard_normal(width)
    for _ in range(40):
        weight = rng.standard_normal((width, width)) * math.sqrt(2 / width)
        pre, tangent_pre = weight @ np.tanh(x), weight @ (tangent * (1 - np.tanh(x) ** 2))
        growths.append(np.mean(tangent_pre**2) / np.mean(tangent**2))
        x, tangent = pre, tangent_pre / np.linalg.norm(tangent_pre)
        tangent = tangent * math.sqrt(width)
        variances.append(np.mean(pre**2))
    assert np.mean(variances[15:]) == pytest.approx(card.settled_variance["he"], rel=0.08)
    assert np.mean(growths[15:]) == pytest.approx(card.gradient_growth["he"], rel=0.05)


def test_where_means_do_not_exist_nothing_is_told():
    for text in ("1/x", "x**64", "exp(x**2)", "log(x)"):
        card = ub.card(text)
        assert (
            card.mean_normal is None and card.gain_exact is None and card.chi_1 is None and card.edge_of_chaos is None
        )
    assert ub.card("log(x)").saturated_share_normal is None
    assert ub.card("exp(x)").mean_normal == pytest.approx(math.sqrt(math.e), rel=1e-12)
    assert ub.card("leaky_relu").gradient_growth["he"] == pytest.approx(1 + 0.01**2)  # its variance grows without end
    assert ub.card("leaky_relu").settled_variance["he"] == math.inf
