"""`unbend explain`: a lesson on the terminal in either language, by name or number, and its page."""

import re

import pytest

from unbend.cli.rim import run
from unbend.lessons import LESSONS


@pytest.mark.parametrize("lang, words", [("en", "What was measured"), ("zh", "测得的结论")])
def test_a_lesson_is_printed_with_its_numbers_and_its_page_is_there(lang, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["explain", "xor", "--lang", lang, "--quick"]) == 0
    said = capsys.readouterr().out
    assert words in said and "75.0%" in said and not re.search(r"[{}]", said)
    assert said.count("✓") == 7
    page = (tmp_path / "unbend-xor" / "index.html").read_text(encoding="utf-8")
    assert '<article id="xor">' in page and page.count("<article") == 1


def test_a_lesson_goes_by_its_number(tmp_path, capsys):
    number = 1 + [one.name for one in LESSONS].index("xor")
    assert run(["explain", str(number), "--out", str(tmp_path), "--lang", "en", "--quick"]) == 0
    assert capsys.readouterr().out.startswith("Exclusive or")


def test_an_unknown_lesson_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["explain", "xro"]) == 2
    assert "there is no lesson 'xro'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
