"""The probe through a multilayer perceptron and a random score's gradient back, in NumPy."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from unbend.activations import Activation, activation
from unbend.diagnosis.units import FLAT
from unbend.watching.measure import ZERO, Floats, Response, Role
from unbend.watching.places import Places, Placing, kept_rows
from unbend.watching.probing import score_weights, usual_inputs
from unbend.watching.theory import StackLayer, Theory, theory

NAMES = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "exp": "exponential"}


def responses(network: Any, x: Any) -> list[Response]:
    """How the activations of a fitted perceptron answer rows x (m, d), the output's last where it bends each number.

    The score is a random one of the last layer's pre-activations. Its gradient by the outputs of layer l is
    ∂s/∂hₗ = (∂s/∂hₗ₊₁ ⊙ f′(zₗ₊₁)) Wₗ₊₁ᵀ.
    """
    hidden = activation(NAMES[network.activation])
    depth = len(network.coefs_) - 1
    h: Any = x
    passed: list[tuple[Floats, Floats, Floats]] = []
    for weight, bias in zip(network.coefs_, network.intercepts_, strict=True):
        z = h @ weight + bias
        h = hidden(z)
        passed.append((z, h, hidden.gradient(z)))
    *inside, (last, _, _) = passed
    gradients = _gradients(network.coefs_[1:], [slope for _, _, slope in inside], last)
    found = [
        _response(f"hidden layer {place + 1}", hidden, *inside[place], gradients[place], place, "hidden")
        for place in range(depth)
    ]
    if network.out_activation_ in NAMES:
        output = activation(NAMES[network.out_activation_])
        parts = (last, output(last), output.gradient(last))
        found.append(_response("output layer", output, *parts, float("nan"), depth, "output"))
    return found


def stack_theory(network: Any, found: Sequence[Response]) -> Theory | None:
    """What mean-field theory says of the network beside what was measured in its hidden layers."""
    layers = zip(network.coefs_, network.intercepts_, [one for one in found if one.role == "hidden"], strict=False)
    return theory([_stack_layer(*layer) for layer in layers])


def places(placing: Placing, network: Any, x: Any, found: Sequence[Response], every: int) -> Places:
    """Where rows x (m, d), of the probe every ``every``-th one, lie in the input, the hidden layers and the output."""
    rows = kept_rows(x.shape[0])
    first = x[rows].toarray() if hasattr(x, "toarray") else x[rows]
    hidden = [(one.name, one.output[rows]) for one in found if one.role == "hidden"]
    output = hidden[-1][1] @ network.coefs_[-1] + network.intercepts_[-1]
    way = placing(x.shape[0], first, hidden, output)
    return replace(way, rows=way.rows * every, count=way.count * every) if every > 1 else way


def _gradients(weights: Sequence[Floats], slopes: Sequence[Floats], output: Floats) -> list[float]:
    """Norms of the score's gradient by the outputs of the hidden layers, in forward order."""
    gradient: Any = _score(output.size).reshape(output.shape).astype(output.dtype)
    norms: list[float] = []
    for weight, slope in zip(reversed(weights), reversed(slopes), strict=True):
        gradient = gradient @ weight.T
        norms.append(float(np.linalg.norm(gradient)))
        gradient = gradient * slope
    return norms[::-1]


def _response(
    name: str, kind: Activation, z: Floats, h: Floats, slope: Floats, gradient: float, place: int, role: Role
) -> Response:
    finite = bool(np.isfinite(z).all() and np.isfinite(h).all())
    silent: Any = (np.abs(h) <= ZERO).all(axis=0)
    return Response(
        name, kind.name, z, h, slope, silent, np.array([gradient]), finite, role,
        f"coefs_[{place}]", kind, _usual(kind.name),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _score(count: int) -> Floats:
    return score_weights(count)


@cache
def _usual(name: str) -> float:
    """The share of flat slopes at standard normal pre-activations."""
    return float((np.abs(activation(name).gradient(usual_inputs())) < FLAT).mean())


def _stack_layer(weight: Floats, bias: Floats, found: Response) -> StackLayer:
    """σ_w² = fan_in · mean w² is the sum of squares over the number of units."""
    assert found.known is not None
    return StackLayer(
        found.known, float(np.square(weight).sum() / weight.shape[1]), float(np.square(bias).mean()),
        float(np.square(found.pre_activation).mean()), float(found.gradients[0]),
    )  # fmt: skip
