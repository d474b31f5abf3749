"""How a network's parameters lie in memory, populations of any shape, and links at extreme scores."""

import numpy as np
import pytest
from scipy import special

from geometry_networks import net, random_weights
from unbend.activations import activation, catalogue_names
from unbend.network import Network, apply_link, forward

EXTREME = np.array([-1e4, -1e3, -50.0, 0.0, 50.0, 1e3, 1e4])


def test_shapes_are_pairs_of_widths():
    assert net("tanh", 3, 5, 7, 2).shapes == ((3, 5), (5, 7), (7, 2))
    assert net("tanh", 3, 2).shapes == ((3, 2),)


@pytest.mark.parametrize(("widths", "count"), [((2, 1), 3), ((2, 2, 1), 9), ((2, 4, 1), 17), ((784, 32, 10), 25450)])
def test_parameters_are_weights_and_biases(widths, count):
    assert net("tanh", *widths).parameter_count == count


def test_the_flat_layout_is_weight_row_by_row_then_bias():
    (first, bias), (second, offset) = net("tanh", 2, 3, 1).unflatten(np.arange(13.0))
    assert first.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert bias.tolist() == [6, 7, 8]
    assert second.tolist() == [[9], [10], [11]]
    assert offset.tolist() == [12]


def test_unflattened_weights_are_views():
    network, flat = net("tanh", 2, 3, 1), np.zeros((4, 13))
    for weight, bias in network.unflatten(flat):
        weight += 1
        bias += 2
    assert flat.sum() == 4 * (9 * 1 + 4 * 2)


def test_every_hidden_layer_has_its_own_activation():
    network = Network((1, 1, 1, 1), (activation("relu"), activation("2*x+1")), "identity")
    one = (np.array([[1.0]]), np.array([0.0]))
    assert [layer.activation.tolist() for layer in forward(network, (one,) * 3, [[-3.0], [4.0]])] == [
        [[0.0], [4.0]], [[1.0], [9.0]], [[1.0], [9.0]],
    ]  # fmt: skip


@pytest.mark.parametrize("leading", [(5,), (2, 3)])
def test_a_population_is_its_networks(leading):
    network = net("silu", 2, 4, 3, output="softmax")
    flat = np.random.default_rng(3).normal(size=(*leading, network.parameter_count))
    x = np.random.default_rng(4).normal(size=(7, 2))
    together = forward(network, network.unflatten(flat), x)
    assert together[-1].activation.shape == (*leading, 7, 3)
    for place in np.ndindex(leading):
        for layer, alone in zip(together, forward(network, network.unflatten(flat[place]), x), strict=True):
            np.testing.assert_allclose(layer.pre_activation[place], alone.pre_activation, rtol=1e-13, atol=1e-14)
            np.testing.assert_allclose(layer.activation[place], alone.activation, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", [name for name in catalogue_names() if name != "exponential"])  # it overflows, rightly
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_huge_points_give_probabilities_without_warnings(name, output):
    network = net(name, 2, 3, 3, 2 if output == "softmax" else 1, output=output)
    probability = forward(network, random_weights(network, seed=5), [[1e4, -1e4], [-1e4, -1e4], [0, 0]])[-1].activation
    assert ((probability >= 0) & (probability <= 1)).all()


def test_sigmoid_is_the_logistic_function_and_bears_extreme_scores():
    scores = np.concatenate([EXTREME, np.linspace(-40, 40, 101)])[:, None]
    np.testing.assert_allclose(apply_link("sigmoid", scores), special.expit(scores), rtol=1e-14)
    assert apply_link("sigmoid", np.array([-1e4, 1e4])).tolist() == [0, 1]


def test_softmax_bears_extreme_scores():
    scores = np.array(np.meshgrid(EXTREME, EXTREME, EXTREME)).reshape(3, -1).T
    probability = apply_link("softmax", scores)
    np.testing.assert_allclose(probability, special.softmax(scores, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(probability.sum(axis=-1), 1, rtol=1e-15)


def test_softmax_of_two_scores_is_the_sigmoid_of_their_difference():
    scores = np.random.default_rng(6).normal(size=(50, 2)) * 20
    one = apply_link("sigmoid", scores[:, 1] - scores[:, 0])
    np.testing.assert_allclose(apply_link("softmax", scores)[:, 1], one, rtol=1e-12)


def test_the_identity_changes_nothing():
    assert apply_link("identity", EXTREME) is EXTREME
