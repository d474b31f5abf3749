/** Trees of operations, simplified as unbend.activations.build does, and their derivatives as in unbend.activations.derivative. */
import { erf, sigmoid, softplus } from './catalogue.js';

/** An operation with its arguments; equal nodes are one object. @typedef {{ op: string, args: Node[], value: number, id: number }} Node */
/** @typedef {(...args: Node[]) => Node | null | undefined | false} Rule */

const { abs, exp, sqrt } = Math;
/** What each operation does with numbers. @type {Record<string, (a: number, b: number, c: number) => number>} */
export const NUMBERS = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b, power,
  negative: a => -a, expm1: Math.expm1, exp, log: Math.log, log1p: Math.log1p, sqrt, abs, sign: Math.sign, sin: Math.sin,
  cos: Math.cos, tan: Math.tan, atan: Math.atan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, sigmoid, softplus, erf,
  relu: a => Math.max(a, 0), step: a => a > 0 ? 1 : 0, gaussian: a => exp(-(a * a)), minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b), where: (mask, a, b) => mask ? a : b,
};
/** Comparisons: 1 where they hold. @type {Record<string, (a: number, b: number) => number>} */
export const RELATIONS = {
  less: (a, b) => +(a < b), less_equal: (a, b) => +(a <= b), greater: (a, b) => +(a > b), greater_equal: (a, b) => +(a >= b),
  equal: (a, b) => +(a === b), not_equal: (a, b) => +(a !== b),
};
const MOST = 2000;
const known = /** @type {Map<string, Node>} */ (new Map());

/** a ** b: products where b is a whole number up to 64. @param {number} a @param {number} b */
function power(a, b) {
  const n = wholeExponent(b);
  if (!n) return a === 1 ? 1 : a ** b;
  const value = wholePower(a, abs(n), (x, y) => x * y);
  return n > 0 ? value : 1 / value;
}

/** The whole exponent from -64 to 64 that is computed by products, or 0. @param {number} b */
export function wholeExponent(b) {
  return Number.isInteger(b) && abs(b) <= 64 ? b : 0;
}

/**
 * A whole power of at least 1 by squaring, the same products as in Python.
 * @template T @param {T} base @param {number} exponent @param {(a: T, b: T) => T} multiply @returns {T}
 */
export function wholePower(base, exponent, multiply) {
  let result = /** @type {T | null} */ (null);
  for (;;) {
    if (exponent & 1) result = result === null ? base : multiply(result, base);
    exponent >>= 1;
    if (!exponent) return /** @type {T} */ (result);
    base = multiply(base, base);
  }
}

/** The one node with these fields. @param {string} op @param {Node[]} args @param {number} [value] @returns {Node} */
export function node(op, args, value = 0) {
  const key = `${op} ${args.map(a => a.id)} ${value}`;
  let found = known.get(key);
  if (!found) known.set(key, found = { op, args, value, id: known.size });
  return found;
}

/** Forgets all nodes: before a new formula is read. */
export function forget() {
  known.clear();
}

/** @param {number} value */
export const constant = value => node('constant', [], value + 0);
/** The variable of a formula; `index` is its column. @param {number} [index] */
export const variable = (index = 0) => node('x', [], index);
/** @param {Node} n */
export const isConstant = n => n.op === 'constant';
const is = (/** @type {Node} */ n, /** @type {number} */ value) => isConstant(n) && n.value === value;
const multiple = (/** @type {Node} */ n) => n.op === 'multiply' && isConstant(n.args[0]);

/** The tree of one operation, folded and simplified. @param {string} op @param {...Node} args @returns {Node} */
export function make(op, ...args) {
  if (args.every(isConstant) && !RELATIONS[op]) {
    const [a, b, c] = args.map(n => n.value), value = NUMBERS[op](a, b, c);
    if (Number.isFinite(value)) return constant(value);
  }
  return (RULES[op] && RULES[op](...args)) || node(op, args);
}

const maker = (/** @type {string} */ op) => (/** @type {Node[]} */ ...args) => make(op, ...args);
const [add, subtract, multiply, divide, negative] = ['add', 'subtract', 'multiply', 'divide', 'negative'].map(maker);
const times = (/** @type {number} */ k, /** @type {Node} */ n) => multiply(constant(k), n);
const opposite = (/** @type {Node} */ a, /** @type {Node} */ b) => negative(a) === b;

/** A tree as a number times the rest. @param {Node} n @returns {[number, Node]} */
function factor(n) {
  return n.op === 'negative' ? [-1, n.args[0]] : multiple(n) ? [n.args[0].value, n.args[1]] : [1, n];
}

/** [c, u] where the tree is c (1 + exp(u)) with c > 0. @param {Node} n @returns {[number, Node] | null} */
function onePlusExp(n) {
  if (n.op !== 'add' || !isConstant(n.args[1])) return null;
  const c = n.args[1].value, [k, f] = factor(n.args[0]);
  return f.op === 'exp' && c > 0 && k > 0 ? [c, add(f.args[0], constant(Math.log(k) - Math.log(c)))] : null;
}

/** A number times a tree. @type {Rule} */
function scale(a, b) {
  const { op, args } = b, k = a.value;
  if (k === 0) return a;
  if (k === 1) return b;
  if (k === -1) return negative(b);
  if (op === 'negative') return times(-k, args[0]);
  return (op === 'multiply' || op === 'divide') && isConstant(args[0]) && Number.isFinite(k * args[0].value)
    && make(op, multiply(a, args[0]), args[1]);
}

/** @type {Rule} */
function product(a, b) {
  const [u, v] = a.args;
  if (a.op === 'sign' && u === b) return make('abs', b);
  if (a.op === 'step' && u === b) return make('relu', b);
  if (a.op === 'divide' && is(u, 1)) return divide(b, v);
  if (b.op !== 'sigmoid') return null;
  if ((a.op === 'exp' || a.op === 'expm1') && opposite(u, b.args[0])) return a.op === 'exp' ? make('sigmoid', u) : make('tanh', times(0.5, u));
  if (a.op !== 'multiply') return null;
  for (const [first, second] of [[u, v], [v, u]]) {
    const tamed = product(second, b);
    if (tamed) return multiply(first, tamed);
  }
}

/** f(-u) = -f(u): only one of them is computed. @param {string} op @returns {Rule} */
const odd = op => a => factor(a)[0] < 0 && negative(make(op, negative(a)));
/** f(-u) = f(u). @param {string} op @returns {Rule} */
const even = op => a => factor(a)[0] < 0 && make(op, negative(a));

/** Shorter or safer spellings; the rules and their order are those of build.py. @type {Record<string, Rule>} */
const RULES = {
  add(a, b) {
    if (isConstant(a)) return add(b, a);
    if (is(b, 0)) return a;
    if (a === b) return times(2, a);
    if (b.op === 'negative') return subtract(a, b.args[0]);
    if (a.op === 'negative') return subtract(b, a.args[0]);
    if (b.op === 'subtract' && b.args[1] === a) return b.args[0];
    if (a.op === 'subtract' && a.args[1] === b) return a.args[0];
    if (a.op === 'exp' && is(b, -1)) return make('expm1', a.args[0]);
    if (a.op === 'tanh' && is(b, 1)) return times(2, make('sigmoid', times(2, a.args[0])));
    return a.op === 'exp' && b.op === 'exp' && opposite(a.args[0], b.args[0]) && times(2, make('cosh', a.args[0]));
  },
  subtract(a, b) {
    if (isConstant(b)) return add(a, constant(-b.value));
    if (is(a, 0)) return negative(b);
    if (a === b) return constant(0);
    if (b.op === 'negative') return add(a, b.args[0]);
    if (is(a, 1) && b.op === 'exp') return negative(make('expm1', b.args[0]));
    if (a.op === 'add' && a.args.includes(b)) return a.args[0] === b ? a.args[1] : a.args[0];
    return a.op === 'exp' && b.op === 'exp' && opposite(a.args[0], b.args[0]) && times(2, make('sinh', a.args[0]));
  },
  multiply(a, b) {
    if (isConstant(b) && !isConstant(a)) return multiply(b, a);
    if (isConstant(a)) return scale(a, b);
    if (a.op === 'negative') return negative(multiply(a.args[0], b));
    if (b.op === 'negative') return negative(multiply(a, b.args[0]));
    if (multiple(a)) return multiply(a.args[0], multiply(a.args[1], b));
    if (multiple(b)) return multiply(b.args[0], multiply(a, b.args[1]));
    if (a === b) return make('power', a, constant(2));
    if (a.op === 'exp' && b.op === 'exp') return make('exp', add(a.args[0], b.args[0]));
    return product(a, b) || product(b, a);
  },
  divide(a, b) {
    const [u, v] = b.args;
    if (is(a, 0) && !isConstant(b)) return a;
    if (isConstant(b)) return b.value !== 0 && Number.isFinite(1 / b.value) && times(1 / b.value, a);
    if (a === b) return constant(1);
    if (a.op === 'negative') return negative(divide(a.args[0], b));
    if (b.op === 'negative') return negative(divide(a, u));
    if (multiple(b)) return divide(divide(a, u), v);
    if (b.op === 'divide') return divide(multiply(a, v), u);
    if (b.op === 'exp') return multiply(a, make('exp', negative(u)));
    if (a.op === 'sinh' && b.op === 'cosh' && a.args[0] === u) return make('tanh', u);
    if (multiple(a)) return multiply(a.args[0], divide(a.args[1], b));
    const scaled = onePlusExp(b);
    if (scaled) return multiply(divide(a, constant(scaled[0])), make('sigmoid', negative(scaled[1])));
    return b.op === 'power' && is(v, 2) && onePlusExp(u) && divide(divide(a, u), u);
  },
  power(a, b) {
    const k = b.value;
    if (!isConstant(b)) return isConstant(a) && a.value > 0 && make('exp', times(Math.log(a.value), b));
    if (k === 0) return constant(1);
    if (k === 1) return a;
    if (k === 0.5) return make('sqrt', a);
    if (k === -1) return divide(constant(1), a);
    if (k % 2 === 0 && (a.op === 'abs' || a.op === 'negative')) return make('power', a.args[0], b);
    return a.op === 'exp' && make('exp', multiply(b, a.args[0]));
  },
  negative(a) {
    const [u, v] = a.args;
    if (a.op === 'negative') return u;
    if (a.op === 'subtract') return subtract(v, u);
    return (a.op === 'multiply' || a.op === 'divide') && isConstant(u) && make(a.op, constant(-u.value), v);
  },
  exp(a) {
    if (a.op === 'log') return a.args[0];
    const [k, square] = factor(a);
    return k < 0 && square.op === 'power' && is(square.args[1], 2) && make('gaussian', times(sqrt(-k), square.args[0]));
  },
  log(a) {
    const [u, v] = a.args;
    if (a.op === 'exp') return u;
    if (a.op === 'sigmoid') return negative(make('softplus', negative(u)));
    if (a.op === 'subtract' && is(u, 1) && v.op === 'sigmoid') return negative(make('softplus', v.args[0]));
    const [k, f] = factor(a), w = f.args[0];
    if (f.op === 'cosh' && k > 0) return subtract(make('softplus', times(2, w)), add(w, constant(Math.log(2) - Math.log(k))));
    if (multiple(a) && u.value > 0) return add(make('log', v), constant(Math.log(u.value)));
    if (a.op === 'divide' && is(u, 1)) return negative(make('log', v));
    const scaled = onePlusExp(a);
    if (scaled) return add(make('softplus', scaled[1]), constant(Math.log(scaled[0])));
    if (a.op !== 'add') return null;
    if (u.op === 'exp' && v.op === 'exp') return add(v.args[0], make('softplus', subtract(u.args[0], v.args[0])));
    return is(v, 1) && make('log1p', u);
  },
  log1p(a) {
    const [k, f] = factor(a), u = f.args[0];
    if (f.op === 'exp' && k > 0) return make('softplus', add(u, constant(Math.log(k))));
    if (f.op === 'expm1' && k === 1) return u;
    return f.op === 'sigmoid' && k === -1 && negative(make('softplus', u));
  },
  sqrt: a => a.op === 'power' && is(a.args[1], 2) && make('abs', a.args[0]),
  abs(a) {
    if (['abs', 'exp', 'sigmoid', 'softplus', 'relu', 'step', 'gaussian', 'cosh', 'sqrt'].includes(a.op)) return a;
    if (a.op === 'negative') return make('abs', a.args[0]);
    const [k, rest] = factor(a);
    return k !== 1 && times(abs(k), make('abs', rest));
  },
  maximum: (a, b) => a === b ? a : is(b, 0) ? make('relu', a) : is(a, 0) && make('relu', b),
  minimum: (a, b) => a === b && a,
  where(mask, a, b) {
    const [u, v] = mask.args;
    if (a === b) return a;
    if (isConstant(u) && isConstant(v)) return RELATIONS[mask.op](u.value, v.value) ? a : b;
    return mask.op === 'greater' && is(v, 0) && is(a, 1) && is(b, 0) && make('step', u);
  },
  ...Object.fromEntries(['sin', 'tan', 'atan', 'sinh', 'tanh', 'erf', 'sign'].map(op => [op, odd(op)])),
  ...Object.fromEntries(['cos', 'cosh', 'gaussian'].map(op => [op, even(op)])),
};

/** Every node under the roots once, arguments first. @param {Node[]} roots */
export function inOrder(roots) {
  const seen = /** @type {Set<Node>} */ (new Set());
  const visit = (/** @type {Node} */ n) => {
    if (seen.has(n)) return;
    n.args.forEach(visit);
    seen.add(n);
  };
  roots.forEach(visit);
  return [...seen];
}

/** The derivative by the first variable; throws where it has more than 2000 operations. @param {Node} root */
export function differentiate(root) {
  const slopes = /** @type {Map<Node, Node>} */ (new Map()), zero = constant(0);
  for (const n of inOrder([root])) {
    if (n.op === 'x') slopes.set(n, constant(1));
    else if (!RELATIONS[n.op]) {
      const inner = (n.op === 'where' ? n.args.slice(1) : n.args).map(a => /** @type {Node} */ (slopes.get(a)));
      slopes.set(n, inner.every(slope => is(slope, 0)) ? zero : SLOPES[n.op](n, inner[0], inner[1]));
    }
  }
  const slope = /** @type {Node} */ (slopes.get(root)), size = inOrder([slope]).length;
  if (size > MOST) throw new Error(`the derivative of this formula has ${size} operations; at most ${MOST} are allowed: write a shorter formula`);
  return slope;
}

/** outer * inner; 0 where outer has vanished, even if inner has overflowed there. @param {Node} outer @param {Node} inner */
function chain(outer, inner) {
  const grows = inOrder([inner]).some(({ op, args: [, k] }) => ['exp', 'expm1', 'sinh', 'cosh'].includes(op)
    || (op === 'power' && !(isConstant(k) && abs(k.value) <= 4)));
  const both = multiply(outer, inner);
  return grows && !isConstant(outer) ? make('where', make('not_equal', outer, constant(0)), both, constant(0)) : both;
}

/** @typedef {(n: Node, da: Node, db: Node) => Node} Slope */
/** A rule of the chain from the slope of the function. @param {(n: Node, u: Node) => Node} slope @returns {Slope} */
const softened = slope => (n, inner) => chain(slope(n, n.args[0]), inner);
const square = (/** @type {Node} */ n) => make('power', n, constant(2));
const one = () => constant(1);

/** The slope of min or max: where both are equal that of the constant, else the smaller of two numbers. @param {string} beyond @returns {Slope} */
const extremum = beyond => (n, da, db) => {
  const [a, b] = n.args;
  const first = isConstant(a) || isConstant(b) ? isConstant(a) : isConstant(da) && isConstant(db) && abs(da.value) < abs(db.value);
  return make('where', make(first ? `${beyond}_equal` : beyond, a, b), da, db);
};

/** How each operation is differentiated. @type {Record<string, Slope>} */
const SLOPES = {
  add: (n, da, db) => add(da, db),
  subtract: (n, da, db) => subtract(da, db),
  negative: (n, da) => negative(da),
  multiply: (n, da, db) => add(multiply(da, n.args[1]), multiply(n.args[0], db)),
  divide(n, da, db) {
    const [a, b] = n.args;
    if (is(db, 0)) return divide(da, b);
    if (is(da, 0)) return negative(multiply(n, divide(db, b)));
    const over = subtract(multiply(da, b), multiply(a, db));
    return isConstant(over) ? divide(over, square(b)) : divide(subtract(da, multiply(n, db)), b);
  },
  power(n, da, db) {
    const [a, b] = n.args;
    if (isConstant(b)) return multiply(multiply(b, make('power', a, constant(b.value - 1))), da);
    return multiply(n, add(multiply(db, make('log', a)), multiply(b, divide(da, a))));
  },
  exp: softened(n => n),
  expm1: softened(n => add(n, one())),
  log: (n, da) => divide(da, n.args[0]),
  log1p: (n, da) => divide(da, add(one(), n.args[0])),
  sqrt: (n, da) => divide(times(0.5, da), n),
  abs: (n, da) => multiply(make('sign', n.args[0]), da),
  sin: (n, da) => multiply(make('cos', n.args[0]), da),
  cos: (n, da) => negative(multiply(make('sin', n.args[0]), da)),
  tan: (n, da) => multiply(add(one(), square(n)), da),
  atan: softened((n, u) => divide(one(), add(one(), square(u)))),
  sinh: (n, da) => multiply(make('cosh', n.args[0]), da),
  cosh: (n, da) => multiply(make('sinh', n.args[0]), da),
  tanh: softened(n => subtract(one(), square(n))),
  sigmoid: softened(n => multiply(n, subtract(one(), n))),
  softplus: softened((n, u) => make('sigmoid', u)),
  erf: softened((n, u) => times(2 / sqrt(Math.PI), make('gaussian', u))),
  gaussian: softened((n, u) => chain(n, times(-2, u))),
  relu: (n, da) => isConstant(da) ? multiply(da, make('step', n.args[0]))
    : make('where', make('greater', n.args[0], constant(0)), da, constant(0)),
  step: () => constant(0),
  sign: () => constant(0),
  constant: () => constant(0),
  minimum: extremum('less'),
  maximum: extremum('greater'),
  where: (n, da, db) => make('where', n.args[0], da, db),
};
