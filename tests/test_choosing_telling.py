"""The verdict in sentences: the most important first, every number its own; and code that runs as it stands."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import unbend as ub
from choices import against, choose_quickly
from unbend.activations import activation
from unbend.choosing.arms import Arm
from unbend.choosing.next_steps import Chosen, _keras, _torch, chosen_by
from unbend.choosing.store import Failure
from unbend.choosing.telling import headline, linear_suffices, next_steps, title, trees_win, why
from unbend.choosing.untuned import untuned
from unbend.choosing.verdict import judge
from unbend.errors import UnbendError
from unbend.network import INITIALIZERS, Network, exact_gain, initialise
from unbend.report.choice_page import write_report

LANGUAGES = ("en", "zh")
KERAS = importlib.util.find_spec("keras") is not None


@pytest.fixture(scope="module")
def choice():
    return choose_quickly(control=True)


@pytest.fixture(scope="module")
def regression():
    return choose_quickly(ub.data.load("diabetes"), ("relu", "gelu"))


@pytest.fixture(scope="module")
def multiclass():
    return choose_quickly(ub.data.load("iris"), ("relu", "gelu"))


def verdict(choice, word, not_excluded):
    return replace(
        choice, verdict=replace(choice.verdict, word=word, not_excluded=not_excluded), linear=None, trees=None
    )


# ---------------------------------------------------------------------- the order of the sentences
def test_trees_that_win_come_first_then_the_linear_model_then_the_verdict(choice):
    told = headline(
        replace(
            choice,
            trees=against(choice, "trees", difference=-0.05, p_holm=0.001, worse=0.99, equivalent=0.01, better=0.0),
            linear=against(choice, "linear", difference=0.001),
        ),
        "en",
    )
    assert told[0].startswith("Boosted trees do better than every network here")
    assert "linear model ties" in told[1] and "shows that a non-linearity is needed" in told[1]
    assert told[2].startswith(("Winner", "Equivalent", "Not decided"))


def test_trees_and_a_linear_model_that_lose_are_not_spoken_of(choice):
    better = {"difference": 0.2, "p_holm": 0.001, "better": 0.99, "equivalent": 0.01}
    lost = replace(choice, trees=against(choice, "trees", **better), linear=against(choice, "linear", **better))
    assert not trees_win(lost) and not linear_suffices(lost)
    assert not any("trees" in sentence or "linear" in sentence for sentence in headline(lost, "en"))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"difference": -0.05, "p_holm": 0.001}, "A linear model does better than every network here"),
        ({"difference": 0.0, "equivalent": 0.97}, "A linear model does as well"),
        ({"difference": 0.01, "equivalent": 0.5}, "A linear model ties with the best network"),
        ({"difference": 0.04, "equivalent": 0.2, "better": 0.75, "worse": 0.05}, "is ahead of a linear model"),
    ],
)
def test_how_the_linear_model_does(choice, numbers, words):
    told = headline(replace(choice, linear=against(choice, "linear", **numbers)), "en")
    assert any(words in sentence for sentence in told)


def test_trees_that_tie_are_told_after_the_verdict(choice):
    told = headline(replace(choice, trees=against(choice, "trees", difference=0.001)), "en")
    place = next(place for place, one in enumerate(told) if one.startswith("Boosted trees do about as well"))
    assert place > next(place for place, one in enumerate(told) if one.startswith(("Winner", "Equivalent", "Not")))


def test_the_winner_of_two_is_better_than_the_other(choice):
    best, second = (one.activation for one in choice.verdict.ranking[:2])
    two = replace(choice, verdict=replace(choice.verdict, ranking=choice.verdict.ranking[:2]))
    for lang, said in (("en", f"better than {second}, significantly"), ("zh", f"它显著好于 {second}，")):
        assert said in headline(verdict(two, "winner", (best,)), lang)[0]


def test_a_winner_is_named_with_what_it_beats(choice):
    best = choice.verdict.best
    told = headline(verdict(choice, "winner", (best,)), "en")
    assert told[0].startswith(
        f"Winner: {best}, with accuracy {choice.verdict.ranking[0].mean:.1%}. It is better than each"
    )
    assert "each of the 2 others, significantly and by more than 1 percentage point" in told[0]
    assert title(verdict(choice, "winner", (best,)), "en") == f"{best} wins"


@pytest.mark.parametrize(("word", "begins"), [("equivalent", "Equivalent: "), ("not decided", "Not decided: ")])
def test_the_set_that_is_not_excluded_is_named(choice, word, begins):
    names = tuple(one.activation for one in choice.verdict.ranking[:2])
    told = headline(verdict(choice, word, names), "en")
    assert told[0].startswith(begins + " and ".join(names))
    assert title(verdict(choice, word, names), "en").startswith("2 of 3 ")
    assert told[1] == f"Excluded as the best: {choice.verdict.ranking[2].activation}."


def test_the_numbers_of_the_nearest_rival_are_said(choice):
    one = choice.verdict.comparison(choice.verdict.best, choice.verdict.ranking[1].activation)
    said = next(sentence for sentence in headline(choice, "en") if sentence.startswith("Against the nearest rival"))
    assert f"{one.second}: {100 * one.difference:+.1f} percentage points".replace("-", "−") in said
    assert f"{100 * one.low:+.1f} to {100 * one.high:+.1f}".replace("-", "−") in said


def test_more_repeats_help_only_while_they_do(choice):
    few = next(sentence for sentence in headline(choice, "en") if sentence.startswith("Differences below"))
    assert "more repeats would bring that down" in few
    many = replace(choice, study=replace(choice.study, splits=tuple(range(200))), linear=None, trees=None)
    said = next(one for one in headline(many, "en") if one.startswith("Differences below"))
    assert "more repeats would not help, more rows would" in said


def test_untouched_rows_failures_and_parts_are_said():
    full = choose_quickly(ub.data.load("breast_cancer"), ("relu", "tanh"), epochs=3)
    said = " ".join(headline(full, "en"))
    assert re.search(r"on 11\d rows that took no part in the comparison", said)
    ranking = tuple(replace(one, failure_rate=0.25) for one in full.verdict.ranking)
    part = replace(
        full,
        verdict=replace(full.verdict, ranking=ranking),
        study=replace(full.study, splits=full.study.splits[:4], shards=tuple(arm[:4] for arm in full.study.shards)),
    )
    said = " ".join(headline(part, "en"))
    assert "4 of 6 splits so far" in said and "relu 25%" in said


@pytest.mark.parametrize(("p", "words"), [(0.6, "are not told apart"), (0.01, "The control is off")])
def test_the_control_is_judged(choice, p, words):
    assert choice.control is not None
    told = headline(replace(choice, control=replace(choice.control, p_holm=p)), "en")
    assert words in told[-1]


def test_networks_that_learn_nothing_are_called_so(choice):
    low = tuple(replace(one, mean=0.1) for one in choice.verdict.ranking)
    told = headline(replace(choice, verdict=replace(choice.verdict, ranking=low)), "en")
    assert any("No network beats the constant answer" in sentence for sentence in told)


def test_both_languages_say_the_same_things(choice, regression):
    for one in (choice, regression):
        told = {lang: headline(one, lang) for lang in LANGUAGES}
        assert len(told["en"]) == len(told["zh"])
        for en, zh in zip(told["en"], told["zh"], strict=True):
            assert sorted(set(re.findall(r"\d+\.\d+", en))) == sorted(set(re.findall(r"\d+\.\d+", zh)))
            assert not re.search("[\u4e00-\u9fff] [\u4e00-\u9fff]", zh)
    with pytest.raises(UnbendError, match="there is no language 'fr'"):
        headline(choice, "fr")


def test_many_names_are_cut(choice):
    ranking = tuple(replace(choice.verdict.ranking[0], activation=f"arm {number}") for number in range(12))
    names = tuple(one.activation for one in ranking)
    changed = replace(
        choice, verdict=replace(choice.verdict, word="equivalent", not_excluded=names), linear=None, trees=None
    )
    assert "and 5 others" in headline(changed, "en")[0]


def test_without_tuning_every_arm_has_the_rate_nearest_to_the_usual(choice):
    found = untuned(choice)
    assert found.learning_rate == 0.001
    assert sorted(found.scores) == ["identity", "relu", "tanh"]  # the hidden twin is not ranked
    assert list(found.scores.values()) == sorted(found.scores.values(), reverse=True)


# ---------------------------------------------------------------------- the code
def steps_of(choice, lang="en"):
    return {step.name: step.code for step in next_steps(choice, lang)}


def prepared(choice):
    """The columns as the first step prepares them."""
    table = choice.study.plan.table
    y = np.array(table.class_names)[table.y.astype(int)] if table.class_names else table.y
    space = {"X_train": table.numbers, "y_train": y}
    exec(steps_of(choice)["inputs"], space)
    return space


def test_the_columns_are_prepared_as_in_the_study(choice, regression):
    from unbend.choosing import preparation

    for one in (choice, regression):
        table, rows = one.study.plan.table, np.arange(len(one.study.plan.table))
        space = prepared(one)
        x, y = preparation.prepared(preparation.fit(table, rows), table, rows)
        np.testing.assert_allclose(space["X"], x, atol=1e-12)
        np.testing.assert_allclose(space["y"], y, atol=1e-12)


def test_categories_and_missing_numbers_are_prepared_too(choice):
    import pandas as pd

    plan = choice.study.plan
    numbers = np.array(plan.table.numbers)
    numbers[0, 0] = np.nan
    table = replace(
        plan.table, numbers=numbers, level_names=("kind",), categories=(("a", "b"),),
        levels=(np.arange(len(numbers)) % 2)[:, None],
    )  # fmt: skip
    mixed = replace(choice, study=replace(choice.study, plan=replace(plan, table=table)))
    frame = pd.DataFrame(numbers).assign(kind=["ab"[level] for level in table.levels[:, 0]])
    frame.columns = [*table.number_names, "kind"]
    frame.loc[3, "kind"] = None
    frame["who"] = "a group, which is no feature"
    space = {"X_train": frame, "y_train": table.y}
    exec(steps_of(mixed)["inputs"], space)
    assert space["X"].shape == (len(numbers), chosen_by(mixed).widths[0]) == (90, 4)
    assert np.isfinite(space["X"]).all() and not space["X"][3, -2:].any()


@pytest.mark.parametrize("name", ["choice", "multiclass", "regression"])
def test_the_pytorch_code_trains_the_network(name, request):
    torch = pytest.importorskip("torch", reason="torch is not installed: the code for it is not run")
    one = request.getfixturevalue(name)
    space = prepared(one)
    torch.manual_seed(0)
    exec(steps_of(one)["pytorch"], space)
    out = space["model"](torch.as_tensor(space["X"], dtype=torch.float32)).detach().numpy()
    y = space["y"]
    reached = {
        "choice": lambda: np.mean((out[:, 0] > 0) == y),
        "multiclass": lambda: np.mean(out.argmax(axis=1) == y),
        "regression": lambda: 1 - np.mean((out[:, 0] - y) ** 2),
    }[name]()
    assert reached > (0.2 if name == "regression" else 0.7)


@pytest.mark.parametrize("name", ["choice", "regression"])
def test_the_linear_model_and_the_trees_run(name, request):
    one = request.getfixturevalue(name)
    changed = replace(
        one, linear=against(one, "linear"), trees=against(one, "trees", difference=-0.1, p_holm=0.001, worse=0.99)
    )
    codes = steps_of(changed)
    assert list(codes)[:3] == ["inputs", "trees", "linear"]
    for code in (codes["trees"], codes["linear"]):
        space = prepared(one)
        exec(code, space)
        assert space["model"].score(space["X"], space["y"]) > 0.3


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "identity"])
def test_scikit_learns_code_runs(choice, name, optimizer):
    chosen = replace(
        chosen_by(choice), arm=Arm(name, name, (6,), "lecun_normal", "exact"), optimizer=optimizer, epochs=60
    )
    from unbend.choosing.next_steps import _sklearn

    space = prepared(choice)
    exec(_sklearn(chosen), space)
    assert space["model"].score(space["X"], space["y"]) > 0.5


def test_an_activation_that_scikit_learn_lacks_goes_to_our_estimator(regression):
    codes = steps_of(replace(regression, verdict=replace(regression.verdict, best="gelu")))
    assert "ub.ActivationRegressor(\n    'gelu', (6,), " in codes["unbend"]
    table = regression.study.plan.table
    space = {"X_train": table.numbers, "y_train": table.y}
    exec(codes["unbend"], space)
    assert space["model"].predict(table.numbers).shape == table.y.shape


def test_the_exact_gain_is_written_out(regression):
    gelu = replace(regression, verdict=replace(regression.verdict, best="gelu"))
    gain = f"{exact_gain(activation('gelu')):.10g}"
    assert f"[1, {gain}]" in steps_of(gelu)["pytorch"] and f"start({gain})" in steps_of(gelu)["keras"]


# ---------------------------------------------------------------------- initial weights, as ours
STARTS = [(name, gain) for name in INITIALIZERS for gain in (None, 1.7)] + [("lecun_normal", "exact")]


def chosen_with(name, gain, spec="x*sigmoid(1.702*x)"):
    return Chosen(Arm("a", spec, (150, 80), name, gain), (200, 150, 80, 3), 0.01, 0, 32, "adam", "multiclass")


def spreads_of_ours(name, gain):
    chosen = chosen_with(name, gain)
    own = activation(chosen.arm.activation)
    network = Network(chosen.widths, (own, own), "softmax", name, gain)
    return [float(weight.std()) for weight, _ in network.unflatten(initialise(network, [0])[0])]


@pytest.mark.parametrize(("name", "gain"), STARTS)
def test_pytorchs_weights_start_as_ours(name, gain):
    torch = pytest.importorskip("torch", reason="torch is not installed: the code for it is not run")
    space = {"X": np.zeros((4, 200)), "y": np.zeros(4)}
    torch.manual_seed(0)
    exec(_torch(chosen_with(name, gain)), space)
    layers = [layer for layer in space["model"] if isinstance(layer, torch.nn.Linear)]
    found = [float(layer.weight.detach().std()) for layer in layers]
    np.testing.assert_allclose(found, spreads_of_ours(name, gain), rtol=0.1, atol=1e-9)


if KERAS:  # a test that is not there is not skipped

    @pytest.fixture(scope="module")
    def run_keras(tmp_path_factory):
        """Keras decides on its back end once, so its code has a process of its own."""

        def run(program):
            path = tmp_path_factory.mktemp("keras") / "program.py"
            seeded = f"import keras\nkeras.utils.set_random_seed(0)\n{program}"
            path.write_text(seeded, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, path], env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout.splitlines()[-1])

        return run

    @pytest.mark.parametrize("name", ["choice", "multiclass", "regression"])
    def test_the_keras_code_trains_the_network(name, request, run_keras, tmp_path):
        one = request.getfixturevalue(name)
        space = prepared(one)
        np.savez(tmp_path / "rows.npz", X=space["X"], y=space["y"])
        program = f"import numpy as np\nrows = np.load({str(tmp_path / 'rows.npz')!r})\nX, y = rows['X'], rows['y']\n"
        end = "\nprint()\nprint(model.evaluate(X, y.reshape(-1, 1), verbose=0))"  # accuracy or R² stands last
        _, reached = run_keras(program + steps_of(one)["keras"] + end)
        assert reached > (0.2 if name == "regression" else 0.7)

    def test_keras_weights_start_as_ours(run_keras):
        programs = [_keras(chosen_with(*start)).replace("model.fit", "(lambda *a, **k: 0)") for start in STARTS]
        program = (
            f"import json, numpy as np\nX, y, found = np.zeros((4, 200)), np.zeros(4), []\nfor code in {programs!r}:\n"
        )
        program += (
            "    space = {'X': X, 'y': y}\n    exec(code, space)\n"
            "    found.append([float(np.std(layer.kernel)) for layer in space['model'].layers])\n"
            "print(json.dumps(found))"
        )
        ours = [spreads_of_ours(*start) for start in STARTS]
        np.testing.assert_allclose(run_keras(program), ours, rtol=0.1, atol=1e-9)


def test_shards_that_could_not_be_trained_are_told(choice):
    broken = Failure(0, 1, "MemoryError: no more.", 0)
    told = replace(choice, study=replace(choice.study, failures=(broken,)))
    shards = len(choice.study.plan.shards)
    assert any(
        f"1 of {shards} shards could not be trained" in said and "MemoryError" in said for said in headline(told, "en")
    )
    assert any(f"{shards} 个分片中有 1 个无法训练" in said for said in headline(told, "zh"))
    assert not any("shards" in said for said in headline(choice, "en"))


def test_where_every_network_diverged_nothing_is_compared(choice, tmp_path):
    scores = choice.study.scores.of(choice.study.plan.originals)
    constant = replace(scores, values=np.full_like(scores.values, 0.5), failures=np.ones(len(scores.names)))
    verdict = judge(constant)
    assert (verdict.word, verdict.nothing_trained) == ("not decided", True)
    told = replace(choice, verdict=verdict)
    assert title(told, "en") == "Every network diverged" and title(told, "zh") == "所有网络都发散了"
    (only,) = headline(told, "en")
    assert "nothing was compared" in only
    assert (why(told, "en"), next_steps(told, "zh")) == ((), ())
    for shown, headings in ((told, 0), (choice, 2)):
        page = write_report(shown, tmp_path / "report.html").read_text(encoding="utf-8")
        assert sum(page.count(f'<section id="{name}"') for name in ("reasons", "next")) == headings
        assert sum(page.count(f'href="#{name}"') for name in ("reasons", "next")) == headings
