"""The optimisers in NumPy float64, with PyTorch's formulas: one function of gradient, state and recipe for each.

``state`` is a dict of arrays shaped like the parameters, empty before the first step; every rule returns the change
that is subtracted after multiplication with the learning rate.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.training.recipe import Recipe

Array = NDArray[Any]
State = dict[str, Array]


def _sgd(gradient: Array, state: State, recipe: Recipe, step: int) -> Array:
    """Robbins & Monro 1951; momentum as Polyak 1964 and Nesterov 1983 in the form of torch.optim.SGD."""
    if not recipe.momentum:
        return gradient
    state["velocity"] = recipe.momentum * state.get("velocity", np.zeros_like(gradient)) + gradient
    return gradient + recipe.momentum * state["velocity"] if recipe.nesterov else state["velocity"]


def _adam(gradient: Array, state: State, recipe: Recipe, step: int) -> Array:
    """Kingma & Ba 2015, algorithm 1."""
    zero = np.zeros_like(gradient)
    state["mean"] = recipe.beta1 * state.get("mean", zero) + (1 - recipe.beta1) * gradient
    state["square"] = recipe.beta2 * state.get("square", zero) + (1 - recipe.beta2) * gradient**2
    mean = state["mean"] / (1 - recipe.beta1**step)
    square = state["square"] / (1 - recipe.beta2**step)
    return mean / (np.sqrt(square) + recipe.epsilon)


def _rmsprop(gradient: Array, state: State, recipe: Recipe, step: int) -> Array:
    """Tieleman & Hinton 2012, with epsilon outside the root."""
    zero = np.zeros_like(gradient)
    state["square"] = recipe.smoothing * state.get("square", zero) + (1 - recipe.smoothing) * gradient**2
    change = gradient / (np.sqrt(state["square"]) + recipe.epsilon)
    if not recipe.momentum:
        return change
    state["velocity"] = recipe.momentum * state.get("velocity", zero) + change
    return state["velocity"]


RULES: dict[str, Callable[[Array, State, Recipe, int], Array]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adam,
    "rmsprop": _rmsprop,
}


def update(parameters: Array, gradient: Array, state: State, recipe: Recipe, step: int, rate: Array) -> Array:
    """New parameters (P, parameter_count) after a step (counted from 1) with learning rates (P, 1)."""
    if recipe.l1:  # the subgradient of l1 * |parameter| that is 0 at 0
        gradient = gradient + recipe.l1 * np.sign(parameters)
    if recipe.optimizer == "adamw":  # Loshchilov & Hutter 2019: decay apart from the gradient
        parameters = parameters * (1 - rate * recipe.weight_decay)
    elif recipe.weight_decay:
        gradient = gradient + recipe.weight_decay * parameters
    return parameters - rate * RULES[recipe.optimizer](gradient, state, recipe, step)
