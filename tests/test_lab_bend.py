"""The bend slider in a headless browser, with the page's own context: what it says, what it shows, what it keeps."""

import io

import numpy as np
import pytest
from PIL import Image

import unbend as ub
from unbend.lab.document import modules
from unbend.lab.link import link

ALONE = """
import { bendPanel } from './bend-panel.js';
import { makeLab } from './run.js';
import { DEFAULTS } from './state.js';
import { STYLE } from './style.js';
import { work as runWorker } from './worker.js';
export function work() {
  runWorker();
}
export function open(el, { settings = {}, view = {}, language = 'en' }) {
  const host = { kind: 'file', save() {}, setState() {}, ask: null, pageText: () => null };
  const given = { settings: { ...DEFAULTS.settings, ...settings }, view: { ...DEFAULTS.view, ...view }, language };
  const lab = makeLab(host, { ...DEFAULTS, ...given });
  const root = document.createElement('div');
  root.className = 'lab';
  root.dataset.theme = lab.view.theme;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  el.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
  el.shadowRoot.append(root);
  root.append(bendPanel(lab));
  return lab;
}
"""
PAGE = "<!doctype html><html lang='en'><title>bend</title><body style='margin: 0'><div id='here'></div></body></html>"


@pytest.fixture(scope="module")
def script():
    return link(modules() | {"alone": ALONE}, "alone")


@pytest.fixture
def open_panel(browser, script):
    """Opens the panel alone, in a context like the page's; `window.lab` is the context."""
    context = browser.new_context(viewport={"width": 640, "height": 800})
    context.set_offline(True)
    complaints = []

    def opened(weights=None, width=640, motion="no-preference", **start):
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(reduced_motion=motion)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.set_content(PAGE)
        page.add_script_tag(content=script)
        page.evaluate("start => { window.lab = unbendLab().open(document.getElementById('here'), start); }", start)
        if weights is not None:
            page.evaluate("weights => lab.setParameters(Float64Array.from(weights))", weights)
        page.wait_for_function("document.getElementById('here').shadowRoot.querySelector('.bending p').textContent")
        return page

    yield opened
    context.close()
    assert complaints == []


def trained(data, hidden, activation, epochs=60, seed=0, **more):
    """The flat weights of a run of Python, and the settings that go with them in the page."""
    run = ub.train(data, hidden=hidden, activation=activation, epochs=epochs, seed=seed, learning_rate=0.05, **more)
    settings = {"hidden": list(hidden), "activations": [activation] * len(hidden)}
    return run, run.network.flatten(run.weights()).astype(float).tolist(), settings


def toy(name, n, noise=0.1, test=0):
    return {"name": name, "n": n, "noise": noise, "seed": 0, "test": test}


def move(page, at):
    """Put the slider there, as a hand does."""
    page.get_by_role("slider").evaluate(
        "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input')); }", str(at)
    )
    settle(page)


def settle(page):
    """Two pictures later everything is painted."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def said(page):
    return page.locator(".bending p").text_content()


def picture(page):
    return page.locator("canvas.bend").evaluate("canvas => canvas.toDataURL()")


def colours(page):
    """(height, width, 3) what the canvas looks like."""
    shot = page.locator("canvas.bend").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def straightness(page):
    """By how many pixels all that is black on the canvas misses the best straight line."""
    y, x = np.nonzero(colours(page).max(axis=2) < 40)
    off = np.column_stack([x - x.mean(), y - y.mean()])
    return float(np.linalg.svd(off)[1][1] / np.sqrt(len(x)))


# ---------------------------------------------------------------------- what is said
PARTS = (
    "The input", "Layer 1: the weights W turn", "Layer 1: the biases b shift", "Layer 1: tanh bends", "Behind layer 1",
    "Layer 2: the weights W turn", "Layer 2: the biases", "Layer 2: tanh bends", "is one straight line now",
)  # fmt: skip


def test_every_part_says_what_happens_and_the_line_is_straight_at_the_end(open_panel):
    _, weights, settings = trained(ub.data.ring(n=200, seed=0), (8, 3), "tanh", epochs=200)
    page = open_panel(weights, settings={**settings, "data": toy("ring", 200)})
    sentences = []
    for at in (0, 0.1, 0.4, 0.9, 1, 1.2, 1.5, 1.9, 2):
        move(page, at)
        sentences.append(said(page))
    for text, part in zip(sentences, PARTS, strict=True):
        assert part in text
    assert "% of the variance is seen here" in sentences[3]  # of eight units
    assert page.evaluate("lab.view.bend") == 2
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == sentences[-1]


def test_chinese_speaks_of_the_same(open_panel):
    page = open_panel(settings={"hidden": [2], "activations": ["relu"], "data": toy("xor", 40)}, language="zh")
    move(page, 0.9)
    assert "relu 在弯曲" in said(page)
    move(page, 0)
    assert "这是输入" in said(page)


@pytest.mark.parametrize(
    ("data", "activations", "hidden", "features", "first", "last"),
    [
        ("xor", [], [], None, "nothing bends", "nothing bends"),
        ("blobs", ["tanh"], [2], None, "The input", "straight lines now"),
        ("sine", ["tanh"], [3], ["x"], "equal prediction", "parallel straight lines"),
        ("ring", ["tanh"], [2], ["x1^2", "x2^2", "x1*x2"], "chosen features", "last space"),
        ("ring", ["identity"], [3], ["x1", "x1*x2", "x2"], "The input", "last space"),
        ("ring", ["relu", "step"], [8, 8], None, "The input", "last space"),
    ],
)
def test_every_kind_of_data_and_network_goes_through(open_panel, data, activations, hidden, features, first, last):
    chosen = {} if features is None else {"features": features}
    page = open_panel(settings={"hidden": hidden, "activations": activations, "data": toy(data, 60), **chosen})
    assert first in said(page)
    layers = len(hidden)
    for at in np.linspace(0, layers, 4 * layers + 1):
        move(page, round(float(at), 2))
        assert len(np.unique(colours(page).reshape(-1, 3), axis=0)) > 20  # not blank
    assert last in said(page)


# ---------------------------------------------------------------------- what is shown
def test_the_end_of_the_slider_shows_pythons_line_as_a_line(open_panel):
    run, weights, settings = trained(ub.data.curves(n=120, seed=0), (2,), "tanh", epochs=600)
    page = open_panel(weights, settings={**settings, "data": toy("curves", 120)})
    page.evaluate("lab.show({ grid: false })")
    move(page, 1)
    assert straightness(page) < 1.5
    move(page, 0)
    assert straightness(page) > 5
    assert ub.warp(run).line is not None


def test_the_axes_stand_still_while_the_weights_change_a_little_until_fit(open_panel):
    _, weights, settings = trained(ub.data.xor(n=80, seed=0), (3,), "tanh", epochs=40)
    page = open_panel(weights, settings={**settings, "data": toy("xor", 80)}, view={"bend": 1})
    page.evaluate("lab.show({ grid: false, bend: 1 })")
    settle(page)
    grey = np.array((89, 98, 106))  # the numbers at the axes

    def axes():
        return (np.abs(colours(page) - grey).max(axis=2) <= 20).nonzero()[0].tolist()

    before = axes()
    smaller = [0.93 * weight for weight in weights]
    page.evaluate("weights => lab.setParameters(Float64Array.from(weights))", smaller)
    settle(page)
    assert axes() == before
    page.get_by_role("button", name="Fit").click()
    settle(page)
    assert axes() != before


def test_the_hovered_point_is_ringed_here_and_asked_for_from_here(open_panel):
    page = open_panel(settings={"hidden": [2], "activations": ["tanh"], "data": toy("xor", 4, noise=0)})
    plain = picture(page)
    page.evaluate("lab.setHover(2)")
    assert picture(page) != plain
    page.evaluate("lab.setHover(null)")
    box = page.locator("canvas.bend").bounding_box()
    for x in np.linspace(5, box["width"] - 5, 60):
        page.mouse.move(box["x"] + x, box["y"] + x)
        if page.evaluate("lab.hover") is not None:
            break
    assert page.evaluate("lab.hover") is not None


def test_running_through_ends_at_the_last_layer(open_panel):
    page = open_panel(settings={"hidden": [2], "activations": ["tanh"], "data": toy("xor", 40)})
    page.evaluate("window.seen = []; lab.on('view', () => seen.push(lab.view.bend))")
    page.get_by_role("button", name="Run through").click()
    assert page.get_by_role("button", name="Stop").is_visible()
    page.wait_for_function("lab.view.bend === 1")
    page.get_by_role("button", name="Run through").wait_for()
    seen = page.evaluate("seen")
    assert seen == sorted(seen)
    assert len(seen) > 10


def test_who_wants_less_motion_sees_the_parts_one_after_another(open_panel):
    page = open_panel(settings={"hidden": [2], "activations": ["tanh"], "data": toy("xor", 40)}, motion="reduce")
    page.evaluate("window.seen = []; lab.on('view', () => seen.push(lab.view.bend))")
    page.get_by_role("button", name="Run through").click()
    page.wait_for_function("lab.view.bend === 1")
    assert np.round(page.evaluate("seen"), 3).tolist() == [0, 0.333, 0.667, 1]


def test_it_follows_the_training(open_panel):
    page = open_panel(
        settings={"hidden": [4], "activations": ["tanh"], "data": toy("xor", 80), "learning_rate": 0.3},
        view={"bend": 0.9},
    )
    before = picture(page)
    page.evaluate("lab.play()")
    page.wait_for_function("lab.frame.epoch > 20")
    page.evaluate("lab.pause()")
    settle(page)
    assert picture(page) != before
    assert page.evaluate("lab.view.bend") == 0.9


def test_it_needs_no_more_than_a_phone(open_panel):
    page = open_panel(width=390, settings={"hidden": [2, 2], "activations": ["tanh", "tanh"], "data": toy("xor", 40)})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("lab.view.bend") == pytest.approx(0.03)
