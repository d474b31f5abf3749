/** The bend slider: one way through the user's own network, layer by layer: W turns and stretches, b shifts, f bends. */
import { passage } from './bend.js';
import { button, h, watchSeen } from './dom.js';
import { layerView, straightIn } from './geometry.js';
import { paintAxes, paintThings, palette, pointSize, sharp, toPixels } from './paint.js';
import { spaceLimits } from './plane.js';
import { followPointer } from './pointer.js';
import { scene, stageOf, steady } from './scene.js';

const SECONDS = 2.4; // a layer
const PARTS = 3;
const VIEWS = 12; // places of a layer whose boxes are known; between them the box moves evenly
const T = {
  title: { en: 'Bend space by hand', zh: '亲手弯曲空间' },
  slider: { en: 'From the input to the last layer', zh: '从输入到最后一层' },
  play: { en: 'Run through', zh: '播放' },
  stop: { en: 'Stop', zh: '停' },
  fit: { en: 'Fit', zh: '适应画面' },
  fitTitle: { en: 'The axes stand still while the network learns; fit them to what is there now', zh: '训练时坐标轴保持不动；点此按现在的内容重新适应' },
  input: { en: 'The input. The boundary is a curve here; drag the slider and see it become straight.', zh: '这是输入。分界线在这里是曲线；拖动滑块，看它变直。' },
  levels: { en: 'The input. The curves are places of equal prediction; drag the slider and see them become straight.', zh: '这是输入。曲线上的预测值处处相等；拖动滑块，看它们变直。' },
  features: { en: 'The input, seen through the chosen features: they bend the plane before the network does.', zh: '这是透过所选特征看到的输入：网络还没动，特征已经把平面弯了。' },
  nothing: { en: 'There is no hidden layer, so nothing bends.', zh: '没有隐藏层，什么也不弯。' },
  turn: { en: 'Layer {layer}: the weights W turn and stretch. Straight lines stay straight.', zh: '第 {layer} 层：权重 W 旋转、拉伸。直线还是直线。' },
  over: { en: 'On the way the sheet is turned over: the determinant of W is negative.', zh: '途中这张面翻了过来：W 的行列式为负。' },
  shift: { en: 'Layer {layer}: the biases b shift everything.', zh: '第 {layer} 层：偏置 b 整体平移。' },
  bend: { en: 'Layer {layer}: {name} bends. Only here do straight lines become curves.', zh: '第 {layer} 层：{name} 在弯曲。只有这一步能把直线变成曲线。' },
  flat: { en: 'Layer {layer}: {name} bends nothing.', zh: '第 {layer} 层：{name} 什么也不弯。' },
  done: { en: 'Behind layer {layer}.', zh: '第 {layer} 层之后。' },
  end: { en: 'The last space. The same boundary is one straight line now.', zh: '最后的空间。同一条分界线现在是一条直线。' },
  ends: { en: 'The last space. The same boundaries are straight lines now.', zh: '最后的空间。同样的分界线现在都是直线。' },
  endLevels: { en: 'The last space. The places of equal prediction are parallel straight lines now.', zh: '最后的空间。预测值相等的地方现在是平行的直线。' },
  endHidden: { en: 'The last space. It has more directions that matter than a plane can hold, so no line is drawn.', zh: '最后的空间。重要的方向比平面能容下的多，所以没有画线。' },
  endAway: { en: 'The last space. The straight boundary lies outside of what is seen: here all points are on one side.', zh: '最后的空间。直的分界线在画面之外：这里所有的点都在同一侧。' },
  cut: { en: '{percent} % of the variance is seen here.', zh: '这里看到了 {percent}% 的方差。' },
  canvas: { en: 'The grid, the points and the boundary on their way through the network.', zh: '网格、数据点和分界线穿过网络的样子。' },
};

/** @typedef {import('./types').Lab} Lab */
/** @typedef {import('./types').Box} Box */
/** @typedef {{key: unknown[], way: ReturnType<typeof passage>, boxes: Box[]}} Way */
/** @typedef {{ways: Way[], limits: Map<string, Box>, last: any}} Kept what is known of the passages, and the boxes that stand still */

/** @param {Lab} lab */
export function bendPanel(lab) {
  const canvas = h('canvas', { class: 'bend space', role: 'img', 'aria-label': lab.t(T.canvas) });
  const range = h('input', { type: 'range', min: 0, step: 0.01, 'aria-label': lab.t(T.slider), oninput: () => {
    player.halt();
    lab.show({ bend: Number(range.value) });
  } });
  const said = h('p', { 'aria-live': 'polite' });
  const marks = h('div', { class: 'marks', 'aria-hidden': 'true' });
  const play = button(lab.t(T.play), () => player.toggle(), { class: 'primary' });
  /** @type {Kept} */
  const kept = { ways: [], limits: new Map(), last: null };
  const fit = () => {
    kept.limits.clear();
    kept.ways.length = 0;
    paint();
  };
  const panel = h('section', { class: 'box bending' }, h('h2', {}, lab.t(T.title)), canvas, range, marks,
    h('div', { class: 'row' }, play, button(lab.t(T.fit), fit, { title: lab.t(T.fitTitle) })), said);
  const player = playerOf(lab, panel, play);
  const seen = watchSeen(canvas, () => paint());
  const paint = () => {
    if (!seen()) return;
    const at = place(lab);
    if (range.value !== String(at)) range.value = String(at);
    kept.last = moment(lab, at, kept);
    paintMoment(lab, canvas, kept.last);
    const words = sentence(lab, at, kept);
    if (said.textContent !== words) said.textContent = words;
    range.setAttribute('aria-valuetext', words);
  };
  const build = () => {
    const layers = lab.settings.hidden.length;
    range.max = String(layers);
    range.disabled = play.disabled = layers === 0;
    marks.replaceChildren(...lab.settings.hidden.flatMap(() => ['W', 'b', 'f']).map(name => h('span', {}, name)));
    fit();
  };
  followPointer(lab, canvas, () => ({ ...kept.last, isInput: false }));
  lab.on('settings', build);
  lab.on('data', fit);
  /** @type {import('./types').LabEvent[]} */ (['frame', 'hover', 'view', 'playing']).forEach(event => lab.on(event, paint));
  if (typeof ResizeObserver !== 'undefined') new ResizeObserver(paint).observe(canvas);
  build();
  return panel;
}

/** Where the slider stands: at the input, until somebody moves it. @param {Lab} lab */
const place = lab => Math.max(0, Math.min(lab.settings.hidden.length, lab.view.bend ?? 0));

/**
 * Runs from where the slider stands to the end; who wants less motion sees the parts one after another.
 * @param {Lab} lab
 * @param {HTMLElement} panel
 * @param {HTMLButtonElement} play
 */
function playerOf(lab, panel, play) {
  let timer = 0;
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
      const at = Math.min(layers, from + Math.max(0, now - start) / 1000 / SECONDS);
      const bend = calm ? Math.floor(at * PARTS) / PARTS : eased(at, layers);
      if (bend !== lab.view.bend) lab.show({ bend });
      if (at < layers && panel.isConnected) timer = requestAnimationFrame(tick);
      else halt();
    };
    timer = requestAnimationFrame(tick);
  };
  return { halt: () => { if (timer) halt(); }, toggle: () => timer ? halt() : run() };
}

/** A little rest at each part. @param {number} at @param {number} most */
function eased(at, most) {
  const part = Math.min(Math.floor(at * PARTS), most * PARTS - 1), share = at * PARTS - part;
  return Number(((part + share * share * (3 - 2 * share)) / PARTS).toFixed(3));
}

/** The passage through a layer of the shown frame, and the boxes on the way. @param {Lab} lab @param {number} layer @param {Kept} kept */
function wayThrough(lab, layer, kept) {
  const { network, frame: { parameters } } = lab, now = scene(lab), stage = stageOf(lab), key = [parameters, now];
  if (kept.ways[layer]?.key.every((part, i) => part === key[i])) return kept.ways[layer];
  const from = layer ? now.spaces[layer - 1].view : layerView(stage, network, parameters, -1);
  const way = passage(stage, network, parameters, layer, {
    views: [from, now.spaces[layer].view], samples: lab.playing ? 41 : 121, boundary: { curves: now.input.boundary, exact: now.input.exact },
  });
  const boxes = Array.from({ length: VIEWS + 1 }, (_, i) => {
    const { points, grid } = way.at(i / VIEWS);
    return steady(kept.limits, `${layer} ${i}`, squareBox(spaceLimits(points, grid)));
  });
  return kept.ways[layer] = { key, way, boxes };
}

/** The least square around a box: a turn is only seen as one where a unit is as long up as across. @param {Box} box @returns {Box} */
function squareBox([left, right, bottom, top]) {
  const x = (left + right) / 2, y = (bottom + top) / 2, half = Math.max(right - left, top - bottom) / 2;
  return [x - half, x + half, y - half, y + half];
}

/** What is seen at a place of the slider, and the box around it. @param {Lab} lab @param {number} at @param {Kept} kept */
function moment(lab, at, kept) {
  const layers = lab.settings.hidden.length, layer = Math.min(Math.floor(at), layers - 1);
  if (!layers) return { ...scene(lab).input, limits: squareBox(scene(lab).input.limits) };
  const { way, boxes } = wayThrough(lab, layer, kept), t = at - layer;
  const seen = way.at(t);
  const from = Math.min(Math.floor(VIEWS * t), VIEWS - 1), share = VIEWS * t - from;
  const limits = /** @type {Box} */ (boxes[from].map((side, i) => side + share * (boxes[from + 1][i] - side)));
  if (at < layers) return { ...seen, boundary: seen.curves, limits };
  return { ...seen, ...straightIn(stageOf(lab), lab.network, lab.frame.parameters, layer, scene(lab).spaces[layer].view, limits), limits };
}

/** @param {Lab} lab @param {HTMLCanvasElement} canvas @param {any} space */
function paintMoment(lab, canvas, space) {
  const side = canvas.clientWidth || 360, ctx = sharp(canvas, side, side), colours = palette(canvas);
  ctx.fillStyle = colours.paper;
  ctx.fillRect(0, 0, side, side);
  paintThings(ctx, space, lab, toPixels(space.limits, side, side), colours, pointSize(side, lab.data.n));
  paintAxes(ctx, space.limits, side, side, colours);
}

/** What is happening at a place of the slider. @param {Lab} lab @param {number} at @param {Kept} kept */
function sentence(lab, at, kept) {
  const { hidden, activations, features } = lab.settings, layers = hidden.length;
  if (!layers) return lab.t(T.nothing);
  if (at >= layers) return lab.t(ending(lab, kept.last));
  const layer = Math.floor(at), t = at - layer, { way } = kept.ways[layer];
  if (t === 0 && layer) return lab.t(T.done, { layer });
  if (t === 0) {
    const plain = lab.data.d > 2 || (lab.data.d === 1 ? features.length === 1 && features[0] === 'x' : features.includes('x1') && features.includes('x2'));
    return lab.t(!plain ? T.features : lab.data.task === 'regression' ? T.levels : T.input);
  }
  const at3 = Math.min(2, Math.floor(PARTS * t)), part = /** @type {const} */ (['turn', 'shift', 'bend'])[at3];
  const name = activations[layer], share = way.shares[part === 'bend' ? 1 : 0];
  const words = [lab.t(part === 'bend' && name === 'identity' ? T.flat : T[part], { layer: layer + 1, name })];
  if (part === 'turn' && way.over) words.push(lab.t(T.over));
  if (share < 0.995) words.push(lab.t(T.cut, { percent: Math.round(100 * share) }));
  return words.join(lab.language === 'zh' ? '' : ' ');
}

/** What has become of the boundary in the last space. @param {Lab} lab @param {any} space */
function ending(lab, { lines, levels }) {
  const { spaces } = scene(lab);
  if (!spaces[spaces.length - 1].view.exact) return T.endHidden;
  if (lab.data.task === 'regression') return levels.some((/** @type {any} */ level) => level.segment) ? T.endLevels : T.endAway;
  return lines.length > 1 ? T.ends : lines.length ? T.end : T.endAway;
}
