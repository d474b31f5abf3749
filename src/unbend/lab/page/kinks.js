/** Where a piecewise formula really changes: its value or its slope jumps. As unbend.activations.kinks finds it. */
import { RELATIONS, inOrder, isConstant, make } from './tree.js';
import { makeProgram, valuesOf } from './program.js';

/** @typedef {import('./tree.js').Node} Node */

const MOST = 100, BISECTIONS = 70, SPAN = 100, PER_UNIT = 128;
const { abs } = Math;

/**
 * The kinks, ascending; at most 100, those nearest to 0.
 * @param {Node} expression
 * @param {Node} derivative
 */
export function findKinks(expression, derivative) {
  const places = switchPlaces(expression);
  if (!places.length) return [];
  const at = (/** @type {Node} */ n, /** @type {number} */ step) => valuesOf(n, places.map(x => x + step * Math.max(1, abs(x))));
  const here = at(expression, 0), sides = [-1e-5, -1e-7, 1e-7, 1e-5];
  const [left, nearLeft, nearRight, right] = sides.map(step => at(expression, step));
  const [far, near, otherNear, otherFar] = sides.map(step => at(derivative, step));
  return places.filter((_, i) => remains(left[i], here[i], nearLeft[i], here[i]) || remains(here[i], right[i], here[i], nearRight[i])
    || remains(far[i], otherFar[i], near[i], otherNear[i])).sort((a, b) => abs(a) - abs(b)).slice(0, MOST).sort((a, b) => a - b);
}

/** Whether two sides that differ at a distance still do nearer by, beyond rounding. @param {number} far @param {number} otherFar @param {number} near @param {number} otherNear */
function remains(far, otherFar, near, otherNear) {
  const wide = abs(otherFar - far), narrow = abs(otherNear - near), size = abs(near) + abs(otherNear);
  const rounding = 1e-8 * (Number.isFinite(size) ? size : 0) + 1e-14;
  if (Object.is(near, otherNear) || near === otherNear || narrow <= rounding) return false;
  return !(Number.isFinite(narrow) && narrow <= 0.5 * wide);
}

/** All places at which a switch of the formula turns, ascending. @param {Node} expression */
function switchPlaces(expression) {
  const switches = inOrder([expression]).flatMap(n => {
    if (['abs', 'relu', 'step', 'sign'].includes(n.op)) return [n.args[0]];
    return ['minimum', 'maximum', ...Object.keys(RELATIONS)].includes(n.op) ? [make('subtract', ...n.args)] : [];
  });
  const roots = [];
  for (const factor of new Set(switches.flatMap(factors))) {
    const line = affine(factor);
    if (!line) roots.push(...curvedRoots(factor));
    else if (line[0]) roots.push(-line[1] / line[0] + 0);
  }
  return distinct(roots);
}

/** Simpler switches that change where this one does. @param {Node} n @returns {Node[]} */
function factors(n) {
  if (['negative', 'abs', 'power'].includes(n.op)) return factors(n.args[0]);
  if (n.op === 'multiply' || n.op === 'divide') return n.args.flatMap(factors);
  return isConstant(n) ? [] : [n];
}

/** [slope, intercept] of a tree that is affine in x. @param {Node} n @returns {[number, number] | null} */
function affine(n) {
  if (n.op === 'x') return [1, 0];
  if (isConstant(n)) return [0, n.value];
  if (!['add', 'subtract', 'negative', 'multiply'].includes(n.op)) return null;
  const [u, v] = n.args.map(affine);
  if (!u || v === null) return null;
  if (n.op === 'negative') return [-u[0], -u[1]];
  if (n.op === 'add') return [u[0] + v[0], u[1] + v[1]];
  if (n.op === 'subtract') return [u[0] - v[0], u[1] - v[1]];
  return u[0] === 0 ? [u[1] * v[0], u[1] * v[1]] : null;
}

/** Where a switch changes sign or touches 0 between -100 and 100: the changes nearest to 0. @param {Node} n */
function curvedRoots(n) {
  const grid = Float64Array.from({ length: 2 * SPAN * PER_UNIT + 1 }, (_, i) => i / PER_UNIT - SPAN);
  const run = makeProgram([n]), one = new Float64Array(1), value = new Float64Array(1);
  const at = (/** @type {number} */ x) => {
    one[0] = x;
    run([one], [value], 0, 1);
    return value[0];
  };
  const signs = valuesOf(n, grid).map(sign), changes = [];
  for (let i = 0; i + 1 < grid.length; i++) if (signs[i] !== signs[i + 1]) changes.push(i);
  changes.sort((a, b) => abs(grid[a]) - abs(grid[b]) || a - b);
  return changes.slice(0, 2 * MOST).map(i => {
    let [low, high] = [grid[i], grid[i + 1]];
    for (let k = 0; k < BISECTIONS; k++) {
      const middle = low + (high - low) / 2;
      if (sign(at(middle)) === signs[i]) low = middle;
      else high = middle;
    }
    return abs(at(low)) < abs(at(high)) ? low : high;
  });
}

/** -1, 0 or 1, and 2 where a value is not a number. @param {number} value */
const sign = value => Number.isNaN(value) ? 2 : Math.sign(value) + 0;

/** Ascending, without those that differ only by rounding; of such a pair the one with fewer digits stays. @param {number[]} roots */
function distinct(roots) {
  const kept = /** @type {number[]} */ ([]);
  for (const root of roots.filter(Number.isFinite).sort((a, b) => a - b)) {
    const last = kept[kept.length - 1];
    if (!kept.length || root - last > 1e-9 * Math.max(1, abs(root))) kept.push(root);
    else if (String(root).length < String(last).length) kept[kept.length - 1] = root;
  }
  return kept;
}
