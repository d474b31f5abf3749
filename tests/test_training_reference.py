"""The reference beyond `test_training_oracles`: every optimiser and its settings, what is recorded, divergence."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from geometry_networks import net
from unbend.activations import activation
from unbend.errors import UnbendError
from unbend.network import Network, initialise
from unbend.training import Recipe
from unbend.training.batches import epoch_orders
from unbend.training.losses import LOSSES, metric
from unbend.training.optimizers import update
from unbend.training.recipe import LINK_OF_LOSS
from unbend.training.reference import loss_gradient, reference_train
from unbend.training.schedule import schedule_factors

jax.config.update("jax_enable_x64", True)

RULES = {
    "sgd": {},
    "momentum": {"momentum": 0.8},
    "nesterov": {"momentum": 0.8, "nesterov": True},
    "adam": {"optimizer": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
    "adamw": {"optimizer": "adamw", "beta1": 0.7, "beta2": 0.99, "epsilon": 1e-5},
    "rmsprop": {"optimizer": "rmsprop", "smoothing": 0.9, "epsilon": 1e-4},
    "rmsprop with momentum": {"optimizer": "rmsprop", "smoothing": 0.95, "momentum": 0.6},
}
RECIPE = Recipe(loss="squared", learning_rate=0.03, batch_size=16, epochs=25, keep="all", shuffle_seed=4)


def points(loss, n=60):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(n, 2))
    score = np.sin(2 * x[:, 0]) + x[:, 1]
    if loss == "binary_cross_entropy":
        return x, (score > 0) * 1.0
    return x, np.digitize(score, [-0.7, 0.7]) * 1.0 if loss == "cross_entropy" else 2 * score


def network_for(loss, name="tanh"):
    return net(name, 2, 5, 3 if loss == "cross_entropy" else 1, output=LINK_OF_LOSS[loss])


# ---------------------------------------------------------------------- optimisers
@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("rule", RULES)
def test_any_gradients_move_weights_as_in_torch(rule, decay, l1):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of the optimisers")
    recipe = replace(RECIPE, weight_decay=decay, l1=l1, **RULES[rule])
    rng = np.random.default_rng(1)
    ours, rates, state = rng.normal(size=(2, 5)), np.array([[0.1], [0.004]]), {}
    theirs = [torch.tensor(row, requires_grad=True) for row in ours]
    optimizers = [torch_optimizer(torch, recipe, row, rate) for row, (rate,) in zip(theirs, rates, strict=True)]
    for step in range(1, 101):
        gradient = rng.normal(size=(2, 5)) * 10.0 ** rng.integers(-6, 3, size=(2, 5))
        ours = update(ours, gradient, state, recipe, step, rates)
        for row, slope, optimizer in zip(theirs, gradient, optimizers, strict=True):
            (l1 * row.abs().sum()).backward()  # torch has no such setting, but the same slope of a sum of sizes
            row.grad += torch.tensor(slope)
            optimizer.step()
            optimizer.zero_grad()
        np.testing.assert_allclose(ours, [row.detach().numpy() for row in theirs], rtol=1e-11, atol=1e-11)


def torch_optimizer(torch, recipe, row, rate):
    common = {"params": [row], "lr": rate, "weight_decay": recipe.weight_decay}
    betas = {"betas": (recipe.beta1, recipe.beta2), "eps": recipe.epsilon}
    return {
        "sgd": lambda: torch.optim.SGD(**common, momentum=recipe.momentum, nesterov=recipe.nesterov),
        "adam": lambda: torch.optim.Adam(**common, **betas),
        "adamw": lambda: torch.optim.AdamW(**common, **betas),
        "rmsprop": lambda: torch.optim.RMSprop(
            **common, alpha=recipe.smoothing, eps=recipe.epsilon, momentum=recipe.momentum
        ),
    }[recipe.optimizer]()


@pytest.mark.parametrize("rule", RULES)
def test_l1_leaves_a_weight_of_zero_alone(rule):
    recipe, state, start = replace(RECIPE, l1=0.5, **RULES[rule]), {}, np.array([[0.0, 2.0, -2.0]])
    moved = update(start, np.zeros((1, 3)), state, recipe, 1, np.array([[0.1]]))
    assert moved[0, 0] == 0.0 and 0 < moved[0, 1] < 2 and moved[0, 2] == -moved[0, 1]


@pytest.mark.parametrize("settings", [{"schedule": "cosine"}, {"schedule": "step", "step_epochs": 4}])
def test_schedules_are_those_of_torch(settings):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of the schedules")
    recipe = replace(RECIPE, epochs=23, **settings)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = {
        "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.epochs),
        "step": lambda: torch.optim.lr_scheduler.StepLR(optimizer, recipe.step_epochs, recipe.step_factor),
    }[recipe.schedule]()
    expected = []
    for _ in range(recipe.epochs):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(schedule_factors(recipe), expected, rtol=1e-12)


def faded(history, factor):
    """The sum of all gradients so far, each faded by ``factor`` for every step since."""
    return factor ** np.arange(len(history))[::-1] @ history


def change(recipe, history):
    """What the papers subtract at the last step, from the gradients (steps, parameters): sums instead of recursions."""
    if recipe.optimizer == "sgd":
        velocity = faded(history, recipe.momentum)
        return history[-1] + recipe.momentum * velocity if recipe.nesterov else velocity
    if recipe.optimizer == "rmsprop":
        return history[-1] / (np.sqrt((1 - recipe.smoothing) * faded(history**2, recipe.smoothing)) + recipe.epsilon)
    mean, square = (
        faded(power, beta) / faded(np.ones(len(power)), beta)
        for power, beta in ((history, recipe.beta1), (history**2, recipe.beta2))
    )
    return mean / (np.sqrt(square) + recipe.epsilon)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "rmsprop with momentum"])
def test_training_follows_the_papers_and_jax(rule, decay=0.05):
    recipe = replace(RECIPE, loss="binary_cross_entropy", weight_decay=decay, schedule="cosine", **RULES[rule])
    network, (x, y) = network_for(recipe.loss), points(recipe.loss)
    start, rates = initialise(network, [1, 2]), np.array([0.03, 0.01])
    trained = reference_train(x, y, network, recipe, start, rates)

    gradient = jax.jit(jax.grad(partial(jax_loss, network, recipe)))
    for place, rate in enumerate(rates):
        flat, history = start[place], []
        for epoch, order in enumerate(epoch_orders(recipe, range(1, 26), len(x))):
            now = rate * (1 + np.cos(np.pi * epoch / 25)) / 2
            for rows in np.split(order, [16, 32, 48]):
                apart = recipe.optimizer == "adamw"
                history.append(gradient(flat, x[rows], y[rows]) + (0 if apart else decay * flat))
                flat = flat * (1 - now * decay * apart) - now * change(recipe, np.array(history))
        np.testing.assert_allclose(trained.weights[-1, place], flat, rtol=1e-9, atol=1e-11)


# ---------------------------------------------------------------------- losses and their gradients
def jax_scores(network, flat, x):
    (weight, bias), (last, offset) = network.unflatten(flat)
    return jnp.tanh(x @ weight + bias) @ last + offset


def jax_values(loss, delta, scores, y):
    if loss == "binary_cross_entropy":
        return -jax.nn.log_sigmoid((2 * y - 1) * scores[:, 0])
    if loss == "cross_entropy":
        return -jnp.take_along_axis(jax.nn.log_softmax(scores), y[:, None].astype(int), 1)[:, 0]
    error = jnp.abs(scores[:, 0] - y)
    inside = jnp.minimum(error, delta if loss == "huber" else jnp.inf)
    return inside**2 / 2 + delta * (error - inside) if loss == "huber" else inside**2


def jax_loss(network, recipe, flat, x, y):
    return jax_values(recipe.loss, recipe.huber_delta, jax_scores(network, flat, x), y).mean()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("delta", [0.3, 5.0])
def test_losses_and_gradients_bear_extreme_scores(loss, delta):
    rng = np.random.default_rng(2)
    y = points(loss)[1]
    scores = rng.normal(size=(60, 3 if loss == "cross_entropy" else 1)) * 10.0 ** rng.integers(-2, 5, size=(60, 1))
    function = LOSSES[loss]
    slopes = jax.grad(lambda scores: jax_values(loss, delta, scores, y).sum())(scores)
    np.testing.assert_allclose(
        function.value(scores, y, delta), jax_values(loss, delta, scores, y), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(function.gradient(scores, y, delta), slopes, rtol=1e-12, atol=1e-15)
    assert function.link == LINK_OF_LOSS[loss]


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("widths", [(2, 1), (2, 1, 1), (2, 3, 4, 5, 1)])
def test_gradients_of_any_depth_and_batch(widths, rows):
    network, recipe, (x, y) = net("sine", *widths), replace(RECIPE, loss="binary_cross_entropy"), points(RECIPE.loss)
    flat = np.random.default_rng(3).normal(size=(3, network.parameter_count))
    x, y = x[:rows], (y[:rows] > 0) * 1.0

    def loss(flat):
        signal, weights = x, network.unflatten(flat)
        for weight, bias in weights[:-1]:
            signal = jnp.sin(signal @ weight + bias)
        return jax_values(recipe.loss, 1.0, signal @ weights[-1][0] + weights[-1][1], y).mean()

    ours = loss_gradient(network, recipe, flat, x, y)
    np.testing.assert_allclose(ours, jax.jit(jax.vmap(jax.grad(loss)))(flat), rtol=1e-10, atol=1e-13)


# ---------------------------------------------------------------------- what is recorded
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_metric_belong_to_the_weights_of_their_epoch(loss):
    recipe = replace(RECIPE, loss=loss, epochs=6, huber_delta=0.4)
    network, (x, y) = network_for(loss), points(loss)
    trained = reference_train(x, y, network, recipe, initialise(network, [5, 6]), np.array([0.1, 0.02]))
    assert trained.loss.shape == trained.metric.shape == (7, 2)
    for epoch, place in np.ndindex(7, 2):
        flat = trained.weights[epoch, place]
        assert trained.loss[epoch, place] == pytest.approx(float(jax_loss(network, recipe, flat, x, y)), rel=1e-12)
        scores = np.asarray(jax_scores(network, flat, x))
        expected = {
            "sigmoid": lambda s: ((s[:, 0] > 0) == (y == 1)).mean(),
            "softmax": lambda s: (s.argmax(axis=1) == y).mean(),
            "identity": lambda s: 1 - ((s[:, 0] - y) ** 2).sum() / ((y - y.mean()) ** 2).sum(),
        }[network.output](scores)
        assert trained.metric[epoch, place] == pytest.approx(expected, rel=1e-12)
    assert (trained.loss[-1] < trained.loss[0]).all()


def test_ties_go_to_the_first_class():
    assert metric("sigmoid", np.array([[0.0], [0.0]]), np.array([0.0, 0.0])) == 1
    assert metric("softmax", np.array([[1.0, 1.0, 0.0]]), np.array([0.0])) == 1


def test_only_the_kept_epochs_are_kept_and_measured_when_asked():
    network, (x, y) = network_for("squared"), points("squared")
    start, rates = initialise(network, [1]), np.array([0.03])
    every = reference_train(x, y, network, replace(RECIPE, epochs=9), start, rates)
    some = reference_train(x, y, network, replace(RECIPE, epochs=9, keep=(0, 4, 7), measure="kept"), start, rates)
    assert some.epochs.tolist() == [0, 4, 7]
    assert np.array_equal(some.weights, every.weights[[0, 4, 7]])
    assert np.array_equal(some.loss[[0, 4, 7]], every.loss[[0, 4, 7]])
    assert np.isnan(some.loss).ravel().tolist() == [epoch not in (0, 4, 7) for epoch in range(10)]


def test_training_neither_changes_its_start_nor_forgets_to_tell():
    network, (x, y) = network_for("squared"), points("squared")
    start, told = initialise(network, [1, 2, 3]), []
    before = start.copy()
    trained = reference_train(x, y, network, replace(RECIPE, epochs=4), start, np.full(3, 0.1), progress=told.append)
    assert told == [1] * 4
    assert np.array_equal(start, before)
    assert np.array_equal(trained.weights[0], before)


def test_a_loss_that_does_not_fit_the_network_is_refused():
    network, (x, y) = network_for("cross_entropy"), points("squared")
    with pytest.raises(UnbendError, match="loss 'squared' needs the output 'identity', not 'softmax'"):
        reference_train(x, y, network, RECIPE, initialise(network, [0]), np.ones(1))


# ---------------------------------------------------------------------- divergence
def test_a_network_diverges_when_it_leaves_the_range_of_float32():
    """With x = y = 0 the bias b becomes b - 2 rate b: -10 b at rate 5.5, and float32 ends at 3.4e38."""
    network, recipe = Network((1, 1), (), "identity"), replace(RECIPE, batch_size=None, epochs=45)
    x, y, start = np.zeros((1, 1)), np.zeros(1), np.array([[0.0, 1.0], [0.0, 4.0], [0.0, 1.0]])
    trained = reference_train(x, y, network, recipe, start, np.array([5.5, 5.5, 0.25]))
    assert trained.diverged_at.tolist() == [39, 38, -1]
    np.testing.assert_allclose(trained.weights[:39, 0, 1], (-10.0) ** np.arange(39), rtol=1e-12)
    np.testing.assert_allclose(trained.weights[38:, 0, 1], 1e38, rtol=1e-12)
    np.testing.assert_allclose(trained.weights[37:, 1, 1], -4e37, rtol=1e-12)
    np.testing.assert_allclose(trained.loss[:39, 0], 100.0 ** np.arange(39), rtol=1e-12)
    assert np.isnan(trained.loss[39:, 0]).all()
    np.testing.assert_allclose(trained.weights[:, 2, 1], 0.5 ** np.arange(46), rtol=1e-12)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("keep", ["all", "last", (0, 2)])
def test_a_diverged_network_keeps_its_last_finite_weights_whatever_is_kept(rule, keep):
    network = Network((2, 4, 1), (activation("x**3"),), "identity")
    recipe, (x, y) = replace(RECIPE, epochs=8, **RULES[rule]), points("squared")
    wild = 1e25 if recipe.optimizer == "sgd" else 1e39  # the others take steps of about the learning rate
    start, rates = initialise(network, [0, 1, 2]), np.array([0.001, wild, 0.002])
    dense = reference_train(x, y, network, recipe, start, rates)
    some = reference_train(x, y, network, replace(recipe, keep=keep), start, rates)
    epoch = int(dense.diverged_at[1])
    assert 1 <= epoch <= 8
    assert np.array_equal(some.diverged_at, [-1, epoch, -1])
    assert np.array_equal(some.weights, dense.weights[list(some.epochs)])
    assert np.isfinite(dense.weights).all()
    assert (dense.weights[epoch:, 1] == dense.weights[epoch - 1, 1]).all()
    for place in (0, 2):
        alone = reference_train(x, y, network, recipe, start[[place]], rates[[place]])
        assert np.array_equal(alone.weights[:, 0], dense.weights[:, place])
        assert np.array_equal(alone.loss[:, 0], dense.loss[:, place])
