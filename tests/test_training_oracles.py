"""The float64 reference against JAX (gradients of every loss and activation) and PyTorch (a hundred steps)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from unbend.activations import activation
from unbend.network import Network, initialise
from unbend.training import Recipe
from unbend.training.batches import epoch_orders
from unbend.training.recipe import LINK_OF_LOSS
from unbend.training.reference import loss_gradient, reference_train

LOSSES = tuple(LINK_OF_LOSS)
HIDDEN = (5, 4)
ROWS, COLUMNS, CLASSES = 40, 3, 3
NAMES = (
    "identity", "step", "relu", "leaky_relu", "elu", "selu", "celu", "gelu", "gelu_tanh", "silu", "mish", "softplus",
    "squareplus", "softsign", "sigmoid", "log_sigmoid", "hard_sigmoid", "hard_swish", "tanh", "hard_tanh", "arctan",
    "sine", "cosine", "gaussian",
)  # fmt: skip
OPTIMIZERS = {
    "sgd": {},
    "sgd with decay": {"weight_decay": 0.01},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.02},
    "adam": {"optimizer": "adam"},
    "adam with decay": {"optimizer": "adam", "weight_decay": 0.05},
    "adamw": {"optimizer": "adamw"},
    "adamw with decay": {"optimizer": "adamw", "weight_decay": 0.1},
    "rmsprop": {"optimizer": "rmsprop"},
    "rmsprop with momentum and decay": {"optimizer": "rmsprop", "momentum": 0.6, "weight_decay": 0.01},
}


@cache
def jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def jax_activations():
    nn, jnp = jax().nn, jax().numpy
    return {
        "identity": lambda z: z,
        "step": lambda z: jnp.heaviside(z, 0.0),
        "relu": nn.relu,
        "leaky_relu": nn.leaky_relu,
        "elu": nn.elu,
        "selu": nn.selu,
        "celu": nn.celu,
        "gelu": lambda z: nn.gelu(z, approximate=False),
        "gelu_tanh": nn.gelu,
        "silu": nn.silu,
        "mish": nn.mish,
        "softplus": nn.softplus,
        "squareplus": nn.squareplus,
        "softsign": nn.soft_sign,
        "sigmoid": nn.sigmoid,
        "log_sigmoid": nn.log_sigmoid,
        "hard_sigmoid": nn.hard_sigmoid,
        "hard_swish": nn.hard_silu,
        "tanh": jnp.tanh,
        "hard_tanh": nn.hard_tanh,
        "arctan": jnp.arctan,
        "sine": jnp.sin,
        "cosine": jnp.cos,
        "gaussian": lambda z: jnp.exp(-(z**2)),
    }


def network(loss, name="tanh"):
    outputs = CLASSES if loss == "cross_entropy" else 1
    return Network((COLUMNS, *HIDDEN, outputs), (activation(name),) * len(HIDDEN), LINK_OF_LOSS[loss])


def points(loss):
    rng = np.random.default_rng(11)
    x = rng.normal(size=(ROWS, COLUMNS))
    score = np.sin(x[:, 0]) + x[:, 1] * x[:, 2]
    if loss == "binary_cross_entropy":
        return x, (score > 0).astype(float)
    return x, np.digitize(score, [-0.5, 0.5]).astype(float) if loss == "cross_entropy" else 2 * score


def start(net, networks=3):
    """Weights with biases that are not zero."""
    weights = initialise(net, np.arange(networks))
    return weights + 0.1 * np.random.default_rng(4).normal(size=weights.shape)


def jax_loss(loss, delta, scores, y):
    jnp, nn = jax().numpy, jax().nn
    if loss == "binary_cross_entropy":
        chance = nn.sigmoid(scores[:, 0])
        return -jnp.mean(y * jnp.log(chance) + (1 - y) * jnp.log(1 - chance))
    if loss == "cross_entropy":
        return -jnp.mean(nn.log_softmax(scores)[jnp.arange(len(y)), y.astype(int)])
    error = scores[:, 0] - y
    if loss == "squared":
        return jnp.mean(error**2)
    return jnp.mean(jnp.where(abs(error) <= delta, error**2 / 2, delta * (abs(error) - delta / 2)))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_jax(name, loss):
    net, recipe, (x, y) = network(loss, name), Recipe(loss=loss, huber_delta=0.7), points(loss)
    function, parameters = jax_activations()[name], start(net)

    def value(flat):
        layers = [(weight[0], bias[0]) for weight, bias in net.unflatten(flat[None])]
        signal = x
        for weight, bias in layers[:-1]:
            signal = function(signal @ weight + bias)
        return jax_loss(loss, recipe.huber_delta, signal @ layers[-1][0] + layers[-1][1], y)

    expected = jax().vmap(jax().grad(value))(parameters)
    np.testing.assert_allclose(loss_gradient(net, recipe, parameters, x, y), expected, rtol=1e-9, atol=1e-12)


def torch_losses(torch, delta):
    functional = torch.nn.functional
    return {
        "binary_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(z[:, 0], y),
        "cross_entropy": lambda z, y: functional.cross_entropy(z, y.long()),
        "squared": lambda z, y: functional.mse_loss(z[:, 0], y),
        "huber": lambda z, y: functional.huber_loss(z[:, 0], y, delta=delta),
    }


def torch_optimizer(torch, recipe, parameters, rate):
    settings = {"lr": rate, "weight_decay": recipe.weight_decay}
    if recipe.optimizer in ("adam", "adamw"):
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimizer]
        return kind(parameters, betas=(recipe.beta1, recipe.beta2), eps=recipe.epsilon, **settings)
    settings["momentum"] = recipe.momentum
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, nesterov=recipe.nesterov, **settings)
    return torch.optim.RMSprop(parameters, alpha=recipe.smoothing, eps=recipe.epsilon, **settings)


def torch_schedule(torch, recipe, optimizer):
    rates = torch.optim.lr_scheduler
    if recipe.schedule == "cosine":
        return rates.CosineAnnealingLR(optimizer, recipe.epochs)
    if recipe.schedule == "step":
        return rates.StepLR(optimizer, recipe.step_epochs, recipe.step_factor)
    return rates.ConstantLR(optimizer, 1.0)


def torch_train(net, recipe, x, y, weights, rate):
    """One network by PyTorch in float64, the same batches; its weights after every epoch."""
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of the optimisers")
    layers = net.unflatten(weights[None])
    parameters = [torch.tensor(part[0], requires_grad=True) for layer in layers for part in layer]
    function = {"tanh": torch.tanh, "relu": torch.relu}[net.activations[0].name]
    loss = torch_losses(torch, recipe.huber_delta)[recipe.loss]
    optimizer = torch_optimizer(torch, recipe, parameters, rate)
    schedule, kept = torch_schedule(torch, recipe, optimizer), []
    inputs, targets = torch.tensor(x), torch.tensor(y)
    for (order,) in (epoch_orders(recipe, range(e, e + 1), len(x)) for e in range(1, recipe.epochs + 1)):
        for first in range(0, len(x), recipe.batch_size):
            rows = torch.tensor(order[first : first + recipe.batch_size])
            optimizer.zero_grad()
            signal = inputs[rows]
            for depth in range(0, len(parameters) - 2, 2):
                signal = function(signal @ parameters[depth] + parameters[depth + 1])
            loss(signal @ parameters[-2] + parameters[-1], targets[rows]).backward()
            optimizer.step()
        schedule.step()
        kept.append(np.concatenate([p.detach().numpy().ravel() for p in parameters]))
    return np.array(kept)


def assert_follows_torch(recipe, name="tanh"):
    net, (x, y) = network(recipe.loss, name), points(recipe.loss)
    weights, rates = start(net, 2), np.array([1.0, 0.3]) * recipe.learning_rate
    ours = reference_train(x, y, net, recipe, weights, rates)
    for place in range(2):
        theirs = torch_train(net, recipe, x, y, weights[place], float(rates[place]))
        np.testing.assert_allclose(ours.weights[1:, place], theirs, rtol=1e-8, atol=1e-10)


HUNDRED_STEPS = Recipe(loss="squared", learning_rate=0.02, batch_size=16, epochs=34, keep="all", shuffle_seed=9)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("settings", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_hundred_steps_are_those_of_torch(settings, loss):
    assert_follows_torch(replace(HUNDRED_STEPS, loss=loss, huber_delta=0.8, **settings))


@pytest.mark.parametrize(
    "schedule", [{"schedule": "cosine"}, {"schedule": "step", "step_epochs": 7, "step_factor": 0.5}]
)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_schedules_are_those_of_torch(schedule, optimizer):
    assert_follows_torch(replace(HUNDRED_STEPS, optimizer=optimizer, **schedule))


def test_relu_with_its_kinks_follows_torch():
    assert_follows_torch(replace(HUNDRED_STEPS, loss="cross_entropy", optimizer="adam"), "relu")


def test_adam_is_the_formula_of_its_paper():
    """Kingma & Ba 2015, algorithm 1, with jax.grad: an oracle where PyTorch is not installed."""
    jnp, recipe = jax().numpy, replace(HUNDRED_STEPS, optimizer="adam", batch_size=None, epochs=30, loss="huber")
    net, (x, y) = network("huber"), points("huber")
    weights = start(net, 1)

    def value(flat):
        signal, layers = x, [(weight[0], bias[0]) for weight, bias in net.unflatten(flat[None])]
        for weight, bias in layers[:-1]:
            signal = jnp.tanh(signal @ weight + bias)
        return jax_loss("huber", recipe.huber_delta, signal @ layers[-1][0] + layers[-1][1], y)

    gradient, theta, m, v = jax().jit(jax().grad(value)), weights[0], 0.0, 0.0
    for t in range(1, recipe.epochs + 1):
        g = gradient(theta)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - recipe.learning_rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
    ours = reference_train(x, y, net, recipe, weights, np.array([recipe.learning_rate]))
    np.testing.assert_allclose(ours.weights[-1, 0], theta, rtol=1e-9, atol=1e-11)


def test_a_network_that_diverges_is_flagged_and_harms_no_other():
    recipe = replace(HUNDRED_STEPS, epochs=20)
    net, (x, y) = network("squared", "relu"), points("squared")
    weights, rates = start(net, 3), np.array([0.02, 1e6, 0.01])
    together = reference_train(x, y, net, recipe, weights, rates)
    assert together.diverged_at[0] == together.diverged_at[2] == -1
    epoch = together.diverged_at[1]
    assert 1 <= epoch <= 20
    assert np.isfinite(together.weights).all()
    assert (together.weights[epoch:, 1] == together.weights[epoch - 1, 1]).all()
    assert np.isnan(together.loss[epoch:, 1]).all()
    for place in (0, 2):
        alone = reference_train(x, y, net, recipe, weights[[place]], rates[[place]])
        np.testing.assert_array_equal(alone.weights[:, 0], together.weights[:, place])
        np.testing.assert_array_equal(alone.loss[:, 0], together.loss[:, place])
