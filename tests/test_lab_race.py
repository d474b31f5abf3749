"""The race of the page: its statistics against SciPy, its contestants against the page's own run and against Python."""

import numpy as np
import pytest
from scipy import stats

from lab_modules import page_folder, run_module
from unbend.activations import activation
from unbend.lab.link import link
from unbend.network import Network, initialise
from unbend.training import Recipe
from unbend.training.reference import reference_train

ODDS = """
import { median, signTest, wilson } from './odds.js';
const plain = value => Number.isFinite(value) ? value : String(value);
console.log(JSON.stringify({
  wilson: given.shares.map(([k, n]) => wilson(k, n)),
  sign: given.pairs.map(([one, other]) => signTest(one, other)),
  median: given.values.map(values => median(values.map(Number)).map(plain)),
}));
"""


def test_the_statistics_are_those_of_scipy():
    rng = np.random.default_rng(0)
    shares = [(k, n) for n in (1, 7, 64, 1000) for k in sorted({0, 1, n // 3, n - 1, n})]
    pairs = [(0, 0), (0, 1), (5, 5), (0, 6), (3, 17), (64, 0), (20, 44), (31, 33)]
    values = [rng.exponential(size=n).round(3).tolist() for n in (1, 5, 6, 7, 9, 17, 63, 64, 65, 200)]
    values.append([*range(40), *["Infinity"] * 24])
    found = run_module(ODDS, {"shares": shares, "pairs": pairs, "values": values})
    for (k, n), interval in zip(shares, found["wilson"], strict=True):
        expected = stats.binomtest(k, n).proportion_ci(method="wilson")
        assert interval == pytest.approx([expected.low, expected.high], abs=1e-12)
    for (one, other), p in zip(pairs, found["sign"], strict=True):
        expected = stats.binomtest(one, one + other).pvalue if one + other else 1.0
        assert p == pytest.approx(expected, rel=1e-9)
    for given, answer in zip(values, found["median"], strict=True):
        ours = [float(value) for value in answer]
        given = np.array(given, float)
        interval = stats.quantile_test(given, p=0.5).confidence_interval(0.95)
        low, high = (-np.inf, np.inf) if np.isnan(interval.low) else interval
        assert ours == pytest.approx([np.median(given), low, high])


def test_published_values():
    # intervals: Newcombe (1998), table I, method 3; six of six on one side have p = 2 / 2**6
    shares = {(81, 263): [0.2553, 0.3662], (15, 148): [0.0624, 0.1605], (0, 20): [0, 0.1611], (1, 29): [0.0061, 0.1718]}
    found = run_module(ODDS, {"shares": list(shares), "pairs": [[6, 0]], "values": []})
    assert found["wilson"] == [pytest.approx(ends, abs=5.1e-5) for ends in shares.values()]
    assert found["sign"] == [2 / 2**6]


# ---------------------------------------------------------------------- the panel beside a real run
STAND_IN = """
import { h } from './dom.js';
import { racePanel } from './race.js';
import { makeLab } from './run.js';
import { decodeState } from './state.js';
import { work as runWorker } from './worker.js';

export function work() { runWorker(); }

export function open(place, address, language) {
  const lab = makeLab({ setState() {} }, { ...decodeState(address), language });
  lab.said = [];
  lab.say = text => { lab.said.push(text); };
  lab.rebuild = () => {
    lab.forgetListeners();
    place.replaceChildren(racePanel(lab));
  };
  lab.rebuild();
  return lab;
}
"""
PAGE = """<!doctype html><html lang="en"><title>race</title><style>{style}</style>
<body><main class="lab" data-theme="{theme}"></main></body></html>"""
OPEN = "given => { window.lab = unbendLab().open(document.querySelector('main'), ...given); }"
XOR = "data=xor&n=40&noise=0.2&test=0.3&hidden=4&act=tanh&lr=0.3&batch=7&seed=5"


@pytest.fixture
def open_race(browser):
    """Opens the panel beside a run of the page's own; any complaint of the browser fails the test at its end."""
    complaints = []
    pages = []

    def opened(address=XOR, language="en", width=1280, theme="light"):
        page = browser.new_page(viewport={"width": width, "height": 1000})
        pages.append(page)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.set_content(PAGE.format(style=(page_folder() / "style.css").read_text(encoding="utf-8"), theme=theme))
        modules = {path.stem: path.read_text(encoding="utf-8") for path in page_folder().glob("*.js")}
        page.add_script_tag(content=link(modules | {"stand-in": STAND_IN}, "stand-in"))
        page.evaluate(OPEN, [address, language])
        page.wait_for_function("lab.contest.runners.length > 0")
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []


def race(page, epochs, names=("relu", "tanh", "sigmoid"), level=0.95):
    """Race these activations so many epochs; where each stands then."""
    page.evaluate("given => { Object.assign(lab.contest, given); lab.contest.refresh(); lab.contest.play(); }",
                  {"until": epochs, "names": list(names), "level": level})  # fmt: skip
    page.wait_for_function("!lab.contest.running")
    return page.evaluate("""lab.contest.runners.map(({ name, frame, start, solvedAt, divergedAt, losses }) => (
      { ...frame, name, solvedAt, divergedAt, losses, parameters: [...frame.parameters], start: [...start.parameters] }
    ))""")


def count(page):
    """Count all contestants; by name, the epochs in which the seeds are solved, infinite for those that are not."""
    page.evaluate("lab.contest.count()")
    page.wait_for_function("!lab.contest.counting")
    found = page.evaluate("[...lab.contest.counts].map(([name, epochs]) => [name, epochs.map(String)])")
    return {name: np.array([float(epoch.replace("Infinity", "inf")) for epoch in epochs]) for name, epochs in found}


def verdict(page):
    """What is told once the panel has been seen, and drawn what it holds now."""
    page.wait_for_selector("[aria-live] p", state="attached")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator("[aria-live] p").all_inner_texts()


def by_reference(page, name, seeds, epochs):
    """The float64 reference of Python on the rows that the page trains on: epoch by epoch the networks of all seeds."""
    x, y = page.evaluate("[[...lab.inputs], [...lab.data.y]]")
    recipe = Recipe(
        loss="binary_cross_entropy", learning_rate=0.3, batch_size=7, epochs=epochs, keep="all", shuffle_seed=0
    )
    network = Network((2, 4, 1), (activation(name),), "sigmoid")
    rates = np.full(len(seeds), 0.3)
    return reference_train(
        np.reshape(x, (-1, 2)), np.array(y), network, recipe, initialise(network, np.array(seeds)), rates
    )


def solved_at(metric, level=0.95):
    """For each network of (epochs + 1, P) the first epoch with this accuracy, infinite if there is none."""
    reached = metric >= level
    return np.where(reached.any(axis=0), reached.argmax(axis=0), np.inf)


def test_the_contestant_of_the_main_run_is_the_main_run(open_race):
    page = open_race()
    page.evaluate("lab.show({ stopEpoch: 40 }); lab.play()")
    page.wait_for_function("!lab.playing && lab.frame.epoch === 40")
    main = page.evaluate(
        "({ ...lab.frame, parameters: [...lab.frame.parameters], first: [...lab.frames[0].parameters] })"
    )
    runners = race(page, 40)
    assert [runner["name"] for runner in runners] == ["relu", "tanh", "sigmoid"]
    assert all(runner["start"] == main["first"] for runner in runners)
    tanh = runners[1]
    assert tanh["parameters"] == main["parameters"] and tanh["parameters"] != main["first"]
    assert (tanh["epoch"], tanh["step"], tanh["loss"], tanh["metric"]) == (40, 160, main["loss"], main["metric"])


def test_the_race_is_that_of_python(open_race):
    page = open_race()
    for runner in race(page, 60):
        trained = by_reference(page, runner["name"], [5], 60)
        np.testing.assert_allclose(runner["parameters"], trained.weights[-1, 0], rtol=1e-9, atol=1e-9)
        expected = solved_at(trained.metric)[0]
        assert runner["solvedAt"] == (None if expected == np.inf else expected)
        epochs, losses = np.reshape(runner["losses"], (-1, 2)).T
        assert len(epochs) > 20 and epochs[-1] == 60
        np.testing.assert_allclose(losses, trained.loss[epochs.astype(int), 0], rtol=1e-9)


def test_the_seeds_are_those_of_python(open_race):
    """Seed by seed the same epoch as in Python's reference of float64."""
    page = open_race()
    race(page, 60)
    found = count(page)
    assert list(found) == ["relu", "tanh", "sigmoid"]
    for name, epochs in found.items():
        expected = solved_at(by_reference(page, name, range(64), 60).metric)
        assert np.array_equal(epochs, expected), name
    solved = {name: int(np.isfinite(epochs).sum()) for name, epochs in found.items()}
    assert 0 < solved["tanh"] < 64  # or there would be nothing to tell apart
    lines = verdict(page)
    for line, (name, k) in zip(lines, solved.items(), strict=False):
        interval = stats.binomtest(k, 64).proportion_ci(method="wilson")
        low, high = (round(100 * end) for end in interval)
        assert line.startswith(f"{name}: {k} of 64 solve it within 60 epochs (95 % interval {low} to {high} %)")
    cells = page.locator("canvas.seeds").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert cells == [f"{name}: {k} of 64 seeds solved" for name, k in solved.items()]


PLANTED = """given => {
  for (const [name, epochs] of given) lab.contest.counts.set(name, epochs.map(Number));
  lab.contest.names = given.map(([name]) => name);
  lab.contest.refresh();
  for (const [name, epochs] of given) lab.contest.counts.set(name, epochs.map(Number));
  lab.contest.changed();
}"""
EARLY = [10] * 64
OFTEN = [30] * 50 + ["Infinity"] * 14
RARELY = ["Infinity"] * 40 + [30] * 5 + ["Infinity"] * 19
# eight seeds against one: p = 0.039 for a single test, but there are two
NEARLY, NEARLY_NOT = [9] * 8 + ["Infinity"] + [9] * 55, ["Infinity"] * 8 + [9] + [9] * 55


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"relu": OFTEN, "tanh": RARELY}, "relu solves it more often than tanh (p < 0.001)."),
        ({"relu": OFTEN, "tanh": OFTEN}, "relu is not told apart from tanh (p = 1)."),
        ({"relu": [20] * 64, "tanh": EARLY}, "tanh solves it sooner than relu (p < 0.001)."),
        ({"relu": [12] * 64, "tanh": [10] * 63 + ["Infinity"]}, "relu solves it later than tanh (p < 0.001)."),
        (
            {"relu": NEARLY, "tanh": NEARLY_NOT},
            f"relu is not told apart from tanh (p = {2 * stats.binomtest(1, 9).pvalue:.2g}).",
        ),
    ],
)
def test_what_is_told_apart(open_race, counts, sentence):
    page = open_race()
    page.evaluate(PLANTED, list(counts.items()))
    assert verdict(page)[-2:-1] == [sentence]


def test_one_that_diverges_does_not_stop_the_others(open_race):
    page = open_race("data=sine&n=60&test=0.3&hidden=4&act=tanh&lr=0.3&batch=none&init=normal&gain=40")
    page.evaluate("lab.show({ speed: 10 })")
    cube, tanh = race(page, 300, ["cube", "tanh"], 0.5)
    assert cube["divergedAt"] < 300 and tanh["divergedAt"] is None
    assert tanh["epoch"] == 300
    assert f"✗ diverged at epoch {cube['divergedAt']}" in page.locator(".runner").first.inner_text()
    found = count(page)  # its first seed diverges, too
    assert np.isinf(found["cube"]).all() and np.isfinite(found["tanh"]).any()


def test_counting_is_seen_while_it_goes_on_and_can_be_stopped(open_race):
    page = open_race("data=spiral&n=400&hidden=8,8,8&act=tanh&lr=0.03&batch=10")
    page.evaluate("lab.contest.until = 2000; lab.contest.level = 0.8; lab.contest.refresh()")
    page.get_by_role("button", name="How often? 64 seeds each").click()
    page.wait_for_function(
        "[...lab.contest.counts.values()].some(epochs => epochs.some(isNaN) && epochs.some(isFinite))", timeout=60000
    )
    assert verdict(page)[-1].startswith("Counting relu: ")
    page.get_by_role("button", name="Stop counting").click()
    assert page.evaluate("lab.contest.counting") == ""
    assert verdict(page) == ["A race is one seed, and luck has its part in it; what counts is how often."]


def test_the_race_starts_anew_only_where_it_must(open_race):
    page = open_race()
    race(page, 20)
    count(page)
    page.evaluate("lab.change({ activations: ['relu'] })")
    page.wait_for_timeout(100)
    assert page.evaluate("lab.contest.runners[0].frame.epoch") == 20
    page.evaluate("lab.language = 'zh'; lab.rebuild()")
    assert "（95% 区间" in verdict(page)[0]
    page.evaluate("lab.change({ seed: 9 })")
    page.wait_for_function("lab.contest.runners[0].frame === null")
    assert page.evaluate("lab.contest.counts.size") == 3
    page.evaluate("lab.change({ learning_rate: 0.01 })")
    page.wait_for_function("lab.contest.counts.size === 0")


def shown_at_last(page, *names):
    """Wait until the last cards are those of these names."""
    shown = "[...document.querySelectorAll('.runner h3')].map(one => one.textContent)"
    page.wait_for_function(f"names => {shown}.slice(-names.length).join() === names.join()", arg=list(names))


def test_contestants_come_and_go(open_race):
    page = open_race()
    field = page.get_by_label("or a formula in x")
    field.fill("x*sigmoid(1.7*x)")
    field.press("Enter")
    shown_at_last(page, "relu", "tanh", "sigmoid", "gelu", "sine", "x*sigmoid(1.7*x)")
    assert field.count() == 0  # six are the most
    page.get_by_role("button", name="Take sine out").click()
    shown_at_last(page, "gelu", "x*sigmoid(1.7*x)")
    page.get_by_label("Add").select_option("softplus")
    shown_at_last(page, "x*sigmoid(1.7*x)", "softplus")
    page.get_by_role("button", name="Take relu out").click()
    shown_at_last(page, "tanh", "sigmoid", "gelu", "x*sigmoid(1.7*x)", "softplus")
    field.fill("<img src=x onerror=alert(1)>")
    field.press("Enter")
    assert page.evaluate("lab.said.length") == 1
    assert page.locator("img").count() == 0 and page.locator(".runner").count() == 5


def test_the_panel_can_be_reached_before_it_is_seen(open_race):
    page = open_race()
    page.evaluate("document.body.style.paddingTop = '4000px'; lab.rebuild()")
    page.wait_for_timeout(200)
    assert (
        page.locator(".runner .small-map").evaluate_all("all => all.map(one => one.width)") == [300] * 10
    )  # unpainted
    page.get_by_role("button", name="Start the race").focus()
    page.wait_for_function("[...document.querySelectorAll('.runner .small-map')].every(one => one.width < 300)")


@pytest.mark.parametrize("name", ["sine", "iris", "blobs", "plane", "own"])
def test_all_kinds_of_data_race(open_race, name):
    page = open_race(f"data={name}&hidden=4,3&act=tanh")
    values = page.evaluate("lab.data.task") == "regression"
    runners = race(page, 10, level=0.9)
    assert all(runner["epoch"] == 10 and np.isfinite(runner["loss"]) for runner in runners)
    assert ("R² " in page.locator(".runner").first.inner_text()) == values
    colours = page.locator(".runner .small-map").evaluate_all("""all => all.map(canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
    })""")
    assert len(colours) == 6 and min(colours) > 10


@pytest.mark.parametrize(("width", "theme", "language"), [(390, "light", "zh"), (1280, "dark", "en")])
def test_the_panel_is_accessible(open_race, width, theme, language):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = open_race(XOR, language, width, theme)
    race(page, 20)
    count(page)
    page.wait_for_timeout(100)
    found = axe.Axe().run(page, context=".race").response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
