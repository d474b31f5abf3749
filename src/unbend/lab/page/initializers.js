/** How weights start: the twins of unbend.network.initializers and gains. */
import { normal, uniform } from './random.js';

/** @type {Record<string, [distribution: string, scale: (inputs: number, outputs: number) => number]>} */
const RULES = {
  glorot_normal: ['normal', (i, o) => Math.sqrt(2 / (i + o))],
  glorot_uniform: ['uniform', (i, o) => Math.sqrt(6 / (i + o))],
  he_normal: ['normal', i => Math.sqrt(2 / i)],
  he_uniform: ['uniform', i => Math.sqrt(6 / i)],
  lecun_normal: ['normal', i => Math.sqrt(1 / i)],
  orthogonal: ['orthogonal', () => 1],
  normal: ['normal', () => 0.05],
  uniform: ['uniform', () => 0.05],
  zeros: ['zeros', () => 0],
};
const REACH = 12;
const SETTLED = 1e-6;

export const INITIALIZERS = Object.keys(RULES);

/**
 * Starting parameters; `gain` as in Python: null is the initialiser's own, 'exact' makes up for the activation.
 * @param {import('./types').Network} network
 * @param {string} init
 * @param {number | 'exact' | null} gain
 * @param {number} seed
 */
export function initialise(network, init, gain, seed) {
  const parameters = new Float64Array(network.parameterCount);
  const [distribution, scale] = RULES[init];
  network.offsets.forEach(({ weight }, layer) => {
    const [inputs, outputs] = network.widths.slice(layer);
    const factor = gainOf(network, gain, layer);
    draw(distribution, scale(inputs, outputs), seed, `weight/${layer}`, inputs, outputs).forEach((value, i) => { parameters[weight + i] = value * factor; });
  });
  return parameters;
}

/** @param {import('./types').Network} network @param {number | 'exact' | null} gain @param {number} layer */
function gainOf({ activations }, gain, layer) {
  if (gain === null) return 1;
  if (gain === 'exact') return layer ? exactGain(activations[layer - 1]) : 1;
  return layer < activations.length ? gain : 1;
}

/** @param {string} distribution @param {number} scale @param {number} seed @param {string} purpose @param {number} inputs @param {number} outputs */
function draw(distribution, scale, seed, purpose, inputs, outputs) {
  const count = inputs * outputs;
  if (distribution === 'zeros') return new Float64Array(count);
  if (distribution === 'uniform') return uniform(seed, purpose, count).map(u => scale * (2 * u - 1));
  const weights = normal(seed, purpose, count);
  return distribution === 'normal' ? weights.map(z => scale * z) : orthogonal(weights, inputs, outputs);
}

/**
 * The orthogonal factor of a matrix (rows, columns), with the signs of Mezzadri (2007): its long side stays, so that
 * rows or columns become orthonormal, one after another (Gram-Schmidt, twice for the last digits).
 * @param {import('./types').Floats} matrix
 * @param {number} rows
 * @param {number} columns
 */
function orthogonal(matrix, rows, columns) {
  const tall = rows >= columns, count = Math.min(rows, columns), length = Math.max(rows, columns);
  const at = (/** @type {number} */ vector, /** @type {number} */ k) => tall ? k * columns + vector : vector * columns + k;
  const made = matrix.slice();
  for (let v = 0; v < count; v++) {
    for (let again = 0; again < 2; again++) {
      for (let u = 0; u < v; u++) {
        let along = 0;
        for (let k = 0; k < length; k++) along += made[at(u, k)] * made[at(v, k)];
        for (let k = 0; k < length; k++) made[at(v, k)] -= along * made[at(u, k)];
      }
    }
    let square = 0;
    for (let k = 0; k < length; k++) square += made[at(v, k)] ** 2;
    for (let k = 0; k < length; k++) made[at(v, k)] /= Math.sqrt(square);
  }
  return made;
}

/**
 * 1 / sqrt(E f(z)²) for standard normal z, by Gauss-Legendre quadrature between the kinks; an Error where that is no number.
 * @param {import('./types').Activation} activation
 */
export function exactGain(activation) {
  const total = meanSquare(activation, REACH, 24);
  const finite = total > 0 && total < Infinity;
  const settled = finite && Math.abs(meanSquare(activation, 1.25 * REACH, 40) / total - 1) <= SETTLED;
  const fault = settled ? '' : finite ? 'does not settle' : `is ${total === 0 ? '0' : total > 0 ? 'inf' : 'nan'}`;
  if (fault) {
    throw new Error(`gain='exact' needs a finite mean square, and that of '${activation.name || activation.formula}' for standard normal input ${fault}; pass a number as gain`);
  }
  return 1 / Math.sqrt(total);
}

/** @param {import('./types').Activation} activation @param {number} reach @param {number} nodes */
function meanSquare(activation, reach, nodes) {
  const halves = Array.from({ length: 4 * reach + 1 }, (_, i) => -reach + i / 2);
  const cuts = [...new Set([...halves, ...activation.kinks.filter(kink => Math.abs(kink) < reach)])].sort((a, b) => a - b);
  const [places, weights] = legendre(nodes);
  let total = 0;
  for (let i = 0; i + 1 < cuts.length; i++) {
    const half = (cuts[i + 1] - cuts[i]) / 2, middle = (cuts[i + 1] + cuts[i]) / 2;
    const z = Float64Array.from(places, place => middle + half * place), a = new Float64Array(nodes);
    activation.apply(z, a, null, 0, nodes);
    for (let k = 0; k < nodes; k++) total += half * weights[k] * a[k] ** 2 * Math.exp(-0.5 * z[k] ** 2) / Math.sqrt(2 * Math.PI);
  }
  return total;
}

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1], by Newton's steps. @param {number} n @returns {[number[], number[]]} */
function legendre(n) {
  const places = [], weights = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos(Math.PI * (i + 0.75) / (n + 0.5)), slope = 1;
    for (let round = 0; round < 8; round++) {
      let before = 1, value = x;
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = n * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    places.push(x);
    weights.push(2 / ((1 - x * x) * slope * slope));
  }
  return [places, weights];
}
