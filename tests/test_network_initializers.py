"""How weights start: published distributions, PyTorch's initialisers, streams of random numbers, gains."""

import numpy as np
import pytest
from scipy import stats

from geometry_networks import net
from unbend.activations import activation, catalogue_names
from unbend.errors import UnbendError
from unbend.network import INITIALIZERS, Network, calculate_gain, exact_gain, forward, initialise

INPUTS, OUTPUTS = 160, 40
# the standard deviation, or the half-width, as published
NORMAL = {
    "normal": 0.05,
    "glorot_normal": np.sqrt(2 / (INPUTS + OUTPUTS)),
    "he_normal": np.sqrt(2 / INPUTS),
    "lecun_normal": np.sqrt(1 / INPUTS),
}
UNIFORM = {
    "uniform": 0.05,
    "glorot_uniform": np.sqrt(6 / (INPUTS + OUTPUTS)),
    "he_uniform": np.sqrt(6 / INPUTS),
}
OF_TORCH = {
    "glorot_normal": lambda init, weight: init.xavier_normal_(weight),
    "glorot_uniform": lambda init, weight: init.xavier_uniform_(weight),
    "he_normal": lambda init, weight: init.kaiming_normal_(weight, nonlinearity="relu"),
    "he_uniform": lambda init, weight: init.kaiming_uniform_(weight, nonlinearity="relu"),
    "lecun_normal": lambda init, weight: init.kaiming_normal_(weight, nonlinearity="linear"),
    "orthogonal": lambda init, weight: init.orthogonal_(weight),
}


def draw(name, inputs=INPUTS, outputs=OUTPUTS, seeds=6):
    """(seeds, inputs, outputs) weights of one layer."""
    network = Network((inputs, outputs), (), "identity", initializer=name)
    ((weight, bias),) = network.unflatten(initialise(network, np.arange(seeds)))
    assert not bias.any()
    return weight


def test_every_initializer_is_tested_here():
    assert set(INITIALIZERS) == {*NORMAL, *UNIFORM, "orthogonal", "zeros"}


@pytest.mark.parametrize("name", NORMAL)
def test_normal_weights_have_the_published_deviation(name):
    weights = draw(name).ravel() / NORMAL[name]
    assert weights.std() == pytest.approx(1, rel=0.02)
    assert stats.kstest(weights, "norm").pvalue > 0.01


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_weights_have_the_published_range(name):
    weights = draw(name).ravel() / UNIFORM[name]
    assert 0.999 < np.abs(weights).max() <= 1
    assert stats.kstest(weights, stats.uniform(-1, 2).cdf).pvalue > 0.01


@pytest.mark.parametrize("name", OF_TORCH)
def test_weights_spread_as_those_of_torch(name):
    torch = pytest.importorskip("torch", reason="torch is not installed: initialisers are not compared with it")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [OF_TORCH[name](torch.nn.init, torch.empty(OUTPUTS, INPUTS)).numpy() for _ in range(6)]
    ours, theirs = draw(name).ravel(), np.ravel(layers)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.02)
    assert stats.ks_2samp(ours, theirs).pvalue > 0.01


def test_orthogonal_weights_point_everywhere_alike():
    weights = draw("orthogonal", 2, 2, seeds=3000)
    angle = np.arctan2(weights[:, 0, 1], weights[:, 0, 0])
    assert stats.kstest(angle, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 0.01
    assert stats.binomtest(int((np.linalg.det(weights) > 0).sum()), 3000).pvalue > 0.01


# ---------------------------------------------------------------------- seeds
@pytest.mark.parametrize("name", INITIALIZERS)
def test_network_17_is_the_same_alone_and_among_many(name):
    network = Network((3, 5, 2), (activation("tanh"),), "softmax", initializer=name)
    many = initialise(network, np.arange(40))
    assert np.array_equal(many[17], initialise(network, [17])[0])
    assert np.array_equal(many[::-1], initialise(network, np.arange(40)[::-1]))
    assert len(np.unique(many, axis=0)) == (1 if name == "zeros" else 40)


def test_layers_of_one_shape_start_differently():
    network = net("tanh", 30, 30, 30, 30)
    layers = [weight.ravel() for weight, _ in network.unflatten(initialise(network, [0])[0])]
    assert np.abs(np.corrcoef(layers) - np.eye(3)).max() < 0.1


def test_later_layers_do_not_change_earlier_ones():
    short, long = (Network((3, 4, *rest), (activation("tanh"),) * len(rest), "identity", "he_normal")
                   for rest in ((1,), (6, 2)))  # fmt: skip
    first = [network.unflatten(initialise(network, [8]))[0][0] for network in (short, long)]
    assert np.array_equal(*first)


# ---------------------------------------------------------------------- gains
@pytest.mark.parametrize("name", catalogue_names())
def test_the_recommended_gain_is_that_of_torch(name):
    torch = pytest.importorskip("torch", reason="torch is not installed: gains are not compared with it")
    try:
        expected = torch.nn.init.calculate_gain("linear" if name == "identity" else name)
    except ValueError:
        expected = 1.0  # torch has no recommendation
    assert calculate_gain(activation(name)) == expected


@pytest.mark.parametrize("alpha", [0.0, 0.2, 1.0, 3.0])
def test_the_gain_of_leaky_relu_follows_its_slope(alpha):
    leaky = activation("leaky_relu", alpha=alpha)
    assert calculate_gain(leaky) == pytest.approx(np.sqrt(2 / (1 + alpha**2)), rel=1e-15)
    assert exact_gain(leaky) == pytest.approx(np.sqrt(2 / (1 + alpha**2)), rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "mean_square"),
    [
        ("cos(x)", (1 + np.exp(-2)) / 2),
        ("sin(30*x)", 1 / 2),
        ("max(x - 0.3, 0)", (1 + 0.3**2) * stats.norm.sf(0.3) - 0.3 * stats.norm.pdf(0.3)),
        ("x**3", 15),
        ("exp(-x*x/2)", 1 / np.sqrt(3)),
        ("erf(x)", 2 / np.pi * np.arcsin(2 / 3)),
        ("2*x+1", 5),
    ],
)
def test_exact_gains_in_closed_form(formula, mean_square):
    assert exact_gain(activation(formula)) == pytest.approx(mean_square**-0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        ("0*x", "is 0"),
        ("log(x)", "is nan"),
        ("exp(exp(x))", "is inf"),
        ("1/x", "does not settle"),
        ("tan(x)", "does not settle"),
        ("exp(x**2)", "does not settle"),
    ],
)
def test_an_exact_gain_needs_a_finite_mean_square(formula, fault):
    with pytest.raises(UnbendError) as caught:
        exact_gain(activation(formula))
    assert str(caught.value) == (
        f"gain='exact' needs a finite mean square, and that of {formula!r} for standard normal input {fault}; "
        "pass a number as gain"
    )


def mean_squares(activations, initializer="lecun_normal", gain="exact", width=100):
    """The mean square of every pre-activation in 24 networks that see standard normal points."""
    widths = (width,) * (len(activations) + 1)
    network = Network((*widths, 1), tuple(activation(name) for name in activations), "identity", initializer, gain)
    x = np.random.default_rng(1).normal(size=(30, width))
    layers = forward(network, network.unflatten(initialise(network, np.arange(24))), x)
    return np.array([(layer.pre_activation**2).mean() for layer in layers[:-1]])


@pytest.mark.parametrize("initializer", ["lecun_normal", "glorot_normal", "glorot_uniform", "orthogonal"])
def test_an_exact_gain_makes_up_for_the_activation_before(initializer):
    mixed = ("sigmoid", "relu", "softsign", "leaky_relu(alpha=0.3)", "abs(x)", "identity")
    np.testing.assert_allclose(mean_squares(mixed, initializer), 1, atol=0.15)


@pytest.mark.parametrize("name", ["tanh", "softsign", "relu"])
def test_without_a_gain_the_signal_fades_and_with_the_exact_one_it_does_not(name):
    assert mean_squares((name,) * 10, gain=None)[-1] < 0.15
    assert mean_squares((name,) * 10)[-1] == pytest.approx(1, abs=0.2)


def test_a_number_scales_what_feeds_an_activation_and_exact_what_an_activation_feeds():
    def layers(gain):
        network = Network((3, 4, 5, 2), (activation("tanh"), activation("relu")), "softmax", gain=gain)
        return [weight for weight, _ in network.unflatten(initialise(network, [3]))]

    for gain, factors in ((2.5, (2.5, 2.5, 1)), ("exact", (1, exact_gain(activation("tanh")), np.sqrt(2)))):
        for weight, plain, factor in zip(layers(gain), layers(None), factors, strict=True):
            np.testing.assert_allclose(weight, factor * plain, rtol=1e-12)
