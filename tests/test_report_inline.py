"""Figures inside a page: nothing is lost, what languages share stands there once, and pictures of a page keep apart."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unbend as ub
from unbend.drawing import figure
from unbend.drawing.charts import Chart, Curve, charts
from unbend.report.inline import _steps, inline_svg


def chart(title, color=None):
    return charts([Chart(title, "x", "y", [Curve("a", np.arange(5.0), np.arange(5.0) ** 2, color=color)])])


def texts(svg, lang):
    """The words that are seen in a language."""
    tree = ElementTree.fromstring(svg)
    seen: list[str] = []

    def walk(element):
        if element.get("lang") in (None, lang):
            seen.append(element.text or "")
            for child in element:
                walk(child)

    walk(tree)
    return [text for text in seen if text]


def test_words_stay_words_and_each_language_has_its_own():
    svg = inline_svg({"en": chart("growth"), "zh-CN": chart("增长")}, "one")
    assert "growth" in texts(svg, "en") and "增长" not in texts(svg, "en")
    assert "增长" in texts(svg, "zh-CN") and "growth" not in texts(svg, "zh-CN")
    assert texts(svg, "en").count("y") == texts(svg, "zh-CN").count("y") == 1


def test_what_the_languages_share_stands_there_once():
    alone = inline_svg({"en": chart("growth")}, "one")
    both = inline_svg({"en": chart("growth"), "zh-CN": chart("增长")}, "one")
    assert len(both) < 1.1 * len(alone)


def test_what_differs_is_kept_for_both():
    svg = inline_svg({"en": chart("growth", "#ff0000"), "zh-CN": chart("增长", "#00ff00")}, "one")
    assert "#ff0000" in svg and "#00ff00" in svg


def test_one_language_needs_no_marks_of_language():
    assert "lang=" not in inline_svg({"en": chart("growth")}, "one")


def test_every_reference_leads_to_an_id_of_the_same_picture():
    svg = inline_svg({"en": figure(ub.train(ub.data.moons(n=50), epochs=2))}, "moons-film")
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    references = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))
    assert references and references <= ids
    assert all(one.startswith("moons-film-") for one in ids)


def test_nothing_in_it_reaches_out_or_changes_the_rest_of_the_page():
    svg = inline_svg({"en": figure(ub.train(ub.data.moons(n=50), epochs=2))}, "a")
    assert not re.search(r"https?://(?!www\.w3\.org)", svg)
    assert "<style" not in svg and "<script" not in svg and "metadata" not in svg


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_much_lighter_than_the_file(lang, tmp_path):
    picture = figure(ub.train(ub.data.moons(), epochs=2), lang=lang)
    picture.save(tmp_path / "a.svg")
    assert len(inline_svg({lang: picture}, "a")) < 0.5 * (tmp_path / "a.svg").stat().st_size


@given(st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=9, max_size=40))
def test_a_polyline_written_in_steps_goes_through_the_same_places(places):
    path = "M {} {} ".format(*places[0]) + " ".join(f"L {x} {y}" for x, y in places[1:])
    numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", _steps(path))]
    reached = np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)
    for place in places:
        assert np.abs(reached - place).max(axis=1).min() < 0.051


def test_paths_begin_anew_where_the_line_is_broken():
    broken = "M 0 0 " + "L 1 1 " * 5 + "M 5 5 " + "".join(f"L {k} 6 " for k in range(5))
    assert _steps(broken).count("M") == 2
    assert _steps("M 0 0 L 0.04 0.2 L -1 1 z") == "M0 0l0 .2-1 .8z"
