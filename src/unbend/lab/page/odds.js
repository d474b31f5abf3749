/** How often, how soon, and how sure that is: the few statistics of the race. */

const Z = 1.959963984540054;

/**
 * The 95 % interval of a share k / n (Wilson 1927).
 * @param {number} k
 * @param {number} n
 */
export function wilson(k, n) {
  const share = k / n, z = Z * Z / n, middle = share + z / 2, half = Math.sqrt(z * (share * (1 - share) + z / 4));
  return [Math.max(0, middle - half), Math.min(1 + z, middle + half)].map(end => end / (1 + z));
}

/** The chance of at most k heads in n throws of a coin, n up to 1000. @param {number} k @param {number} n */
function heads(k, n) {
  let term = 0.5 ** n, tail = 0;
  for (let i = 0; i <= k; i++) {
    tail += term;
    term *= (n - i) / (i + 1);
  }
  return tail;
}

/**
 * The two-sided p of the exact sign test for pairs that differ, `one` this way and `other` that way (McNemar's exact test).
 * @param {number} one
 * @param {number} other
 */
export function signTest(one, other) {
  return Math.min(1, 2 * heads(Math.min(one, other), one + other));
}

/**
 * The median, and its interval of 95 % between two of the values, whatever their distribution (Conover 1999, 3.2); values
 * may be infinite. Fewer than six values have no such interval: it is without end.
 * @param {number[]} values
 * @returns {[median: number, low: number, high: number]}
 */
export function median(values) {
  const sorted = Float64Array.from(values).sort(), n = sorted.length, half = n >> 1;
  let rank = -1;
  while (rank + 1 < half && heads(rank + 1, n) <= 0.025) rank += 1;
  const [low, high] = rank < 0 ? [-Infinity, Infinity] : [sorted[rank], sorted[n - 1 - rank]];
  return [n % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2, low, high];
}
