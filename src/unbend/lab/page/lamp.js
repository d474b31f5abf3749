/** The theorem lamp: what is true of the network that is shown, measured from its frame and said in sentences. */
import { button, h } from './dom.js';
import { forward, isSound, lossGradient, makeScratch } from './net.js';

/** A slope below this lets next to nothing through; as in `unbend.diagnosis`. */
const FLAT = 0.01;
/** From this share of flat pairs of a unit and a point on it is said: fewer are usual in a network that has learnt. */
const SATURATED = 0.4;
/** Gradients of the first and the last layer a thousand times apart: one learning rate cannot serve both. */
const APART = 1000;
/** A test loss ten per cent above its least is more than the wavering from epoch to epoch. */
const WORSE = 1.1;
/** In the first epochs any network may still give one answer. */
const SETTLED = 10;
/** Means and spreads beyond this are far from the 0 and 1 that initialisers count on. */
const FAR = 5;
/** About so many points of each class are compared; that no line parts these proves it for all. */
const COMPARED = 400;
/** The catalogue's continuous and strictly monotone activations, as `unbend.activations.monotony` finds them. */
export const STRICT = ('identity leaky_relu elu selu softplus softsign sigmoid log_sigmoid cloglog tanh lecun_tanh tanh_shrink '
  + 'arctan erf isru symlog arcsinh prelu rrelu celu isrlu squareplus bent_identity cube exponential snake').split(' ');

const T = {
  heading: { en: 'Theorem lamp', zh: '定理灯' },
  nothing: { en: 'Nothing to say.', zh: '没有可说的。' },
  theorem: { en: 'Fact', zh: '事实' }, warning: { en: 'Warning', zh: '注意' }, good: { en: 'Good', zh: '很好' },
  show: { en: 'Show the unit', zh: '看这个单元' }, back: { en: 'Go back there', zh: '回到那一轮' },
  use: { en: 'Use {name}', zh: '改用 {name}' }, unit: { en: 'Add a unit', zh: '加一个单元' },
  half: { en: 'Halve the learning rate', zh: '学习率减半' }, gain: { en: 'Use the exact gain', zh: '用精确增益' },
};

/**
 * @typedef {import('./types').Floats} Floats
 * @typedef {import('./types').Lab} Lab
 * @typedef {import('./types').Layer} Layer
 * @typedef {import('./types').Network} Network
 * @typedef {import('./types').Activation} Activation
 * @typedef {ReturnType<typeof facts>} Facts
 * @typedef {ReturnType<typeof hiddenFacts>} HiddenFacts
 * @typedef {{ text: import('./types').Text, name?: string, changes?: Partial<import('./types').Settings>, seek?: number }} Action
 * @typedef {{ id: string, tone: 'theorem' | 'warning' | 'good', text: import('./types').Text,
 *   values: Record<string, string | number>, target?: { layer: number, unit: number }, action?: Action }} Sentence
 */

/**
 * What an activation is made of, from its kinks and its slope at 257 places of [-8, 8]: straight between the kinks,
 * straight altogether, of slope 0 wherever it has one; and whether it grows faster than its input, from 10 to 100.
 * @param {Activation} f
 */
function characterOf(f) {
  const n = 261, z = Float64Array.from({ length: n }, (_, i) => (i - 128.3) / 16), a = new Float64Array(n), slope = new Float64Array(n);
  z.set([-100, 100, -10, 10], 257);
  f.apply(z, a, slope, 0, n);
  const size = a.subarray(257).map(Math.abs), inner = slope.subarray(0, 257);
  const straight = inner.every((s, i) => !i || Math.abs(s - slope[i - 1]) < 1e-12 || f.kinks.some(kink => kink >= z[i - 1] && kink <= z[i]));
  return {
    straight, affine: straight && !f.kinks.length, step: inner.every(s => s === 0),
    fast: Math.max(size[0], size[1]) > 20 * Math.max(size[2], size[3], 1),
  };
}

/**
 * What is true of the shown frame.
 * @param {Lab} lab
 */
export function facts(lab) {
  const { network, frame, data, inputs, settings } = lab, n = data.n, wide = network.widths[0];
  const layers = forward(network, frame.parameters, inputs, n), kinds = network.activations.map(characterOf);
  const sound = Number.isFinite(frame.loss) && isSound(frame.parameters)
    && (lab.divergedAt === null || frame !== lab.frames[lab.frames.length - 1]);
  const affine = kinds.every(kind => kind.affine), answers = answersOf(layers[kinds.length], n);
  return {
    data, n, settings, names: settings.activations, frame, affine, kinds,
    regression: data.task === 'regression', right: answers.filter((answer, i) => answer === data.y[i]).length,
    same: answers.every(answer => answer === answers[0]),
    plane: data.d === 2 && settings.features.join() === 'x1,x2',
    fault: sound ? null : faultOf(lab, layers, kinds),
    map: affine && sound ? mapOf(lab) : '',
    inseparable: data.task === 'binary' && affine && wide === 2 && inseparable(inputs, data.y),
    hidden: sound ? kinds.map((_, l) => hiddenFacts(lab, layers[l], l)) : [],
    gradients: sound ? normsOf(lab) : [],
    cells: sound && !affine && kinds.every(kind => kind.straight && !kind.step) ? cellsOf(network, layers, n) : 0,
    best: lab.frames.reduce((a, b) => (b.epoch <= frame.epoch && b.testLoss < a.testLoss ? b : a)),
    far: Array.from({ length: wide }, (_, j) => inputOf(lab, j)).find(({ mean, spread }) => Math.abs(mean) > FAR || spread > FAR),
  };
}

/** The class that each point is given. @param {Layer} layer @param {number} n */
function answersOf({ pre, width }, n) {
  return Float64Array.from({ length: n }, (_, i) => {
    const row = pre.subarray(i * width, (i + 1) * width);
    return width === 1 ? Number(row[0] > 0) : row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/**
 * The layer that is first to be blamed, where numbers are none, or else the weights largest; and the cause.
 * @param {Lab} lab @param {Layer[]} layers @param {ReturnType<typeof characterOf>[]} kinds
 */
function faultOf({ network, frame, settings, divergedAt }, layers, kinds) {
  const tops = network.offsets.map((_, l) => part(network, frame.parameters, l).reduce((top, p) => Math.max(top, Math.abs(p)), 0));
  const wild = layers.findIndex(({ post }) => !post.every(Number.isFinite)), at = wild < 0 ? tops.indexOf(Math.max(...tops)) : wild;
  const hole = wild >= 0 && wild < kinds.length && layers[wild].pre.every(Number.isFinite) && layers[wild].post.some(Number.isNaN);
  const guilty = hole ? wild : kinds.findIndex(kind => kind.fast);
  return { layer: at + 1, hole: Number(hole), name: settings.activations[guilty] ?? '', epoch: divergedAt ?? frame.epoch, rate: settings.learning_rate };
}

/** The parameters of one layer. @param {Network} network @param {Floats} flat @param {number} l */
const part = ({ offsets, parameterCount }, flat, l) => flat.subarray(offsets[l].weight, offsets[l + 1]?.weight ?? parameterCount);

/** The one affine map of a network without a bend, up to 3 scores of 4 inputs: its scores at 0 and at the unit vectors tell it. @param {Lab} lab */
function mapOf({ network, frame, settings, number }) {
  const d = network.widths[0], places = new Float64Array((d + 1) * d);
  for (let i = 0; i < d; i++) places[(i + 1) * d + i] = 1;
  const { pre, width } = forward(network, frame.parameters, places, d + 1)[network.activations.length];
  /** @param {number} value */
  const signed = value => `${value < 0 ? '−' : '+'} ${number(Math.abs(value))}`;
  return Array.from(pre.subarray(0, Math.min(width, 3)), (bias, k) => [
    ...settings.features.slice(0, 4).map((name, i) => `${signed(pre[(i + 1) * width + k] - bias)}·${name}`), ...d > 4 ? ['…'] : [], signed(bias),
  ].join(' ').replace(/^\+ /, '')).join('; ') + (width > 3 ? '; …' : '');
}

/**
 * Whether no straight line parts the two classes of points in the plane. One does exactly if all differences between a
 * point of the one and a point of the other lie within less than half a turn.
 * @param {Floats} x @param {Floats} y
 */
export function inseparable(x, y) {
  const [zeros, ones] = [0, 1].map(label => {
    const rows = Array.from(y.keys()).filter(i => y[i] === label), every = Math.ceil(rows.length / COMPARED);
    return rows.filter((_, i) => i % every === 0);
  });
  let low = 0, high = 0, first = NaN;
  for (const a of zeros) for (const b of ones) {
    const dx = x[2 * b] - x[2 * a], dy = x[2 * b + 1] - x[2 * a + 1], angle = Math.atan2(dy, dx);
    if (Number.isNaN(first)) first = angle;
    const turn = Math.atan2(Math.sin(angle - first), Math.cos(angle - first));
    low = Math.min(low, turn);
    high = Math.max(high, turn);
    if (!dx && !dy || high - low > Math.PI + 1e-9) return true;
  }
  return false;
}

/**
 * Dead and saturated units of a layer, units that are all alike, and units whose kink runs between the points.
 * @param {Lab} lab @param {Layer} layer @param {number} l
 */
function hiddenFacts({ network, frame, settings, data }, { pre, width }, l) {
  const f = network.activations[l], slope = new Float64Array(pre.length), units = Array.from({ length: width }, (_, unit) => unit);
  f.apply(pre, new Float64Array(pre.length), slope, 0, pre.length);
  /** @param {number} unit @param {(place: number) => boolean} test */
  const always = (unit, test) => { for (let i = 0; i < data.n; i++) if (!test(i * width + unit)) return false; return true; };
  return {
    name: settings.activations[l], width, dead: units.filter(unit => always(unit, i => slope[i] === 0)),
    saturated: slope.filter(s => Math.abs(s) < FLAT).length / slope.length,
    alike: width > 1 && alike(network, frame.parameters, l),
    folds: units.filter(unit => f.kinks.some(kink => !always(unit, i => pre[i] > kink === pre[unit] > kink))).length,
  };
}

/** Whether all units of a hidden layer have equal weights, in and out. @param {Network} network @param {Floats} flat @param {number} l */
function alike(network, flat, l) {
  const [, width, next] = network.widths.slice(l), into = part(network, flat, l), out = part(network, flat, l + 1);
  return into.every((p, i) => p === into[i - i % width]) && out.subarray(0, width * next).every((p, i) => p === out[i % next]);
}

/** The norm of the loss's gradient by the parameters of each layer. @param {Lab} lab */
function normsOf({ network, frame, inputs, data, settings }) {
  const flat = new Float64Array(network.parameterCount);
  lossGradient(network, frame.parameters, makeScratch(network, data.n), inputs, data.y, data.n, settings.loss, flat);
  return network.offsets.map((_, l) => Math.hypot(...part(network, flat, l)));
}

/** On how many cells, between all kinks of all units, the points lie. @param {Network} network @param {Layer[]} layers @param {number} n */
function cellsOf({ activations }, layers, n) {
  return new Set(Array.from({ length: n }, (_, i) => activations.map(({ kinks }, l) => {
    const { pre, width } = layers[l];
    return Array.from(pre.subarray(i * width, (i + 1) * width), z => kinks.filter(kink => z > kink).length).join('');
  }).join(''))).size;
}

/** Mean and spread of an input. @param {Lab} lab @param {number} j */
function inputOf({ inputs, settings, data: { n } }, j) {
  const column = inputs.filter((_, i) => i % settings.features.length === j), mean = column.reduce((a, b) => a + b, 0) / n;
  return { name: settings.features[j], mean, spread: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n) };
}

/**
 * @param {string} id @param {Sentence['tone']} tone @param {string} en @param {string} zh
 * @param {Sentence['values']} [values] @param {Action} [action] @param {Sentence['target']} [target]
 * @returns {Sentence}
 */
const say = (id, tone, en, zh, values = {}, action, target) => ({ id, tone, text: { en, zh }, values, action, target });

/** Another activation in every layer. @param {Facts} of @param {string} name @returns {Action} */
const use = ({ names }, name) => ({ text: T.use, name, changes: { activations: names.map(() => name) } });

/** What is said of the first layer of which something is so. @param {Facts} of @param {(one: HiddenFacts, l: number) => boolean} test @param {(one: HiddenFacts, layer: number) => Sentence} tell */
function first({ hidden }, test, tell) {
  const l = hidden.findIndex(test);
  return l >= 0 && tell(hidden[l], l + 1);
}

/** Each looks at the facts and says its sentence, or nothing; the most important first. @type {((of: Facts) => Sentence | null | undefined | false | 0 | '')[]} */
const RULES = [
  of => {
    const { fault, settings } = of;
    const cause = fault && (fault.hole ? { en: 'no number any more: {name} has no value there', zh: '算不出数：{name} 在那里没有值' }
      : fault.name ? { en: 'too large: {name} grows faster than its input', zh: '数大得越界：{name} 比输入长得快' }
        : { en: 'too large: most likely the learning rate {rate} is too high', zh: '数大得越界：多半是学习率 {rate} 太高' });
    return cause && say('nan', 'warning', `Epoch {epoch}, layer {layer} first of all: ${cause.en}.`, `第 {epoch} 轮，首先是第 {layer} 层，${cause.zh}。`, fault,
      fault.name ? use(of, 'tanh') : { text: T.half, changes: { learning_rate: settings.learning_rate / 2 } });
  },
  of => first(of, one => one.alike, (_, layer) => say('alike', 'warning',
    'All units of layer {layer} have equal weights, so equal gradients: they stay alike for ever, like one unit.',
    '第 {layer} 层各单元权重全相等，梯度也就相等：永远一模一样，等于一个单元。', { layer },
    { text: T.use, name: 'glorot_normal', changes: { init: 'glorot_normal', gain: null } })),
  of => first(of, (_, l) => of.kinds[l].step, ({ name }, layer) => say('step', 'theorem',
    '{name} has slope 0 wherever it has one: no gradient gets past layer {layer}, and nothing up to there learns.',
    '{name} 的斜率处处为 0（跳变点除外）：梯度过不了第 {layer} 层，它和它之前的都学不动。', { layer, name }, use(of, 'tanh'))),
  of => first(of, (one, l) => one.dead.length === one.width && !of.kinds[l].step, ({ name }, layer) => say('blocked', 'warning',
    'All of layer {layer} ({name}) has slope 0 at all {n} points: there and before, the gradient is exactly 0.',
    '第 {layer} 层（{name}）的单元在全部 {n} 个点上斜率都是 0：这里和之前的梯度恰好是 0。', { layer, name, n: of.n }, use(of, 'leaky_relu'))),
  of => of.inseparable && say('line', 'theorem',
    'No straight line parts these points (the hulls of the classes overlap), and without a bend nothing else is drawn.',
    '没有直线能分开这些点（两类的凸包相交），不会弯的网络又只会画直线。', {},
    of.names.length ? use(of, 'tanh') : { text: T.use, name: '3 tanh', changes: { hidden: [3], activations: ['tanh'] } }),
  of => cannotEnclose(of) && say('topology', 'theorem',
    'No training will do it: with {name} and no layer wider than 2, every piece of a region runs to infinity (Olah 2014; Beise et al. 2021). It must cut the ring, at best between two points.',
    '怎么训练都不行：用 {name}，各层不超过 2 个单元，区域的每一块都伸到无穷远（Olah 2014；Beise 等 2021）。它必然切开环，最多从两点之间钻过。',
    { name: [...new Set(of.names)].join(', ') }, { text: T.unit, changes: { hidden: of.settings.hidden.map((width, l) => (l ? width : 3)) } }),
  of => first(of, one => one.dead.length > 0 && one.dead.length < one.width, ({ dead, name }, layer) => say('dead', 'warning',
    `Unit {unit} of layer {layer} ({name}) has slope 0 at all {n} points: ${layer > 1 ? 'its gradient is 0' : 'no gradient can move it any more'}. Dead units: {count}.`,
    `第 {layer} 层单元 {unit}（{name}）在全部 {n} 个点上斜率是 0：${layer > 1 ? '梯度为 0' : '梯度再也挪不动它'}。死亡单元共 {count} 个。`,
    { unit: dead[0] + 1, layer, name, n: of.n, count: of.hidden.reduce((sum, one) => sum + one.dead.length, 0) },
    use(of, 'leaky_relu'), { layer: layer - 1, unit: dead[0] })),
  of => {
    const ratio = of.gradients[0] / of.gradients[of.kinds.length], vanishing = ratio < 1;
    return of.kinds.length > 1 && ratio > 0 && ratio < Infinity && Math.max(ratio, 1 / ratio) > APART
      && say(vanishing ? 'vanishing' : 'exploding', 'warning',
        `The gradient of layer 1 is {ratio} times that of the last layer: it ${vanishing ? 'vanishes' : 'explodes'} on its way back.`,
        `第一层的梯度是最后一层的 {ratio} 倍：往回传时${vanishing ? '消失' : '爆炸'}了。`, { ratio }, startOf(of));
  },
  of => !of.regression && of.same && of.frame.epoch >= SETTLED && say('same', 'warning',
    'The same answer for all {n} points: the {right} right ones are one class.', '{n} 个点的答案全一样：对的 {right} 个只是其中一类。', { n: of.n, right: of.right }),
  of => first(of, (one, l) => one.saturated >= SATURATED && !of.kinds[l].straight, ({ saturated, name }, layer) => say('saturated', 'warning',
    'Layer {layer} is saturated: |f′| of {name} is below 0.01 for {share} % of its pairs of unit and point.',
    '第 {layer} 层饱和：单元与点的组合里，{share}% 的 {name} 斜率不到 0.01。', { layer, name, share: Math.round(100 * saturated) })),
  of => of.far && say('input', 'warning',
    'Input {name} has mean {mean} and spread {spread}; weights start as for 0 and 1. Standardise it.',
    '输入 {name} 的均值 {mean}，标准差 {spread}；初始权重是按 0 和 1 准备的，请先标准化。', of.far),
  ({ best, frame }) => frame.testLoss > WORSE * best.testLoss && frame.loss < best.loss && say('overfit', 'warning',
    'Test loss {now}, but {was} at epoch {epoch}; training loss fell since: overfitting.', '测试损失 {now}，第 {epoch} 轮只有 {was}，训练损失却降了：过拟合。',
    { epoch: best.epoch, was: best.testLoss, now: frame.testLoss }, { text: T.back, seek: best.epoch }),
  of => of.map && say('collapse', 'theorem',
    'Nothing bends: the whole network is one affine map, score = {map}', '没有非线性：整个网络就是一个仿射映射，得分 = {map}', { map: of.map }),
  of => !of.regression && !of.fault && say(of.right === of.n ? 'separated' : 'right', of.right === of.n ? 'good' : 'theorem',
    of.data.task === 'binary' ? 'One straight line in the last space has {right} of {n} points on the right side.' : '{right} of {n} points are right.',
    of.data.task === 'binary' ? '在最后一层的空间里，一条直线分对了 {right}/{n} 个点。' : '{n} 个点对了 {right} 个。',
    { right: of.right, n: of.n }),
  ({ cells, kinds, hidden, data, names, settings }) => {
    const folds = hidden.reduce((sum, one) => sum + one.folds, 0);
    return cells && (data.d === 1 && settings.features.length === 1 && kinds.length === 1
      ? say('kinks', 'theorem', 'One layer of {name} draws a broken line; {folds} of {width} units fold it among the data.', '一层 {name} 画的是折线；{width} 个单元中有 {folds} 个折在数据之间。',
        { name: names[0], folds, width: hidden[0].width })
      : say('pieces', 'theorem', 'Straight pieces only; the points lie on {cells} of them. Units that fold between points: {folds}.', '全由平直的片拼成：{folds} 个单元在点之间折，点落在 {cells} 片上。', { folds, cells }));
  },
  ({ regression, fault, frame: { metric } }) => regression && !fault && say('r2', metric >= 0.99 ? 'good' : 'theorem',
    `r² = {r2}: ${metric > 0 ? 'the squared error is {share} % less than for' : 'no better than'} always saying the mean.`,
    `r² = {r2}：${metric > 0 ? '平方误差比总答均值少 {share}%' : '还不如每次都猜平均值'}。`, { r2: metric, share: Math.round(100 * metric) }),
];

/**
 * Whether one class must be enclosed in the plane and no weights can: if no layer is wider than the input and all
 * activations are continuous and strictly monotone, or ReLU, every connected part of a decision region is unbounded
 * (Beise, Da Cruz & Schröder 2021, "On decision regions of narrow deep neural networks").
 * @param {Facts} of
 */
function cannotEnclose({ data, plane, affine, names, settings }) {
  return ['ring', 'circles'].includes(data.name) && plane && !affine && settings.hidden.every(width => width <= 2)
    && names.every(name => name === 'relu' || STRICT.includes(name));
}

/** The start, or the activation, that lets the gradient through. @param {Facts} of @returns {Action} */
function startOf(of) {
  if (of.kinds.every(kind => kind.straight)) return { text: T.use, name: 'he_normal', changes: { init: 'he_normal', gain: null } };
  return of.names.every(name => name === 'tanh') ? { text: T.gain, changes: { init: 'lecun_normal', gain: 'exact' } } : use(of, 'tanh');
}

/**
 * All that can be said, the most important first.
 * @param {Facts} of
 */
export const sentences = of => RULES.flatMap(rule => rule(of) || []);

/**
 * The panel: at most four sentences, looked for once a second; read out when others appear and when playing stops.
 * @param {Lab} lab
 */
export function lampPanel(lab) {
  const list = h('ul', { class: 'sentences' });
  let ids = '', last = -Infinity, waiting = false;
  const update = () => {
    waiting = false;
    last = performance.now();
    const found = sentences(facts(lab)).slice(0, 4), now = found.map(one => one.id).join();
    list.setAttribute('aria-live', now !== ids || !lab.playing ? 'polite' : 'off');
    if (now === ids && lab.playing && list.matches(':focus-within')) return;
    ids = now;
    list.replaceChildren(...found.length ? found.map(one => item(lab, one)) : [h('li', {}, lab.t(T.nothing))]);
  };
  const soon = () => {
    if (!waiting) setTimeout(update, Math.max(0, last + (lab.playing ? 1000 : 50) - performance.now()));
    waiting = true;
  };
  for (const event of /** @type {const} */ (['frame', 'settings', 'data', 'playing'])) lab.on(event, soon);
  soon();
  return h('section', { class: 'box lamp' }, h('h2', {}, lab.t(T.heading)), list);
}

/** @param {Lab} lab @param {Sentence} sentence */
function item(lab, { id, tone, text, values, target, action }) {
  const said = Object.fromEntries(Object.entries(values).map(([name, value]) =>
    [name, typeof value === 'number' && !Number.isInteger(value) ? lab.number(value) : value]));
  return h('li', { class: tone, 'data-id': id }, h('strong', {}, lab.t(T[tone])), ' ', lab.t(text, said), ' ',
    target && button(lab.t(T.show), () => lab.show({ unit: target })),
    action && button(lab.t(action.text, { name: action.name ?? '' }), () => {
      if (action.seek !== undefined) return lab.seek(action.seek);
      lab.change(action.changes ?? {});
      if (lab.divergedAt !== null) lab.reset();
    }));
}
