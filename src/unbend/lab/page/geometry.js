/**
 * What a network does to space, as Python's `unbend.geometry`. A stage holds the data, the plane of its inputs, and
 * the layers of the parameters last shown: as long as these are the same, every function shares one forward pass. The
 * arrays that `warp`, `field` and `unitFields` give belong to the stage; its next pictures are written over them.
 */
import { curvesOf } from './contour.js';
import { inputsOf, lift } from './data.js';
import { forward } from './net.js';
import { gridPlaces, inputPlane, rasterPlaces, spaceLimits } from './plane.js';
import { back, plainView, project, viewOf } from './projection.js';
import { steepZones } from './steep.js';
import { readoutRows, straightLines } from './straight.js';

const LEVELS = 5;

/** @typedef {import('./types').Floats} Floats */
/** @typedef {import('./types').Network} Network */
/** @typedef {import('./types').View} View */
/** @typedef {{places: Floats | null, inputs: Floats, n: number, network: Network | null, parameters: Floats, layers: import('./types').Layer[]}} Sight */
/** @typedef {ReturnType<typeof makeStage>} Stage */

/**
 * @param {import('./types').Data} data
 * @param {string[]} features as in the settings
 */
export function makeStage(data, features) {
  const lifted = data.d <= 2;
  const inputs = inputsOf(data, data.x, data.n, features);
  const plane = inputPlane(lifted ? data.x : inputs, data.n, lifted ? data.d : features.length, data);
  const corners = /** @type {Map<string, Sight>} */ (new Map());
  const seen = (/** @type {Floats} */ x, /** @type {number} */ n, /** @type {Floats | null} */ places = null) =>
    ({ places, inputs: x, n, network: null, parameters: new Float64Array(0), layers: [] });
  const testInputs = inputsOf(data, data.test.x, data.test.n, features);
  return {
    data, features, lifted, plane,
    /** the test rows in the plane, (n, 2) */
    testPlaces: project(plane.view, lifted ? data.test.x : testInputs, data.test.n),
    /** the network's inputs at places (n, 2) of the plane */
    inputsAt: (/** @type {Floats} */ places, /** @type {number} */ n) => {
      const x = back(plane.view, places, n);
      return lifted ? lift(x, n, data.d, features) : x;
    },
    points: /** @type {Sight} */ (seen(inputs, data.n)),
    test: /** @type {Sight} */ (seen(testInputs, data.test.n)),
    /** the places of a raster or a grid, and what the network makes of them; kept by name */
    sight(/** @type {string} */ name, /** @type {() => Floats} */ makePlaces) {
      let sight = corners.get(name);
      if (!sight) {
        const places = makePlaces();
        sight = /** @type {Sight} */ (seen(this.inputsAt(places, places.length / 2), places.length / 2, places));
        corners.set(name, sight);
      }
      return sight;
    },
    buffers: /** @type {Map<string, Floats>} */ (new Map()),
  };
}

/**
 * All layers for what is in sight; computed anew only for other parameters.
 * @param {Sight} sight
 * @param {Network} network
 * @param {Floats} parameters
 */
export function layersOf(sight, network, parameters) {
  const known = sight.network === network;
  if (known && parameters.every((value, i) => Object.is(value, sight.parameters[i]))) return sight.layers;
  sight.layers = forward(network, parameters, sight.inputs, sight.n, known ? sight.layers : undefined);
  sight.parameters = known ? sight.parameters : new Float64Array(parameters.length);
  sight.parameters.set(parameters);
  sight.network = network;
  return sight.layers;
}

/** @param {Stage} stage @param {number} columns @param {number} rows */
const rasterSight = (stage, columns, rows) => stage.sight(`raster ${columns} ${rows}`, () => rasterPlaces(stage.plane.limits, columns, rows));

/** The grid in sight, with so many samples on each line. @param {Stage} stage @param {number} samples */
export function gridSight(stage, samples) {
  const single = stage.plane.view.width === 1;
  const count = single ? 1 : 26;
  return { count, samples, sight: stage.sight(`grid ${samples}`, () => gridPlaces(stage.plane.limits, samples, single).places) };
}

/** @param {Stage} stage @param {string} name @param {number} length */
function buffer(stage, name, length) {
  let kept = stage.buffers.get(name);
  if (kept?.length !== length) stage.buffers.set(name, kept = new Float64Array(length));
  return kept;
}

/** The values (n, width) of a layer, or the inputs for -1. @param {Sight} sight @param {import('./types').Layer[]} layers @param {number} layer */
export const valuesOf = (sight, layers, layer) => layer < 0 ? sight.inputs : layers[layer].post;

/**
 * How the space behind a layer is seen (-1 is the input), from as near to `reference` as can be.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {View | null} [reference]
 */
export function layerView(stage, network, parameters, layer, reference = null) {
  const { n } = stage.data;
  const width = network.widths[layer + 1];
  const values = valuesOf(stage.points, layersOf(stage.points, network, parameters), layer);
  if (layer === network.activations.length - 1) return viewOf(values, n, width, readoutRows(network, parameters), reference);
  if (layer < 0 && !stage.lifted) return stage.plane.view;
  const [first, second] = stage.data.d === 2 ? ['x1', 'x2'].map(name => stage.features.indexOf(name)) : [-1, -1];
  if (layer < 0 && first >= 0 && second >= 0) return plainView(width, values, n, first, second);
  return viewOf(values, n, width, [], reference);
}

/**
 * What the layers up to `layer` (0 is the first, -1 the input) do to space: the bent `grid`, the `points` and
 * `testPoints` (n, 2), and in the last space the straight `lines` (or `levels` of regression), in a `view`, with
 * `limits` around them. `reference` is the view of the frame before, so that pictures do not flip.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {View | null} [reference]
 */
export function warp(stage, network, parameters, layer, reference = null, samples = 161) {
  const view = layerView(stage, network, parameters, layer, reference);
  const look = (/** @type {Sight} */ sight, /** @type {string} */ name) =>
    project(view, valuesOf(sight, layersOf(sight, network, parameters), layer), sight.n, buffer(stage, `${name} ${layer}`, 2 * sight.n));
  const points = look(stage.points, 'points');
  const { sight, count } = gridSight(stage, samples);
  const places = look(sight, `grid ${samples}`);
  const grid = pieces(places, count, samples, cutsOf(network, sight.layers, layer, count, samples));
  const limits = spaceLimits(points, grid);
  return { layer, view, limits, grid, points, testPoints: look(stage.test, 'test'), ...straightIn(stage, network, parameters, layer, view, limits) };
}

/**
 * The straight `lines` between the classes inside a box of a view, or the `levels` of equal prediction; none but in the
 * last space, and none where the view cannot show them as they are.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {View} view
 * @param {import('./types').Box} limits
 */
export function straightIn(stage, network, parameters, layer, view, limits) {
  const { weight, bias } = network.offsets[layer + 1];
  const shown = layer === network.activations.length - 1 && view.exact;
  const at = (/** @type {number} */ level) => shown ? straightLines(view, parameters.subarray(weight, bias),
    parameters.slice(bias, bias + network.widths[layer + 2]).map(value => value - level), limits) : [];
  const levels = levelsOf(stage).map(value => ({ value, segment: at(value)[0] ?? null }));
  return { lines: levels.length ? [] : at(0), levels };
}

/** The values of regression whose places are shown: evenly over the range of the target. @param {Stage} stage */
function levelsOf({ data }) {
  if (data.task !== 'regression') return [];
  const [low, high] = data.y.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
  return Array.from({ length: LEVELS }, (_, i) => low + (i + 1) * (high - low) / (LEVELS + 1));
}

/**
 * Lines of so many samples as polylines, cut behind the marked samples.
 * @param {Floats} places
 * @param {number} count
 * @param {number} samples
 * @param {Uint8Array | null} cuts
 * @returns {import('./types').Polylines}
 */
export function pieces(places, count, samples, cuts) {
  const parts = [];
  for (let line = 0; line < count; line++) {
    let start = line * samples;
    for (let at = start; at < (line + 1) * samples; at++) {
      if (at + 1 < (line + 1) * samples && !cuts?.[at]) continue;
      parts.push(places.subarray(2 * start, 2 * at + 2));
      start = at + 1;
    }
  }
  return parts;
}

/**
 * Behind which samples of the grid some unit up to `layer` jumps, or null where no activation jumps.
 * @param {Network} network
 * @param {import('./types').Layer[]} layers
 * @param {number} layer
 * @param {number} count
 * @param {number} samples
 */
export function cutsOf(network, layers, layer, count, samples) {
  if (!jumpy(network, layer)) return null;
  const cuts = new Uint8Array(count * samples);
  for (let l = 0; l <= layer; l++) {
    const { pre, width } = layers[l];
    for (const jump of jumps(network.activations[l])) {
      for (let at = 0; at + width < pre.length; at++) {
        if (pre[at] > jump !== pre[at + width] > jump) cuts[Math.floor(at / width)] = 1;
      }
    }
  }
  return cuts;
}

/** Whether any activation up to a layer jumps. @param {Network} network @param {number} layer */
export const jumpy = (network, layer) => network.activations.slice(0, layer + 1).some(activation => jumps(activation).length > 0);

/** @type {WeakMap<import('./types').Activation, number[]>} */
const known = new WeakMap();

/** The kinks at which the value itself jumps. @param {import('./types').Activation} activation */
function jumps(activation) {
  let found = known.get(activation);
  if (found) return found;
  const { kinks } = activation;
  const z = Float64Array.from(kinks.flatMap(kink => [-1, 1].map(side => kink + side * 1e-9 * Math.max(1, Math.abs(kink)))));
  const a = new Float64Array(z.length);
  activation.apply(z, a, null, 0, z.length);
  found = kinks.filter((_, i) => Math.abs(a[2 * i + 1] - a[2 * i]) > 1e-6 * Math.max(1, Math.abs(a[2 * i])));
  known.set(activation, found);
  return found;
}

/**
 * The network's output at the corners of a raster over the input plane, row after row from below: `pre` are the scores,
 * `post` the probabilities or values.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} columns
 * @param {number} rows
 */
export function field(stage, network, parameters, columns, rows) {
  const layers = layersOf(rasterSight(stage, columns, rows), network, parameters);
  return layers[layers.length - 1];
}

/**
 * What every hidden unit says at the corners: of unit u of a layer `post[corner * width + u]`.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} columns
 * @param {number} rows
 */
export function unitFields(stage, network, parameters, columns, rows) {
  return layersOf(rasterSight(stage, columns, rows), network, parameters).slice(0, -1);
}

/**
 * The curves between the classes in the input plane; for regression, those of equal prediction. With `refine` every
 * vertex has |score| <= 1e-6, save on jumps (`exact` says which curves surely have none).
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} columns
 * @param {number} rows
 */
export function boundary(stage, network, parameters, columns, rows, refine = false) {
  const parts = boundaryLevels(stage, network, parameters, columns, rows, refine);
  return { curves: parts.flatMap(part => part.curves), exact: parts.flatMap(part => part.exact) };
}

/** As `boundary`, level by level. @param {Stage} stage @param {Network} network @param {Floats} parameters @param {number} columns @param {number} rows */
export function boundaryLevels(stage, network, parameters, columns, rows, refine = false) {
  const { pre, width } = field(stage, network, parameters, columns, rows);
  const look = refine ? lookAt(stage, network, parameters, layers => layers[layers.length - 1].pre) : null;
  const parts = stage.data.task === 'regression'
    ? levelsOf(stage).map(value => ({ value, ...levelCurves(stage, pre, value, columns, rows, look) }))
    : [{ value: 0, ...curvesOf(pre, width, columns, rows, stage.plane.limits, look) }];
  const unsure = !refine && jumpy(network, network.activations.length - 1);
  return parts.map(part => ({ ...part, exact: part.exact.map(exact => exact && !unsure) }));
}

/** Scores at any places. @param {Stage} stage @param {Network} network @param {Floats} parameters @param {(layers: import('./types').Layer[]) => Floats} pick */
function lookAt(stage, network, parameters, pick) {
  return (/** @type {Floats} */ places, /** @type {number} */ n) => pick(forward(network, parameters, stage.inputsAt(places, n), n));
}

/** @param {Stage} stage @param {Floats} values @param {number} level @param {number} columns @param {number} rows @param {import('./contour.js').Look | null} look */
function levelCurves(stage, values, level, columns, rows, look) {
  const beyond = look && ((/** @type {Floats} */ places, /** @type {number} */ n) => look(places, n).map(value => value - level));
  return curvesOf(values.map(value => value - level), 1, columns, rows, stage.plane.limits, beyond);
}

/**
 * Where each hidden unit bends the input plane: its folds ("kink"); for a smooth activation the middles of its steep
 * zones ("steep") and their ends ("edge"). Units without any in sight are left out.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 * @param {number} columns
 * @param {number} rows
 */
export function foldLines(stage, network, parameters, columns, rows, refine = false) {
  const found = [];
  for (const [layer, { pre, width }] of unitFields(stage, network, parameters, columns, rows).entries()) {
    const levels = levelsThatBend(network.activations[layer]);
    for (let unit = 0; unit < width; unit++) {
      const ofUnit = (/** @type {Floats} */ values) => Float64Array.from({ length: values.length / width }, (_, i) => values[i * width + unit]);
      const values = ofUnit(pre);
      const look = refine ? lookAt(stage, network, parameters, layers => ofUnit(layers[layer].pre)) : null;
      for (const { kind, level } of levels) {
        const { curves } = levelCurves(stage, values, level, columns, rows, look);
        if (curves.length) found.push({ layer, unit, kind, kink: level, curves });
      }
    }
  }
  return found;
}

/** @param {import('./types').Activation} activation @returns {{kind: 'kink' | 'steep' | 'edge', level: number}[]} */
function levelsThatBend(activation) {
  if (activation.kinks.length) return activation.kinks.map(level => ({ kind: 'kink', level }));
  const zones = steepZones(activation).filter(zone => zone.middle !== null);
  return zones.flatMap(({ middle, edges }) => [
    { kind: /** @type {const} */ ('steep'), level: Number(middle) },
    ...edges.filter(edge => edge !== middle).map(level => ({ kind: /** @type {const} */ ('edge'), level })),
  ]);
}

/**
 * For data with one feature, the curve of the outputs: rows of the feature and all outputs.
 * @param {Stage} stage
 * @param {Network} network
 * @param {Floats} parameters
 */
export function fitCurve(stage, network, parameters, samples = 241) {
  const { sight } = gridSight(stage, samples);
  const layers = layersOf(sight, network, parameters);
  const { post, width } = layers[layers.length - 1];
  return Float64Array.from({ length: samples * (1 + width) }, (_, i) => {
    const at = Math.floor(i / (1 + width));
    const k = i % (1 + width);
    return k ? post[at * width + k - 1] : Number(sight.places?.[2 * at]);
  });
}
