/** The race: up to six activations on one clock, from the same weights on the same data; and how often each gets there. */
import { activation, NAMES } from './activations.js';
import { button, choice, h, watchSeen } from './dom.js';
import { boundary, field, makeStage, warp } from './geometry.js';
import { initialise } from './initializers.js';
import { median, signTest, wilson } from './odds.js';
import { classMark, paintPolylines, paintSpace, palette, sharp } from './paint.js';
import { networkOf } from './shape.js';
import { numberField } from './strip.js';
import { startWorker } from './worker.js';

const MOST = 6;
const SEEDS = 64;
const LINES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];
const T = {
  title: { en: 'Race of activations', zh: '激活函数赛跑' },
  lead: { en: 'Same data, same starting weights, one clock.', zh: '同样的数据，同样的初始权重，同一个时钟。' },
  start: { en: 'Start', zh: '开始' },
  pause: { en: 'Pause', zh: '暂停' },
  reset: { en: 'Again from the start', zh: '从头再来' },
  add: { en: 'Add', zh: '加入' },
  formula: { en: 'or a formula in x', zh: '或 x 的公式' },
  remove: { en: 'Take {name} out', zh: '让 {name} 退出' },
  until: { en: 'Epochs', zh: '轮数' },
  often: { en: 'How often? {n} seeds each', zh: '有多经常？每个 {n} 个种子' },
  stop: { en: 'Stop counting', zh: '停止统计' },
  solved: { en: 'Solved means', zh: '“解决”指' },
  accuracy: { en: 'accuracy ≥ {level} %', zh: '准确率 ≥ {level}%' },
  r2: { en: 'R² ≥ {level}', zh: 'R² ≥ {level}' },
  reached: { en: 'solved at epoch {epoch}', zh: '第 {epoch} 轮解决' },
  notYet: { en: 'not solved yet', zh: '还没有解决' },
  diverged: { en: 'left the finite numbers at epoch {epoch}', zh: '第 {epoch} 轮发散' },
  now: { en: 'epoch {epoch} · loss {loss} · {metric}', zh: '第 {epoch} 轮 · 损失 {loss} · {metric}' },
  counted: { en: '{name}: {k} of {n} solve it within {epochs} epochs (95 % interval {low} to {high} %), half of them by epoch {half}.', zh: '{name}：{n} 个种子中有 {k} 个在 {epochs} 轮内解决（95% 区间 {low}% 到 {high}%），其中一半不晚于第 {half} 轮。' },
  none: { en: '{name}: none of {n} solves it within {epochs} epochs (95 % interval up to {high} %).', zh: '{name}：{n} 个种子在 {epochs} 轮内没有一个解决（95% 区间上限 {high}%）。' },
  counting: { en: '{name}: counting …', zh: '{name}：统计中……' },
  apart: { en: '{first} solves it more often than {second} (p = {p}, same {n} seeds).', zh: '{first} 比 {second} 更经常解决（p = {p}，同样的 {n} 个种子）。' },
  alike: { en: '{first} and {second} are not told apart by these {n} seeds (p = {p}).', zh: '这 {n} 个种子分不出 {first} 与 {second} 的高下（p = {p}）。' },
  one: { en: 'The main run is one seed; what counts is how often.', zh: '主图只是一个种子；重要的是有多经常。' },
  chart: { en: 'Loss of all contestants by epoch', zh: '所有参赛者的损失随轮数的变化' },
  full: { en: 'Six are the most that can be told apart on one chart; take one out first.', zh: '一张图最多分得清六个，请先去掉一个。' },
  map: { en: 'Output of {name}', zh: '{name} 的输出' },
  space: { en: 'Last space of {name}', zh: '{name} 的最后一层空间' },
  cells: { en: '{k} of {n} solved', zh: '{n} 个中有 {k} 个解决' },
};
/** @typedef {{name: string, network: any, stage: any, view: any, frames: import('./types').Frame[], divergedAt: number | null, counted: boolean[] | null, epochs: number[]}} Runner */

const remembered = { names: ['relu', 'tanh', 'sigmoid', 'gelu', 'sine'], level: 0.95, until: 200 };

/** @param {import('./types').Lab} lab */
export function racePanel(lab) {
  const clock = startWorker(), counter = startWorker();
  /** @type {Runner[]} */
  let runners = [];
  let running = false, version = 0, counting = -1;
  const chart = h('canvas', { class: 'chart', role: 'img', 'aria-label': lab.t(T.chart) });
  const cards = h('div', { class: 'runners' }), verdict = h('div', { class: 'column', 'aria-live': 'polite' });
  const play = button('', () => running ? halt() : go(), { class: 'primary' }), count = button('', () => counting < 0 ? countAll() : stopCounting());
  const controls = h('div', { class: 'row' });
  const panel = h('section', { class: 'box race wide' }, h('h2', {}, lab.t(T.title)), h('p', { class: 'quiet' }, lab.t(T.lead)), controls, cards, chart, verdict);
  const seen = watchSeen(panel, () => paint());

  const jobOf = (/** @type {any[]} */ starts) => ({ version, data: lab.data, inputs: lab.inputs, testInputs: new Float64Array(0), starts });
  const settingsOf = (/** @type {string} */ name) => ({ ...lab.settings, activations: lab.settings.hidden.map(() => name) });
  const startOf = (/** @type {string} */ name, seed = lab.settings.seed) => {
    const settings = { ...settingsOf(name), seed }, network = networkOf(settings, lab.data);
    return { settings, network, parameters: initialise(network, settings.init, settings.gain, seed), epoch: 0, step: 0 };
  };
  const plain = (/** @type {any} */ { network: _, ...start }) => start;
  const begin = () => {
    halt();
    stopCounting();
    version += 1;
    const starts = remembered.names.map(name => startOf(name));
    runners = starts.map((start, i) => ({ name: remembered.names[i], network: start.network, stage: makeStage(lab.data, lab.settings.features), view: null,
      frames: [{ epoch: 0, step: 0, parameters: start.parameters, loss: NaN, metric: NaN, testLoss: NaN, testMetric: NaN }], divergedAt: null, counted: null, epochs: [] }));
    clock.start(jobOf(starts.map(plain)));
    clock.stopAt(remembered.until, null);
    build();
  };
  const go = () => {
    if (runners[0].frames[runners[0].frames.length - 1].epoch >= remembered.until) begin();
    running = true;
    clock.play(1);
    label();
  };
  const halt = () => {
    if (running) clock.pause();
    running = false;
    label();
  };
  const label = () => {
    play.textContent = lab.t(running ? T.pause : T.start);
    count.textContent = counting < 0 ? lab.t(T.often, { n: SEEDS }) : lab.t(T.stop);
  };
  clock.onreport = report => {
    if (!panel.isConnected) return clock.stop();
    if (report.version !== version) return;
    report.lanes.forEach((lane, i) => {
      runners[i].frames.push(...lane.frames);
      runners[i].divergedAt = lane.divergedAt;
    });
    if (report.stopped) running = false;
    label();
    requestAnimationFrame(() => {
      paint();
      clock.taken();
    });
  };
  clock.onfault = fault => lab.say(fault, 'fault');

  const countAll = () => {
    runners.forEach(runner => Object.assign(runner, { counted: null, epochs: [] }));
    countNext(0);
  };
  const countNext = (/** @type {number} */ i) => {
    counting = i < runners.length ? i : -1;
    label();
    tell();
    if (counting < 0) return;
    counter.start(jobOf(Array.from({ length: SEEDS }, (_, seed) => plain(startOf(runners[i].name, seed)))));
    counter.stopAt(remembered.until, null);
    counter.play(0);
  };
  const stopCounting = () => {
    if (counting >= 0) counter.pause();
    counting = -1;
    label();
  };
  counter.onreport = report => {
    if (!panel.isConnected) return counter.stop();
    if (report.version !== version || counting < 0) return;
    const runner = runners[counting];
    report.lanes.forEach((lane, seed) => {
      const solved = lane.frames.find(frame => frame.metric >= remembered.level);
      runner.epochs[seed] ??= solved ? solved.epoch : Infinity;
      if (solved && runner.epochs[seed] === Infinity) runner.epochs[seed] = solved.epoch;
    });
    const over = report.stopped || report.lanes.every(lane => lane.divergedAt !== null);
    if (!over) return setTimeout(() => counter.taken(), 30);
    runner.counted = runner.epochs.map(epoch => epoch < Infinity);
    countNext(counting + 1);
  };
  counter.onfault = fault => lab.say(fault, 'fault');

  const build = () => {
    controls.replaceChildren(...raceControls(lab, play, count, begin));
    cards.replaceChildren(...runners.map((runner, i) => runnerCard(lab, runner, i, begin)));
    label();
    paint();
    tell();
  };
  const paint = () => {
    if (!seen()) return;
    runners.forEach((runner, i) => paintRunner(lab, runner, /** @type {HTMLElement} */ (cards.children[i])));
    paintChart(lab, chart, runners);
  };
  const tell = () => {
    verdict.replaceChildren(...verdictOf(lab, runners, counting));
    runners.forEach((runner, i) => paintStrip(lab, runner, /** @type {HTMLElement} */ (cards.children[i])));
  };
  lab.on('settings', begin);
  lab.on('data', begin);
  lab.on('view', () => paint());
  begin();
  return panel;
}

/** @param {import('./types').Lab} lab @param {HTMLElement} play @param {HTMLElement} count @param {() => void} begin */
function raceControls(lab, play, count, begin) {
  const add = (/** @type {string} */ text) => {
    if (!text) return;
    if (remembered.names.length >= MOST) return lab.say(lab.t(T.full));
    try {
      activation(text);
    } catch (fault) {
      return lab.say(/** @type {Error} */ (fault).message, 'fault');
    }
    if (!remembered.names.includes(text)) remembered.names.push(text);
    begin();
  };
  const typed = h('input', { type: 'text', placeholder: lab.t(T.formula), 'aria-label': lab.t(T.formula), onchange: () => add(typed.value.trim()) });
  const values = lab.data.task === 'regression', levels = values ? [0.5, 0.8, 0.9, 0.99] : [0.8, 0.9, 0.95, 0.99, 1];
  if (!levels.includes(remembered.level)) remembered.level = values ? 0.9 : 0.95;
  const words = levels.map(level => /** @type {[string, string]} */ ([String(level), lab.t(values ? T.r2 : T.accuracy, { level: values ? level : Math.round(100 * level) })]));
  return [
    play, button(lab.t(T.reset), begin), count,
    choice(lab.t(T.add), [['', '–'], ...NAMES.map(name => /** @type {[string, string]} */ ([name, name]))], '', add), typed,
    choice(lab.t(T.solved), words, String(remembered.level), value => {
      remembered.level = Number(value);
      begin();
    }),
    numberField(lab.t(T.until), remembered.until, 1, value => {
      remembered.until = Math.min(100000, value ?? 200);
      begin();
    }),
  ];
}

/** @param {import('./types').Lab} lab @param {Runner} runner @param {number} i @param {() => void} begin */
function runnerCard(lab, runner, i, begin) {
  const remove = button('×', () => {
    remembered.names = remembered.names.filter(name => name !== runner.name);
    begin();
  }, { class: 'small', 'aria-label': lab.t(T.remove, { name: runner.name }) });
  return h('div', { class: 'runner' },
    h('div', { class: 'spread' }, h('span', { class: 'row' }, h('canvas', { class: 'swatch', 'aria-hidden': 'true' }), h('h3', {}, runner.name.slice(0, 40))), remembered.names.length > 1 && remove),
    h('div', { class: 'pair' }, h('canvas', { class: 'small-map', role: 'img', 'aria-label': lab.t(T.map, { name: runner.name }) }),
      h('canvas', { class: 'small-map', role: 'img', 'aria-label': lab.t(T.space, { name: runner.name }) })),
    h('p', { class: 'quiet' }), h('p', { class: 'quiet' }), h('canvas', { class: 'seeds', role: 'img', hidden: true }));
}

/** @param {Element} element @param {number} i */
const colourOf = (element, i) => palette(element).classes[i % 10];

/** @param {import('./types').Lab} lab @param {Runner} runner @param {HTMLElement} card */
function paintRunner(lab, runner, card) {
  const frame = runner.frames[runner.frames.length - 1], { stage, network } = runner, layers = network.activations.length;
  const [key, map, space] = /** @type {HTMLCanvasElement[]} */ ([...card.querySelectorAll('canvas')]);
  const place = [...(card.parentElement?.children ?? [])].indexOf(card);
  paintPolylines(sharp(key, 34, 12), [Float64Array.of(1, 6, 33, 6)], (x, y) => [x, y], colourOf(card, place), 3, LINES[place]);
  if (lab.data.d === 1) paintFit(lab, runner, map);
  else {
    const output = field(stage, network, frame.parameters, 31, 31);
    paintSpace(map, { points: stage.plane.points, limits: stage.plane.limits, field: { ...output, columns: 31, rows: 31 }, boundary: boundary(stage, network, frame.parameters, 31, 31).curves }, lab);
  }
  const warped = warp(stage, network, frame.parameters, layers - 1, runner.view, 31);
  runner.view = warped.view;
  paintSpace(space, warped, lab);
  const [now, reached] = card.querySelectorAll('p');
  const metric = lab.data.task === 'regression' ? `R² ${lab.number(frame.metric)}` : `${(100 * frame.metric).toFixed(1)} %`;
  now.textContent = Number.isNaN(frame.loss) ? '' : lab.t(T.now, { epoch: frame.epoch, loss: lab.number(frame.loss), metric });
  const first = runner.frames.find(one => one.metric >= remembered.level);
  reached.textContent = runner.divergedAt !== null ? lab.t(T.diverged, { epoch: runner.divergedAt }) : first ? lab.t(T.reached, { epoch: first.epoch }) : lab.t(T.notYet);
}

/** For one column: the curve of the outputs. @param {import('./types').Lab} lab @param {Runner} runner @param {HTMLCanvasElement} canvas */
function paintFit(lab, { stage, network, frames }, canvas) {
  const { data } = lab, output = field(stage, network, frames[frames.length - 1].parameters, 81, 2), [left, right] = stage.plane.limits;
  const fit = Float64Array.from({ length: 162 }, (_, i) => i % 2 ? output.post[i >> 1] : left + (right - left) * (i >> 1) / 80);
  const points = Float64Array.from({ length: 2 * data.n }, (_, i) => i % 2 ? data.y[i >> 1] : data.x[i >> 1]);
  const [low, high] = data.y.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]), room = 0.15 * (high - low || 1);
  paintSpace(canvas, { points, limits: [left, right, low - room, high + room], fit }, lab);
}

/** @param {import('./types').Lab} lab @param {HTMLCanvasElement} canvas @param {Runner[]} runners */
function paintChart(lab, canvas, runners) {
  const width = canvas.clientWidth || 400, height = canvas.clientHeight || 96, ctx = sharp(canvas, width, height);
  const top = Math.max(1e-9, ...runners.flatMap(runner => runner.frames.slice(0, 60).map(frame => frame.loss)).filter(Number.isFinite));
  runners.forEach((runner, i) => {
    const line = runner.frames.filter(frame => Number.isFinite(frame.loss)).flatMap(frame => [4 + (width - 8) * frame.epoch / remembered.until, height - 5 - (height - 14) * Math.min(1, frame.loss / top)]);
    paintPolylines(ctx, [Float64Array.from(line)], (x, y) => [x, y], colourOf(canvas, i), 2, LINES[i]);
  });
  Object.assign(ctx, { fillStyle: palette(canvas).quiet, font: '11px system-ui, sans-serif' });
  ctx.fillText(lab.number(top, 2), 5, 11);
}

/** The strip: a cell for each seed, those that solved it first. @param {import('./types').Lab} lab @param {Runner} runner @param {HTMLElement} card */
function paintStrip(lab, { counted }, card) {
  const canvas = /** @type {HTMLCanvasElement} */ (card.querySelector('.seeds'));
  canvas.hidden = counted === null;
  if (!counted) return;
  const k = counted.filter(Boolean).length, ctx = sharp(canvas, 16 * 12, 4 * 12), colours = palette(canvas);
  canvas.setAttribute('aria-label', lab.t(T.cells, { k, n: SEEDS }));
  for (let i = 0; i < SEEDS; i++) {
    const x = 12 * (i % 16) + 6, y = 12 * Math.floor(i / 16) + 6;
    if (i < k) classMark(ctx, x, y, 4.6, 1, colours);
    else {
      ctx.strokeStyle = colours.quiet;
      ctx.strokeRect(x - 3.5, y - 3.5, 7, 7);
    }
  }
}

/** @param {import('./types').Lab} lab @param {Runner[]} runners @param {number} counting */
function verdictOf(lab, runners, counting) {
  const done = runners.filter(runner => runner.counted !== null);
  if (!done.length && counting < 0) return [h('p', { class: 'quiet' }, lab.t(T.one))];
  const lines = done.map(runner => h('p', {}, oftenSaid(lab, runner)));
  if (counting >= 0) lines.push(h('p', { class: 'quiet' }, lab.t(T.counting, { name: runners[counting].name })));
  const often = (/** @type {Runner} */ runner) => runner.counted?.filter(Boolean).length ?? 0;
  const [first, second] = [...done].sort((a, b) => often(b) - often(a));
  if (second && counting < 0) lines.push(h('p', {}, comparison(lab, first, second)));
  return lines;
}

/** @param {import('./types').Lab} lab @param {Runner} runner */
function oftenSaid(lab, { name, counted, epochs }) {
  const k = counted?.filter(Boolean).length ?? 0, [low, high] = wilson(k, SEEDS).map(share => Math.round(100 * share));
  const shared = { name, k, n: SEEDS, epochs: remembered.until, low, high };
  return k ? lab.t(T.counted, { ...shared, half: median(epochs.filter(Number.isFinite)) }) : lab.t(T.none, shared);
}

/** The two that solve it most often, pair by pair of seeds. @param {import('./types').Lab} lab @param {Runner} first @param {Runner} second */
function comparison(lab, first, second) {
  const only = (/** @type {Runner} */ one, /** @type {Runner} */ other) => one.counted?.filter((solved, seed) => solved && !other.counted?.[seed]).length ?? 0;
  const p = signTest(only(first, second), only(second, first));
  return lab.t(p < 0.05 ? T.apart : T.alike, { first: first.name, second: second.name, p: lab.number(p), n: SEEDS });
}
