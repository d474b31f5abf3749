/** What all pictures of one moment share: the raster of the input plane, the bent spaces, the boundary; computed once. */
import { boundary, field, fitCurve, foldLines, gridSight, makeStage, pieces, straightIn, unitFields, warp } from './geometry.js';
import { boxAround, extremes } from './plane.js';
import { featuresOf } from './shape.js';

const PLAYING = 41;
const STILL = 101;

/** @typedef {import('./paint.js').Space & {limits: Box, view: any, isInput: boolean, boundary?: any}} Space */
/** @typedef {{columns: number, rows: number, output: Space, input: Space, spaces: Space[], scores: import('./types').Layer, units: import('./types').Layer[], data: import('./types').Data}} Scene */
/** @typedef {import('./types').Box} Box */

/** @typedef {{data: unknown, network: unknown, stage: any, limits: Map<string, Box>, views: any[], scene: Scene | null, key: unknown[], maps: any}} Memory */

/** @type {WeakMap<object, Memory>} */
const kept = new WeakMap();

/** @param {any} lab @returns {Memory} */
function memory(lab) {
  const old = kept.get(lab);
  if (old && old.data === lab.data && old.network === lab.network) return old;
  const moved = old?.data !== lab.data && old?.network === lab.network;
  const fresh = { data: lab.data, network: lab.network, stage: makeStage(lab.data, lab.settings.features),
    limits: moved && old ? old.limits : new Map(), views: [], scene: null, key: [], maps: null };
  const { plane } = fresh.stage, box = old?.stage.plane.limits;
  if (moved && plane.points.every((/** @type {number} */ x, /** @type {number} */ i) => x >= box[2 * (i % 2)] && x <= box[2 * (i % 2) + 1])) plane.limits = box;
  kept.set(lab, fresh);
  return fresh;
}

/** The stage of what is shown: the data and the plane of its inputs. @param {import('./types').Lab} lab */
export function stageOf(lab) {
  return memory(lab).stage;
}

/**
 * The pictures of the shown frame: coarse while it plays, fine when it stands.
 * @param {import('./types').Lab} lab
 * @returns {Scene}
 */
export function scene(lab) {
  const own = memory(lab);
  const coarse = lab.playing || !lab.ready; // before the first picture is on the screen, it need not be fine
  const key = [lab.frame.parameters, coarse, lab.view.foldLines];
  if (own.scene && key.every((part, i) => part === own.key[i])) return own.scene;
  own.key = key;
  own.scene = sceneOf(lab, lab.frame, coarse ? PLAYING : STILL);
  return own.scene;
}

/**
 * @param {import('./types').Lab} lab
 * @param {import('./types').Frame} frame
 * @param {number} resolution of the raster
 * @returns {Scene}
 */
export function sceneOf(lab, { parameters }, resolution) {
  const own = memory(lab);
  own.scene = null; // its arrays are the stage's, and are written over
  const { stage } = own;
  const { network, data } = lab;
  const single = stage.plane.view.width === 1;
  const [columns, rows] = single ? [121, 2] : [resolution, resolution];
  const samples = resolution === PLAYING ? 41 : 121;
  const spaces = network.activations.map((_, layer) => {
    const space = warp(stage, network, parameters, layer, own.views[layer] ?? null, samples);
    own.views[layer] = space.view;
    const limits = steady(own.limits, `layer ${layer}`, space.limits);
    return { ...space, ...straightIn(stage, network, parameters, layer, space.view, limits), isInput: false, limits };
  });
  const output = field(stage, network, parameters, columns, rows);
  const { curves, exact } = single ? { curves: [], exact: [] } : boundary(stage, network, parameters, columns, rows, resolution !== PLAYING);
  const folds = lab.view.foldLines && !single ? foldLines(stage, network, parameters, columns, rows) : [];
  const plane = { points: stage.plane.points, limits: stage.plane.limits, view: stage.plane.view, isInput: true };
  return {
    columns, rows, output: single ? fitted(lab, stage, parameters, own) : { ...plane, field: { ...output, columns, rows }, boundary: curves, folds, testPoints: stage.testPlaces },
    input: { ...plane, grid: straightGrid(stage, samples), testPoints: stage.testPlaces, boundary: curves, exact },
    spaces, scores: output, units: unitFields(stage, network, parameters, columns, rows), data,
  };
}

/** The straight grid of the input plane. @param {any} stage @param {number} samples */
function straightGrid(stage, samples) {
  const { sight, count } = gridSight(stage, samples);
  return pieces(/** @type {import('./types').Floats} */ (sight.places), count, samples, null);
}

/** For one feature, the curve that the network draws. @param {any} lab @param {any} stage @param {any} parameters @param {any} own */
function fitted(lab, stage, parameters, own) {
  const { data } = lab;
  const curve = fitCurve(stage, lab.network, parameters);
  const width = curve.length / 241;
  const line = new Float64Array(2 * 241);
  for (let i = 0; i < 241; i++) line.set([curve[i * width], curve[i * width + width - 1]], 2 * i);
  const pairs = (/** @type {any} */ places, /** @type {any} */ y) => places.map((/** @type {number} */ x, /** @type {number} */ i) => i % 2 ? y[i >> 1] : x);
  const points = pairs(stage.plane.points, data.y);
  const limits = boxAround(extremes([points]), 0.12);
  return { points, testPoints: pairs(stage.testPlaces, data.test.y), limits: steady(own.limits, 'fit', limits), view: stage.plane.view, isInput: true, fit: line, boundary: [], folds: [] };
}

/**
 * A box that does not jitter: the old one as long as the new one fills it well.
 * @param {Map<string, Box>} boxes
 * @param {string} name
 * @param {Box} box
 * @returns {Box}
 */
export function steady(boxes, name, box) {
  const old = boxes.get(name);
  if (old) {
    const inside = box[0] >= old[0] && box[1] <= old[1] && box[2] >= old[2] && box[3] <= old[3];
    const full = box[1] - box[0] > 0.5 * (old[1] - old[0]) && box[3] - box[2] > 0.5 * (old[3] - old[2]);
    if (inside && full) return old;
  }
  const fresh = old ? boxAround(box, 0.08) : box;
  boxes.set(name, fresh);
  return fresh;
}

/** The features as maps over the input plane. @param {import('./types').Lab} lab */
export function featureMaps(lab) {
  const own = memory(lab);
  own.maps ??= makeMaps(lab, own.stage);
  return own.maps;
}

/** @param {import('./types').Lab} lab @param {any} stage */
function makeMaps(lab, stage) {
  const names = featuresOf(lab.data);
  const all = makeStage(lab.data, names);
  const columns = 24;
  const places = new Float64Array(2 * columns * columns);
  const [left, right, bottom, top] = stage.plane.limits;
  for (let i = 0; i < columns * columns; i++) {
    places[2 * i] = left + (right - left) * (i % columns) / (columns - 1);
    places[2 * i + 1] = bottom + (top - bottom) * Math.floor(i / columns) / (columns - 1);
  }
  const [inputs, chosen] = [all, stage].map(one => one.inputsAt(places, columns * columns)); // a chosen column as the other pictures show it
  const values = (/** @type {string} */ name) => {
    const [from, known] = stage.features.includes(name) ? [chosen, stage.features] : [inputs, names];
    return Float64Array.from({ length: columns * columns }, (_, i) => from[i * known.length + known.indexOf(name)]);
  };
  return { columns, rows: columns, values };
}

