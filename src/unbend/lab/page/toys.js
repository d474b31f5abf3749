/** The toy data sets, twins of unbend.data.toys and toys_regression: the same points from the same seed. */
import { normal, uniform } from './random.js';

/** @typedef {{name: string, task: import('./types').Task, d: number, n: number, noise: number, title: import('./types').Text}} Toy */
/** @typedef {{x: number[][], y: number[]}} Points clean ones */

/** @type {Toy[]} with sizes and noise that suit the eye */
export const TOYS = [
  { name: 'xor', task: 'binary', d: 2, n: 200, noise: 0.15, title: { en: 'Exclusive or', zh: '异或' } },
  { name: 'circles', task: 'binary', d: 2, n: 300, noise: 0.05, title: { en: 'Two circles', zh: '同心圆' } },
  { name: 'ring', task: 'binary', d: 2, n: 300, noise: 0, title: { en: 'A disc inside a ring', zh: '圆盘与圆环' } },
  { name: 'spiral', task: 'binary', d: 2, n: 500, noise: 0.02, title: { en: 'Two spirals', zh: '双螺旋' } },
  { name: 'moons', task: 'binary', d: 2, n: 300, noise: 0.1, title: { en: 'Two moons', zh: '双月' } },
  { name: 'curves', task: 'binary', d: 2, n: 300, noise: 0, title: { en: 'Two curves', zh: '两条曲线' } },
  { name: 'checkerboard', task: 'binary', d: 2, n: 500, noise: 0, title: { en: 'A chessboard', zh: '棋盘' } },
  { name: 'gaussians', task: 'binary', d: 2, n: 300, noise: 0.25, title: { en: 'Two clouds', zh: '两团点' } },
  { name: 'line', task: 'binary', d: 2, n: 300, noise: 0, title: { en: 'Two sides of a line', zh: '直线两侧' } },
  { name: 'blobs', task: 'multiclass', d: 2, n: 300, noise: 0.15, title: { en: 'Three clouds', zh: '三团点' } },
  { name: 'plane', task: 'regression', d: 2, n: 300, noise: 0.05, title: { en: 'A tilted plane', zh: '斜平面' } },
  { name: 'sine', task: 'regression', d: 1, n: 200, noise: 0.05, title: { en: 'A wave', zh: '正弦波' } },
  { name: 'step', task: 'regression', d: 1, n: 200, noise: 0.05, title: { en: 'A jump', zh: '阶跃' } },
  { name: 'bumps', task: 'regression', d: 1, n: 200, noise: 0.05, title: { en: 'Three bells', zh: '三个钟形' } },
  { name: 'absolute', task: 'regression', d: 1, n: 200, noise: 0.05, title: { en: 'A corner', zh: '折角' } },
  { name: 'tariff', task: 'regression', d: 1, n: 200, noise: 0.05, title: { en: 'A price list', zh: '阶梯价格' } },
];

/** @param {number} low @param {number} high @param {number} n */
const evenly = (low, high, n) => Array.from({ length: n }, (_, i) => i === n - 1 && n > 1 ? high : low + i * ((high - low) / (n - 1)));

/** n points shared out as evenly as possible. @param {number} n @param {number} classes */
const sizes = (n, classes) => Array.from({ length: classes }, (_, k) => Math.floor(n / classes) + (k < n % classes ? 1 : 0));

/** @param {number[][][]} groups @returns {Points} */
const classified = groups => ({ x: groups.flat(), y: groups.flatMap((group, k) => group.map(() => k)) });

/** @param {number} radius @param {number} angle */
const polar = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

/** n points in the square (-1, 1)². @param {string} name @param {number} n @param {number} seed */
function square(name, n, seed) {
  const values = uniform(seed, `${name} position`, 2 * n);
  return Array.from({ length: n }, (_, i) => [2 * values[2 * i] - 1, 2 * values[2 * i + 1] - 1]);
}

/** @param {(x: number) => number} f @returns {(n: number) => Points} */
const curve = f => n => {
  const x = evenly(-1, 1, n);
  return { x: x.map(value => [value]), y: x.map(f) };
};

const BELLS = [[1, -0.6, 0.15], [-0.6, 0, 0.1], [0.8, 0.55, 0.2]];

/** @type {Record<string, (n: number, seed: number) => Points>} */
const CLEAN = {
  curves: n => classified(sizes(n, 2).map((size, k) => evenly(-1, 1, size).map(x => [x, x ** 2 - 0.5 * k]))),
  xor(n) {
    const corners = Array.from({ length: n }, (_, i) => [(i % 4) >> 1, i % 2]);
    return { x: corners, y: corners.map(([a, b]) => a ^ b) };
  },
  circles: n => classified(sizes(n, 2).map((size, k) => Array.from({ length: size }, (_, i) => polar(k ? 0.5 : 1, 2 * Math.PI * i / size)))),
  ring(n, seed) {
    const y = sizes(n, 2).flatMap((size, k) => Array(size).fill(k));
    const area = uniform(seed, 'ring radius', n), turn = uniform(seed, 'ring angle', n);
    const radius = y.map((k, i) => k ? Math.sqrt(0.25 * area[i]) : Math.sqrt(0.7 ** 2 + (1 - 0.7 ** 2) * area[i]));
    return { x: radius.map((r, i) => polar(r, 2 * Math.PI * turn[i])), y };
  },
  moons: n => classified(sizes(n, 2).map((size, k) => evenly(0, Math.PI, size).map(t =>
    (k ? [0.5 - Math.cos(t), 0.25 - Math.sin(t)] : [Math.cos(t) - 0.5, Math.sin(t) - 0.25]).map(value => value / 1.5)))),
  spiral: n => classified(sizes(n, 2).map((size, k) => evenly(0.1, 1, size).map(r => polar(r, 3.5 * Math.PI * r + k * Math.PI)))),
  gaussians: n => classified(sizes(n, 2).map((size, k) => Array.from({ length: size }, () => k ? [0.5, 0.5] : [-0.5, -0.5]))),
  checkerboard(n, seed) {
    const x = square('checkerboard', n, seed);
    return { x, y: x.map(([a, b]) => Math.abs(Math.floor(2 * a) + Math.floor(2 * b)) % 2) };
  },
  blobs: n => classified(sizes(n, 3).map((size, k) => Array.from({ length: size }, () => polar(0.7, 2 * Math.PI * k / 3 + Math.PI / 2)))),
  line(n, seed) {
    const x = square('line', n, seed), push = 0.5 * 0.2 * (1 + 1e-12) / Math.SQRT2;
    const y = x.map(([a, b]) => a + b > 0 ? 1 : 0);
    return { x: x.map((point, i) => point.map(value => value + (y[i] ? push : -push))), y };
  },
  plane(n, seed) {
    const x = square('plane', n, seed);
    return { x, y: x.map(([a, b]) => 0.6 * a - 0.4 * b) };
  },
  sine: curve(x => Math.sin(2 * Math.PI * x)),
  step: curve(x => x < 0 ? -0.5 : 0.5),
  bumps: curve(x => BELLS.reduce((sum, [height, at, width]) => sum + height * Math.exp(-0.5 * ((x - at) / width) ** 2), 0)),
  absolute: curve(Math.abs),
  tariff: curve(x => 0.4 * Math.max(x + 0.4, 0) + 1.2 * Math.max(x - 0.3, 0) - 0.5),
};

/**
 * The rows of a toy.
 * @param {string} name
 * @param {number} n
 * @param {number} noise
 * @param {number} seed
 * @returns {import('./types').Own}
 */
export function toy(name, n, noise, seed) {
  const { task, d } = /** @type {Toy} */ (TOYS.find(one => one.name === name));
  const { x, y } = CLEAN[name](n, seed);
  const values = task === 'regression';
  const shifts = noise ? normal(seed, `${name} noise`, values ? n : d * n) : null;
  if (shifts && values) y.forEach((_, i) => { y[i] += noise * shifts[i]; });
  if (shifts && !values) x.forEach((row, i) => row.forEach((_, j) => { row[j] += noise * shifts[i * d + j]; }));
  const classes = values ? [] : Array.from({ length: task === 'multiclass' ? 3 : 2 }, (_, k) => String(k));
  return { task, x, y, feature_names: d === 1 ? ['x'] : ['x1', 'x2'], class_names: classes, target_name: 'y', origin: name };
}
