/** The user's own data: points that are drawn, a function that is typed, a table that is pasted or dropped. */
import { firstRows, parseTable } from './csv.js';
import { button, choice, h, watchSeen } from './dom.js';
import { parseExpression } from './formula.js';
import { paintPoints, palette, sharp, toPixels } from './paint.js';
import { uniform } from './random.js';
import { ownIsSound } from './state.js';

const MOST_DRAWN = 2000, MOST_ROWS = 5000, MOST_COLUMNS = 40, MOST_BYTES = 1e7, LEAST = 4, SAMPLED = 300, REACH = 0.1, STRIDE = 0.07, LARGEST = 1e12;
const SQUARE = /** @type {import('./types').Box} */ ([-1, 1, -1, 1]);

const T = {
  draw: { en: 'Draw points', zh: '画点' },
  canvas: { en: 'Square for drawing, {n} points; the fields below do the same', zh: '画点的方框，{n} 个点；下面的输入框也能加点' },
  puts: { en: 'A click puts', zh: '点一下添加' },
  class: { en: 'class {k}', zh: '类别 {k}' },
  value: { en: 'value', zh: '数值' },
  erase: { en: 'nothing: it erases', zh: '不添加：擦除' },
  add: { en: 'Add', zh: '添加' },
  clear: { en: 'Clear', zh: '清空' },
  use: { en: 'Use these points', zh: '用这些点' },
  full: { en: 'At most {n} points can be drawn; use them, or erase some.', zh: '最多能画 {n} 个点；请直接使用，或擦掉一些。' },
  unread: { en: 'x1, x2 and the value must be numbers; x1 and x2 from −1 to 1.', zh: 'x1、x2 和数值都必须是数；x1 和 x2 在 −1 到 1 之间。' },
  few: { en: '{n} points are too few; draw at least {least}.', zh: '只有 {n} 个点，太少；请至少画 {least} 个。' },
  mixed: { en: 'Some points have a class and some a value; erase one kind.', zh: '有的点是类别，有的点是数值；请擦掉其中一种。' },
  single: { en: 'Every point has the same {what}, so there is nothing to learn; add points with another.', zh: '所有点的{what}都一样，没有可学的；请添加不同的点。' },
  ofClass: { en: 'class', zh: '类别' },
  lone: { en: 'Class {k} has a single point; every class needs at least two.', zh: '类别 {k} 只有一个点；每个类别至少要两个点。' },
  typed: { en: 'Type a function', zh: '输入函数' },
  formula: { en: 'y = f(x1, x2), or f(x)', zh: 'y = f(x1, x2)，或 f(x)' },
  as: { en: 'y is', zh: 'y 是' },
  sign: { en: 'classes, by its sign', zh: '类别（按正负号）' },
  values: { en: 'a value', zh: '一个数值' },
  sample: { en: 'Use this function', zh: '用这个函数' },
  infinite: { en: 'f is not a finite number at {place}; write one that is on the whole of −1 to 1.', zh: 'f 在 {place} 处不是有限的数；请写一个在 −1 到 1 上处处有限的函数。' },
  same: { en: 'f is {value} at every point, so there is nothing to learn.', zh: 'f 在每个点上都是 {value}，没有可学的。' },
  oneSign: { en: 'f has the same sign at every point, so there is one class only; shift it, or choose "a value".', zh: 'f 在每个点上同号，只有一个类别；请平移它，或选“一个数值”。' },
  table: { en: 'Paste or drop a table', zh: '粘贴或拖入表格' },
  cells: { en: 'CSV with a header', zh: '带表头的 CSV' },
  file: { en: 'or a file', zh: '或选择文件' },
  target: { en: 'Target', zh: '目标列' },
  useTable: { en: 'Use this table', zh: '用这张表' },
  refused: { en: '{said}', zh: '这张表不能用：\n{said}' },
  read: { en: '{name} is read; choose the target.', zh: '已读入 {name}；请选择目标列。' },
  large: { en: 'The table is too large for this page: at most {rows} rows, {columns} columns with the target and {size} MB; take a part of it.', zh: '表格对本页太大：最多 {rows} 行、{columns} 列（含目标列）、{size} MB；请只取一部分。' },
  beyond: { en: 'This page shows up to 20 classes, names of up to 200 characters, and no numbers far beyond the mean of their column; the table has more.', zh: '本页最多显示 20 个类别，名称最长 200 个字符，数值也不能离该列平均值太远；这张表超出了限制。' },
  encoded: { en: '{name} is not UTF-8 text; save it again as CSV in UTF-8.', zh: '{name} 不是 UTF-8 文本；请另存为 UTF-8 编码的 CSV。' },
};

/** @typedef {{x: number, y: number, kind: string, label: number}} Point `kind` is 'class' or 'value' */
/** What was drawn outlives a change of language. @type {WeakMap<object, Point[]>} */
const drawings = new WeakMap();

/** @param {import('./types').Lab} lab */
export function ownDataPanel(lab) {
  return h('div', { class: 'column own' }, drawingPart(lab), functionPart(lab), tablePart(lab));
}

/** A part with its name and the line in which refusals are said. @param {string} title */
function part(title) {
  const said = h('p', { class: 'fault quiet', role: 'status' });
  const box = h('div', { class: 'column', role: 'group', 'aria-label': title }, h('h3', {}, title));
  /** @param {string} text */
  const say = text => said.replaceChildren(text && `⚠ ${text}`);
  return { box, said, say };
}

/**
 * The data becomes the user's own.
 * @param {import('./types').Lab} lab
 * @param {import('./types').Own} own
 */
function use(lab, own) {
  lab.change({ data: { ...lab.settings.data, name: 'own', n: own.x.length, noise: 0, own, ...(own.x.length < 100 && { test: 0 }) }, features: [] }); // of a few points all are for training
}

/** @param {import('./types').Lab} lab */
function drawingPart(lab) {
  const { box, said, say } = part(lab.t(T.draw));
  const points = drawings.get(lab) ?? [];
  drawings.set(lab, points);
  const canvas = h('canvas', { class: 'drawing', role: 'img' });
  const value = numberField(lab.t(T.value), '0.5'), [x1, x2] = ['x1', 'x2'].map(name => numberField(name, '0'));
  let puts = '0';
  const kinds = /** @type {[string, string][]} */ ([...['0', '1', '2'].map(k => [k, lab.t(T.class, { k })]), ['value', lab.t(T.value)], ['erase', lab.t(T.erase)]]);
  const chooser = choice(lab.t(T.puts), kinds, puts, chosen => {
    puts = chosen;
    value.hidden = puts !== 'value';
  });
  value.hidden = true;
  const paint = () => paintDrawing(lab, canvas, points);
  const put = (/** @type {number} */ x, /** @type {number} */ y) => {
    say('');
    const label = Number(puts === 'value' ? read(value) : puts);
    if (puts === 'erase') points.splice(0, points.length, ...points.filter(point => Math.hypot(point.x - x, point.y - y) > REACH));
    else if (points.length >= MOST_DRAWN) say(lab.t(T.full, { n: MOST_DRAWN }));
    else if (!(Math.abs(x) <= 1 && Math.abs(y) <= 1 && Math.abs(label) < LARGEST)) say(lab.t(T.unread));
    else points.push({ x, y, kind: puts === 'value' ? 'value' : 'class', label });
    paint();
  };
  followPen(canvas, put);
  watchSeen(canvas, paint);
  paint();
  lab.on('view', paint);
  const apply = () => {
    const own = ownOfPoints(lab, points);
    say(typeof own === 'string' ? own : '');
    if (typeof own !== 'string') use(lab, own);
  };
  box.append(canvas, chooser, value, h('div', { class: 'row' }, x1, x2, button(lab.t(T.add), () => put(read(x1), read(x2)), { class: 'small' })),
    h('div', { class: 'row' }, button(lab.t(T.use), apply, { class: 'small' }), button(lab.t(T.clear), () => {
      points.length = 0;
      say('');
      paint();
    }, { class: 'small' })), said);
  return box;
}

/** @param {string} label @param {string} value */
function numberField(label, value) {
  return h('label', { class: 'field' }, h('span', {}, label), h('input', { type: 'number', step: 'any', value }));
}

/** @param {HTMLElement} field */
const read = field => field.querySelector('input')?.valueAsNumber ?? NaN;

/**
 * Calls `put` with the place of a press, and along a drag with places that are a stride apart.
 * @param {HTMLCanvasElement} canvas
 * @param {(x: number, y: number) => void} put
 */
function followPen(canvas, put) {
  /** @type {number[] | null} */
  let last = null;
  const follow = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    const x = 2 * (event.clientX - box.left) / box.width - 1, y = 1 - 2 * (event.clientY - box.top) / box.height;
    if (Math.max(Math.abs(x), Math.abs(y)) > 1 || (last && Math.hypot(x - last[0], y - last[1]) < STRIDE)) return;
    last = [x, y];
    put(x, y);
  };
  canvas.addEventListener('pointerdown', event => {
    event.preventDefault();
    last = null;
    canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  canvas.addEventListener('pointermove', event => { if (last) follow(event); });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { last = null; });
}

/** @param {import('./types').Lab} lab @param {HTMLCanvasElement} canvas @param {Point[]} points */
function paintDrawing(lab, canvas, points) {
  canvas.setAttribute('aria-label', lab.t(T.canvas, { n: points.length }));
  const side = canvas.clientWidth;
  if (!side) return;
  const ctx = sharp(canvas, side, side), colours = palette(canvas);
  ctx.strokeStyle = colours.grid;
  ctx.strokeRect(side / 2, -1, side, side / 2 + 1);
  ctx.strokeRect(-1, side / 2, side / 2 + 1, side);
  for (const kind of ['class', 'value']) {
    const some = points.filter(point => point.kind === kind), y = Float64Array.from(some, point => point.label);
    const places = Float64Array.from(some.flatMap(point => [point.x, point.y])), task = kind === 'class' ? 'multiclass' : 'regression';
    if (some.length) paintPoints(ctx, places, /** @type {any} */ ({ y, task, y_mean: 0, y_scale: 1 }), toPixels(SQUARE, side, side), colours);
  }
}

/**
 * The points as data, or why they cannot be learnt from.
 * @param {import('./types').Lab} lab
 * @param {Point[]} points
 * @returns {import('./types').Own | string}
 */
function ownOfPoints(lab, points) {
  const labels = [...new Set(points.map(point => point.label))].sort((a, b) => a - b), classes = points[0]?.kind === 'class';
  if (points.length < LEAST) return lab.t(T.few, { n: points.length, least: LEAST });
  if (points.some(point => point.kind !== points[0].kind)) return lab.t(T.mixed);
  if (labels.length < 2) return lab.t(T.single, { what: lab.t(classes ? T.ofClass : T.value) });
  const lone = labels.find(label => points.filter(point => point.label === label).length === 1);
  if (classes && lone !== undefined) return lab.t(T.lone, { k: lone });
  return {
    ...named(points.map(({ x, y }) => [x, y]), points.map(({ label }) => classes ? labels.indexOf(label) : label), 'drawn points'),
    ...(classes ? { task: labels.length > 2 ? 'multiclass' : 'binary', class_names: labels.map(String) } : {}),
  };
}

/** Values at places; classes where they are added. @param {number[][]} x @param {number[]} y @param {string} origin @returns {import('./types').Own} */
function named(x, y, origin) {
  return { task: 'regression', x, y, feature_names: x[0].length > 1 ? ['x1', 'x2'] : ['x'], class_names: [], target_name: 'y', origin };
}

/** @param {import('./types').Lab} lab */
function functionPart(lab) {
  const { box, said, say } = part(lab.t(T.typed));
  const field = h('input', { type: 'text', maxlength: 200, spellcheck: 'false', autocapitalize: 'off', value: 'x1*x2' });
  let values = 'sign';
  const apply = () => {
    try {
      say('');
      use(lab, ownOfFunction(lab, field.value, values === 'values'));
    } catch (fault) {
      say(/** @type {Error} */ (fault).message.split('\n')[0]);
    }
  };
  field.addEventListener('keydown', event => { if (event.key === 'Enter') apply(); });
  box.append(h('label', { class: 'field' }, h('span', {}, lab.t(T.formula)), field),
    choice(lab.t(T.as), [['sign', lab.t(T.sign)], ['values', lab.t(T.values)]], values, chosen => { values = chosen; }),
    button(lab.t(T.sample), apply, { class: 'small' }), said);
  return box;
}

/**
 * Points of a function: spread evenly over the square in two variables, in a row in one.
 * @param {import('./types').Lab} lab
 * @param {string} text
 * @param {boolean} values
 */
function ownOfFunction(lab, text, values) {
  const names = /\bx\b/.test(text) && !/\bx[12]\b/.test(text) ? ['x'] : ['x1', 'x2'], d = names.length;
  const { formula, evaluate } = parseExpression(text, names);
  const drawn = d > 1 ? uniform(lab.settings.data.seed, 'own function', d * SAMPLED) : Float64Array.from({ length: SAMPLED }, (_, i) => i / (SAMPLED - 1));
  const columns = names.map((_, j) => Float64Array.from({ length: SAMPLED }, (_, i) => 2 * drawn[d * i + j] - 1)), f = evaluate(columns);
  const x = Array.from(f, (_, i) => columns.map(column => column[i])), wrong = f.findIndex(y => !(Math.abs(y) < LARGEST));
  if (wrong >= 0) throw new Error(lab.t(T.infinite, { place: names.map((name, j) => `${name} = ${lab.number(x[wrong][j])}`).join(', ') }));
  if (f.every(y => y === f[0])) throw new Error(lab.t(T.same, { value: lab.number(f[0]) }));
  const y = values ? Array.from(f) : Array.from(f, value => Number(value > 0));
  if (!values && (!y.includes(0) || !y.includes(1))) throw new Error(lab.t(T.oneSign));
  return { ...named(x, y, formula), ...(values ? {} : { task: /** @type {const} */ ('binary'), class_names: ['0', '1'] }) };
}

/** @param {import('./types').Lab} lab */
function tablePart(lab) {
  const { box, said, say } = part(lab.t(T.table));
  let name = 'table.csv', text = '';
  const area = h('textarea', { rows: 4, spellcheck: 'false', placeholder: 'x1,x2,y\n1,2,no\n…' });
  const select = h('select', { 'aria-label': lab.t(T.target) });
  const target = h('label', { class: 'field' }, h('span', {}, lab.t(T.target)), select);
  target.hidden = true;
  const take = (/** @type {string} */ newText, newName = 'table.csv') => {
    [text, name] = [newText, newName];
    const names = (firstRows(text, name, 1)[0] ?? []).map(cell => cell.trim());
    target.hidden = !names.length;
    select.replaceChildren(...names.slice(0, MOST_COLUMNS).map((column, j) => h('option', { value: column, selected: j === names.length - 1 }, column.slice(0, 60))));
    say('');
  };
  const load = async (/** @type {File | undefined} */ file) => {
    if (!file) return;
    if (file.size > MOST_BYTES) return say(tooLarge(lab));
    try {
      take(new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()), file.name);
      area.value = '';
      say(lab.t(T.read, { name }));
    } catch {
      say(lab.t(T.encoded, { name: file.name }));
    }
  };
  const apply = () => {
    try {
      say('');
      use(lab, ownOfTable(lab, text, select.value, name));
    } catch (fault) {
      say(/** @type {Error} */ (fault).message.slice(0, 3000));
    }
  };
  area.addEventListener('input', () => take(area.value));
  const file = h('input', { type: 'file', accept: '.csv,.tsv,.txt,text/csv', onchange: () => load(file.files?.[0]) });
  box.addEventListener('dragover', event => event.preventDefault());
  box.addEventListener('drop', event => {
    const dropped = event.dataTransfer?.files[0];
    if (!dropped) return;
    event.preventDefault();
    load(dropped);
  });
  box.append(h('label', { class: 'field' }, h('span', {}, lab.t(T.cells)), area), h('label', { class: 'field' }, h('span', {}, lab.t(T.file)), file),
    target, button(lab.t(T.useTable), apply, { class: 'small' }), said);
  return box;
}

/** @param {import('./types').Lab} lab */
const tooLarge = lab => lab.t(T.large, { rows: MOST_ROWS, columns: MOST_COLUMNS, size: MOST_BYTES / 1e6 });

/** @param {import('./types').Lab} lab @param {string} text @param {string} target @param {string} name */
function ownOfTable(lab, text, target, name) {
  const rows = text.length > MOST_BYTES ? [] : firstRows(text, name, MOST_ROWS + 2);
  if (text.length > MOST_BYTES || rows.length > MOST_ROWS + 1 || rows[0]?.length > MOST_COLUMNS) throw new Error(tooLarge(lab));
  /** @type {import('./types').Own} */
  let own;
  try {
    own = parseTable(text, target, name);
  } catch (fault) {
    throw new Error(lab.t(T.refused, { said: /** @type {Error} */ (fault).message }));
  }
  if (!ownIsSound(own)) throw new Error(lab.t(T.beyond));
  return own;
}
