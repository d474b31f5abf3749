"""A choice on the terminal and as a page: nothing hostile gets through, nothing grows with the table or is fetched."""

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

import unbend as ub
from choices import choose_quickly
from unbend.activations import catalogue_names
from unbend.choosing import forms
from unbend.choosing.calibration import calibration
from unbend.choosing.telling import headline, next_steps, why
from unbend.data.tabular import Table
from unbend.drawing import style
from unbend.drawing.learning import learning_figure
from unbend.drawing.pairs import pairs_figure
from unbend.drawing.ranking import ranking_figure
from unbend.drawing.rates import rates_figure
from unbend.drawing.untuned_ranking import untuned_figure
from unbend.report.choice_estimate import show_estimate
from unbend.report.choice_facts import calibration_said, data_card
from unbend.report.choice_page import write_report
from unbend.report.choice_terminal import show_choice
from unbend.report.inline import inline_svg

LANGUAGES = ("en", "zh")
HOSTILE = "<script>alert(1)</script>"
FIGURES = (ranking_figure, pairs_figure, rates_figure, untuned_figure, learning_figure)


@pytest.fixture(scope="module")
def choice():
    return choose_quickly(control=True)


@pytest.fixture(scope="module")
def written(choice, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    return write_report(choice, path, ["unbend", "choose", "my data.csv", "--target", "y"])


def hostile_table(rows=120, columns=3):
    numbers = np.random.default_rng(0).normal(size=(rows, columns))
    y = (numbers[:, 0] * numbers[:, 1] > 0) * 1.0
    return Table(
        numbers=numbers, number_names=tuple(f"{HOSTILE} {number} {'long ' * 200}" for number in range(columns)),
        levels=np.zeros((rows, 0), np.int64), level_names=(), categories=(), y=y, task="binary",
        class_names=(HOSTILE, "\"><img src=x onerror=alert(2)>"), target_name=f"{HOSTILE}", origin=f"{HOSTILE}.csv",
        notes=tuple(f"column '{HOSTILE}' {number}" for number in range(500)),
    )  # fmt: skip


def shown_at(width, choice, lang):
    """What a terminal without colours shows."""
    console = Console(width=width, no_color=True, file=io.StringIO())
    show_choice(choice, lang, console)
    return console.file.getvalue()


# ---------------------------------------------------------------------- the page as text
def test_both_languages_say_everything(written, choice):
    text = written.read_text(encoding="utf-8")
    for lang, code in (("en", "en"), ("zh", "zh-CN")):
        for sentence in (*headline(choice, lang), *why(choice, lang)):
            said = sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
            assert said in text.replace("\u00a0", " "), sentence
        for step in next_steps(choice, lang):
            assert f"<summary>{step.title}</summary>" in text
        assert f'lang="{code}"' in text


def test_the_numbers_of_the_ranking_are_in_the_table(written, choice):
    text = written.read_text(encoding="utf-8")
    for one in choice.verdict.ranking:
        assert re.search(rf"[●○] {one.activation}</th><td>{re.escape(forms.score('accuracy', one.mean))}</td>", text)


def test_the_policy_lets_its_own_script_run_and_nothing_else(written):
    text = written.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy and policy[1].startswith("default-src 'none'")
    assert "http" not in policy[1] and "script-src 'sha256-" in policy[1]
    assert len(re.findall(r"<script", text)) == 1
    assert not re.search(r"https?://", text)


def test_the_command_and_the_seed_are_told(written):
    text = written.read_text(encoding="utf-8")
    assert "unbend choose &#39;my data.csv&#39; --target y" in text
    assert f"numpy {np.__version__}" in text


def test_a_choice_without_baselines_is_told_too(choice, tmp_path):
    bare = replace(choice, baselines=(), linear=None, trees=None, control=None)
    assert write_report(bare, tmp_path / "a.html").stat().st_size > 1e4


def test_hostile_names_stay_text(tmp_path):
    found = choose_quickly(hostile_table(), ("tanh", "relu"))
    text = write_report(found, tmp_path / "a.html", [HOSTILE]).read_text("utf-8")
    assert text.count("<script") == 1 and "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    named = replace(found.study.plan.table, origin="[bold]not markup[/bold]")
    marked = replace(found, study=replace(found.study, plan=replace(found.study.plan, table=named)))
    assert "[bold]not markup[/bold] · <script>alert(1)" in shown_at(80, marked, "en")


@pytest.mark.parametrize("draw", FIGURES)
def test_hostile_names_stay_text_in_pictures(choice, draw):
    names = {one.activation: f"{HOSTILE[:18]}{place}" for place, one in enumerate(choice.verdict.ranking)}
    verdict = replace(
        choice.verdict,
        best=names[choice.verdict.best],
        not_excluded=tuple(names[name] for name in choice.verdict.not_excluded),
        ranking=tuple(replace(one, activation=names[one.activation]) for one in choice.verdict.ranking),
        comparisons=tuple(
            replace(one, first=names[one.first], second=names[one.second]) for one in choice.verdict.comparisons
        ),
    )
    arms = tuple(replace(arm, name=names.get(arm.name, arm.name)) for arm in choice.study.plan.arms)
    diagnoses = tuple(replace(one, activation=arm.name) for one, arm in zip(choice.diagnoses, arms, strict=True))
    study = replace(choice.study, plan=replace(choice.study.plan, arms=arms))
    svg = inline_svg(
        {lang: draw(replace(choice, verdict=verdict, study=study, diagnoses=diagnoses), lang) for lang in LANGUAGES},
        "a",
    )
    assert "<script" not in svg and "&lt;script" in svg
    ElementTree.fromstring(svg)


def test_the_page_does_not_grow_with_the_table(tmp_path):
    sizes = {}
    for rows in (600, 50_000):
        settings = {"epochs": 1, "learning_rates": (0.01, 0.1), "folds": 2, "repeats": 1, "batch_size": 512}
        found = choose_quickly(hostile_table(rows, 200), ("tanh", "relu"), ((2,),), **settings)
        sizes[rows] = write_report(found, tmp_path / f"{rows}.html").stat().st_size
    assert sizes[50_000] <= 2e6
    assert abs(sizes[50_000] - sizes[600]) < 0.1 * sizes[600]


def test_the_data_card_lists_some_of_many(choice):
    plan = choice.study.plan
    table = hostile_table(120, 200)
    card = dict(data_card(replace(choice, study=replace(choice.study, plan=replace(plan, table=table)))))
    words = {label.en: values for label, values in card.items()}
    assert words["columns"][-1].en == "… and 176 more" and words["notes"][-1].en == "… and 488 more"
    assert max(len(value) for value in words["columns"] if isinstance(value, str)) <= 32


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    settings = {"epochs": 3, "folds": 2, "repeats": 1}
    found = choose_quickly(ub.data.moons(n=60, noise=0.3), catalogue_names()[:30], ((4,),), **settings)
    return found, write_report(found, tmp_path_factory.mktemp("many") / "report.html")


def test_thirty_arms_fit(thirty):
    found, page = thirty
    assert page.stat().st_size <= 2e6
    text = page.read_text(encoding="utf-8")
    assert all(f" {one.activation}</th>" in text for one in found.verdict.ranking)


def test_the_calibration_is_told_as_it_was_measured():
    measured = calibration()
    told = calibration_said()
    rate = f"{measured['planted']['power']['rate']:.1%}"
    assert rate in told.en and rate in told.zh
    assert str(measured["twins"]["setting"]["tables"]) in told.en
    naive = f"{measured['blocks']['one_pair_naive']['rate']:.1%}"
    assert naive in told.en and naive in told.zh


# ---------------------------------------------------------------------- the pictures
def test_the_ranking_draws_every_mean_where_it_is(choice):
    (axes,) = ranking_figure(choice).canvas.axes
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in marks] == [one.mean for one in choice.verdict.ranking]
    low, high = axes.get_xlim()
    assert all(low <= one.low and forms.possible("accuracy", one.high) <= high for one in choice.verdict.ranking)


def test_the_pairs_say_every_difference_and_frame_the_significant(choice):
    unsure, sure = (
        replace(choice, verdict=replace(choice.verdict, comparisons=tuple(replace(one, p_holm=p) for one in pairs)))
        for pairs in [choice.verdict.comparisons]
        for p in (0.4, 0.001)
    )
    for one, frames in ((unsure, 0), (sure, 3)):
        axes = pairs_figure(one).canvas.axes[0]
        said = [text.get_text().splitlines()[0] for text in axes.texts]
        wanted = [f"{abs(100 * pair.difference):.1f}" for pair in one.verdict.comparisons]
        assert sorted(text.strip("+−") for text in said) == sorted(wanted)
        assert len([patch for patch in axes.patches if patch.get_width() < 0.95]) == frames


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_drawn_outside(choice, draw, lang):
    canvas = draw(choice, lang).canvas
    with style.settings():
        box = canvas.get_tightbbox()
    width, height = canvas.get_size_inches()
    assert min(box.x0, box.y0) >= 0 and box.x1 <= width and box.y1 <= height


# ---------------------------------------------------------------------- the terminal
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_shows_everything_within_its_width(choice, lang, width):
    from rich.cells import cell_len

    text = shown_at(width, choice, lang)
    prose, code = text.split("# ", 1)
    assert all(cell_len(line.rstrip()) <= width for line in prose.splitlines())
    for one in choice.verdict.ranking:
        assert one.activation in prose and forms.score("accuracy", one.mean) in prose
    joined = re.sub(r"\s+", "", text)
    assert all(re.sub(r"\s+", "", sentence) in joined for sentence in (*headline(choice, lang), *why(choice, lang)))
    assert "torch.optim.Adam" in code


def test_piped_output_has_neither_colours_nor_noise(choice):
    program = (
        "import warnings; warnings.simplefilter('error')\n"
        "from choices import choose_quickly\nfrom unbend.report.choice_terminal import show_choice\n"
        "show_choice(choose_quickly(), 'en')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout and "Against the nearest rival" in done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_estimate_is_told(choice, lang, capsys):
    plan = choice.study.plan
    show_estimate([plan], None, lang)
    said = capsys.readouterr().out
    assert (
        f"{plan.networks}" in said and f"{len(plan.shards)}" in said and ("percentage points" in said or lang == "zh")
    )
    show_estimate([plan, plan], None, lang, as_json=True)
    assert [one["networks"] for one in json.loads(capsys.readouterr().out)] == [plan.networks] * 2


# ---------------------------------------------------------------------- in Chromium, with the network off
@pytest.fixture
def page_at(browser, written):
    """Opens the page at a width and in a language; complaints of the browser fail the test."""
    complaints, contexts = [], []

    def open_page(width, lang, path=written):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or complaints.append(request.url))
        page.goto(path.as_uri() + f"?lang={lang}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_shows_the_verdict_first(page_at, width, lang):
    page = page_at(width, lang)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('.lead:not([hidden])') !== null")
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().bottom < innerHeight / 2")
    assert page.evaluate("document.querySelector('.facts').getBoundingClientRect().bottom < innerHeight")
    assert page.evaluate("[...document.querySelectorAll('main svg')].every(s => s.getBoundingClientRect().height > 80)")
    hidden = {"en": "zh-CN", "zh": "en"}[lang]
    assert page.evaluate(
        f"[...document.querySelectorAll('main [lang={hidden}]')].every(e => getComputedStyle(e).display === 'none')"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible(page_at, width, lang):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = page_at(width, lang)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_thirty_arms_fit_a_phone(page_at, thirty):
    page = page_at(390, "zh", thirty[1])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_language_is_switched_and_remembered(page_at):
    page = page_at(1280, "en")
    page.get_by_role("button", name="中文").click()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.goto(page.url.split("?")[0])
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_code_is_copied(page_at, choice):
    page = page_at(1280, "en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("button.copy:visible").first
    button.click()
    page.wait_for_function("document.querySelector('button.copy').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == next_steps(choice, "en")[0].code


def test_paper_shows_what_is_folded(page_at):
    page = page_at(1280, "en")
    assert page.locator("pre:visible").count() < page.locator("div[lang=en] pre").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("pre:visible").count() == page.locator("div[lang=en] pre").count()
    assert page.locator("button.copy:visible").count() == 0
