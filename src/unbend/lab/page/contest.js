/** Who races, from where, how far each is, and how many of 64 seeds get there. It knows nothing of elements. */
import { makeStage } from './geometry.js';
import { initialise } from './initializers.js';
import { networkOf } from './shape.js';
import { startWorker } from './worker.js';

export const SEEDS = 64;
const POINTS = 600;

/**
 * One activation in the race and where it stands; `losses` are epoch, loss, epoch, loss, …
 * @typedef {{name: string, network: any, start: any, stage: any, view: any, frame: any, losses: number[], solvedAt: number | null, divergedAt: number | null}} Runner
 */

/** What may count as solved: accuracies, or r2. @param {any} lab */
export const levelsOf = lab => lab.data.task === 'regression' ? [0.5, 0.8, 0.9, 0.99] : [0.8, 0.9, 0.95, 0.99, 1];

/** How many seeds are solved, and how many are decided. @param {number[]} epochs */
export const tally = (epochs = []) => [epochs.filter(epoch => epoch < Infinity).length, epochs.filter(epoch => epoch >= 0).length];

/**
 * The contest of a page; it outlives its panel, which sets `changed` (something new is to be seen).
 * @param {any} lab
 */
export function makeContest(lab) {
  const contest = any({
    names: ['relu', 'tanh', 'sigmoid', 'gelu', 'sine'], runners: [], level: 0.95, until: 200, running: false, counting: '',
    // by name, for each seed the epoch that solves it, Infinity if none does, NaN while that is open
    counts: new Map(),
    refresh, begin, add, play, pause, count, stopCounting, close,
  });
  let clock = any(null), counter = any(null), setting = '', race = '', looked = /** @type {unknown[]} */ ([null]);

  /** The test rows have no part in the race. @param {any[]} starts @param {boolean} counting */
  function worker(starts, counting) {
    const none = new Float64Array(0), made = startWorker(), data = { ...lab.data, test: { n: 0, x: none, y: none } };
    made.onfault = fault => lab.say(fault, 'fault');
    made.start({ version: 0, data, inputs: lab.inputs, testInputs: none, starts, level: contest.level, counting });
    made.stopAt(contest.until, null);
    return made;
  }

  /** @param {string} name @param {number} seed */
  function startOf(name, seed) {
    const settings = { ...lab.settings, seed, activations: lab.settings.hidden.map(() => name) }, network = networkOf(settings, lab.data);
    return { network, start: { settings, parameters: initialise(network, settings.init, settings.gain, seed), epoch: 0, step: 0 } };
  }

  /** Whether it can start here; not every formula has an exact gain. @param {string} name */
  function canStart(name) {
    try {
      return startOf(name, 0);
    } catch (fault) {
      lab.say(any(fault).message, 'fault');
    }
  }

  /** @param {string} name */
  function add(name) {
    if (contest.names.includes(name) || !canStart(name)) return;
    contest.names.push(name);
    refresh();
  }

  /** Anew where anything that decides the race has changed; the activations of the page's own run do not. */
  function refresh() {
    const levels = levelsOf(lab), { seed, activations: _, ...rest } = lab.settings;
    if (!levels.includes(contest.level)) contest.level = levels[2];
    const same = looked.every((part, i) => part === [lab.settings, contest.level, contest.until][i]);
    const now = same ? setting : JSON.stringify([rest, contest.level, contest.until]), next = [now, seed, contest.names].join();
    looked = [lab.settings, contest.level, contest.until];
    if (now !== setting) {
      stopCounting();
      contest.counts.clear();
    }
    setting = now;
    if (next === race) return;
    race = next;
    halt();
    contest.names = contest.names.filter(canStart);
    contest.runners = contest.names.map((/** @type {string} */ name) => ({
      name, ...startOf(name, seed), stage: makeStage(lab.data, lab.settings.features), view: null, frame: null, losses: [], solvedAt: null, divergedAt: null,
    }));
    contest.changed();
  }

  function begin() {
    race = '';
    refresh();
  }

  function play() {
    if (!clock) {
      if (contest.runners[0].frame) begin();
      clock = worker(contest.runners.map((/** @type {Runner} */ runner) => runner.start), false);
      clock.onreport = hear;
    }
    contest.running = true;
    clock.play(lab.view.speed);
    contest.changed();
  }

  function pause() {
    contest.running = false;
    clock.pause();
    contest.changed();
  }

  function halt() {
    contest.running = false;
    clock = closed(clock);
  }

  /** @param {import('./worker.js').Report} report */
  function hear({ lanes, stopped }) {
    lanes.forEach((lane, i) => follow(contest.runners[i], lane));
    if (stopped || lanes.every(lane => lane.divergedAt !== null)) halt();
    (document.hidden ? setTimeout : requestAnimationFrame)(() => {
      contest.changed();
      clock?.taken();
    });
  }

  /** Train the seeds of those whose count is missing, one activation after the other. */
  function count() {
    counter = closed(counter);
    contest.counting = contest.names.find((/** @type {string} */ name) => tally(contest.counts.get(name))[1] < SEEDS) ?? '';
    contest.changed();
    if (!contest.counting) return;
    counter = worker(Array.from({ length: SEEDS }, (_, seed) => startOf(contest.counting, seed).start), true);
    counter.onreport = hearCount;
    counter.play(0);
  }

  /** @param {import('./worker.js').Report} report */
  function hearCount({ lanes, stopped }) {
    const epochs = lanes.map(lane => lane.solvedAt ?? (stopped || lane.divergedAt !== null ? Infinity : NaN));
    contest.counts.set(contest.counting, epochs);
    if (tally(epochs)[1] === SEEDS) return count();
    contest.changed();
    setTimeout(() => counter?.taken(), 100);
  }

  function close() {
    halt();
    counter = closed(counter);
  }

  function stopCounting() {
    contest.counting = '';
    counter = closed(counter);
    contest.changed();
  }
  return contest;
}

/** @param {Runner} runner @param {import('./worker.js').Lane} lane */
function follow(runner, { frames, solvedAt, divergedAt }) {
  frames.forEach(frame => runner.losses.push(frame.epoch, frame.loss));
  if (runner.losses.length > 2 * POINTS) runner.losses = runner.losses.filter((_, i) => i % 4 < 2);
  Object.assign(runner, { frame: frames[frames.length - 1] ?? runner.frame, solvedAt, divergedAt });
}

/** @param {any} worker */
function closed(worker) {
  if (worker) worker.onreport = () => {};
  worker?.stop();
  return null;
}

/** @param {unknown} value @returns {any} */
const any = value => value;
