"""The recipe in NumPy float64: the specification of training, and what runs where LLVM cannot.

A population is one more axis in front: parameters are (P, parameter_count), activations (P, n, width).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.network.backward import backward
from unbend.network.forward import forward
from unbend.network.network import Network
from unbend.training.batches import epoch_orders
from unbend.training.losses import LOSSES, metric
from unbend.training.optimizers import State, update
from unbend.training.recipe import Recipe, validate
from unbend.training.schedule import schedule_factors
from unbend.training.trained import Trained

Array = NDArray[Any]


def reference_train(
    x: Array,
    y: Array,
    network: Network,
    recipe: Recipe,
    weights: Array,
    learning_rates: Array,
    progress: Callable[[int], None] | None = None,
) -> Trained:
    """Train P networks from ``weights`` (P, parameter_count) with ``learning_rates`` (P,) on x (n, d) and y (n,).

    ``progress(1)`` is called after every epoch. Raises `UnbendError` for a recipe that cannot be followed.

    >>> from unbend.activations import activation
    >>> network = Network((1, 1), (), "identity")
    >>> recipe = Recipe(loss="squared", learning_rate=0.5, batch_size=None, epochs=1, keep="last")
    >>> x, y, start = np.array([[1.0], [-1.0]]), np.array([1.0, -1.0]), np.zeros((1, 2))
    >>> reference_train(x, y, network, recipe, start, np.array([0.5])).weights.tolist()
    [[[1.0, 0.0]]]
    """
    validate(recipe, network.output)
    parameters = np.array(weights, np.float64)
    rates = np.asarray(learning_rates, np.float64)[:, None]
    state: State = {}
    step, kept = 0, recipe.kept_epochs()
    record = _Record(recipe, kept, parameters)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        record.note(0, parameters, *_measure(network, recipe, parameters, x, y))
        for epoch, factor in enumerate(schedule_factors(recipe), start=1):
            (order,) = epoch_orders(recipe, range(epoch, epoch + 1), len(x))
            for start in range(0, len(x), recipe.batch_size or len(x)):
                rows = order[start : start + (recipe.batch_size or len(x))]
                step += 1
                gradient = loss_gradient(network, recipe, parameters, x[rows], y[rows])
                parameters = update(parameters, gradient, state, recipe, step, rates * factor)
            measured = recipe.measure == "every" or epoch in kept
            nothing = np.full(len(parameters), np.nan)
            values = _measure(network, recipe, parameters, x, y) if measured else (nothing, nothing)
            record.note(epoch, parameters, *values)
            if progress is not None:
                progress(1)
    return record.result()


def loss_gradient(network: Network, recipe: Recipe, parameters: Array, x: Array, y: Array) -> Array:
    """(P, parameter_count) gradient of the mean loss over a batch by back-propagation (Rumelhart et al. 1986)."""
    weights = network.unflatten(parameters)
    layers = forward(network, weights, x)
    inputs = (np.broadcast_to(x, (len(parameters), *x.shape)), *(layer.activation for layer in layers[:-1]))
    score_gradient = LOSSES[recipe.loss].gradient(layers[-1].pre_activation, y, recipe.huber_delta) / len(y)
    deltas = backward(network, weights, layers, score_gradient)
    gradients = [
        (before.swapaxes(-1, -2) @ delta, delta.sum(axis=-2)) for before, delta in zip(inputs, deltas, strict=True)
    ]
    return network.flatten(tuple(gradients))


def _measure(network: Network, recipe: Recipe, parameters: Array, x: Array, y: Array) -> tuple[Array, Array]:
    scores = forward(network, network.unflatten(parameters), x)[-1].pre_activation
    loss = LOSSES[recipe.loss].value(scores, y, recipe.huber_delta).mean(axis=-1)
    return loss, metric(network.output, scores, y)


class _Record:
    """Collects what is kept and measured, and notices networks that leave the range of float32."""

    def __init__(self, recipe: Recipe, kept: tuple[int, ...], parameters: Array):
        self.kept = kept
        self.weights = np.empty((len(kept), *parameters.shape))
        self.loss, self.metric = np.full((2, recipe.epochs + 1, len(parameters)), np.nan)
        self.diverged_at = np.full(len(parameters), -1, np.int64)
        self.finite = parameters

    def note(self, epoch: int, parameters: Array, loss: Array, metric: Array) -> None:
        sound = (np.abs(parameters) <= np.finfo(np.float32).max).all(axis=1)
        self.diverged_at[(self.diverged_at < 0) & ~sound] = epoch
        alive = self.diverged_at < 0
        self.finite = np.where(alive[:, None], parameters, self.finite)
        self.loss[epoch, alive], self.metric[epoch, alive] = loss[alive], metric[alive]
        if epoch in self.kept:
            self.weights[self.kept.index(epoch)] = self.finite

    def result(self) -> Trained:
        return Trained(np.array(self.kept, np.int64), self.weights, self.loss, self.metric, self.diverged_at)
