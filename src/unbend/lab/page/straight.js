/** Straight lines in a view: where two affine scores are equal, cut off at its edge and where a third one wins. */

/** @typedef {import('./types').Floats} Floats */

/**
 * The directions on which the scores of a network depend, as rows: differences, where there are several scores.
 * @param {import('./types').Network} network
 * @param {Floats} parameters
 */
export function readoutRows(network, parameters) {
  const { weight } = network.offsets[network.offsets.length - 1];
  const [width, out] = network.widths.slice(-2);
  const rows = Array.from({ length: out }, (_, k) => Float64Array.from({ length: width }, (_, j) => parameters[weight + j * out + k]));
  return out === 1 ? rows : rows.map(row => row.map((value, j) => value - rows.reduce((sum, other) => sum + other[j], 0) / out));
}

/**
 * The lines inside a box of a view on which the largest of the scores `values @ weight + bias` changes hands; a single
 * score counts against 0. As Python's `straight_lines`.
 * @param {import('./types').View} view
 * @param {Floats} weight (width, out)
 * @param {Floats} bias (out,)
 * @param {import('./types').Box} limits
 * @returns {import('./types').Segment[]}
 */
export function straightLines(view, weight, bias, limits) {
  const out = bias.length;
  const { width, axes, center } = view;
  /** scores as [slope x, slope y, offset] of the place in the view */
  const scores = Array.from(bias, (offset, k) => {
    const score = [0, 0, offset];
    for (let j = 0; j < width; j++) {
      const value = weight[j * out + k];
      score[0] += axes[j] * value;
      score[1] += axes[width + j] * value;
      score[2] += center[j] * value;
    }
    return score;
  });
  if (out === 1) scores.unshift([0, 0, 0]);
  const [left, right, bottom, top] = limits;
  const inside = [[1, 0, -left], [-1, 0, right], [0, 1, -bottom], [0, -1, top]];
  return scores.flatMap((one, i) => scores.slice(i + 1).flatMap(other => {
    const rest = scores.filter(score => score !== one && score !== other).map(score => difference(one, score));
    return segment(difference(other, one), [(left + right) / 2, (bottom + top) / 2], [...inside, ...rest]);
  }));
}

/** @param {number[]} one @param {number[]} other */
const difference = (one, other) => one.map((value, i) => value - other[i]);

/**
 * The part of the line `score = 0` on which no score of `kept` is below 0.
 * @param {number[]} score
 * @param {number[]} middle
 * @param {number[][]} kept
 * @returns {import('./types').Segment[]}
 */
function segment(score, [x, y], kept) {
  const length = Math.hypot(score[0], score[1]);
  if (!length || !Number.isFinite(length)) return [];
  const [a, b, c] = score.map(value => value / length);
  const away = a * x + b * y + c;
  const [startX, startY] = [x - a * away, y - b * away];
  let [first, last] = [-Infinity, Infinity];
  for (const [p, q, r] of kept) {
    const rise = a * q - b * p;
    const value = p * startX + q * startY + r;
    if (Math.abs(rise) <= 1e-14 * (Math.abs(p) + Math.abs(q))) {
      if (value < 0) return [];
    } else if (rise > 0) first = Math.max(first, -value / rise);
    else last = Math.min(last, -value / rise);
  }
  if (!(first < last)) return [];
  return [[startX - b * last, startY + a * last, startX - b * first, startY + a * first]];
}
