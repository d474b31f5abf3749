"""`unbend tour` from the call to the page: what it prints and writes, and the page in a browser without a network."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import unbend as ub
from unbend.cli.rim import run
from unbend.lessons import LESSONS
from unbend.report import giving
from unbend.report.article import Place
from unbend.report.giving import Told

NAMES = [one.name for one in LESSONS]
LANGUAGES = ("en", "zh")


def call(*arguments, folder):
    program = "from unbend.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, "tour", *arguments], cwd=folder, capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tour")
    return call(folder=folder), folder / "unbend-tour"


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href", "poster")]


def test_it_prints_every_claim_with_what_was_measured(toured):
    done, _ = toured
    assert done.returncode == 0, done.stderr
    held = re.search(r"(\d+) of (\d+) claims hold", done.stdout)
    assert held and held[1] == held[2] == str(done.stdout.count("✓"))
    assert "✗" not in done.stdout
    assert done.stdout.count("(expected") == done.stdout.count("✓")


def test_everything_the_page_names_is_there_and_nothing_lies_outside(toured):
    _, folder = toured
    page = (folder / "index.html").read_text(encoding="utf-8")
    links = [link for link in Links(page).found if not link.startswith(("#", "data:"))]
    assert len(links) > 10
    named = {(folder / link.partition("#")[0]).resolve() for link in links} | {(folder / "index.html").resolve()}
    assert all(path.is_file() for path in named)
    assert not re.search(r"https?://", page)
    assert {path.resolve() for path in folder.rglob("*") if path.is_file()} == named


def test_every_lesson_opens_in_the_lab_beside_the_page(toured):
    _, folder = toured
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<article id="(\w+)">', page) == NAMES
    assert [link for link in Links(page).found if link.startswith("lab.html")] == [
        f"lab.html#lesson={name}" for name in NAMES
    ]
    assert "unbendLab" in (folder / "lab.html").read_text(encoding="utf-8")
    assert (folder / "lab.html").stat().st_size <= 450e3


def test_the_recordings_of_the_tour_open(toured):
    _, folder = toured
    runs = {path.stem: ub.load(path) for path in (folder / "recordings").iterdir()}
    assert {runs[f"curves-{name}"].score() >= 0.99 for name in ("sigmoid", "tanh", "relu")} == {True}
    assert runs["xor-threshold"].score() == 1.0


def test_one_lesson_in_one_language(tmp_path):
    done = call("--only", "xor", "--lang", "zh", "--out", "mine", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "条结论中有" in done.stdout
    page = (tmp_path / "mine" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page and "<script>" not in page
    assert "Exclusive or" not in page and "异或" in page


def test_a_claim_that_fails_ends_with_status_1(tmp_path, monkeypatch, capsys):
    def tell(names, commission):
        Place(tmp_path, ("en",))
        return iter([Told("xor", "<article></article>", claims=2, held=1, said="✗ wrong: 2")])

    monkeypatch.setattr(giving, "tell_lessons", tell)
    assert run(["tour", "--out", str(tmp_path), "--only", "xor", "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "✗ wrong: 2" in said and "1 of 2 claims hold" in said


def test_lessons_go_by_number_too_and_keep_their_order(tmp_path):
    numbers = ",".join(str(1 + NAMES.index(name)) for name in ("xor", "affine"))
    done = call("--only", numbers, "--quick", "--lang", "en", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "unbend-tour" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<article id="(\w+)">', page) == sorted(("xor", "affine"), key=NAMES.index)
    assert "<video" not in page and not list((tmp_path / "unbend-tour" / "films").iterdir())


def test_the_tour_is_light(toured):
    _, folder = toured
    assert (folder / "index.html").stat().st_size <= 2e6
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 40e6


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--only", "xro"], "there is no lesson 'xro'"),
        (["--only", "99"], "there is no lesson '99'"),
        (["--lang", "fr"], "'fr'"),
        (["--seed", "-1"], "-1"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["tour", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------- in Chromium, with the network off
@pytest.fixture
def page_at(browser, toured):
    """Opens the tour at a width and in a language; complaints of the browser fail the test."""
    complaints, contexts = [], []

    def open_page(width, lang):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto((toured[1] / "index.html").as_uri() + f"?lang={lang}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def scroll_through(page):
    page.evaluate(
        """async () => { for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
        scrollTo(0, y);
        await new Promise((go) => { requestAnimationFrame(go); setTimeout(go, 200); });  // without frames, no waiting
        } scrollTo(0, 0); }"""
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_shows_all_its_pictures_and_fits(page_at, width, lang):
    page = page_at(width, lang)
    scroll_through(page)
    page.wait_for_function(
        "[...document.images].filter(i => i.checkVisibility()).every(i => i.complete && i.naturalWidth > 0)"
    )
    drawings = "[...document.querySelectorAll('main svg')]"
    assert page.evaluate(f"{drawings}.length") >= 3
    assert page.evaluate(f"{drawings}.every(s => s.getBoundingClientRect().height > 100)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hidden = {"en": "zh-CN", "zh": "en"}[lang]
    assert page.evaluate(
        f"[...document.querySelectorAll('main [lang={hidden}]')].every(e => getComputedStyle(e).display === 'none')"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_film_plays(page_at, lang):
    page = page_at(1280, lang)
    films = page.evaluate(
        """async () => { const found = [];
        for (const film of [...document.querySelectorAll('video')].filter(v => v.checkVisibility())) {
          film.preload = 'auto'; await film.play(); film.pause();
          found.push([film.videoWidth, film.videoHeight, film.duration, film.currentSrc]); } return found; }"""
    )
    assert films
    for *size, seconds, source in films:
        assert size == [1280, 720]
        assert 2 < seconds < (30 if "perceptron" in source else 20)  # that one shows every mistake twice


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_accessible(page_at, width, lang):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    found = axe.Axe().run(page_at(width, lang))
    assert found.violations_count == 0, found.generate_report()


def test_switching_the_language_keeps_the_place_and_is_remembered(page_at):
    page = page_at(1280, "en")
    scroll_through(page)
    page.locator("#xor h2").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 500)")
    where = "[...document.querySelectorAll('.piece')].map(p => p.getBoundingClientRect().top).find(t => t > 60)"
    which = "[...document.querySelectorAll('.piece')].findIndex(p => p.getBoundingClientRect().bottom > 60)"
    before, piece = page.evaluate(where), page.evaluate(which)
    box = page.get_by_role("button", name="中文").bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)  # a locator's click would scroll first
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.evaluate(which) == piece
    assert abs(page.evaluate(where) - before) < 200
    page.goto(page.url.split("?")[0])
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_page_can_be_used_by_keyboard(page_at):
    page = page_at(1280, "en")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
