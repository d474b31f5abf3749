/** Marching squares for any number of classes: where the largest of several scores changes hands; as Python's curves. */
import { between } from './plane.js';

const EXACT = 1e-6;
const LARGEST = 1e150;

/** @typedef {import('./types').Floats} Floats */
/** @typedef {(places: Floats, n: number) => Floats} Look */
/** @typedef {{curves: import('./types').Polylines, exact: boolean[]}} Curves */
/** @typedef {{scores: Floats, width: number, columns: number, rows: number, box: import('./types').Box, winner: Uint8Array}} Raster */

/**
 * The curves in a box on which the largest of the scores changes hands; a single score counts against 0. `look` gives
 * scores at any places: with it every vertex is exact (|difference| <= 1e-6, save on jumps), without it interpolated.
 * @param {Floats} scores of all corners of the raster, (rows * columns, width)
 * @param {number} width
 * @param {number} columns
 * @param {number} rows
 * @param {import('./types').Box} box
 * @param {Look | null} [look]
 * @returns {Curves}
 */
export function curvesOf(scores, width, columns, rows, box, look = null) {
  const winner = new Uint8Array(columns * rows);
  for (let i = 0; i < winner.length; i++) winner[i] = winnerAt(scores, i, width);
  const raster = { scores, width, columns, rows, box, winner };
  const edges = changes(raster);
  const found = crossings(raster, edges, look);
  const pairs = joints(raster, edges, found, look);
  const paths = joinedPaths(pairs, found.x.length);
  return {
    curves: paths.map(path => Float64Array.from({ length: 2 * path.length }, (_, i) => (i % 2 ? found.y : found.x)[path[i >> 1]])),
    exact: paths.map(path => path.every(vertex => found.gap[vertex] <= EXACT)),
  };
}

/** @param {number} value */
const finite = value => value !== value ? 0 : Math.max(-LARGEST, Math.min(LARGEST, value));

/** The first of the largest scores. @param {Floats} scores @param {number} i @param {number} width */
export function winnerAt(scores, i, width) {
  if (width === 1) return scores[i] > 0 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < width; k++) if (finite(scores[i * width + k]) > finite(scores[i * width + best])) best = k;
  return best;
}

/** By how much a class leads the best other one. @param {Floats} scores @param {number} i @param {number} width @param {number} winner */
function lead(scores, i, width, winner) {
  if (width === 1) return winner ? finite(scores[i]) : -finite(scores[i]);
  let other = -Infinity;
  for (let k = 0; k < width; k++) if (k !== winner) other = Math.max(other, finite(scores[i * width + k]));
  return finite(scores[i * width + winner]) - other;
}

/** The raster's edges on which the winner changes, numbered from 0; -1 for the others. @param {Raster} raster */
function changes({ winner, columns, rows }) {
  const level = new Int32Array(columns * rows).fill(-1);
  const upright = new Int32Array(columns * rows).fill(-1);
  /** @type {[start: number, end: number][]} */
  const ends = [];
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      if (column + 1 < columns && winner[at] !== winner[at + 1]) level[at] = ends.push([at, at + 1]) - 1;
      if (row + 1 < rows && winner[at] !== winner[at + columns]) upright[at] = ends.push([at, at + columns]) - 1;
    }
  }
  return { level, upright, ends };
}

/** @param {Raster} raster @param {number} corner */
const placeOf = ({ box, columns, rows }, corner) =>
  [between(box[0], box[1], corner % columns, columns), between(box[2], box[3], Math.floor(corner / columns), rows)];

/** @param {Raster} raster @param {ReturnType<typeof changes>} edges @param {Look | null} look */
function crossings(raster, edges, look) {
  const all = edges.ends.map(([start, end]) => {
    const winner = raster.winner[start];
    const low = lead(raster.scores, start, raster.width, winner);
    const high = lead(raster.scores, end, raster.width, winner);
    const [x, y] = placeOf(raster, start);
    const [toX, toY] = placeOf(raster, end);
    const level = low === 0 || high === 0;
    return { x, y, dx: toX - x, dy: toY - y, winner, low: 0, high: 1, lowLead: low, highLead: high, moved: 0, level,
      best: low > high ? Math.min(1, low / (low - high)) : 0.5, gap: look ? Infinity : 0 };
  });
  if (look) polish(all, look, raster.width);
  return { x: all.map(edge => edge.x + edge.best * edge.dx), y: all.map(edge => edge.y + edge.best * edge.dy), gap: all.map(edge => edge.gap) };
}

/**
 * The zeros of the leads: regula falsi (Illinois), then halving; an end without any lead may lie in a region of such,
 * and only the end of that region is a crossing, so there it is halving alone.
 * @param {any[]} edges
 * @param {Look} look
 * @param {number} width
 */
function polish(edges, look, width) {
  let open = edges;
  for (let round = 0; round < 64 && open.length; round++) {
    const at = open.map(edge => edge.level || round > 12 || round % 4 === 3 ? (edge.low + edge.high) / 2 : straightPlace(edge));
    const places = Float64Array.from({ length: 2 * open.length }, (_, i) => {
      const edge = open[i >> 1];
      return i % 2 ? edge.y + at[i >> 1] * edge.dy : edge.x + at[i >> 1] * edge.dx;
    });
    const scores = look(places, open.length);
    open.forEach((edge, i) => narrow(edge, at[i], lead(scores, i, width, edge.winner), winnerAt(scores, i, width) === edge.winner));
    open = open.filter(edge => (edge.level || edge.gap > 1e-12) && edge.high - edge.low > 1e-15);
  }
  for (const edge of edges) if (edge.level || edge.gap > EXACT) edge.best = edge.low;
}

/** @param {any} edge @param {number} at @param {number} value @param {boolean} ahead */
function narrow(edge, at, value, ahead) {
  if (Math.abs(value) < edge.gap) Object.assign(edge, { best: at, gap: Math.abs(value) });
  if (ahead) {
    if (edge.moved > 0) edge.highLead /= 2;
    Object.assign(edge, { low: at, lowLead: value, moved: 1 });
  } else {
    if (edge.moved < 0) edge.lowLead /= 2;
    Object.assign(edge, { high: at, highLead: value, moved: -1 });
  }
}

/** @param {any} edge */
function straightPlace({ low, high, lowLead, highLead }) {
  const place = low + (high - low) * lowLead / (lowLead - highLead);
  return place > low && place < high ? place : (low + high) / 2;
}

/**
 * Which crossings belong together, cell by cell; where three classes meet, a vertex is added.
 * @param {Raster} raster
 * @param {ReturnType<typeof changes>} edges
 * @param {{x: number[], y: number[], gap: number[]}} found
 * @param {Look | null} look
 */
function joints(raster, edges, found, look) {
  const { columns, rows, winner } = raster;
  /** @type {[number, number][]} */
  const pairs = [];
  /** @type {number[][]} */
  const three = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0, at = row * columns; column + 1 < columns; column++, at++) {
      const here = winner[at];
      if (here === winner[at + 1] && here === winner[at + columns] && here === winner[at + columns + 1]) continue;
      const [bottom, right, top, left] = [edges.level[at], edges.upright[at + 1], edges.level[at + columns], edges.upright[at]];
      const sides = [bottom, right, top, left].filter(side => side >= 0);
      if (sides.length === 2) pairs.push([sides[0], sides[1]]);
      else if (sides.length === 3) three.push([at, ...sides]);
      else if (sides.length === 4) {
        const middle = middleWinner(raster, at, look);
        const rising = middle === winner[at] || middle === winner[at + columns + 1];
        pairs.push(...(rising ? [[bottom, right], [top, left]] : [[left, bottom], [right, top]]).map(([a, b]) => /** @type {[number, number]} */ ([a, b])));
      }
    }
  }
  for (const [at, ...sides] of three) {
    const place = meeting(raster, at, sides, found, look);
    if (!place) continue;
    const hub = found.x.push(place[0]) - 1;
    found.y.push(place[1]);
    found.gap.push(0);
    pairs.push(...sides.map(side => /** @type {[number, number]} */ ([side, hub])));
  }
  return pairs;
}

/** @param {Raster} raster @param {number} at @param {Look | null} look */
function middleWinner(raster, at, look) {
  const { scores, width, columns } = raster;
  const [x, y] = placeOf(raster, at);
  const [toX, toY] = placeOf(raster, at + columns + 1);
  if (look) return winnerAt(look(Float64Array.of((x + toX) / 2, (y + toY) / 2), 1), 0, width);
  const corners = [at, at + 1, at + columns, at + columns + 1];
  return winnerAt(Float64Array.from({ length: width }, (_, k) => corners.reduce((sum, corner) => sum + finite(scores[corner * width + k]), 0)), 0, width);
}

/**
 * Where three classes meet in a cell, by Newton's steps; without `look` the middle of the three crossings.
 * @param {Raster} raster
 * @param {number} at
 * @param {number[]} sides
 * @param {{x: number[], y: number[]}} found
 * @param {Look | null} look
 */
function meeting(raster, at, sides, found, look) {
  const mean = (/** @type {number[]} */ values) => sides.reduce((sum, side) => sum + values[side], 0) / 3;
  if (!look) return [mean(found.x), mean(found.y)];
  const { columns, width, winner } = raster;
  const classes = [...new Set([winner[at], winner[at + 1], winner[at + columns], winner[at + columns + 1]])];
  const [left, bottom] = placeOf(raster, at);
  const [right, top] = placeOf(raster, at + columns + 1);
  const step = [1e-6 * (right - left), 1e-6 * (top - bottom)];
  let [x, y] = [(left + right) / 2, (bottom + top) / 2];
  for (let round = 0; round < 9; round++) {
    const scores = look(Float64Array.of(x, y, x + step[0], y, x, y + step[1]), 3);
    const difference = (/** @type {number} */ i, /** @type {number} */ k) => finite(scores[i * width + classes[k]]) - finite(scores[i * width + classes[0]]);
    if (round === 8) {
      const inside = x >= left && x <= right && y >= bottom && y <= top;
      const spread = Math.max(...scores.subarray(0, width)) - Math.min(...classes.map(k => scores[k]));
      return inside && spread <= EXACT ? [x, y] : null;
    }
    const [one, two] = [difference(0, 1), difference(0, 2)];
    const [a, b] = [(difference(1, 1) - one) / step[0], (difference(2, 1) - one) / step[1]];
    const [c, d] = [(difference(1, 2) - two) / step[0], (difference(2, 2) - two) / step[1]];
    const size = a * d - b * c || 1;
    x -= clip((d * one - b * two) / size, right - left);
    y -= clip((a * two - c * one) / size, top - bottom);
  }
  return null;
}

/** @param {number} value @param {number} most */
const clip = (value, most) => Math.max(-most, Math.min(most, value));

/**
 * The longest paths through pairs of vertices, each pair used once; a closed path ends where it starts.
 * @param {[number, number][]} pairs
 * @param {number} count
 */
function joinedPaths(pairs, count) {
  /** @type {number[][]} */
  const near = Array.from({ length: count }, () => []);
  for (const [one, other] of pairs) {
    near[one].push(other);
    near[other].push(one);
  }
  const ends = near.map(around => around.length !== 0 && around.length !== 2);
  const starts = near.flatMap((around, vertex) => ends[vertex] ? around.map(() => vertex) : []);
  const paths = [];
  for (let start of [...starts, ...near.keys()]) {
    if (!near[start].length) continue;
    const path = [start];
    while (near[start].length) {
      const next = /** @type {number} */ (near[start].pop());
      near[next].splice(near[next].indexOf(start), 1);
      path.push(next);
      start = next;
      if (ends[start]) break;
    }
    paths.push(path);
  }
  return paths;
}
