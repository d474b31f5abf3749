"""The race of the page: its statistics against SciPy, its contestants against the page's own run and against Python."""

import numpy as np
import pytest
from scipy import stats

from lab_modules import page_folder, run_module
from unbend.lab.link import link

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
PAGE = "<!doctype html><html lang='en'><title>race</title><style>{style}</style><body><main class='lab' data-theme='{theme}'></main></body></html>"
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
        page.evaluate(
            "([address, language]) => { window.lab = unbendLab().open(document.querySelector('main'), address, language); }",
            [address, language],
        )
        page.wait_for_function("lab.contest.runners.length > 0")
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []
