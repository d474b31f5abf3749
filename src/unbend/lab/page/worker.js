/**
 * Training beside the page: a group of networks in lockstep on one clock, in a worker. The page gets a picture's worth
 * of frames, and the next one only when it has taken the last; so a slow page never slows the training.
 */
import { networkOf } from './shape.js';
import { makeTrainer } from './trainer.js';

const SLICE = 8;

/** @typedef {import('./types').Frame} Frame */
/** @typedef {{settings: import('./types').Settings, parameters: import('./types').Floats, epoch: number, step: number}} Start */
/**
 * `level`: note the first epoch with this accuracy or r2 at its end; with `counting` a network then trains no more, and
 * there are no frames.
 * @typedef {{version: number, data: import('./types').Data, inputs: import('./types').Floats, testInputs: import('./types').Floats, starts: Start[],
 *   level?: number, counting?: boolean}} Job
 */
/** @typedef {{frames: Frame[], divergedAt: number | null, solvedAt: number | null}} Lane */
/** @typedef {{version: number, lanes: Lane[], stopped: 'epoch' | 'loss' | null, epochsPerSecond: number, milliseconds: number}} Report */

/** The worker's side. */
export function work() {
  const inside = /** @type {any} */ (globalThis);
  const receive = makeLoop(message => inside.postMessage(message), run => {
    const channel = new MessageChannel();
    channel.port1.onmessage = run;
    return () => channel.port2.postMessage(0);
  });
  inside.onmessage = (/** @type {MessageEvent} */ event) => receive(event.data);
}

/**
 * The page's side. `onreport` gets every report, `onfault` a sentence; after a report the page says `taken`.
 * Where there can be no worker, the page itself trains, a slice at a time.
 */
export function startWorker() {
  const client = {
    onreport: (/** @type {Report} */ _) => {},
    onfault: (/** @type {string} */ _) => {},
    start: (/** @type {Job} */ job) => send({ start: job }),
    play: (/** @type {number} */ speed) => send({ play: speed }),
    pause: () => send({ pause: true }),
    step: (/** @type {'batch' | 'epoch'} */ what) => send({ step: what }),
    change: (/** @type {Partial<import('./types').Settings>} */ changes) => send({ change: changes }),
    stopAt: (/** @type {number | null} */ epoch, /** @type {number | null} */ loss) => send({ stopAt: { epoch, loss } }),
    taken: () => send({ taken: true }),
    stop: () => end(),
  };
  const heard = (/** @type {{fault?: string, report?: Report}} */ { fault, report }) => {
    if (fault) client.onfault(fault);
    if (report) client.onreport(report);
  };
  const { send, end } = inWorker(heard) ?? onPage(heard);
  return client;
}

/** @param {(message: any) => void} heard */
function inWorker(heard) {
  try {
    // @ts-ignore: the linked script is one function of this name, and its own text is the worker's
    const text = `(${unbendLab.toString()})().work();`;
    const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    const worker = new Worker(address);
    worker.onmessage = event => heard(event.data);
    worker.onerror = event => heard({ fault: event.message || 'the worker that trains could not start' });
    return {
      send: (/** @type {any} */ message) => worker.postMessage(message),
      end() {
        worker.terminate();
        URL.revokeObjectURL(address);
      },
    };
  } catch {
    return null;
  }
}

/** @param {(message: any) => void} heard */
function onPage(heard) {
  const receive = makeLoop(message => queueMicrotask(() => heard(message)), run => () => setTimeout(run, 0));
  return { send: receive, end: () => receive({ pause: true }) };
}

/**
 * What trains: it takes messages and posts reports. `again` makes a function that runs the loop once more, later.
 * @param {(message: {fault?: string, report?: Report}) => void} post
 * @param {(run: () => void) => () => void} again
 */
export function makeLoop(post, again) {
  /** @type {import('./types').Trainer[]} */
  let trainers = [];
  /** @type {Frame[][]} */
  let waiting = [];
  let solvedAt = /** @type {(number | null)[]} */ ([]);
  let level = Infinity, counting = false;
  let version = 0, playing = false, speed = 0, taken = true, kept = 0;
  let stop = { epoch: /** @type {number | null} */ (null), loss: /** @type {number | null} */ (null) };
  let stopped = /** @type {'epoch' | 'loss' | null} */ (null);
  let spent = 0, since = { epoch: 0, spent: 0 }, pace = 0;

  const clock = () => Math.max(...trainers.map(trainer => trainer.epoch)); // what has diverged stands still
  const over = (/** @type {import('./types').Trainer} */ trainer, /** @type {number} */ i) => trainer.divergedAt !== null || (counting && solvedAt[i] !== null);
  const look = () => trainers.forEach((trainer, i) => {
    if (level < Infinity && solvedAt[i] === null && trainer.divergedAt === null && trainer.measure().metric >= level) solvedAt[i] = trainer.epoch;
  });
  const note = () => trainers.forEach((trainer, i) => {
    if (counting) return;
    const last = waiting[i][waiting[i].length - 1];
    if (last?.step !== trainer.step) waiting[i].push({ epoch: trainer.epoch, step: trainer.step, parameters: trainer.parameters.slice(), ...trainer.measure() });
  });
  const report = () => {
    note();
    if (spent - since.spent > 250 || !pace) {
      pace = 1000 * (clock() - since.epoch) / Math.max(0.1, spent - since.spent);
      if (spent - since.spent > 250) since = { epoch: clock(), spent };
    }
    taken = false;
    post({ report: { version, lanes: trainers.map((trainer, i) => ({ frames: waiting[i], divergedAt: trainer.divergedAt, solvedAt: solvedAt[i] })), stopped, epochsPerSecond: pace, milliseconds: spent } });
    waiting = trainers.map(() => []);
    stopped = null;
  };
  const epochDone = () => {
    const epoch = clock();
    look();
    if (epoch >= kept) {
      note();
      kept = epoch + (epoch < 20 ? 1 : Math.floor(epoch / 20));
    }
    if (epoch === stop.epoch) stopped = 'epoch';
    else if (stop.loss !== null && trainers[0].measure().loss <= stop.loss) stopped = 'loss';
    if (trainers.every(over)) playing = false;
    if (stopped) playing = false;
  };
  const run = () => {
    if (!playing) return;
    if (speed && !taken) return;
    const start = performance.now();
    for (let done = 0; playing && (speed ? done < speed : performance.now() - start < SLICE); done++) {
      trainers.forEach((trainer, i) => over(trainer, i) || trainer.runEpochs(1));
      epochDone();
    }
    spent += performance.now() - start;
    if (taken || !playing) report();
    if (playing) next();
  };
  const next = again(() => guarded(run));
  const guarded = (/** @type {() => void} */ act) => {
    try {
      act();
    } catch (fault) {
      playing = false;
      post({ fault: /** @type {Error} */ (fault).message });
    }
  };
  const begin = (/** @type {Job} */ { version: given, data, inputs, testInputs, starts, ...job }) => {
    version = given;
    ({ level = Infinity, counting = false } = job);
    trainers = starts.map(start => makeTrainer(networkOf(start.settings, data), start.settings, data, inputs, testInputs, start));
    waiting = trainers.map(() => []);
    kept = trainers[0].epoch + 1;
    [playing, taken, spent, pace] = [false, true, 0, 0];
    since = { epoch: clock(), spent: 0 };
    solvedAt = trainers.map(() => null);
    look();
  };
  const act = (/** @type {any} */ message) => {
    if (message.start) begin(message.start);
    if (message.change) trainers.forEach(trainer => trainer.change(message.change));
    if (message.stopAt) stop = message.stopAt;
    if (message.taken) {
      taken = true;
      if (playing && speed) next();
    }
    if (message.play !== undefined) {
      const idle = !playing || speed;
      [playing, speed] = [true, message.play];
      if (idle) next();
    }
    if (message.pause && playing) {
      playing = false;
      report();
    }
    if (message.step) {
      const start = performance.now();
      trainers.forEach(trainer => message.step === 'batch' ? trainer.stepBatch() : trainer.runEpochs(1));
      spent += performance.now() - start;
      report();
    }
  };
  return (/** @type {any} */ message) => guarded(() => act(message));
}
