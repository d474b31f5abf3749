/** Activations by name or formula: the catalogue of Python, and its grammar. */
import { CATALOGUE } from './catalogue.js';
import { didYouMean, parseFormula, readParameters } from './formula.js';

/** The names of the catalogue, in its order. */
export const NAMES = Object.keys(CATALOGUE);
const NAMED = /^\s*([A-Za-z_]\w*)\s*(?:\(\s*((?:[A-Za-z_]\w*\s*=[^=][^]*)?)\)\s*)?$/;
/** what is a name, but not of an activation */
const OTHER = /^(.|pi|exp|expm1|log|log1p|sqrt|abs|sign|sin|cos|tan|atan|sinh|cosh|relu|min|max|clip|where)$/;
const known = /** @type {Map<string, import('./types').Activation>} */ (new Map());

/**
 * The activation that a text says: a name, `name(alpha=0.2)`, or a formula in x. Throws an Error with Python's sentence.
 * @param {string} text
 * @returns {import('./types').Activation}
 */
export function activation(text) {
  let found = known.get(text);
  if (!found) {
    found = read(text);
    if (known.size > 500) known.clear();
    known.set(text, found);
  }
  return found;
}

/** @param {string} text @returns {import('./types').Activation} */
function read(text) {
  const named = text.length <= 200 ? NAMED.exec(text) : null, name = named ? named[1] : '';
  const row = Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name] : null;
  if (!named || (!row && OTHER.test(name))) return parseFormula(text);
  if (!row) throw new Error(`there is no activation '${name}'; ${elsewhere(name) ?? didYouMean(name, NAMES)}`);
  if (!named[2]?.trim()) return { name, formula: row[0], kinks: row[1], apply: row[2] };
  try {
    return { ...parseFormula(row[0], readParameters(named[2])), name };
  } catch (error) {
    throw new Error(`${name}: ${/** @type {Error} */ (error).message}`);
  }
}

/** A name that another library has for ours. @param {string} name */
function elsewhere(name) {
  const lower = name.toLowerCase(), ours = NAMES.find(other => CATALOGUE[other].includes(lower, 6));
  return ours && !NAMES.includes(lower) ? `did you mean '${ours}'?` : null;
}

/**
 * What the catalogue says of a name: the paper, and what the function is good for.
 * @param {string} name
 * @returns {{ source: string, use: import('./types').Text } | null}
 */
export function facts(name) {
  const row = Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name] : null;
  return row ? { source: row[3], use: { en: row[4], zh: row[5] } } : null;
}
