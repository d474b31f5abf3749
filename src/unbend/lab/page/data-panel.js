/** The column DATA: toys as thumbnails, how many points, noise, the share for testing, batches. */
import { keepingFocus } from './strip.js';
import { makeData } from './data.js';
import { button, h } from './dom.js';
import { ownDataPanel } from './own.js';
import { paintPoints, palette, sharp, toPixels } from './paint.js';
import { boxAround, extremes } from './plane.js';
import { TABLES } from './tables.js';
import { TOYS } from './toys.js';

const T = {
  data: { en: 'Data', zh: '数据' },
  points: { en: 'Points: {n}', zh: '点数：{n}' },
  noise: { en: 'Noise: {n}', zh: '噪声：{n}' },
  test: { en: 'Kept for testing: {n} %', zh: '留作测试：{n}%' },
  batch: { en: 'Batch size: {n}', zh: '批大小：{n}' },
  all: { en: 'all', zh: '全部' },
  again: { en: 'Draw anew', zh: '重新生成' },
  own: { en: 'My own data', zh: '自己的数据' },
  tables: { en: 'Tables', zh: '真实数据表' },
};

/** @param {import('./types').Lab} lab */
export function dataPanel(lab) {
  const panel = h('section', { class: 'column data', 'aria-label': lab.t(T.data) });
  const controls = h('div', { class: 'column' }), tables = h('div', { class: 'row' });
  const toys = h('div', { class: 'toys', role: 'radiogroup', 'aria-label': lab.t(T.data) });
  const draw = () => {
    const regression = lab.data.task === 'regression';
    toys.replaceChildren(...TOYS.filter(toy => (toy.task === 'regression') === regression).map(toy => toyButton(lab, toy)));
    tables.replaceChildren(...tableButtons(lab));
    controls.replaceChildren(...sliders(lab));
  };
  const own = h('details', { open: lab.settings.data.name === 'own' }, h('summary', {}, lab.t(T.own)), ownDataPanel(lab));
  panel.append(h('h2', {}, lab.t(T.data)), toys, tables, controls, own);
  let drawn = '';
  const redraw = () => {
    const { data: { name, n, noise, seed, test }, batch_size: batch } = lab.settings;
    const key = [name, n, noise, seed, test, batch, lab.data.task, lab.view.theme].join();
    if (key !== drawn) keepingFocus(panel, draw);
    drawn = key;
  };
  lab.on('settings', redraw);
  lab.on('view', redraw);
  redraw();
  return panel;
}

/** @param {import('./types').Lab} lab @param {import('./toys.js').Toy} toy */
function toyButton(lab, toy) {
  const chosen = lab.settings.data.name === toy.name;
  const canvas = h('canvas', {});
  const title = lab.t(toy.title);
  const settings = { name: toy.name, n: toy.n, noise: toy.noise, seed: lab.settings.data.seed, test: lab.settings.data.test };
  thumbnail(lab, canvas, settings);
  return h('button', { type: 'button', role: 'radio', 'aria-checked': String(chosen), 'aria-label': title, title,
    onclick: () => lab.change({ data: settings }) }, canvas);
}

/** @param {import('./types').Lab} lab */
function tableButtons(lab) {
  const fits = Object.keys(TABLES).filter(name => (TABLES[name].task === 'regression') === (lab.data.task === 'regression'));
  return fits.map(name =>
    button(name, () => lab.change({ data: { ...lab.settings.data, name, n: 0, noise: 0, own: undefined }, features: [] }), { class: 'small', 'aria-pressed': String(lab.settings.data.name === name) }));
}

/** @param {import('./types').Lab} lab @param {HTMLCanvasElement} canvas @param {import('./types').DataSettings} settings */
function thumbnail(lab, canvas, settings) {
  const data = makeData({ ...settings, n: Math.min(settings.n, 160), test: 0 });
  setTimeout(() => {
    const ctx = sharp(canvas, 48, 48);
    const places = data.d === 1 ? interleave(data.x, data.y) : data.x;
    const box = boxAround(extremes([places]), 0.08);
    paintPoints(ctx, places, data, toPixels(box, 48, 48), palette(canvas), { size: 1.7, plain: true });
  });
}

/** @param {import('./types').Floats} x @param {import('./types').Floats} y */
function interleave(x, y) {
  const places = new Float64Array(2 * x.length);
  x.forEach((value, i) => places.set([value, y[i]], 2 * i));
  return places;
}

/** @param {import('./types').Lab} lab */
function sliders(lab) {
  const { data, batch_size: batch } = lab.settings;
  const change = (/** @type {Partial<import('./types').DataSettings>} */ part) => lab.change({ data: { ...data, ...part } });
  const isToy = TOYS.some(toy => toy.name === data.name);
  const sizes = [1, 2, 4, 8, 10, 16, 32, 64, 128, 0];
  const at = batch === null ? sizes.length - 1 : Math.max(0, sizes.findIndex(size => size >= batch));
  return [
    isToy && slider(lab.t(T.points, { n: data.n }), data.n, 4, 2000, 4, n => change({ n })),
    isToy && slider(lab.t(T.noise, { n: lab.number(data.noise, 2) }), data.noise, 0, 0.5, 0.01, noise => change({ noise })),
    slider(lab.t(T.test, { n: Math.round(100 * data.test) }), data.test, 0, 0.9, 0.1, test => change({ test })),
    slider(lab.t(T.batch, { n: batch ?? lab.t(T.all) }), at, 0, sizes.length - 1, 1, i => lab.change({ batch_size: sizes[i] || null })),
    isToy && button(lab.t(T.again), () => change({ seed: data.seed + 1 }), { class: 'small' }),
  ].filter(part => part !== false);
}

/**
 * @param {string} label
 * @param {number} value
 * @param {number} min
 * @param {number} max
 * @param {number} step
 * @param {(value: number) => void} onChange
 */
export function slider(label, value, min, max, step, onChange) {
  const input = h('input', { type: 'range', min, max, step, value, 'aria-label': label.split(/[:：]/)[0], onchange: () => onChange(Number(input.value)) });
  return h('label', { class: 'field' }, h('span', {}, label), input);
}
