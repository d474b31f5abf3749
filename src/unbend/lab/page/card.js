/** The card of an activation: its curve and gradient, where the units live on it, what is good and bad; one's own formula. */
import { NAMES, activation, facts } from './activations.js';
import { describe, groupOf, sampled } from './describe.js';
import { button, h } from './dom.js';
import { forward } from './net.js';
import { palette, sharp, toPixels } from './paint.js';

const T = {
  card: { en: 'Activation', zh: '激活函数' },
  known: { en: 'One that is known', zh: '选择已知的函数' },
  pick: { en: 'choose…', zh: '选择…' },
  own: { en: 'or your own f(x), such as x*sigmoid(1.7*x)', zh: '或写自己的 f(x)，例如 x*sigmoid(1.7*x)' },
  layer: { en: 'for layer', zh: '用于层' },
  all: { en: 'all hidden', zh: '所有隐藏层' },
  use: { en: 'use it', zh: '使用' },
  used: { en: 'The hidden layers now use {name}.', zh: '隐藏层现在使用 {name}。' },
  dies: { en: 'It dies', zh: '会死亡' },
  saturates: { en: 'It saturates', zh: '会饱和' },
  off_centre: { en: 'Off centre', zh: '偏离中心' },
  kink: { en: 'It has a kink', zh: '有折点' },
  explodes: { en: 'It explodes', zh: '会爆炸' },
  wavy: { en: 'Not monotone', zh: '不单调' },
  healthy: { en: 'None of these', zh: '以上都没有' },
  place: { en: 'where it is wrong', zh: '出错的位置' },
  value: { en: 'value', zh: '函数值' },
  slope: { en: 'slope', zh: '斜率' },
  units: { en: 'units now', zh: '当前输入分布' },
  formula: { en: 'formula', zh: '公式' },
  range: { en: 'values', zh: '值域' },
  slopes: { en: 'slopes', zh: '斜率范围' },
  flat: { en: 'flat, |slope| < 0.01', zh: '平坦处，|斜率| < 0.01' },
  kinks: { en: 'kinks', zh: '折点' },
  mean: { en: 'mean output, x ~ N(0, 1)', zh: '输出均值，x ~ N(0, 1)' },
  centred: { en: '0: centred', zh: '0：以 0 为中心' },
  shifted: { en: '{mean}: the next layer sees a shift', zh: '{mean}：下一层会看到偏移' },
  monotone: { en: 'monotone', zh: '单调性' },
  increasing: { en: 'increasing', zh: '递增' },
  decreasing: { en: 'decreasing', zh: '递减' },
  not: { en: 'no', zh: '不单调' },
  none: { en: 'none', zh: '无' },
  gain: { en: 'exact gain', zh: '精确增益' },
  source: { en: 'source', zh: '出处' },
  everywhere: { en: 'everywhere', zh: '处处' },
  share: { en: 'Of the hidden units’ inputs on the training points now, {share} lie where |slope| < 0.01.', zh: '此刻训练点上，隐藏神经元的输入有 {share} 落在 |斜率| < 0.01 的地方。' },
  picture: { en: '{name}: values {range}, slopes {slopes}. {share}', zh: '{name}：值域 {range}，斜率 {slopes}。{share}' },
};
const WARNINGS = {
  unsound: { en: 'It is no finite number at x = {x}: a unit that comes there ends the training.', zh: '在 x = {x} 处不是有限数：神经元到了那里，训练就会中断。' },
  constant: { en: 'It is the same number everywhere: a network with it is a constant.', zh: '处处是同一个数：用它的网络是常数。' },
  level: { en: 'Its slope is 0 everywhere: gradient descent cannot move.', zh: '斜率处处为 0：梯度下降一步也走不动。' },
  dies: { en: 'Exactly flat for {where}: units there learn nothing, and can die.', zh: '在 {where} 处完全平坦：落在那里的神经元学不到东西，可能死亡。' },
  saturates: { en: 'Flat for {where}: large inputs stop learning.', zh: '在 {where} 处变平：输入过大就饱和，学不动了。' },
  explodes: { en: 'It grows faster than a straight line: values and gradients may explode.', zh: '比直线增长得快：数值和梯度可能爆炸。' },
  fades: { en: 'Largest slope {slope}: gradients fade with depth.', zh: '最大斜率 {slope}：层数越多，梯度越小。' },
  jumps: { en: 'It jumps at {where}: no gradient leads across.', zh: '在 {where} 处跳跃：没有梯度能引它跨过去。' },
  even: { en: 'The sign of its input is lost: x and −x become one.', zh: '输入的正负号丢失：x 与 −x 变得不可区分。' },
  straight: { en: 'It is a straight line: it bends nothing, however many layers.', zh: '它是一条直线：再多层也什么都弯不了。' },
};
const GROUPS = /** @type {const} */ (['healthy', 'kink', 'saturates', 'dies', 'off_centre', 'wavy', 'explodes']);
const HALF = 5, BINS = 50, PAUSE = 150, ROWS = 1000;
/** what stood in the field, so that a change of language keeps it @type {WeakMap<object, { text: string | null, layer: number }>} */
const drafts = new WeakMap();

/** @typedef {import('./types').Lab} Lab */
/** @typedef {import('./types').Activation} Activation */

/**
 * The warnings about an activation, worst first: which sentence with which values.
 * @param {Activation} shown
 * @returns {[keyof typeof WARNINGS, Record<string, string>][]}
 */
export function warnings(shown) {
  const card = describe(shown), found = /** @type {[keyof typeof WARNINGS, Record<string, string>][]} */ ([]);
  const { slopes: [least, most], dead, saturates: [left, right] } = card;
  const level = least === 0 && most === 0, near = Math.max(-(left ?? 0), right ?? 0) <= 10;
  if (card.unsound !== null) return [['unsound', { x: digits(card.unsound) }]];
  if (card.constant) return [...found, ['constant', {}]];
  if (level) found.push(['level', {}]);
  else if (dead.length) found.push(['dies', { where: spans(dead) }]);
  if (!level && left !== null && right !== null && near && card.flat.length) found.push(['saturates', { where: spans(card.flat) }]);
  if (card.maxSlope === Infinity) found.push(['explodes', {}]);
  if (!level && card.maxSlope < 0.9) found.push(['fades', { slope: digits(card.maxSlope) }]);
  if (card.jumps.length) found.push(['jumps', { where: places(card.jumps) }]);
  if (card.even) found.push(['even', {}]);
  if (!card.kinks.length && most - least < 1e-12 && !level) found.push(['straight', {}]);
  return found;
}

/** A number in few digits. @param {number} value */
function digits(value, count = 4) {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  return String(Number(value.toPrecision(count))).replace('-', '−');
}
const places = (/** @type {number[]} */ list) => list.slice(0, 6).map(x => digits(x)).join(', ') + (list.length > 6 ? ', …' : '');

/** Stretches of the line in signs that need no language; beyond ±10 nothing is looked at. @param {[number, number][]} list */
function spans(list) {
  const short = (/** @type {number} */ x) => digits(x, 3);
  return list.slice(0, 4).map(([low, high]) => low <= -10 ? `x < ${short(high)}` : high >= 10 ? `x > ${short(low)}` : `${short(low)} < x < ${short(high)}`).join(', ') + (list.length > 4 ? ', …' : '');
}

/** @param {Lab} lab @param {Activation} shown @returns {[string, string][]} what is known, in words */
function known(lab, shown) {
  const card = describe(shown), row = facts(shown.name), whole = card.flat.some(([low, high]) => low <= -10 && high >= 10);
  const between = (/** @type {number[]} */ [low, high]) => `${digits(low)} … ${digits(high)}`;
  return [
    ...(shown.formula === shown.name ? [] : [/** @type {[string, string]} */ ([lab.t(T.formula), shown.formula])]),
    [lab.t(T.range), between(card.range)],
    [lab.t(T.slopes), between(card.slopes)],
    [lab.t(T.flat), whole ? lab.t(T.everywhere) : spans(card.flat) || lab.t(T.none)],
    [lab.t(T.kinks), places(card.kinks) || lab.t(T.none)],
    [lab.t(T.mean), Math.abs(card.mean) < 1e-9 ? lab.t(T.centred) : Math.abs(card.mean) > 0.1 ? lab.t(T.shifted, { mean: digits(card.mean) }) : digits(card.mean)],
    [lab.t(T.monotone), card.constant ? lab.t(T.none) : lab.t(card.direction === 'increasing' ? T.increasing : card.direction ? T.decreasing : T.not)],
    [lab.t(T.gain), card.gain === null ? '–' : digits(card.gain)],
    ...(row ? [/** @type {[string, string]} */ ([lab.t(T.source), row.source])] : []),
  ];
}

/** @param {Lab} lab */
export function cardPanel(lab) {
  const draft = drafts.get(lab) ?? { text: null, layer: -1 };
  drafts.set(lab, draft);
  const current = () => lab.settings.activations[Math.max(0, draft.layer)] ?? 'tanh';
  const names = picker(lab, name => write(name));
  const field = h('input', { type: 'text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', maxlength: 200, 'aria-label': lab.t(T.own), 'aria-describedby': 'card-fault',
    oninput: () => write(field.value), onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter') use(); } });
  const layers = h('select', { 'aria-label': lab.t(T.layer), onchange: () => { draft.layer = Number(layers.value); read(); } });
  const apply = button(lab.t(T.use), () => use());
  const fault = h('div', { id: 'card-fault', class: 'fault', role: 'status', lang: 'en' });
  const canvas = h('canvas', { class: 'chart curve', role: 'img' }), share = h('p', { class: 'quiet' });
  const cautions = h('ul', { class: 'warnings' }), list = h('dl', { class: 'facts' }), uses = h('p', {});
  let shown = activation('tanh'), seen = units(lab, -1), last = 0, later = 0;

  /** @param {string} text */
  function write(text) {
    draft.text = text;
    read();
  }
  function read() {
    const text = draft.text ?? current();
    if (field.value !== text) field.value = text;
    fault.replaceChildren();
    try {
      shown = activation(text);
      describe(shown);
    } catch (error) {
      const [reason, ...place] = /** @type {Error} */ (error).message.split('\n');
      fault.append(h('p', {}, `⚠ ${reason}`), place.length ? h('pre', { tabindex: 0, 'aria-label': lab.t(T.place) }, place.join('\n')) : '');
    }
    const wrong = fault.childNodes.length > 0;
    fault.hidden = !wrong;
    field.setAttribute('aria-invalid', String(wrong));
    apply.disabled = wrong || !lab.settings.hidden.length;
    names.value = NAMES.includes(text) ? text : '';
    for (const part of [canvas, share, cautions, list, uses]) part.hidden = wrong; // nothing is said of what cannot be read
    fill();
    paint();
  }
  function use() {
    if (apply.disabled) return;
    const chosen = NAMES.includes(shown.name) || field.value.includes('(') ? field.value.trim() : shown.formula;
    draft.text = null;
    lab.change({ activations: lab.settings.hidden.map((_, l) => draft.layer < 0 || draft.layer === l ? chosen : lab.settings.activations[l]) });
    lab.say(lab.t(T.used, { name: chosen }));
  }
  function fill() {
    cautions.replaceChildren(...warnings(shown).map(([name, values]) => h('li', {}, '⚠ ', lab.t(WARNINGS[name], values))));
    list.replaceChildren(...known(lab, shown).map(([term, said]) => h('div', {}, h('dt', {}, term), h('dd', {}, said))));
    const row = facts(shown.name);
    uses.textContent = row ? lab.t(row.use) : '';
  }
  function paint() {
    clearTimeout(later);
    later = 0;
    last = performance.now();
    if (!canvas.clientWidth) return;
    seen = units(lab, draft.layer, seen);
    share.textContent = seen.count ? lab.t(T.share, { share: `${(100 * flatShare(shown, seen)).toFixed(0)}\u00a0%` }) : '';
    const { range, slopes } = describe(shown), between = (/** @type {number[]} */ [low, high]) => `${digits(low)} … ${digits(high)}`;
    canvas.setAttribute('aria-label', lab.t(T.picture, { name: shown.name, range: between(range), slopes: between(slopes), share: share.textContent }));
    paintCurve(lab, canvas, shown, seen);
  }
  function soon() {
    if (!later) later = window.setTimeout(paint, Math.max(0, PAUSE - (performance.now() - last)));
  }
  function settled() {
    if (draft.layer >= lab.settings.hidden.length) draft.layer = -1;
    layers.replaceChildren(h('option', { value: -1 }, lab.t(T.all)), ...lab.settings.hidden.map((_, l) => h('option', { value: l }, String(l + 1))));
    layers.value = String(draft.layer);
    read();
  }
  lab.on('settings', settled);
  /** @type {import('./types').LabEvent[]} */ (['frame', 'data', 'view']).forEach(event => lab.on(event, soon));
  if (typeof ResizeObserver !== 'undefined') new ResizeObserver(soon).observe(canvas);
  settled();
  const labelled = (/** @type {import('./types').Text} */ text, /** @type {HTMLElement} */ input, name = 'field') => h('label', { class: name }, h('span', {}, lab.t(text)), input);
  return h('section', { class: 'box card', 'aria-label': lab.t(T.card) },
    h('h2', {}, lab.t(T.card)),
    h('div', { class: 'row' }, labelled(T.known, names), labelled(T.own, field, 'field grow'), labelled(T.layer, layers), apply),
    fault, canvas, legend(lab), share, cautions, uses, list);
}

/** All names, by the shape of the function. @param {Lab} lab @param {(name: string) => void} onChange */
function picker(lab, onChange) {
  const select = h('select', { 'aria-label': lab.t(T.known), onchange: () => select.value && onChange(select.value) }, h('option', { value: '' }, lab.t(T.pick)));
  for (const group of GROUPS) {
    const names = NAMES.filter(name => groupOf(activation(name)) === group);
    select.append(h('optgroup', { label: lab.t(T[group]) }, ...names.map(name => h('option', { value: name }, name))));
  }
  return select;
}

/** @param {Lab} lab */
function legend(lab) {
  return h('p', { class: 'row quiet key' }, ...(/** @type {const} */ (['value', 'slope', 'units'])).map(name => h('span', { class: `key-${name}` }, lab.t(T[name]))));
}

/** @typedef {{ network: object, n: number, layers: import('./types').Layer[], bins: Float64Array, pre: import('./types').Floats[], count: number }} Units */
/**
 * The pre-activations of the hidden units in the shown frame, in bins from -5 to 5.
 * @param {Lab} lab
 * @param {number} layer or -1 for all
 * @param {Units} [old] whose room is used again
 * @returns {Units}
 */
function units(lab, layer, old) {
  const { network, data, frame } = lab, n = Math.min(data.n, ROWS);
  const same = old?.network === network && old.n === n ? old.layers : undefined;
  const layers = network.activations.length ? forward(network, frame.parameters, lab.inputs, n, same) : [];
  const bins = old?.bins.fill(0) ?? new Float64Array(BINS), pre = layers.slice(0, -1).filter((_, l) => layer < 0 || layer === l).map(one => one.pre.subarray(0, n * one.width));
  let count = 0;
  for (const numbers of pre) {
    count += numbers.length;
    for (const z of numbers) if (Math.abs(z) < HALF) bins[Math.floor((z + HALF) * BINS / (2 * HALF))]++;
  }
  return { network, n, layers, bins, pre, count };
}

/** The share of pre-activations at which a function is flat. @param {Activation} shown @param {Units} seen */
function flatShare(shown, { pre, count }) {
  let flat = 0;
  for (const numbers of pre) {
    const slope = new Float64Array(numbers.length);
    shown.apply(numbers, new Float64Array(numbers.length), slope, 0, numbers.length);
    for (const s of slope) if (Math.abs(s) < 0.01) flat++;
  }
  return flat / count;
}

/** The curve, its dashed slope, kinks, axes, and below them the units. @param {Lab} lab @param {HTMLCanvasElement} canvas @param {Activation} shown @param {Units} seen */
function paintCurve(lab, canvas, shown, { bins }) {
  const width = canvas.clientWidth, height = canvas.clientHeight || 200, ctx = sharp(canvas, width, height), colours = palette(canvas);
  const { z, value, slope } = sampled(shown, Array.from({ length: 401 }, (_, i) => (i - 200) / 200 * HALF));
  const tame = [...value, ...slope].filter(Number.isFinite), low = Math.max(-4, Math.min(-0.5, ...tame)), high = Math.min(6, Math.max(1.2, ...tame));
  const pad = 0.06 * (high - low), at = toPixels([-HALF, HALF, low - pad, high + pad], width, height), most = Math.max(1, ...bins);
  ctx.fillStyle = colours.grid;
  ctx.globalAlpha = 0.6;
  bins.forEach((count, i) => ctx.fillRect(i * width / BINS, height - 0.4 * height * count / most, width / BINS - 1, 0.4 * height * count / most));
  ctx.globalAlpha = 1;
  axes(lab, ctx, at, low - pad, high + pad, width, height, colours);
  const line = (/** @type {Float64Array} */ numbers, /** @type {string} */ colour, /** @type {number[]} */ dash) => {
    ctx.strokeStyle = colour;
    ctx.setLineDash(dash);
    ctx.lineWidth = dash.length ? 2 : 2.5;
    ctx.beginPath();
    numbers.forEach((v, i) => {
      const [x, y] = at(z[i], v), broken = i === 0 || Math.abs(v - numbers[i - 1]) > 0.5 * (high - low) || shown.kinks.some(k => k > z[i - 1] - 1e-9 && k <= z[i] && Math.abs(v - numbers[i - 1]) > 0.1);
      if (broken || !Number.isFinite(y)) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    });
    ctx.stroke();
    ctx.setLineDash([]);
  };
  line(slope, colours.gradient, [6, 4]);
  line(value, colours.positive, []);
  const corners = shown.kinks.filter(k => Math.abs(k) < HALF), at_ = sampled(shown, corners).value;
  corners.forEach((k, i) => {
    const [x, y] = at(k, at_[i]);
    ctx.fillStyle = colours.paper;
    ctx.strokeStyle = colours.positive;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(x, y, 4, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  });
}

/** @param {Lab} lab @param {CanvasRenderingContext2D} ctx @param {(x: number, y: number) => [number, number]} at @param {number} low @param {number} high @param {number} width @param {number} height @param {{ quiet: string, grid: string }} colours */
function axes(lab, ctx, at, low, high, width, height, colours) {
  const [x0, y0] = at(0, 0), step = high - low > 6 ? 2 : high - low > 2.5 ? 1 : 0.5;
  ctx.fillStyle = colours.grid;
  ctx.fillRect(0, y0 - 0.5, width, 1);
  ctx.fillRect(x0 - 0.5, 0, 1, height);
  ctx.fillStyle = colours.quiet;
  ctx.font = '11px system-ui, sans-serif';
  ctx.textAlign = 'center';
  const below = Math.min(height - 4, y0 + 14);
  for (let x = 1 - HALF; x < HALF; x++) {
    if (x) ctx.fillText(digits(x), at(x, 0)[0], below);
    ctx.fillRect(at(x, 0)[0] - 0.5, y0 - 2, 1, 4);
  }
  ctx.textAlign = 'right';
  for (let y = Math.ceil(low / step) * step; y < high; y += step) {
    if (!y) continue;
    ctx.fillText(digits(y), x0 - 5, at(0, y)[1] + 4);
    ctx.fillRect(x0 - 2, at(0, y)[1] - 0.5, 4, 1);
  }
}
