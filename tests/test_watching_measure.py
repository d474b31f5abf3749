"""Numbers, theory, history, budget and diagnosis of watching, without any framework."""

import json
import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unbend as ub
from unbend.watching import (
    Budget,
    History,
    Overhead,
    Response,
    Sample,
    StackLayer,
    WeightMeasure,
    diagnose,
    effective_rank,
    measure,
    theory,
)
from unbend.watching.budget import GRACE
from unbend.watching.health_words import WHAT
from unbend.watching.history import LAYER_BYTES, SAMPLE_BYTES
from unbend.watching.remedies import RECIPES
from unbend.watching.rules import rules
from unbend.watching.telling import summary

COST = Overhead(100, 3, 10.0, 0.1, 0.05, "auto")


def response(z, name="act", kind="tanh", gradients=(1.0,), **more):
    function = ub.activation(kind)
    z = np.asarray(z, np.float64)
    h = function(z)
    silent = (np.abs(h) <= 1e-6).all(axis=0)
    usual = 0.5 if kind == "relu" else 0.003
    return Response(name, kind, z, h, function.gradient(z), silent, np.array(gradients), usual_saturated=usual, **more)


def spread(rows=200, units=10, scale=1.0, shift=0.0):
    return shift + scale * np.random.default_rng(0).normal(size=(rows, units))


def test_planted_dead_and_saturated_units_are_counted_exactly():
    z = spread(units=20)
    z[:, :3] = -np.abs(z[:, :3]) - 0.1
    dead = measure(response(z, kind="relu"))
    assert (dead.dead, dead.dead_units, dead.units) == (0.15, (0, 1, 2), 20)
    z[:, 3:8] = 9.0
    saturated = measure(response(z, kind="tanh"))
    assert saturated.saturated_units == 0.25 and saturated.dead == 0
    assert saturated.saturated == pytest.approx((np.abs(1 - np.tanh(z) ** 2) < 0.01).mean())


def test_a_unit_that_answers_somewhere_out_of_sight_is_not_dead():
    silent = measure(Response("a", "relu", *(np.zeros((4, 2)),) * 3, np.array([True, False]), np.ones(1)))
    assert silent.dead_units == (0,)


def test_dormant_is_the_definition_of_sokar_and_others():
    h = np.ones((4, 40))
    h[:, 0] = 0.02
    assert measure(Response("a", "identity", h, h, h, h[0] < 0, np.ones(1))).dormant == 1 / 40
    assert measure(Response("a", "identity", h, h, h, h[0] < 0, np.ones(1))).constant == 1


@given(st.integers(1, 12))
def test_the_rank_of_orthogonal_directions_is_their_number(k):
    directions = np.eye(16)[:k]
    assert effective_rank(np.vstack([directions, -directions])) == pytest.approx(k)


def test_nothing_is_measured_where_numbers_break():
    found = measure(response([[np.nan, 1.0]], finite=False))
    assert not found.finite and math.isnan(found.dead) and math.isnan(found.rank)


@pytest.mark.parametrize("kind, variance, chi", [("relu", 2.0, 1.0), ("relu", 1 / 3, 1 / 6), ("tanh", 1.76, None)])
def test_theory_is_the_published_one(kind, variance, chi):
    bias = 0.05 if kind == "tanh" else 0.0  # Schoenholz et al. 2017: sigma_w^2 = 1.76 is critical at sigma_b^2 = 0.05
    layer = StackLayer(ub.activation(kind), variance, bias, 0.5760 if kind == "tanh" else 1.0, 1.0)
    found = theory([layer] * 200)
    assert found is not None
    assert found.chi[-1] == pytest.approx(chi or 1.0, abs=1e-12 if chi else 2e-3)
    assert found.gradient_ratio == pytest.approx(float(np.sqrt(found.chi.prod())))
    assert theory([layer]) is None


@given(st.lists(st.integers(1, 50), min_size=1, max_size=300))
def test_the_history_is_bounded_and_keeps_both_ends(gaps):
    history = History(capacity=16)
    steps = [0, *np.cumsum(gaps).tolist()]
    for step in steps:
        history.record(Sample(step, ()))
    kept = history.steps.tolist()
    assert len(kept) == min(16, len(steps)) and kept == sorted(set(kept))
    assert kept[0] == 0 and kept[-1] == steps[-1] and set(kept) <= set(steps)


def test_a_long_history_is_dense_early_then_geometric():
    history = History(capacity=64)
    for step in range(20_000):
        history.record(Sample(step, ()))
    assert history.steps[:5].tolist() == [0, 1, 2, 3, 4]
    assert np.diff(np.log1p(history.steps)).max() < 0.7


def test_the_samples_of_a_deep_model_have_room_too():
    one = measure(response(spread(units=64), kind="relu"))
    history = History()
    for step in range(300):
        history.record(Sample(step, tuple(replace(one) for _ in range(300))))
    assert len(history.samples) == SAMPLE_BYTES // (300 * LAYER_BYTES) == 69
    assert history.steps[0] == 0 and history.steps[-1] == 299
    answers = [response(spread(units=64, shift=shift), kind="relu") for shift in np.linspace(-1, 1, 50)]
    tracemalloc.start()
    kept = [replace(measure(one), dead_units=(), dormant_units=()) for one in answers]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < len(kept) * LAYER_BYTES


def test_only_the_newest_sample_says_which_units_are_dead():
    history = History()
    one = measure(response(-np.ones((4, 3)), kind="relu"))
    history.record(Sample(0, (one,)))
    history.record(Sample(1, (one,), (WeightMeasure("w", 2.0),)))
    assert [sample.layers[0].dead_units for sample in history.samples] == [(), (0, 1, 2)]
    assert history.of_layer("act", "dead").tolist() == [1, 1]
    assert np.array_equal(history.of_weight("w", "norm"), [np.nan, 2.0], equal_nan=True)


class Clock:
    """Time as the test says."""

    now = 0.0

    def __call__(self):
        return self.now


@given(st.floats(1e-4, 1.0), st.floats(1e-3, 10.0))
def test_auto_stays_below_five_percent_with_its_last_look(step_seconds, look_seconds):
    clock = Clock()
    budget = Budget("auto", clock)

    def look():
        with budget.watching():
            clock.now += look_seconds
        budget.looked(look_seconds)

    look()  # before training, as every watch begins
    budget.setup = budget.spent
    budget.start()
    taken = 0
    steps = int(100 * look_seconds / step_seconds) + 100
    for step in range(1, min(steps, 20_000)):
        clock.now += step_seconds
        if budget.due(step):
            look()
            taken += 1
    budget.stop()
    look()
    share = budget.overhead(steps, taken).share
    cost = budget.overhead(steps, taken)
    in_time = cost.watching_seconds - cost.setup_seconds <= GRACE + 1e-9  # of a training too short for its share
    assert share <= 0.05 or in_time or taken == 0  # a run too short for a look in between has the two at its ends


def test_a_training_of_a_second_is_seen_from_its_start_to_its_end():
    clock = Clock()
    budget = Budget("auto", clock)
    with budget.watching():
        clock.now += 0.02
    budget.looked(0.005)
    budget.start()
    seen = []
    for step in range(1, 201):
        clock.now += 0.005
        if budget.due(step):
            seen.append(step)
            with budget.watching():
                clock.now += 0.005
            budget.looked(0.005)
    assert seen[:5] == [1, 2, 3, 4, 5] and seen[-1] > 150 and len(seen) < 30
    assert budget.overhead(200, len(seen)).watching_seconds < GRACE


def test_every_is_checked_and_followed():
    with pytest.raises(ub.UnbendError, match="every=0 must be 'auto' or a whole number of steps"):
        Budget(0)
    assert [step for step in range(1, 10) if Budget(3).due(step)] == [3, 6, 9]


def test_checks_of_the_shortest_steps_are_spaced_out():
    clock = Clock()
    budget = Budget("auto", clock)
    budget.start()
    checked = 0
    for step in range(1, 10_001):
        clock.now += 1e-4
        if not budget.is_quiet(step, clock.now):
            begun = clock.now
            clock.now += 2e-5
            budget.idled(begun)
            budget.spend(begun)
            checked += 1
    assert 400 < checked < 700 and budget.overhead(10_000, 0).share < 0.0125


def history_of(*shares, steps=None):
    """Samples in which a share of ReLU units is dead."""
    history = History()
    for step, share in zip(steps or range(len(shares)), shares, strict=True):
        z = spread(units=20)
        z[:, : round(20 * share)] = -1.0
        history.record(Sample(step, (measure(response(z, kind="relu")),)))
    return history


def test_a_flag_says_what_since_when_how_bad_and_what_to_try():
    health = diagnose("Net", history_of(0.0, 0.6, 0.3, 0.6, 0.8, steps=[0, 10, 20, 30, 40]), None, COST)
    (flag,) = [one for one in health.flags if one.kind == "dead"]
    assert (flag.severity, flag.since, flag.before, flag.value, flag.place) == ("alarm", 30, 20, 0.8, "act")
    assert "80% of the units are dead" in flag.what.en and "80% 的单元已死亡" in flag.what.zh
    assert "since step 30; at step 20 it was healthy" in flag.what.en and "learning rate" in flag.advice.en
    assert not health.is_healthy and "needs help" in health.verdict.en
    assert health.layers[0].flags[0] is flag


def test_what_was_wrong_and_healed_is_no_flag():
    assert diagnose("Net", history_of(0.0, 0.6, 0.0), None, COST).flags == ()


def test_dead_from_the_start_is_told_apart():
    (flag,) = diagnose("Net", history_of(0.6, 0.6), None, COST).flags
    assert flag.severity == "warning" and flag.before is None and "since the start" in flag.what.en
    assert "1.414/√fan_in" in flag.advice.en


def test_saturation_is_measured_against_the_healthy_share_of_the_function():
    history = History()
    history.record(Sample(0, (measure(response(spread(scale=30), kind="tanh")),)))
    (flag,) = diagnose("Net", history, None, COST).flags
    assert (flag.kind, flag.severity) == ("saturated", "alarm") and "0.3%" in flag.healthy.en
    assert diagnose("Net", history_of(0.0), None, COST).is_healthy  # half of ReLU's slopes are 0


@pytest.mark.parametrize("first, kind", [(1e-4, "vanishing"), (1e4, "exploding")])
def test_gradients_are_compared_over_depth(first, kind):
    history = History()
    layers = [measure(response(spread(), str(place), gradients=(norm,))) for place, norm in enumerate((first, 1.0))]
    history.record(Sample(0, tuple(layers)))
    (flag,) = diagnose("Net", history, None, COST).flags
    assert (flag.kind, flag.severity, flag.value) == (kind, "alarm", pytest.approx(1e4))
    assert "1.593/√fan_in" in flag.advice.en


def test_gates_and_outputs_raise_no_alarm():
    history = History()
    layers = [measure(response(spread(scale=30), role, role=role)) for role in ("gate", "output")]
    history.record(Sample(0, tuple(layers)))
    assert diagnose("Net", history, None, COST).flags == ()


def test_the_first_nan_names_layer_and_step():
    history = history_of(0.0, 0.0)
    broken = (measure(response([[0.0]], "one")), measure(response([[np.nan]], "two", finite=False)))
    history.record(Sample(7, broken))
    (flag,) = diagnose("Net", history, None, COST).flags
    assert (flag.kind, flag.place, flag.since, flag.before) == ("broken", "two", 7, 1)


def test_the_dictionary_is_json_and_honest_about_gaps():
    said = json.loads(json.dumps(diagnose("Net", history_of(0.0, 0.6), None, COST).to_dict(), allow_nan=False))
    assert said["schema"] == 1 and said["healthy"] is False
    assert said["layers"][0]["time_ratio"] is None and said["flags"][0]["what"]["zh"]
    assert said["overhead"]["share"] == pytest.approx(0.01)


@pytest.mark.parametrize("lang, verdict", [("en", "Healthy: Net shows no fault."), ("zh", "健康：Net 没有发现问题。")])
def test_the_summary_says_healthy_when_it_is(lang, verdict):
    said = summary(diagnose("Net", history_of(0.0), None, COST), lang)
    assert said.startswith(verdict) and "1.0%" in said


def test_every_rule_has_words_for_everything():
    selu = StackLayer(ub.activation("selu"), 1.0, 0.0, 1.0, 1.0)
    for rule in rules(theory([selu, selu])):
        assert rule.kind in WHAT and rule.kind in RECIPES and rule.healthy > 0


def test_the_last_update_is_shown_where_the_last_sample_has_none():
    one = measure(response(spread(), weight="w"))
    history = History()
    history.record(Sample(3, (one,), (WeightMeasure("w", 2.0, 0.5, 0.012),)))
    history.record(Sample(5, (one,), (WeightMeasure("w", 2.5),)))
    health = diagnose("Net", history, None, Overhead(5, 2, 1.0, 0.01, 0.0, "auto"))
    weight = health.layers[0].weight
    assert (weight.norm, weight.gradient, weight.update) == (2.5, 0.5, 0.012)
    assert "0.012" in summary(health, "en").splitlines()[3]
    assert "2 samples; watching took 0.01 s, 1.0% of the training time" in summary(health, "en")


@pytest.mark.parametrize(
    ("lang", "said", "usual"),
    [
        ("en", "→ Harmless while the loss falls. Where it stalls: first make the", "[healthy: at most 5%]"),
        ("zh", "→ 损失还在下降就无妨。若不再下降：先把学习率", "[健康值：不超过 5%]"),
    ],
)  # fmt: skip
def test_a_note_is_said_to_be_harmless_while_the_loss_falls(lang, said, usual):
    z = spread(scale=np.where(np.arange(10) < 4, 1e-3, 1.0))
    history = History()
    history.record(Sample(0, (measure(response(z)),)))
    told = summary(diagnose("Net", history, None, Overhead(0, 1, 0.0, 0.0, 0.0, "auto")), lang)
    assert said in told and usual in told


@pytest.mark.parametrize("lang, said", [("en", "Nothing was measured of Net yet."), ("zh", "Net 还没有测到任何数据。")])
def test_what_was_not_measured_is_not_called_healthy(lang, said):
    health = diagnose("Net", History(), None, Overhead(0, 0, 0.0, 0.0, 0.0, "auto"))
    assert not health.is_healthy and summary(health, lang).startswith(said)
