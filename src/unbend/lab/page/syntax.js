/** Python's syntax of expressions: a text becomes a tree of what was written, with places; nothing is ever run. */

/**
 * What was written: `kind` is the name of Python's own class; `at` and `end` are places in the text.
 * @typedef {{ kind: string, at: number, end: number, children: Written[], op?: string, name?: string, value?: any,
 *   ops?: string[], keywords?: Keyword[] }} Written
 * @typedef {{ name: string | null, at: number, value: Written }} Keyword
 * @typedef {{ kind: 'name' | 'number' | 'string' | 'sign' | 'end', text: string, at: number, end: number, level: number }} Token
 */

/** A text that is no expression: why, in the words of Python's parser as far as they matter, and where. */
export class Unreadable extends Error {
  /** @param {string} message @param {number} position */
  constructor(message, position) {
    super(message);
    this.position = position;
  }
}

const DIGITS = '\\d(?:_?\\d)*';
const NUMBER = new RegExp(`0[xX](?:_?[\\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?[jJ]?`, 'y');
const STRING = /(?:[rbuf]|[rR][bBfF]|[bBfF][rR])?('''|"""|'|")/iy;
const SIGN = /\*\*=?|\/\/=?|<<=?|>>=?|[<>=!]=|->|:=|<>|\.\.\.|[-+*/%&|^@]=?|[^\w\s]/y;
const NAME = /[A-Za-z_]\w*/y;
const KEYWORDS = new Set(('False None True and as assert async await break class continue def del elif else except finally for from '
  + 'global if import in is lambda nonlocal not or pass raise return try while with yield').split(' '));
const CLOSES = /** @type {Record<string, string>} */ ({ ')': '(', ']': '[', '}': '{' });
/** binary operators from the weakest to the strongest level */
const LEVELS = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%', '@']];
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!=', 'in', 'is'];

/**
 * The tokens of a text; the last one is its end.
 * @param {string} text
 * @returns {{ tokens: Token[], open: number | null }} and where the innermost bracket stands that is never closed
 */
function tokenize(text) {
  const tokens = /** @type {Token[]} */ ([]), brackets = /** @type {number[]} */ ([]);
  let at = 0;
  const taken = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const add = (/** @type {Token['kind']} */ kind, /** @type {number} */ end) => {
    tokens.push({ kind, text: text.slice(at, end), at, end, level: brackets.length });
    at = end;
  };
  while (at < text.length) {
    let found;
    if (text[at] === ' ') at++;
    else if ((found = taken(NUMBER))) add('number', checkedNumber(text, at, found[0]));
    else if ((found = taken(STRING))) {
      const close = text.indexOf(found[1], at + found[0].length);
      if (close < 0) throw new Unreadable('unterminated string literal', at);
      add('string', close + found[1].length);
    } else if ((found = taken(NAME))) add('name', at + found[0].length);
    else {
      const sign = /** @type {RegExpExecArray} */ (taken(SIGN))[0];
      if ('([{'.includes(sign)) brackets.push(at);
      else if (CLOSES[sign]) {
        if (!brackets.length) throw new Unreadable('unmatched', at);
        if (text[/** @type {number} */ (brackets.pop())] !== CLOSES[sign]) throw new Unreadable('does not match', at);
      }
      add('sign', at + sign.length);
    }
  }
  add('end', at);
  return { tokens, open: brackets.pop() ?? null };
}

/**
 * Where a number ends; refused where a letter follows, or where a whole number begins with 0.
 * @param {string} text @param {number} at @param {string} number
 */
function checkedNumber(text, at, number) {
  const end = at + number.length, rest = text.slice(end);
  if (/^\w/.test(rest) && !/^(and|else|for|i[fns]|not|or)/.test(rest)) {
    const further = /^e[+-]/i.test(rest) ? 2 : rest[0] === '_' || (number === '0' && /^[xbo]/i.test(rest)) ? 1 : 0;
    throw new Unreadable('invalid literal', end - 1 + further);
  }
  if (/^0[\d_]*[1-9][\d_]*$/.test(number)) throw new Unreadable('leading zeros in literals', at);
  return end;
}

/**
 * The tree of an expression; throws Unreadable where Python's parser refuses it.
 * @param {string} text
 * @returns {Written}
 */
export function syntaxTree(text) {
  const { tokens, open } = tokenize(text);
  let place = 0;
  const token = () => tokens[place];
  const is = (/** @type {string[]} */ ...texts) => token().kind !== 'string' && token().kind !== 'number' && texts.includes(token().text);
  const take = () => tokens[place++];
  const end = () => tokens[place - 1].end;
  /** @param {string} kind @param {number} at @param {Written[]} children @param {Partial<Written>} [more] @returns {Written} */
  const node = (kind, at, children, more) => ({ kind, at, end: end(), children, ...more });

  /** @param {number} [at] @returns {never} */
  function fail(at = token().at) {
    if (token().kind === 'end' && open !== null) throw new Unreadable('never closed', open);
    throw new Unreadable('invalid', token().kind === 'end' ? text.length - 1 : at);
  }
  /** @param {string} sign */
  function expect(sign) {
    if (!is(sign)) fail();
    return take();
  }
  /** everything up to and with the bracket that closes; which words stood at its level: @param {Token} opened */
  function skip({ level }) {
    const seen = new Set();
    for (; token().level >= level; take()) {
      if (token().kind === 'end') fail();
      if (token().level === level) seen.add(token().text);
    }
    take();
    return seen;
  }
  /** an expression, also `name := value`: @returns {Written} */
  function named() {
    const first = token(), value = expression();
    if (is(':=') && value.kind === 'Name') {
      take();
      return node('NamedExpr', first.at, [value, expression()]);
    }
    if (is('=')) fail(first.at);
    return value;
  }
  function starts() {
    const { kind, text } = token();
    return kind === 'number' || kind === 'string' || (kind === 'name' && (!KEYWORDS.has(text) || ['True', 'False', 'None', 'lambda', 'not'].includes(text)));
  }
  /** two beside each other in brackets are refused where the first begins: @returns {Written} */
  function expression() {
    const { at } = token();
    if (is('lambda')) {
      take();
      while (!is(':')) token().kind === 'end' ? fail() : take();
      take();
      return node('Lambda', at, [expression()]);
    }
    const first = token(), value = either(0);
    if (token().level && starts() && !/^(_|case|match)$/.test(first.text)) fail(first.at);
    if (!is('if')) return value;
    take();
    const condition = either(0);
    expect('else');
    return node('IfExp', at, [condition, value, expression()]);
  }
  /** or, and, not: @param {number} level @returns {Written} */
  function either(level) {
    const { at } = token(), word = ['or', 'and'][level];
    if (level === 2) return is('not') && take() ? node('UnaryOp', at, [either(2)], { op: 'not' }) : comparison();
    const sides = [either(level + 1)];
    while (is(word) && take()) sides.push(either(level + 1));
    return sides.length > 1 ? node('BoolOp', at, sides) : sides[0];
  }
  /** @returns {Written} */
  function comparison() {
    const { at } = token(), sides = [binary(0)], ops = [];
    while (is(...COMPARISONS) || (is('not') && tokens[place + 1].text === 'in')) {
      const op = take().text;
      if (op === 'not' || (op === 'is' && is('not'))) take();
      ops.push(op);
      sides.push(binary(0));
    }
    return ops.length ? node('Compare', at, sides, { ops }) : sides[0];
  }
  /** @param {number} level @returns {Written} */
  function binary(level) {
    if (level === LEVELS.length) return signed();
    const { at } = token();
    let left = binary(level + 1);
    while (token().kind === 'sign' && LEVELS[level].includes(token().text)) {
      const op = take().text;
      left = node('BinOp', at, [left, binary(level + 1)], { op });
    }
    return left;
  }
  /** @returns {Written} */
  function signed() {
    const { at } = token();
    if (is('-', '+', '~')) {
      const op = take().text;
      return node('UnaryOp', at, [signed()], { op });
    }
    const base = is('await') && take() ? node('Await', at, [primary()]) : primary();
    if (!is('**')) return base;
    take();
    return node('BinOp', at, [base, signed()], { op: '**' });
  }
  /** @returns {Written} */
  function primary() {
    const { at } = token();
    let value = atom();
    for (;;) {
      if (is('.')) {
        take();
        if (token().kind !== 'name' || KEYWORDS.has(token().text)) fail();
        value = node('Attribute', at, [value], { name: take().text });
        value.end = end();
      } else if (is('[')) {
        const opened = take();
        if (is(']')) fail();
        skip(opened);
        value = node('Subscript', at, [value]);
      } else if (is('(')) value = call(at, value);
      else return value;
    }
  }
  /** @param {number} at @param {Written} callee @returns {Written} */
  function call(at, callee) {
    const args = [], keywords = /** @type {Keyword[]} */ ([]), opened = take();
    while (!is(')')) {
      const first = token();
      if (is('**') && take()) keywords.push({ name: null, at: first.at, value: expression() });
      else if (is('*') && take()) args.push(node('Starred', first.at, [expression()]));
      else if (first.kind === 'name' && !KEYWORDS.has(first.text) && tokens[place + 1].text === '=') {
        place += 2;
        keywords.push({ name: first.text, at: first.at, value: expression() });
      } else {
        const value = named();
        if (keywords.length) fail();
        if (is('for', 'async')) {
          skip(opened);
          return node('Call', at, [callee, ...args, node('GeneratorExp', first.at, [])], { keywords });
        }
        args.push(value);
      }
      if (!is(')')) expect(',');
    }
    take();
    return node('Call', at, [callee, ...args], { keywords });
  }
  /** @returns {Written} */
  function atom() {
    const { at, kind, text } = token();
    if (kind === 'number') return node('Constant', at, [], { value: numberOf(take().text), end: end() });
    if (kind === 'string') return string();
    if (kind === 'name' && !KEYWORDS.has(text)) return node('Name', at, [], { name: take().text, end: end() });
    if (is('True', 'False', 'None', '...')) return node('Constant', at, [], { value: { shown: take().text.replace('...', 'Ellipsis') }, end: end() });
    if (is('(')) return group();
    if (!is('[', '{')) fail();
    const opened = take(), square = opened.text === '[', seen = skip(opened);
    const what = seen.has('for') ? 'GeneratorExp' : square ? 'List' : seen.has(':') || !seen.size ? 'Dict' : 'Set';
    return node(what, at, []);
  }
  /** strings beside each other are one: @returns {Written} */
  function string() {
    const { at } = token(), parts = [];
    while (token().kind === 'string') parts.push(take().text);
    if (parts.some(part => /^\w*f\w*['"]/i.test(part))) return node('JoinedStr', at, []);
    const inside = parts.map(part => part.replace(/^\w*('''|"""|'|")([^]*)\1$/, '$2')).join('');
    const quote = inside.includes("'") && !inside.includes('"') ? '"' : "'";
    const bytes = /^\w*b\w*['"]/i.test(parts[0]) ? 'b' : '';
    return node('Constant', at, [], { value: { shown: bytes + quote + (quote === "'" ? inside.replaceAll("'", "\\'") : inside) + quote } });
  }
  /** @returns {Written} */
  function group() {
    const opened = take(), { at } = opened;
    if (is(')') && take()) return node('Tuple', at, []);
    if (is('yield')) {
      const place = token().at;
      skip(opened);
      return node('Yield', place, []);
    }
    const items = [item()];
    let comma = false;
    if (is('for', 'async')) {
      skip(opened);
      return node('GeneratorExp', at, []);
    }
    while (is(',') && take()) {
      comma = true;
      if (!is(')')) items.push(item());
    }
    expect(')');
    if (!comma && items[0].kind === 'Starred') fail(items[0].at);
    return comma ? node('Tuple', at, items) : items[0];
  }
  /** @returns {Written} */
  function item() {
    const { at } = token();
    return is('*') && take() ? node('Starred', at, [binary(0)]) : named();
  }

  const { at } = token(), items = [expression()];
  let comma = false;
  while (is(',') && take()) {
    comma = true;
    if (token().kind !== 'end') items.push(expression());
  }
  if (token().kind !== 'end') fail();
  return comma ? node('Tuple', at, items) : items[0];
}

/**
 * The value of a written number: `whole` keeps the digits of an int; `shown` is how Python shows a complex one.
 * @param {string} text
 */
function numberOf(text) {
  const plain = text.replaceAll('_', '');
  if (/^0[xXbBoO]|^\d+$/.test(plain)) {
    const whole = BigInt(plain);
    return { number: Number(whole), whole: String(whole) };
  }
  return /j$/i.test(plain) ? { shown: `${Number(plain.slice(0, -1))}j` } : { number: Number(plain) };
}
