/** Elements without HTML text: nothing that comes from data is ever parsed as markup. */

/**
 * An element with attributes, listeners (`onclick: f`) and children; strings become text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A choice from a list, with its label: `<label>text <select>`.
 * @param {string} label
 * @param {[value: string, text: string][]} options
 * @param {string} chosen
 * @param {(value: string) => void} onChange
 */
export function choice(label, options, chosen, onChange) {
  const select = h('select', { 'aria-label': label, onchange: () => onChange(select.value) },
    ...options.map(([value, text]) => h('option', { value, selected: value === chosen }, text)));
  return h('label', { class: 'field' }, h('span', {}, label), select);
}

/**
 * A button with a text; `attributes` as for h.
 * @param {string} text
 * @param {(event: Event) => void} onClick
 * @param {Record<string, any>} [attributes]
 */
export function button(text, onClick, attributes = {}) {
  return h('button', { type: 'button', onclick: onClick, ...attributes }, text);
}

/**
 * Asks whether an element is on the screen; what is not need not be painted. `onSeen` is called when it comes into view.
 * @param {Element} element
 * @param {() => void} onSeen
 */
export function watchSeen(element, onSeen) {
  if (typeof IntersectionObserver === 'undefined') return () => true;
  let seen = false;
  new IntersectionObserver(entries => {
    const before = seen;
    seen = entries[entries.length - 1].isIntersecting;
    if (seen && !before) onSeen();
  }).observe(element);
  return () => seen;
}
