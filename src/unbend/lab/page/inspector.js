/** A unit looked at closely: its weights and its bias as fields that can be changed. */
import { button, h } from './dom.js';

const T = {
  title: { en: 'Layer {layer}, unit {unit}', zh: '第 {layer} 层第 {unit} 个单元' },
  from: { en: 'from {name}', zh: '来自 {name}' },
  bias: { en: 'bias', zh: '偏置' },
  unit: { en: 'unit {unit}', zh: '单元 {unit}' },
  output: { en: 'to output {name}', zh: '到输出 {name}' },
  next: { en: 'to unit {unit} of layer {layer}', zh: '到第 {layer} 层单元 {unit}' },
  close: { en: 'Close', zh: '关闭' },
};

/**
 * Shows itself inside `columns` when `lab.view.unit` is set; returns a function that takes it away.
 * @param {import('./types').Lab} lab
 * @param {HTMLElement} columns
 */
export function inspector(lab, columns) {
  /** @type {HTMLElement | null} */
  let box = null;
  let shown = '';
  const close = () => {
    box?.remove();
    box = null;
    shown = '';
  };
  const draw = () => {
    const unit = lab.view.unit;
    const key = unit ? `${unit.layer}.${unit.unit}` : '';
    if (key === shown) return;
    close();
    if (!unit || !(unit.unit < lab.settings.hidden[unit.layer])) return;
    shown = key;
    box = unitBox(lab, unit);
    place(columns, box, unit);
  };
  const refresh = () => box?.querySelectorAll('input').forEach(input => {
    const value = lab.frame.parameters[Number(input.dataset.place)];
    if (!input.matches(':focus')) input.value = String(Number(value.toPrecision(5)));
  });
  lab.on('view', draw);
  lab.on('frame', refresh);
  return close;
}

/** @param {HTMLElement} columns @param {HTMLElement} box @param {{layer: number, unit: number, weight?: number}} unit */
function place(columns, box, unit) {
  const thumb = /** @type {HTMLElement} */ (columns.querySelector(`[data-unit="${unit.layer}.${unit.unit}"]`));
  const from = columns.getBoundingClientRect(), at = thumb.getBoundingClientRect();
  box.style.setProperty('left', `${Math.max(0, Math.min(at.right - from.left + columns.scrollLeft + 8, columns.scrollLeft + columns.clientWidth - 258))}px`);
  box.style.setProperty('top', `${Math.max(0, at.top - from.top - 60)}px`);
  columns.append(box);
  if (unit.weight !== undefined) box.querySelectorAll('input')[unit.weight]?.focus();
}

/** @param {import('./types').Lab} lab @param {{layer: number, unit: number}} unit */
function unitBox(lab, { layer, unit }) {
  const { widths, offsets } = lab.network;
  const into = offsets[layer], out = offsets[layer + 1];
  const names = layer ? Array.from({ length: widths[layer] }, (_, i) => lab.t(T.unit, { unit: i + 1 })) : lab.settings.features;
  const last = layer + 2 === widths.length - 1 && widths[widths.length - 1];
  const close = () => lab.show({ unit: null });
  return h('div', { class: 'inspector', role: 'group', 'aria-label': lab.t(T.title, { layer: layer + 1, unit: unit + 1 }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Escape') close(); } },
  h('div', { class: 'spread' }, h('h3', {}, lab.t(T.title, { layer: layer + 1, unit: unit + 1 })), button('×', close, { class: 'small', 'aria-label': lab.t(T.close) })),
  ...names.map((name, i) => weightField(lab, lab.t(T.from, { name }), into.weight + i * widths[layer + 1] + unit)),
  weightField(lab, lab.t(T.bias), into.bias + unit),
  ...Array.from({ length: widths[layer + 2] }, (_, i) => weightField(lab,
    last ? lab.t(T.output, { name: lab.data.class_names[last === 1 ? 1 : i] ?? lab.data.target_name }) : lab.t(T.next, { unit: i + 1, layer: layer + 2 }),
    out.weight + unit * widths[layer + 2] + i)));
}

/** @param {import('./types').Lab} lab @param {string} label @param {number} at */
function weightField(lab, label, at) {
  const input = h('input', { type: 'number', step: '0.1', value: Number(lab.frame.parameters[at].toPrecision(5)), 'data-place': at,
    onchange: () => {
      const value = Number(input.value);
      if (!Number.isFinite(value) || input.value === '') return;
      const parameters = lab.frame.parameters.slice();
      parameters[at] = value;
      lab.setParameters(parameters);
    } });
  return h('label', {}, h('span', {}, label), input);
}
