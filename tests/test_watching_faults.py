"""Planted faults are told for what they are, and doing what the diagnosis says first mends them."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="planting faults in PyTorch models needs torch")

from torch import nn  # noqa: E402

import unbend as ub  # noqa: E402
from faulty_models import DIGITS, FAULTS, Recurrent, Setup, mended, stack, train  # noqa: E402
from unbend.watching.remedies import Case, Remedy, advice, remedies  # noqa: E402
from unbend.watching.telling import summary  # noqa: E402

SEEDS = range(5)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_told_and_what_is_said_first_mends_it(fault):
    for seed in SEEDS:
        ill = train(fault.setup(), seed)
        assert fault.is_told_by(ill.health), (seed, ill.health.flags[:1])
        well = train(mended(fault.setup(), ill.health), seed)
        assert well.health.is_healthy, (seed, well.health.flags[0])
        assert math.isnan(ill.loss) or well.loss < 0.9 * ill.loss, (seed, ill.loss, well.loss)
        assert well.accuracy > ill.accuracy + 0.1, (seed, ill.accuracy, well.accuracy)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_sentence_says_the_first_remedy_first(fault):
    health = train(fault.setup(), 0).health
    flag = health.flags[0]
    assert flag.advice.en.startswith(f"First {flag.remedies[0].what.en}")
    assert flag.advice.zh.startswith(f"先{flag.remedies[0].what.zh}")
    for lang in ("en", "zh"):
        assert flag.advice(lang) in summary(health, lang)
    assert flag.times > 3 and flag.times == pytest.approx(flag.value / flag.reference)


@pytest.mark.parametrize("optimizer, rate", [(torch.optim.Adam, 3.0), (torch.optim.SGD, 30.0)])
def test_a_learning_rate_a_hundred_times_too_high_is_mended_in_two_rounds(optimizer, rate):
    for seed in SEEDS:
        setup = Setup(lambda: stack(nn.ReLU, 3), *DIGITS, rate, 150, optimizer)
        for _ in range(2):
            health = train(setup, seed).health
            assert health.flags[0].remedies[0].action == "learning_rate", (seed, health.flags[0])
            setup = mended(setup, health)
        well = train(setup, seed)
        assert well.health.is_healthy and well.accuracy > 0.9, (seed, well)


def test_what_is_out_of_place_from_the_start_is_blamed_on_its_cause():
    def first(model, x=DIGITS[0]):
        flag = ub.watch(model, probe=x[:128]).health.flags[0]
        return flag.kind, flag.place, flag.remedies[0].action

    torch.manual_seed(0)
    shifted = stack(nn.Tanh, 2)
    nn.init.constant_(shifted[2].bias, 10)
    assert first(shifted) == ("saturated", "3", "bias")
    assert first(stack(nn.Tanh, 2, gain=50.0)) == ("saturated", "1", "initialise")
    assert first(stack(nn.Tanh, 2), 1000 * DIGITS[0]) == ("saturated", "1", "standardise")
    assert first(stack(nn.ReLU, 9)) == ("vanishing", None, "initialise")  # as PyTorch starts linear layers


def test_units_that_died_in_training_are_dated():
    fault = next(one for one in FAULTS if not one.from_start)
    flag = train(fault.setup(), 0, every=1).health.flags[0]
    assert flag.before is not None and flag.since == flag.before + 1 and 1 <= flag.since <= 20


def test_the_dictionary_tells_each_layer_its_flags_with_everything():
    fault = next(one for one in FAULTS if one.kind == "dead" and one.from_start)
    said = train(fault.setup(), 0).health.to_dict()
    first, second = said["layers"]
    (flag,) = first["flags"]
    assert (first["state"], second["state"], second["flags"]) == ("alarm", "healthy", [])
    assert (flag["kind"], flag["since"], flag["value"], flag["reference"]) == ("dead", 0, 1.0, 0.1)
    assert flag["times"] == pytest.approx(10) and flag["healthy"]["zh"] and flag["advice"]["zh"]
    assert flag["remedies"][0]["action"] == "bias" and flag["remedies"][0]["value"] == 0.0


@pytest.mark.parametrize("gain, drift", [(0.75, 5.68), (2**0.5, 14.02), (1.0, 1.0)])
def test_the_wrong_gain_of_selu_is_measured_by_how_far_theory_says_the_spread_drifts(gain, drift):
    torch.manual_seed(0)
    found = ub.watch(stack(nn.SELU, 24, 256, gain), probe=DIGITS[0][:64]).theory
    assert found.drift == pytest.approx(drift, rel=0.1)
    assert np.sqrt(found.measured_variance[-1]) == pytest.approx(np.sqrt(found.variance[-1]), rel=0.35)


def test_only_functions_that_keep_the_spread_have_a_wrong_gain():
    assert ub.watch(stack(nn.ReLU, 3), probe=DIGITS[0][:64]).theory.drift is None
    assert ub.watch(stack(nn.SELU, 3, gain=1.0), probe=DIGITS[0][:64]).health.is_healthy


def test_the_exact_gain_is_advised_where_it_keeps_the_gradient_and_normalisation_where_it_does_not():
    def first(kind, depth):
        layer = ub.watch(stack(kind, 1), probe=DIGITS[0][:64]).health.layers[0].measure
        return remedies(Case("vanishing", None, layer, depth=depth))[0].action

    assert [first(kind, 20) for kind in (nn.ReLU, nn.Tanh, nn.GELU, nn.SELU)] == ["initialise"] * 4
    assert (first(nn.Sigmoid, 20), first(nn.Softplus, 20), first(nn.Sigmoid, 3)) == (
        "batch_norm", "batch_norm", "initialise",
    )  # fmt: skip


def test_what_began_in_training_is_not_blamed_on_the_start():
    for kind in ("dead", "saturated", "vanishing", "exploding", "alike", "large"):
        assert remedies(Case(kind, "1", None, since=10))[0].action == "learning_rate"


def test_a_recurrent_layer_with_large_weights_is_told_to_start_them_orthogonal():
    torch.manual_seed(0)
    health = ub.watch(Recurrent(50.0, nonlinearity="tanh"), probe=DIGITS[0][:64]).health
    (flag,) = [flag for flag in health.flags if flag.kind == "saturated"]
    assert (flag.place, flag.since, flag.remedies[0].action) == ("layer/tanh", 0, "orthogonal")


def test_advice_is_the_remedies_in_words():
    found = (Remedy("clip", ub.watching.health.Text(en="clip", zh="裁剪")),)
    assert (advice(found).en, advice(found).zh) == ("First clip.", "先裁剪。")
