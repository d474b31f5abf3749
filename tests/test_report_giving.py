"""Lessons in processes of their own: all are told, the first fault is said, nothing is left running or half written."""

import signal
import subprocess
import sys
import time

import pytest

from unbend.errors import UnbendError
from unbend.lessons import LESSONS, Claim, Findings, Lesson, Settings, Show, Text, give
from unbend.report.giving import LONG, Commission, claims_said, tell_lessons, told

TEXT = Text(zh="课", en="lesson")


def lecture_with(value):
    claim = Claim(Text(zh="值 {value}", en="value: {value}"), Text(zh="数", en="number"), value, "<=", 1.0)
    return give(Lesson("one", TEXT, TEXT, (Show("claims"),), lambda settings: Findings((claim,))), Settings())


def test_claims_are_counted_and_said(tmp_path):
    good, bad = (told(lecture_with(value), Commission(str(tmp_path), ("en",))) for value in (0.5, 2.0))
    assert (good.claims, good.held, bad.held) == (1, 1, 0)
    assert "✓ value: 0.5" in good.said and "✗ value: 2" in bad.said and "expected ≤ 1" in bad.said
    assert 'class="holds"' in good.article and 'class="fails"' in bad.article


def test_claims_are_said_in_the_language_asked_for():
    assert claims_said(lecture_with(0.5), "zh").splitlines()[0] == "课"


def test_every_lesson_is_told_once(tmp_path):
    names = [one.name for one in LESSONS][:3]
    found = list(tell_lessons(names, Commission(str(tmp_path), ("en",), quick=True)))
    assert sorted(one.name for one in found) == sorted(names)
    assert all(one.held == one.claims > 0 for one in found)


def test_the_long_lessons_exist():
    assert set(LONG) <= {one.name for one in LESSONS}


def test_a_lesson_that_cannot_be_given_is_said(tmp_path):
    with pytest.raises(UnbendError, match="there is no lesson 'nothing'"):
        list(tell_lessons(["nothing"], Commission(str(tmp_path), ("en",))))


def test_a_process_that_dies_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "")
    commission = Commission(str(tmp_path), ("nowhere",))  # no such language: the child stumbles over it
    with pytest.raises(UnbendError, match="nowhere"):
        list(tell_lessons(["affine"], commission))


def test_the_same_files_come_from_the_same_seed(tmp_path):
    for name in ("a", "b"):
        list(tell_lessons(["affine"], Commission(str(tmp_path / name), ("en",), quick=True)))
    first, second = (sorted((tmp_path / name).rglob("*.unbend")) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_interrupt_stops_the_processes_and_leaves_nothing_half(tmp_path):
    program = "from unbend.cli import main; main()"
    started = subprocess.Popen(
        [sys.executable, "-c", program, "tour", "--only", "curves", "--lang", "en"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    films, deadline = tmp_path / "unbend-tour" / "films", time.monotonic() + 120
    while not list(films.glob(".*.part*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=20)
    assert (started.returncode, said.strip().splitlines()[-1]) == (130, "unbend: stopped")
    assert not [path for path in (tmp_path / "unbend-tour").rglob("*") if ".part" in path.name]
    assert not (tmp_path / "unbend-tour" / "index.html").exists()
