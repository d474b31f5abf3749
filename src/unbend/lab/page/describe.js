/** What is known of one activation, found from its numbers: the browser's card, of the same meaning as Python's. */

/** @typedef {import('./types').Activation} Activation */
/** @typedef {[number, number]} Span */

const NEAR = 12, PER_UNIT = 64, FAR = 1e12, SATURATED = 0.01;
const GAUSS = [[-Math.sqrt(0.6), 5 / 9], [0, 8 / 9], [Math.sqrt(0.6), 5 / 9]];
const { abs } = Math;
/** @type {WeakMap<Activation, ReturnType<typeof found>>} */
const known = new WeakMap();

/** The card of an activation; see found. @param {Activation} activation */
export function describe(activation) {
  let card = known.get(activation);
  if (!card) known.set(activation, card = found(activation));
  return card;
}

/**
 * Values and slopes at places.
 * @param {Activation} activation
 * @param {number[]} places
 */
export function sampled(activation, places) {
  const z = Float64Array.from(places), value = new Float64Array(z.length), slope = new Float64Array(z.length);
  activation.apply(z, value, slope, 0, z.length);
  return { z, value, slope };
}

/** @param {Activation} activation */
function found(activation) {
  const near = Array.from({ length: 2 * NEAR * PER_UNIT + 1 }, (_, i) => i / PER_UNIT - NEAR);
  const far = [15, 20, 30, 50, 100, 300, 1e3, 1e4, FAR];
  const edges = activation.kinks.flatMap(kink => [kink - 1e-9 * Math.max(1, abs(kink)), kink, kink + 1e-9 * Math.max(1, abs(kink))]);
  const sample = sampled(activation, [...near, ...edges, ...far, ...far.map(x => -x)].sort((a, b) => a - b));
  const { z, value, slope } = sample, dead = deadZones(activation, sample), steps = value.subarray(1).map((next, i) => next - value[i]);
  const small = (/** @type {number} */ step, /** @type {number} */ i) => abs(step) <= 1e-10 * Math.max(1, abs(value[i]));
  const rising = steps.some((step, i) => step > 0 && !small(step, i)), falling = steps.some((step, i) => step < 0 && !small(step, i));
  const unsound = z.findIndex((x, i) => abs(x) <= 10 && !(Number.isFinite(value[i]) && Number.isFinite(slope[i])));
  const slopes = extremes(activation, sample, 'slope'), parity = symmetry(activation);
  return {
    range: extremes(activation, sample, 'value'),
    slopes,
    maxSlope: Math.max(abs(slopes[0]), abs(slopes[1])),
    direction: rising === falling ? null : rising ? 'increasing' : 'decreasing',
    constant: !rising && !falling,
    odd: parity[0],
    even: parity[1],
    kinks: activation.kinks,
    jumps: activation.kinks.filter((_, i) => jumpsAt(activation, activation.kinks[i])),
    dead,
    /** where |slope| < 0.01 from -10 to 10 */
    flat: flatSpans(sample),
    saturates: saturates(sample),
    unsound: unsound < 0 ? null : z[unsound],
    ...underNormal(activation),
  };
}

/** The least and greatest number, infinite where it has no bound. @param {Activation} activation @param {ReturnType<typeof sampled>} sample @param {'value' | 'slope'} what @returns {Span} */
function extremes(activation, sample, what) {
  const { z } = sample, numbers = sample[what], size = numbers.reduce((top, v, i) => abs(z[i]) <= NEAR && abs(v) < Infinity ? Math.max(top, abs(v)) : top, 1);
  return /** @type {Span} */ ([-1, 1].map(side => {
    let best = -1;
    numbers.forEach((v, i) => { if (!Number.isNaN(v) && (best < 0 || side * v > side * numbers[best])) best = i; });
    if (best < 0) return NaN;
    if (abs(z[best]) > NEAR && abs(numbers[best]) > 3 * size) return side * Infinity;
    return climb(activation, what, side, numbers[best], z[best - 1] ?? z[best], z[best + 1] ?? z[best]);
  }));
}

/** The top of a hill between two places, by thirds. @param {Activation} activation @param {'value' | 'slope'} what @param {number} side @param {number} best @param {number} low @param {number} high */
function climb(activation, what, side, best, low, high) {
  for (let k = 0; k < 40 && high - low < 1; k++) {
    const [a, b] = sampled(activation, [low + (high - low) / 3, high - (high - low) / 3])[what];
    for (const v of [a, b]) if (side * v > side * best) best = v;
    if (side * a > side * b) high -= (high - low) / 3;
    else low += (high - low) / 3;
  }
  return best;
}

/** [odd, even] @param {Activation} activation */
function symmetry(activation) {
  const places = Array.from({ length: 400 }, (_, i) => 1e-6 * 10 ** (i / 50));
  const right = sampled(activation, places).value, left = sampled(activation, places.map(x => -x)).value;
  return [1, -1].map(sign => right.every((v, i) => abs(v + sign * left[i]) <= 1e-10 * Math.max(1, abs(v))));
}

/** @param {Activation} activation @param {number} kink */
function jumpsAt(activation, kink) {
  const [left, here, right] = sampled(activation, [kink - 1e-7, kink, kink + 1e-7]).value;
  return Math.max(abs(here - left), abs(right - here)) > 1e-4 * Math.max(1, abs(here));
}

/** Where the slope is exactly 0: not where it only fades away. @param {Activation} activation @param {ReturnType<typeof sampled>} sample @returns {Span[]} */
function deadZones(activation, sample) {
  const { z, slope } = sample;
  const edge = (/** @type {number} */ inside, /** @type {number} */ outside) => {
    if (outside < 0 || outside === z.length) return z[inside] * Infinity;
    let [zero, steep] = [z[inside], z[outside]];
    for (let k = 0; k < 60; k++) {
      const middle = (zero + steep) / 2;
      if (sampled(activation, [middle]).slope[0] === 0) zero = middle;
      else steep = middle;
    }
    return Number(zero.toFixed(9)) + 0;
  };
  const ends = (/** @type {number} */ outside) => !(abs(slope[outside]) < 1e-6);
  return runs(slope, v => v === 0).filter(([low, high]) => z[high] - z[low] > 0.1 && ends(low - 1) && ends(high + 1))
    .map(([low, high]) => [edge(low, low - 1), edge(high, high + 1)]);
}

/** The first and last places of everything that holds in a row. @param {import('./types').Floats} numbers @param {(v: number, i: number) => boolean} holds @returns {Span[]} */
function runs(numbers, holds) {
  const found = /** @type {Span[]} */ ([]);
  numbers.forEach((v, i) => {
    if (!holds(v, i)) return;
    const last = found[found.length - 1];
    if (last && last[1] === i - 1) last[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/** @param {ReturnType<typeof sampled>} sample @returns {Span[]} */
function flatSpans({ z, slope }) {
  return runs(slope, (v, i) => abs(z[i]) <= 10 && abs(v) < SATURATED).map(([low, high]) => /** @type {Span} */ ([z[low], z[high]])).filter(([low, high]) => high - low > 0.1);
}

/** From where on the slope stays below 0.01, left and right; null where it does not. @param {ReturnType<typeof sampled>} sample @returns {[number | null, number | null]} */
function saturates({ z, slope }) {
  const steep = slope.findIndex(v => !(abs(v) < SATURATED)), last = slope.reduce((found, v, i) => abs(v) < SATURATED ? found : i, -1);
  if (steep < 0) return [null, null];
  return [steep > 0 && z[steep] >= -NEAR ? z[steep] : null, last < z.length - 1 && z[last] <= NEAR ? z[last] : null];
}

/** Mean and gain for normal input: Gauss's rule on pieces between kinks. @param {Activation} activation */
function underNormal(activation) {
  const marks = [-NEAR, ...activation.kinks.filter(kink => abs(kink) < NEAR), NEAR];
  const places = /** @type {number[]} */ ([]), weights = /** @type {number[]} */ ([]);
  for (let i = 0; i + 1 < marks.length; i++) {
    const cells = Math.ceil((marks[i + 1] - marks[i]) * 16), half = (marks[i + 1] - marks[i]) / cells / 2;
    for (let k = 0; k < cells; k++) {
      for (const [at, weight] of GAUSS) {
        const x = marks[i] + (2 * k + 1 + at) * half;
        places.push(x);
        weights.push(weight * half * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
      }
    }
  }
  const { value } = sampled(activation, places);
  const mean = value.reduce((sum, v, i) => sum + weights[i] * v, 0), square = value.reduce((sum, v, i) => sum + weights[i] * v * v, 0);
  return { mean, gain: square > 0 && Number.isFinite(square) ? 1 / Math.sqrt(square) : null };
}

/** The shape by which the cheat sheet of Python groups it: the first rule that holds. @param {Activation} activation */
export function groupOf(activation) {
  const card = describe(activation), [left, right] = card.saturates;
  const saturating = left !== null && right !== null && Math.max(-left, right) > 0 && Math.max(-left, right) <= 10;
  if (card.maxSlope === Infinity) return 'explodes';
  if (card.dead.length && !saturating) return 'dies';
  if (saturating) return 'saturates';
  if (!card.direction && !card.constant) return 'wavy';
  if (card.kinks.length) return 'kink';
  return abs(card.mean) > 0.25 ? 'off_centre' : 'healthy';
}
