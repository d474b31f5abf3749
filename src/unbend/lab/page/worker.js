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
  inside.postMessage({ ready: true });
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
  const { send, end } = trainElsewhere(heard);
  return client;
}

/**
 * A worker; where none can start, which a policy of the page around may forbid, the page itself does what was asked so far.
 * @param {(message: any) => void} heard
 */
function trainElsewhere(heard) {
  /** @type {any[]} */
  const asked = [];
  let ready = false, ended = false, address = '';
  let worker = /** @type {Worker | null} */ (null), send = (/** @type {any} */ message) => { asked.push(message); };
  const onPage = () => {
    worker = null;
    send = makeLoop(message => queueMicrotask(() => { if (!ended) heard(message); }), run => () => setTimeout(run, 0));
    asked.forEach(send);
  };
  try {
    // @ts-ignore: the linked script is one function of this name, and its own text is the worker's
    address = URL.createObjectURL(new Blob([`(${unbendLab.toString()})().work();`], { type: 'text/javascript' }));
    worker = new Worker(address);
    worker.onmessage = event => {
      ready = true;
      heard(event.data);
    };
    worker.onerror = event => {
      event.preventDefault();
      if (ready) heard({ fault: event.message });
      else onPage();
    };
    const running = worker;
    send = message => {
      if (!ready) asked.push(message);
      running.postMessage(message);
    };
  } catch {
    onPage();
  }
  return {
    send: (/** @type {any} */ message) => send(message),
    end() {
      ended = true;
      if (!worker) send({ pause: true });
      worker?.terminate();
      URL.revokeObjectURL(address);
    },
  };
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
  /** @type {number[]} the steps of the last frames */
  let noted = [];
  let version = 0, playing = false, speed = 0, taken = true, kept = 0, due = false;
  let stop = { epoch: /** @type {number | null} */ (null), loss: /** @type {number | null} */ (null) };
  let stopped = /** @type {'epoch' | 'loss' | null} */ (null);
  let spent = 0, since = { epoch: 0, spent: 0 }, pace = 0;

  const clock = () => Math.max(...trainers.map(trainer => trainer.epoch)); // what has diverged stands still
  const over = (/** @type {import('./types').Trainer} */ trainer, /** @type {number} */ i) => trainer.divergedAt !== null || (counting && solvedAt[i] !== null);
  const look = () => trainers.forEach((trainer, i) => {
    if (level < Infinity && solvedAt[i] === null && trainer.divergedAt === null && trainer.measure().metric >= level) solvedAt[i] = trainer.epoch;
  });
  const note = () => trainers.forEach((trainer, i) => {
    const { epoch, step } = trainer;
    if (counting || noted[i] === step) return;
    noted[i] = step;
    waiting[i].push({ epoch, step, parameters: trainer.parameters.slice(), ...trainer.measure() });
  });
  const report = () => {
    note();
    if (spent - since.spent > 250 || (!pace && spent - since.spent > 5)) {
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
  const later = again(() => {
    due = false;
    guarded(run);
  });
  const next = () => {
    if (!due) later();
    due = true;
  };
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
    trainers = [];
    trainers = starts.map(start => makeTrainer(networkOf(start.settings, data), start.settings, data, inputs, testInputs, start));
    waiting = trainers.map(() => []);
    noted = trainers.map(trainer => trainer.step);
    kept = clock() + 1;
    [playing, taken, spent, pace] = [false, true, 0, 0];
    since = { epoch: clock(), spent: 0 };
    solvedAt = trainers.map(() => null);
    look();
  };
  const act = (/** @type {any} */ message) => {
    if (message.start) begin(message.start);
    if (message.stopAt) stop = message.stopAt;
    if (!trainers.length) return;
    if (message.change) trainers.forEach(trainer => trainer.change(message.change));
    if (message.taken) {
      taken = true;
      if (playing && speed) next();
    }
    if (message.play !== undefined) {
      [playing, speed] = [true, message.play];
      next();
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
