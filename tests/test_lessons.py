"""The lessons: their claims hold whatever the seed, and their text says nothing that was not measured."""

import re

import pytest

from unbend.errors import UnbendError
from unbend.lessons import LESSONS, Claim, Film, Findings, Lesson, Picture, Settings, Show, Table, Text, give, lesson

QUANTITY = Text(zh="数", en="number")
SEEDS = (0, 1_000, 54_321, 4_000_000)


@pytest.fixture(scope="module", params=[one.name for one in LESSONS])
def lecture(request):
    return give(lesson(request.param))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [one.name for one in LESSONS])
def test_every_claim_holds_from_other_seeds_too(name, seed):
    failed = [
        claim.evidence("en") for claim in give(lesson(name), Settings(seed=seed)).findings.claims if not claim.holds
    ]
    assert not failed


def test_every_number_of_the_text_is_measured(lecture):
    for part in lecture.body():
        if isinstance(part, Text):
            assert not re.search(r"[{}]", part.zh + part.en)


def test_every_place_in_the_text_has_its_exhibit_and_every_exhibit_its_place(lecture):
    places = [part.name for part in lecture.lesson.body if isinstance(part, Show)]
    assert sorted(places) == sorted({"claims", *lecture.findings.exhibits})


def test_the_same_numbers_stand_in_both_languages(lecture):
    for part in lecture.lesson.body:
        if isinstance(part, Text):
            assert set(re.findall(r"\{(\w+)\}", part.zh)) <= set(re.findall(r"\{(\w+)\}", part.en))


def test_pictures_say_in_words_what_they_show(lecture):
    for exhibit in lecture.findings.exhibits.values():
        if isinstance(exhibit, Picture | Film):
            assert len(exhibit.alt("zh")) > 20 and len(exhibit.alt("en")) > 50


def test_tables_have_a_cell_under_every_heading(lecture):
    for exhibit in lecture.findings.exhibits.values():
        if isinstance(exhibit, Table):
            assert {len(row) for row in exhibit.rows} == {len(exhibit.header)}


def test_the_chinese_is_chinese():
    for one in LESSONS:
        for text in (one.title, one.summary, *(part for part in one.body if isinstance(part, Text))):
            assert re.search(r"[\u4e00-\u9fff]", text.zh)
            assert not re.search(r"[\u4e00-\u9fff]", text.en)


def test_the_threshold_network_computes_what_the_table_shows():
    rows = give(lesson("xor"), Settings(seeds=8)).findings.exhibits["steps"].rows
    assert [row[0] for row in rows] == ["0, 0", "0, 1", "1, 0", "1, 1"]
    assert [row[2] for row in rows] == ["0, 0, 0", "0, 0, 1", "1, 0, 0", "1, 1, 1"]
    assert [row[-1] for row in rows] == ["0", "1", "1", "0"]


def test_an_unknown_lesson_is_answered_with_the_nearest():
    with pytest.raises(UnbendError, match="did you mean 'curves'"):
        lesson("curve")


@pytest.mark.parametrize(
    "relation, limit, tolerance, value, holds",
    [
        ("<=", 1.0, 0.0, 1.0, True),
        ("<=", 1.0, 0.0, 1.01, False),
        ("<=", 1.0, 0.1, 1.05, True),
        (">=", 1.0, 0.0, 0.99, False),
        ("==", 0.75, 0.0, 0.75, True),
        ("==", 0.75, 0.0, 0.7500001, False),
        ("between", (0.2, 0.4), 0.0, 0.3, True),
        ("between", (0.2, 0.4), 0.0, 0.41, False),
        ("<=", 1.0, 0.0, float("nan"), False),
        (">=", 1.0, 0.0, float("nan"), False),
    ],
)
def test_a_claim_is_judged_by_its_relation(relation, limit, tolerance, value, holds):
    claim = Claim(QUANTITY, QUANTITY, value=value, relation=relation, limit=limit, tolerance=tolerance)
    assert claim.holds is holds


@pytest.mark.parametrize("relation, limit", [("<", 1.0), ("between", 1.0), ("<=", (0.0, 1.0))])
def test_a_claim_without_sense_is_refused(relation, limit):
    with pytest.raises(UnbendError, match=r"a claim cannot ask for|does not go with the limit"):
        Claim(QUANTITY, QUANTITY, value=0.0, relation=relation, limit=limit)


def test_one_claim_that_fails_is_enough():
    claims = tuple(Claim(QUANTITY, QUANTITY, value=value, relation="<=", limit=1.0) for value in (0.0, 2.0))
    one = Lesson("one", QUANTITY, QUANTITY, (Show("claims"),), lambda settings: Findings(claims))
    assert not give(one).holds


def test_a_number_that_was_not_measured_is_named():
    one = Lesson("one", QUANTITY, QUANTITY, (Text(zh="{best}", en="{best}"),), lambda settings: Findings(()))
    with pytest.raises(UnbendError, match=r"names 'best', which the experiment did not measure"):
        give(one).body()
