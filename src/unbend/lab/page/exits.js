/** The panel of the exits: link, recording, offline page, pictures, films, and code for other libraries. */
import { kerasCode, pythonLine, pytorchCode, sklearnCode } from './code.js';
import { button, h } from './dom.js';
import { gif } from './gif.js';
import { readRecording, writeRecording } from './recording-file.js';
import { encodeState } from './state.js';
import { svgContext } from './svg.js';

const MOST_PICTURES = 120;
const LARGEST_FILE = 1e8;
const MOST_POINTS = 2000; // that a link holds

const T = {
  title: { en: 'Save and share', zh: '保存与分享' },
  link: { en: 'Copy link', zh: '复制链接' },
  weights: { en: 'with these weights', zh: '包含当前权重' },
  copied: { en: 'Copied.', zh: '已复制。' },
  byHand: { en: 'The browser does not let the page copy; select the text below and copy it.', zh: '浏览器不允许自动复制；请选中下面的文字自行复制。' },
  tooMany: { en: 'A link holds up to {most} points of your own, these are {n}; save the run as .unbend instead.', zh: '链接最多容纳 {most} 个自己的数据点，现在有 {n} 个；请改为保存 .unbend 文件。' },
  save: { en: 'Save .unbend', zh: '保存 .unbend' },
  open: { en: 'Open .unbend…', zh: '打开 .unbend…' },
  drop: { en: 'A .unbend file can also be dropped here; Python reads it with ub.load.', zh: '也可以把 .unbend 文件拖到这里；在 Python 中用 ub.load 读取。' },
  opened: { en: 'Opened {name}: {frames} kept epochs. A recording holds the training rows alone.', zh: '已打开 {name}：保留了 {frames} 个轮次。文件里只有训练数据。' },
  large: { en: '{name} is larger than 100 MB; keep fewer epochs.', zh: '{name} 超过 100 MB；请保留较少的轮次。' },
  page: { en: 'Offline page', zh: '离线网页' },
  film: { en: 'Film', zh: '视频' },
  working: { en: 'The film is being made: {done} of {all}', zh: '正在制作影片：{done}/{all}' },
  changed: { en: 'The network has changed while the film was made; start the film again.', zh: '制作影片时网络被改动了；请重新制作。' },
  noFilm: { en: 'This browser cannot record films; take the GIF.', zh: '这个浏览器不能录制视频；请使用 GIF。' },
  code: { en: 'As code', zh: '导出为代码' },
  copy: { en: 'Copy', zh: '复制' },
  text: { en: 'The text to be copied', zh: '可复制的文字' },
};
/** @type {[string, (lab: import('./types').Lab) => string][]} */
const CODES = [['Python', pythonLine], ['PyTorch', pytorchCode], ['Keras', kerasCode], ['scikit-learn', sklearnCode]];

/** @typedef {(ctx: CanvasRenderingContext2D, width: number, height: number, frame: import('./types').Frame) => void} Picture */

/**
 * @param {import('./types').Lab} lab
 * @param {Picture} picture
 */
export function exitsPanel(lab, picture) {
  const status = h('p', { class: 'quiet', 'aria-live': 'polite' });
  const text = h('pre', { tabindex: 0, role: 'region', 'aria-label': lab.t(T.text) });
  const shown = h('div', { hidden: true }, text);
  const weights = h('input', { type: 'checkbox' });
  const files = h('input', { type: 'file', accept: '.unbend', hidden: true, onchange: () => act(() => openFile(lab, files)) });
  const act = (/** @type {() => unknown} */ work) => attempt(lab, work);
  const save = (/** @type {string} */ text, /** @type {string} */ ending, /** @type {() => any} */ make, type = '') =>
    button(text, () => act(async () => lab.host.save(fileName(lab, ending), new Blob([await make()], { type }))));
  const show = (/** @type {string} */ content) => {
    text.textContent = content;
    shown.hidden = false;
  };
  const copy = async (/** @type {string} */ content) => {
    try {
      await navigator.clipboard.writeText(content);
      lab.say(lab.t(T.copied));
    } catch {
      show(content);
      getSelection()?.selectAllChildren(text);
      lab.say(lab.t(T.byHand));
    }
  };
  shown.prepend(button(lab.t(T.copy), () => copy(text.textContent ?? ''), { class: 'small' }));
  const codes = CODES.map(([name, code]) => button(name, () => act(() => show(code(lab)))));
  const film = (/** @type {typeof webm | typeof animation} */ make) => act(() => filmed(lab, status, section, picture, make));
  const section = h('section', { class: 'box exits', 'aria-label': lab.t(T.title) }, h('h2', {}, lab.t(T.title)),
    lab.host.kind !== 'notebook' && h('div', { class: 'row' }, button(lab.t(T.link), () => act(() => copy(linkOf(lab, weights.checked)))), h('label', { class: 'check' }, weights, lab.t(T.weights))),
    h('div', { class: 'row' }, save(lab.t(T.save), 'unbend', () => writeRecording(lab)),
      button(lab.t(T.open), () => files.click()), files,
      lab.host.kind !== 'notebook' && save(lab.t(T.page), 'html', () => offline(lab), 'text/html')),
    h('div', { class: 'row' }, save('PNG', 'png', () => png(lab, picture), 'image/png'), save('SVG', 'svg', () => svg(lab, picture), 'image/svg+xml'),
      button('GIF', () => film(animation)), button(lab.t(T.film), () => film(webm))),
    h('div', { class: 'row' }, h('span', { class: 'quiet' }, lab.t(T.code)), ...codes), shown, status, h('p', { class: 'quiet' }, lab.t(T.drop)));
  section.addEventListener('dragover', event => event.preventDefault());
  section.addEventListener('drop', event => {
    event.preventDefault();
    act(() => openFile(lab, event.dataTransfer));
  });
  return section;
}

/** What fails is said in one sentence. @param {import('./types').Lab} lab @param {() => unknown} work */
async function attempt(lab, work) {
  try {
    await work();
  } catch (fault) {
    const { said, message } = /** @type {any} */ (fault);
    lab.say(said ? lab.t(said) : message, 'fault');
  }
}

/** @param {import('./types').Lab} lab @param {string} ending */
const fileName = (lab, ending) => `unbend-${lab.data.name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 40)}-${lab.frame.epoch}.${ending}`;

/** @param {import('./types').Lab} lab @param {boolean} weights */
const stateOf = ({ settings, view, options, language, frame }, weights) => encodeState({ settings, view, options, language, ...(weights ? { parameters: frame.parameters, epoch: frame.epoch } : {}) });

/** The address that opens what is seen. @param {import('./types').Lab} lab @param {boolean} weights */
function linkOf(lab, weights) {
  const { name, own } = lab.settings.data, n = own?.x.length ?? 0;
  if (name === 'own' && n > MOST_POINTS) throw new Error(lab.t(T.tooMany, { most: MOST_POINTS, n }));
  return `${location.href.split('#')[0]}#${stateOf(lab, weights)}`;
}

/** The page itself with its present state and weights, without a server. @param {import('./types').Lab} lab */
function offline(lab) {
  linkOf(lab, false);
  const state = JSON.stringify({ state: stateOf(lab, true), language: lab.language, ask: null }).replaceAll('<', '\\u003c');
  const page = (lab.host.pageText() ?? '').replace(/<body[^>]*>/, '<body>').replace(/(id="state">)[^<]*/, (_, start) => start + state).replace(/(id="recording">)[^<]*/, '$1null');
  return `<!doctype html>\n${page.replace(/^<!doctype[^>]*>\s*/i, '')}\n`;
}

/** @param {import('./types').Lab} lab @param {{files: FileList | null} | null} given */
async function openFile(lab, given) {
  const file = given?.files?.[0];
  if (!file) return;
  if (file.size > LARGEST_FILE) throw new Error(lab.t(T.large, { name: file.name }));
  const { settings, frames } = readRecording(new Uint8Array(await file.arrayBuffer()));
  if (given instanceof HTMLInputElement) given.value = '';
  lab.open(settings, frames);
  lab.say(lab.t(T.opened, { name: file.name, frames: frames.length }));
}

/** The sides of a picture: the output alone, or the last space beside it. @param {import('./types').Lab} lab @param {number} side */
const sizeOf = (lab, side) => [lab.network.activations.length ? 2 * side : side, side];

/** A canvas for pictures, with so many pixels for each unit, and its painter. @param {import('./types').Lab} lab @param {number} side @param {Picture} picture @param {number} sharpness */
function easel(lab, side, picture, sharpness = 1) {
  const [width, height] = sizeOf(lab, side), canvas = h('canvas', { width: sharpness * width, height: sharpness * height });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  ctx.scale(sharpness, sharpness);
  return { canvas, width, height, ctx, draw: (/** @type {import('./types').Frame} */ frame) => picture(ctx, width, height, frame) };
}

/** @param {import('./types').Lab} lab @param {Picture} picture @returns {Promise<Blob>} */
function png(lab, picture) {
  const { canvas, draw } = easel(lab, 400, picture, 3);
  draw(lab.frame);
  return new Promise((resolve, reject) => canvas.toBlob(blob => blob ? resolve(blob) : reject(new Error('PNG')), 'image/png'));
}

/** @param {import('./types').Lab} lab @param {Picture} picture */
function svg(lab, picture) {
  const [width, height] = sizeOf(lab, 400), ctx = svgContext(width, height);
  picture(ctx, width, height, lab.frame);
  return ctx.svg();
}

/** @param {number} milliseconds */
const pause = milliseconds => new Promise(resolve => { setTimeout(resolve, milliseconds); });

/**
 * A film through the kept frames, made while the page can still be used.
 * @param {import('./types').Lab} lab
 * @param {HTMLElement} status
 * @param {HTMLElement} section
 * @param {Picture} picture
 * @param {typeof webm | typeof animation} make
 */
async function filmed(lab, status, section, picture, make) {
  if (lab.playing) lab.pause();
  const { network, frames: all } = lab, count = Math.min(MOST_PICTURES, all.length);
  const frames = Array.from({ length: count }, (_, i) => all[count > 1 ? Math.round(i * (all.length - 1) / (count - 1)) : 0]);
  const buttons = [...section.querySelectorAll('button')];
  /** @param {number} done */
  const told = done => {
    if (lab.network !== network) throw new Error(lab.t(T.changed));
    status.textContent = lab.t(T.working, { done: done + 1, all: count });
  };
  buttons.forEach(one => { one.disabled = true; });
  try {
    const { blob, ending } = await make(lab, picture, frames, told);
    lab.host.save(fileName(lab, ending), blob);
  } finally {
    buttons.forEach(one => { one.disabled = false; });
    status.textContent = '';
  }
}

/** @param {import('./types').Lab} lab @param {Picture} picture @param {import('./types').Frame[]} frames @param {(done: number) => void} told */
async function animation(lab, picture, frames, told) {
  const { ctx, width, height, draw } = easel(lab, 320, picture);
  const last = frames.length - 1;
  const blob = await gif(width, height, frames.length, async i => {
    await pause(0);
    told(i);
    draw(frames[i]);
    return ctx.getImageData(0, 0, width, height).data;
  }, i => i === last ? 200 : 8);
  return { blob, ending: 'gif' };
}

/** @param {import('./types').Lab} lab @param {Picture} picture @param {import('./types').Frame[]} frames @param {(done: number) => void} told */
async function webm(lab, picture, frames, told) {
  const { canvas, draw } = easel(lab, 480, picture);
  const type = typeof MediaRecorder === 'undefined' ? undefined : ['video/webm', 'video/mp4'].find(one => MediaRecorder.isTypeSupported(one));
  if (!type || !canvas.captureStream) throw new Error(lab.t(T.noFilm));
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type, videoBitsPerSecond: 4e6 }), chunks = /** @type {Blob[]} */ ([]);
  recorder.ondataavailable = event => chunks.push(event.data);
  const ended = new Promise(resolve => { recorder.onstop = resolve; });
  recorder.start();
  try {
    for (const [i, frame] of [...frames, ...Array(12).fill(frames[frames.length - 1])].entries()) {
      told(Math.min(i, frames.length - 1));
      draw(frame);
      await pause(80);
    }
  } finally {
    recorder.stop();
  }
  await ended;
  return { blob: new Blob(chunks, { type }), ending: type.slice(6) };
}
