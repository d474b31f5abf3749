/**
 * The passage through one layer as one motion, as it is seen: turn and stretch (W), shift (b), bend (f); as Python's
 * `unbend.geometry.morph`. A passage holds as long as its stage shows the same parameters.
 */
import { cutsOf, gridSight, jumpy, layersOf, layerView, pieces, valuesOf } from './geometry.js';
import { forward } from './net.js';
import { bounded, project, sharesOf } from './projection.js';
import { facing, turning } from './turning.js';

export const PARTS = /** @type {const} */ (['turn', 'shift', 'bend']);

/** @typedef {import('./types').Floats} Floats */
/** @typedef {import('./turning.js').Rows} Rows */
/** @typedef {{inputs: Floats, before: Floats, after: Floats, n: number}} Carried */
/** @typedef {'turn' | 'shift' | 'bend'} Part */

/**
 * The passage through hidden layer `layer`; `.at(t)` is the moment t of it, 0 its input, 1 its output, a third for each
 * part. `views` are those of its input and its output, `curves` those of the boundary (see `boundary`) in the plane.
 * @param {import('./geometry.js').Stage} stage
 * @param {import('./types').Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {{views?: [import('./types').View, import('./types').View], boundary?: import('./contour.js').Curves, samples?: number}} [options]
 */
export function passage(stage, network, parameters, layer, options = {}) {
  const [from, to] = options.views ?? [layer - 1, layer].map(at => layerView(stage, network, parameters, at));
  const { count, samples, sight } = gridSight(stage, options.samples ?? 161);
  const eye = eyeOf(network, parameters, layer, from, to);
  const inSight = (/** @type {import('./geometry.js').Sight} */ seen) => carriedBy(seen, layersOf(seen, network, parameters), layer);
  const points = inSight(stage.points);
  const test = inSight(stage.test);
  const grid = inSight(sight);
  const cuts = [cutsOf(network, sight.layers, layer - 1, count, samples), cutsOf(network, sight.layers, layer, count, samples)];
  const curves = carriedCurves(stage, network, parameters, layer, options.boundary);
  const width = network.widths[layer + 1];
  const front = Float64Array.of(...eye.front[0].subarray(0, width), ...eye.front[1].subarray(0, width));
  const room = new Float64Array(2 * grid.n);
  return {
    over: eye.way.over,
    /** shares of the points' variance that are seen before the bend and behind it */
    shares: [shareSeen(front, points), to.shares[0] + to.shares[1]],
    /** @param {number} t */
    at(t) {
      const at = Math.min(Math.floor(3 * t), 2);
      return this.during(PARTS[at], 3 * t - at);
    },
    /** @param {Part} part @param {number} share */
    during(part, share) {
      const see = (/** @type {Carried} */ carried, /** @type {Floats} */ into = new Float64Array(2 * carried.n)) => seenAt(eye, carried, part, share, into);
      return {
        part, share, points: see(points), testPoints: see(test),
        grid: pieces(see(grid, room), count, samples, cuts[part === 'bend' ? 1 : 0]), curves: curves.map(curve => see(curve)),
      };
    },
  };
}

/** @param {Floats} front @param {Carried} points */
function shareSeen(front, { before, n }) {
  const shares = sharesOf(front, before, n, front.length / 2);
  return Math.min(1, shares[0] + shares[1]);
}

/**
 * How what is carried through the layer is looked at.
 * @param {import('./types').Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {import('./types').View} from
 * @param {import('./types').View} to
 */
function eyeOf(network, parameters, layer, from, to) {
  const [wide, width] = network.widths.slice(layer, layer + 2);
  const { weight, bias } = network.offsets[layer];
  const start = rowsOf(from);
  const aim = rowsOf(to);
  const column = (/** @type {Floats} */ row) => Float64Array.from({ length: width }, (_, k) => sum(wide, j => row[j] * parameters[weight + j * width + k]));
  const front = width > 2 && wide > 1 ? facing([column(start[0]), column(start[1])], aim) : aim;
  const map = front.map(row => Float64Array.from({ length: Math.max(wide, 2) }, (_, j) => j < wide ? sum(width, k => row[k] * parameters[weight + j * width + k]) : 0));
  const shift = front.map((row, i) => sum(wide, j => map[i][j] * from.center[j]) + sum(width, k => row[k] * parameters[bias + k]));
  return { from, to, front, shift, way: turning(start, /** @type {Rows} */ (map)), swing: turning(front, aim) };
}

/** @param {number} n @param {(i: number) => number} term */
function sum(n, term) {
  let total = 0;
  for (let i = 0; i < n; i++) total += term(i);
  return total;
}

/** The axes of a view; for a space of one dimension a second one is added, in which nothing lies. @param {import('./types').View} view @returns {Rows} */
function rowsOf({ width, axes }) {
  return width === 1 ? [Float64Array.of(1, 0), Float64Array.of(0, 1)] : [axes.subarray(0, width), axes.subarray(width)];
}

/** @param {{inputs: Floats, n: number} & Record<string, any>} sight @param {import('./types').Layer[]} layers @param {number} layer @returns {Carried} */
function carriedBy(sight, layers, layer) {
  const inputs = valuesOf(/** @type {any} */ (sight), layers, layer - 1);
  return { inputs, before: layers[layer].pre, after: layers[layer].post, n: sight.n };
}

/**
 * The boundary as it goes through the layer; without what lies on a jump, for such places have two images.
 * @param {import('./geometry.js').Stage} stage
 * @param {import('./types').Network} network
 * @param {Floats} parameters
 * @param {number} layer
 * @param {import('./contour.js').Curves} [curves]
 */
function carriedCurves(stage, network, parameters, layer, { curves, exact } = { curves: [], exact: [] }) {
  const sharp = jumpy(network, layer);
  return curves.filter((_, i) => exact[i] || !sharp).map(curve => {
    const n = curve.length / 2;
    const inputs = stage.inputsAt(curve, n);
    return carriedBy({ inputs, n }, forward(network, parameters, inputs, n), layer);
  });
}

/** @param {ReturnType<typeof eyeOf>} eye @param {Carried} carried @param {Part} part @param {number} share @param {Floats} into */
function seenAt(eye, { inputs, before, after, n }, part, share, into) {
  if (part === 'bend' && share === 1) return project(eye.to, after, n, into);
  if (part !== 'turn') {
    const bend = part === 'bend' ? share : 0;
    mixed(before, after, bend, eye.to.center, n, eye.swing.turned(bend), into);
    if (part === 'shift') for (let i = 0; i < into.length; i++) into[i] -= (1 - share) * eye.shift[i % 2];
    return into;
  }
  const turned = share < 0.5 ? eye.way.turned(2 * share) : eye.way.stretched(2 * share - 1);
  return mixed(inputs, inputs, 1, eye.from.center, n, turned, into);
}

/**
 * `((1 - share) * before + share * (after - center)) @ rows`, (n, 2).
 * @param {Floats} before
 * @param {Floats} after
 * @param {number} share
 * @param {Floats} center
 * @param {number} n
 * @param {Rows} rows
 * @param {Floats} into
 */
function mixed(before, after, share, center, n, [across, up], into) {
  const width = center.length;
  for (let i = 0, at = 0; i < n; i++) {
    let [x, y] = [0, 0];
    for (let j = 0; j < width; j++, at++) {
      const value = (share < 1 ? (1 - share) * bounded(before[at]) : 0) + (share > 0 ? share * (bounded(after[at]) - center[j]) : 0);
      x += value * across[j];
      y += value * up[j];
    }
    into[2 * i] = x;
    into[2 * i + 1] = y;
  }
  return into;
}
