/** Two axes to look along: the units themselves where there are one or two, else an honest view of a wider space. */

const FAINT = 1e-9;
const LARGEST = 1e100;

/** A number that can be drawn: no NaN, no infinity. @param {number} value */
export const bounded = value => value !== value ? 0 : value > LARGEST ? LARGEST : value < -LARGEST ? -LARGEST : value;

/**
 * Points (n, width) as seen in the view, (n, 2).
 * @param {import('./types').View} view
 * @param {import('./types').Floats} values
 * @param {number} n
 * @param {import('./types').Floats} [into]
 */
export function project(view, values, n, into = new Float64Array(2 * n)) {
  const { width, axes, center } = view;
  for (let i = 0; i < n; i++) {
    let x = 0;
    let y = 0;
    for (let j = 0, at = i * width; j < width; j++, at++) {
      const value = bounded(values[at]) - center[j];
      x += value * axes[j];
      y += value * axes[width + j];
    }
    into[2 * i] = x;
    into[2 * i + 1] = y;
  }
  return into;
}

/**
 * The points (n, width) of the view's own plane at places (n, 2) in it.
 * @param {import('./types').View} view
 * @param {import('./types').Floats} seen
 * @param {number} n
 */
export function back(view, seen, n) {
  const { width, axes, center } = view;
  const values = new Float64Array(n * width);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < width; j++, at++) values[at] = seen[2 * i] * axes[j] + seen[2 * i + 1] * axes[width + j] + center[j];
  }
  return values;
}

/**
 * The coordinates `first` and `second` as axes, from 0.
 * @param {number} width
 * @param {import('./types').Floats} points
 * @param {number} n
 */
export function plainView(width, points, n, first = 0, second = 1) {
  const axes = new Float64Array(2 * width);
  axes[first] = 1;
  if (width > 1) axes[width + second] = 1;
  return finished(width, axes, new Float64Array(width), points, n, []);
}

/**
 * A view of points (n, width) that holds the directions (rows), or the two strongest of them; as Python's `view_of`.
 * @param {import('./types').Floats} points
 * @param {number} n
 * @param {number} width
 * @param {import('./types').Floats[]} directions
 * @param {import('./types').View | null} [reference]
 * @returns {import('./types').View}
 */
export function viewOf(points, n, width, directions, reference = null) {
  if (width <= 2) return plainView(width, points, n);
  const strongest = strongestOf(directions);
  const turned = reference?.width === width ? reference : null;
  const axes = turned ? turnedTo(turned.axes, strongest, width) : filled(strongest.slice(0, 2), points, n, width);
  return finished(width, axes, turned ? turned.center : mean(points, n, width), points, n, directions);
}

/**
 * The rows made orthogonal by Jacobi's rotations, longest first: the right singular vectors, scaled.
 * @param {import('./types').Floats[]} rows
 */
export function orthogonal(rows) {
  const made = rows.map(row => row.map(bounded));
  for (let sweep = 0, turned = true; turned && sweep < 40; sweep++) {
    turned = false;
    for (let i = 1; i < made.length; i++) for (let j = 0; j < i; j++) turned = rotate(made[i], made[j]) || turned;
  }
  return made.sort((one, other) => dot(other, other) - dot(one, one));
}

/** @param {import('./types').Floats} one @param {import('./types').Floats} other */
function rotate(one, other) {
  const a = dot(one, one);
  const b = dot(other, other);
  const across = dot(one, other);
  if (Math.abs(across) <= 1e-16 * Math.sqrt(a * b)) return false;
  const angle = Math.atan2(2 * across, a - b) / 2;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  for (let k = 0; k < one.length; k++) {
    const value = one[k];
    one[k] = cosine * value + sine * other[k];
    other[k] = cosine * other[k] - sine * value;
  }
  return true;
}

/** @param {import('./types').Floats} one @param {import('./types').Floats} other */
export function dot(one, other) {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += one[k] * other[k];
  return sum;
}

/** The orthogonal matrix (2, 2) nearest to m: a rotation, or for sign -1 a reflection. @param {ArrayLike<number>} m */
export function nearestOrthogonal(m, sign = m[0] * m[3] - m[1] * m[2] < 0 ? -1 : 1) {
  const x = m[0] + sign * m[3];
  const y = m[2] - sign * m[1];
  const length = Math.hypot(x, y) || 1;
  const [cosine, sine] = x || y ? [x / length, y / length] : [1, 0];
  return [cosine, -sign * sine, sine, sign * cosine];
}

/** @param {import('./types').Floats} row */
function unit(row) {
  const length = Math.sqrt(dot(row, row));
  return row.map(value => value / length);
}

/** The row, or its opposite, so that its largest entry is positive. @param {import('./types').Floats} row */
function signed(row) {
  const largest = row.reduce((best, value) => Math.abs(value) > Math.abs(best) ? value : best, 0);
  return largest < 0 ? row.map(value => -value) : row;
}

/** Orthonormal rows along the independent directions, strongest first. @param {import('./types').Floats[]} directions */
function strongestOf(directions) {
  const rows = orthogonal(directions);
  const least = FAINT * Math.sqrt(Math.max(0, ...rows.slice(0, 1).map(row => dot(row, row))));
  const units = rows.filter(row => dot(row, row) > 0 && Math.sqrt(dot(row, row)) > least).map(unit);
  if (units.length !== 1) return units.map(signed);
  return dot(units[0], directions[directions.length - 1]) < 0 ? [units[0].map(value => -value)] : units;
}

/** @param {import('./types').Floats} points @param {number} n @param {number} width */
function mean(points, n, width) {
  const sums = new Float64Array(width);
  for (let at = 0; at < n * width; at++) sums[at % width] += bounded(points[at]);
  return sums.map(sum => sum / n);
}

/**
 * Up to two axes, filled up with the main variance of the points across them.
 * @param {import('./types').Floats[]} axes
 * @param {import('./types').Floats} points
 * @param {number} n
 * @param {number} width
 */
function filled(axes, points, n, width) {
  const all = [...axes, ...(axes.length < 2 ? mainVariance(axes, points, n, width) : [])];
  for (let j = 0; all.length < 2 && j < width; j++) {
    const spare = across(new Float64Array(width).fill(1, j, j + 1), all);
    if (dot(spare, spare) > 0.5) all.push(unit(spare));
  }
  return Float64Array.of(...all[0], ...all[1]);
}

/** @param {import('./types').Floats[]} axes @param {import('./types').Floats} points @param {number} n @param {number} width */
function mainVariance(axes, points, n, width) {
  const center = mean(points, n, width);
  const products = Array.from(center, () => new Float64Array(width));
  for (let i = 0; i < n; i++) {
    const row = across(points.slice(i * width, (i + 1) * width).map((value, j) => bounded(value) - center[j]), axes);
    for (let j = 0; j < width; j++) for (let k = 0; k < width; k++) products[j][k] += row[j] * row[k];
  }
  const main = orthogonal(products);
  return main.filter(row => dot(row, row) > 1e-30 * dot(main[0], main[0])).slice(0, 2).map(row => signed(unit(row)));
}

/** What of a row lies across the axes. @param {import('./types').Floats} row @param {import('./types').Floats[]} axes */
function across(row, axes) {
  const rest = row.slice();
  for (const axis of axes) {
    const along = dot(rest, axis);
    for (let k = 0; k < rest.length; k++) rest[k] -= along * axis[k];
  }
  return rest;
}

/**
 * The axes nearest to those of the reference whose plane holds the directions, if that can be.
 * @param {import('./types').Floats} reference
 * @param {import('./types').Floats[]} directions
 * @param {number} width
 */
function turnedTo(reference, directions, width) {
  const [one, two] = [reference.subarray(0, width), reference.subarray(width)];
  if (directions.length === 1) {
    const first = directions[0];
    const [x, y] = [dot(one, first), dot(two, first)];
    let second = one.map((_, j) => x * two[j] - y * one[j]);
    if (dot(second, second) < 1e-12) second = across(two, directions);
    return Float64Array.of(...first, ...unit(second));
  }
  if (directions.length !== 2) return reference;
  const [first, second] = directions;
  const [a, b, c, d] = nearestOrthogonal([dot(one, first), dot(one, second), dot(two, first), dot(two, second)]);
  return Float64Array.of(...first.map((value, j) => a * value + b * second[j]), ...first.map((value, j) => c * value + d * second[j]));
}

/**
 * @param {number} width
 * @param {import('./types').Floats} axes
 * @param {import('./types').Floats} center
 * @param {import('./types').Floats} points
 * @param {number} n
 * @param {import('./types').Floats[]} directions
 * @returns {import('./types').View}
 */
function finished(width, axes, center, points, n, directions) {
  const rows = [axes.subarray(0, width), axes.subarray(width)];
  const size = Math.max(0, ...directions.map(row => Math.max(...row.map(Math.abs))));
  const exact = width <= 2 || directions.every(row => across(row, rows).every(value => Math.abs(value) <= FAINT * size));
  return { width, axes, center, shares: sharesOf(axes, points, n, width), exact };
}

/**
 * Shares of the points' variance along the axes; where nothing varies, nothing is hidden.
 * @param {import('./types').Floats} axes
 * @param {import('./types').Floats} points
 * @param {number} n
 * @param {number} width
 * @returns {[number, number]}
 */
export function sharesOf(axes, points, n, width) {
  const center = mean(points, n, width);
  let [total, first, second] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    let [x, y] = [0, 0];
    for (let j = 0; j < width; j++) {
      const value = bounded(points[i * width + j]) - center[j];
      total += value * value;
      x += value * axes[j];
      y += value * axes[width + j];
    }
    first += x * x;
    second += y * y;
  }
  return total > 0 ? [first / total, second / total] : [1, 0];
}
