/** The run that the page shows: settings, data, frames, and the worker that trains. It knows nothing of elements. */
import { activation } from './activations.js';
import { inputsOf, makeData } from './data.js';
import { initialise } from './initializers.js';
import { measures } from './net.js';
import { fitting, networkOf } from './shape.js';
import { checkSettings } from './state.js';
import { startWorker } from './worker.js';

const MOST_FRAMES = 400;
const KEEPS_RUNNING = ['learning_rate', 'momentum', 'weight_decay', 'l1', 'batch_size'];

/**
 * The context of all panels. `host` says what can be done outside the page.
 * @param {import('./types').Host} host
 * @param {{settings: import('./types').Settings, view: import('./types').ViewSettings, options: import('./types').Options,
 *   language: 'en' | 'zh', faults?: import('./types').Text[]}} start
 */
export function makeLab(host, start) {
  /** @type {Map<string, Set<() => void>>} */
  const listeners = new Map();
  /** @type {any} */
  const lab = {
    host, language: start.language, view: start.view, options: start.options, hover: null,
    playing: false, frames: [], pictures: 0, speed: { epochsPerSecond: 0, milliseconds: 0 }, stopped: null, previous: null,
  };
  let version = 0;
  let dirty = false;
  /** @type {ReturnType<typeof startWorker> | null} */
  let client = null;
  let begun = false;

  const emit = (/** @type {import('./types').LabEvent} */ event) => listeners.get(event)?.forEach(listener => listener());
  const frameChanged = () => {
    if (dirty) return;
    dirty = true;
    schedule(() => {
      dirty = false;
      lab.pictures += 1;
      emit('frame');
      client?.taken();
    });
  };

  /** @param {import('./types').Frame} frame */
  const keep = frame => {
    const { frames } = lab;
    while (frames.length && frames[frames.length - 1].step >= frame.step) frames.pop();
    frames.push(frame);
    if (frames.length > MOST_FRAMES) lab.frames = thinned(frames);
  };

  const onReport = (/** @type {import('./worker.js').Report} */ { version: given, lanes: [{ frames, divergedAt }], stopped, epochsPerSecond, milliseconds }) => {
    if (given !== version) return;
    const sought = lab.frame !== lab.frames[lab.frames.length - 1];
    frames.forEach(keep);
    if (!sought || !lab.frames.includes(lab.frame)) lab.frame = lab.frames[lab.frames.length - 1];
    Object.assign(lab, { speed: { epochsPerSecond, milliseconds }, divergedAt, stopped });
    if (lab.playing && (stopped || divergedAt !== null)) {
      lab.playing = false;
      emit('playing');
    }
    frameChanged();
  };
  const onFault = (/** @type {string} */ fault) => {
    lab.pause();
    lab.say(fault, 'fault');
  };

  /** The run begins from the shown frame when training next asks for it. */
  const train = () => {
    version += 1;
    begun = false;
    if (lab.playing) awake().play(lab.view.speed);
    else client?.pause();
  };

  /** The worker, started when it is first needed, with the run as it is now. */
  const awake = () => {
    client ??= Object.assign(startWorker(), { onreport: onReport, onfault: onFault });
    if (begun) return client;
    begun = true;
    client.start({
      version, data: lab.data, inputs: lab.inputs, testInputs: lab.testInputs,
      starts: [{ settings: lab.settings, parameters: lab.frame.parameters, epoch: lab.frame.epoch, step: lab.frame.step }],
    });
    client.stopAt(lab.view.stopEpoch, lab.view.stopLoss);
    return client;
  };

  /** Keeps the run for `undo`, if there is anything to lose. */
  const remember = (from = lab) => {
    if (from.frames.length > 1) lab.previous = { settings: from.settings, frames: [...from.frames] };
  };

  const measured = (/** @type {import('./types').Floats} */ parameters) =>
    measures(lab.network, parameters, lab.settings.loss, lab.data, lab.inputs, lab.testInputs);

  const feed = () => {
    lab.inputs = inputsOf(lab.data, lab.data.x, lab.data.n, lab.settings.features);
    lab.testInputs = inputsOf(lab.data, lab.data.test.x, lab.data.test.n, lab.settings.features);
  };
  const prepare = () => {
    feed();
    lab.network = networkOf(lab.settings, lab.data);
  };

  const begin = () => {
    prepare();
    lab.divergedAt = null;
    lab.stopped = null;
    const parameters = initialise(lab.network, lab.settings.init, lab.settings.gain, lab.settings.seed);
    lab.frame = { epoch: 0, step: 0, parameters, ...measured(parameters) };
    lab.frames = [lab.frame];
    train();
  };

  /** @param {import('./types').Settings} settings */
  const take = settings => {
    const dataChanged = settings.data !== lab.settings?.data && JSON.stringify(settings.data) !== JSON.stringify(lab.settings?.data);
    const data = dataChanged ? makeData(settings.data) : lab.data;
    const next = fitting(settings, data);
    next.activations.forEach(activation);
    Object.assign(lab, { data, settings: Object.freeze(next) });
  };

  Object.assign(lab, {
    /** @param {import('./types').LabEvent} event @param {() => void} listener */
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)?.add(listener);
    },
    forgetListeners: () => listeners.clear(),
    t: (/** @type {import('./types').Text} */ text, values = {}) => fill(text[/** @type {'en' | 'zh'} */ (lab.language)], values),
    number: numberText,
    setLanguage(/** @type {'en' | 'zh'} */ language) {
      lab.language = language;
      lab.rebuild();
    },
    /** @param {Partial<import('./types').Settings>} changes */
    change(changes) {
      const wanted = { ...lab.settings, ...changes };
      const faults = checkSettings(wanted, lab.settings);
      if (faults.length) return lab.say(faults.map((/** @type {import('./types').Text} */ fault) => lab.t(fault)).join('\n'), 'fault');
      const before = { ...lab }, runs = Object.keys(changes).every(name => KEEPS_RUNNING.includes(name));
      try {
        take(wanted);
        if (!runs) {
          remember(before);
          begin();
        }
        else if (begun) client?.change(changes);
      } catch (fault) {
        Object.assign(lab, before);
        return lab.say(/** @type {Error} */ (fault).message, 'fault');
      }
      if (lab.data !== before.data) emit('data');
      emit('settings');
      frameChanged();
    },
    /** @param {Partial<import('./types').ViewSettings>} changes */
    show(changes) {
      lab.view = { ...lab.view, ...changes };
      if ('stopEpoch' in changes || 'stopLoss' in changes) client?.stopAt(lab.view.stopEpoch, lab.view.stopLoss);
      if ('speed' in changes && lab.playing) awake().play(lab.view.speed);
      emit('view');
      frameChanged();
    },
    play() {
      if (lab.frame !== lab.frames[lab.frames.length - 1]) lab.fork();
      lab.playing = true;
      lab.stopped = null;
      awake().play(lab.view.speed);
      emit('playing');
    },
    pause() {
      lab.playing = false;
      client?.pause();
      emit('playing');
      frameChanged();
    },
    step(/** @type {'batch' | 'epoch'} */ what = 'epoch') {
      if (lab.playing) lab.pause();
      if (lab.frame !== lab.frames[lab.frames.length - 1]) lab.fork();
      awake().step(what);
    },
    reset() {
      lab.playing = false;
      remember();
      begin();
      emit('playing');
      frameChanged();
    },
    seek(/** @type {number} */ epoch) {
      lab.seekFrame(Math.max(0, lab.frames.findLastIndex((/** @type {any} */ frame) => frame.epoch <= epoch)));
    },
    seekFrame(/** @type {number} */ index) {
      if (lab.playing) lab.pause();
      lab.frame = lab.frames[index];
      frameChanged();
    },
    fork() {
      if (lab.frame !== lab.frames[lab.frames.length - 1]) remember();
      lab.frames = lab.frames.slice(0, lab.frames.indexOf(lab.frame) + 1);
      lab.divergedAt = null;
      train();
      emit('settings');
      frameChanged();
    },
    setParameters(/** @type {import('./types').Floats} */ parameters) {
      remember();
      const { epoch, step } = lab.frame;
      lab.frames = lab.frames.slice(0, lab.frames.indexOf(lab.frame));
      lab.frame = { epoch, step, parameters, ...measured(parameters) };
      lab.frames.push(lab.frame);
      lab.divergedAt = null;
      train();
      frameChanged();
    },
    open(/** @type {import('./types').Settings} */ settings, /** @type {import('./types').Frame[]} */ frames) {
      lab.playing = false;
      take(settings);
      prepare();
      lab.divergedAt = null;
      lab.frames = frames.map(frame => Number.isFinite(frame.loss) && (!lab.testInputs.length || Number.isFinite(frame.testLoss)) ? frame : { ...frame, ...measured(frame.parameters) });
      lab.frame = lab.frames[lab.frames.length - 1];
      train();
      ['data', 'settings', 'playing'].forEach(event => emit(/** @type {import('./types').LabEvent} */ (event)));
      frameChanged();
    },
    movePoint(/** @type {number} */ index, /** @type {number} */ x, /** @type {number | null} */ y) {
      const own = ownOf(lab.data);
      const row = own.x[index];
      row[0] = x;
      if (row.length > 1) row[1] = Number(y);
      else if (own.task === 'regression' && y !== null) own.y[index] = y;
      take({ ...lab.settings, data: { ...lab.settings.data, name: 'own', n: own.x.length, test: 0, own } });
      feed();
      lab.frames = lab.frames.slice(0, lab.frames.indexOf(lab.frame));
      lab.frame = { ...lab.frame, ...measured(lab.frame.parameters) };
      lab.frames.push(lab.frame);
      train();
      emit('data');
      emit('settings');
      frameChanged();
    },
    setHover(/** @type {number | null} */ index) {
      if (lab.hover === index) return;
      lab.hover = index;
      emit('hover');
    },
    say() {},
    rebuild() {},
    /** the run as it was before it was begun anew, cut off or edited */
    undo() {
      const { settings, frames } = lab.previous ?? {};
      if (!settings) return;
      lab.previous = null;
      lab.open(settings, frames);
    },
    close() {
      lab.closed = true;
      listeners.clear();
      client?.stop();
      lab.contest?.close();
    },
  });
  try {
    take(start.settings);
    begin();
  } catch (fault) { // a formula without an exact gain
    const { message } = /** @type {Error} */ (fault);
    start.faults?.push({ en: message, zh: message });
    take({ ...start.settings, gain: null });
    begin();
  }
  return lab;
}

/** One frame for every twentieth that the epochs grow by, and the first twenty. @param {import('./types').Frame[]} frames */
function thinned(frames) {
  const bin = (/** @type {number} */ i) => frames[i].epoch < 20 ? frames[i].epoch : Math.floor(Math.log(frames[i].epoch) * 20) + 1000;
  return frames.filter((_, i) => i === 0 || i === frames.length - 1 || bin(i) !== bin(i - 1));
}

/**
 * The training rows as the user's own data.
 * @param {import('./types').Data} data
 * @returns {import('./types').Own}
 */
function ownOf(data) {
  const rows = Array.from({ length: data.n }, (_, i) => Array.from(data.x.subarray(i * data.d, (i + 1) * data.d)));
  const { task, feature_names, class_names, target_name, origin, x_mean, x_scale, y_mean, y_scale } = data;
  const scales = x_mean && x_scale ? { x_mean: Array.from(x_mean), x_scale: Array.from(x_scale) } : {};
  return { task, x: rows, y: Array.from(data.y), feature_names, class_names, target_name, origin, ...scales, y_mean, y_scale };
}

/** @param {string} text @param {Record<string, string | number>} values */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(values, name) ? String(values[name]) : whole);
}

/** @param {number} value */
function numberText(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value < 0 ? '−∞' : '∞';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(digits - 1) : value.toFixed(size >= 100 ? 1 : digits);
  return text.replace('-', '−');
}

/** @param {() => void} draw */
function schedule(draw) {
  if (typeof document === 'undefined' || document.hidden) setTimeout(draw, 16);
  else requestAnimationFrame(draw);
}
