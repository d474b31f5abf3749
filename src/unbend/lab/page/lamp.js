/** The theorem lamp: what is true of the network that is shown, measured from its frame and said in sentences. */

import { button, h } from './dom.js';
import { forward, gradient } from './net.js';

const HEADING = { en: 'Theorem lamp', zh: '定理灯' };
const NOTHING = { en: 'Nothing to warn of.', zh: '没有要提醒的。' };
const TONES = { theorem: { en: 'True', zh: '定理' }, warning: { en: 'Warning', zh: '注意' }, good: { en: 'Good', zh: '很好' } };
const SHOW_UNIT = { en: 'Show the unit', zh: '看这个单元' };
const USE = {
  units: { en: 'Add 3 tanh units', zh: '加 3 个 tanh 单元' }, unit: { en: 'Add a unit', zh: '加一个单元' },
  tanh: { en: 'Use tanh', zh: '改用 tanh' }, leaky: { en: 'Use leaky_relu', zh: '改用 leaky_relu' },
  glorot: { en: 'Use glorot_normal', zh: '改用 glorot_normal' }, he: { en: 'Use he_normal', zh: '改用 he_normal' },
  gain: { en: 'Use the exact gain', zh: '改用精确增益' }, half: { en: 'Halve the learning rate', zh: '学习率减半' },
  back: { en: 'Go back there', zh: '回到那一轮' },
};

/** A slope below this lets next to nothing through; as in `unbend.diagnosis`. */
export const FLAT = 0.01;
/** From this share of flat pairs of a unit and a point on it is said: fewer are usual in a network that has learnt. */
export const SATURATED = 0.4;
/** Gradients of the first and the last layer a thousand times apart: one learning rate cannot serve both. */
export const APART = 1000;
/** A test loss ten per cent above its least is more than the wavering from epoch to epoch. */
export const WORSE = 1.1;
/** In the first epochs every network may still answer alike. */
export const SETTLED = 10;
/** Means and spreads beyond this are far from the 0 and 1 that initialisers count on. */
export const FAR = 5;
/** So many points of a class at most are compared with as many of the other; what they prove holds of all. */
const COMPARED = 400;

/** The catalogue's continuous and strictly monotone activations, as `unbend.activations.monotony` finds them. */
export const STRICT = ('identity leaky_relu elu selu softplus softsign sigmoid log_sigmoid cloglog tanh lecun_tanh '
  + 'tanh_shrink arctan erf isru symlog arcsinh prelu rrelu celu isrlu squareplus bent_identity cube exponential snake').split(' ');

/**
 * @typedef {import('./types').Floats} Floats
 * @typedef {import('./types').Lab} Lab
 * @typedef {import('./types').Activation} Activation
 * @typedef {{ affine: boolean, step: boolean, pieces: boolean, fast: boolean }} Character
 * @typedef {{ name: string, dead: number[], width: number, saturated: number, alike: boolean, folds: number }} HiddenFacts
 * @typedef {{ layer: number, cause: 'undefined' | 'fast' | 'rate', name: string, epoch: number, rate: number }} Fault
 * @typedef {ReturnType<typeof facts>} Facts
 * @typedef {{ text: import('./types').Text, changes?: Partial<import('./types').Settings>, seek?: number }} Action
 * @typedef {{ id: string, tone: 'theorem' | 'warning' | 'good', text: import('./types').Text,
 *   values: Record<string, string | number>, target?: { layer: number, unit: number }, action?: Action }} Sentence
 */

/** @type {WeakMap<Activation, Character>} */
const characters = new WeakMap();

/**
 * What an activation is made of, from its kinks and its slope at 257 places of [-8, 8]: straight between the kinks,
 * straight altogether, of slope 0 wherever it has one, or growing faster than its input.
 * @param {Activation} f
 */
export function characterOf(f) {
  const known = characters.get(f);
  if (known) return known;
  const n = 257, z = Float64Array.from({ length: n }, (_, i) => (i - 128.3) / 16), slope = new Float64Array(n);
  f.apply(z, new Float64Array(n), slope, 0, n);
  const [high, low] = [-100, -10, 10, 100].map(at => Math.abs(valueAt(f, at))).reduce(
    ([top, base], value, i) => (i % 3 ? [top, Math.max(base, value)] : [Math.max(top, value), base]), [0, 0]);
  const pieces = slope.every((s, i) => !i || f.kinks.some(kink => kink >= z[i - 1] && kink <= z[i])
    || Math.abs(s - slope[i - 1]) < 1e-12);
  const found = {
    pieces, step: slope.every(s => s === 0), affine: pieces && !f.kinks.length, fast: high > 20 * Math.max(low, 1),
  };
  characters.set(f, found);
  return found;
}

/** @param {Activation} f @param {number} z */
function valueAt(f, z) {
  const a = new Float64Array(1);
  f.apply(Float64Array.of(z), a, null, 0, 1);
  return a[0];
}

/**
 * What is true of the shown frame.
 * @param {Lab} lab
 */
export function facts(lab) {
  const { network, frame, data, inputs, settings } = lab, n = inputs.length / network.widths[0];
  const layers = forward(network, frame.parameters, inputs, n), last = layers.length - 1;
  const kinds = network.activations.map(characterOf), affine = kinds.every(kind => kind.affine);
  const sound = Number.isFinite(frame.loss) && frame.parameters.every(Number.isFinite);
  const answers = answersOf(layers[last], n), regression = data.task === 'regression';
  return {
    task: data.task, n, data: data.name, settings, names: settings.activations, epoch: frame.epoch, affine, kinds,
    metric: frame.metric, right: regression ? 0 : answers.reduce((sum, answer, i) => sum + Number(answer === data.y[i]), 0),
    same: answers.every(answer => answer === answers[0]),
    plane: network.widths[0] === 2 && data.d === 2 && settings.features.join() === 'x1,x2',
    fault: sound ? null : faultOf(lab, layers),
    map: affine && sound ? mapOf(lab) : '',
    inseparable: data.task === 'binary' && affine && network.widths[0] === 2 && inseparable(inputs, data.y),
    hidden: sound ? layers.slice(0, last).map((layer, l) => hiddenFacts(lab, layer, l, n)) : [],
    gradients: sound ? normsOf(lab) : [],
    pieces: kinds.length && sound && kinds.every(kind => kind.pieces) ? piecesOf(network.activations, layers, n) : 0,
    overfit: sound ? overfitOf(lab) : null,
    input: inputOf(lab, n),
    kinks: network.widths[0] === 1 && kinds.length === 1 && kinds[0].pieces ? kinksOf(lab) : null,
  };
}

/** The class that each point is given; the score itself where there is none. @param {import('./types').Layer} layer @param {number} n */
function answersOf({ pre, width }, n) {
  return Float64Array.from({ length: n }, (_, i) => {
    if (width === 1) return Number(pre[i] > 0);
    const row = pre.subarray(i * width, (i + 1) * width);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/**
 * The layer in which numbers ran away first, and the likely cause.
 * @param {Lab} lab @param {import('./types').Layer[]} layers
 * @returns {Fault}
 */
function faultOf({ network, frame, settings }, layers) {
  const wild = layers.findIndex(layer => !layer.post.every(Number.isFinite));
  const at = wild < 0 ? largest(network, frame.parameters) : wild, f = network.activations[at];
  const undefinedAt = f && layers[at].pre.find((z, i) => Number.isFinite(z) && Number.isNaN(layers[at].post[i]));
  const fast = network.activations.find(one => characterOf(one).fast);
  return {
    layer: at + 1, cause: undefinedAt !== undefined ? 'undefined' : fast ? 'fast' : 'rate', epoch: frame.epoch,
    name: settings.activations[undefinedAt !== undefined ? at : fast ? network.activations.indexOf(fast) : 0] ?? '',
    rate: settings.learning_rate,
  };
}

/** The layer with the largest weight. @param {import('./types').Network} network @param {Floats} parameters */
function largest({ offsets, parameterCount }, parameters) {
  const tops = offsets.map(({ weight }, l) => parameters.subarray(weight, offsets[l + 1]?.weight ?? parameterCount)
    .reduce((top, value) => Math.max(top, Math.abs(value)), 0));
  return tops.indexOf(Math.max(...tops));
}

/** The one affine map of a network without a bend, in words: its scores at 0 and at the unit vectors tell it. @param {Lab} lab */
function mapOf(lab) {
  const { network, frame, settings } = lab, d = network.widths[0], out = network.widths[network.widths.length - 1];
  const places = new Float64Array((d + 1) * d);
  for (let i = 0; i < d; i++) places[(i + 1) * d + i] = 1;
  const { pre } = forward(network, frame.parameters, places, d + 1)[network.offsets.length - 1];
  /** @param {number} value */
  const signed = value => `${value < 0 ? '−' : '+'} ${lab.number(Math.abs(value))}`;
  return Array.from({ length: Math.min(out, 3) }, (_, k) => settings.features.slice(0, 4).map((name, i) =>
    `${signed(pre[(i + 1) * out + k] - pre[k])}·${name}`).join(' ') + (d > 4 ? ' …' : '') + ` ${signed(pre[k])}`)
    .map(row => row.replace(/^\+ /, '').replace(/^− /, '−')).join('; ') + (out > 3 ? '; …' : '');
}

/**
 * Whether no straight line parts the two classes of points in the plane. One does exactly if all differences of a point
 * of the one and a point of the other lie within less than half a turn.
 * @param {Floats} x @param {Floats} y
 */
export function inseparable(x, y) {
  /** @type {number[][]} */
  const [zeros, ones] = [0, 1].map(label => Array.from(y.keys()).filter(i => y[i] === label));
  const steps = [zeros, ones].map(rows => Math.ceil(rows.length / COMPARED));
  let low = 0, high = 0, first = NaN;
  for (let a = 0; a < zeros.length; a += steps[0]) for (let b = 0; b < ones.length; b += steps[1]) {
    const dx = x[2 * ones[b]] - x[2 * zeros[a]], dy = x[2 * ones[b] + 1] - x[2 * zeros[a] + 1];
    if (dx === 0 && dy === 0) return true;
    const angle = Math.atan2(dy, dx);
    if (Number.isNaN(first)) first = angle;
    const turn = Math.atan2(Math.sin(angle - first), Math.cos(angle - first));
    low = Math.min(low, turn);
    high = Math.max(high, turn);
    if (high - low > Math.PI + 1e-9) return true;
  }
  return false;
}

/**
 * Dead and saturated units of a layer, units that are all alike, and units whose kink runs between the points.
 * @param {Lab} lab @param {import('./types').Layer} layer @param {number} l @param {number} n
 * @returns {HiddenFacts}
 */
function hiddenFacts({ network, frame, settings }, { pre, width }, l, n) {
  const f = network.activations[l], slope = new Float64Array(pre.length);
  f.apply(pre, new Float64Array(pre.length), slope, 0, pre.length);
  const units = Array.from({ length: width }, (_, unit) => unit);
  /** @param {number} unit @param {(place: number) => boolean} test */
  const always = (unit, test) => { for (let i = unit; i < n * width; i += width) if (!test(i)) return false; return true; };
  return {
    name: settings.activations[l], width, dead: units.filter(unit => always(unit, i => slope[i] === 0)),
    saturated: slope.reduce((sum, s) => sum + Number(Math.abs(s) < FLAT), 0) / slope.length,
    alike: width > 1 && alike(network, frame.parameters, l),
    folds: units.filter(unit => f.kinks.some(kink => !always(unit, i => pre[i] > kink === pre[unit] > kink))).length,
  };
}

/** Whether all units of a hidden layer have equal weights, in and out. @param {import('./types').Network} network @param {Floats} p @param {number} l */
function alike({ widths, offsets }, p, l) {
  const width = widths[l + 1], { weight, bias } = offsets[l], next = widths[l + 2], out = offsets[l + 1].weight;
  for (let unit = 1; unit < width; unit++) {
    if (p[bias + unit] !== p[bias]) return false;
    for (let i = 0; i < widths[l]; i++) if (p[weight + i * width + unit] !== p[weight + i * width]) return false;
    for (let k = 0; k < next; k++) if (p[out + unit * next + k] !== p[out + k]) return false;
  }
  return true;
}

/** The norm of the loss's gradient by the parameters of each layer. @param {Lab} lab */
function normsOf({ network, frame, inputs, data, settings }) {
  const flat = gradient(network, settings.loss, frame.parameters, inputs, data.y, data.n);
  return network.offsets.map(({ weight }, l) => Math.sqrt(
    flat.subarray(weight, network.offsets[l + 1]?.weight ?? flat.length).reduce((sum, g) => sum + g * g, 0)));
}

/** On how many cells, between all kinks of all units, the points lie. @param {Activation[]} activations @param {import('./types').Layer[]} layers @param {number} n */
function piecesOf(activations, layers, n) {
  const cells = new Set();
  for (let i = 0; i < n; i++) {
    cells.add(activations.map(({ kinks }, l) => {
      const { pre, width } = layers[l];
      return Array.from(pre.subarray(i * width, (i + 1) * width), z => kinks.filter(kink => z > kink).length).join();
    }).join());
  }
  return cells.size;
}

/** Since when the test loss rises although the training loss falls. @param {Lab} lab */
function overfitOf({ frames, frame }) {
  const before = frames.filter(one => one.epoch <= frame.epoch && Number.isFinite(one.testLoss));
  if (before.length < 2) return null;
  const best = before.reduce((a, b) => (b.testLoss < a.testLoss ? b : a));
  const worse = frame.testLoss > WORSE * best.testLoss && frame.loss < best.loss;
  return worse ? { epoch: best.epoch, best: best.testLoss, now: frame.testLoss } : null;
}

/** The first input whose mean or spread is far from 0 and 1. @param {Lab} lab @param {number} n */
function inputOf({ inputs, settings }, n) {
  const d = inputs.length / n;
  for (let j = 0; j < d; j++) {
    const column = inputs.filter((_, i) => i % d === j), mean = column.reduce((a, b) => a + b, 0) / n;
    const spread = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
    if (spread > FAR || Math.abs(mean) > FAR) return { name: settings.features[j], mean, spread };
  }
  return null;
}

/** How many kinks a network with one input and one hidden layer has within its data, and how many at most. @param {Lab} lab */
function kinksOf({ network, frame, inputs }) {
  const { kinks } = network.activations[0], width = network.widths[1], [{ weight, bias }, out] = network.offsets;
  const left = inputs.reduce((a, b) => Math.min(a, b)), right = inputs.reduce((a, b) => Math.max(a, b));
  let used = 0;
  for (let unit = 0; unit < width; unit++) for (const kink of kinks) {
    const x = (kink - frame.parameters[bias + unit]) / frame.parameters[weight + unit];
    if (x > left && x < right && frame.parameters[out.weight + unit]) used++;
  }
  return { used, most: width * kinks.length };
}

/** @param {Facts} of @param {string} name */
const everywhere = (of, name) => ({ activations: of.names.map(() => name) });

/** @param {number} share */
const percent = share => Math.round(1000 * share) / 10;

/** Each looks at the facts and says its sentence, or nothing; the most important first. @type {((of: Facts) => Sentence | null | undefined | false)[]} */
const RULES = [
  ({ fault, names, settings }) => fault && {
    id: 'nan', tone: 'warning', values: { ...fault },
    text: {
      undefined: { en: 'Epoch {epoch}: not a number any more, first in layer {layer}: {name} has no value for what came in.',
        zh: '第 {epoch} 轮，数算不下去了，先出在第 {layer} 层：{name} 在那里没有值。' },
      fast: { en: 'Epoch {epoch}: numbers ran away, first in layer {layer}. {name} grows faster than its input, and every layer makes large numbers larger.',
        zh: '第 {epoch} 轮，数大得越了界，先出在第 {layer} 层。{name} 比输入长得快，大数一层层变得更大。' },
      rate: { en: 'Epoch {epoch}: numbers ran away, first in layer {layer}. Most likely the learning rate {rate} is too high.',
        zh: '第 {epoch} 轮，数大得越了界，先出在第 {layer} 层。多半是学习率 {rate} 太高。' },
    }[fault.cause],
    action: fault.cause === 'rate' ? { text: USE.half, changes: { learning_rate: settings.learning_rate / 2 } }
      : { text: USE.tanh, changes: { activations: names.map(() => 'tanh') } },
  },
  ({ hidden }) => first(hidden, one => one.alike, (_, layer) => ({
    id: 'alike', tone: 'warning', values: { layer },
    text: { en: 'All units of layer {layer} have equal weights, in and out. So their gradients are equal, and they stay alike for ever: one unit in many copies.',
      zh: '第 {layer} 层各单元进出的权重全都相等，梯度也就相等，永远一模一样：等于一个单元抄了许多份。' },
    action: { text: USE.glorot, changes: { init: 'glorot_normal', gain: null } },
  })),
  of => first(of.hidden, (_, l) => of.kinds[l].step, ({ name }, layer) => ({
    id: 'step', tone: 'theorem', values: { layer, name },
    text: { en: '{name} has slope 0 wherever it has a slope: no gradient gets past layer {layer}, and nothing up to there learns.',
      zh: '{name} 凡有斜率处斜率都是 0：梯度过不了第 {layer} 层，它和它之前的都学不动。' },
    action: { text: USE.tanh, changes: everywhere(of, 'tanh') },
  })),
  of => first(of.hidden, one => one.dead.length === one.width, ({ name }, layer) => ({
    id: 'blocked', tone: 'warning', values: { layer, name, n: of.n },
    text: { en: 'Every unit of layer {layer} ({name}) has slope 0 at all {n} points: the gradient is exactly 0 there and before.',
      zh: '第 {layer} 层（{name}）所有单元在全部 {n} 个点上斜率为 0：这里和之前的梯度都恰好是 0。' },
    action: { text: USE.leaky, changes: everywhere(of, 'leaky_relu') },
  })),
  of => of.inseparable && {
    id: 'line', tone: 'theorem', values: {},
    text: { en: 'No straight line parts these points (the hulls of the two classes overlap), and without a bend the network draws nothing else.',
      zh: '没有直线能分开这些点（两类的凸包相交），而不会弯的网络只会画直线。' },
    action: of.names.length ? { text: USE.tanh, changes: everywhere(of, 'tanh') }
      : { text: USE.units, changes: { hidden: [3], activations: ['tanh'] } },
  },
  of => cannotEnclose(of) && {
    id: 'topology', tone: 'theorem', values: { name: [...new Set(of.names)].join(', ') },
    text: { en: 'No training will do it. With {name} and no layer wider than 2, every piece of a region runs to infinity (Olah 2014; Beise et al. 2021), so the outside cannot be shut out: a whole ring is always cut, at best between two points.',
      zh: '怎么训练都不行。用 {name}，每层又不超过 2 个单元，区域的每一块都伸到无穷远（Olah 2014；Beise 等 2021），围不住里面：完整的环必被切开，最多从两点之间钻过去。' },
    action: { text: USE.unit, changes: { hidden: of.settings.hidden.map((width, l) => (l ? width : 3)) } },
  },
  of => first(of.hidden, one => one.dead.length > 0, ({ dead, name }, layer) => ({
    id: 'dead', tone: 'warning', values: { unit: dead[0] + 1, layer, name, n: of.n, count: of.hidden.reduce((sum, one) => sum + one.dead.length, 0) },
    text: layer > 1 ? { en: 'Unit {unit} of layer {layer} ({name}) has slope 0 at all {n} points: its gradient is 0. Such units: {count}.',
      zh: '第 {layer} 层单元 {unit}（{name}）在全部 {n} 个点上斜率为 0：梯度是 0。这样的单元共 {count} 个。' }
      : { en: 'Unit {unit} of layer 1 ({name}) has slope 0 at all {n} points: no gradient can move it any more. Such units: {count}.',
        zh: '第 1 层单元 {unit}（{name}）在全部 {n} 个点上斜率为 0：梯度再也挪不动它。这样的单元共 {count} 个。' },
    target: { layer: layer - 1, unit: dead[0] }, action: { text: USE.leaky, changes: everywhere(of, 'leaky_relu') },
  })),
  of => {
    const ratio = of.gradients[0] / of.gradients[of.gradients.length - 1], vanishes = ratio < 1 / APART;
    return of.gradients.length > 2 && ratio > 0 && (vanishes || ratio > APART) && Number.isFinite(ratio) && {
      id: vanishes ? 'vanishing' : 'exploding', tone: 'warning', values: { ratio },
      text: vanishes ? { en: 'The gradient of layer 1 is {ratio} times that of the last: it vanishes on the way back.', zh: '第一层的梯度是最后一层的 {ratio} 倍：往回传的路上消失了。' }
        : { en: 'The gradient of layer 1 is {ratio} times that of the last: it explodes on the way back.', zh: '第一层的梯度是最后一层的 {ratio} 倍：往回传的路上爆炸了。' },
      action: startOf(of),
    };
  },
  of => of.task !== 'regression' && of.same && of.epoch >= SETTLED && {
    id: 'same', tone: 'warning', values: { n: of.n, right: of.right },
    text: { en: 'The same answer for all {n} points: the {right} right ones are just those of one class.', zh: '{n} 个点的答案全一样：对的 {right} 个只是其中一类。' },
  },
  of => first(of.hidden, (one, l) => one.saturated >= SATURATED && !of.kinds[l].pieces, ({ saturated, name }, layer) => ({
    id: 'saturated', tone: 'warning', values: { layer, name, share: percent(saturated) },
    text: { en: 'In layer {layer}, |f′| of {name} is below 0.01 for {share} % of all pairs of a unit and a point: they hardly learn.',
      zh: '第 {layer} 层的单元与点，{share}% 的组合里 {name} 的 |f′| 不到 0.01：几乎学不动。' },
  })),
  of => of.input && {
    id: 'input', tone: 'warning', values: of.input,
    text: { en: 'Input {name} has mean {mean} and spread {spread}; weights start for about 0 and 1. Standardise it.',
      zh: '输入 {name} 的均值是 {mean}，标准差是 {spread}；初始权重是按 0 和 1 准备的。请先标准化。' },
  },
  of => of.overfit && {
    id: 'overfit', tone: 'warning', values: of.overfit,
    text: { en: 'Test loss {now}; it was {best} at epoch {epoch}, and training loss has fallen since: overfitting.', zh: '测试损失 {now}，第 {epoch} 轮时只有 {best}，训练损失却还在降：过拟合了。' },
    action: { text: USE.back, seek: of.overfit.epoch },
  },
  of => of.map && {
    id: 'collapse', tone: 'theorem', values: { map: of.map, layers: of.names.length + 1 },
    text: of.names.length ? { en: 'Nothing bends: all {layers} layers together are one affine map. Score = {map}', zh: '没有弯：{layers} 层合起来就是一个仿射映射。得分 = {map}' }
      : { en: 'The whole network is one affine map. Score = {map}', zh: '整个网络就是一个仿射映射。得分 = {map}' },
  },
  of => of.task !== 'regression' && !of.fault && {
    id: of.right === of.n ? 'separated' : 'right', tone: of.right === of.n ? 'good' : 'theorem', values: { right: of.right, n: of.n },
    text: of.task === 'multiclass' ? { en: '{right} of {n} points are right.', zh: '{n} 个点中对了 {right} 个。' }
      : { en: 'One straight line in the last space has {right} of {n} points on their right side.', zh: '最后的空间里，一条直线把 {n} 个点中的 {right} 个分在正确的一侧。' },
  },
  of => of.kinks && !of.affine && {
    id: 'kinks', tone: 'theorem', values: { ...of.kinks, name: of.names[0] },
    text: { en: 'One layer of {name} draws a broken line with {most} kinks at most; {used} lie among the data.', zh: '一层 {name} 画的是折线，最多 {most} 个折点，其中 {used} 个落在数据范围内。' },
  },
  of => of.pieces && !of.affine && !of.kinks && !of.kinds.some(kind => kind.step) && {
    id: 'pieces', tone: 'theorem', values: { pieces: of.pieces, folds: of.hidden.reduce((sum, one) => sum + one.folds, 0) },
    text: { en: 'Straight pieces only: the folds of {folds} units run between the points, which lie on {pieces} flat pieces.', zh: '全由平直的片拼成：{folds} 个单元的折痕从点之间穿过，点分布在 {pieces} 片上。' },
  },
  of => of.task === 'regression' && !of.fault && {
    id: 'r2', tone: of.metric >= 0.99 ? 'good' : 'theorem', values: { r2: of.metric, share: percent(of.metric) },
    text: of.metric > 0 ? { en: 'r² = {r2}: the squared error is {share} % smaller than that of always saying the mean.', zh: 'r² = {r2}：平方误差比“总答均值”小 {share}%。' }
      : { en: 'r² = {r2}: no better than always saying the mean.', zh: 'r² = {r2}：不比“总答均值”好。' },
  },
];

/** @template T @param {T[]} list @param {(one: T, place: number) => boolean} test @param {(one: T, layer: number) => Sentence} say */
function first(list, test, say) {
  const place = list.findIndex(test);
  return place < 0 ? null : say(list[place], place + 1);
}

/**
 * Whether the task is to enclose one class by the other in the plane, and no weights of this network can: where no
 * layer is wider than the input and activations are continuous and strictly monotone, or ReLU, no connected part of a
 * decision region is bounded (Beise, Da Cruz & Schröder 2021).
 * @param {Facts} of
 */
function cannotEnclose({ data, plane, affine, names, settings }) {
  return (data === 'ring' || data === 'circles') && plane && !affine && settings.hidden.every(width => width <= 2)
    && names.every(name => name === 'relu' || STRICT.includes(name));
}

/** The start, or the activation, that lets the gradient through. @param {Facts} of @returns {Action} */
function startOf(of) {
  if (of.kinds.every(kind => kind.pieces)) return { text: USE.he, changes: { init: 'he_normal', gain: null } };
  return of.names.every(name => name === 'tanh') ? { text: USE.gain, changes: { init: 'lecun_normal', gain: 'exact' } }
    : { text: USE.tanh, changes: everywhere(of, 'tanh') };
}

/**
 * All that can be said, the most important first.
 * @param {Facts} of
 * @returns {Sentence[]}
 */
export const sentences = of => RULES.map(rule => rule(of)).filter(said => !!said);

/**
 * The panel: at most four sentences, looked for once a second; read out when others appear and when playing stops.
 * @param {Lab} lab
 */
export function lampPanel(lab) {
  const list = h('ul', { class: 'sentences' });
  let ids = '', last = -Infinity, /** @type {ReturnType<typeof setTimeout> | undefined} */ timer;
  const update = () => {
    timer = undefined;
    last = performance.now();
    const found = sentences(facts(lab)).slice(0, 4), now = found.map(one => one.id).join();
    list.setAttribute('aria-live', now !== ids || !lab.playing ? 'polite' : 'off');
    ids = now;
    const items = found.map(one => sentenceItem(lab, one));
    const held = list.contains(/** @type {Document | ShadowRoot} */ (list.getRootNode()).activeElement);
    if (!held || !lab.playing) list.replaceChildren(...items.length ? items : [h('li', { class: 'quiet' }, lab.t(NOTHING))]);
  };
  const soon = () => { timer ??= setTimeout(update, Math.max(0, last + (lab.playing ? 1000 : 50) - performance.now())); };
  for (const event of /** @type {const} */ (['frame', 'settings', 'data', 'playing'])) lab.on(event, soon);
  soon();
  return h('section', { class: 'lamp' }, h('h2', {}, lab.t(HEADING)), list);
}

/** @param {Lab} lab @param {Sentence} sentence */
function sentenceItem(lab, { id, tone, text, values, target, action }) {
  const said = Object.fromEntries(Object.entries(values).map(([name, value]) =>
    [name, typeof value === 'number' ? lab.number(value) : value]));
  return h('li', { class: tone, 'data-id': id }, h('strong', {}, lab.t(TONES[tone])), ' ', lab.t(text, said), ' ',
    target && button(lab.t(SHOW_UNIT), () => lab.show({ unit: target })),
    action && button(lab.t(action.text), () => {
      if (action.seek !== undefined) lab.seek(action.seek);
      if (action.changes) lab.change(action.changes);
    }));
}
