/** Random numbers without state, the twin of unbend.randomness: each is a function of (seed, purpose, index). */

const PHI_MINUS_2 = 0.022750131948179207;
const MASS_WITHIN_2 = 0.9544997361036416;
const CENTRE = [
  [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
    133.14166789178437745, 3.387132872796366608],
  [5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
    42.313330701600911252, 1]];
const SHOULDER = [
  [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504,
    5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455,
    1.6763848301838038494, 2.05319162663775882187, 1]];
const TAIL = [
  [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182650489123,
    1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
  [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525,
    0.13692988092273580531, 0.59983220655588793769, 1]];
const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/** The 32-bit FNV-1a hash of a purpose. @param {string} purpose */
export function purposeHash(purpose) {
  return new TextEncoder().encode(purpose).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

/**
 * Two random words for a key and a counter (Salmon et al. 2011, Threefry-2x32 with 20 rounds).
 * @param {number} k0
 * @param {number} k1
 * @param {number} c0
 * @param {number} c1
 * @returns {[number, number]}
 */
export function threefry(k0, k1, c0, c1) {
  const words = new Int32Array(2);
  mix([k0 | 0, k1 | 0, (k0 ^ k1 ^ PARITY) | 0], c0, c1, words);
  return [words[0] >>> 0, words[1] >>> 0];
}

/** @param {number[]} keys @param {number} c0 @param {number} c1 @param {Int32Array} words the answer */
function mix(keys, c0, c1, words) {
  let a = (c0 + keys[0]) | 0, b = (c1 + keys[1]) | 0;
  for (let step = 1; step <= 5; step++) {
    for (let round = step % 2 ? 0 : 4, end = round + 4; round < end; round++) {
      const bits = ROTATIONS[round];
      a = (a + b) | 0;
      b = ((b << bits) | (b >>> (32 - bits))) ^ a;
    }
    a = (a + keys[step % 3]) | 0;
    b = (b + keys[(step + 1) % 3] + step) | 0;
  }
  words[0] = a;
  words[1] = b;
}

/**
 * n uniform numbers in [0, 1) with 53 random bits, of the indices from 0 on.
 * @param {number} seed
 * @param {string} purpose
 * @param {number} n
 */
export function uniform(seed, purpose, n) {
  const hash = purposeHash(purpose);
  return Float64Array.from({ length: n }, (_, index) => {
    const [a, b] = threefry(seed, hash, index, 0);
    return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
  });
}

/** n standard normal numbers, of the indices from 0 on. @param {number} seed @param {string} purpose @param {number} n */
export function normal(seed, purpose, n) {
  return uniform(seed, purpose, n).map(quantile);
}

/** n normal numbers cut off at -2 and 2. @param {number} seed @param {string} purpose @param {number} n */
export function truncatedNormal(seed, purpose, n) {
  return uniform(seed, purpose, n).map(u => Math.min(2, Math.max(-2, quantile(PHI_MINUS_2 + u * MASS_WITHIN_2))));
}

/**
 * A permutation of 0 … n - 1: the order of n random words; equal ones keep their order.
 * @param {number} seed
 * @param {string} purpose
 * @param {number} index which permutation, for instance the epoch
 * @param {number} n
 */
export function permutation(seed, purpose, index, n) {
  const hash = purposeHash(purpose);
  const words = new Uint32Array(n), word = new Int32Array(2), keys = [seed | 0, hash | 0, (seed ^ hash ^ PARITY) | 0];
  const ends = new Uint32Array(257), order = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    mix(keys, i, index, word);
    words[i] = word[0];
    ends[(words[i] >>> 24) + 1] += 1;
  }
  for (let bucket = 0; bucket < 256; bucket++) ends[bucket + 1] += ends[bucket];
  const starts = ends.slice();
  for (let i = 0; i < n; i++) {
    const first = starts[words[i] >>> 24];
    let at = ends[words[i] >>> 24]++;
    for (; at > first && words[order[at - 1]] > words[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

/** @param {number[]} coefficients @param {number} r */
const horner = (coefficients, r) => coefficients.reduce((value, coefficient) => value * r + coefficient);

/** @param {number[][]} polynomials @param {number} r */
const ratio = ([numerator, denominator], r) => horner(numerator, r) / horner(denominator, r);

/** The inverse of the normal distribution function: Wichura's AS 241. @param {number} p */
function quantile(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? Math.max(p, 2 ** -54) : 1 - p));
  return Math.sign(q) * (r <= 5 ? ratio(SHOULDER, r - 1.6) : ratio(TAIL, r - 5));
}
