"""Gradients against PyTorch and finite differences, units against networks built by hand, depth against theory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from unbend.activations import activation
from unbend.data import curves
from unbend.diagnosis import (
    dead_units,
    gradient_growth,
    gradient_norms,
    largest_curvature,
    propagation,
    saturated_shares,
)
from unbend.errors import UnbendError
from unbend.network import Network, backward, exact_gain, forward, initialise, normal_mean
from unbend.recording import train_many
from unbend.training import Recipe
from unbend.training.reference import loss_gradient

BINARY = Recipe(loss="binary_cross_entropy")
TORCH = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "softplus": "softplus"}


def net(name, *widths, output="identity", **settings):
    return Network(widths, (activation(name),) * (len(widths) - 2), output, **settings)


def points(n, d, seed=5):
    return np.random.default_rng(seed).normal(size=(n, d))


# ---------------------------------------------------------------------- gradients
@pytest.mark.parametrize("name", TORCH)
def test_gradient_norms_of_a_population_are_those_of_torch(name):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of the gradients")
    network = net(name, 3, 6, 5, 1, output="sigmoid")
    x, y = points(40, 3), (points(40, 1)[:, 0] > 0) * 1.0
    weights = network.unflatten(initialise(network, range(4)) + 0.05)
    ours = gradient_norms(network, weights, x, y, BINARY)
    assert ours.shape == (4, 3)
    for index, row in enumerate(ours):
        layers = [tuple(torch.tensor(part[index], requires_grad=True) for part in layer) for layer in weights]
        hidden = torch.tensor(x)
        for weight, bias in layers[:-1]:
            hidden = getattr(torch.nn.functional, TORCH[name])(hidden @ weight + bias)
        scores = hidden @ layers[-1][0] + layers[-1][1]
        torch.nn.functional.binary_cross_entropy_with_logits(scores[:, 0], torch.tensor(y)).backward()
        theirs = [float((weight.grad.square().sum() + bias.grad.square().sum()).sqrt()) for weight, bias in layers]
        np.testing.assert_allclose(row, theirs, rtol=1e-12)


def test_gradient_norms_of_one_network_need_no_population_axis():
    network = net("tanh", 2, 4, 1, output="sigmoid")
    flat = initialise(network, [3])
    x, y = points(20, 2), np.arange(20) % 2
    alone = gradient_norms(network, network.unflatten(flat[0]), x, y, BINARY)
    np.testing.assert_array_equal(alone, gradient_norms(network, network.unflatten(flat), x, y, BINARY)[0])


def test_the_gradient_by_the_first_pre_activation_is_the_finite_difference():
    network = net("tanh", 3, 4, 5, 1)
    weights = network.unflatten(initialise(network, [1])[0])
    x, step = points(6, 3), 1e-6
    layers = forward(network, weights, x)
    first = backward(network, weights, layers, np.ones((6, 1)))[0]
    for unit in range(4):
        moved = [
            forward(network, ((weights[0][0], weights[0][1] + sign * step * np.eye(4)[unit]), *weights[1:]), x)
            for sign in (1, -1)
        ]
        slope = (moved[0][-1].pre_activation - moved[1][-1].pre_activation)[:, 0] / (2 * step)
        np.testing.assert_allclose(first[:, unit], slope, atol=1e-8)


def test_points_with_another_number_of_features_are_refused():
    network = net("tanh", 3, 4, 1, output="sigmoid")
    weights = network.unflatten(initialise(network, [1])[0])
    with pytest.raises(UnbendError, match="3"):
        gradient_norms(network, weights, points(5, 2), np.zeros(5), BINARY)


# ---------------------------------------------------------------------- units
@given(st.lists(st.booleans(), min_size=1, max_size=9))
def test_exactly_the_units_that_were_built_dead_are_dead(dead):
    network = net("relu", 2, len(dead), 1)
    bias = np.where(dead, -100.0, 0.5)
    weights = ((np.ones((2, len(dead))) / 10, bias), (np.ones((len(dead), 1)), np.zeros(1)))
    assert dead_units(network, weights, points(50, 2))[0].tolist() == dead


def test_a_unit_that_one_point_wakes_is_not_dead():
    network = net("relu", 1, 1, 1)
    weights = ((np.ones((1, 1)), np.array([-2.5])), (np.ones((1, 1)), np.zeros(1)))
    assert dead_units(network, weights, [[0.0], [1.0], [2.0]])[0].item()
    assert not dead_units(network, weights, [[0.0], [1.0], [2.0], [3.0]])[0].item()


@pytest.mark.parametrize("name, found", [("relu", 1.0), ("leaky_relu", 0.0), ("tanh", 0.0), ("elu", 0.0)])
def test_only_activations_with_a_flat_half_die(name, found):
    network = net(name, 2, 5, 4, 1)
    weights = tuple((weight, bias - 8.0) for weight, bias in network.unflatten(initialise(network, range(3))))
    both = dead_units(network, weights, points(30, 2) / 10)
    assert [layer.shape for layer in both] == [(3, 5), (3, 4)]
    assert [layer.mean() for layer in both] == [found, found]


def test_a_smooth_unit_is_stuck_where_its_slope_is_small_everywhere():
    network = net("tanh", 1, 2, 1)
    weights = ((np.array([[1.0, 1.0]]), np.array([0.0, 6.0])), (np.ones((2, 1)), np.zeros(1)))
    assert dead_units(network, weights, [[-1.0], [1.0]], below=0.01)[0].tolist() == [False, True]


@pytest.mark.parametrize("name, edge", [("sigmoid", 4.5848), ("tanh", 2.9932)])  # f'(edge) = 0.01
def test_the_saturated_share_counts_units_and_points(name, edge):
    network = net(name, 1, 2, 1)
    weights = ((np.array([[1.0, -1.0]]), np.zeros(2)), (np.ones((2, 1)), np.zeros(1)))
    x = [[edge * 1.001], [edge * 0.999], [-edge * 1.001], [0.0]]
    assert saturated_shares(network, weights, x).tolist() == [0.5]


def test_shares_and_units_of_a_trained_population_are_those_of_its_networks():
    runs = train_many(curves(n=60), hidden=(4, 3), activation=["relu"], seed=range(6), epochs=20, keep="last")
    group = runs.groups[0]
    weights = group.network.unflatten(group.trained.weights[-1])
    shares, dead = (
        saturated_shares(group.network, weights, runs.dataset.x),
        dead_units(group.network, weights, runs.dataset.x),
    )
    for index, run in enumerate(runs):
        np.testing.assert_array_equal(shares[index], saturated_shares(run.network, run.weights(), runs.dataset.x))
        for layer, alone in zip(dead, dead_units(run.network, run.weights(), runs.dataset.x), strict=True):
            np.testing.assert_array_equal(layer[index], alone)


def test_a_linear_model_has_no_units():
    network = net("tanh", 2, 1)
    weights = network.unflatten(initialise(network, range(3)))
    assert dead_units(network, weights, points(5, 2)) == ()
    assert saturated_shares(network, weights, points(5, 2)).shape == (3, 0)


# ---------------------------------------------------------------------- depth
def expected(function, deviation=1.0):
    """E g(deviation Z) by adaptive quadrature."""

    def weighted(z):
        return function(np.array(deviation * z)).item() * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    return quad(weighted, -12, 12, points=[0], limit=200)[0]


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "gelu", "leaky_relu", "elu"])
@pytest.mark.parametrize("variance", [0.3, 1.0, 4.0])
def test_the_growth_of_theory_is_the_integral(name, variance):
    f = activation(name)
    integral = expected(lambda z: f.gradient(z) ** 2, variance**0.5)
    assert gradient_growth(f, 1.7, variance) == pytest.approx(1.7 * integral, rel=1e-9)


# χ of Schoenholz et al. for weights scaled by the exact gain, E f'² / E f², to 12 digits by mpmath
@pytest.mark.parametrize(
    "name, growth",
    [
        ("relu", 1.0), ("tanh", 1.1778072323), ("sigmoid", 0.1528270117), ("elu", 1.0359047186),
        ("gelu", 1.0720315984), ("silu", 1.0666342412), ("selu", 1.0715749925), ("softplus", 0.3184589837),
    ],
)  # fmt: skip
def test_the_growth_with_the_exact_gain_is_the_published_one(name, growth):
    f = activation(name)
    assert gradient_growth(f, exact_gain(f) ** 2) == pytest.approx(growth, abs=2e-10)


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "gelu"])
def test_wide_networks_keep_variance_1_and_grow_as_theory_says(name):
    f, layers = activation(name), 6
    wide = propagation(f, layers, width=512, seeds=range(10), points=4)
    assert np.mean(wide.variance[:, 0]) == pytest.approx(1.0, rel=0.05)
    if name != "sigmoid":  # its outputs share a mean, so its variance scatters more from network to network
        assert np.mean(wide.variance, axis=0) == pytest.approx(np.ones(layers), rel=0.1)
    squares = np.mean(wide.relative[:, 0] ** 2) ** (1 / (layers - 1))
    assert squares == pytest.approx(gradient_growth(f, exact_gain(f) ** 2), rel=0.05)


@pytest.mark.parametrize("name, gain, growth", [("relu", 3**-0.5, 1 / 6), ("tanh", 3**-0.5, 0.332)])
def test_pytorch_s_usual_start_shrinks_the_gradient_as_measured_there(name, gain, growth):
    deep = propagation(activation(name), 12, width=256, gain=gain, seeds=range(8), points=4)
    later = deep.gradient[:, 4:] ** 2  # the variance has settled near 0 there
    assert np.mean(later[:, 0] / later[:, -1]) ** (1 / 7) == pytest.approx(growth, rel=0.05)


def test_the_gradient_of_the_score_is_torch_s():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of the gradients")
    from unbend.randomness import normal

    f, depth, width, seed = activation("tanh"), 5, 7, 9
    ours = propagation(f, depth, width, seeds=[seed], points=3)
    network = net("tanh", *(width,) * (depth + 1), 1, initializer="lecun_normal", gain="exact")
    weights = [torch.tensor(weight) for weight, _ in network.unflatten(initialise(network, [seed])[0])]
    hidden = torch.tensor(normal(seed, "propagation/input", np.arange(3 * width)).reshape(3, width))
    kept = []
    for weight in weights[:-1]:
        kept.append((hidden @ weight).requires_grad_())
        kept[-1].retain_grad()
        hidden = torch.tanh(kept[-1])
    (hidden @ weights[-1]).sum().backward()
    np.testing.assert_allclose(ours.gradient[0], [float(z.grad.norm()) for z in kept], rtol=1e-12)
    np.testing.assert_allclose(ours.variance[0], [float(z.detach().square().mean()) for z in kept], rtol=1e-12)


def test_a_network_is_the_same_whatever_its_companions():
    f = activation("relu")
    both, alone = propagation(f, 4, seeds=[3, 8]), propagation(f, 4, seeds=[8])
    np.testing.assert_array_equal(both.gradient[1], alone.gradient[0])


def test_where_the_last_layer_gets_no_gradient_nothing_is_compared_with_it():
    flat = propagation(activation("0*x"), 3, gain=1.0, seeds=[1])
    assert np.isnan(flat.relative).all()


@pytest.mark.parametrize("wrong", [{"depth": 0}, {"width": 0}, {"points": 0}, {"seeds": []}])
def test_sizes_below_one_are_refused(wrong):
    with pytest.raises(UnbendError, match="must be a whole number from 1 on"):
        propagation(activation("relu"), **({"depth": 2} | wrong))


@given(st.integers(0, 10))
def test_normal_means_of_powers_are_the_known_moments(power):
    known = 0.0 if power % 2 else float(np.prod(np.arange(1.0, power, 2.0)))
    assert normal_mean(lambda z: z**power) == pytest.approx(known, rel=1e-12, abs=1e-12)


# ---------------------------------------------------------------------- curvature
def test_the_largest_curvature_of_a_logistic_regression_is_that_of_its_hessian():
    network = Network((3, 1), (), "sigmoid")
    x, flat = points(30, 3), np.array([0.4, -1.0, 0.7, 0.2])
    columns = np.column_stack([x, np.ones(30)])
    p = 1 / (1 + np.exp(-columns @ flat))
    hessian = columns.T @ (columns * (p * (1 - p))[:, None]) / 30
    found = largest_curvature(network, network.unflatten(flat), x)
    assert found == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-12)


@pytest.mark.parametrize("name", ["tanh", "gelu", "sine"])
def test_the_largest_curvature_is_that_of_the_gauss_newton_matrix(name):
    """The scores' derivatives by finite differences, the matrix in full."""
    network = net(name, 2, 3, 4, 1)
    flat, x, step = initialise(network, [2])[0] + 0.1, points(7, 2), 1e-6

    def scores(parameters):
        return forward(network, network.unflatten(parameters), x)[-1].pre_activation[:, 0]

    moves = step * np.eye(len(flat))
    jacobian = np.stack([(scores(flat + move) - scores(flat - move)) / (2 * step) for move in moves], axis=1)
    matrix = 2 * jacobian.T @ jacobian / len(x)
    found = largest_curvature(network, network.unflatten(flat), x)
    assert found == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-6)


@pytest.mark.parametrize("factor, falls", [(0.99, True), (1.01, False)])
def test_gradient_descent_is_stable_up_to_two_by_the_curvature(factor, falls):
    network, x, recipe = Network((2, 1), (), "identity"), points(12, 2), Recipe(loss="squared")
    flat = initialise(network, [1])
    (rate,) = 2 * factor / largest_curvature(network, network.unflatten(flat), x)
    sizes = []
    for _ in range(400):
        gradient = loss_gradient(network, recipe, flat, x, np.zeros(len(x)))
        flat = flat - rate * gradient
        sizes.append(np.abs(flat).max())
    assert (sizes[-1] < sizes[0]) == falls


def test_curvature_keeps_the_population_and_refuses_several_scores():
    network = net("relu", 2, 5, 1, output="sigmoid")
    assert largest_curvature(network, network.unflatten(initialise(network, range(6))), points(9, 2)).shape == (6,)
    many = net("relu", 2, 5, 3, output="softmax")
    with pytest.raises(UnbendError, match="one score, not 3"):
        largest_curvature(many, many.unflatten(initialise(many, [0])[0]), points(9, 2))
