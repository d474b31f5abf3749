/** The JavaScript twin of Python's grammar of formulas: the same texts are accepted, and refused in the same words. */
import { RELATIONS, constant, differentiate, forget, isConstant, make, variable } from './tree.js';
import { Unreadable, syntaxTree } from './syntax.js';
import { findKinks } from './kinks.js';
import { makeProgram } from './program.js';

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {import('./syntax.js').Written} Written */

const LONGEST = 200, DEEPEST = 20, LARGEST_EXPONENT = 64;
const CONSTANTS = /** @type {Record<string, number>} */ ({ pi: Math.PI, e: Math.E });
const OF_ONE = 'exp expm1 log log1p sqrt abs sign sin cos tan atan sinh cosh tanh sigmoid softplus erf relu step gaussian'.split(' ');
/** name in a formula -> its operation and how it is called */
const FUNCTIONS = /** @type {Record<string, [op: string, blanks: string[]]>} */ ({
  ...Object.fromEntries(OF_ONE.map(name => [name, [name, ['x']]])),
  min: ['minimum', ['a', 'b']], max: ['maximum', ['a', 'b']], clip: ['clip', ['x', 'low', 'high']], where: ['where', ['condition', 'a', 'b']],
});
const COMPARISONS = /** @type {Record<string, string>} */ ({ '<': 'less', '<=': 'less_equal', '>': 'greater', '>=': 'greater_equal', '==': 'equal', '!=': 'not_equal' });
const OPERATORS = /** @type {Record<string, string>} */ ({ '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '**': 'power' });
const WRITE = /** @type {Record<string, string>} */ ({
  '×': '*', '·': '*', '÷': '/', '²': '**2', '³': '**3', 'π': 'pi', '−': '-', '–': '-', '≤': '<=', '≥': '>=', '≠': '!=', '√': 'sqrt(x)',
  'α': 'alpha', 'β': 'beta', 'σ': 'sigmoid(x)', 'φ': 'gaussian(x)',
});
const OTHER_NAMES = /** @type {Record<string, string>} */ ({
  ln: 'log', arctan: 'atan', maximum: 'max', minimum: 'min', heaviside: 'step', sgn: 'sign', expit: 'sigmoid', logistic: 'sigmoid',
  absolute: 'abs', fabs: 'abs', clamp: 'clip', pow: '**', power: '**', square: '**2', z: 'x', t: 'x',
});
const CONSTRUCTS = /** @type {Record<string, string>} */ ({
  Attribute: 'a dot after a name', Subscript: 'an index', Lambda: 'lambda', IfExp: 'if … else', BoolOp: 'and / or', Tuple: 'a comma outside a function',
  GeneratorExp: 'a comprehension', List: 'a list', Set: 'a set', Dict: 'a dictionary', NamedExpr: 'an assignment', Await: 'await',
  Starred: '* before an argument', Yield: 'yield', JoinedStr: 'a string', UnaryOp: 'not or ~',
});
const NO_PARAMETERS = "after ';' come parameters, written as alpha=0.01, beta=2";

/** A refusal: the reason, and the character it stands at. */
class Fault extends Error {
  /** @param {string} reason @param {number} [position] */
  constructor(reason, position) {
    super(reason);
    this.position = position;
  }
}

/** @param {string[]} variables */
const allowed = variables => `allowed are ${variables.join(', ')}, numbers, pi, e, parameters such as '; alpha=0.01', + - * / **, `
  + `comparisons inside where(condition, a, b), and the functions ${Object.keys(FUNCTIONS).join(', ')}`;
const callOf = (/** @type {string} */ name) => `${name}(${FUNCTIONS[name][1].join(', ')})`;
const known = (/** @type {Record<string, any>} */ table, /** @type {string} */ name) => Object.hasOwn(table, name);

/**
 * A number as Python writes it.
 * @param {number} value
 */
export function repr(value) {
  const [digits, power] = value.toExponential().split('e'), exponent = Number(power);
  if (value && (exponent < -4 || exponent >= 16)) return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** A number in the fewest characters. @param {number} value */
export const shortNumber = value => repr(value).replace(/\.0$/, '').replace('e-0', 'e-').replace('e+', 'e');

/** A text in quotes as Python shows it. @param {string} text */
export function quoted(text) {
  const escapes = /** @type {Record<string, string>} */ ({ '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' });
  const shown = [...text].map(character => {
    const code = /** @type {number} */ (character.codePointAt(0)), hex = code.toString(16);
    if (escapes[character]) return escapes[character];
    if (printable(character)) return character;
    return code < 256 ? `\\x${hex.padStart(2, '0')}` : code < 65536 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  }).join('');
  return shown.includes("'") && !shown.includes('"') ? `"${shown}"` : `'${shown.replaceAll("'", "\\'")}'`;
}
const printable = (/** @type {string} */ character) => character === ' ' || !/[\p{C}\p{Z}]/u.test(character);

/** The nearest known word, as difflib.get_close_matches finds it. @param {string} word @param {string[]} words @param {number} cutoff */
export function nearest(word, words, cutoff) {
  let best = '', top = cutoff;
  for (const other of words) {
    const score = 2 * matches(other, word) / (other.length + word.length);
    if (score > top || (score === top && other > best)) [best, top] = [other, score];
  }
  return best;
}

/** How many characters match by longest common blocks. @param {string} a @param {string} b @returns {number} */
function matches(a, b) {
  let [size, i, j] = [0, 0, 0];
  for (let p = 0; p < a.length; p++) {
    for (let q = 0; q < b.length; q++) {
      let n = 0;
      while (p + n < a.length && a[p + n] === b[q + n]) n++;
      if (n > size) [size, i, j] = [n, p, q];
    }
  }
  return size && size + matches(a.slice(0, i), b.slice(0, j)) + matches(a.slice(i + size), b.slice(j + size));
}

/** How a sentence about an unknown word ends. @param {string} word @param {string[]} words */
export function didYouMean(word, words) {
  const near = nearest(word.toLowerCase(), words, 0.5);
  return near ? `did you mean '${near}'?` : `known are ${words.join(', ')}`;
}

/** What to write for an unknown name, or ''. @param {string} name @param {string[]} words */
function insteadOfName(name, words) {
  if (known(OTHER_NAMES, name)) return `did you mean '${OTHER_NAMES[name]}'?`;
  const sorted = (/** @type {string} */ text) => [...text].sort().join('');
  const near = words.find(other => sorted(other) === sorted(name.toLowerCase())) ?? nearest(name.toLowerCase(), words, 0.75);
  return near && `did you mean '${near}'?`;
}

/** Reads the expressions of one text; `place` is where the expression begins in the whole formula. */
class Reader {
  /** @param {string} text @param {number} place @param {Record<string, number>} parameters @param {string[]} variables */
  constructor(text, place, parameters, variables) {
    this.text = text.trim();
    this.place = place + text.length - text.trimStart().length;
    this.parameters = parameters;
    this.variables = variables;
    this.allowed = allowed(variables);
    this.used = new Set();
  }

  /** The tree of what was written. */
  syntax() {
    try {
      return syntaxTree(this.text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      throw new Fault(this.reason(error), Math.max(error.position + this.place, 0));
    }
  }

  /** Why a text is no expression. @param {Unreadable} error */
  reason({ message, position }) {
    if (message === 'never closed') return 'this bracket is never closed: write ) at its end';
    if (message === 'unmatched') return 'this bracket was never opened: write ( before it or leave it out';
    if (/(?<![<>=!])=(?!=)/.test(this.text)) return "'=' is not allowed here: parameters come after a semicolon, such as max(x, alpha*x); alpha=0.01";
    if (message.includes('literal')) return 'a product needs its sign: write 2*x, not 2x';
    if (/[\w)]\s*$/.test(this.text.slice(0, position)) && /^[\w(]/.test(this.text.slice(position))) {
      return 'a sign is missing before this: write 2*x for a product and tanh(x) for a function';
    }
    return `the formula cannot be read here: ${this.allowed}`;
  }

  read() {
    const written = this.syntax();
    this.checkDepth(written);
    return this.lower(written);
  }

  /** @param {string} reason @param {{ at: number }} written @returns {never} */
  refuse(reason, { at }) {
    throw new Fault(reason, at + this.place);
  }

  /** @param {Written} root */
  checkDepth(root) {
    const waiting = /** @type {[Written, number][]} */ ([[root, 1]]);
    for (let next; (next = waiting.pop());) {
      const [written, depth] = next;
      if (depth > DEEPEST && !['Name', 'Constant'].includes(written.kind)) {
        this.refuse(`the formula is more than ${DEEPEST} operations deep; at most ${DEEPEST} are allowed`, written);
      }
      for (const child of written.children) waiting.push([child, depth + deepens(written, child)]);
    }
  }

  /** @param {Written} written @returns {Node} */
  lower(written) {
    const { kind, op, children } = written;
    if (kind === 'Constant') return this.number(written);
    if (kind === 'Name') return this.name(written);
    if (kind === 'BinOp') return this.binary(written);
    if (kind === 'UnaryOp' && op === '-') return this.make(written, 'negative', this.lower(children[0]));
    if (kind === 'UnaryOp' && op === '+') return this.lower(children[0]);
    if (kind === 'Call') return this.call(written);
    if (kind === 'Compare') this.refuse('a comparison is allowed only as the first argument of where(condition, a, b)', written);
    this.refuse(this.construct(written), written);
  }

  /** @param {Written} written */
  construct({ kind, name = '' }) {
    const what = `${CONSTRUCTS[kind] ?? 'this'} is not allowed in a formula`;
    if (kind === 'Attribute' && known(FUNCTIONS, name)) return `${what}: write ${callOf(name)} alone`;
    return `${what}: ${kind === 'IfExp' || kind === 'BoolOp' ? 'write where(condition, a, b) instead' : this.allowed}`;
  }

  /** @param {Written} written @param {string} op @param {...Node} args */
  make(written, op, ...args) {
    const result = make(op, ...args);
    if (args.every(isConstant) && !RELATIONS[op] && !isConstant(result)) {
      this.refuse(`${unparse(written, 0)} is not a finite number: write one that is`, written);
    }
    return result;
  }

  /** @param {Written} written */
  number(written) {
    const { number, shown } = written.value;
    if (shown) this.refuse(`${shown.slice(0, 40)} is not a number that a formula may hold: ${this.allowed}`, written);
    if (!Number.isFinite(number)) this.refuse('this number is not finite: the largest is about 1.8e308', written);
    return constant(number);
  }

  /** @param {Written} written */
  name(written) {
    const name = /** @type {string} */ (written.name), { parameters, variables } = this;
    this.used.add(name);
    if (known(parameters, name)) return constant(parameters[name]);
    if (variables.includes(name)) return variable(variables.indexOf(name));
    if (known(CONSTANTS, name)) return constant(CONSTANTS[name]);
    if (known(FUNCTIONS, name)) this.refuse(`${name} is a function: write ${callOf(name)}`, written);
    const mend = insteadOfName(name, [...variables, ...Object.keys(CONSTANTS), ...Object.keys(parameters), ...Object.keys(FUNCTIONS)]);
    this.refuse(`there is no name '${name}' in a formula; ${mend || `give a parameter its value after a semicolon, such as '; ${name}=1'`}`, written);
  }

  /** @param {Written} written */
  binary(written) {
    const sign = /** @type {string} */ (written.op), op = OPERATORS[sign], [left, right] = written.children;
    if (!op) {
      const mend = sign === '^' ? 'write ** instead' : this.allowed;
      throw new Fault(`'${sign}' is not allowed in a formula: ${mend}`, Math.max(this.text.indexOf(sign, left.end), left.end) + this.place);
    }
    const a = this.lower(left), b = this.lower(right);
    if (op === 'power') this.checkPower(right, b);
    return this.make(written, op, a, b);
  }

  /** @param {Written} written @param {Node} exponent */
  checkPower(written, exponent) {
    if (hasPower(written)) this.refuse('a power tower such as x**x**x is not allowed: write (x**a)**b, or a number as exponent', written);
    if (isConstant(exponent) && Math.abs(exponent.value) > LARGEST_EXPONENT) {
      this.refuse(`the exponent ${sixDigits(exponent.value)} is too large: a constant exponent is at most ${LARGEST_EXPONENT}`, written);
    }
  }

  /** @param {Written} written */
  call(written) {
    const name = this.functionName(written), [op, blanks] = FUNCTIONS[name], [, ...args] = written.children;
    const keywords = /** @type {import('./syntax.js').Keyword[]} */ (written.keywords);
    for (const argument of args) {
      if (argument.kind === 'Starred') this.refuse(`* before an argument is not allowed in a formula: write ${callOf(name)}`, argument);
    }
    if (keywords.length) this.refuse(`${name} takes its arguments by place: write ${callOf(name)}`, keywords[0]);
    if (args.length !== blanks.length) {
      this.refuse(`${name} takes ${blanks.length} argument${blanks.length > 1 ? 's' : ''}, not ${args.length}: write ${callOf(name)}`, written);
    }
    const [a, b, c] = [op === 'where' ? this.mask(args[0]) : this.lower(args[0]), ...args.slice(1).map(argument => this.lower(argument))];
    if (op === 'clip') return this.make(written, 'minimum', this.make(written, 'maximum', a, b), c);
    return this.make(written, op, ...[a, b, c].slice(0, args.length));
  }

  /** @param {Written} written */
  functionName(written) {
    const { kind, name = '' } = written.children[0];
    if (kind === 'Attribute') this.refuse(this.construct(written.children[0]), written);
    if (kind !== 'Name') this.refuse('a product needs its sign: write a*(b), not (a)(b) or 2(x)', written);
    if (this.variables.includes(name) || known(CONSTANTS, name) || known(this.parameters, name)) {
      this.refuse(`${name} is not a function: write ${name}*(…) for a product`, written);
    }
    if (!known(FUNCTIONS, name)) {
      this.refuse(`there is no function '${name}' in a formula; ${insteadOfName(name, Object.keys(FUNCTIONS)) || this.allowed}`, written);
    }
    return name;
  }

  /** @param {Written} written */
  mask(written) {
    const { kind, ops = [], children } = written;
    if (kind !== 'Compare') this.refuse('the first argument of where is a comparison, such as where(x > 0, x, 0)', written);
    if (ops.length > 1) this.refuse('a chain of comparisons is not allowed: write where(a < b, where(b < c, …, …), …)', written);
    const op = COMPARISONS[ops[0]];
    if (!op) this.refuse('this comparison is not allowed in a formula: allowed are < <= > >= == !=', written);
    return this.make(written, op, this.lower(children[0]), this.lower(children[1]));
  }
}

/** 1 if a child lies deeper; a chain of sums or of products is one level. @param {Written} written @param {Written} child */
function deepens({ kind, op = '', children }, child) {
  const chain = kind === 'BinOp' && child.kind === 'BinOp' && child === children[0];
  return chain && ['+-', '*/'].some(signs => signs.includes(op) && signs.includes(child.op ?? '')) ? 0 : 1;
}

/** @param {Written} written @returns {boolean} */
const hasPower = ({ kind, op, children }) => (kind === 'BinOp' && op === '**') || children.some(hasPower);

/** A number with six digits, as Python's format g. @param {number} value */
function sixDigits(value) {
  const exponent = Number(value.toExponential(5).split('e')[1]);
  if (exponent < 6) return String(Number(value.toPrecision(6)));
  return shortNumber(Number(value.toPrecision(6)) * (exponent < 16 ? 1e16 : 1)).replace(/e.*/, '') + `e+${String(exponent).padStart(2, '0')}`;
}

/** What was written, with Python's spaces and brackets; only numbers, operators and calls come here. @param {Written} written @param {number} outer @returns {string} */
function unparse({ kind, op = '', ops = [], children, name, value }, outer) {
  const bracketed = (/** @type {number} */ strength, /** @type {string} */ text) => outer > strength ? `(${text})` : text;
  if (kind === 'Constant') return value.whole ?? repr(value.number);
  if (kind === 'Name') return /** @type {string} */ (name);
  if (kind === 'Call') return `${unparse(children[0], 5)}(${children.slice(1).map(child => unparse(child, 0)).join(', ')})`;
  if (kind === 'UnaryOp') return bracketed(3, op + unparse(children[0], 3));
  if (kind === 'Compare') return children.map((child, i) => (i ? ` ${ops[i - 1]} ` : '') + unparse(child, 1)).join('');
  const strength = op === '**' ? 4 : '+-'.includes(op) ? 1 : 2, right = op === '**' ? 0 : 1;
  return bracketed(strength, `${unparse(children[0], strength + 1 - right)} ${op} ${unparse(children[1], strength + right)}`);
}

/** @param {string} text */
function checkCharacters(text) {
  let depth = 0;
  [...text].forEach((character, position) => {
    if (!/[ -~]/.test(character) || '#$?`\\'.includes(character)) throw new Fault(`${quoted(character)} is not allowed in a formula: ${insteadOf(character)}`, position);
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth > DEEPEST) throw new Fault(`brackets stand more than ${DEEPEST} deep; at most ${DEEPEST} are allowed`, position);
  });
}

/** What to write for a character that no formula has. @param {string} character */
function insteadOf(character) {
  const plain = character.normalize('NFKC'), better = WRITE[character] ?? (/^[ -~]$/.test(plain) && !'#$?`\\'.includes(plain) ? plain : '');
  return better ? `write ${better} instead` : allowed(['x']);
}

/** @param {string} text */
function checkLength(text) {
  const { length } = [...text];
  if (length > LONGEST) throw new Error(`the formula has ${length} characters; at most ${LONGEST} are allowed`);
}

/** The numbers of `alpha=0.01, beta=2`; `start` is where they stand. @param {string} tail @param {number} start @param {string[]} variables */
function parameters(tail, start, variables) {
  if (!tail.trim()) throw new Fault(NO_PARAMETERS, start - 1);
  const reader = new Reader(`f(${tail})`, start - 2, {}, variables), call = reader.syntax();
  if (call.kind !== 'Call' || call.children.length > 1 || call.children[0].kind !== 'Name') throw new Fault(NO_PARAMETERS, start);
  const found = /** @type {Record<string, number>} */ (Object.create(null));
  for (const { name, at, value } of call.keywords ?? []) {
    if (name === null) return reader.refuse(NO_PARAMETERS, { at });
    if ([...variables, ...Object.keys({ ...CONSTANTS, ...FUNCTIONS, ...found })].includes(name)) {
      reader.refuse(`a parameter cannot be called '${name}': that name has a meaning already`, { at });
    }
    const number = reader.lower(value);
    if (!isConstant(number)) reader.refuse(`the value of the parameter '${name}' must be a number`, { at });
    found[name] = number.value;
  }
  return found;
}

/**
 * Does what it is given, and turns a Fault into the whole message: the reason, the text, and a caret.
 * @template T
 * @param {string} text @param {() => T} read @returns {T}
 */
function said(text, read) {
  checkLength(text);
  try {
    return read();
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    const shown = [...text].map(character => printable(character) ? character : ' ').join('');
    throw new Error(`${fault.message}\n  ${shown}${fault.position === undefined ? '' : `\n  ${' '.repeat(fault.position)}^`}`);
  }
}

/** The parameters in the brackets of a name, such as `alpha=0.2`. @param {string} text */
export function readParameters(text) {
  return said(text, () => {
    checkCharacters(text);
    return parameters(text, 0, ['x']);
  });
}

/**
 * The tree of a formula with its full text; `overrides` replace values of parameters.
 * @param {string} text @param {string[]} variables @param {Record<string, number>} overrides
 */
function readFormula(text, variables, overrides) {
  checkCharacters(text);
  const semicolon = text.indexOf(';'), body = semicolon < 0 ? text : text.slice(0, semicolon);
  if (!body.trim()) throw new Fault('the formula is empty: write for example max(x, 0)');
  const values = semicolon < 0 ? {} : parameters(text.slice(semicolon + 1), semicolon + 1, variables), names = Object.keys(values);
  for (const name of Object.keys(overrides)) {
    if (!known(values, name)) throw new Fault(`there is no parameter '${name}' in this formula; ${names.length ? didYouMean(name, names) : 'it has none'}`);
    values[name] = overrides[name];
  }
  const reader = new Reader(body, 0, values, variables), expression = reader.read();
  for (const name of names) {
    if (!reader.used.has(name)) throw new Fault(`the formula has a parameter '${name}' but does not use it`, text.indexOf(name, body.length));
  }
  if (!variables.some(name => reader.used.has(name))) throw new Fault(`a formula needs ${variables.join(' or ')}: this one is the same number everywhere`);
  const full = body.trim() + (names.length ? '; ' + names.map(name => `${name}=${shortNumber(values[name])}`).join(', ') : '');
  checkLength(full);
  return { full, expression };
}

/**
 * A formula in x as an activation; throws an Error with Python's own sentence.
 * @param {string} text
 * @param {Record<string, number>} [overrides] other values of its parameters
 * @returns {import('./types').Activation}
 */
export function parseFormula(text, overrides = {}) {
  forget();
  const { full, expression } = said(text, () => readFormula(text, ['x'], overrides)), derivative = differentiate(expression);
  const run = makeProgram([expression, derivative]), kinks = findKinks(expression, derivative);
  return { name: full, formula: full, kinks, apply: (z, a, slope, start, end) => run([z], [a, slope], start, end) };
}

/** The simplified tree of a formula in x. @param {string} text */
export function formulaTree(text) {
  forget();
  return said(text, () => readFormula(text, ['x'], {})).expression;
}

/**
 * A formula in other variables, such as y = f(x1, x2): `evaluate(columns)` gives a value for each row.
 * @param {string} text
 * @param {string[]} [variables]
 */
export function parseExpression(text, variables = ['x']) {
  forget();
  const { full, expression } = said(text, () => readFormula(text, variables, {})), run = makeProgram([expression]);
  /** @param {import('./types').Floats[]} columns one for each variable, all of one length */
  const evaluate = columns => {
    const out = new Float64Array(columns[0].length);
    run(columns, [out], 0, out.length);
    return out;
  };
  return { formula: full, evaluate };
}
