"""The verdict over several tables: its words, what it needs, and that it agrees with the tests it is made of."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import unbend as ub
from unbend.choosing import compare as comparing
from unbend.choosing.scores import Scores
from unbend.choosing.several import compare
from unbend.choosing.statistics import friedman, wilcoxon_signed_rank
from unbend.cli.rim import run
from unbend.errors import UnbendError
from unbend.randomness import normal

NAMES = ("tanh", "relu", "identity")


def several(tables, ahead=(0.0, 0.0, 0.0), spread=0.002, names=NAMES, metric="accuracy"):
    """Tables of very different difficulty, arms that are ahead by so much on each."""
    found = {}
    for table in range(tables):
        own = normal(table, "test/table", np.arange(len(names)))[:, None]
        noise = normal(table, "test/split", np.arange(len(names) * 20)).reshape(len(names), 20)
        values = 0.5 + 0.04 * table + np.array(ahead)[:, None] + spread * (own + noise)
        found[f"table {table}"] = Scores(names, values, np.zeros(len(names)), 90, 10, metric)
    return found


def test_a_winner_over_tables():
    verdict = compare(several(10, (0.05, 0.0, -0.05)))
    assert (verdict.word, verdict.best, verdict.not_excluded) == ("winner", "tanh", ("tanh",))
    assert verdict.friedman.mean_ranks.tolist() == [1, 2, 3]
    assert verdict.groups == ((0, 1), (1, 2))
    assert [one.wins for one in verdict.comparisons] == [1.0, 1.0, 1.0]


def test_arms_that_differ_by_less_than_the_rope_are_equivalent():
    verdict = compare(several(12, (0.001, 0.0, -0.05), spread=0.0005))
    assert (verdict.word, verdict.not_excluded) == ("equivalent", ("tanh", "relu"))


def test_what_varies_from_table_to_table_is_not_decided():
    verdict = compare(several(8, spread=0.05))
    assert (verdict.word, len(verdict.not_excluded)) == ("not decided", 3)


def test_below_five_tables_nothing_is_said_in_general_and_each_table_speaks_for_itself():
    verdict = compare(several(4, (0.1, 0.0, -0.1)))
    assert (verdict.word, verdict.not_excluded, verdict.enough_tables) == ("not decided", NAMES, False)
    assert {own.word for own in verdict.verdicts} == {"winner"}


@pytest.mark.parametrize(("arms", "needed"), [(2, 6), (3, 7), (4, 8), (8, 11)])
def test_the_tables_needed_are_those_whose_least_p_value_survives(arms, needed):
    names = tuple(f"arm {place}" for place in range(arms))
    ahead = -0.05 * np.arange(arms)
    fewest = compare(several(needed, ahead, names=names))
    assert fewest.tables_needed == needed
    assert fewest.word == "winner"
    assert compare(several(needed - 1, ahead, names=names)).word == "not decided"


def test_the_numbers_are_those_of_the_tests():
    tables = several(9, (0.01, 0.0, 0.0), spread=0.02)
    verdict = compare(tables)
    means = np.array([one.values.mean(axis=1) for one in tables.values()])
    assert verdict.scores.tolist() == means.tolist()
    assert verdict.friedman.f_p == friedman(means).f_p
    pair = verdict.comparisons[2]
    assert (pair.first, pair.second) == ("relu", "identity")
    assert pair.p == wilcoxon_signed_rank(means[:, 1], means[:, 2]).p
    assert pair.difference == pytest.approx((means[:, 1] - means[:, 2]).mean())
    assert verdict.interquartile.low[0] < verdict.interquartile.value[0] < verdict.interquartile.high[0]


def test_the_order_of_the_arms_does_not_matter_and_may_differ_between_tables():
    tables = several(10, (0.0, 0.03, 0.0), spread=0.01)
    turned = {
        name: Scores(one.names[::-1], one.values[::-1], one.failures[::-1], 90, 10, "accuracy") if place % 2 else one
        for place, (name, one) in enumerate(tables.items())
    }
    one, other = compare(tables), compare(turned)
    assert (one.word, one.best, one.not_excluded) == (other.word, other.best, other.not_excluded)
    assert one.comparisons == other.comparisons


def test_things_with_scores_can_be_compared():
    tables = several(6, (0.05, 0.0, -0.05))
    wrapped = {name: SimpleNamespace(scores=one) for name, one in tables.items()}
    assert compare(wrapped).to_dict() == compare(tables).to_dict()


@pytest.mark.parametrize("tables", [2, 10])
def test_the_dictionary_is_json(tables):
    verdict = compare(several(tables, (0.0, 0.1, -0.1)))
    said = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert [one["activation"] for one in said["ranking"]] == ["relu", "tanh", "identity"]
    assert set(said["ranking"][0]) == {"activation", "mean_rank", "mean", "interquartile_mean", "low", "high"}
    assert len(said["tables"]) == tables and said["tables"][0]["best"] == "relu"
    assert set(said["tables"][0]["means"]) == set(NAMES)
    assert said["friedman"]["f"] is None and said["friedman"]["f_p"] == pytest.approx(6.0 ** (1 - tables))


def test_a_false_winner_over_tables_is_rare_where_all_arms_are_equal():
    tables = several(200 * 8, spread=0.03)
    means = np.array([one.values.mean(axis=1) for one in tables.values()]).reshape(200, 8, 3)
    lowest = [min(wilcoxon_signed_rank(one[:, i], one[:, j]).p for i, j in ((0, 1), (0, 2), (1, 2))) for one in means]
    assert np.mean(np.array(lowest) * 3 <= 0.05) <= 0.08


def test_everything_that_does_not_fit_is_said_at_once():
    tables = several(3)
    one = tables["table 1"]
    tables["table 1"] = Scores(("tanh", "relu", "gelu"), one.values, one.failures, 90, 10, "accuracy")
    tables["table 2"] = Scores(NAMES, one.values, one.failures, 90, 10, "r2")
    with pytest.raises(UnbendError, match=r"differ in their arms \(gelu, identity\); 'table 2' is scored by r2"):
        compare(tables)


def test_one_table_is_refused():
    with pytest.raises(UnbendError, match="1 table cannot be compared"):
        compare(several(1))


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (
            [ub.data.xor(n=40), ub.data.xor(n=40)],
            "a Dataset in a list of tables has no name; give them by name, such as",
        ),
        ([("iris",)], "a tuple in a list of tables has no name"),
        ("iris", "'iris' is no list of tables; give two or more"),
        (None, "None is no list of tables"),
        (["iris"], "tables to compare: 1; give two or more"),
        ({}, "tables to compare: 0; give two or more"),
        (["iris", "diabetes"], "scored differently: 'iris' by accuracy, 'diabetes' by r2; leave some out"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_trained(sources, said, monkeypatch):
    monkeypatch.setattr(comparing, "carry_out_all", None)
    with pytest.raises(UnbendError, match=said):
        ub.compare(sources, activations=["relu", "tanh"])


def test_the_command_refuses_tables_of_different_tasks_before_anything_is_trained(monkeypatch, capsys):
    monkeypatch.setattr(comparing, "carry_out_all", None)
    for more in ((), ("--dry-run",)):
        assert run(["choose", "iris", "diabetes", *more]) == 2
        assert "scored differently: 'iris' by accuracy, 'diabetes' by r2" in capsys.readouterr().err
