/** The strip on top: reset, play, step, epoch, and everything that decides how the network learns. */
import { NAMES } from './activations.js';
import { INITIALIZERS } from './initializers.js';
import { button, choice, h } from './dom.js';

const RATES = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const PENALTIES = [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const COMMON = ['tanh', 'relu', 'sigmoid', 'identity', 'gelu', 'silu', 'leaky_relu', 'elu', 'softplus', 'sine', 'step'];
const T = {
  reset: { en: 'Start again', zh: '重新开始' },
  play: { en: 'Train', zh: '训练' },
  pause: { en: 'Pause', zh: '暂停' },
  step: { en: 'One epoch', zh: '走一轮' },
  batch: { en: 'one batch', zh: '走一批' },
  epoch: { en: 'Epoch', zh: '轮数' },
  rate: { en: 'Learning rate', zh: '学习率' },
  activation: { en: 'Activation', zh: '激活函数' },
  mixed: { en: 'several', zh: '多种' },
  common: { en: 'often used', zh: '常用' },
  penalty: { en: 'Regularisation', zh: '正则化' },
  none: { en: 'none', zh: '无' },
  penaltyRate: { en: 'Penalty rate', zh: '正则化率' },
  optimizer: { en: 'Optimiser', zh: '优化器' },
  momentum: { en: 'momentum', zh: '动量' },
  problem: { en: 'Problem', zh: '问题' },
  classes: { en: 'classification', zh: '分类' },
  values: { en: 'regression', zh: '回归' },
  more: { en: 'More', zh: '更多' },
  speed: { en: 'Speed', zh: '速度' },
  fastest: { en: 'as fast as possible', zh: '尽可能快' },
  perPicture: { en: '{n} epochs a frame', zh: '每帧 {n} 轮' },
  init: { en: 'Starting weights', zh: '初始权重' },
  gain: { en: 'Gain', zh: '增益' },
  usual: { en: 'usual', zh: '惯例' },
  exact: { en: 'exact', zh: '精确' },
  seed: { en: 'Seed', zh: '随机种子' },
  loss: { en: 'Loss', zh: '损失' },
  stopEpoch: { en: 'Stop at epoch', zh: '到此轮停止' },
  stopLoss: { en: 'Stop below loss', zh: '损失低于此值停止' },
  never: { en: 'never', zh: '不停' },
};

/** @param {import('./types').Lab} lab */
export function stripPanel(lab) {
  const strip = h('section', { class: 'strip', 'aria-label': lab.t(T.play) });
  const counter = h('output', { 'aria-live': 'off' });
  const play = button('▶', () => lab.playing ? lab.pause() : lab.play(), { class: 'round play' });
  const drawPlay = () => {
    play.textContent = lab.playing ? '❚❚' : '▶';
    play.setAttribute('aria-label', lab.t(lab.playing ? T.pause : T.play));
    play.setAttribute('title', `${lab.t(lab.playing ? T.pause : T.play)} (${lab.language === 'zh' ? '空格' : 'space'})`);
  };
  const drawEpoch = () => { counter.textContent = lab.frame.epoch.toLocaleString('en').replaceAll(',', ' '); };
  const fields = h('div', { class: 'row fields' });
  const draw = () => fields.replaceChildren(...mainFields(lab), moreFields(lab));
  strip.append(
    h('div', { class: 'row buttons' },
      button('⟲', () => lab.reset(), { class: 'round', 'aria-label': lab.t(T.reset), title: lab.t(T.reset) }),
      play,
      button('▸❘', () => lab.step('epoch'), { class: 'round', 'aria-label': lab.t(T.step), title: lab.t(T.step) })),
    h('div', { class: 'epoch' }, h('span', { class: 'quiet' }, lab.t(T.epoch)), counter),
    fields);
  lab.on('playing', drawPlay);
  lab.on('frame', drawEpoch);
  lab.on('settings', () => keepingFocus(fields, draw));
  drawPlay();
  drawEpoch();
  draw();
  return strip;
}

/** @param {import('./types').Lab} lab */
function mainFields(lab) {
  const s = lab.settings;
  const first = s.activations[0];
  const mixed = s.activations.some(one => one !== first);
  const names = [...new Set([...COMMON, ...NAMES, ...(first && !mixed ? [first] : [])])].map(name => /** @type {[string, string]} */ ([name, name]));
  return [
    choice(lab.t(T.rate), numbers(RATES, s.learning_rate), String(s.learning_rate), value => lab.change({ learning_rate: Number(value) })),
    choice(lab.t(T.activation), mixed ? [['', lab.t(T.mixed)], ...names] : names, mixed ? '' : first ?? 'tanh',
      value => value && lab.change({ activations: s.hidden.map(() => value) })),
    choice(lab.t(T.penalty), [['none', lab.t(T.none)], ['l1', 'L1'], ['l2', 'L2']], s.l1 ? 'l1' : s.weight_decay ? 'l2' : 'none',
      value => lab.change(penalty(value, s.l1 || s.weight_decay || 0.001))),
    choice(lab.t(T.penaltyRate), numbers(PENALTIES, s.l1 || s.weight_decay), String(s.l1 || s.weight_decay),
      value => lab.change(penalty(Number(value) ? s.l1 ? 'l1' : 'l2' : 'none', Number(value)))),
    choice(lab.t(T.optimizer), [['sgd', 'SGD'], ['momentum', lab.t(T.momentum)], ['adam', 'Adam'], ['adamw', 'AdamW'], ['rmsprop', 'RMSprop']],
      s.optimizer === 'sgd' && s.momentum ? 'momentum' : s.optimizer, value => lab.change(optimizer(value))),
    choice(lab.t(T.problem), [['classes', lab.t(T.classes)], ['values', lab.t(T.values)]], lab.data.task === 'regression' ? 'values' : 'classes',
      value => lab.change({ data: { ...s.data, name: value === 'values' ? 'plane' : 'xor', n: 400, noise: value === 'values' ? 0.05 : 0.15, own: undefined } })),
  ];
}

/** @param {import('./types').Lab} lab */
function moreFields(lab) {
  const { settings: s, view } = lab;
  const speeds = [1, 10, 100, 0].map(n => /** @type {[string, string]} */ ([String(n), n ? lab.t(T.perPicture, { n }) : lab.t(T.fastest)]));
  const gains = /** @type {[string, string][]} */ ([['', lab.t(T.usual)], ['exact', lab.t(T.exact)], ...[0.1, 0.5, 1, 2, 5].map(g => [String(g), `× ${g}`])]);
  const losses = lab.data.task === 'regression' ? ['squared', 'huber'] : [s.loss];
  const open = lab.more === true;
  return h('details', { open, ontoggle: (/** @type {Event} */ event) => { lab.more = /** @type {HTMLDetailsElement} */ (event.target).open; } },
    h('summary', {}, lab.t(T.more)),
    h('div', { class: 'row' },
      choice(lab.t(T.speed), speeds, String(view.speed), value => lab.show({ speed: Number(value) })),
      choice(lab.t(T.init), INITIALIZERS.map((/** @type {string} */ name) => [name, name]), s.init, value => lab.change({ init: value })),
      choice(lab.t(T.gain), gains, s.gain === null ? '' : String(s.gain), value => lab.change({ gain: value === '' ? null : value === 'exact' ? value : Number(value) })),
      choice(lab.t(T.loss), losses.map(name => [name, name.replaceAll('_', ' ')]), s.loss, value => lab.change({ loss: /** @type {any} */ (value) })),
      numberField(lab.t(T.seed), s.seed, 0, value => lab.change({ seed: value ?? 0 })),
      numberField(lab.t(T.stopEpoch), view.stopEpoch, 1, value => lab.show({ stopEpoch: value && Math.round(value) }), lab.t(T.never)),
      numberField(lab.t(T.stopLoss), view.stopLoss, 0, value => lab.show({ stopLoss: value }), lab.t(T.never), 'any'),
      button(lab.t(T.batch), () => lab.step('batch'))));
}

/**
 * A field for a number; empty is null.
 * @param {string} label
 * @param {number | null} value
 * @param {number} least
 * @param {(value: number | null) => void} onChange
 */
export function numberField(label, value, least, onChange, placeholder = '', step = '1') {
  const input = h('input', { type: 'number', min: least, step, value: value ?? '', placeholder, 'aria-label': label,
    onchange: () => onChange(input.value === '' ? null : Math.max(least, Number(input.value))) });
  input.style.setProperty('width', '104px');
  return h('label', { class: 'field' }, h('span', {}, label), input);
}

/** @param {number[]} values @param {number} chosen @returns {[string, string][]} */
function numbers(values, chosen) {
  return [...new Set([...values, chosen])].sort((a, b) => a - b).map(value => [String(value), String(value)]);
}

/** @param {string} kind @param {number} rate */
function penalty(kind, rate) {
  return { l1: kind === 'l1' ? rate : 0, weight_decay: kind === 'l2' ? rate : 0 };
}

/** @param {string} name @returns {Partial<import('./types').Settings>} */
function optimizer(name) {
  return name === 'momentum' ? { optimizer: 'sgd', momentum: 0.9 } : { optimizer: /** @type {any} */ (name), momentum: 0 };
}

/**
 * Build the children of an element anew without taking the focus away.
 * @param {HTMLElement} element
 * @param {() => void} build
 */
export function keepingFocus(element, build) {
  const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
  const active = root.activeElement;
  const label = active && element.contains(active) ? active.getAttribute('aria-label') ?? active.textContent : null;
  build();
  if (label === null) return;
  const again = [...element.querySelectorAll('button, select, input, summary')].find(one => (one.getAttribute('aria-label') ?? one.textContent) === label);
  if (again) /** @type {HTMLElement} */ (again).focus();
}
