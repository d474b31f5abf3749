"""A network whose activations are straight is one affine map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geometry_networks import net, random_weights
from unbend.activations import activation, catalogue_names
from unbend.errors import UnbendError
from unbend.network import Affine, Network, collapse, forward

STRAIGHT = ("identity", "2*x + 1", "-x/2 + 3", "leaky_relu(alpha=1)", "x*x - x*x + x", "0*x + 1", "log(exp(0.01*x))")


@given(
    st.lists(st.integers(1, 7), min_size=2, max_size=9),
    st.lists(st.sampled_from(["identity", "2*x + 1", "-x/2 + 3"]), min_size=7, max_size=7),
    st.sampled_from(["identity", "sigmoid", "softmax"]),
    st.integers(0, 1000),
)
def test_however_deep_it_is_the_same_map(widths, names, output, seed):
    network = Network(tuple(widths), tuple(activation(name) for name in names[: len(widths) - 2]), output)
    weights = random_weights(network, seed, size=1.0)
    x = np.random.default_rng(seed).normal(size=(20, widths[0])) * 3
    scores = forward(network, weights, x)[-1].pre_activation
    one = collapse(network, weights)
    assert one.weight.shape == (widths[0], widths[-1])
    assert one.bias.shape == (widths[-1],)
    assert np.abs(one(x) - scores).max() <= 1e-10 * max(1, np.abs(scores).max())


def test_the_map_is_the_product_of_the_matrices():
    network = net("identity", 3, 5, 4, 2, output="softmax")
    (a, p), (b, q), (c, r) = weights = random_weights(network, seed=1)
    one = collapse(network, weights)
    np.testing.assert_allclose(one.weight, np.linalg.multi_dot([a, b, c]), rtol=1e-12)
    np.testing.assert_allclose(one.bias, p @ b @ c + q @ c + r, rtol=1e-12)


def test_a_network_without_hidden_layers_is_its_own_map():
    network = net("identity", 3, 2, output="softmax")
    ((weight, bias),) = weights = random_weights(network, seed=2)
    one = collapse(network, weights)
    assert np.array_equal(one.weight, weight)
    assert np.array_equal(one.bias, bias)


@pytest.mark.parametrize("formula", STRAIGHT)
def test_straight_is_judged_by_values_not_by_spelling(formula):
    network = net(formula, 2, 3, 1, output="identity")
    weights, x = random_weights(network, seed=3), np.random.default_rng(3).normal(size=(30, 2))
    np.testing.assert_allclose(collapse(network, weights)(x), forward(network, weights, x)[-1].activation, rtol=1e-9)


WILD = (
    "x + 1e-9*x*x", "x + 1e-6*sin(x)", "max(x, -40)", "x + step(x - 3e4)", "where(abs(x - 3.1) < 0.01, 0, x)", "log(x)",
    "1/x",
)  # fmt: skip
BENDING = [name for name in catalogue_names() if name != "identity"]


@pytest.mark.parametrize("formula", [*BENDING, *WILD])
def test_what_bends_is_refused_by_name_and_layer(formula):
    known = activation(formula)
    network = Network((2, 3, 3, 1), (activation("identity"), known), "sigmoid")
    with pytest.raises(UnbendError) as caught:
        collapse(network, random_weights(network, seed=4))
    assert str(caught.value) == (
        f"the network does not collapse into one affine map: {known.name!r} of hidden layer 2 bends space; "
        "only activations such as 'identity' or '2*x + 1' leave it straight"
    )


def test_an_affine_map_takes_lists():
    assert Affine(np.array([[2.0], [1.0]]), np.array([-1.0]))([[1, 2], [0, 0]]).tolist() == [[3.0], [-1.0]]


def test_numbers_beyond_all_range_are_no_warning():
    network = net("1e308*x", 2, 3, 1, output="identity")
    weights = [(np.full((2, 3), 9.0), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))]
    assert not np.isfinite(collapse(network, weights).weight).any()
