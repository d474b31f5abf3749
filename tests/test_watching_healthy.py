"""Standard small models that learn well are called healthy, and numbers that count exactly."""

from functools import cache

import pytest

torch = pytest.importorskip("torch", reason="the healthy models are PyTorch's")

from torch import nn  # noqa: E402

import unbend as ub  # noqa: E402
from healthy_models import HEALTHY, trained  # noqa: E402
from unbend.watching.rules import RULES  # noqa: E402

SEEDS = range(2)


run = cache(trained)  # of a model and a seed


@pytest.mark.parametrize("one", HEALTHY, ids=lambda one: one.name)
def test_a_model_that_learns_well_is_healthy(one):
    for seed in SEEDS:
        w, score = run(one, seed)
        health = w.health
        assert score >= one.at_least, (seed, score)
        assert health.is_healthy, (seed, health.flags[0])
        assert "Healthy" in health.verdict.en and "健康" in health.verdict.zh
        assert all(layer.state == "healthy" for layer in health.layers)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_limits_lie_beyond_the_references_and_those_above_what_healthy_models_show(rule):
    assert rule.healthy < min(rule.note, rule.warning)
    runs = [rule.latest(run(one, seed)[0].history.samples).values() for one in HEALTHY for seed in SEEDS]
    largest = [max(values) for values in map(list, runs) if values]
    assert len(largest) >= 4 and sum(value <= rule.healthy for value in largest) >= 0.85 * len(largest)


def planted(kind, dead=0, saturated=0, constant=0, units=32):
    """One layer, in which so many units see nothing but a number far to the left, to the right, or weights of 0."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, units), kind(), nn.Linear(units, 2))
    with torch.no_grad():
        model[0].weight.mul_(0.1)
        model[0].bias[:dead] = -1000.0
        model[0].bias[dead : dead + saturated] = 1000.0
        model[0].weight[dead + saturated :][:constant] = 0.0
        model[0].bias[dead + saturated :] = 0.1
    x = torch.randn(128, 6)
    return ub.watch(model, probe=x).history.samples[0].layers[0]


@pytest.mark.parametrize("kind", [nn.ReLU, nn.GELU, nn.SiLU, nn.Mish])
@pytest.mark.parametrize("dead", [0, 1, 7, 32])
def test_exactly_the_dead_units_are_counted_of_smooth_functions_too(kind, dead):
    found = planted(kind, dead=dead)
    assert (found.dead, found.dead_units) == (dead / 32, tuple(range(dead)))


@pytest.mark.parametrize("saturated", [0, 1, 7, 32])
def test_exactly_the_saturated_units_are_counted(saturated):
    for kind in (nn.Tanh, nn.Sigmoid):
        found = planted(kind, saturated=saturated)
        assert (found.saturated_units, found.saturated, found.dead) == (saturated / 32, saturated / 32, 0)


def test_a_saturated_unit_is_not_dead_and_a_constant_one_is_neither():
    found = planted(nn.Tanh, dead=3, saturated=5, constant=4)
    assert (found.dead, found.saturated_units, found.constant) == (0, 8 / 32, 12 / 32)
    found = planted(nn.ReLU, dead=3, constant=4)
    assert (found.dead, found.constant) == (3 / 32, 7 / 32)


@pytest.mark.parametrize("directions", [1, 3, 6])
def test_the_rank_is_at_most_that_of_what_comes_in(directions):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(directions, 32), nn.Tanh(), nn.Linear(32, 2))
    with torch.no_grad():
        model[0].weight.mul_(1e-3)  # so small that tanh is a straight line
        model[0].bias.zero_()
    found = ub.watch(model, probe=torch.randn(128, directions)).history.samples[0].layers[0]
    assert found.rank <= directions + 0.01 and found.rank > 0.8 * directions


@pytest.mark.parametrize("kind, variance", [(nn.ReLU, 2.0), (nn.Tanh, 1.0), (nn.Sigmoid, 1.0), (nn.GELU, 2.0)])
def test_measured_growth_of_the_gradient_is_that_of_theory(kind, variance):
    predicted, measured = [], []
    for seed in range(10):
        torch.manual_seed(seed)
        layers = [nn.Linear(512, 512) for _ in range(5)]
        for layer in layers:
            nn.init.normal_(layer.weight, 0, (variance / 512) ** 0.5)
            nn.init.zeros_(layer.bias)
        model = nn.Sequential(*(part for layer in layers for part in (layer, kind())), nn.Linear(512, 8))
        found = ub.watch(model, probe=torch.randn(32, 512)).theory
        predicted.append(found.chi.mean())
        measured.append(found.measured_chi.mean())
    assert sum(measured) / 10 == pytest.approx(sum(predicted) / 10, rel=0.05)


def test_a_layer_with_nan_names_itself_and_leaves_the_others_alone():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    w = ub.watch(model, probe=torch.randn(32, 6))
    model[2].weight.data[3, 3] = float("nan")
    with w:
        w.step()
    (flag,) = w.health.flags
    assert (flag.kind, flag.place, flag.severity) == ("broken", "3", "alarm")
    assert [layer.state for layer in w.health.layers] == ["healthy", "alarm"]
