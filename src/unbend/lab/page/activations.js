/** Activations by name: the catalogue of Python. */
import { CATALOGUE } from './catalogue.js';

/** The names of the catalogue, in its order. */
export const NAMES = Object.keys(CATALOGUE);

/**
 * The activation that a text says.
 * @param {string} text
 * @returns {import('./types').Activation}
 */
export function activation(text) {
  const row = CATALOGUE[text.trim()];
  if (!row) throw new Error(`there is no activation '${text}'`);
  return { name: text.trim(), formula: row[0], kinks: row[1], apply: row[2] };
}

/**
 * What the catalogue says of a name: the paper, and what the function is good for.
 * @param {string} name
 * @returns {{ source: string, use: import('./types').Text } | null}
 */
export function facts(name) {
  const row = CATALOGUE[name];
  return row ? { source: row[3], use: { en: row[4], zh: row[5] } } : null;
}
