/** Trees as flat lists of instructions over typed arrays: each fills a block of numbers, and nothing is made while they run. */
import { NUMBERS, RELATIONS, inOrder, wholeExponent, wholePower } from './tree.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./types').Floats} Floats */
/** One operation for a block of n numbers. @typedef {(out: Floats, a: Floats, b: Floats, c: Floats, n: number) => void} Loop */
/** @typedef {{ run: Loop, out: Floats, a: Floats, b: Floats, c: Floats }} Instruction */

const BLOCK = 256;

/** The operations that are quicker than a call for every number. @type {Record<string, Loop>} */
const LOOPS = {
  add: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] + b[i]; },
  subtract: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] - b[i]; },
  multiply: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] * b[i]; },
  divide: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] / b[i]; },
  negative: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = -a[i]; },
  relu: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = Math.max(a[i], 0); },
  step: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] > 0 ? 1 : 0; },
  where: (out, a, b, c, n) => { for (let i = 0; i < n; i++) out[i] = a[i] ? b[i] : c[i]; },
};

/** @param {string} op @returns {Loop} */
function loopOf(op) {
  const f = NUMBERS[op] ?? RELATIONS[op];
  return LOOPS[op] ?? ((out, a, b, c, n) => {
    for (let i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i]);
  });
}

/**
 * Trees that share what they share; `run(columns, outputs, start, end)` fills an array from each tree, the last ones
 * only where there is an output for them.
 * @param {Node[]} roots
 */
export function makeProgram(roots) {
  const places = /** @type {Map<Node, Floats>} */ (new Map()), inputs = /** @type {[Floats, number][]} */ ([]);
  const list = /** @type {Instruction[]} */ ([]), ends = /** @type {number[]} */ ([]);
  const emit = (/** @type {string} */ op, /** @type {Floats[]} */ ...[a, b = a, c = a]) => {
    const out = new Float64Array(BLOCK);
    list.push({ run: loopOf(op), out, a, b, c });
    return out;
  };
  const one = new Float64Array(BLOCK).fill(1);
  const place = (/** @type {Node} */ { op, args, value }) => {
    if (op === 'x') {
      const block = new Float64Array(BLOCK);
      inputs.push([block, value]);
      return block;
    }
    if (op === 'constant') return new Float64Array(BLOCK).fill(value);
    const blocks = args.map(a => /** @type {Floats} */ (places.get(a)));
    const whole = op === 'power' && args[1].op === 'constant' ? wholeExponent(args[1].value) : 0;
    if (!whole) return emit(op, ...blocks);
    const block = wholePower(blocks[0], Math.abs(whole), (a, b) => emit('multiply', a, b));
    return whole > 0 ? block : emit('divide', one, block);
  };
  for (const root of roots) {
    for (const node of inOrder([root])) if (!places.has(node)) places.set(node, place(node));
    ends.push(list.length);
  }
  const results = roots.map(root => /** @type {Floats} */ (places.get(root)));

  /** @param {Floats[]} columns @param {(Floats | null)[]} outputs @param {number} start @param {number} end */
  return function run(columns, outputs, start, end) {
    const wanted = outputs[1] ? 1 : 0, last = ends[wanted];
    for (let at = start; at < end; at += BLOCK) {
      const n = Math.min(BLOCK, end - at);
      for (const [block, column] of inputs) {
        const from = columns[column];
        for (let i = 0; i < n; i++) block[i] = from[at + i];
      }
      for (let k = 0; k < last; k++) {
        const { run, out, a, b, c } = list[k];
        run(out, a, b, c, n);
      }
      for (let k = 0; k <= wanted; k++) {
        const to = /** @type {Floats} */ (outputs[k]), from = results[k];
        for (let i = 0; i < n; i++) to[at + i] = from[i];
      }
    }
  };
}

/** The values of a tree in one variable. @param {Node} root @param {ArrayLike<number>} x @returns {Floats} */
export function valuesOf(root, x) {
  const out = new Float64Array(x.length);
  makeProgram([root])([Float64Array.from(x)], [out], 0, x.length);
  return out;
}
