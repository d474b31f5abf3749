/** How often, and how sure that is: the few statistics of the race. */

const Z = 1.959963984540054;

/**
 * The 95 % interval of a share k / n (Wilson 1927).
 * @param {number} k
 * @param {number} n
 * @returns {[number, number]}
 */
export function wilson(k, n) {
  const share = k / n, middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
  const half = Z / (1 + Z * Z / n) * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * The two-sided p of the exact sign test for pairs that differ (McNemar's exact test): `one` times this way, `other` times that.
 * @param {number} one
 * @param {number} other
 */
export function signTest(one, other) {
  const n = one + other, least = Math.min(one, other);
  let term = 0.5 ** n, tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * tail);
}

/** The middle of numbers, those at infinity too. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b), at = sorted.length >> 1;
  return sorted.length % 2 ? sorted[at] : (sorted[at - 1] + sorted[at]) / 2;
}
