/** The state of the page as text for its address, readable and never trusted: every value is checked on its way in. */
import { activation } from './activations.js';
import { FEATURES, isKnown } from './data.js';
import { INITIALIZERS } from './initializers.js';
import { LOSSES, OPTIMIZERS } from './shape.js';
import { TOYS } from './toys.js';

const LONGEST = 2_000_000;
const MOST = { layers: 10, units: 64, weights: 25_000, points: 5000, own: 2000, columns: 40 };
const THEMES = ['auto', 'light', 'dark'];

/** @type {{settings: import('./types').Settings, view: import('./types').ViewSettings, options: import('./types').Options}} */
export const DEFAULTS = {
  settings: {
    data: { name: 'xor', n: 200, noise: 0.15, seed: 0, test: 0.3 }, features: ['x1', 'x2'], hidden: [4, 2], activations: ['tanh', 'tanh'],
    init: 'glorot_normal', gain: null, loss: 'binary_cross_entropy', optimizer: 'sgd', learning_rate: 0.1, momentum: 0, weight_decay: 0, l1: 0,
    batch_size: 10, seed: 0, shuffle_seed: 0,
  },
  view: { showTest: false, discretize: false, foldLines: false, grid: true, theme: 'auto', speed: 1, stopEpoch: null, stopLoss: null, bend: null, unit: null },
  options: { hide: [], lesson: null },
};

/** Said where weights come with an address that are not those of its network. */
export const UNFIT = { en: 'The weights in the address do not fit the network; it starts anew.', zh: '网址里的权重与网络不符；网络重新开始。' };
const T = {
  unread: { en: 'The address says {key}={value}, which is not possible; choose {mend}.', zh: '网址里写着 {key}={value}，这不行；{mend}。' },
  unknown: { en: 'The address says {key}, which means nothing here; it was passed over.', zh: '网址里的 {key} 没有意义，已忽略。' },
};
const number = (/** @type {number} */ least, /** @type {number} */ most) => ({
  read: (/** @type {string} */ text) => text.trim() === '' ? NaN : Number(text),
  sound: (/** @type {any} */ value) => typeof value === 'number' && value >= least && value <= most,
  mend: { en: `a number from ${least} to ${most}`, zh: `请用 ${least} 到 ${most} 的数` },
});
const whole = (/** @type {number} */ least, /** @type {number} */ most) => {
  const base = number(least, most);
  return { ...base, sound: (/** @type {any} */ value) => base.sound(value) && Number.isInteger(value), mend: { en: `a whole number from ${least} to ${most}`, zh: `请用 ${least} 到 ${most} 的整数` } };
};
const oneOf = (/** @type {string[]} */ names) => ({
  read: (/** @type {string} */ text) => text, sound: (/** @type {any} */ value) => names.includes(value),
  mend: { en: `one of ${names.join(', ')}`, zh: `可选：${names.join('、')}` },
});
const orNull = (/** @type {any} */ rule) => ({ ...rule, read: (/** @type {string} */ text) => text === 'none' ? null : rule.read(text), sound: (/** @type {any} */ value) => value === null || rule.sound(value) });
const flag = { read: (/** @type {string} */ text) => text === '1' ? true : text === '0' ? false : text, sound: (/** @type {any} */ value) => typeof value === 'boolean', mend: { en: '0 or 1', zh: '请用 0 或 1' } };
const list = (/** @type {any} */ rule, /** @type {number} */ most) => ({
  read: (/** @type {string} */ text) => text === '' ? [] : text.split(',').map(one => rule.read(one.replaceAll(';;', ','))),
  sound: (/** @type {any} */ value) => Array.isArray(value) && value.length <= most && value.every(rule.sound),
  mend: { en: `up to ${most}, separated by commas, each ${rule.mend.en}`, zh: `最多 ${most} 个，用逗号分开，每个：${rule.mend.zh}` },
});
const text = (/** @type {number} */ most) => ({ read: (/** @type {string} */ value) => value, sound: (/** @type {any} */ value) => typeof value === 'string' && value.length <= most, mend: { en: `at most ${most} characters`, zh: `最多 ${most} 个字符` } });
const formula = {
  read: (/** @type {string} */ value) => value,
  sound(/** @type {any} */ value) {
    try {
      return typeof value === 'string' && Boolean(activation(value));
    } catch {
      return false;
    }
  },
  mend: { en: 'a name of the catalogue or a formula in x', zh: '目录里的名字，或 x 的公式' },
};
const data = { read: (/** @type {string} */ value) => value, sound: (/** @type {any} */ value) => typeof value === 'string' && isKnown(value), mend: { en: 'the name of a toy or a table', zh: '请用内置数据的名字' } };
const gain = orNull({ read: (/** @type {string} */ value) => value === 'exact' ? value : Number(value), sound: (/** @type {any} */ value) => value === 'exact' || (Number.isFinite(value) && value > 0 && value <= 1000), mend: { en: 'none, exact or a number above 0', zh: 'none、exact 或大于 0 的数' } });

/** Key in the address, where it stands, and what it may be. @type {[key: string, path: string, rule: any][]} */
const RULES = [
  ['data', 'settings.data.name', data], ['n', 'settings.data.n', whole(4, MOST.points)], ['noise', 'settings.data.noise', number(0, 10)],
  ['dseed', 'settings.data.seed', whole(0, 2 ** 32 - 1)], ['test', 'settings.data.test', number(0, 0.9)],
  ['features', 'settings.features', list(text(200), MOST.columns)], ['hidden', 'settings.hidden', list(whole(1, MOST.units), MOST.layers)],
  ['act', 'settings.activations', list(formula, MOST.layers)], ['init', 'settings.init', oneOf(INITIALIZERS)], ['gain', 'settings.gain', gain],
  ['loss', 'settings.loss', oneOf(Object.values(LOSSES).flat())], ['opt', 'settings.optimizer', oneOf(OPTIMIZERS)], ['lr', 'settings.learning_rate', number(1e-9, 1e4)],
  ['momentum', 'settings.momentum', number(0, 0.9999)], ['decay', 'settings.weight_decay', number(0, 100)], ['l1', 'settings.l1', number(0, 100)],
  ['batch', 'settings.batch_size', orNull(whole(1, MOST.points))], ['seed', 'settings.seed', whole(0, 2 ** 32 - 1)], ['shuffle', 'settings.shuffle_seed', whole(0, 2 ** 32 - 1)],
  ['showtest', 'view.showTest', flag], ['hard', 'view.discretize', flag], ['folds', 'view.foldLines', flag], ['grid', 'view.grid', flag],
  ['theme', 'view.theme', oneOf(THEMES)], ['speed', 'view.speed', whole(0, 1000)], ['stop', 'view.stopEpoch', orNull(whole(1, 2 ** 32 - 1))],
  ['stoploss', 'view.stopLoss', orNull(number(0, 1e9))], ['bend', 'view.bend', orNull(number(0, MOST.layers))],
  ['epoch', 'epoch', whole(0, 2 ** 32 - 1)], ['hide', 'options.hide', list(text(20), 20)], ['lesson', 'options.lesson', orNull(text(40))], ['lang', 'language', oneOf(['en', 'zh'])],
];

/** What only a toy has. */
const DRAWN = ['n', 'noise'];
const isToy = (/** @type {string} */ name) => TOYS.some(toy => toy.name === name);

/** @param {any} root @param {string} path */
const at = (root, path) => path.split('.').reduce((value, name) => value?.[name], root);

/** @param {any} root @param {string} path @param {any} value */
function put(root, path, value) {
  const names = path.split('.'), last = /** @type {string} */ (names.pop());
  names.reduce((inner, name) => inner[name], root)[last] = value;
}

/** @param {any} value */
const written = value => value === null ? 'none' : typeof value === 'boolean' ? String(Number(value)) : Array.isArray(value) ? value.map(one => String(one).replaceAll(',', ';;')).join(',') : String(value);

/** Text for an address; half a letter, which no address can hold, becomes a sign. @param {string} value */
const encoded = value => encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));

/**
 * What differs from the defaults, as text; the user's own points are packed as JSON, row after row.
 * @param {{settings: import('./types').Settings, view: import('./types').ViewSettings, options: import('./types').Options, language?: 'en' | 'zh',
 *   parameters?: import('./types').Floats | null, epoch?: number}} state
 */
export function encodeState(state) {
  const drawn = isToy(state.settings.data.name);
  const parts = RULES.flatMap(([key, path]) => {
    const value = DRAWN.includes(key) && !drawn ? undefined : at(state, path);
    if (value === undefined || (key !== 'lang' && JSON.stringify(value) === JSON.stringify(at(DEFAULTS, path)))) return [];
    return [`${key}=${encoded(written(value)).replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%2A', '*')}`];
  });
  const { own } = state.settings.data;
  if (own && state.settings.data.name === 'own' && own.x.length <= MOST.own) parts.push(`own=${encoded(JSON.stringify(shortened(own))).replaceAll('%2C', ',')}`);
  if (state.parameters) parts.push(`weights=${Array.from(state.parameters, value => Number(value.toPrecision(8))).join(',')}`);
  return parts.join('&');
}

/** @param {import('./types').Own} own */
function shortened(own) {
  const short = (/** @type {number} */ value) => Number(value.toPrecision(6));
  return { ...own, x: own.x.flat().map(short), y: own.y.map(short) };
}

/**
 * The state that a text says; what it says wrongly is left at its default and named in `faults`.
 * @param {string} address
 */
export function decodeState(address) {
  /** @type {any} */
  const state = structuredClone({ ...DEFAULTS, language: undefined, parameters: null, epoch: undefined });
  /** @type {import('./types').Text[]} */
  const faults = [];
  const given = new URLSearchParams(address.slice(0, LONGEST));
  for (const [key, value] of given) {
    const rule = RULES.find(([name]) => name === key);
    if (rule) take(state, rule, value, faults);
    else if (!['own', 'weights'].includes(key)) faults.push(said(T.unknown, { key: key.slice(0, 30) }));
  }
  const toy = TOYS.find(one => one.name === state.settings.data.name);
  if (toy && given.has('data')) Object.assign(state.settings.data, { n: given.has('n') ? state.settings.data.n : toy.n, noise: given.has('noise') ? state.settings.data.noise : toy.noise });
  if (toy && !given.has('features')) state.settings.features = FEATURES[toy.d].slice(0, toy.d);
  if (given.has('own')) takeOwn(state, String(given.get('own')), faults);
  if (state.settings.data.name === 'own' && !state.settings.data.own) state.settings.data.name = DEFAULTS.settings.data.name;
  if (given.has('weights')) {
    const weights = String(given.get('weights')).split(',').map(Number);
    if (weights.length <= MOST.weights && weights.every(Number.isFinite)) state.parameters = Float64Array.from(weights);
    else faults.push(UNFIT);
  }
  return /** @type {typeof DEFAULTS & {language?: 'en' | 'zh', parameters: import('./types').Floats | null, epoch?: number, faults: import('./types').Text[]}} */ ({ ...state, faults });
}

/** @param {any} state @param {[string, string, any]} rule @param {string} value @param {import('./types').Text[]} faults */
function take(state, [key, path, rule], value, faults) {
  const read = rule.read(value);
  if (rule.sound(read)) put(state, path, read);
  else faults.push({ en: said(T.unread, { key, value: value.slice(0, 40), mend: rule.mend.en }).en, zh: said(T.unread, { key, value: value.slice(0, 40), mend: rule.mend.zh }).zh });
}

/** @param {any} state @param {string} packed @param {import('./types').Text[]} faults */
function takeOwn(state, packed, faults) {
  try {
    const own = JSON.parse(packed), d = own.feature_names.length;
    if (!Array.isArray(own.x[0]) && own.x.length === own.y.length * d) own.x = own.y.map((/** @type {unknown} */ _, /** @type {number} */ i) => own.x.slice(i * d, (i + 1) * d));
    if (!ownIsSound(own)) throw new Error('unsound');
    const { task, x, y, feature_names, class_names, target_name, x_mean, x_scale, y_mean, y_scale, origin } = own;
    state.settings.data = { ...state.settings.data, name: 'own', n: x.length, own: { task, x, y, feature_names, class_names, target_name, x_mean, x_scale, y_mean, y_scale, origin: String(origin).slice(0, 200) } };
  } catch {
    faults.push({ en: 'The points in the address cannot be read; copy the link once more.', zh: '网址里的数据点读不出来，请重新复制链接。' });
  }
}

/**
 * Whether own data is what it says: rows of equal length, finite numbers and scales, classes from 0 on, names as text.
 * @param {any} own
 */
export function ownIsSound(own) {
  const finite = (/** @type {any} */ values) => Array.isArray(values) && values.every(value => typeof value === 'number' && Math.abs(value) < 1e12);
  const names = (/** @type {any} */ values) => Array.isArray(values) && values.every(value => typeof value === 'string' && value.length <= 200);
  if (!own || typeof own !== 'object' || !['binary', 'multiclass', 'regression'].includes(own.task)) return false;
  const n = own.x?.length, d = own.x?.[0]?.length;
  if (!(n >= 1 && n <= MOST.points && d >= 1 && d <= MOST.columns && own.y?.length === n && finite(own.y))) return false;
  if (!own.x.every((/** @type {any} */ row) => finite(row) && row.length === d) || !names(own.feature_names) || !names(own.class_names)) return false;
  if (own.feature_names.length !== d || new Set(own.feature_names).size !== d || typeof own.target_name !== 'string') return false;
  const { x_mean = null, x_scale = null, y_mean = 0, y_scale = 1 } = own, scales = [x_mean, x_scale].filter(Boolean);
  if (scales.length === 1 || !scales.every(part => Array.isArray(part) && part.length === d && part.every(Number.isFinite)) || x_scale?.some((/** @type {number} */ one) => one <= 0)) return false;
  if (![y_mean, y_scale].every(Number.isFinite) || y_scale <= 0) return false;
  const classes = own.class_names.length, fits = own.task === 'regression' ? true : own.task === 'binary' ? classes === 2 : classes >= 3 && classes <= 20;
  return fits && (own.task === 'regression' || own.y.every((/** @type {number} */ k) => Number.isInteger(k) && k >= 0 && k < classes));
}

/**
 * What is not possible in settings, whatever way they came in; what stands there already stays, such as the wide layers
 * of a recording.
 * @param {import('./types').Settings} settings
 * @param {import('./types').Settings} [before]
 * @returns {import('./types').Text[]}
 */
export function checkSettings(settings, before) {
  const same = (/** @type {string} */ path) => before && JSON.stringify(at({ settings }, path)) === JSON.stringify(at({ settings: before }, path));
  return RULES.filter(([key, path, rule]) => path.startsWith('settings.') && !(DRAWN.includes(key) && !isToy(settings.data.name)) && !rule.sound(at({ settings }, path)) && !same(path))
    .map(([key, path, rule]) => {
      const value = written(at({ settings }, path)).slice(0, 60);
      return { en: `${key}=${value} is not possible; choose ${rule.mend.en}.`, zh: `${key}=${value} 不行；${rule.mend.zh}。` };
    });
}

/** @param {import('./types').Text} words @param {Record<string, string>} values @returns {import('./types').Text} */
function said(words, values) {
  const fill = (/** @type {string} */ one) => one.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(values, name) ? values[name] : whole);
  return { en: fill(words.en), zh: fill(words.zh) };
}
