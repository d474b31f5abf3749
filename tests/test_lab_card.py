"""The card of the page: its numbers are those of Python's cards, and one can type a formula, be refused, and use it."""

import json
import math

import pytest

import unbend as ub
from lab_modules import page_folder, run_module
from unbend.activations import catalogue_names
from unbend.errors import UnbendError
from unbend.properties.groups import group

DESCRIBED = """
import { activation } from './activations.js';
import { describe, groupOf } from './describe.js';
import { warnings } from './card.js';
const infinite = (key, value) => Math.abs(value) === Infinity ? String(value) : value;
console.log(JSON.stringify(given.map(text => {
  const known = activation(text);
  return { ...describe(known), group: groupOf(known), warnings: Object.fromEntries(warnings(known)) };
}), infinite));
"""


def described(texts):
    return dict(zip(texts, run_module(DESCRIBED, list(texts)), strict=True))


@pytest.fixture(scope="module")
def catalogue():
    return described(catalogue_names())


def same(ours, theirs, tolerance=1e-6):
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(float(ours), float(theirs), rel_tol=tolerance, abs_tol=tolerance)


@pytest.mark.parametrize("name", catalogue_names())
def test_the_numbers_are_those_of_the_card_of_python(catalogue, name):
    found, card = catalogue[name], ub.card(name)
    assert all(map(same, found["range"], card.range))
    assert same(found["maxSlope"], card.max_gradient)
    assert same(found["mean"], card.mean_normal)
    assert same(found["gain"], card.gain_exact)
    assert found["direction"] == card.direction
    assert (found["odd"], found["even"]) == (card.odd, card.even)
    assert bool(found["jumps"]) == (card.smoothness == "discontinuous")
    for ours, theirs in zip(found["saturates"], card.saturates_from, strict=True):
        assert same(ours, theirs if theirs is None or abs(theirs) <= 12 else None, 0.03)  # sampled 64 times per unit
    exact = [zone for zone, is_exact in zip(card.dead_zone, card.dead_zone_exact, strict=True) if is_exact]
    joined = [zone for zone in exact if not any(zone[0] == other[1] for other in exact)]  # a step is flat on both sides
    ends = [next((b for a, b in exact if a == high), high) for _, high in joined]
    assert len(found["dead"]) == len(joined)
    for zone, (low, _), high in zip(found["dead"], joined, ends, strict=True):
        assert same(zone[0], low)
        assert same(zone[1], high)
    assert found["group"] == group(card)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("step", {"level": {}, "jumps": {"where": "0"}}),
        ("relu", {"dies": {"where": "x < 0"}}),
        ("max(x - 2, 0)", {"dies": {"where": "x < 2"}}),
        ("sigmoid", {"saturates": {"where": "x < −4.59, x > 4.59"}, "fades": {"slope": "0.25"}}),
        ("x**3", {"explodes": {}}),
        ("exp(x)", {"explodes": {}}),
        ("tanh(x)", {"saturates": {"where": "x < −3, x > 3"}}),
        ("gelu", {}),
        ("x*sigmoid(1.7*x)", {}),
        ("abs(x)", {"even": {}}),
        ("identity", {"straight": {}}),
        ("0*x + 3", {"constant": {}}),
        ("log(x)", {"unsound": {"x": "−10"}}),
        ("soft_shrink", {"dies": {"where": "−0.5 < x < 0.5"}}),
        ("hard_shrink", {"dies": {"where": "−0.5 < x < 0.5"}, "jumps": {"where": "−0.5, 0.5"}}),
    ],
)
def test_warnings(text, expected):
    found = described([text])[text]["warnings"]
    for name, values in expected.items():
        assert name in found
        for key, value in values.items():
            assert found[name][key] == value
    assert set(found) >= set(expected)
    if not expected:
        assert found == {}


# ---------------------------------------------------------------------- in the browser
PAGE = """<!doctype html><html lang="en"><title>card</title><link rel="stylesheet" href="style.css">
<body><main class="lab" data-theme="light"></main><script type="module">
import { cardPanel } from './card.js';
import { activation } from './activations.js';
import { makeNetwork } from './net.js';
const n = 300, inputs = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i));
const listeners = {};
const settings = { hidden: [4, 3], activations: ['tanh', 'relu'] };
const make = () => makeNetwork([2, 4, 3, 1], settings.activations.map(activation), 'sigmoid');
let network = make();
const parameters = Float64Array.from({ length: network.parameterCount }, (_, i) => 1.3 * Math.cos(3 * i));
const lab = window.lab = {
  language: 'en', settings, inputs, data: { n }, frame: { epoch: 0, parameters }, said: [],
  get network() { return network; },
  t: (text, values = {}) => text[lab.language].replace(/\\{(\\w+)\\}/g, (_, key) => values[key]),
  number: value => String(value).replace('-', '−'),
  on: (event, listener) => (listeners[event] ??= []).push(listener),
  tell: event => (listeners[event] ?? []).forEach(listener => listener()),
  change: changes => { Object.assign(settings, changes); network = make(); lab.tell('settings'); },
  say: text => lab.said.push(text),
  build: language => { lab.language = language; for (const key in listeners) delete listeners[key];
    document.querySelector('main').replaceChildren(cardPanel(lab)); },
};
lab.build('en');
</script>"""


@pytest.fixture
def page(browser):
    """The panel alone on a page, with a network of its own."""
    context = browser.new_context(viewport={"width": 430, "height": 1000})

    def serve(route):
        name = route.request.url.rsplit("/", 1)[1]
        kind = "text/html" if name == "card.html" else "text/css" if name.endswith(".css") else "text/javascript"
        body = PAGE if name == "card.html" else (page_folder() / name).read_text(encoding="utf-8")
        route.fulfill(status=200, content_type=f"{kind}; charset=utf-8", body=body)

    context.route("http://lab.test/**", serve)
    opened = context.new_page()
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    opened.goto("http://lab.test/card.html")
    opened.wait_for_selector("canvas[aria-label]")
    yield opened
    context.close()
    assert complaints == []


def field(page):
    return page.locator(".card input")


def settings(page):
    return page.evaluate("lab.settings.activations")


def ink(page):
    """What the picture shows."""
    return page.locator("canvas").screenshot()


def test_a_typed_formula_is_shown_while_typing_and_used_by_enter(page):
    before = ink(page)
    field(page).fill("x*sigmoid(1.7*x)")
    assert ink(page) != before
    assert settings(page) == ["tanh", "relu"]
    label = page.locator("canvas").get_attribute("aria-label")
    assert label.startswith("x*sigmoid(1.7*x): values −0.1638 … ∞, slopes −0.09984 … 1.1")
    field(page).press("Enter")
    assert settings(page) == ["x*sigmoid(1.7*x)"] * 2
    assert page.evaluate("lab.said") == ["The hidden layers now use x*sigmoid(1.7*x)."]


def test_a_refusal_stands_below_the_field_in_the_words_of_python(page):
    field(page).fill("x^2")
    with pytest.raises(UnbendError) as caught:
        ub.card("x^2")
    reason, *place = str(caught.value).split("\n")
    assert page.locator(".fault p").inner_text() == f"⚠ {reason}"
    assert page.locator(".fault pre").text_content().split("\n") == place
    assert field(page).get_attribute("aria-invalid") == "true"
    assert page.locator(".card button").is_disabled()
    field(page).press("Enter")
    assert settings(page) == ["tanh", "relu"]
    field(page).fill("x**2")
    assert page.locator(".fault").is_hidden()
    assert "grows faster" in page.locator(".warnings").inner_text()


def test_a_name_is_chosen_for_one_layer(page):
    page.get_by_label("for layer").select_option(index=2)
    assert field(page).input_value() == "relu"
    page.get_by_label("One that is known").select_option("gelu")
    assert page.locator(".facts").inner_text().count("\n") > 8
    page.get_by_role("button", name="use it").click()
    assert settings(page) == ["tanh", "gelu"]
    assert sum(page.locator("optgroup").nth(k).locator("option").count() for k in range(7)) == len(catalogue_names())


def test_the_histogram_follows_the_frame(page):
    before, said = ink(page), page.locator("canvas").get_attribute("aria-label")
    page.evaluate("lab.frame = { epoch: 1, parameters: lab.frame.parameters.map(v => 9 * v) }; lab.tell('frame')")
    page.wait_for_function(f"document.querySelector('canvas').ariaLabel !== {json.dumps(said)}")
    assert ink(page) != before
    shares = [
        int(text.replace("\u00a0", " ").split(" %")[0].rsplit(" ", 1)[1])
        for text in (said, page.locator("canvas").get_attribute("aria-label"))
    ]
    assert shares[1] > shares[0]


def test_a_change_of_language_keeps_what_is_typed(page):
    field(page).fill("sin(")
    page.evaluate("lab.build('zh')")
    assert field(page).input_value() == "sin("
    assert page.get_by_role("button", name="使用").is_disabled()
    field(page).fill("relu")
    assert "完全平坦" in page.locator(".warnings").inner_text()


def test_the_panel_is_accessible(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    field(page).fill("x^2")
    found = axe.Axe().run(page, context=".card").response["violations"]
    assert found == [], found
