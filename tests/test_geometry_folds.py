"""The lines of every hidden unit of every activation: where they run, and how many units have one in the picture."""

import numpy as np
import pytest

import unbend as ub
from geometry_networks import net, random_weights, some_points
from unbend.activations import activation, catalogue_names
from unbend.activations.steep import steep_zones
from unbend.geometry import bending_units, fold_lines, unit_lines
from unbend.network import forward

CENTRED = [(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]), np.array([0.0, 0.1, 9.0])), (np.ones((3, 1)), np.zeros(1))]


@pytest.mark.parametrize("name", sorted(set(catalogue_names()) - {"identity"}))
def test_units_of_every_activation_have_lines_where_they_belong(name: str) -> None:
    data = ub.data.circles(n=60)
    weights = [(6 * CENTRED[0][0][:, :2], np.zeros(2)), (np.ones((2, 1)), np.zeros(1))]
    run = ub.Recording.from_weights(data, [weights], activation=name)
    found = unit_lines(run)
    assert bending_units(found) == (2, 2)
    bends = activation(name)
    levels = np.array(bends.kinks or [end for zone in steep_zones(bends) for end in (*zone.edges, zone.middle)])
    for unit in found:
        assert unit.kind == ("kink" if bends.kinks else "steep")
        for curve in unit.lines + unit.edges:
            z = 6 * curve[:, unit.unit]
            np.testing.assert_allclose(z, z[0], atol=1e-9)  # straight, in the first layer
            assert np.abs(levels - z[0]).min() < 1e-9


def test_the_band_of_tanh_lies_around_its_middle() -> None:
    run = ub.Recording.from_weights(ub.data.circles(), [CENTRED], activation="tanh")
    first, second, third = unit_lines(run)
    assert first.lines[0][:, 0] == pytest.approx(0.0, abs=1e-12)
    assert sorted(edge[0, 0] for edge in first.edges) == pytest.approx([-0.881373587, 0.881373587])
    assert second.lines[0][:, 1] == pytest.approx(-0.1, abs=1e-12)
    assert not third.inside and bending_units((first, second, third)) == (2, 3)


def test_deep_units_bend_on_curves() -> None:
    network = net("tanh", 2, 3, 4, 1)
    weights = random_weights(network, 5, size=2.0)
    run = ub.Recording.from_weights(some_points(2, 2, 5), [list(weights)], activation="tanh")
    found = unit_lines(run)
    assert [(unit.layer, unit.unit) for unit in found] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 3)]
    for unit in found:
        for curve in unit.lines:
            z = forward(network, weights, curve)[unit.layer].pre_activation[:, unit.unit]
            np.testing.assert_allclose(z, 0.0, atol=1e-6)


def test_kinks_are_the_fold_lines() -> None:
    run = ub.train(ub.data.curves(n=100), hidden=(4,), activation="relu", epochs=3)
    folds = {(fold.layer, fold.unit): fold.curves for fold in fold_lines(run)}
    for unit in unit_lines(run):
        assert unit.inside == ((unit.layer, unit.unit) in folds)
        for one, other in zip(unit.lines, folds.get((unit.layer, unit.unit), ()), strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_bends_nothing_has_no_line() -> None:
    (unit,) = unit_lines(ub.train(ub.data.xor(), hidden=(1,), activation="identity", epochs=1))
    assert unit.kind == "straight" and not unit.inside
