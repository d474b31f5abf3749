/** The bend slider: one way through the user's own network, layer by layer: W turns and stretches, b shifts, f bends. */
import { passage } from './bend.js';
import { button, h, watchSeen } from './dom.js';
import { paintSegment, paintThings, palette, pointSize, sharp, straightOf, toPixels } from './paint.js';
import { spaceLimits } from './plane.js';
import { scene, stageOf } from './scene.js';

const SECONDS = 2.4; // a layer
const PARTS = 3;
const T = {
  title: { en: 'Bend space by hand', zh: '亲手弯曲空间' },
  slider: { en: 'From the input to the last layer', zh: '从输入到最后一层' },
  play: { en: 'Run through', zh: '播放' },
  stop: { en: 'Stop', zh: '停' },
  input: { en: 'The input. The boundary is a curve here; drag the slider and see it become straight.', zh: '这是输入。分界线在这里是曲线；拖动滑块，看它变直。' },
  straightInput: { en: 'There is no hidden layer, so nothing bends: the boundary is a straight line in the input itself.', zh: '没有隐藏层，什么也不弯：分界线在输入里就是直线。' },
  turn: { en: 'Layer {layer}: the weights W turn and stretch. Straight lines stay straight.', zh: '第 {layer} 层：权重 W 旋转、拉伸。直线还是直线。' },
  shift: { en: 'Layer {layer}: the biases b shift everything.', zh: '第 {layer} 层：偏置 b 整体平移。' },
  bend: { en: 'Layer {layer}: {name} bends. Only here do straight lines become curves.', zh: '第 {layer} 层：{name} 在弯曲。只有这一步能把直线变成曲线。' },
  flat: { en: 'Layer {layer}: {name} bends nothing.', zh: '第 {layer} 层：{name} 什么也不弯。' },
  done: { en: 'Behind layer {layer}.', zh: '第 {layer} 层之后。' },
  end: { en: 'The last space. The same boundary is one straight line now: bending is all that happened.', zh: '最后的空间。同一条分界线现在是一条直线：发生的一切就是弯曲。' },
  cut: { en: '{percent} % of the variance is seen here.', zh: '这里看到了 {percent}% 的方差。' },
  canvas: { en: 'The grid, the points and the boundary on their way through the network.', zh: '网格、数据点和分界线穿过网络的样子。' },
};

/** @param {import('./types').Lab} lab */
export function bendPanel(lab) {
  const canvas = h('canvas', { class: 'bend space', role: 'img', 'aria-label': lab.t(T.canvas) });
  const range = h('input', { type: 'range', min: 0, step: 0.01, 'aria-label': lab.t(T.slider), oninput: () => lab.show({ bend: Number(range.value) }) });
  const said = h('p', { 'aria-live': 'polite' });
  const marks = h('div', { class: 'marks', 'aria-hidden': 'true' });
  const panel = h('section', { class: 'box bending' }, h('h2', {}, lab.t(T.title)), canvas, range, marks);
  /** @type {{key: unknown[], way: any, boxes: any[]}[]} */
  const kept = [];
  let timer = 0;
  const play = button(lab.t(T.play), () => {
    if (timer) return halt();
    run();
  }, { class: 'primary' });
  const halt = () => {
    cancelAnimationFrame(timer);
    timer = 0;
    play.textContent = lab.t(T.play);
  };
  const run = () => {
    const layers = lab.settings.hidden.length, start = performance.now(), from = place(lab) >= layers ? 0 : place(lab);
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    play.textContent = lab.t(T.stop);
    const tick = (/** @type {number} */ now) => {
      const at = Math.min(layers, from + (now - start) / 1000 / SECONDS);
      lab.show({ bend: calm ? Math.floor(at * PARTS) / PARTS : eased(at, layers) });
      if (at < layers && panel.isConnected) timer = requestAnimationFrame(tick);
      else halt();
    };
    timer = requestAnimationFrame(tick);
  };
  const seen = watchSeen(canvas, () => paint());
  const paint = () => {
    if (!seen()) return;
    const layers = lab.settings.hidden.length, at = place(lab);
    if (range.value !== String(at)) range.value = String(at);
    paintMoment(lab, canvas, moment(lab, at, kept));
    const words = sentence(lab, at, layers, kept);
    if (said.textContent !== words) said.textContent = words;
    range.setAttribute('aria-valuetext', words);
  };
  const build = () => {
    const layers = lab.settings.hidden.length;
    range.max = String(layers);
    range.disabled = play.disabled = layers === 0;
    const names = [...Array.from({ length: layers }, () => ['W', 'b', 'f']).flat()];
    marks.replaceChildren(...names.map(name => h('span', {}, name)));
    kept.length = 0;
    paint();
  };
  panel.append(h('div', { class: 'row' }, play), said);
  lab.on('settings', build);
  /** @type {import('./types').LabEvent[]} */ (['frame', 'hover', 'view', 'playing']).forEach(event => lab.on(event, paint));
  build();
  return panel;
}

/** Where the slider stands: at the input, until somebody moves it. @param {import('./types').Lab} lab */
const place = lab => Math.max(0, Math.min(lab.settings.hidden.length, lab.view.bend ?? 0));

/** A little rest at each part. @param {number} at @param {number} most */
function eased(at, most) {
  const part = Math.min(Math.floor(at * PARTS), most * PARTS - 1), share = at * PARTS - part;
  return Number(((part + share * share * (3 - 2 * share)) / PARTS).toFixed(3));
}

/** @param {import('./types').Lab} lab @param {number} layer @param {{key: unknown[], way: any, boxes: any[]}[]} kept */
function wayThrough(lab, layer, kept) {
  const now = scene(lab), key = [lab.frame.parameters, now, layer];
  if (kept[layer]?.key.every((part, i) => part === key[i])) return kept[layer];
  const from = layer ? now.spaces[layer - 1].view : now.input.view;
  const options = { views: /** @type {any} */ ([from, now.spaces[layer].view]), samples: lab.playing ? 41 : 121, boundary: { curves: now.input.boundary, exact: now.input.boundary.map(() => true) } };
  const way = passage(stageOf(lab), lab.network, lab.frame.parameters, layer, options);
  const boxes = [0, 1, 2, 3].map(part => {
    const seen = part === 3 ? way.during('bend', 1) : way.at(part / PARTS);
    return spaceLimits(seen.points, seen.grid);
  });
  boxes[0] = layer ? boxes[0] : now.input.limits;
  boxes[3] = now.spaces[layer].limits;
  kept[layer] = { key, way, boxes };
  return kept[layer];
}

/** What is seen at a place of the slider, and the box around it. @param {import('./types').Lab} lab @param {number} at @param {any[]} kept */
function moment(lab, at, kept) {
  const now = scene(lab), layers = lab.settings.hidden.length;
  if (at <= 0) return { ...now.input, limits: now.input.limits };
  if (at >= layers) return now.spaces[layers - 1];
  const layer = Math.floor(at), { way, boxes } = wayThrough(lab, layer, kept);
  const t = at - layer, part = Math.min(2, Math.floor(PARTS * t)), share = PARTS * t - part;
  const limits = boxes[part].map((/** @type {number} */ side, /** @type {number} */ i) => side + share * (boxes[part + 1][i] - side));
  const seen = way.at(t);
  return { ...seen, boundary: seen.curves, limits };
}

/** @param {import('./types').Lab} lab @param {HTMLCanvasElement} canvas @param {any} space */
function paintMoment(lab, canvas, space) {
  const side = canvas.clientWidth || 360, ctx = sharp(canvas, side, side), colours = palette(canvas);
  ctx.fillStyle = colours.paper;
  ctx.fillRect(0, 0, side, side);
  const map = toPixels(space.limits, side, side);
  paintThings(ctx, { ...space, lines: [], levels: [] }, lab, map, colours, pointSize(side, lab.data.n));
  straightOf(space).forEach(line => paintSegment(ctx, line, map, colours, lab.data.task === 'regression'));
}

/** @param {import('./types').Lab} lab @param {number} at @param {number} layers @param {any[]} kept */
function sentence(lab, at, layers, kept) {
  if (!layers) return lab.t(T.straightInput);
  if (at <= 0) return lab.t(T.input);
  if (at >= layers) return lab.t(T.end);
  const layer = Math.floor(at), t = at - layer;
  if (t === 0) return lab.t(T.done, { layer });
  const name = lab.settings.activations[layer];
  const part = /** @type {const} */ (['turn', 'shift', 'bend'])[Math.min(2, Math.floor(PARTS * t))];
  const shares = kept[layer]?.way.shares ?? [1, 1], share = part === 'bend' ? shares[1] : shares[0];
  const words = lab.t(part === 'bend' && name === 'identity' ? T.flat : T[part], { layer: layer + 1, name });
  return share > 0.995 ? words : `${words} ${lab.t(T.cut, { percent: Math.round(100 * share) })}`;
}
