"""Networks before training: layout, forward pass, starting weights and gains, collapse, threshold units, perceptron."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unbend.activations import activation, catalogue_names
from unbend.errors import UnbendError
from unbend.network import Network, forward, initialise, run_threshold_network, xor_network
from unbend.network.collapse import collapse
from unbend.network.forward import apply_link
from unbend.network.gains import calculate_gain, exact_gain
from unbend.network.initializers import INITIALIZERS
from unbend.network.perceptron import learn_perceptron, mistake_bound

WIDTHS = st.lists(st.integers(1, 6), min_size=2, max_size=5)


def network(widths, name="tanh", output="identity", **options):
    return Network(tuple(widths), (activation(name),) * (len(widths) - 2), output, **options)


# ---------------------------------------------------------------------- layout and forward pass
@given(WIDTHS, st.integers(0, 3))
def test_flat_and_layered_parameters_are_the_same_numbers(widths, population):
    net = network(widths)
    flat = np.random.default_rng(0).normal(size=(population + 1, net.parameter_count))
    assert [weight.shape[1:] for weight, _ in net.unflatten(flat)] == list(net.shapes)
    np.testing.assert_array_equal(net.flatten(net.unflatten(flat)), flat)


@given(WIDTHS, st.sampled_from(catalogue_names()))
def test_forward_is_the_loop_one_would_write_by_hand(widths, name):
    net, rng = network(widths, name), np.random.default_rng(1)
    weights = net.unflatten(rng.normal(size=(4, net.parameter_count)))
    x = rng.normal(size=(7, widths[0]))
    layers = forward(net, weights, x)
    for member in range(4):
        signal = x
        for depth, (weight, bias) in enumerate(weights):
            z = np.array(
                [[row @ weight[member][:, o] + bias[member][o] for o in range(len(bias[member]))] for row in signal]
            )
            np.testing.assert_allclose(layers[depth].pre_activation[member], z, rtol=1e-12, atol=1e-12)
            signal = z if depth == len(weights) - 1 else net.activations[depth](z)
        np.testing.assert_allclose(layers[-1].activation[member], signal, rtol=1e-12, atol=1e-12)


def test_links_are_safe_for_extreme_scores():
    scores = np.array([[-1e4, 0.0, 1e4]])
    with np.errstate(all="raise", under="ignore"):
        assert apply_link("sigmoid", scores).tolist() == [[0.0, 0.5, 1.0]]
        assert apply_link("softmax", scores).tolist() == [[0.0, 0.0, 1.0]]
    assert apply_link("identity", scores) is scores


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=6), st.floats(-500, 500))
def test_softmax_is_a_distribution_and_ignores_a_shift(scores, shift):
    row = np.array([scores])
    chances = apply_link("softmax", row)
    assert abs(chances.sum() - 1) < 1e-12
    np.testing.assert_allclose(apply_link("softmax", row + shift), chances, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------- starting weights
VARIANCES = {
    "normal": lambda i, o: 0.05**2,
    "uniform": lambda i, o: 0.05**2 / 3,
    "glorot_normal": lambda i, o: 2 / (i + o),
    "glorot_uniform": lambda i, o: 2 / (i + o),
    "he_normal": lambda i, o: 2 / i,
    "he_uniform": lambda i, o: 2 / i,
    "lecun_normal": lambda i, o: 1 / i,
    "orthogonal": lambda i, o: 1 / max(i, o),
    "zeros": lambda i, o: 0.0,
}
HALF_WIDTHS = {"uniform": 0.05, "glorot_uniform": np.sqrt(6 / 70), "he_uniform": np.sqrt(6 / 40)}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_have_the_published_spread_and_biases_are_zero(name):
    net = network((40, 30, 1), initializer=name)
    (weight, bias), _ = net.unflatten(initialise(net, np.arange(50)))
    expected = VARIANCES[name](40, 30)
    assert abs(weight.mean()) <= 0.01 * np.sqrt(expected)
    np.testing.assert_allclose(weight.var(), expected, rtol=0.02)
    assert not bias.any()
    if name in HALF_WIDTHS:
        assert 0.99 * HALF_WIDTHS[name] < np.abs(weight).max() <= HALF_WIDTHS[name]


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_orthogonal_weights_are_orthogonal(shape):
    net = network((*shape, 1), initializer="orthogonal")
    (weight, _), _ = net.unflatten(initialise(net, np.arange(20)))
    small = weight if shape[0] >= shape[1] else weight.swapaxes(1, 2)
    np.testing.assert_allclose(
        small.swapaxes(1, 2) @ small, np.broadcast_to(np.eye(min(shape)), (20, *[min(shape)] * 2)), atol=1e-12
    )


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_network_starts_the_same_alone_and_in_company(name):
    net = network((3, 5, 2), initializer=name)
    np.testing.assert_array_equal(initialise(net, np.arange(100))[17], initialise(net, [17])[0])


def test_an_unknown_initializer_is_answered_with_the_nearest():
    with pytest.raises(UnbendError, match="there is no initializer 'glorot'; did you mean 'glorot_"):
        initialise(network((2, 2, 1), initializer="glorot"), [0])


# ---------------------------------------------------------------------- gains
@pytest.mark.parametrize(
    "spec, square",
    [
        ("identity", 1.0),
        ("relu", 1 / 2),
        ("step", 1 / 2),
        ("leaky_relu(alpha=0.3)", (1 + 0.3**2) / 2),
        ("abs(x)", 1.0),
        ("sin(x)", (1 - np.exp(-2)) / 2),
        ("x**2", 3.0),
        ("exp(x)", np.exp(2)),
    ],
)
def test_the_exact_gain_is_the_closed_form(spec, square):
    np.testing.assert_allclose(exact_gain(activation(spec)), 1 / np.sqrt(square), rtol=1e-12)


@pytest.mark.parametrize("name", catalogue_names())
def test_the_exact_gain_keeps_the_mean_square_of_a_normal_signal(name):
    integrate = pytest.importorskip("scipy.integrate")
    f = activation(name)

    def weighed(z):
        return float(f(np.array([z]))[0] ** 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))

    square = sum(integrate.quad(weighed, low, high, epsabs=1e-13)[0] for low, high in [(-12, 0), (0, 12)])
    np.testing.assert_allclose(exact_gain(f) ** 2 * square, 1, rtol=1e-9)


def test_the_exact_gain_refuses_what_has_no_signal():
    with pytest.raises(UnbendError, match="needs a finite mean square"):
        exact_gain(activation("0*x"))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "sigmoid", "selu", "identity"])
def test_the_usual_gain_is_that_of_torch(name):
    init = pytest.importorskip("torch", reason="PyTorch is the oracle of the gains").nn.init
    spelt = {"identity": "linear"}.get(name, name)
    assert calculate_gain(activation(name)) == pytest.approx(init.calculate_gain(spelt), rel=1e-12)


def test_a_gain_scales_the_hidden_layers_and_leaves_the_output():
    plain, doubled = (network((3, 4, 2), "relu", gain=gain) for gain in (None, 2.0))
    (hidden, _), (last, _) = plain.unflatten(initialise(plain, [5]))
    (hidden2, _), (last2, _) = doubled.unflatten(initialise(doubled, [5]))
    np.testing.assert_array_equal(hidden2, 2 * hidden)
    np.testing.assert_array_equal(last2, last)


@pytest.mark.parametrize("name", ["relu", "tanh", "gelu", "sigmoid", "sine", "softplus"])
def test_with_the_exact_gain_every_pre_activation_starts_with_mean_square_1(name):
    net = network((200, *[200] * 6, 1), name, initializer="lecun_normal", gain="exact")
    weights = net.unflatten(initialise(net, np.arange(20)))
    layers = forward(net, weights, np.random.default_rng(0).normal(size=(20, 200)))
    for layer in layers[:-1]:
        assert 0.8 < (layer.pre_activation**2).mean() < 1.25


# ---------------------------------------------------------------------- collapse
@given(
    st.lists(st.integers(1, 8), min_size=2, max_size=8),
    st.sampled_from(["identity", "2*x + 1", "-0.5*x"]),
    st.integers(0, 99),
)
def test_a_network_that_does_not_bend_is_one_affine_map(widths, formula, seed):
    net, rng = network(widths, formula), np.random.default_rng(seed)
    weights = net.unflatten(rng.normal(size=net.parameter_count) / 2)
    x = rng.normal(size=(50, widths[0]))
    scores = forward(net, weights, x)[-1].pre_activation
    assert np.abs(collapse(net, weights)(x) - scores).max() <= 1e-10 * max(1, np.abs(scores).max())


@pytest.mark.parametrize("name", [name for name in catalogue_names() if name != "identity"])
def test_a_network_that_bends_does_not_collapse(name):
    net = network((2, 3, 3, 1), name)
    with pytest.raises(UnbendError, match=f"'{name}' of hidden layer 1 bends space"):
        collapse(net, net.unflatten(initialise(net, [0])[0]))


# ---------------------------------------------------------------------- threshold units and the perceptron
def test_the_threshold_network_is_the_exclusive_or():
    middle, last = run_threshold_network(xor_network(), [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert middle.threshold[1] == 1.5 and last.threshold[0] == 0.5
    assert middle.output.tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 1, 1]]
    assert last.total[:, 0].tolist() == [0, 1, 1, 0]
    assert last.output[:, 0].tolist() == [0, 1, 1, 0]


CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("truth", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0], [1, 1, 0, 1]])
def test_the_perceptron_learns_what_a_line_can_part(truth):
    run = learn_perceptron(CORNERS, truth)
    assert run.converged
    scores = np.column_stack([CORNERS, np.ones(4)]) @ run.weights[-1]
    assert ((scores > 0) == np.array(truth)).all()


def test_the_perceptron_never_learns_the_exclusive_or():
    run = learn_perceptron(CORNERS, [0, 1, 1, 0], passes=200)
    assert not run.converged
    assert len(run.rows) >= 200


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0.05, 1.0))
def test_the_perceptron_keeps_novikoffs_bound(seed, dimension, margin):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=dimension)
    x = rng.normal(size=(40, dimension))
    score = x @ direction / np.linalg.norm(direction)
    x = x + np.sign(score)[:, None] * margin * direction / np.linalg.norm(direction)
    y = (score > 0).astype(int)
    run = learn_perceptron(x, y)
    assert run.converged
    assert len(run.rows) <= mistake_bound(x, y, direction, 0.0)
    assert len(run.weights) == len(run.rows) + 1


def test_a_line_that_does_not_separate_bounds_nothing():
    assert mistake_bound(CORNERS, [0, 1, 1, 0], [1.0, 1.0], -0.5) == float("inf")
