"""The worker of the page: it trains what the trainer trains, stops where it should, and waits for a slow page."""

import pytest

from lab_modules import page_folder, run_module
from unbend.lab.link import link
from unbend.training import Recipe

ENTRY = """
import { activation } from './activations.js';
import { inputsOf, makeData } from './data.js';
import { initialise } from './initializers.js';
import { networkOf } from './shape.js';
import { makeTrainer } from './trainer.js';
import { startWorker, work as trainInside } from './worker.js';

const SETTINGS = {
  data: { name: 'xor', n: 60, noise: 0.2, seed: 1, test: 0.2 }, features: ['x1', 'x2'], hidden: [3],
  activations: ['tanh'], init: 'glorot_normal', gain: null, loss: 'binary_cross_entropy', optimizer: 'sgd',
  learning_rate: 0.2, momentum: 0, weight_decay: 0, l1: 0, batch_size: 10, seed: 0, shuffle_seed: 0,
};

export function work() { trainInside(); }

function prepared(changes) {
  const settings = { ...SETTINGS, ...changes }, data = makeData(settings.data);
  const inputs = inputsOf(data, data.x, data.n, settings.features);
  const testInputs = inputsOf(data, data.test.x, data.test.n, settings.features);
  return { settings, data, inputs, testInputs };
}

/** A trainer of its own, for comparison. */
export function alone(changes) {
  const { settings, data, inputs, testInputs } = prepared(changes), network = networkOf(settings, data);
  const parameters = initialise(network, settings.init, settings.gain, settings.seed);
  return makeTrainer(network, settings, data, inputs, testInputs, { parameters });
}

/** A group in the worker; `seen` grows with its reports, which are taken at once unless `holds`. */
export function group(lanes, version = 1) {
  const client = startWorker(), seen = { client, reports: [], faults: [], holds: false };
  client.onreport = report => {
    seen.reports.push(report);
    if (!seen.holds) client.taken();
  };
  client.onfault = fault => seen.faults.push(fault);
  seen.start = (lanes, version) => {
    const all = lanes.map(prepared), [{ data, inputs, testInputs }] = all;
    const starts = all.map(({ settings }, i) => {
      const made = lanes[i].parameters ?? alone({ ...lanes[i], activations: ['tanh'] }).parameters;
      return { settings, parameters: made, epoch: 0, step: 0 };
    });
    client.start({ version, data, inputs, testInputs, starts });
  };
  seen.start(lanes, version);
  seen.frames = lane => seen.reports.flatMap(report => report.lanes[lane].frames);
  return seen;
}

export const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

/** Waits until something is so. */
export async function until(so) {
  for (const start = performance.now(); !so(); await sleep(5)) {
    if (performance.now() - start > 30_000) throw new Error(`waited in vain for ${so}`);
  }
}

export const plain = ({ parameters, ...frame }) => ({ ...frame, parameters: Array.from(parameters) });

/** The weights and measures of a trainer after so many epochs. */
export function after(changes, epochs) {
  const trainer = alone(changes);
  trainer.runEpochs(epochs);
  const { epoch, step, parameters } = trainer;
  return plain({ epoch, step, parameters, ...trainer.measure() });
}
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">{policy}<title>lab</title><body><script>
{script}
Object.assign(window, unbendLab());
</script></body></html>"""
NO_WORKER = {
    "worker": "",
    "forbidden": "<meta http-equiv='Content-Security-Policy' content=\"worker-src 'none'\">",
    "absent": "<script>delete window.Worker;</script>",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    modules = {path.stem: path.read_text(encoding="utf-8") for path in page_folder().glob("*.js")}
    script = link(modules | {"stand-in": ENTRY}, "stand-in")
    made = tmp_path_factory.mktemp("worker")
    for name, policy in NO_WORKER.items():
        (made / f"{name}.html").write_text(PAGE.format(policy=policy, script=script), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def pages(browser, folder):
    context = browser.new_context(offline=True)
    opened = {}

    def page(name):
        if name not in opened:
            opened[name] = context.new_page()
            opened[name].goto((folder / f"{name}.html").as_uri())
        return opened[name]

    yield page
    context.close()


@pytest.fixture
def run(pages):
    """Runs the body of an asynchronous function in the page with the worker."""
    return lambda body, name="worker": pages(name).evaluate(f"async () => {{ {body} }}")


def assert_rising(frames):
    steps = [frame["step"] for frame in frames]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize("name", NO_WORKER)
def test_it_trains_what_a_trainer_trains_and_stops_at_the_epoch(run, name):
    answer = run(
        """
        const seen = group([{}]);
        seen.client.stopAt(70, null);
        seen.client.play(0);
        await until(() => seen.reports.at(-1)?.stopped);
        const frames = seen.frames(0).map(plain), expected = frames.map(({ epoch }) => after({}, epoch));
        const { stopped, version } = seen.reports.at(-1);
        seen.client.stop();
        return { frames, expected, stopped, version, faults: seen.faults };
        """,
        name,
    )
    assert answer["frames"] == answer["expected"] and answer["frames"][-1]["epoch"] == 70
    assert (answer["stopped"], answer["version"], answer["faults"]) == ("epoch", 1, [])
    epochs = [frame["epoch"] for frame in answer["frames"]]
    assert {*Recipe(loss="squared", epochs=70).kept_epochs()} - {0} <= {*epochs}
    assert_rising(answer["frames"])


@pytest.mark.parametrize("name", ["worker", "forbidden"])
def test_a_pause_falls_on_an_epoch_and_nothing_comes_after_it(run, name):
    answer = run(
        """
        const seen = group([{}]);
        seen.client.play(0);
        await until(() => seen.reports.length > 3);
        seen.client.pause();
        await sleep(150);
        const count = seen.reports.length, frames = seen.frames(0).map(plain), last = frames.at(-1);
        await sleep(150);
        const later = seen.reports.length;
        seen.client.play(10);
        await until(() => seen.reports.length > later);
        seen.client.stop();
        const next = seen.reports[later].lanes[0].frames.at(-1).epoch;
        return { frames, last, expected: after({}, last.epoch), count, later, next };
        """,
        name,
    )
    assert answer["last"] == answer["expected"] and answer["last"]["step"] == 5 * answer["last"]["epoch"]  # 48 rows
    assert answer["count"] == answer["later"]
    assert answer["next"] == answer["last"]["epoch"] + 10
    assert_rising(answer["frames"])


@pytest.mark.parametrize("speed", [1, 10, 100])
def test_a_picture_shows_just_so_many_epochs_more(run, speed):
    epochs = run(
        f"""
        const seen = group([{{}}]);
        seen.client.play({speed});
        await until(() => seen.reports.length > 3);
        seen.client.stop();
        return seen.reports.map(report => report.lanes[0].frames.at(-1).epoch);
        """
    )
    assert epochs == [speed * (i + 1) for i in range(len(epochs))]


@pytest.mark.parametrize("speed", [0, 10])
def test_the_next_report_waits_until_the_last_is_taken(run, speed):
    answer = run(
        f"""
        const seen = group([{{}}]);
        seen.holds = true;
        seen.client.play({speed});
        await sleep(300);
        const before = seen.reports.length;
        seen.client.taken();
        await until(() => seen.reports.length > before);
        await sleep(100);
        seen.client.stop();
        return {{ before, after: seen.reports.length, frames: seen.frames(0).map(plain) }};
        """
    )
    assert (answer["before"], answer["after"]) == (1, 2)
    epochs = [frame["epoch"] for frame in answer["frames"]]
    assert {*Recipe(loss="squared", epochs=max(epochs)).kept_epochs()} - {0} <= {*epochs}  # none is lost meanwhile
    assert_rising(answer["frames"])


def test_it_stops_at_the_first_epoch_whose_loss_is_low_enough(run):
    answer = run(
        """
        const seen = group([{}]);
        seen.client.stopAt(null, 0.4);
        seen.client.play(0);
        await until(() => seen.reports.at(-1)?.stopped);
        seen.client.stop();
        const trainer = alone({});
        while (trainer.measure().loss > 0.4) trainer.runEpochs(1);
        return { stopped: seen.reports.at(-1).stopped, epoch: seen.frames(0).at(-1).epoch, expected: trainer.epoch };
        """
    )
    assert answer["stopped"] == "loss" and answer["epoch"] == answer["expected"] > 1


def test_a_group_keeps_one_clock_also_when_its_first_network_diverges(run):
    answer = run(
        """
        const wild = { learning_rate: 1e42 }, adam = { optimizer: 'adam', l1: 0.01 };
        const lanes = [wild, {}, { activations: ['relu'], seed: 3 }, adam];
        const seen = group(lanes);
        seen.client.stopAt(45, null);
        seen.client.play(0);
        await until(() => seen.reports.at(-1)?.stopped);
        seen.client.stop();
        const diverged = seen.reports.at(-1).lanes.map(lane => lane.divergedAt);
        const own = lanes.map(lane => after(lane, 45));
        return { lanes: lanes.map((_, i) => seen.frames(i).map(plain)), own, diverged };
        """
    )
    assert answer["diverged"] == [1, None, None, None]
    first, *others = answer["lanes"]
    assert [frame["epoch"] for frame in first] == [1]
    assert [frames[-1] for frames in others] == answer["own"][1:]
    epochs = [[frame["epoch"] for frame in frames] for frames in others]
    assert epochs[0] == epochs[1] == epochs[2] and epochs[0][-1] == 45


def test_a_group_that_has_diverged_altogether_stops_and_says_so(run):
    answer = run(
        """
        const seen = group([{ learning_rate: 1e42 }]);
        seen.client.play(1);
        await until(() => seen.reports.at(-1)?.lanes[0].divergedAt);
        await sleep(100);
        seen.client.stop();
        const last = plain(seen.frames(0).at(-1));
        return { count: seen.reports.length, start: after({ learning_rate: 1e42 }, 0), last };
        """
    )
    assert answer["count"] == 1
    assert answer["last"]["parameters"] == answer["start"]["parameters"]  # the last finite ones


def test_single_batches_single_epochs_and_changes_on_the_way(run):
    answer = run(
        """
        const seen = group([{}]), changes = { learning_rate: 0.05, momentum: 0.9, l1: 0.01 };
        for (const what of ['batch', 'batch', 'epoch']) seen.client.step(what);
        await until(() => seen.reports.length === 3);
        seen.client.change(changes);
        seen.client.step('epoch');
        await until(() => seen.reports.length === 4);
        seen.client.stop();
        const trainer = alone({});
        trainer.runEpochs(1);
        trainer.change(changes);
        trainer.runEpochs(1);
        const frames = seen.frames(0).map(plain);
        const counts = frames.map(({ epoch, step }) => [epoch, step]);
        return { counts, last: frames[3].parameters, expected: Array.from(trainer.parameters) };
        """
    )
    assert answer["counts"] == [[0, 1], [0, 2], [1, 5], [2, 10]]
    assert answer["last"] == answer["expected"]


@pytest.mark.parametrize("name", ["worker", "forbidden"])
def test_a_fault_inside_is_said_and_the_next_job_runs(run, name):
    answer = run(
        """
        const seen = group([{ activations: ['tahn'] }]);
        seen.client.play(0);
        await until(() => seen.faults.length);
        await sleep(50);
        const silent = seen.reports.length;
        seen.start([{}], 2);
        seen.client.step('epoch');
        await until(() => seen.reports.length);
        seen.client.stop();
        const [report] = seen.reports;
        return { faults: seen.faults, silent, version: report.version, epoch: report.lanes[0].frames[0].epoch };
        """,
        name,
    )
    assert answer["faults"] == ["there is no activation 'tahn'; did you mean 'tanh'?"]
    assert (answer["silent"], answer["version"], answer["epoch"]) == (0, 2, 1)


LOOP = """
import { makeData } from './data.js';
import { makeLoop } from './worker.js';
const queue = [], posted = [], receive = makeLoop(message => posted.push(message), run => () => queue.push(run));
const data = makeData(given.data), parameters = new Float64Array(3).fill(0.1);
const starts = [{ settings: given, parameters, epoch: 0, step: 0 }];
receive({ start: { version: 1, data, inputs: data.x, testInputs: data.test.x, starts } });
const most = [0, 0];
for (const [k, speed] of [0, 10].entries()) {
  for (let i = 0; i < 30; i++) {
    receive({ play: speed });
    receive({ pause: true });
    receive({ taken: true });
    receive({ play: i });
    if (i % 3) queue.shift()?.();
    most[k] = Math.max(most[k], queue.length);
  }
  receive({ pause: true });
}
console.log(JSON.stringify({ most, faults: posted.filter(message => message.fault) }));
"""


def test_there_is_one_loop_however_often_one_plays_and_pauses():
    settings = {
        "data": {"name": "xor", "n": 8, "noise": 0, "seed": 0, "test": 0}, "features": ["x1", "x2"], "hidden": [],
        "activations": [], "loss": "binary_cross_entropy", "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0,
        "weight_decay": 0, "l1": 0, "batch_size": None, "shuffle_seed": 0,
    }  # fmt: skip
    assert run_module(LOOP, settings) == {"most": [1, 1], "faults": []}


def test_the_page_stays_alive_where_it_trains_itself(run):
    pictures = run(
        """
        const seen = group([{}]);
        let pictures = 0;
        const draw = () => { pictures += 1; if (pictures < 10) requestAnimationFrame(draw); };
        seen.client.play(0);
        await until(() => seen.reports.length);
        draw();
        await until(() => pictures === 10);
        seen.client.stop();
        const after = seen.reports.length;
        await sleep(100);
        return { pictures, silent: seen.reports.length === after };
        """,
        "absent",
    )
    assert pictures == {"pictures": 10, "silent": True}
