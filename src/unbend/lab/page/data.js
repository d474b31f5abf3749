/** The data of a run: a toy, a table or the user's own points, split into training and test rows; and its features. */
import { permutation } from './random.js';
import { TABLES } from './tables.js';
import { TOYS, toy } from './toys.js';

/** What can be fed to a network, by the number of columns. @type {Record<number, string[]>} */
export const FEATURES = {
  1: ['x', 'x^2', 'sin(pi*x)'],
  2: ['x1', 'x2', 'x1^2', 'x2^2', 'x1*x2', 'sin(pi*x1)', 'sin(pi*x2)'],
};

/** @type {Record<string, (x: number, y: number) => number>} */
const OF_PLACE = {
  x: x => x, 'x^2': x => x * x, 'sin(pi*x)': x => Math.sin(Math.PI * x),
  x1: x => x, x2: (_, y) => y, 'x1^2': x => x * x, 'x2^2': (_, y) => y * y, 'x1*x2': (x, y) => x * y,
  'sin(pi*x1)': x => Math.sin(Math.PI * x), 'sin(pi*x2)': (_, y) => Math.sin(Math.PI * y),
};

/**
 * The features (n, names) of rows with one or two columns.
 * @param {import('./types').Floats} x (n, d)
 * @param {number} n
 * @param {number} d
 * @param {string[]} names
 */
export function lift(x, n, d, names) {
  const features = new Float64Array(n * names.length);
  names.forEach((name, k) => {
    const f = OF_PLACE[name];
    for (let i = 0; i < n; i++) features[i * names.length + k] = f(x[i * d], d > 1 ? x[i * d + 1] : 0);
  });
  return features;
}

/**
 * The inputs of the network: features of one or two columns, or the chosen ones of more columns.
 * @param {import('./types').Data} data
 * @param {import('./types').Floats} x
 * @param {number} n
 * @param {string[]} names
 */
export function inputsOf(data, x, n, names) {
  if (data.d <= 2) return lift(x, n, data.d, names);
  const columns = names.map(name => data.feature_names.indexOf(name));
  return Float64Array.from({ length: n * columns.length }, (_, i) => x[Math.floor(i / columns.length) * data.d + columns[i % columns.length]]);
}

/** Whether there is data of this name. @param {string} name */
export function isKnown(name) {
  return name === 'own' || Object.hasOwn(TABLES, name) || TOYS.some(one => one.name === name);
}

/**
 * The data that settings name. Test rows are the first of a permutation, as `ub.data.split` takes them; one row is left for training.
 * @param {import('./types').DataSettings} settings
 * @returns {import('./types').Data}
 */
export function makeData(settings) {
  const { name, n, noise, seed, test } = settings;
  const rows = name === 'own' ? settings.own : Object.hasOwn(TABLES, name) ? TABLES[name] : toy(name, n, noise, seed);
  if (!rows) throw new Error('there are no points of your own yet');
  const total = rows.x.length, kept = Math.min(total - 1, Math.round(test * total));
  const chosen = new Uint8Array(total);
  permutation(seed, 'test rows', 0, total).subarray(0, kept).forEach(row => { chosen[row] = 1; });
  const pick = (/** @type {number} */ forTesting) => {
    const places = [...chosen.keys()].filter(i => chosen[i] === forTesting);
    return { n: places.length, x: Float64Array.from(places.flatMap(i => rows.x[i])), y: Float64Array.from(places, i => rows.y[i]), places };
  };
  const scale = rows.x_mean && rows.x_scale ? { x_mean: Float64Array.from(rows.x_mean), x_scale: Float64Array.from(rows.x_scale) } : {};
  return {
    name, task: rows.task, d: rows.x[0].length, ...pick(0), test: pick(1), feature_names: rows.feature_names, class_names: rows.class_names,
    target_name: rows.target_name, origin: rows.origin, ...scale, y_mean: rows.y_mean ?? 0, y_scale: rows.y_scale ?? 1,
  };
}
