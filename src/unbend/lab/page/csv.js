/** A table as text to data, as strictly as Python's `ub.data.table` and refused in the same words. */
import { nearest, quoted, repr } from './formula.js';

const LARGEST = 3.4028234663852886e38, MOST_CLASSES = 20, ROWS_PER_CLASS = 4, SMALLEST_N = 4, MOST_SHOWN = 12, LOOK = 1 << 16, BLOCK = 1 << 20;
const SEPARATORS = [',', ';', '\t', '|'];
const BLANK = 'the file holds only blank lines; it needs a header with the column names, and rows';
const NULLS = new Set(['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', 'N/A', 'NA', 'NULL', 'NaN', 'n/a', 'nan', 'null']);
const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'nan', '-nan', 'null', 'none', '<na>']);
const FLOAT = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i, INFINITE = /^[+-]?inf(inity)?$/i;
const DECIMAL = /^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?(e[+-]?\d+)?\s*$/i, THOUSANDS = /^\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*$/, PLAIN = /^\s*[+-]?\d+(\.\d+)?\s*$/;

/** @typedef {{text: string, rows: boolean}} Fault `rows` where it counts rows */
/** @typedef {{name: string, what: 'column' | 'target', words: string[], rows: number[]}} Column the cells of a column, and the number of each row */
/** @typedef {{task: import('./types').Task, y: number[], class_names: string[]}} Answer */

/**
 * The data of a table, its numbers standardised; throws an Error with every fault of the table.
 * @param {string} text
 * @param {string} [target] the name of the column
 * @param {string} [name] of the file; one ending in .tsv is parted by tabs where nothing else is better
 * @returns {import('./types').Own}
 */
export function parseTable(text, target, name = 'the table') {
  const { names, cells, rows, separator, faults } = readTable(text, name);
  faults.push(...shapeFaults(names, rows));
  const position = findTarget(names, target, faults);
  const columns = /** @type {number[][]} */ ([]), others = names.flatMap((_, j) => j === position ? [] : [j]);
  const column = (/** @type {number} */ j, /** @type {'column' | 'target'} */ what) => ({ name: names[j], what, words: cells.map(row => row[j]), rows });
  /** @type {Answer | null} */
  let answer = null;
  if (position !== null && rows.length >= SMALLEST_N) {
    if (names[position] === target) answer = readTarget(column(position, 'target'), faults);
    for (const j of others) columns.push(readFeature(column(j, 'column'), separator, faults));
  }
  if (faults.length || !answer) refuse(name, faults);
  return dataOf(answer, columns, others.map(j => names[j]), String(target), name);
}

/** The cells of the first rows, the header being one. @param {string} text @param {string} name @param {number} count */
export function firstRows(text, name, count) {
  const plain = text.replace(/^\ufeff/, '');
  return rowsOf(plain, sniff(plain, usual(name)), count).map(row => row.cells);
}

/** @param {string} name */
const usual = name => name.toLowerCase().endsWith('.tsv') ? '\t' : ',';

/** @param {string} name @param {Fault[]} faults @returns {never} */
function refuse(name, faults) {
  const counting = faults.some(fault => fault.rows) ? ' (rows are counted from 1 below the header)' : '';
  if (faults.length === 1) throw new Error(`${name}: ${faults[0].text}${counting}`);
  const lines = faults.slice(0, MOST_SHOWN).map(fault => `- ${fault.text}`);
  if (faults.length > MOST_SHOWN) lines.push(`- and ${faults.length - MOST_SHOWN} more faults`);
  throw new Error([`${name}: ${faults.length} faults${counting}:`, ...lines].join('\n'));
}

const fault = (/** @type {string} */ text, rows = false) => ({ text, rows });
const counted = (/** @type {number} */ n, /** @type {string} */ thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;
const atRows = (/** @type {number[]} */ rows) => `${rows.length === 1 ? 'row' : 'rows'} ${listed(rows)}`;
const where = (/** @type {Column} */ column, /** @type {(word: any, i: number) => boolean} */ chosen) => column.rows.filter((_, i) => chosen(column.words[i], i));

/** The first few things in words. @param {any[]} things */
function listed(things, most = 3) {
  const shown = things.slice(0, most);
  if (things.length > most) return `${shown.join(', ')} and ${things.length - most} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}` : shown.join('');
}

/** A text as Python shows it, cut when it is long. @param {string} text */
function shortened(text) {
  const shown = [...quoted(text)];
  return shown.length <= 40 ? shown.join('') : `${shown.slice(0, 39).join('')}…`;
}

/** A number with six digits, as Python's format g. @param {number} value */
function general(value) {
  const [digits, power] = value.toExponential(5).split('e'), exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(6)));
  return `${Number(digits)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/**
 * The cells of the text, blank lines left out; quotation marks only where a cell begins with one.
 * @param {string} text @param {string} separator @param {number} most rows
 */
function rowsOf(text, separator, most = Infinity) {
  const plain = new RegExp(`[^${separator}\r\n]*`, 'y'), rows = /** @type {{cells: string[], start: number, end: number}[]} */ ([]);
  for (let at = 0; at < text.length && rows.length < most;) {
    if (text[at] === '\n' || text[at] === '\r') {
      at += 1;
      continue;
    }
    const start = at, cells = [];
    for (let more = true; more; at += Number(more)) {
      let cell = '', open = text[at] === '"';
      while (open) {
        const end = text.indexOf('"', at + 1), stop = end < 0 ? text.length : end;
        cell += text.slice(at + 1, stop);
        at = Math.min(stop + 1, text.length);
        open = end >= 0 && text[at] === '"';
        if (open) cell += '"';
      }
      plain.lastIndex = at;
      cell += plain.exec(text)?.[0] ?? '';
      at = plain.lastIndex;
      cells.push(cell);
      more = text[at] === separator;
    }
    rows.push({ cells, start, end: at });
  }
  return rows;
}

/** The separator by which most rows have as many cells as the header. @param {string} text @param {string} preferred */
function sniff(text, preferred) {
  const look = text.length <= LOOK ? text : text.slice(0, Math.max(0, text.lastIndexOf('\n', LOOK - 1)));
  const scores = SEPARATORS.map(separator => {
    const [header, ...rows] = rowsOf(look, separator);
    return !header || header.cells.length < 2 ? 0 : (1 + rows.filter(row => row.cells.length === header.cells.length).length) / (1 + rows.length);
  });
  const best = Math.max(...scores);
  return scores[SEPARATORS.indexOf(preferred)] === best ? preferred : SEPARATORS[scores.indexOf(best)];
}

/** @param {string} text @param {string} name */
function readTable(text, name) {
  if (!text) refuse(name, [fault('the file is empty; it needs a header with the column names, and rows')]);
  const zero = text.indexOf('\0'), plain = text.replace(/^\ufeff/, '');
  if (zero >= 0) refuse(name, [fault(`line ${text.slice(0, zero).split('\n').length} of the file holds a zero byte, so it is not UTF-8 text; save it again as UTF-8`)]);
  const separator = sniff(plain, usual(name)), [header, ...rows] = rowsOf(plain, separator);
  if (rows.some(({ start, end }) => Math.floor(end / BLOCK) - Math.floor(start / BLOCK) > 1)) {
    refuse(name, [fault('a row is longer than a million characters; look for a quotation mark that is opened and never closed')]);
  }
  const names = (header?.cells ?? ['']).map(cell => cell.trim());
  if ((names.length === 1 && !names[0]) || header.end === plain.length) refuse(name, [fault(BLANK)]);
  checkSeparator(name, names, separator);
  const fits = rows.map(({ cells }) => cells.length === names.length), places = rows.map((_, i) => i + 1);
  const kept = { cells: rows.filter((_, i) => fits[i]).map(row => row.cells), rows: places.filter((_, i) => fits[i]) };
  const ragged = raggedFaults(places.filter((_, i) => !fits[i]), rows.map(row => row.cells.length), names.length);
  return { names, separator, ...kept, faults: [...ragged, ...openQuote(kept.cells, kept.rows, names.length - 1)] };
}

/** @param {string} name @param {string[]} names @param {string} separator */
function checkSeparator(name, names, separator) {
  const found = SEPARATORS.find(other => other !== separator && names[0].includes(other));
  if (names.length > 1 || !found) return;
  refuse(name, [fault(`the header ${shortened(names[0])} is one column, and seems to be separated by ${quoted(found)}; `
    + "separate columns by ',' in a .csv file, by a tab in a .tsv file")]);
}

/** @param {number[]} wrong @param {number[]} lengths @param {number} width */
function raggedFaults(wrong, lengths, width) {
  if (!wrong.length) return [];
  const found = listed([...new Set(wrong.map(row => lengths[row - 1]))].sort((a, b) => a - b));
  return [fault(`${atRows(wrong)} should have ${counted(width, 'value')} like the header but ${wrong.length === 1 ? 'has' : 'have'} ${found}; `
    + 'look for a separator too many or too few', true)];
}

/** @param {string[][]} cells @param {number[]} rows @param {number} last */
function openQuote(cells, rows, last) {
  const end = cells[cells.length - 1]?.[last];
  if (!end?.endsWith('\n') || kindOf(cells.map(row => row[last])).kind !== 'text') return [];
  return [fault(`a quotation mark in row ${rows[rows.length - 1]} is opened and never closed; close it, or double it inside a value`, true)];
}

/** @template T @param {Map<T, number[]>} places @param {T} key @param {number} place */
function gather(places, key, place) {
  const found = places.get(key);
  if (found) found.push(place);
  else places.set(key, [place]);
}

/** @param {string[]} names @param {number[]} rows */
function shapeFaults(names, rows) {
  const places = /** @type {Map<string, number[]>} */ (new Map()), faults = [];
  names.forEach((name, j) => gather(places, name, j + 1));
  for (const [name, at] of places) {
    if (at.length > 1) faults.push(fault(`the name ${quoted(name)} is used for columns ${listed(at)}; give each its own name`));
    else if (!name) faults.push(fault(`column ${at[0]} has no name; name it, or leave it out if it only counts rows`));
  }
  if (names.length < 2) faults.push(fault(`the table has ${counted(names.length, 'column')}; features and a target are needed`));
  if (!rows.length) faults.push(fault('there are no rows; add some'));
  else if (rows.length < SMALLEST_N) faults.push(fault(`the table has only ${counted(rows.length, 'row')}; at least ${SMALLEST_N} are needed`));
  return faults;
}

/** Where the target is, or the nearest name. @param {string[]} names @param {string | undefined} target @param {Fault[]} faults */
function findTarget(names, target, faults) {
  const columns = `the columns are ${listed(names, 20)}`;
  if (target === undefined) faults.push(fault(`say which column is the target, target='…'; ${columns}`));
  if (target === undefined || names.includes(target)) return target === undefined ? null : names.indexOf(target);
  const lowered = names.map(name => name.toLowerCase()), near = nearest(target.toLowerCase(), lowered, 0.5), position = lowered.indexOf(near);
  faults.push(fault(`there is no column ${quoted(target)}; ${near ? `did you mean ${quoted(names[position])}?` : columns}`));
  return near ? position : null;
}

const DAY = '^\\d{4}-\\d\\d-\\d\\d', CLOCK = '([01]\\d|2[0-3])(:[0-5]\\d(:[0-5]\\d', ZONE = '(Z|[+-]\\d\\d(:?\\d\\d)?)$';
/** What a column may be: the first that all its cells are. @type {[kind: string, type: string, pattern: RegExp][]} */
const KINDS = [
  ['empty', 'null', /(?!)/], ['numeric', 'int64', /^(-?\d+|0[xX][\da-fA-F]{1,16})$/], ['bool', 'bool', /^([01]|true|false|True|False|TRUE|FALSE)$/],
  ['time', 'date32[day]', new RegExp(`${DAY}$`)], ['time', 'time32[s]', /^([01]\d|2[0-3])(:[0-5]\d){1,2}$/],
  ['time', 'timestamp[s]', new RegExp(`${DAY}([ T]${CLOCK})?)?)?$`)], ['time', 'timestamp[s, tz=UTC]', new RegExp(`${DAY}[ T]${CLOCK})?)?${ZONE}`)],
  ['time', 'timestamp[ns]', new RegExp(`${DAY}([ T]${CLOCK}(\\.\\d{1,9})?)?)?)?$`)], ['time', 'timestamp[ns, tz=UTC]', new RegExp(`${DAY}[ T]${CLOCK}(\\.\\d{1,9})?)?)?${ZONE}`)],
  ['numeric', 'double', /^[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|nan|inf|infinity)$/i],
];

/** Whether a word that begins with a day names one of the calendar. @param {string} word */
function isInCalendar(word) {
  const day = word.slice(0, 10), date = new Date(`${day}T00:00:00Z`);
  return day[4] !== '-' || (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(day));
}

/** A word without spaces and tabs around it; no pattern does this in linear time. @param {string} word */
function stripped(word) {
  let start = 0, end = word.length;
  while (word[start] === ' ' || word[start] === '\t') start++;
  while (end > start && (word[end - 1] === ' ' || word[end - 1] === '\t')) end--;
  return word.slice(start, end);
}

/** The kind and the type of a column, as pyarrow infers it. @param {string[]} words */
function kindOf(words) {
  const present = words.filter(word => !NULLS.has(word)), trimmed = present.map(stripped);
  const [kind, type] = KINDS.find(([found, , pattern]) => (found === 'bool' ? present : trimmed).every(word => pattern.test(word) && isInCalendar(word))) ?? ['text', 'string'];
  return { kind, type };
}

/** Text as a number as Python's float reads it, NaN where it is none. @param {string} word */
function parsed(word) {
  const plain = word.trim().replace(/[０-９]/g, digit => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  if (INFINITE.test(plain)) return plain[0] === '-' ? -Infinity : Infinity;
  return FLOAT.test(plain) ? Number(plain) : NaN;
}

/** A cell of a column of numbers or of true and false. @param {string} word */
function cellNumber(word) {
  if (NULLS.has(word)) return NaN;
  return /^(true|false)$/i.test(word) ? Number(/^t/i.test(word)) : /^0x/i.test(word.trim()) ? Number(word) : parsed(word);
}

const isMissing = (/** @type {string} */ word) => MISSING.has(word.trim().toLowerCase());
const isGap = (/** @type {number} */ value) => Number.isNaN(value);
const called = (/** @type {Column} */ column) => `${column.what} ${quoted(column.name)}`;

/** Whether most of the cells that hold something are numbers. @param {string[]} words @param {number[]} values */
const meantNumeric = (words, values) => values.filter(value => !isGap(value)).length >= 0.5 * Math.max(1, words.filter(word => !isMissing(word)).length);

/** @param {Column} column @param {number[]} missing the rows that miss a value */
function missingFault(column, missing) {
  if (missing.length === column.rows.length) return fault(`${called(column)} is empty; fill it or leave it out`);
  const one = missing.length === 1, mend = `leave out ${one ? 'this row' : 'these rows'}`;
  return fault(`${called(column)}: ${missing.length} ${one ? 'value is' : 'values are'} missing (NaN), in ${atRows(missing)}; `
    + (column.what === 'column' ? `fill in a number (for instance the median) or ${mend}` : mend), true);
}

/** @param {Column} column @param {number[]} values */
function numberFaults(column, values) {
  const faults = [], at = (/** @type {(value: number) => boolean} */ test) => where(column, (_, i) => test(values[i]));
  const missing = at(isGap), infinite = at(value => Math.abs(value) === Infinity), isLarge = (/** @type {number} */ value) => Math.abs(value) > LARGEST && Number.isFinite(value);
  if (missing.length) faults.push(missingFault(column, missing));
  if (infinite.length) faults.push(fault(`${called(column)} is infinite in ${atRows(infinite)}; write a finite number there`, true));
  const first = values.find(isLarge);
  if (first !== undefined) {
    faults.push(fault(`${called(column)} holds ${general(first)} in ${atRows(at(isLarge))}, too large for the 32-bit numbers of training (at most 3.4e+38); `
      + 'change its unit or take its logarithm', true));
  }
  return faults;
}

/** @param {Column} column @param {string} kind @param {string} type */
function noNumbers(column, kind, type) {
  if (kind === 'empty') return fault(`${called(column)} is empty; fill it or leave it out`);
  return fault(`${called(column)} holds dates or times (${type}); turn them into numbers, such as days since a start`);
}

/** Text among numbers. @param {Column} column @param {number[]} wrong */
function unreadable(column, wrong) {
  const others = wrong.length - 1, first = column.words[column.rows.indexOf(wrong[0])];
  return fault(`${called(column)} holds numbers, but the text ${shortened(first)} in row ${wrong[0]}${others ? ` (and in ${counted(others, 'other row')})` : ''}; `
    + 'write a number there or leave out the row', true);
}

/** The numbers of a feature, or none and what is wrong with it. @param {Column} column @param {string} separator @param {Fault[]} faults @returns {number[]} */
function readFeature(column, separator, faults) {
  const { kind, type } = kindOf(column.words);
  const found = kind === 'text' ? readWords(column, separator) : kind === 'numeric' || kind === 'bool' ? { values: column.words.map(cellNumber), wrong: [] }
    : { values: [], wrong: [noNumbers(column, kind, type)] };
  const wrong = found.wrong.length ? found.wrong : numberFaults(column, found.values);
  if (!wrong.length && found.values.every(value => value === found.values[0])) {
    wrong.push(fault(`${called(column)} is constant (${general(found.values[0])} in every row); leave it out, nothing can be learnt from it`));
  }
  faults.push(...wrong);
  return found.values;
}

/** @param {Column} column @param {string} separator */
function readWords(column, separator) {
  const words = separator === ',' ? column.words : plainNumbers(column.words), values = words.map(parsed);
  const isWrong = (/** @type {any} */ _, /** @type {number} */ i) => isGap(values[i]) && !isMissing(words[i]);
  const wrong = where(column, isWrong), missing = where(column, isMissing);
  if (!wrong.length) return { values, wrong: [] };
  const faults = missing.length ? [missingFault(column, missing)] : [];
  if (meantNumeric(words, values)) return { values, wrong: [...faults, unreadable(column, wrong)] };
  const shown = listed([...new Set(column.words.filter(isWrong))].map(shortened));
  return { values, wrong: [...faults, fault(`${called(column)} holds text (${shown}, first in row ${wrong[0]}); `
    + 'replace it by numbers, such as one 0/1 column for each value, or leave it out', true)] };
}

/** Decimal commas, or commas between thousands, as Python writes numbers; any other words as they are. @param {string[]} words */
function plainNumbers(words) {
  const said = words.filter(word => !isMissing(word));
  if (!said.some(word => word.includes(','))) return words;
  if (said.every(word => DECIMAL.test(word))) return words.map(word => word.replaceAll('.', '').replace(',', '.'));
  return said.every(word => THOUSANDS.test(word) || PLAIN.test(word)) ? words.map(word => word.replaceAll(',', '')) : words;
}

/** @param {Column} column @param {Fault[]} faults @returns {Answer | null} */
function readTarget(column, faults) {
  const { kind, type } = kindOf(column.words);
  if (kind === 'text') return readTextTarget(column, faults);
  if (kind !== 'numeric' && kind !== 'bool') return failed(faults, noNumbers(column, kind, type));
  const values = column.words.map(cellNumber), wrong = numberFaults(column, values);
  if (kind === 'bool') return classes(column, values.map(value => value ? 'True' : 'False'), values.map(Number.isFinite), wrong, faults);
  return numberTarget(column, values, wrong, faults);
}

/** @param {Fault[]} faults @param {...Fault} wrong */
function failed(faults, ...wrong) {
  faults.push(...wrong);
  return null;
}

/** @param {Column} column @param {Fault[]} faults @returns {Answer | null} */
function readTextTarget(column, faults) {
  const { words } = column, values = words.map(parsed);
  if (new Set(words).size > MOST_CLASSES && meantNumeric(words, values)) {
    const missing = where(column, isMissing), wrong = where(column, (word, i) => isGap(values[i]) && !isMissing(word));
    if (wrong.length) return failed(faults, ...(missing.length ? [missingFault(column, missing)] : []), unreadable(column, wrong));
    return numberTarget(column, values, numberFaults(column, values), faults);
  }
  const present = words.map(word => Boolean(word.trim())), missing = where(column, (_, i) => !present[i]);
  return classes(column, words, present, missing.length ? [missingFault(column, missing)] : [], faults);
}

/** @param {Column} column @param {number[]} values @param {Fault[]} wrong @param {Fault[]} faults @returns {Answer | null} */
function numberTarget(column, values, wrong, faults) {
  const present = values.filter(Number.isFinite), distinct = new Set(present).size;
  const few = distinct <= MOST_CLASSES && present.length >= ROWS_PER_CLASS * distinct && present.every(Number.isInteger);
  if (distinct <= 2 || few) return classes(column, values, values.map(Number.isFinite), wrong, faults);
  faults.push(...wrong);
  return wrong.length ? null : { task: 'regression', y: values, class_names: [] };
}

/**
 * Classes in sorted order.
 * @param {Column} column @param {(string | number)[]} labels @param {boolean[]} present @param {Fault[]} wrong @param {Fault[]} faults
 * @returns {Answer | null}
 */
function classes(column, labels, present, wrong, faults) {
  const kept = labels.filter((_, i) => present[i]), rows = column.rows.filter((_, i) => present[i]);
  const places = /** @type {Map<string | number, number[]>} */ (new Map());
  kept.forEach((label, i) => gather(places, label, rows[i]));
  const sorted = [...places.keys()].sort(typeof labels[0] === 'string' ? (a, b) => codes(a) < codes(b) ? -1 : 1 : (a, b) => Number(a) - Number(b)), names = sorted.map(className);
  const single = sorted.flatMap((label, k) => places.get(label)?.length === 1 ? [k] : []), order = new Map(sorted.map((label, k) => [label, k]));
  faults.push(...wrong);
  if (names.length === 1) return failed(faults, fault(`${called(column)} holds only one class, ${quoted(names[0])}; add rows of another class or choose another column`));
  if (single.length && names.length) {
    const at = single.map(k => /** @type {number[]} */ (places.get(sorted[k]))[0]).sort((a, b) => a - b);
    return failed(faults, fault(`${called(column)} has ${single.length} ${single.length === 1 ? 'class' : 'classes'} with a single row `
      + `(${listed(single.map(k => quoted(names[k])))}, in ${atRows(at)}); every class needs at least two: `
      + "add rows, leave these out, or choose task='regression' if they are quantities", true));
  }
  return wrong.length ? null : { task: names.length > 2 ? 'multiclass' : 'binary', y: kept.map(label => order.get(label) ?? 0), class_names: names };
}

/** @param {string | number} label */
function className(label) {
  if (typeof label === 'string') return label;
  return Number.isInteger(label) && Math.abs(label) < 1e15 ? String(label + 0) : label < 0 ? `-${repr(-label)}` : repr(label);
}

/** A key by which text sorts as in Python. @param {string | number} text */
const codes = text => Array.from(String(text), letter => String(letter.codePointAt(0)).padStart(7, '0')).join('');

/** Mean 0 and deviation 1, with what undoes it. @param {number[]} values */
function standardized(values) {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0), centred = values.map(value => value - mean);
  const reach = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = reach * Math.sqrt(centred.reduce((sum, value) => sum + (value / reach) ** 2, 0) / values.length);
  return { values: centred.map(value => value / scale), mean, scale };
}

/** @param {Answer} answer @param {number[][]} columns @param {string[]} names @param {string} target @param {string} origin @returns {import('./types').Own} */
function dataOf(answer, columns, names, target, origin) {
  const standard = columns.map(standardized), y = answer.task === 'regression' ? standardized(answer.y) : { values: answer.y, mean: 0, scale: 1 };
  return {
    task: answer.task, x: y.values.map((_, i) => standard.map(column => column.values[i])), y: y.values, feature_names: names, class_names: answer.class_names,
    target_name: target, x_mean: standard.map(column => column.mean), x_scale: standard.map(column => column.scale), y_mean: y.mean, y_scale: y.scale, origin,
  };
}
