/** Where a smooth activation is steep, the soft counterpart of a kink; as Python's `unbend.activations.steep`. */

const REACH = 100;
const STEPS = 200 * 128;
const ROUNDS = 60;

/** @typedef {{low: number, high: number, edges: number[], middle: number | null}} SteepZone */

/** @type {WeakMap<import('./types').Activation, SteepZone[]>} */
const known = new WeakMap();

/**
 * The zones within 100 of 0 in which the slope has at least half of its largest size, from left to right; the edge of a
 * zone without end counts as its middle.
 * @param {import('./types').Activation} activation
 */
export function steepZones(activation) {
  let zones = known.get(activation);
  if (!zones) known.set(activation, zones = zonesOf(activation));
  return zones;
}

/** @param {import('./types').Activation} activation @returns {SteepZone[]} */
function zonesOf(activation) {
  const sizes = (/** @type {Float64Array} */ z) => {
    const slope = new Float64Array(z.length);
    activation.apply(z, new Float64Array(z.length), slope, 0, z.length);
    return slope.map(Math.abs);
  };
  const grid = Float64Array.from({ length: STEPS + 1 }, (_, i) => -REACH + i * (2 * REACH / STEPS));
  const on = sizes(grid);
  const half = largest(grid, on, sizes) / 2;
  const ends = on[0] >= half ? [-Infinity] : [];
  for (let i = 0; i < STEPS; i++) {
    if (on[i] >= half !== on[i + 1] >= half) add(ends, edge(grid[i], grid[i + 1], place => sizes(Float64Array.of(place))[0] >= half));
  }
  if (on[STEPS] >= half) ends.push(Infinity);
  return Array.from({ length: ends.length / 2 }, (_, i) => {
    const [low, high] = ends.slice(2 * i, 2 * i + 2);
    const edges = [low, high].filter(Number.isFinite);
    return { low, high, edges, middle: edges.length ? edges.reduce((sum, end) => sum + end, 0) / edges.length : null };
  });
}

/** Gaps and zones that are single points do not count. @param {number[]} ends @param {number} end */
function add(ends, end) {
  if (ends.length && end - ends[ends.length - 1] < 1e-9) ends.pop();
  else ends.push(end);
}

/**
 * The largest slope, or 1 where there is none.
 * @param {Float64Array} grid
 * @param {Float64Array} on
 * @param {(z: Float64Array) => Float64Array} sizes
 */
function largest(grid, on, sizes) {
  const most = (/** @type {Float64Array} */ values) => values.reduce((best, value) => Math.max(best, value === value ? value : 0), 0);
  const far = most(sizes(Float64Array.from({ length: 100 }, (_, i) => (i % 2 ? -1 : 1) * REACH * 100 ** ((i >> 1) / 49))));
  const top = on.reduce((best, value) => Math.max(best, value), 0);
  if (!Number.isFinite(top) || far > 1.01 * top) return 1;
  const at = on.indexOf(top);
  const [low, high] = [grid[Math.max(at - 1, 0)], grid[Math.min(at + 1, STEPS)]];
  return Math.max(far, most(sizes(Float64Array.from({ length: 257 }, (_, i) => low + i * (high - low) / 256))));
}

/** @param {number} low @param {number} high @param {(place: number) => boolean} steep */
function edge(low, high, steep) {
  const first = steep(low);
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2;
    if (steep(middle) === first) low = middle;
    else high = middle;
  }
  const place = (low + high) / 2;
  return Math.abs(place) < 1e-12 ? 0 : place;
}
