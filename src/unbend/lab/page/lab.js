/** The entry of the page: one `render` for a notebook, a file and the local server; and `work` for the worker. */
import { button, h } from './dom.js';
import { buildPage } from './page.js';
import { readRecording } from './recording-file.js';
import { makeLab } from './run.js';
import { scene } from './scene.js';
import { decodeState, encodeState, UNFIT } from './state.js';
import { STYLE } from './style.js';
import { work as runWorker } from './worker.js';

const T = {
  close: { en: 'Close', zh: '关闭' },
};

/** The worker's side of the linked script. */
export function work() {
  runWorker();
}

/**
 * The page inside an element; the anywidget contract. The model may give `state` (as in the URL), `recording` (bytes
 * of a .unbend file) and `language`.
 * @param {{model: {get: (name: string) => any, set: (name: string, value: any) => void, save_changes: () => void}, el: HTMLElement}} place
 * @param {Partial<import('./types').Host>} [host]
 */
export function render({ model, el }, host = {}) {
  const state = decodeState(String(model.get('state') ?? ''));
  const language = state.language ?? (model.get('language') === 'zh' ? 'zh' : 'en');
  const lab = makeLab({
    kind: 'notebook', save: download, ask: null, pageText: () => null,
    setState(text) {
      model.set('state', text);
      model.save_changes();
    },
    ...host,
  }, { ...state, language });
  const root = h('div', { class: 'lab', lang: language });
  for (const event of ['dragover', 'drop']) root.addEventListener(event, one => one.preventDefault()); // a file beside its place must not take the page away
  const notices = h('div', { class: 'notices', role: 'status' });
  el.setAttribute('data-lm-suppress-shortcuts', 'true'); // keys typed here are no commands of JupyterLab
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];
  shadow.replaceChildren(root);
  lab.say = (/** @type {string} */ text, kind = 'note') => notice(lab, notices, text, kind);
  lab.rebuild = () => {
    lab.forgetListeners();
    root.setAttribute('lang', lab.language === 'zh' ? 'zh-CN' : 'en');
    root.replaceChildren(...buildPage(lab, root, notices));
    keepState(lab);
    if (built) lab.host.setState(encodeState(lab));
    built = true;
  };
  let built = false;
  lab.rebuild();
  openGiven(lab, model.get('recording'));
  state.faults.forEach((/** @type {import('./types').Text} */ fault) => lab.say(lab.t(fault), 'fault'));
  if (state.parameters) takeWeights(lab, state.parameters, state.epoch ?? 0);
  const page = /** @type {any} */ (window), shown = facade(lab);
  page.lab = shown;
  return () => {
    lab.close();
    shadow.replaceChildren();
    if (page.lab === shown) delete page.lab;
  };
}

/**
 * The page of a file or of the local server: what it shows stands in the page and in the URL.
 * @param {HTMLElement} el
 */
export function open(el) {
  const given = (/** @type {string} */ id) => JSON.parse(document.getElementById(id)?.textContent || 'null');
  const page = given('state') ?? {};
  /** @type {Record<string, any>} */
  const values = { state: location.hash.slice(1) || page.state || '', language: page.language ?? (navigator.language.startsWith('zh') ? 'zh' : 'en') };
  const bytes = given('recording');
  if (bytes) values.recording = Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0));
  const host = /** @type {import('./types').Host} */ ({
    kind: page.ask ? 'server' : 'file', save: download,
    setState: text => history.replaceState(null, '', `#${text}`),
    ask: page.ask ? (what, body) => ask(page.ask, what, body) : null,
    pageText: () => document.documentElement.outerHTML,
  });
  document.body.style.setProperty('margin', '0');
  let close = () => {};
  const show = () => { close = render({ model: { get: name => values[name], set() {}, save_changes() {} }, el }, host); };
  window.addEventListener('hashchange', () => {
    values.state = location.hash.slice(1);
    delete values.recording; // the address says what is to be shown
    close();
    show();
  });
  show();
}

/** The weights of an address, at the epoch it names. @param {any} lab @param {import('./types').Floats} parameters @param {number} epoch */
function takeWeights(lab, parameters, epoch) {
  const { settings: { batch_size: batch }, data: { n }, network } = lab;
  if (parameters.length !== network.parameterCount) return lab.say(lab.t(UNFIT), 'fault');
  lab.open(lab.settings, [{ epoch, step: epoch * Math.ceil(n / (batch ?? n)), parameters, loss: NaN, testLoss: NaN }]);
}

/** @param {any} lab @param {ArrayLike<number> | DataView | null | undefined} given */
function openGiven(lab, given) {
  if (!given) return;
  const bytes = ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : Uint8Array.from(given);
  if (!bytes.length) return;
  try {
    const { settings, frames } = readRecording(bytes);
    lab.open(settings, frames);
  } catch (fault) {
    const { said, message } = /** @type {any} */ (fault);
    lab.say(said ? lab.t(said) : message, 'fault');
  }
}

/** The state follows into the URL, at most twice a second. @param {any} lab */
function keepState(lab) {
  let waiting = 0;
  const later = () => {
    if (waiting) return;
    waiting = window.setTimeout(() => {
      waiting = 0;
      if (!lab.closed) lab.host.setState(encodeState(lab));
    }, 500);
  };
  lab.on('settings', later);
  lab.on('view', later);
}

/** @param {any} lab @param {HTMLElement} notices @param {string} text @param {string} kind */
function notice(lab, notices, text, kind) {
  const line = h('div', { class: `notice ${kind}`, role: kind === 'fault' ? 'alert' : null }, h('span', {}, text),
    button('×', () => line.remove(), { class: 'small', 'aria-label': lab.t(T.close) }));
  while (notices.children.length > 2) notices.firstChild?.remove();
  notices.append(line);
  if (kind !== 'fault') setTimeout(() => line.remove(), 6000);
}

/** What a test, a teacher's script or a console may ask: plain JSON. @param {any} lab */
function facade(lab) {
  return {
    state: () => ({
      epoch: lab.frame.epoch, step: lab.frame.step, loss: lab.frame.loss, accuracy: lab.frame.metric, testLoss: lab.frame.testLoss,
      testAccuracy: lab.frame.testMetric, weights: Array.from(lab.frame.parameters), language: lab.language, data: lab.data.name,
      settings: JSON.parse(JSON.stringify(lab.settings)), view: { ...lab.view }, playing: lab.playing, frames: lab.frames.length,
      lastEpoch: lab.frames[lab.frames.length - 1].epoch, pictures: lab.pictures, epochsPerSecond: lab.speed.epochsPerSecond,
      divergedAt: lab.divergedAt, hover: lab.hover, ready: lab.ready,
    }),
    spaces: () => seenSpaces(lab),
    seek: (/** @type {number} */ epoch) => lab.seek(epoch),
    play: () => lab.play(),
    pause: () => lab.pause(),
    step: (/** @type {any} */ what) => lab.step(what),
    change: (/** @type {any} */ changes) => lab.change(changes),
    show: (/** @type {any} */ changes) => lab.show(changes),
  };
}

/** The spaces as they are drawn, in plain numbers. @param {any} lab */
function seenSpaces(lab) {
  const { input, output, spaces } = scene(lab);
  const plain = (/** @type {any} */ space) => ({
    points: [...space.points], lines: space.lines ?? [], limits: [...space.limits], y: [...lab.data.y],
    boundary: (space.boundary ?? []).map((/** @type {any} */ curve) => [...curve]), exact: space.view.exact, folds: space.folds?.length ?? 0,
  });
  return { input: plain(input), output: plain(output), layers: spaces.map(plain) };
}

/** @param {string} name @param {Blob} content */
function download(name, content) {
  const address = URL.createObjectURL(content);
  h('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** @param {string} address @param {string} what @param {unknown} body */
async function ask(address, what, body) {
  const answer = await fetch(`${address}${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  return answer.json();
}
