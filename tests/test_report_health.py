"""The page of a watched model: what it says, that nothing hostile or from outside gets in, that it can be read."""

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

import unbend as ub
from unbend.activations import activation
from unbend.drawing import style
from unbend.drawing.health_course import QUANTITIES, course, course_figure
from unbend.drawing.health_theory import chi_figure, variance_figure
from unbend.drawing.health_units import units_figure
from unbend.report.health_facts import findings, rows
from unbend.report.health_page import write_health
from unbend.text import Text
from unbend.watching import History, Overhead, Response, Sample, StackLayer, WeightMeasure, diagnose, measure, theory

LANGUAGES = ("en", "zh")
HOSTILE = "<script>alert(1)</script>"


def layer(name, place, dead=0, units=16, rows=64, kind="relu"):
    """A layer of ReLU in which the first units are dead, at one moment."""
    z = np.random.default_rng(place).normal(size=(rows, units))
    z[:, :dead] = -1.0
    h, slope = z.clip(0), (z > 0) * 1.0
    gradients, silent = np.array([0.5 / (1 + place)]), (h == 0).all(axis=0)
    return measure(Response(name, kind, z, h, slope, silent, gradients, weight=f"{name}.weight", usual_saturated=0.5))


def broken(name):
    nothing = np.full((4, 16), np.nan)
    return measure(Response(name, "relu", nothing, nothing, nothing, np.zeros(16, bool), np.array([np.nan]), False))


def ran(depth=3, steps=(0, 1, 2, 5, 10, 50, 100), dying=5, names="layers.{}/relu", ends_in_nan=False):
    """A history in which the second layer dies from a step on."""
    history = History()
    for step in steps:
        layers = tuple(
            layer(names.format(place), place, dead=12 if place == 1 and step >= dying else 0) for place in range(depth)
        )
        update = 1e-3 if step else math.nan
        weights = tuple(WeightMeasure(f"{one.name}.weight", 1.0, 0.1, update) for one in layers)
        history.record(Sample(step, layers, weights))
    if ends_in_nan:
        history.record(Sample(steps[-1] + 1, tuple(broken(one.name) for one in history.samples[-1].layers)))
    return history


def stack(depth=6):
    relu = activation("relu")
    return theory([StackLayer(relu, 2.0, 0.0, 1.0 + 0.1 * place, 0.5) for place in range(depth)])


def health_of(history, model="Sequential", known=None, notices=()):
    steps = int(history.steps[-1]) if history.samples else 0
    seconds = (10.0, 0.31) if steps else (0.0, 0.02)
    return diagnose(model, history, known, Overhead(steps, len(history.samples), *seconds, 0.02, "auto"), notices)


HISTORIES = {
    "dying": ran(),
    "healthy": ran(dying=1e9),
    "deep": ran(60, dying=2),
    "broken": ran(ends_in_nan=True),
    "single": ran(steps=(0,), dying=1e9),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("health")
    notice = Text(zh="模型是编译过的。", en="The model is compiled.")
    return {
        name: write_health(health_of(history, known=stack(), notices=(notice,)), history, folder / f"{name}.html")
        for name, history in HISTORIES.items()
    }


def embedded(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="health">(.*?)</script>', text, re.DOTALL)[1])


def visible(text):
    return (
        text.replace("&#39;", "'").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
    )


# ---------------------------------------------------------------------- the page as text
@pytest.mark.parametrize("name", HISTORIES)
def test_both_languages_say_everything(pages, name):
    health, text = health_of(HISTORIES[name], known=stack()), visible(pages[name].read_text(encoding="utf-8"))
    for lang in LANGUAGES:
        assert health.verdict(lang) in text
        for flag in findings(health):
            said = (flag.what, flag.healthy, *flag.remedies, *filter(None, [flag.harmless]))
            assert flag.remedies and all(one(lang) in text for one in said)
    assert "The model is compiled." in text and "模型是编译过的。" in text


@pytest.mark.parametrize("name", HISTORIES)
def test_the_exact_numbers_are_in_the_page(pages, name):
    said = health_of(HISTORIES[name], known=stack()).to_dict()
    found = embedded(pages[name])
    assert {**found, "notices": []} == json.loads(json.dumps({**said, "notices": []}))


def test_the_worst_stands_first_and_what_it_is_about_is_marked(pages):
    text = pages["dying"].read_text(encoding="utf-8")
    assert text.index('class="finding alarm"') < text.index('id="layers"')
    assert '<span class="chip help">' in text and "step 5 (healthy at step 2)" in text
    table = rows(health_of(HISTORIES["dying"]), HISTORIES["dying"])
    marked = [(place, column) for place, row in enumerate(table) for column, one in enumerate(row) if one.severity]
    assert (1, 0) in marked and (1, 3) in marked and table[1][3].text == "75%"
    assert {place for place, _ in marked} == {1}


def test_a_note_says_why_it_is_harmless_and_an_alarm_what_to_try():
    history = ran(dying=1e9)
    large = tuple(replace(one, update=0.2) for one in history.samples[-1].weights)
    history.samples[-1] = replace(history.samples[-1], weights=large)
    (note,) = findings(health_of(history))
    assert note.severity == "note" and note.now.en.startswith("0.2, ") and "while the loss falls" in note.harmless.en
    (alarm,) = findings(health_of(HISTORIES["dying"]))
    assert alarm.harmless is None and alarm.remedies[0].en == "Make the learning rate ten times smaller"


def test_how_many_times_too_much_is_told_where_it_is_known():
    health = health_of(HISTORIES["dying"])
    known = replace(health, flags=(replace(health.flags[0], reference=0.1, times=7.5),))
    assert findings(known)[0].now.en == "75%, 7.5 times what healthy models stay below"


def test_what_was_not_measured_is_no_zero():
    history = HISTORIES["single"]
    for row in rows(health_of(history), history):
        assert row[-1].text == "–"
    nan = ran(steps=(0,), ends_in_nan=True)
    nan.samples.pop(0)
    assert [one.text for one in rows(health_of(nan), nan)[0][3:]] == ["–"] * 9


def test_updates_are_the_last_that_were_measured():
    history = ran(dying=1e9)
    history.record(replace(history.samples[-1], step=101, weights=()))
    assert {row[-1].text for row in rows(health_of(history), history)} == {"0.001"}


def test_a_healthy_model_is_told_what_was_checked(pages):
    text = pages["healthy"].read_text(encoding="utf-8")
    assert "Nothing needs mending." in text and "3 activation layers were checked in 7 samples" in text
    assert '<span class="chip healthy">' in text and 'class="finding' not in text


def test_the_cost_and_the_versions_are_told(pages):
    text = pages["dying"].read_text(encoding="utf-8")
    assert "This watch took 0.31 s, 3.1% of the training time: 7 samples of 100 steps." in text
    assert f"numpy {np.__version__}" in text
    assert "Nothing was trained yet; one sample was taken." in pages["single"].read_text(encoding="utf-8")


def test_a_page_of_one_language_has_no_switch(tmp_path):
    history = HISTORIES["dying"]
    page = write_health(health_of(history), history, tmp_path / "a.html", lang="zh")
    text = page.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in text and "data-language" not in text
    assert "needs help" not in text.split("<script")[0]


def test_the_policy_lets_its_own_script_run_and_nothing_else(pages):
    for page in pages.values():
        text = page.read_text(encoding="utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
        assert policy and policy[1].startswith("default-src 'none'") and "script-src 'sha256-" in policy[1]
        assert len(re.findall(r"<script", text)) == 2 and not re.search(r"https?://", text)
        assert page.stat().st_size < 1e6


def test_hostile_names_stay_text(tmp_path):
    history = ran(names=HOSTILE + "{}")
    page = write_health(health_of(history, model=HOSTILE), history, tmp_path / "a.html")
    text = page.read_text(encoding="utf-8")
    assert len(re.findall("<script", text)) == 2 and "&lt;script&gt;alert(1)" in text
    assert embedded(page)["model"] == HOSTILE
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(svg)


def test_long_runs_of_wide_and_deep_models_stay_small(tmp_path):
    history, moments = History(), [
        tuple(layer(f"block.{n}/relu", n, dead=dead, rows=16) for n in range(60)) for dead in range(9)
    ]  # fmt: skip
    for step in range(300):
        history.record(Sample(step, moments[step % 9]))
    assert write_health(health_of(history), history, tmp_path / "a.html").stat().st_size < 1e6


# ---------------------------------------------------------------------- where it is written
def test_a_watch_writes_its_page_and_the_folders_above(tmp_path):
    torch = pytest.importorskip("torch", reason="watching PyTorch models needs torch")
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    w = ub.watch(model, probe=torch.zeros(16, 6))
    page = w.report(tmp_path / "a" / "b" / "health.html")
    assert page == tmp_path / "a" / "b" / "health.html" and embedded(page) == w.health.to_dict()
    assert [one.name for one in page.parent.iterdir()] == ["health.html"]
    assert w.report(str(page), lang="en") == page


@pytest.mark.parametrize("path, lang, message", [
    ("a.html", "fr", r"there is no language 'fr' of a page"),
    ("", "both", r"path='' is no file; give a name such as 'health.html'"),
    (None, "both", r"path=None is no file"),
    (".", "both", r"is a folder; give a file in it"),
    ("a.pdf", "both", r"cannot save the report as 'a.pdf': it has the ending '.pdf'; use one of .html"),
])  # fmt: skip
def test_what_cannot_be_written_is_said_in_one_sentence(path, lang, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ub.UnbendError, match=message):
        write_health(health_of(HISTORIES["single"]), HISTORIES["single"], path, lang)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "a").write_text("taken")
    with pytest.raises(ub.UnbendError, match=r"cannot write '.*health.html': .*; choose another place"):
        write_health(health_of(HISTORIES["single"]), HISTORIES["single"], tmp_path / "a" / "health.html")


# ---------------------------------------------------------------------- the pictures
def test_a_picture_shows_every_layer_at_every_step():
    history = HISTORIES["dying"]
    names, values = course(history, "dead")
    assert names == [f"layers.{place}/relu" for place in range(3)] and values[1].tolist() == [0] * 3 + [0.75] * 4
    figure = course_figure(history, "dead")
    image = figure.canvas.axes[0].images[0].get_array()
    turn = np.log1p(5) / np.log1p(100) * image.shape[1]
    assert set(image[1, : math.floor(turn)]) == {0.0} and set(image[1, math.ceil(turn) :]) == {0.75}
    assert {text.get_text() for text in figure.canvas.axes[0].texts} == {"0%", "75%"}


def test_what_was_not_measured_is_not_painted():
    axes = course_figure(HISTORIES["dying"], "update").canvas.axes[0]
    image = axes.images[0].get_array()
    assert [patch.get_hatch() for patch in axes.patches] == ["////"]
    assert all(patch.zorder < axes.images[0].zorder for patch in axes.patches)
    assert np.ma.getmaskarray(image)[:, 0].all() and not np.ma.getmaskarray(image)[:, -1].any()
    assert course_figure(HISTORIES["single"], "update") is None
    assert course_figure(HISTORIES["healthy"], "dead") is None


def test_the_first_nan_is_marked_where_it_is():
    axes = course_figure(HISTORIES["broken"], "gradient").canvas.axes[0]
    assert [line.get_xdata()[0] for line in axes.lines if line.get_color() == style.GRADIENT] == [1.0]
    assert "NaN / Inf" in [text.get_text() for text in axes.texts]


def test_a_strip_has_every_dead_unit():
    one = layer("wide", 0, dead=3, units=2000)
    image = units_figure([one]).canvas.axes[0].images[0].get_array()
    assert image[0, 0] == 2 and set(image[0, 1:]) == {0.0}
    assert units_figure([layer("fine", 0, units=64)]) is None


def test_theory_and_measurement_are_drawn_where_they_are():
    found = stack()
    for draw, pair in ((variance_figure, (found.variance, found.measured_variance)),
                       (chi_figure, (found.chi, found.measured_chi))):  # fmt: skip
        lines = draw(found).canvas.axes[0].lines
        assert lines[0].get_ydata().tolist() == pair[0].tolist() and lines[1].get_ydata().tolist() == pair[1].tolist()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", HISTORIES)
def test_nothing_is_drawn_outside(name, lang):
    history = HISTORIES[name]
    figures = [course_figure(history, quantity, lang) for quantity in QUANTITIES]
    figures += [draw(stack(), lang) for draw in (chi_figure, variance_figure)]
    figures.append(units_figure(history.samples[-1].layers, lang))
    for figure in filter(None, figures):
        with style.settings():
            box = figure.canvas.get_tightbbox()
        width, height = figure.canvas.get_size_inches()
        assert min(box.x0, box.y0) >= 0 and box.x1 <= width and box.y1 <= height


# ---------------------------------------------------------------------- in Chromium, with the network off
@pytest.fixture
def page_at(browser, pages):
    """Opens a page at a width and in a language; complaints of the browser fail the test."""
    complaints, contexts = [], []

    def open_page(name, width, lang, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or complaints.append(request.url))
        page.goto(pages[name].as_uri() + f"?lang={lang}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", HISTORIES)
def test_the_page_fits_and_shows_the_verdict_first(page_at, name, width, lang):
    page = page_at(name, width, lang)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().bottom < innerHeight / 2")
    assert page.evaluate("document.querySelector('.facts').getBoundingClientRect().bottom < innerHeight")
    assert page.evaluate("[...document.querySelectorAll('main svg')].every(s => s.getBoundingClientRect().height > 60)")
    hidden = {"en": "zh-CN", "zh": "en"}[lang]
    assert page.evaluate(
        f"[...document.querySelectorAll('main [lang={hidden}]')].every(e => getComputedStyle(e).display === 'none')"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible(page_at, width, lang, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    for name in ("dying", "single"):
        page = page_at(name, width, lang, scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_numbers_are_copied(page_at, pages):
    page = page_at("dying", 1280, "en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("button.copy:visible").click()
    page.wait_for_function("[...document.querySelectorAll('button.copy')].some(one => one.textContent === 'Copied')")
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == embedded(pages["dying"])


def test_paper_shows_every_layer(page_at):
    page = page_at("deep", 1280, "en")
    page.emulate_media(media="print")
    assert page.evaluate("(box => box.scrollHeight - box.clientHeight)(document.querySelector('.scroll.tall'))") <= 1
