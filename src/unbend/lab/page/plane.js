/** The plane of the input that a picture shows, the grid over it, and the boxes around what is seen. */
import { dot, plainView, project, viewOf } from './projection.js';

const ROOM = 0.6;

/**
 * The plane for inputs x (n, d): their own one or two columns; for more, the slice through the mean that holds the
 * direction which best tells the target, and the main variance beside that. As Python's `input_plane`.
 * @param {import('./types').Floats} x
 * @param {number} n
 * @param {number} d
 * @param {import('./types').Data} data
 */
export function inputPlane(x, n, d, data) {
  const view = d > 2 ? viewOf(x, n, d, telling(x, n, d, data)) : plainView(d, x, n);
  const points = project(view, x, n);
  const limits = boxAround(extremes([points]));
  return { view, points, limits: /** @type {import('./types').Box} */ (d === 1 ? [limits[0], limits[1], -1, 1] : limits) };
}

/** Covariances of the columns with the target. @param {import('./types').Floats} x @param {number} n @param {number} d @param {import('./types').Data} data */
function telling(x, n, d, data) {
  const targets = data.task === 'multiclass' ? data.class_names.map((_, k) => data.y.map(y => y === k ? 1 : 0)) : [data.y];
  return targets.map(target => {
    const middle = target.reduce((sum, y) => sum + y, 0) / n;
    const centred = target.map(y => y - middle);
    return Float64Array.from({ length: d }, (_, j) => {
      const column = Float64Array.from({ length: n }, (_, i) => x[i * d + j]);
      const center = column.reduce((sum, value) => sum + value, 0) / n;
      return dot(column.map(value => value - center), centred) / n;
    });
  });
}

/**
 * The least and the largest coordinates as a box.
 * @param {import('./types').Polylines} parts
 * @returns {import('./types').Box}
 */
export function extremes(parts) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) {
      const x = part[i];
      const y = part[i + 1];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < bottom) bottom = y;
      if (y > top) top = y;
    }
  }
  return [left, right, bottom, top];
}

/**
 * A box widened on every side by a share of its extent.
 * @param {import('./types').Box} box
 * @returns {import('./types').Box}
 */
export function boxAround([left, right, bottom, top], margin = 0.12) {
  const x = margin * extent(left, right);
  const y = margin * extent(bottom, top);
  return [left - x, right + x, bottom - y, top + y];
}

/** @param {number} low @param {number} high */
function extent(low, high) {
  const size = Math.max(1, Math.abs(low), Math.abs(high));
  return high - low > 1e-9 * size ? high - low : size;
}

/**
 * The box around points, with so much of the grid as leaves them in sight. As Python's `space_limits`.
 * @param {import('./types').Floats} points
 * @param {import('./types').Polylines} grid
 */
export function spaceLimits(points, grid) {
  const box = extremes([points]);
  const bent = extremes(grid);
  const seen = box.map((side, at) => {
    const low = at & ~1;
    const size = box[low + 1] - box[low];
    if (!(size > 1e-6 * (bent[low + 1] - bent[low]))) return at === low ? Math.min(side, bent[at]) : Math.max(side, bent[at]);
    return at === low ? Math.min(side, Math.max(bent[at], side - ROOM * size)) : Math.max(side, Math.min(bent[at], side + ROOM * size));
  });
  return boxAround(/** @type {import('./types').Box} */ (seen), 0.06);
}

/** The i-th of n numbers from low to high. @param {number} low @param {number} high @param {number} i @param {number} n */
export const between = (low, high, i, n) => i === n - 1 ? high : low + i * ((high - low) / (n - 1));

/**
 * Lines parallel to the axes of the plane, the upright ones first, as places one after another; one line for one column.
 * @param {import('./types').Box} limits
 * @param {number} samples
 */
export function gridPlaces([left, right, bottom, top], samples, single = false, lines = 13) {
  const count = single ? 1 : 2 * lines;
  const places = new Float64Array(2 * count * samples);
  for (let line = 0, at = 0; line < count; line++) {
    for (let i = 0; i < samples; i++, at += 2) {
      const upright = !single && line < lines;
      places[at] = upright ? between(left, right, line, lines) : between(left, right, i, samples);
      places[at + 1] = single ? 0 : upright ? between(bottom, top, i, samples) : between(bottom, top, line - lines, lines);
    }
  }
  return { places, count, samples };
}

/**
 * The corners of a raster over a box, row after row from below.
 * @param {import('./types').Box} limits
 * @param {number} columns
 * @param {number} rows
 */
export function rasterPlaces([left, right, bottom, top], columns, rows) {
  const places = new Float64Array(2 * columns * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 2) {
      places[at] = between(left, right, column, columns);
      places[at + 1] = between(bottom, top, row, rows);
    }
  }
  return places;
}
