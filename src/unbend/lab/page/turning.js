/**
 * The way from one view of a space to a linear map of it: a turn without stretching, then a stretch without turning, by
 * the polar form of the map; as Python's `unbend.geometry.turning`. A frame is two orthonormal rows.
 */
import { dot, nearestOrthogonal } from './projection.js';

const FLAT = 1e-12;

/** @typedef {import('./types').Floats} Floats */
/** @typedef {[Floats, Floats]} Rows */

/** The rows times a matrix (2, 2) from the left. @param {number[]} m @param {Rows} rows @returns {Rows} */
function times([a, b, c, d], [one, two]) {
  return [one.map((value, j) => a * value + b * two[j]), one.map((value, j) => c * value + d * two[j])];
}

/** The inner products (2, 2) of rows. @param {Rows} one @param {Rows} other */
const products = (one, other) => [dot(one[0], other[0]), dot(one[0], other[1]), dot(one[1], other[0]), dot(one[1], other[1])];

/** @param {number[]} m */
const transposed = m => [m[0], m[2], m[1], m[3]];

/** @param {number[]} a @param {number[]} b */
const product = (a, b) => [a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]];

/** @param {ArrayLike<number>} m */
const determinant = m => m[0] * m[3] - m[1] * m[2];

/** @param {number} angle */
const rotation = angle => [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];

/** @param {Floats} row @param {Floats} axis */
function without(row, axis) {
  const along = dot(row, axis);
  return row.map((value, j) => value - along * axis[j]);
}

/** @param {Floats} row */
const length = row => Math.sqrt(dot(row, row));

/** @param {Floats} row */
const normed = row => row.map(value => value / length(row));

/**
 * Rows (2, m) as left (2, 2) * sizes * right (2, m); what is pressed flat points as near to `spare` as can be.
 * @param {Rows} rows
 * @param {Rows} spare
 */
function decomposed(rows, spare) {
  const [a, b, , c] = products(rows, rows);
  const left = rotation(Math.atan2(2 * b, a - c) / 2);
  const scaled = times(transposed(left), rows);
  const sizes = scaled.map(length);
  if (!sizes[0]) return { left: rotation(0), sizes, right: spare };
  const first = normed(scaled[0]);
  const second = without(scaled[1], first);
  const rest = spare.map(row => without(row, first)).sort((one, other) => length(other) - length(one))[0];
  return { left, sizes, right: /** @type {Rows} */ ([first, normed(length(second) > FLAT * sizes[0] ? second : rest)]) };
}

/**
 * The way from the orthonormal rows `start` to the map `end`, both (2, m), m >= 2: `turned(0)` is the start, `turned(1)`
 * the frame of the end, `stretched(1)` the end. `over`: the sheet is turned over on the way.
 * @param {Rows} start
 * @param {Rows} end
 */
export function turning(start, end) {
  const { left, sizes, right } = decomposed(end, start);
  let frame = times(left, right);
  let mirrored = determinant(products(frame, start)) < 0;
  if (mirrored && sizes[1] <= FLAT * sizes[0]) {
    frame = times([left[0], -left[1], left[2], -left[3]], right);
    mirrored = false;
  }
  const { inside, cosines, outside, spin } = aligned(products(frame, start), mirrored);
  const first = times(transposed(inside), start);
  const last = times(transposed(outside), frame);
  const across = first.map((row, i) => last[i].map((value, j) => value - cosines[i] * row[j]));
  const sines = across.map(length);
  const sideways = across.map((row, i) => row.map(value => sines[i] > 1e-9 ? value / sines[i] : 0));
  const angles = sines.map((sine, i) => Math.atan2(sine, cosines[i]));
  const stretch = product([left[0] * sizes[0], left[1] * sizes[1], left[2] * sizes[0], left[3] * sizes[1]], transposed(left));
  const turned = (/** @type {number} */ share) => {
    const rows = first.map((row, i) => row.map((value, j) => Math.cos(share * angles[i]) * value + Math.sin(share * angles[i]) * sideways[i][j]));
    return times(product(rotation(share * spin), inside), /** @type {Rows} */ (rows));
  };
  const stretched = (/** @type {number} */ share) =>
    times(stretch.map((value, i) => (i % 3 ? 0 : 1) + share * (value - (i % 3 ? 0 : 1))), turned(1));
  return { turned, stretched, over: mirrored && start[0].length === 2 };
}

/**
 * Two frames (2, 2) as columns, the cosines between their directions, and the spin between them.
 * @param {number[]} between
 * @param {boolean} mirrored
 */
function aligned(between, mirrored) {
  const square = product(between, between);
  const reflection = Math.abs(between[1] - between[2]) < 1e-9 && square.every((value, i) => Math.abs(value - (i % 3 ? 0 : 1)) < 1e-9);
  if (mirrored && reflection) {
    const half = Math.atan2(between[1] + between[2], between[0] - between[3]) / 2;
    const axes = product(rotation(half), [0, 1, 1, 0]);
    return { inside: axes, cosines: [-1, 1], outside: axes, spin: 0 };
  }
  const rows = /** @type {Rows} */ ([Float64Array.of(between[0], between[1]), Float64Array.of(between[2], between[3])]);
  const { left: outside, sizes: cosines, right } = decomposed(rows, [Float64Array.of(1, 0), Float64Array.of(0, 1)]);
  const inside = [right[0][0], right[1][0], right[0][1], right[1][1]];
  if (determinant(outside) * determinant(inside) < 0) {
    outside[1] *= -1;
    outside[3] *= -1;
    cosines[1] *= -1;
  }
  const turn = product(outside, transposed(inside));
  return { inside, cosines, outside, spin: Math.atan2(turn[2], turn[0]) };
}

/**
 * The frame (2, k) that looks straight at a sheet, from its right side, as near to the frame `aim` as can be.
 * @param {Rows} sheet where the two directions of the sheet point
 * @param {Rows} aim
 */
export function facing(sheet, aim) {
  const { sizes, right } = decomposed(sheet, aim);
  if (sizes[1] <= FLAT * Math.max(sizes[0], 1)) return aim;
  const between = products(aim, right);
  const frame = times(nearestOrthogonal(between), right);
  if (determinant(products(frame, sheet)) > 0) return frame;
  return times(nearestOrthogonal(between, determinant(between) < 0 ? 1 : -1), right);
}
