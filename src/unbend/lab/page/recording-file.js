/** Recordings as files: safetensors, the twin of unbend.recording.file; what is read may come from anyone. */
import { activation, facts } from './activations.js';
import { FEATURES, isKnown, lift, makeData } from './data.js';
import { INITIALIZERS } from './initializers.js';
import { LINKS, LOSSES, OPTIMIZERS } from './shape.js';
import { ownIsSound } from './state.js';
import { TOYS } from './toys.js';

const FORMAT = 'unbend-recording';
const LONGEST_HEADER = 1e7;
/** @type {Record<string, any>} types of safetensors, all with the lowest byte first */
const KINDS = { U8: Uint8Array, F32: Float32Array, F64: Float64Array, I64: BigInt64Array };

/** @typedef {{kind: string, shape: number[], values: any}} Tensor */

const T = {
  foreign: { en: 'This is not a recording of unbend; open a file that run.save or this page has written.', zh: '这不是 unbend 的训练记录；请打开由 run.save 或本页面保存的文件。' },
  cut: { en: 'This file is cut off, damaged or not a recording of unbend; save it once more.', zh: '文件不完整、已损坏，或不是 unbend 的训练记录；请重新保存一份。' },
  newer: { en: 'This recording is written in a newer version of the format; upgrade unbend.', zh: '这份训练记录用的是更新的格式；请升级 unbend。' },
  many: { en: 'The recording has {n} points in {d} columns; the page shows up to 5,000 points in 40 columns, ub.load reads all.', zh: '训练记录有 {n} 个数据点、{d} 列；本页面最多显示 5000 个点、40 列，ub.load 可读取全部。' },
  wide: { en: 'The page shows up to 10 hidden layers of 128 units; this recording has more, ub.load reads it.', zh: '本页面最多显示 10 个隐藏层、每层 128 个单元；这份训练记录更大，请用 ub.load 读取。' },
  damaged: { en: 'The recording is damaged: {what} do not fit the rest.', zh: '训练记录已损坏：其中的{what}与其余部分不符。' },
};
/** The parts of a recording, in Python's words. */
const PARTS = {
  points: { en: 'the points', zh: '数据点' }, targets: { en: 'the targets', zh: '目标值' }, names: { en: 'the names', zh: '名称' },
  scale: { en: 'the scales', zh: '缩放比例' }, widths: { en: 'the widths', zh: '层宽' }, activations: { en: 'the activations', zh: '激活函数' },
  recipe: { en: 'the settings of training', zh: '训练设置' }, epochs: { en: 'the epochs', zh: '轮次' }, weights: { en: 'the weights', zh: '权重' },
  history: { en: 'the losses', zh: '损失记录' },
};

/** A refusal in one sentence; `said` is the sentence in both languages. */
export class Refusal extends Error {
  /** @param {import('./types').Text} said */
  constructor(said) {
    super(said.en);
    this.said = said;
  }
}

/** @param {unknown} sound @param {keyof typeof PARTS} part */
function demand(sound, part) {
  if (!sound) throw new Refusal({ en: T.damaged.en.replace('{what}', PARTS[part].en), zh: T.damaged.zh.replace('{what}', PARTS[part].zh) });
}

/**
 * The run of the page as a file that `ub.load` reads: one set of weights for each epoch.
 * @param {import('./types').Lab} lab
 */
export function writeRecording(lab) {
  const { data, settings, network, inputs } = lab;
  const frames = lab.frames.filter((frame, i) => frame.epoch !== lab.frames[i + 1]?.epoch && frame.parameters.every(Number.isFinite));
  const count = network.parameterCount, weights = new Float64Array(frames.length * count);
  frames.forEach((frame, i) => weights.set(frame.parameters, i * count));
  const history = (/** @type {'loss' | 'metric'} */ name) => tensor('F64', [frames.length], Float64Array.from(frames, frame => frame[name]));
  const scale = scaleOf(lab);
  const tensors = {
    ...(scale ? { x_mean: tensor('F64', [scale.mean.length], Float64Array.from(scale.mean)), x_scale: tensor('F64', [scale.mean.length], Float64Array.from(scale.scale)) } : {}),
    x: smallest([data.n, settings.features.length], inputs), y: smallest([data.n], data.y),
    epochs: tensor('I64', [frames.length], BigInt64Array.from(frames, frame => BigInt(frame.epoch))),
    weights: tensor('F64', [frames.length, count], weights), 'history/loss': history('loss'), [`history/${metricName(data.task)}`]: history('metric'),
  };
  return packed(tensors, headerOf(lab, frames));
}

/** @param {string} task */
const metricName = task => task === 'regression' ? 'r2' : 'accuracy';

/** Whether every input is a column as it is. @param {import('./types').Lab} lab */
const plain = ({ data, settings }) => data.d > 2 || settings.features.every(name => FEATURES[data.d].indexOf(name) < data.d);

/** The columns of the data that are inputs. @param {import('./types').Lab} lab */
const columnsOf = ({ data, settings }) => settings.features.map(name => (data.d > 2 ? data.feature_names : FEATURES[data.d]).indexOf(name));

/** What undoes the standardisation of the inputs, where they are columns. @param {import('./types').Lab} lab */
function scaleOf(lab) {
  const { x_mean: mean, x_scale: scale } = lab.data;
  if (!mean || !scale || !plain(lab)) return null;
  const columns = columnsOf(lab);
  return { mean: columns.map(k => mean[k]), scale: columns.map(k => scale[k]) };
}

/** @param {import('./types').Lab} lab @param {import('./types').Frame[]} frames */
function headerOf(lab, frames) {
  const { data, settings, network } = lab, epochs = frames.map(frame => frame.epoch);
  const { loss, optimizer, learning_rate, momentum, weight_decay, l1, batch_size, seed, shuffle_seed } = settings;
  return {
    format: FORMAT, version: 1,
    dataset: {
      name: data.name, task: data.task, feature_names: plain(lab) ? columnsOf(lab).map(k => data.feature_names[k]) : settings.features,
      target_name: data.target_name, class_names: data.class_names, origin: data.origin, y_mean: data.y_mean, y_scale: data.y_scale,
    },
    network: {
      widths: network.widths, output: network.output, initializer: settings.init, gain: Number(settings.gain) <= 0 ? null : settings.gain,
      activations: network.activations.map(({ name, formula }) => ({ name, formula, source: facts(name)?.source ?? '' })),
    },
    recipe: {
      loss, optimizer, learning_rate, momentum, weight_decay, l1, batch_size, epochs: Math.max(1, epochs[epochs.length - 1]), seed, shuffle_seed,
      keep: epochs, measure: 'kept',
    },
    diverged_at: null, versions: { 'unbend lab': '1' },
  };
}

/** @param {string} kind @param {number[]} shape @param {any} values @returns {Tensor} */
const tensor = (kind, shape, values) => ({ kind, shape, values });

/** The same numbers in the smallest type that holds them exactly. @param {number[]} shape @param {import('./types').Floats} values */
function smallest(shape, values) {
  const kind = ['U8', 'F32'].find(name => KINDS[name].from(values).every((/** @type {number} */ value, /** @type {number} */ i) => Object.is(value, values[i]))) ?? 'F64';
  return tensor(kind, shape, KINDS[kind].from(values));
}

/** @param {Record<string, Tensor>} tensors @param {unknown} header */
function packed(tensors, header) {
  // wide numbers first, so that all of them lie where their type asks
  const parts = Object.entries(tensors).sort(([, one], [, other]) => other.values.BYTES_PER_ELEMENT - one.values.BYTES_PER_ELEMENT);
  let at = 0;
  /** @type {Record<string, unknown>} */
  const rows = { __metadata__: { unbend: JSON.stringify(header) } };
  for (const [name, { kind, shape, values }] of parts) rows[name] = { dtype: kind, shape, data_offsets: [at, at += values.byteLength] };
  const text = new TextEncoder().encode(JSON.stringify(rows)), start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + at).fill(32, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  at = start;
  for (const [, { values }] of parts) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * The settings and frames of a file; throws an Error in one sentence where anything in it does not fit.
 * @param {Uint8Array} bytes
 * @returns {{settings: import('./types').Settings, frames: import('./types').Frame[]}}
 */
export function readRecording(bytes) {
  try {
    const { header, tensors } = unpacked(bytes);
    if (header?.format !== FORMAT) throw new Refusal(T.foreign);
    if (Number.isInteger(header.version) && header.version > 1) throw new Refusal(T.newer);
    if (header.version !== 1) throw new Refusal(T.cut);
    return assembled(header, tensors);
  } catch (fault) {
    throw fault instanceof Refusal ? fault : new Refusal(T.cut);
  }
}

/** The arrays of a safetensors file, and the header of the recording. @param {Uint8Array} bytes */
function unpacked(bytes) {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (size > LONGEST_HEADER || 8 + size > bytes.length) throw new Refusal(T.cut);
  const { __metadata__: metadata, ...rows } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + size)));
  const content = new Uint8Array(bytes).slice(8 + size), tensors = /** @type {Map<string, Tensor>} */ (new Map());
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(rows).sort(([, one], [, other]) => one.data_offsets[0] - other.data_offsets[0])) {
    const known = Object.hasOwn(KINDS, dtype) ? KINDS[dtype] : null;
    const whole = Array.isArray(shape) && shape.length <= 4 && [...shape, from, to].every(value => Number.isSafeInteger(value) && value >= 0);
    if (!known || !whole || from !== end || to > content.length || shape.reduce((product, value) => product * value, known.BYTES_PER_ELEMENT) !== to - from) throw new Refusal(T.cut);
    tensors.set(name, tensor(dtype, shape, new known(content.slice(from, to).buffer)));
    end = to;
  }
  if (end !== content.length) throw new Refusal(T.cut);
  return { header: JSON.parse(metadata?.unbend ?? 'null'), tensors };
}

/** @param {any} header @param {Map<string, Tensor>} tensors */
function assembled({ dataset, network, recipe }, tensors) {
  const own = ownFrom(dataset, tensors);
  const outputs = own.task === 'multiclass' ? own.class_names.length : 1, { widths } = network;
  const wide = Array.isArray(widths) && widths.length >= 2 && widths.length <= 32 && widths.every(width => Number.isInteger(width) && width >= 1 && width <= 4096);
  demand(wide && widths[0] === own.feature_names.length && widths[widths.length - 1] === outputs && network.output === LINKS[own.task], 'widths');
  if (widths.length > 12 || widths.slice(1, -1).some((/** @type {number} */ width) => width > 128)) throw new Refusal(T.wide);
  const activations = activationsFrom(network.activations, widths.length - 2);
  const { data, features } = seen(own, dataset.name, recipe.seed);
  const settings = { data, features, hidden: widths.slice(1, -1), activations, ...recipeFrom(recipe, own.task), ...startFrom(network) };
  return { settings, frames: framesFrom(tensors, widths, Math.ceil(own.y.length / (settings.batch_size ?? own.y.length)), recipe.epochs, metricName(own.task)) };
}

/** The points of a file, as the page takes one's own. @param {any} dataset @param {Map<string, Tensor>} tensors @returns {import('./types').Own} */
function ownFrom(dataset, tensors) {
  const x = tensors.get('x'), y = tensors.get('y'), { task } = dataset;
  demand(x && x.shape.length === 2 && x.kind !== 'I64' && x.shape[0] * x.shape[1] > 0, 'points');
  const [n, d] = /** @type {Tensor} */ (x).shape, values = Array.from(/** @type {Tensor} */ (x).values);
  demand(y && y.shape.length === 1 && y.shape[0] === n && y.kind !== 'I64', 'targets');
  const filled = (/** @type {string} */ words) => words.replace('{n}', String(n)).replace('{d}', String(d));
  if (n > 5000 || d > 40) throw new Refusal({ en: filled(T.many.en), zh: filled(T.many.zh) });
  demand(Array.isArray(dataset.feature_names) && dataset.feature_names.length === d && Array.isArray(dataset.class_names), 'names');
  const text = (/** @type {unknown} */ value) => String(value).slice(0, 200);
  const classes = dataset.class_names.length || task !== 'binary' ? dataset.class_names.map(text) : ['0', '1'];
  const own = {
    task, x: Array.from({ length: n }, (_, i) => values.slice(i * d, (i + 1) * d)), y: Array.from(/** @type {Tensor} */ (y).values),
    feature_names: distinct(dataset.feature_names.map(text)), class_names: task === 'regression' ? [] : classes,
    target_name: text(dataset.target_name), origin: text(dataset.origin),
  };
  demand(ownIsSound(own), 'points');
  return { ...own, ...scalesFrom(dataset, tensors, d) };
}

/** @param {string[]} names */
const distinct = names => names.map((name, i) => names.indexOf(name) < i ? `${name} (${i + 1})` : name);

/** @param {any} dataset @param {Map<string, Tensor>} tensors @param {number} d */
function scalesFrom({ y_mean, y_scale }, tensors, d) {
  const mean = tensors.get('x_mean'), scale = tensors.get('x_scale');
  const sound = (/** @type {Tensor} */ { shape, values }) => shape.length === 1 && shape[0] === d && Array.from(values, Number).every(Number.isFinite);
  demand(Number.isFinite(y_mean) && Number.isFinite(y_scale) && y_scale > 0 && !mean === !scale, 'scale');
  if (!mean || !scale) return { y_mean, y_scale };
  demand(sound(mean) && sound(scale) && scale.values.every((/** @type {number} */ value) => value > 0), 'scale');
  return { y_mean, y_scale, x_mean: Array.from(mean.values, Number), x_scale: Array.from(scale.values, Number) };
}

/** The names of the catalogue where the stored formula is theirs, else the formula. @param {any} stored @param {number} layers @returns {string[]} */
function activationsFrom(stored, layers) {
  demand(Array.isArray(stored) && stored.length === layers, 'activations');
  return stored.map((/** @type {any} */ { name, formula }) => {
    try {
      const { formula: meant } = activation(String(formula));
      return facts(String(name)) && activation(String(name)).formula === meant ? String(name) : meant;
    } catch (fault) {
      const why = /** @type {Error} */ (fault).message.split('\n')[0];
      throw new Refusal({ en: `The recording is damaged: ${why}`, zh: `训练记录已损坏：${why}` });
    }
  });
}

/** How it was trained, within what the page can do. @param {any} recipe @param {import('./types').Task} task */
function recipeFrom(recipe, task) {
  const within = (/** @type {string} */ name, /** @type {number} */ least, /** @type {number} */ most, /** @type {number | undefined} */ usual = undefined) => {
    const value = recipe[name] ?? usual;
    demand(Number.isFinite(value) && value >= 0, 'recipe');
    return Math.min(most, Math.max(least, value));
  };
  const { loss, optimizer = 'sgd', batch_size = 16, epochs, seed = 0, shuffle_seed = 0 } = recipe;
  const sizes = [epochs, seed, shuffle_seed, batch_size ?? 1];
  demand(LOSSES[task].includes(loss) && OPTIMIZERS.includes(optimizer) && epochs > 0 && sizes.every(size => Number.isInteger(size) && size >= 0 && size < 2 ** 32), 'recipe');
  return {
    loss, optimizer, learning_rate: within('learning_rate', 1e-9, 1e4), momentum: within('momentum', 0, 0.9999, 0), weight_decay: within('weight_decay', 0, 100, 0),
    l1: within('l1', 0, 100, 0), batch_size: batch_size === null ? null : Math.max(1, Math.min(5000, batch_size)), seed, shuffle_seed,
  };
}

/** @param {any} network @returns {{init: string, gain: number | 'exact' | null}} */
function startFrom({ initializer, gain }) {
  demand(INITIALIZERS.includes(initializer) && (gain === null || gain === 'exact' || (Number.isFinite(gain) && gain > 0)), 'recipe');
  return { init: initializer, gain };
}

/**
 * The data as the page shows it: lifted columns in their plane again, and a toy or table by its name where it is that.
 * @param {import('./types').Own} own
 * @param {unknown} name
 * @param {number} seed
 */
function seen(own, name, seed) {
  const features = own.feature_names, d = [2, 1].find(columns => isLifted(own, columns));
  const columns = d ?? features.length;
  const { x_mean, x_scale, ...rest } = own, scaled = columns === features.length;
  const shown = { ...rest, x: own.x.map(row => row.slice(0, columns)), feature_names: features.slice(0, columns), ...(scaled && x_mean && x_scale ? { x_mean, x_scale } : {}) };
  const data = named(shown, String(name), seed) ?? { name: 'own', n: own.x.length, noise: 0, seed: 0, test: 0, own: shown };
  return { data, features: d ? features : columns > 2 ? features : FEATURES[columns].slice(0, columns) };
}

/** Whether the columns are features of the first one or two of them, as their names say. @param {import('./types').Own} own @param {number} d */
function isLifted({ x, feature_names: names }, d) {
  const known = FEATURES[d].filter(name => names.includes(name));
  if (names.length < d || known.join() !== names.join() || !FEATURES[d].slice(0, d).every((name, i) => name === names[i])) return false;
  const meant = lift(Float64Array.from(x.flatMap(row => row.slice(0, d))), x.length, d, names);
  return x.every((row, i) => row.every((value, j) => near(value, meant[i * names.length + j])));
}

/** @param {number} one @param {number} other */
const near = (one, other) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one));

/** The toy or table that these points are, or null. @param {import('./types').Own} own @param {string} name @param {number} seed @returns {import('./types').DataSettings | null} */
function named(own, name, seed) {
  const toy = TOYS.find(one => one.name === name), n = own.x.length;
  if (name === 'own' || !isKnown(name) || (toy && n < 4)) return null;
  for (const noise of new Set([toy?.noise ?? 0, 0])) {
    for (const one of toy ? new Set([0, seed]) : [0]) {
      const settings = { name, n, noise, seed: one, test: 0 }, data = makeData(settings);
      const same = data.n === n && data.task === own.task && data.d === own.x[0].length && data.class_names.join() === own.class_names.join()
        && own.x.every((row, i) => near(own.y[i], data.y[i]) && row.every((value, j) => near(value, data.x[i * data.d + j])));
      if (same) return settings;
    }
  }
  return null;
}

/** @param {Map<string, Tensor>} tensors @param {number[]} widths @param {number} steps in each epoch @param {number} last @param {string} metric @returns {import('./types').Frame[]} */
function framesFrom(tensors, widths, steps, last, metric) {
  const epochs = tensors.get('epochs'), weights = tensors.get('weights'), kept = epochs?.shape[0] ?? 0;
  const count = widths.slice(1).reduce((sum, width, l) => sum + (widths[l] + 1) * width, 0);
  demand(epochs && epochs.kind === 'I64' && epochs.shape.length === 1 && kept > 0, 'epochs');
  const numbers = Array.from(/** @type {Tensor} */ (epochs).values, Number);
  demand(numbers.every((epoch, i) => epoch >= 0 && epoch <= last && (i === 0 || epoch > numbers[i - 1])), 'epochs');
  demand(weights && /^F/.test(weights.kind) && weights.shape.join() === `${kept},${count}` && weights.values.every(Number.isFinite), 'weights');
  const parts = [tensors.get('history/loss'), tensors.get(`history/${metric}`)];
  const lengths = parts.map(part => part && part.kind === 'F64' && part.shape.length === 1 ? part.shape[0] : -1);
  const extra = [...tensors.keys()].filter(name => name.startsWith('history/')).length;
  demand(lengths[0] === lengths[1] && [kept, last + 1].includes(lengths[0]) && extra === 2, 'history');
  const [loss, measure] = parts.map(part => /** @type {Tensor} */ (part).values), all = lengths[0] === kept ? null : numbers;
  return numbers.map((epoch, i) => ({
    epoch, step: epoch * steps, parameters: Float64Array.from(/** @type {Tensor} */ (weights).values.subarray(i * count, (i + 1) * count)),
    loss: loss[all ? epoch : i], metric: measure[all ? epoch : i], testLoss: NaN, testMetric: NaN,
  }));
}
