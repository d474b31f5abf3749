/** The network: features, hidden layers with their warped spaces, units as small maps, and the weights between them. */
import { NAMES } from './activations.js';
import { button, choice, h } from './dom.js';
import { inspector } from './inspector.js';
import { paintMap, paintSpace, palette, sharp } from './paint.js';
import { scene, featureMaps } from './scene.js';
import { followPointer } from './pointer.js';
import { featuresOf } from './shape.js';
import { keepingFocus } from './strip.js';

const MOST_LAYERS = 6;
const MOST_UNITS = 16;
const THUMB = 38;
const SELDOM = 8; // small maps and weights are painted in every eighth picture while it plays
const T = {
  features: { en: 'Features', zh: '特征' },
  hidden: { en: 'Hidden layers: {n}', zh: '隐藏层：{n}' },
  addLayer: { en: 'Add a hidden layer', zh: '增加一个隐藏层' },
  removeLayer: { en: 'Remove the last hidden layer', zh: '去掉最后一个隐藏层' },
  addUnit: { en: 'Layer {layer}: add a unit', zh: '第 {layer} 层：增加一个单元' },
  removeUnit: { en: 'Layer {layer}: remove a unit', zh: '第 {layer} 层：去掉一个单元' },
  layer: { en: 'Layer {layer}: {n}', zh: '第 {layer} 层：{n}' },
  activation: { en: 'Activation of layer {layer}', zh: '第 {layer} 层的激活函数' },
  space: { en: 'The space of layer {layer}: the grid of the input as this layer sees it, with the points.', zh: '第 {layer} 层的空间：这一层看到的输入网格和数据点。' },
  line: { en: 'The straight line here is the boundary.', zh: '这里的直线就是分界线。' },
  input: { en: 'The input space', zh: '输入空间' },
  shown: { en: '{percent} % of the variance is seen', zh: '看到了 {percent}% 的方差' },
  unit: { en: 'Unit {unit} of layer {layer}: look closely, change weights', zh: '第 {layer} 层第 {unit} 个单元：细看、改权重' },
  feature: { en: 'Feature {name}', zh: '特征 {name}' },
  score: { en: 'The score of {name}', zh: '{name} 的得分' },
};
const SHOWN = /** @type {Record<string, string>} */ ({ 'x1^2': 'x₁²', 'x2^2': 'x₂²', 'x1*x2': 'x₁x₂', 'sin(pi*x1)': 'sin πx₁', 'sin(pi*x2)': 'sin πx₂', x1: 'x₁', x2: 'x₂', 'x^2': 'x²', 'sin(pi*x)': 'sin πx' });

/** @typedef {{spaces: (() => void)[], small: (() => void)[]}} Painters */
/** @typedef {{layer: number, from: number, to: number, x0: number, y0: number, x1: number, y1: number}} Link */

/** @param {import('./types').Lab} lab */
export function netPanel(lab) {
  const links = h('canvas', { class: 'links', 'aria-hidden': 'true' });
  const columns = h('div', { class: 'net', tabindex: -1 });
  const count = h('span', {});
  const panel = h('section', { class: 'column', 'aria-label': lab.t(T.hidden, { n: lab.settings.hidden.length }) },
    h('div', { class: 'row' },
      button('−', () => changeLayers(lab, -1), { class: 'small', 'aria-label': lab.t(T.removeLayer), title: lab.t(T.removeLayer) }),
      button('+', () => changeLayers(lab, 1), { class: 'small', 'aria-label': lab.t(T.addLayer), title: lab.t(T.addLayer) }),
      h('h2', {}, count)),
    columns);
  /** @type {{spaces: (() => void)[], small: (() => void)[], places: Link[] | null, turn: number}} */
  const painters = { spaces: [], small: [], places: null, turn: 0 };
  const build = () => {
    count.textContent = lab.t(T.hidden, { n: lab.settings.hidden.length });
    Object.assign(painters, { spaces: [], small: [], places: null, turn: 0 });
    const parts = [featureColumn(lab, painters), ...lab.settings.hidden.map((_, layer) => layerColumn(lab, layer, painters)), outputColumn(lab, painters)];
    columns.replaceChildren(links, ...parts);
    paint();
  };
  const paint = () => {
    painters.spaces.forEach(painter => painter());
    if (lab.playing && painters.turn++ % SELDOM) return;
    painters.small.forEach(painter => painter());
    painters.places ??= linkPlaces(lab, columns);
    paintLinks(lab, columns, links, painters.places);
  };
  const moved = () => {
    painters.places = null;
    paint();
  };
  const close = inspector(lab, columns);
  columns.addEventListener('click', event => openNearest(lab, columns, event));
  const shape = () => JSON.stringify([featuresOf(lab.data), lab.data.class_names, lab.data.target_name, lab.settings.features, lab.settings.hidden, lab.settings.activations]);
  let built = shape();
  lab.on('settings', () => {
    if (built === shape()) return moved(); // a canvas on which a point is dragged must stay
    built = shape();
    close();
    keepingFocus(columns, build);
  });
  lab.on('frame', paint);
  lab.on('hover', paint);
  lab.on('view', paint);
  lab.on('playing', paint);
  if (typeof ResizeObserver !== 'undefined') new ResizeObserver(moved).observe(columns);
  build();
  return panel;
}

/** @param {import('./types').Lab} lab @param {number} by */
function changeLayers(lab, by) {
  const { hidden } = lab.settings;
  if (by > 0 && hidden.length < MOST_LAYERS) lab.change({ hidden: [...hidden, hidden[hidden.length - 1] ?? 2] });
  if (by < 0 && hidden.length) lab.change({ hidden: hidden.slice(0, -1), activations: lab.settings.activations.slice(0, -1) });
}

/** @param {import('./types').Lab} lab @param {number} layer @param {number} by */
function changeUnits(lab, layer, by) {
  const hidden = [...lab.settings.hidden];
  hidden[layer] = Math.max(1, Math.min(MOST_UNITS, hidden[layer] + by));
  lab.change({ hidden });
}

/** @param {import('./types').Lab} lab @param {Painters} painters */
function featureColumn(lab, painters) {
  const known = featuresOf(lab.data);
  const canvas = h('canvas', { class: 'space', role: 'img', 'aria-label': lab.t(T.input) });
  painters.spaces.push(() => paintSpace(canvas, scene(lab).input, lab));
  followPointer(lab, canvas, () => scene(lab).input);
  const units = known.map(name => featureUnit(lab, name, painters));
  return h('div', { class: 'layer features' },
    h('div', { class: 'head' }, h('h2', {}, lab.t(T.features))), canvas, h('span', { class: 'quiet' }), h('div', { class: 'units' }, ...units));
}

/** The output units, so that the last weights have an end. @param {import('./types').Lab} lab @param {Painters} painters */
function outputColumn(lab, painters) {
  const layer = lab.settings.hidden.length;
  const units = Array.from({ length: lab.network.widths[layer + 1] }, (_, unit) => {
    const canvas = h('canvas', {});
    painters.spaces.push(() => {
      const { scores, columns, rows } = scene(lab);
      paintMap(sharp(canvas, THUMB, THUMB), scores.pre, columns, rows, palette(canvas), unit, scores.width);
    });
    const name = lab.data.class_names[unit] ?? lab.data.target_name;
    return h('div', { class: 'unit' }, h('span', { class: 'thumb', 'data-unit': `${layer}.${unit}`, role: 'img', 'aria-label': lab.t(T.score, { name }), title: name }, canvas));
  });
  const box = h('div', { class: 'layer last' }, h('div', { class: 'head' }), h('div', { class: 'blank' }), h('span', { class: 'quiet' }), h('div', { class: 'units' }, ...units));
  painters.small.push(() => {
    const side = box.parentElement?.querySelector('canvas.space')?.clientWidth ?? 0;
    /** @type {HTMLElement} */ (box.children[1]).style.setProperty('height', `${side}px`);
  });
  return box;
}

/** @param {import('./types').Lab} lab @param {string} name @param {Painters} painters */
function featureUnit(lab, name, painters) {
  const on = lab.settings.features.includes(name);
  const shown = Object.hasOwn(SHOWN, name) ? SHOWN[name] : name;
  const canvas = h('canvas', {});
  let painted = /** @type {unknown} */ (null), theme = /** @type {unknown} */ (null);
  painters.small.push(() => {
    const maps = featureMaps(lab);
    const colours = palette(canvas);
    if (painted === maps && theme === colours) return;
    [painted, theme] = [maps, colours];
    paintMap(sharp(canvas, THUMB, THUMB), maps.values(name), maps.columns, maps.rows, colours);
  });
  const toggle = () => {
    const features = on ? lab.settings.features.filter(one => one !== name) : [...lab.settings.features, name];
    if (features.length) lab.change({ features });
  };
  return h('div', { class: 'unit', 'data-feature': on ? name : null }, h('span', { title: name }, shown),
    h('button', { type: 'button', 'aria-pressed': String(on), 'aria-label': lab.t(T.feature, { name: shown }), title: name, onclick: toggle }, canvas));
}

/** @param {import('./types').Lab} lab @param {number} layer @param {Painters} painters */
function layerColumn(lab, layer, painters) {
  const named = { layer: layer + 1 };
  const chosen = lab.settings.activations[layer];
  const names = [...new Set([chosen, ...NAMES])].map(name => /** @type {[string, string]} */ ([name, name]));
  const pick = choice(lab.t(T.activation, named), names, chosen, value => {
    const activations = [...lab.settings.activations];
    activations[layer] = value;
    lab.change({ activations });
  });
  /** @type {HTMLElement} */ (pick.firstChild).classList.add('sr');
  const canvas = h('canvas', { class: 'space', role: 'img', 'aria-label': lab.t(T.space, named) });
  const share = h('span', { class: 'quiet' });
  painters.spaces.push(() => {
    const space = scene(lab).spaces[layer];
    paintSpace(canvas, space, lab);
    const percent = Math.round(100 * (space.view.shares[0] + space.view.shares[1]));
    const words = percent < 100 ? lab.t(T.shown, { percent }) : '';
    if (share.textContent !== words) share.textContent = words;
    const said = lab.t(T.space, named) + (space.lines.length ? ` ${lab.t(T.line)}` : '');
    if (canvas.getAttribute('aria-label') !== said) canvas.setAttribute('aria-label', said);
  });
  followPointer(lab, canvas, () => scene(lab).spaces[layer]);
  const units = Array.from({ length: lab.settings.hidden[layer] }, (_, unit) => unitButton(lab, layer, unit, painters));
  return h('div', { class: 'layer' },
    h('div', { class: 'head' },
      h('div', { class: 'row' },
        button('−', () => changeUnits(lab, layer, -1), { class: 'small', 'aria-label': lab.t(T.removeUnit, named), title: lab.t(T.removeUnit, named) }),
        button('+', () => changeUnits(lab, layer, 1), { class: 'small', 'aria-label': lab.t(T.addUnit, named), title: lab.t(T.addUnit, named) }),
        h('h3', {}, lab.t(T.layer, { ...named, n: lab.settings.hidden[layer] }))),
      pick),
    canvas, share, h('div', { class: 'units' }, ...units));
}

/** @param {import('./types').Lab} lab @param {number} layer @param {number} unit @param {Painters} painters */
function unitButton(lab, layer, unit, painters) {
  const canvas = h('canvas', {});
  const label = lab.t(T.unit, { layer: layer + 1, unit: unit + 1 });
  const here = () => lab.view.unit?.layer === layer && lab.view.unit.unit === unit;
  const one = h('button', { type: 'button', 'aria-label': label, title: label, 'data-unit': `${layer}.${unit}`,
    onclick: (/** @type {Event} */ event) => {
      event.stopPropagation();
      lab.show({ unit: here() ? null : { layer, unit } });
    } }, canvas);
  painters.small.push(() => {
    const { units, columns, rows } = scene(lab);
    paintMap(sharp(canvas, THUMB, THUMB), units[layer].post, columns, rows, palette(canvas), unit, units[layer].width);
    one.classList.toggle('on', here());
  });
  return h('div', { class: 'unit' }, one);
}

/**
 * Where the curves of the weights run: from every chosen feature and unit to every unit of the next layer.
 * @param {import('./types').Lab} lab
 * @param {HTMLElement} columns
 */
function linkPlaces(lab, columns) {
  const box = columns.getBoundingClientRect();
  const place = (/** @type {Element | null} */ element) => {
    const r = /** @type {Element} */ (element).getBoundingClientRect();
    return { left: r.left - box.left + columns.scrollLeft, right: r.right - box.left + columns.scrollLeft, y: (r.top + r.bottom) / 2 - box.top };
  };
  const features = lab.settings.features.map(name => place(columns.querySelector(`[data-feature="${CSS.escape(name)}"] button`)));
  const units = lab.network.widths.slice(1).map((width, layer) => Array.from({ length: width }, (_, unit) => place(columns.querySelector(`[data-unit="${layer}.${unit}"]`))));
  return [features, ...units].slice(0, -1).flatMap((from, layer) => from.flatMap((a, i) => units[layer].map((b, j) =>
    ({ layer, from: i, to: j, x0: a.right, y0: a.y, x1: b.left, y1: b.y }))));
}

/** @param {import('./types').Lab} lab @param {HTMLElement} columns @param {HTMLCanvasElement} links @param {Link[]} places */
function paintLinks(lab, columns, links, places) {
  const [width, height] = [columns.scrollWidth, columns.clientHeight];
  links.style.setProperty('width', `${width}px`);
  links.style.setProperty('height', `${height}px`);
  const ctx = sharp(links, width, height);
  const colours = palette(links);
  for (const link of places) {
    const weight = lab.frame.parameters[weightPlace(lab, link)];
    ctx.strokeStyle = weight < 0 ? colours.negative : colours.positive;
    ctx.globalAlpha = Math.min(1, 0.25 + Math.abs(weight) / 3);
    ctx.lineWidth = Math.min(9, 0.4 + 2.2 * Math.abs(weight));
    ctx.setLineDash(weight < 0 ? [5, 3] : []);
    ctx.beginPath();
    const middle = (link.x0 + link.x1) / 2;
    ctx.moveTo(link.x0, link.y0);
    ctx.bezierCurveTo(middle, link.y0, middle, link.y1, link.x1, link.y1);
    ctx.stroke();
  }
}

/** @param {import('./types').Lab} lab @param {{layer: number, from: number, to: number}} link */
function weightPlace(lab, { layer, from, to }) {
  return lab.network.offsets[layer].weight + from * lab.network.widths[layer + 1] + to;
}

/** A click near a curve opens the unit that it ends in. @param {import('./types').Lab} lab @param {HTMLElement} columns @param {MouseEvent} event */
function openNearest(lab, columns, event) {
  const box = columns.getBoundingClientRect();
  const x = event.clientX - box.left + columns.scrollLeft, y = event.clientY - box.top;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  if (target.closest('button, select, canvas.space, .inspector')) return;
  let best = { distance: 7, link: /** @type {any} */ (null) };
  for (const link of linkPlaces(lab, columns)) {
    const t = (x - link.x0) / (link.x1 - link.x0);
    if (t < 0 || t > 1) continue;
    const distance = Math.abs(y - (link.y0 + (link.y1 - link.y0) * t * t * (3 - 2 * t)));
    if (distance < best.distance) best = { distance, link };
  }
  if (best.link) lab.show({ unit: { layer: best.link.layer, unit: best.link.to, weight: best.link.from } });
}
