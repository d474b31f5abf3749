"""Why: diagnoses against sums made by hand, planted causes that are named, and "because" only where it was tried."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from unbend.choosing.arms import arms
from unbend.choosing.cohort import CURVES, Cohort, constant_losses
from unbend.choosing.diagnose import basin, bends, diagnose
from unbend.choosing.engine import run
from unbend.choosing.interventions import measures, read_interventions, why_plan
from unbend.choosing.plan import Protocol, make_plan
from unbend.choosing.reasons import reasons
from unbend.choosing.salient import healthy, salient
from unbend.choosing.scores import Scores
from unbend.choosing.study import read_study
from unbend.choosing.verdict import judge
from unbend.choosing.why import Diagnosis, Intervention
from unbend.data.tabular import tabular
from unbend.diagnosis import starting_growth
from unbend.errors import UnbendError
from unbend.network import INITIALIZERS, Network, backward, forward, initialise, weight_variance
from unbend.randomness import normal

QUICK = Protocol(epochs=12, learning_rates=(0.001, 0.003, 0.01, 0.03, 0.1), extensions=0, seeds=2, folds=4, repeats=2)


def study_of(folder, activations, data, hidden=(8,), init=("auto",), control=False, **changes):
    plan = make_plan(tabular(data), arms(activations, [hidden], init, control), replace(QUICK, **changes))
    run(plan, folder)
    return read_study(plan, folder)


def verdict_of(study):
    return judge(study.scores.of([place for place, arm in enumerate(study.plan.arms) if not arm.twin]))


def told(study, interventions=(), lang="en"):
    return reasons(verdict_of(study), diagnose(study), interventions, lang)


@pytest.fixture(scope="module")
def vanishing(tmp_path_factory):
    """Sigmoid and tanh in eight layers with Glorot's weights: sigmoid's gradient vanishes."""
    folder = tmp_path_factory.mktemp("vanishing")
    return study_of(folder, ["tanh", "sigmoid"], ub.data.curves(n=200), (8,) * 8, ("glorot_normal",), epochs=30)


@pytest.fixture(scope="module")
def too_small(tmp_path_factory):
    """The same activation started well, and with weights of deviation 0.05; both studies, before and after."""
    folder = tmp_path_factory.mktemp("small")
    study = study_of(folder, ["tanh"], ub.data.moons(n=200), (8,) * 8, ("auto", "normal"))
    plan = why_plan(study, verdict_of(study))
    run(plan, folder / "why")
    return study, read_study(plan, folder / "why")


# ---------------------------------------------------------------------- at the start
@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("gain", [None, "exact", 0.5])
def test_the_variance_of_weights_is_that_of_many_drawn(name, gain):
    network = Network((60, 40, 50, 3), (ub.activation("tanh"), ub.activation("relu")), "identity", name, gain)
    for layer, (weight, _) in enumerate(network.unflatten(initialise(network, range(40)))):
        wanted = weight_variance(network, layer)
        assert weight.shape[1] * weight.var() == pytest.approx(wanted, rel=0.05), layer


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "selu"])
@pytest.mark.parametrize("start", [("lecun_normal", "exact"), ("glorot_uniform", None), ("normal", None)])
def test_growth_at_the_start_is_that_of_wide_networks(name, start):
    network = Network((2, 256, 256, 256, 1), (ub.activation(name),) * 3, "identity", *start)
    x = normal(0, "test/points", np.arange(20)).reshape(10, 2)
    weights = network.unflatten(initialise(network, range(16)))
    first = backward(network, weights, forward(network, weights, x), np.ones((16, 10, 1)))[0]
    assert starting_growth(network, x) == pytest.approx(((first**2).sum() / 160) ** (1 / 3), rel=0.03)


def test_growth_that_does_not_exist_is_no_number():
    assert np.isnan(starting_growth(Network((1, 1), (), "identity"), [[1.0]]))
    assert np.isnan(starting_growth(Network((1, 4, 1), (ub.activation("1/x"),), "identity"), [[1.0]]))
    assert starting_growth(Network((1, 4, 1), (ub.activation("tanh"),), "identity", "zeros"), [[1.0]]) == 0


# ---------------------------------------------------------------------- diagnoses
def test_the_basin_of_a_straight_valley():
    rates = np.array([0.001, 0.01, 0.1, 1.0])
    assert basin(rates, np.array([1.0, 0.0, 0.0, 1.0]), 1.0) == (pytest.approx(1.1), False)
    assert basin(rates, np.array([0.5, 0.5, 0.5, 0.5]), 1.0) == (pytest.approx(3.0), True)
    assert np.isnan(basin(rates, np.full(4, 1.0), 1.0)[0])
    assert np.isnan(basin(rates[:2], np.zeros(2), 1.0)[0])


@given(st.lists(st.floats(0, 1), min_size=3, max_size=9), st.floats(0.1, 10), st.floats(-3, 3))
def test_the_basin_knows_no_units(losses, scale, shift):
    rates, values = np.logspace(-3, 1, len(losses)), np.array(losses)
    width, is_open = basin(rates, values, 1.5)
    assert 0 <= width <= 4 + 1e-9
    assert basin(100 * rates, scale * values + shift, scale * 1.5 + shift)[0] == pytest.approx(width, abs=1e-3)
    assert is_open == (min(values[0], values[-1]) <= values.min() + 0.05 * (1.5 - values.min()))


def curves_of(losses):
    values = np.array(losses)
    count = len(values)
    return Cohort(
        1, np.zeros(count, int), np.ones(count), values.min(axis=1), np.ones(count), np.zeros(count, bool),
        np.ones(count, bool), np.full(count, 1.0), dict.fromkeys(CURVES, values),
    )  # fmt: skip


def test_epochs_to_90_lie_on_straight_lines_between_checkpoints():
    found = curves_of([[1.2, 0.6, 0.2, 0.0], [0.0, 0.5, 0.5, 0.5], [1.2, 1.1, 1.0, 1.0]]).epochs_to_90(
        np.array([0, 2, 4, 8])
    )
    assert found[:2] == pytest.approx([6.0, 0.0])
    assert np.isnan(found[2])


def test_a_diagnosis_is_the_mean_of_what_the_shards_say(vanishing):
    own = diagnose(vanishing)[1]
    shards = vanishing.shards[1]
    chosen = [(s, n) for s in shards for n, it in enumerate(s["chosen"]) if it]
    for name in ("dead", "saturated", "gradient_first", "gradient_last", "train_loss"):
        assert getattr(own, name) == pytest.approx(np.mean([s[name][n] for s, n in chosen], axis=0))
    assert own.validation_loss == pytest.approx(np.mean([s["validation_losses"][n] for s, n in chosen], axis=0))
    assert own.rates.tolist() == list(QUICK.learning_rates)
    for place, rate in enumerate(own.rates):
        at = [(s, n) for s in shards for n, r in enumerate(s["learning_rate"]) if r == rate]
        assert own.score_by_rate[place] == pytest.approx(np.mean([s["test_score"][n] for s, n in at]))
    assert len(own.chosen_rates) == len(vanishing.splits)
    assert own.gradient_growth < 0.1
    assert own.gradient_ratio == pytest.approx(
        10 ** measures(vanishing, 1, constant_losses(vanishing))["gradient"].mean()
    )


def test_rates_beyond_the_common_grid_count_only_where_every_split_tried_them(tmp_path):
    study = study_of(tmp_path, ["tanh", "relu"], ub.data.moons(n=90), learning_rates=(1e-6, 1e-5, 1e-4), extensions=1)
    for own, shards in zip(diagnose(study), study.shards, strict=True):
        tried = [set(np.round(np.log10(shard["learning_rate"]), 6)) for shard in shards]
        assert np.round(np.log10(own.rates), 6).tolist() == sorted(set.intersection(*tried))
        assert len(own.rates) > 3


def test_networks_that_all_diverge_are_no_better_than_the_constant_answer(tmp_path):
    study = study_of(tmp_path, ["x**3"], ub.data.moons(n=90), learning_rates=(1e28, 1e29, 1e30))
    own = diagnose(study)[0]
    assert (own.failure_rate, own.diverged_by_rate.tolist()) == (1.0, [1.0] * 3)
    assert own.loss_by_rate == pytest.approx([np.concatenate(constant_losses(study)).mean()] * 3)
    assert np.isnan([own.basin, own.epochs_to_90, own.gradient_ratio, *own.dead, *own.validation_loss]).all()


def test_only_affine_networks_do_not_bend():
    found = {
        name: bends(Network((2, 3, 1), (ub.activation(name),), "sigmoid")) for name in ("identity", "relu", "2*x+1")
    }
    assert found == {"identity": False, "relu": True, "2*x+1": False}


# ---------------------------------------------------------------------- planted causes
def test_a_vanishing_gradient_is_named(vanishing):
    verdict, (tanh, sigmoid) = verdict_of(vanishing), diagnose(vanishing)
    assert verdict.word == "winner"
    (said,) = told(vanishing)
    times = re.search(r"a gradient that is ([\d,]+) times smaller in the first layer than in the last \(tanh", said)
    assert float(times[1].replace(",", "")) == pytest.approx(1 / sigmoid.gradient_ratio, rel=0.05)
    ahead = verdict.comparison("tanh", "sigmoid").difference
    assert said.startswith(f"sigmoid is {100 * ahead:.1f} percentage points below tanh (accuracy); this goes with ")
    (chinese,) = told(vanishing, lang="zh")
    assert chinese.startswith(
        f"sigmoid 的准确率比 tanh 低 {100 * ahead:.1f} 个百分点，同时可以看到：第一层的梯度是最后一层的 1/"
    )
    assert "gradient" not in salient(tanh, sigmoid)


def test_because_is_said_where_the_proper_gain_moved_gradient_and_score(too_small):
    study, again = too_small
    found = read_interventions(study, again)
    gain = next(one for one in found if (one.change, one.measure) == ("gain", "gradient"))
    assert gain.cause_before < 0.01 < 0.3 < gain.cause_after
    assert gain.cause_moved
    assert gain.score_rose
    assert gain.score_after == pytest.approx(again.scores.values[0].mean())
    said = told(study, found)
    assert [name for name in said if "because" in name] == [
        name for name in said if "keep the signal's variance" in name
    ]
    assert "it was lower because of its vanishing gradient" in "".join(said)
    assert sum("是因为梯度消失" in name for name in told(study, found, "zh")) == 1


def test_a_change_that_does_not_raise_the_score_is_told_without_because(too_small):
    study, again = too_small
    rates = [one for one in read_interventions(study, again) if one.change == "learning rate"]
    assert {one.score_rose for one in rates} == {False}
    said = told(study, rates)[-1]
    assert "did not rise beyond chance" in said
    assert "because" not in said


def test_dead_units_of_high_learning_rates_are_named(tmp_path):
    study = study_of(tmp_path, ["relu", "tanh"], ub.data.moons(n=200), (8, 8), learning_rates=(1.0, 3.0, 10.0))
    relu = diagnose(study)[0]
    assert relu.dead[-1] > 0.4
    assert f"{relu.dead[-1]:.0%} of its units dead at the end (tanh: " in told(study)[0]
    assert f"{relu.dead[-1]:.0%} 的单元已经死亡" in told(study, lang="zh")[0]


def test_units_that_are_born_dead_are_named(tmp_path):
    study = study_of(tmp_path, ["max(x - 3, 0)", "tanh"], ub.data.moons(n=200), (8, 8))
    (said,) = told(study)
    assert re.search(r"below tanh \(accuracy\); this goes with .*(9\d|100)% of its units dead", said)


def test_twins_give_no_reasons(tmp_path):
    study = study_of(tmp_path, ["tanh", "tanh(x)"], ub.data.moons(n=120))
    assert told(study) == (
        "The networks of all arms look healthy, and the arms differ no more than by chance: there is nothing to "
        "explain.",
    )
    assert "没有什么需要解释" in told(study, lang="zh")[0]
    assert why_plan(study, verdict_of(study)) is None


def test_a_linear_network_cannot_bend(tmp_path):
    study = study_of(tmp_path, ["identity", "tanh"], ub.data.xor(n=120, noise=0.1), epochs=40)
    assert told(study)[0].startswith("identity cannot bend: however deep, its network is one linear map. It is ")
    assert "不会弯曲" in told(study, lang="zh")[0]
    assert why_plan(study, verdict_of(study)) is None


# ---------------------------------------------------------------------- plans
def test_what_is_tried_keeps_rows_and_seeds_and_has_its_own_settings(too_small):
    study, again = too_small
    gain, rate = again.plan.arms
    assert (gain.name, gain.initializer, gain.gain) == ("tanh normal (gain)", "lecun_normal", "exact")
    assert rate.rates == (np.sort(diagnose(study)[0].chosen_rates)[3],)
    assert set(again.shards[1][0]["learning_rate"]) == set(rate.rates)
    assert again.shards[0][0]["seed"] == study.shards[1][0]["seed"]
    # the changed arm is the well started one under another name
    assert again.scores.values[0] == pytest.approx(study.scores.values[0])
    assert again.plan.networks == 8 * 2 * (5 + 1)


def test_nothing_is_tried_where_nothing_is_to_be_explained(tmp_path):
    study = study_of(tmp_path, ["tanh", "tanh(x)"], ub.data.moons(n=120), init=("glorot_normal",))
    assert why_plan(study, verdict_of(study)) is None


def test_flat_slopes_that_are_usual_are_told_apart(vanishing):
    tanh, sigmoid = diagnose(vanishing)
    verdict = verdict_of(vanishing)
    flat = replace(sigmoid, saturated=np.full(len(sigmoid.epochs), 0.9))
    relu_like = replace(tanh, saturated=np.full(len(tanh.epochs), 0.6), usually_flat=0.5)
    assert "90% of its slopes flat at the end (tanh: 60%, 50% being usual)" in reasons(verdict, (relu_like, flat))[0]
    assert "（tanh：60%，其中 50% 属正常）" in reasons(verdict, (relu_like, flat), lang="zh")[0]


def test_what_is_tried_waits_for_the_whole_study_and_refuses_others(too_small, vanishing):
    study, again = too_small
    part = replace(study, splits=study.splits[:3], shards=tuple(arm[:3] for arm in study.shards))
    assert why_plan(part, verdict_of(part)) is None
    assert [one.change for one in read_interventions(part, again)] == ["gain", "learning rate"]
    with pytest.raises(UnbendError, match="0 splits have been tried again, and two are needed"):
        read_interventions(replace(part, splits=(7,), shards=tuple(arm[:1] for arm in part.shards)), part)
    with pytest.raises(UnbendError, match=r"'tanh normal \(gain\)' is no changed arm of this study"):
        read_interventions(vanishing, again)


def test_an_unknown_language_is_refused(vanishing):
    with pytest.raises(UnbendError, match=r"there is no language 'fr'; known are en, zh"):
        told(vanishing, lang="fr")


# ---------------------------------------------------------------------- words
numbers = st.one_of(st.floats(0, 1), st.just(float("nan")), st.floats(0, 1e9))


@st.composite
def diagnoses(draw, name):
    epochs, rates = np.array([0, 1, 2]), np.array([0.01, 0.1, 1.0])
    course = {key: np.array(draw(st.lists(st.floats(0, 1), min_size=3, max_size=3))) for key in ("dead", "saturated")}
    same, unit = np.ones(3), np.ones(3)
    return Diagnosis(
        name, epochs, same, same, course["dead"], course["saturated"], same, same, rates, unit, unit, unit, unit,
        draw(numbers), draw(numbers), draw(numbers), draw(st.booleans()), draw(st.floats(0, 1)), draw(st.floats(0, 1)),
        draw(st.booleans()), draw(numbers),
    )  # fmt: skip


tried = st.builds(
    Intervention, st.sampled_from("bc"), st.sampled_from(["gain", "learning rate"]),
    st.sampled_from(["dead", "saturated", "gradient", "epochs", "diverged", "learning rate"]), numbers, numbers,
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.booleans(),
)  # fmt: skip


def random_verdict(seed):
    values = (
        normal(seed, "test/why", np.arange(24)).reshape(3, 8) * 0.05
        + 0.5 * normal(seed, "test/arm", np.arange(3))[:, None]
    )
    return judge(Scores(("a", "b", "c"), values, np.zeros(3), 90, 10, "accuracy"))


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.tuples(*map(diagnoses, "abc")), st.lists(tried, max_size=4))
def test_because_is_never_said_of_what_was_only_measured(seed, found, interventions):
    verdict = random_verdict(seed)
    for lang, word in (("en", "because"), ("zh", "因为")):
        plain = reasons(verdict, found, (), lang)
        assert plain
        assert not any(word in sentence for sentence in plain)
        both = reasons(verdict, found, interventions, lang)
        moved = any(one.cause_moved and one.score_rose for one in interventions)
        assert any(word in sentence for sentence in both) <= moved
        assert both[: len(plain)] == plain
        assert not any("{" in sentence or "nan" in sentence for sentence in plain)


@given(st.tuples(*map(diagnoses, "ab")))
def test_no_arm_is_worse_than_itself_and_no_two_are_worse_than_each_other(pair):
    one, other = pair
    assert not salient(one, one)
    assert not set(salient(one, other)) & set(salient(other, one))
    assert isinstance(healthy(one), bool)
