/** The column OUTPUT: the input plane in the colours of what the network says, the boundary, loss and accuracy. */
import { h } from './dom.js';
import { classMark, paintPolylines, paintSpace, palette, sharp } from './paint.js';
import { followPointer } from './pointer.js';
import { scene, sceneOf } from './scene.js';

const T = {
  output: { en: 'Output', zh: '输出' },
  map: { en: 'The input plane, coloured by what the network says; the line is the boundary.', zh: '输入平面，按网络的回答上色；线是分界线。' },
  loss: { en: 'loss', zh: '损失' },
  accuracy: { en: 'accuracy', zh: '准确率' },
  r2: { en: 'R²', zh: 'R²' },
  training: { en: 'training', zh: '训练' },
  test: { en: 'test', zh: '测试' },
  curve: { en: 'Loss by epoch; now {loss}', zh: '损失随轮数的变化；现在是 {loss}' },
  at: { en: 'epoch {epoch}: training {loss}, test {test}', zh: '第 {epoch} 轮：训练 {loss}，测试 {test}' },
  speed: { en: '{speed} epochs a second · {time} s of training', zh: '每秒 {speed} 轮 · 训练用时 {time} 秒' },
  showTest: { en: 'Show test data', zh: '显示测试数据' },
  discretize: { en: 'Discretize output', zh: '只显示判定结果' },
  folds: { en: 'Fold lines', zh: '折线（神经元的折痕）' },
  grid: { en: 'Grid', zh: '网格' },
};

/** @param {import('./types').Lab} lab */
export function outputPanel(lab) {
  const map = h('canvas', { class: 'map', role: 'img', 'aria-label': lab.t(T.map) });
  const chart = h('canvas', { class: 'chart', role: 'img' });
  const numbers = h('div', { class: 'numbers' });
  const said = h('p', { class: 'quiet', 'aria-live': 'off' });
  let at = /** @type {number | null} */ (null);
  const paint = () => {
    paintSpace(map, scene(lab).output, lab);
    paintChart(lab, chart, at);
    chart.setAttribute('aria-label', lab.t(T.curve, { loss: lab.number(lab.frame.loss) }));
    writeNumbers(lab, numbers);
    said.textContent = at === null ? speedSaid(lab) : frameSaid(lab, at);
  };
  chart.addEventListener('pointermove', event => {
    const box = chart.getBoundingClientRect();
    at = nearestTo(lab.frames, (event.clientX - box.left - 4) / (box.width - 8) * lab.frames[lab.frames.length - 1].epoch);
    paint();
  });
  chart.addEventListener('pointerleave', () => {
    at = null;
    paint();
  });
  followPointer(lab, map, () => scene(lab).output);
  /** @type {import('./types').LabEvent[]} */ (['frame', 'hover', 'view', 'data']).forEach(event => lab.on(event, paint));
  if (typeof ResizeObserver !== 'undefined') new ResizeObserver(paint).observe(map);
  queueMicrotask(paint);
  return h('section', { class: 'column output', 'aria-label': lab.t(T.output) },
    h('div', { class: 'column' }, h('h2', {}, lab.t(T.output)), map, legend(lab)),
    h('div', { class: 'column' }, numbers, chart, said, checks(lab)));
}

/** @param {import('./types').Lab} lab */
function checks(lab) {
  const check = (/** @type {'showTest' | 'discretize' | 'foldLines' | 'grid'} */ name, /** @type {import('./types').Text} */ text) => {
    const input = h('input', { type: 'checkbox', checked: lab.view[name], onchange: () => lab.show({ [name]: input.checked }) });
    return h('label', { class: 'check' }, input, lab.t(text));
  };
  return h('div', { class: 'row' }, check('showTest', T.showTest), check('discretize', T.discretize), check('foldLines', T.folds), check('grid', T.grid));
}

/** The classes with their markers, or the scale of values. @param {import('./types').Lab} lab */
function legend(lab) {
  const row = h('div', { class: 'row quiet' });
  const draw = () => {
    const names = lab.data.task === 'regression' ? [] : lab.data.class_names;
    row.replaceChildren(...names.slice(0, 10).map((name, index) => {
      const canvas = h('canvas', { class: 'mark', 'aria-hidden': 'true' });
      queueMicrotask(() => {
        const ctx = sharp(canvas, 16, 16);
        classMark(ctx, 8, 8, 5, index, palette(canvas));
      });
      return h('span', { class: 'row' }, canvas, name.slice(0, 24));
    }));
  };
  lab.on('data', draw);
  lab.on('view', draw);
  draw();
  return row;
}

/** @param {import('./types').Lab} lab @param {HTMLElement} box */
function writeNumbers(lab, box) {
  const { frame, data } = lab;
  const metric = data.task === 'regression' ? T.r2 : T.accuracy;
  const shown = (/** @type {number} */ value) => data.task === 'regression' ? lab.number(value) : Number.isNaN(value) ? '–' : `${(100 * value).toFixed(1)} %`;
  const cells = ['', lab.t(T.training), lab.t(T.test), lab.t(T.loss), lab.number(frame.loss), lab.number(frame.testLoss), lab.t(metric), shown(frame.metric), shown(frame.testMetric)];
  if (box.children.length !== cells.length) box.replaceChildren(...cells.map((_, i) => h(i % 3 && i > 2 ? 'b' : 'span', { class: i < 3 || i % 3 === 0 ? 'quiet' : null })));
  cells.forEach((text, i) => { if (box.children[i].textContent !== text) box.children[i].textContent = text; });
}

/** @param {import('./types').Lab} lab */
function speedSaid(lab) {
  if (!lab.frame.epoch || lab.speed.milliseconds < 20) return '';
  const speed = Math.round(lab.speed.epochsPerSecond).toLocaleString('en').replaceAll(',', ' ');
  return lab.t(T.speed, { speed, time: (lab.speed.milliseconds / 1000).toFixed(2) });
}

/** The place of the frame whose epoch is nearest. @param {readonly import('./types').Frame[]} frames @param {number} epoch */
function nearestTo(frames, epoch) {
  const after = frames.findIndex(frame => frame.epoch >= epoch);
  if (after <= 0) return after ? frames.length - 1 : 0;
  return frames[after].epoch - epoch < epoch - frames[after - 1].epoch ? after : after - 1;
}

/** @param {import('./types').Lab} lab @param {number} place */
function frameSaid(lab, place) {
  const frame = lab.frames[Math.max(0, Math.min(place, lab.frames.length - 1))];
  return lab.t(T.at, { epoch: frame.epoch, loss: lab.number(frame.loss), test: lab.number(frame.testLoss) });
}

/** Loss of training (line) and test (dashes) over the kept epochs. @param {import('./types').Lab} lab @param {HTMLCanvasElement} canvas @param {number | null} at */
function paintChart(lab, canvas, at) {
  const width = canvas.clientWidth || 300, height = canvas.clientHeight || 96;
  const ctx = sharp(canvas, width, height), colours = palette(canvas);
  const { frames } = lab;
  const values = frames.flatMap(frame => [frame.loss, frame.testLoss]).filter(Number.isFinite);
  const top = Math.max(1e-9, ...values);
  const last = Math.max(1, frames[frames.length - 1].epoch);
  const y = (/** @type {number} */ value) => height - 6 - (height - 14) * Math.min(1, value / top);
  const line = (/** @type {'loss' | 'testLoss'} */ name) => Float64Array.from(frames.filter(frame => Number.isFinite(frame[name]))
    .flatMap(frame => [4 + (width - 8) * frame.epoch / last, y(frame[name])]));
  const same = (/** @type {number} */ x, /** @type {number} */ v) => /** @type {[number, number]} */ ([x, v]);
  paintPolylines(ctx, [line('loss')], same, colours.ink, 1.8);
  paintPolylines(ctx, [line('testLoss')], same, colours.quiet, 1.4, [5, 3]);
  ctx.fillStyle = colours.quiet;
  ctx.font = '11px system-ui, sans-serif';
  ctx.fillText(lab.number(top, 2), 5, 11);
  const shown = at === null ? lab.frame : frames[Math.max(0, Math.min(at, frames.length - 1))];
  const x = 4 + (width - 8) * shown.epoch / last;
  paintPolylines(ctx, [Float64Array.from([x, 0, x, height])], same, colours.accent, 1);
}

/**
 * The output and the last space side by side, for pictures and films that leave the page.
 * @param {import('./types').Lab} lab
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} width
 * @param {number} height
 * @param {import('./types').Frame} frame
 */
export function picture(lab, ctx, width, height, frame) {
  const now = sceneOf(lab, frame, 61);
  const spaces = now.spaces.length ? [now.output, now.spaces[now.spaces.length - 1]] : [now.output];
  const side = Math.min(height, width / spaces.length);
  spaces.forEach((space, i) => {
    ctx.save();
    ctx.translate(i * side, 0);
    paintSpace(ctx, space, lab, side);
    ctx.restore();
  });
}
