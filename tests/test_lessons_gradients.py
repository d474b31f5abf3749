"""What the lesson on gradients computes by itself, against closed forms and SciPy."""

import numpy as np
import pytest
from scipy import integrate, stats

from unbend.activations import activation
from unbend.data import curves
from unbend.diagnosis import dead_units
from unbend.lessons import gradients
from unbend.lessons.lesson import Settings
from unbend.lessons.outputs import density, distance_from_normal, excess_kurtosis, moments
from unbend.properties import card
from unbend.recording import train


def test_the_table_says_from_where_the_gradient_is_small():
    places = {name: gradients._flat_words(card(name)) for name in ("tanh", "sigmoid", "relu")}
    tanh, sigmoid = np.arctanh(np.sqrt(0.99)), np.log(49 + 20 * np.sqrt(6))  # where the derivative is 0.01
    assert card("tanh").gradient_below_0_01 == pytest.approx(tanh, rel=1e-12)
    assert card("sigmoid").gradient_below_0_01 == pytest.approx(sigmoid, rel=1e-12)
    assert places == {"tanh": f"|z| > {tanh:.3g}", "sigmoid": f"|z| > {sigmoid:.3g}", "relu": "z ≤ 0"}


def test_a_normal_law_is_at_no_distance_from_itself_and_has_no_excess_kurtosis():
    line = activation("3*x - 1")
    assert moments(line) == pytest.approx((-1.0, 3.0), rel=1e-12)
    assert distance_from_normal(line) < 1e-12
    assert excess_kurtosis(line) == pytest.approx(0.0, abs=1e-10)


def test_tanh_of_normal_numbers_is_as_far_from_normal_as_their_sample_says():
    tanh = activation("tanh")
    sample = np.tanh(stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000))
    _, deviation = moments(tanh)
    assert distance_from_normal(tanh) == pytest.approx(
        stats.kstest(sample, stats.norm(0, deviation).cdf).statistic, abs=1e-4
    )
    assert excess_kurtosis(tanh) == pytest.approx(stats.kurtosis(sample), abs=1e-3)
    assert deviation**2 == pytest.approx(0.394294490397841, rel=1e-10)  # mpmath, 30 digits


def test_the_density_of_the_outputs_holds_all_of_them():
    tanh = activation("tanh")
    mass = integrate.quad(lambda t: density(tanh, np.arctanh(t)), -1, 1, points=[-0.96, 0.96], limit=300)[0]
    assert mass == pytest.approx(1.0, abs=1e-8)


def test_the_dead_of_a_population_are_the_dead_of_its_networks():
    data, settings = curves(n=100), Settings(seed=11, seeds=3)
    stuck = gradients._stuck(data, "relu", settings)
    assert stuck.share.shape == stuck.accuracy.shape == (len(gradients.RATES), 3)
    for place in (0, -1):
        rate = gradients.RATES[place]
        run = train(data, activation="relu", learning_rate=rate, seed=12, **gradients.SHALLOW, **gradients.ONLY_LAST)
        (dead,) = dead_units(run.network, run.weights(), data.x)
        assert stuck.share[place, 1] == dead.mean()
        assert stuck.accuracy[place, 1] == run.score()
