/** The page: which panel stands where. */
import { bendPanel } from './bend-panel.js';
import { cardPanel } from './card.js';
import { dataPanel } from './data-panel.js';
import { button, choice, h } from './dom.js';
import { exitsPanel } from './exits.js';
import { lampPanel } from './lamp.js';
import { lessonPanel } from './lessons.js';
import { netPanel } from './net-panel.js';
import { outputPanel, picture } from './output.js';
import { racePanel } from './race.js';
import { stripPanel } from './strip.js';
import { timelinePanel } from './timeline.js';

const T = {
  title: { en: 'unbend lab', zh: 'unbend 实验室' },
  lead: { en: 'Layer by layer a network bends space until one straight line parts the classes.', zh: '网络一层一层弯曲空间，直到一条直线就能把两类分开。' },
  theme: { en: 'Colours', zh: '配色' },
  auto: { en: 'as the system', zh: '跟随系统' },
  light: { en: 'light', zh: '浅色' },
  dark: { en: 'dark', zh: '深色' },
  failed: { en: 'This part could not be shown: {fault}', zh: '这一部分无法显示：{fault}' },
};

/**
 * Everything on the page, built anew for each language.
 * @param {any} lab
 * @param {HTMLElement} root
 * @param {HTMLElement} notices
 * @returns {HTMLElement[]}
 */
export function buildPage(lab, root, notices) {
  const hide = new Set(lab.options.hide);
  const part = (/** @type {string} */ name, /** @type {(lab: any) => HTMLElement} */ make) => hide.has(name) ? null : guarded(lab, make);
  const setTheme = () => root.setAttribute('data-theme', lab.view.theme);
  lab.on('view', setTheme);
  setTheme();
  lab.ready = false;
  const place = lab.host.kind === 'notebook' ? root : document; // a notebook has keys of its own
  place.onkeydown = event => onKey(lab, event);
  const main = h('div', { class: 'main' }, part('data', dataPanel), part('net', netPanel), part('output', outputPanel));
  const below = h('div', { class: 'below' });
  afterPaint(() => {
    if (lab.closed || below.parentElement?.parentElement !== root) return; // built anew in the meantime
    const exits = (/** @type {any} */ inner) => exitsPanel(inner, (ctx, width, height, frame) => picture(inner, ctx, width, height, frame));
    below.append(...[part('bend', bendPanel), part('card', cardPanel), part('exits', exits), part('race', racePanel)].filter(panel => panel !== null));
    lab.ready = true;
    lab.show({});
  });
  const rows = [
    hide.has('head') ? null : header(lab, root),
    part('strip', stripPanel),
    notices,
    h('main', {}, h('div', { class: 'top' }, part('lessons', lessonPanel), part('lamp', lampPanel)), main, part('timeline', timelinePanel), below),
  ];
  return /** @type {HTMLElement[]} */ (rows.filter(row => row !== null));
}

/** What stands further down is built when the first picture is on the screen. @param {() => void} build */
function afterPaint(build) {
  if (document.hidden) setTimeout(build, 0);
  else requestAnimationFrame(() => setTimeout(build, 0));
}

/** @param {any} lab @param {HTMLElement} root */
function header(lab, root) {
  const themes = /** @type {[string, string][]} */ (['auto', 'light', 'dark'].map(name => [name, lab.t(T[/** @type {'auto'} */ (name)])]));
  const other = lab.language === 'zh' ? 'en' : 'zh';
  return h('header', {},
    h('h1', {}, lab.t(T.title)), h('p', {}, lab.t(T.lead)),
    h('div', { class: 'row' },
      choice(lab.t(T.theme), themes, lab.view.theme, value => lab.show({ theme: value })),
      button(other === 'zh' ? '中文' : 'English', () => {
        lab.setLanguage(other);
        /** @type {HTMLElement | null} */ (root.querySelector('.language'))?.focus();
      }, { class: 'language', lang: other === 'zh' ? 'zh-CN' : 'en' })));
}

/** One panel that fails must not take the page with it. @param {any} lab @param {(lab: any) => HTMLElement} make */
function guarded(lab, make) {
  try {
    return make(lab);
  } catch (fault) {
    console.error(fault);
    return h('section', { class: 'box' }, lab.t(T.failed, { fault: /** @type {Error} */ (fault).message }));
  }
}

/** Space plays, full stop steps, R starts again; not while something is typed. @param {any} lab @param {KeyboardEvent} event */
function onKey(lab, event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT|BUTTON|SUMMARY)$/.test(target.tagName)) return;
  if (event.key === ' ') {
    event.preventDefault();
    if (lab.playing) lab.pause();
    else lab.play();
  } else if (event.key === '.') lab.step('epoch');
  else if (event.key === 'r') lab.reset();
}
