"""A run from plan to study: the same numbers whoever does the work; files that are missing or damaged."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unbend as ub
from unbend.choosing import preparation
from unbend.choosing.arms import arms
from unbend.choosing.baselines import baselines
from unbend.choosing.conclude import conclude
from unbend.choosing.engine import run
from unbend.choosing.folds import splits_of
from unbend.choosing.plan import Judgement, Protocol, make_plan, planned
from unbend.choosing.shard import points_of, run_shard
from unbend.choosing.store import PLAN, read_shard, shard_path
from unbend.choosing.study import read_study
from unbend.choosing.verdict import judge
from unbend.data.tabular import Table, tabular
from unbend.errors import DataError, UnbendError

QUICK = Protocol(epochs=12, learning_rates=(0.003, 0.03, 0.3), extensions=1, seeds=2, folds=3, repeats=2)


def small_plan(activations=("tanh", "relu"), data=None, **changes):
    table = tabular(data or ub.data.moons(n=90, noise=0.2))
    return make_plan(table, arms(activations, hidden=[(6,)]), replace(QUICK, **changes))


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "shards").iterdir()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    run(small_plan(), folder)
    return folder


# ---------------------------------------------------------------------- arms and plan
def test_arms_are_the_product_and_the_twin_comes_last():
    found = arms(["relu", "tanh"], hidden=[(8,), (4, 4)], init=["auto", "he_normal"], control=True)
    assert len(found) == 9
    assert (found[-1].twin, found[-1].name) == (1, "relu 8 auto (twin)")
    assert {arm.gain for arm in found} == {"exact", None}


def test_a_callable_is_an_arm_by_its_formula():
    assert arms([lambda x: x * x])[0].activation == ub.activation(lambda x: x * x).formula


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: arms([]), "nothing to compare"),
        (lambda: arms(["relu", "relu"]), "relu would be compared with itself"),
        (lambda: arms(["rulu"]), "did you mean"),
        (lambda: arms(["relu"], init=["he_norml"]), "did you mean 'he_normal'"),
        (lambda: small_plan(epochs=0, folds=1), r"epochs=0, folds=1 cannot be followed"),
        (lambda: small_plan(learning_rates=(0.1, 0.01)), "learning_rates"),
        (lambda: small_plan(seed=2**32), "seed is from 0 to 4000000000"),
        (lambda: arms(["relu"], hidden=[(2.5,)]), r"hidden layers \(2.5,\) must be whole numbers of 1 and more"),
        (lambda: arms(["relu"], hidden=[(0,)]), r"hidden layers \(0,\) must be whole numbers"),
        (lambda: arms(["relu"], hidden=["ab"]), "hidden layers 'ab' must be whole numbers"),
        (lambda: arms(["relu"], hidden=[(True, None)]), r"hidden layers \(True, None\) must be whole numbers"),
        (lambda: arms(["relu"], init=[5]), "there is no initializer 5; known are"),
        (lambda: small_plan(epochs="3", batch_size=None), "epochs='3', batch_size=None cannot be followed"),
        (lambda: small_plan(epochs=2.5, seeds=True), "epochs=2.5, seeds=True cannot be followed"),
        (lambda: small_plan(extensions=-1, folds="3", repeats=1.5), "extensions=-1, folds='3', repeats=1.5 cannot"),
        (lambda: small_plan(learning_rates=0.1), "learning_rates=0.1 cannot be followed"),
        (lambda: small_plan(learning_rates=(0.1, np.inf)), r"learning_rates=\(0.1, inf\) cannot be followed"),
        (lambda: small_plan(learning_rates=("a",)), r"learning_rates=\('a',\) cannot be followed"),
        (lambda: small_plan(seed="a"), "seed='a' cannot be followed"),
        (lambda: small_plan(metric=5), "there is no metric 5 for a binary target"),
        (lambda: Judgement("a", 0.05), "rope='a', alpha=0.05: rope must be from 0 on"),
        (lambda: Judgement(0.01, None), "rope=0.01, alpha=None: rope must be from 0 on"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, said):
    with pytest.raises(UnbendError, match=said):
        call()


def test_a_key_changes_with_everything_that_decides_a_number():
    plan = small_plan()
    others = [
        small_plan(seed=1), small_plan(epochs=13), small_plan(["tanh", "gelu"]),
        small_plan(data=ub.data.moons(n=90, noise=0.3)),
    ]  # fmt: skip
    keys = {plan.key(1, 0), plan.key(0, 0), plan.key(1, 1), *(other.key(1, 0) for other in others)}
    assert len(keys) == 7
    assert small_plan(repeats=1).key(1, 0) == plan.key(1, 0)


# ---------------------------------------------------------------------- splits
def table_of(n, classes=2, groups=None, time=None):
    y = np.arange(n) % classes if classes else np.linspace(0, 1, n)
    task = "regression" if not classes else "binary" if classes == 2 else "multiclass"
    return Table(
        np.arange(2.0 * n).reshape(n, 2), ("a", "b"), np.zeros((n, 0), np.int64), (), (), y.astype(float), task,
        tuple("pqrst"[:classes]), "y", "test", groups, time,
    )  # fmt: skip


@settings(max_examples=30)
@given(st.integers(12, 700), st.sampled_from([0, 2, 3]), st.integers(2, 10), st.integers(0, 9))
def test_the_parts_of_a_split_never_overlap_and_every_row_is_tested_once_a_repeat(n, classes, folds, seed):
    splits = splits_of(table_of(n, classes), folds, 2, seed)
    for split in splits.outer:
        for cut in range(split.cuts):
            parts = np.concatenate([*split.inner(cut), split.test])
            assert len(np.unique(parts)) == len(parts) == len(split.train) + len(split.test)
        validated = np.concatenate([split.inner(cut)[1] for cut in range(split.cuts)])
        assert np.array_equal(np.sort(validated), np.sort(split.train))
    tested = np.concatenate([split.test for split in splits.outer])
    held = [] if splits.untouched is None else splits.untouched.test
    assert np.array_equal(np.bincount(tested, minlength=n) + 2 * np.isin(np.arange(n), held), np.full(n, 2))
    assert (splits.untouched is None) == (n < 500)


def test_groups_stay_together():
    groups = np.arange(60) // 5
    for split in splits_of(table_of(60, 2, groups), 4, 2).outer:
        for cut in range(split.cuts):
            sides = [set(groups[part]) for part in (*split.inner(cut), split.test)]
            assert not (sides[0] & sides[1] or sides[1] & sides[2] or sides[0] & sides[2])


def test_what_is_fitted_lies_before_what_is_tested():
    time = np.arange(80)[::-1].astype(float)
    splits = splits_of(table_of(80, 2, None, time), 5)
    assert splits.repeats == 1
    for split in splits.outer:
        assert split.cuts == 1
        fit, validation = split.inner(0)
        assert time[fit].max() < time[validation].min() <= time[validation].max() < time[split.test].min()


def test_sorted_classes_are_stratified():
    table = tabular(ub.data.iris())
    for split in splits_of(table, 10, 1).outer:
        assert set(table.y[split.test]) == {0.0, 1.0, 2.0}


def test_folds_are_lowered_to_the_smallest_class_and_one_row_is_too_few():
    y = np.array([0.0] * 20 + [1.0] * 4)
    assert splits_of(replace(table_of(24), y=y), 10, 1).folds == 4
    with pytest.raises(DataError, match="class 'q' has 1 row"):
        splits_of(replace(table_of(24), y=np.array([0.0] * 23 + [1.0])), 10, 1)


# ---------------------------------------------------------------------- preparation
def test_huge_and_missing_and_constant_values_become_small_finite_inputs():
    numbers = np.array([[1.0, 5.0, 1e308], [2.0, 5.0, -1e308], [3.0, 5.0, 1e300], [np.nan, 5.0, 0.0]])
    table = replace(table_of(4), numbers=numbers, number_names=("a", "b", "c"))
    x = preparation.prepared(preparation.fit(table, np.arange(4)), table, np.arange(4))[0]
    assert np.isfinite(x).all()
    assert np.abs(x).max() <= 3
    assert (x[3, 0], x[:, 1].tolist()) == (0.0, [0.0] * 4)


def test_a_level_that_training_never_saw_is_all_zero():
    table = replace(
        table_of(4), numbers=np.zeros((4, 0)), number_names=(), levels=np.array([[0], [1], [2], [-1]]),
        level_names=("c",), categories=(("p", "q", "r"),),
    )  # fmt: skip
    x = preparation.prepared(preparation.fit(table, np.arange(2)), table, np.arange(4))[0]
    assert x.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_test_rows_have_no_say_in_the_preparation():
    plan = small_plan()
    rows = plan.split(0).test
    numbers = plan.table.numbers.copy()
    numbers[rows] += 100
    moved = make_plan(replace(plan.table, numbers=numbers), plan.arms, plan.protocol)
    assert np.array_equal(points_of(plan, 0)[1].fit[0], points_of(moved, 0)[1].fit[0])


# ---------------------------------------------------------------------- shards
def test_a_shard_chooses_by_validation_rows_and_tells_its_curves():
    plan = small_plan()
    shard = run_shard(plan, 0, 0)
    chosen = np.array(shard["chosen"])
    assert chosen.sum() == QUICK.seeds
    rates = np.array(shard["learning_rate"])
    loss = [np.mean(np.array(shard["validation_loss"])[rates == rate]) for rate in np.unique(rates)]
    assert np.unique(rates)[np.argmin(loss)] == rates[chosen][0]
    assert all(len(curve) == len(plan.protocol.checkpoints()) for curve in shard["validation_losses"])
    assert [values is not None for values in shard["dead"]] == chosen.tolist()


def test_the_search_goes_on_where_the_best_learning_rate_is_at_the_edge():
    shard = run_shard(small_plan(learning_rates=(1e-7, 1e-6, 1e-5)), 0, 0)
    assert max(shard["learning_rate"]) == pytest.approx(1e-1)
    assert max(run_shard(small_plan(learning_rates=(1e-7, 1e-6), extensions=0), 0, 0)["learning_rate"]) == 1e-6


def test_networks_that_diverge_score_as_the_constant_answer():
    plan = small_plan(["x**3"], learning_rates=(1e30, 2e30), extensions=0)
    shard = run_shard(plan, 0, 0)
    assert min(shard["diverged_at"]) >= 0
    rows = plan.split(0)
    y = plan.table.y
    majority = [np.bincount(y[rows.inner(cut)[0]].astype(int)).argmax() for cut in range(2)]
    assert set(shard["test_score"]) == {float((y[rows.test] == one).mean()) for one in majority}


def test_the_twin_takes_no_part_in_the_verdict(tmp_path):
    plan = make_plan(tabular(ub.data.moons(n=90)), arms(["tanh", "relu"], hidden=[(6,)], control=True), QUICK)
    run(plan, tmp_path)
    choice = conclude(read_study(plan, tmp_path))
    assert {one.activation for one in choice.verdict.ranking} == {"tanh", "relu"}
    assert {choice.control.first, choice.control.second} == {"tanh", "tanh (twin)"}


def test_arms_share_their_starting_numbers_and_the_twin_does_not():
    plan = make_plan(tabular(ub.data.moons(n=90)), arms(["tanh"], hidden=[(6,)], control=True), QUICK)
    own, twin = run_shard(plan, 0, 0), run_shard(plan, 1, 0)
    assert set(own["seed"]).isdisjoint(twin["seed"])
    assert own["validation_loss"] != twin["validation_loss"]


# ---------------------------------------------------------------------- runs
def test_processes_and_threads_give_the_same_bytes(finished, tmp_path):
    run(small_plan(), tmp_path, workers=2)
    assert contents(tmp_path) == contents(finished)


def test_a_run_goes_on_where_it_was_left(finished, tmp_path):
    plan = small_plan()
    run(plan, tmp_path)
    for path in sorted((tmp_path / "shards").iterdir())[::2]:
        path.unlink()
    run(plan, tmp_path)
    assert contents(tmp_path) == contents(finished)


def test_whole_splits_are_enough_for_a_partial_study(finished, tmp_path):
    plan = small_plan()
    run(plan, tmp_path)
    shard_path(tmp_path, plan.key(1, 5)).unlink()
    study = read_study(plan, tmp_path)
    assert (len(study.splits), study.complete) == (5, False)
    assert read_study(plan, finished).complete


def test_another_plan_and_other_data_are_refused(finished):
    with pytest.raises(UnbendError, match="another plan \\(protocol"):
        run(small_plan(epochs=13), finished)
    with pytest.raises(UnbendError, match="is not what it was when the run in"):
        run(small_plan(data=ub.data.moons(n=90, noise=0.3)), finished)


def test_a_flipped_byte_and_a_torn_file_are_noticed(tmp_path):
    plan = small_plan(repeats=1)
    run(plan, tmp_path)
    path = shard_path(tmp_path, plan.key(0, 0))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnbendError, match="is damaged"):
        read_shard(path)
    torn = bytearray(whole)
    torn[60] ^= 1
    path.write_bytes(torn)
    with pytest.raises(UnbendError, match="is damaged"):
        read_study(plan, tmp_path)


def test_a_damaged_plan_and_no_plan_are_said(tmp_path):
    (tmp_path / PLAN).write_text("{")
    with pytest.raises(UnbendError, match="cannot be read"):
        run(small_plan(), tmp_path)


def test_the_plan_is_json_that_names_the_data(finished):
    said = json.loads((finished / PLAN).read_text())
    assert said["data"] == small_plan().table.digest
    assert [arm["name"] for arm in said["arms"]] == ["tanh", "relu"]


# ---------------------------------------------------------------------- answers
def test_xor_with_identity_loses(tmp_path):
    plan = small_plan(["identity", "tanh"], ub.data.xor(n=120, noise=0.1), epochs=60)
    run(plan, tmp_path)
    verdict = judge(read_study(plan, tmp_path).scores)
    assert (verdict.word, verdict.best) == ("winner", "tanh")
    found = {one.name: one.scores.mean() for one in baselines(plan)}
    assert found["linear"] < 0.7 < found["trees"]
    assert found["dummy"] == pytest.approx(0.5, abs=0.1)


def test_a_regression_has_r2_and_baselines(tmp_path):
    plan = small_plan(["identity", "tanh"], ub.data.sine(n=120), epochs=60)
    run(plan, tmp_path)
    study = read_study(plan, tmp_path)
    assert study.scores.metric == "r2"
    assert study.scores.values[1].mean() > study.scores.values[0].mean() + 0.1
    assert study.nested() <= study.scores.values.mean(axis=1).max() + 1e-12
    assert study.untouched_score(0) is None


def test_a_class_that_comes_late_in_time_is_no_fault(tmp_path):
    x = np.arange(120.0)
    y = np.where(x < 40, "a", np.where((x < 90) | (x % 2 == 0), "b", "c"))
    table = tabular((np.stack([np.sin(x), np.cos(x)], axis=1), y), time=x)
    plan = make_plan(table, arms(["tanh", "relu"], hidden=[(4,)]), replace(QUICK, folds=5))
    run(plan, tmp_path)
    found = {one.name: one.scores for one in baselines(plan)}
    assert all(np.isfinite(scores).all() for scores in found.values())
    assert conclude(read_study(plan, tmp_path), baselines(plan)).linear is not None


def test_a_plan_that_was_changed_by_hand_is_said():
    plan = small_plan()
    for name in ("arms", "protocol", "judgement"):
        said = json.loads(json.dumps(plan.to_dict()))
        broken = said[name][0] if name == "arms" else said[name]
        del broken[next(iter(broken))]
        broken["nonsense"] = 1
        with pytest.raises(UnbendError, match="changed by hand or is damaged"):
            planned(said, plan.table)
    assert planned(json.loads(json.dumps(plan.to_dict())), plan.table).key(0, 0) == plan.key(0, 0)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"activation": ["relu", "tanh"]}, "there is no setting 'activation'; did you mean 'activations'"),
        ({"groups": "who"}, "there is no setting 'groups'; did you mean 'group'"),
        ({"epochs": 3}, r"epochs= belongs to the protocol: protocol=unbend.choosing.plan.Protocol\(epochs"),
        ({"activations": "relu,tanh"}, "activations='relu,tanh' must be a list of two or more"),
        ({"hidden": (4,)}, r"hidden=\(4,\) must be a list of architectures"),
        ({"hidden": "4,4"}, "hidden='4,4' must be a list of architectures"),
        ({"init": "auto"}, "init='auto' must be a list of ways to start"),
        ({"init": 5}, "init=5 must be a list of ways to start"),
        ({"protocol": {"epochs": 3}}, "protocol={'epochs': 3} must be an unbend.choosing.plan.Protocol"),
    ],
)
def test_settings_that_mean_nothing_are_refused_before_anything_is_read(settings, said):
    with pytest.raises(UnbendError, match=said):
        ub.choose("no such table", **settings)
