"""Layers told from homeomorphisms, with their reasons, and the theorem itself on trained networks."""

import numpy as np
import pytest

import unbend as ub
from geometry_networks import net, random_weights
from unbend.errors import UnbendError
from unbend.geometry import homeomorphism
from unbend.geometry.topology import layer_topology

SQUARE = np.array([[1.0, 2.0], [0.5, -1.0]])


def reasons(name: str, weight: np.ndarray) -> tuple[str, ...]:
    network = net(name, *weight.shape, 1)
    layers = ((weight, np.zeros(weight.shape[1])), (np.ones((weight.shape[1], 1)), np.zeros(1)))
    return layer_topology(network, layers).reasons


@pytest.mark.parametrize(
    ("name", "weight", "expected"),
    [
        ("tanh", SQUARE, ()),
        ("leaky_relu", SQUARE, ()),
        ("-sigmoid(x)", SQUARE, ()),
        ("relu", SQUARE, ("flat",)),
        ("gelu", SQUARE, ("turn",)),
        ("sin(x)", SQUARE, ("turn",)),
        ("step", SQUARE, ("flat", "jump")),
        ("tanh", np.ones((2, 3)) + np.eye(2, 3), ("wider",)),
        ("tanh", np.array([[1.0], [2.0]]), ("narrower",)),
        ("tanh", np.array([[1.0, 2.0], [2.0, 4.0]]), ("singular",)),
        ("tanh", np.zeros((2, 2)), ("singular",)),
        ("relu", np.ones((2, 3)), ("wider", "singular", "flat")),
    ],
)
def test_reasons(name: str, weight: np.ndarray, expected: tuple[str, ...]) -> None:
    assert reasons(name, weight) == expected


def test_a_homeomorphism_can_be_undone() -> None:
    network = net("tanh", 2, 2, 1)
    weights = random_weights(network, 4, size=1.0)
    assert layer_topology(network, weights).homeomorphism
    x = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    (weight, bias), _ = weights
    behind = np.tanh(x @ weight + bias)
    np.testing.assert_allclose((np.arctanh(behind) - bias) @ np.linalg.inv(weight), x, atol=1e-8)


def test_a_closed_curve_is_crossed_by_every_line_that_meets_its_inside() -> None:
    """What the word promises: through a chain of homeomorphisms the disc stays inside the circle."""
    angle = np.linspace(0, 2 * np.pi, 2001)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for seed in range(20):
        network = net("tanh", 2, 2, 2, 1)
        weights = random_weights(network, seed, size=1.0, bias=0.3)
        assert all(layer_topology(network, weights, layer).homeomorphism for layer in (0, 1))
        inside, around = np.zeros((1, 2)), circle
        for weight, bias in weights[:-1]:
            inside, around = np.tanh(inside @ weight + bias), np.tanh(around @ weight + bias)
        turns = np.diff(np.unwrap(np.arctan2(*(around - inside).T[::-1]))).sum() / (2 * np.pi)
        assert round(abs(turns)) == 1  # the winding number


def test_sentences_say_the_same_in_both_languages() -> None:
    run = ub.train(ub.data.ring(n=50), hidden=(2, 3), activation=["relu", "gelu"], epochs=1)
    first, second = homeomorphism(run, 0), homeomorphism(run, -1)
    assert (
        first.sentence()
        == "layer 1 is no homeomorphism: relu is constant for z < 0, so it folds half of the plane flat"
    )
    assert first.sentence("zh") == "第 1 层不是同胚，因为relu 在 z < 0 时是常数，把半个平面折平了"
    assert second.sentence().startswith(
        "layer 2 is no homeomorphism: W has width 3: it lifts the plane into 3 dimensions;"
    )
    assert "z = −0.752" in second.sentence("zh") and "W 的宽度是 3" in second.sentence("zh")
    with pytest.raises(UnbendError, match="there is no language 'fr'"):
        first.sentence("fr")
    with pytest.raises(
        UnbendError, match="layer 2 is not a hidden layer of the network 2-2-3-1; choose one from 0 to 1"
    ):
        homeomorphism(run, 2)
    with pytest.raises(UnbendError, match="it has none"):
        homeomorphism(ub.train(ub.data.ring(n=50), hidden=(), epochs=1))
