/** The race: up to six activations on one clock, from the same weights on the same data; and how often each gets there. */
import { NAMES } from './activations.js';
import { levelsOf, makeContest, SEEDS, tally } from './contest.js';
import { button, choice, h, watchSeen } from './dom.js';
import { boundary, field, fitCurve, warp } from './geometry.js';
import { median, signTest, wilson } from './odds.js';
import { classMark, paintPolylines, paintSpace, palette, sharp } from './paint.js';
import { keepingFocus, numberField } from './strip.js';

const RASTER = 31, FIT = 81;
const LINES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]], COLOURS = [7, 2, 3, 8, 4, 9];
const T = {
  title: { en: 'Race of activations', zh: '激活函数赛跑' },
  lead: { en: 'Same training data, same starting weights, one clock.', zh: '同样的训练数据，同样的初始权重，同步计时。' },
  scaled: { en: 'Same training data, one clock, same starting weights times the exact gain of each.', zh: '同样的训练数据，同步计时，同样的初始权重再乘以各自的精确增益。' },
  linear: { en: 'Without hidden layers they are all the same linear model.', zh: '没有隐藏层时，它们全是同一个线性模型。' },
  start: { en: 'Start the race', zh: '开始赛跑' },
  pause: { en: 'Pause the race', zh: '暂停赛跑' },
  reset: { en: 'Back to the start', zh: '回到起点' },
  add: { en: 'Add', zh: '加入' },
  formula: { en: 'or a formula in x', zh: '或 x 的公式' },
  remove: { en: 'Take {name} out', zh: '让 {name} 退出' },
  until: { en: 'Epochs', zh: '轮数' },
  often: { en: 'How often? {n} seeds each', zh: '成功率多高？各试 {n} 个随机种子' },
  stop: { en: 'Stop counting', zh: '停止统计' },
  solved: { en: 'Solved means', zh: '“解决”指' },
  accuracy: { en: 'accuracy ≥ {level} %', zh: '准确率 ≥ {level}%' },
  r2: { en: 'R² ≥ {level}', zh: 'R² ≥ {level}' },
  reached: { en: '✓ solved at epoch {at}', zh: '✓ 第 {at} 轮解决' },
  diverged: { en: '✗ diverged at epoch {at}', zh: '✗ 第 {at} 轮发散' },
  notYet: { en: 'not solved yet', zh: '还没有解决' },
  now: { en: 'epoch {epoch} · loss {loss} · {metric}', zh: '第 {epoch} 轮 · 损失 {loss} · {metric}' },
  counted: { en: '{name}: {k} of {n} solve it within {until} epochs (95 % interval {low} to {high} %)', zh: '{name}：{n} 个种子中有 {k} 个在 {until} 轮内解决（95% 区间 {low}% 到 {high}%）' },
  half: { en: ', half of the {n} by epoch {half} (95 % interval {from} to {to})', zh: '，到第 {half} 轮已有一半解决（95% 区间 {from} 到 {to}）' },
  beyond: { en: 'beyond {until}', zh: '{until} 以后' },
  counting: { en: 'Counting {name}: {done} of {n} are decided …', zh: '正在统计 {name}：{n} 个中已有 {done} 个见分晓……' },
  oftener: { en: '{first} solves it more often than {others}.', zh: '{first} 比 {others}更经常解决。' },
  sooner: { en: '{first} solves it sooner than {others}.', zh: '{first} 比 {others}更早解决。' },
  later: { en: '{first} solves it later than {others}.', zh: '{first} 比 {others}更晚解决。' },
  alike: { en: '{first} is not told apart from {others}.', zh: '{first} 与 {others}分不出高下。' },
  p: { en: '{name} (p {p})', zh: '{name}（p {p}）' },
  method: { en: 'Exact sign tests on pairs of the same seed: first whether it is solved (McNemar), then how soon; p is multiplied by the {tests} tests.', zh: '同一种子两两配对，做精确符号检验：先看是否解决（McNemar），再看谁更早；p 已乘以检验次数 {tests}。' },
  one: { en: 'A race is one seed, and luck has its part in it; what counts is how often.', zh: '一场赛跑只是一个种子，有运气成分；更要看成功率。' },
  chart: { en: 'Loss of all contestants by epoch', zh: '所有参赛者的损失随轮数的变化' },
  loss: { en: 'loss', zh: '损失' },
  map: { en: 'Output of {name}', zh: '{name} 的输出' },
  space: { en: 'Last space of {name}', zh: '{name} 的最后一层空间' },
  cells: { en: '{name}: {k} of {n} seeds solved', zh: '{name}：{n} 个种子中有 {k} 个解决' },
};

/** @typedef {import('./contest.js').Runner} Runner */

/** @param {any} lab */
export function racePanel(lab) {
  const contest = lab.contest ??= makeContest(lab);
  const lead = h('p', { class: 'quiet' }), controls = h('div', { class: 'row' }), cards = h('div', { class: 'runners' });
  const chart = h('canvas', { class: 'chart', role: 'img', 'aria-label': lab.t(T.chart) }), verdict = h('div', { 'aria-live': 'polite' });
  const play = button('', () => contest.running ? contest.pause() : contest.play(), { class: 'primary' });
  const often = button('', () => contest.counting ? contest.stopCounting() : contest.count());
  const panel = h('section', { class: 'box race wide' }, h('h2', {}, lab.t(T.title)), lead, controls, cards, chart, verdict);
  let said = '', waiting = false;
  /** @type {unknown} */
  let built;
  const build = () => {
    contest.refresh();
    if (built === contest.runners) return;
    built = contest.runners;
    lead.textContent = lab.t(!lab.settings.hidden.length ? T.linear : lab.settings.gain === 'exact' ? T.scaled : T.lead);
    controls.replaceChildren(play, button(lab.t(T.reset), contest.begin), often, ...raceFields(lab, contest));
    cards.replaceChildren(...contest.runners.map((/** @type {Runner} */ runner) => runnerCard(lab, contest, runner)));
  };
  const label = () => {
    play.textContent = lab.t(contest.running ? T.pause : T.start);
    often.textContent = lab.t(contest.counting ? T.stop : T.often, { n: SEEDS });
  };
  const tell = () => {
    const lines = verdictOf(lab, contest);
    if (lines.join() !== said) verdict.replaceChildren(...lines.map(text => h('p', {}, text)));
    said = lines.join();
  };
  const draw = () => {
    waiting = false;
    label();
    if (!seen()) return;
    keepingFocus(panel, build);
    contest.runners.forEach((/** @type {Runner} */ runner, /** @type {number} */ i) => paintRunner(lab, contest, runner, i, cards.children[i]));
    paintChart(lab, contest, chart);
    tell();
  };
  const later = () => {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  };
  const seen = watchSeen(panel, later);
  contest.changed = later;
  lab.on('settings', later);
  lab.on('data', later);
  lab.on('view', () => contest.running ? contest.play() : later());
  build();
  label();
  return panel;
}

/** @param {any} lab @param {any} contest */
function raceFields(lab, contest) {
  const values = lab.data.task === 'regression';
  const add = (/** @type {string} */ text) => text && contest.add(text);
  const set = (/** @type {any} */ change) => Object.assign(contest, change).refresh();
  const typed = h('input', { type: 'text', placeholder: lab.t(T.formula), 'aria-label': lab.t(T.formula), maxlength: 200, onchange: () => add(typed.value.trim()) });
  const pair = (/** @type {any} */ value, text = value) => /** @type {[string, string]} */ ([String(value), text]);
  const levels = levelsOf(lab).map(level => pair(level, lab.t(values ? T.r2 : T.accuracy, { level: values ? level : Math.round(100 * level) })));
  return [
    ...contest.names.length < LINES.length ? [choice(lab.t(T.add), [pair('', '–'), ...NAMES.map(name => pair(name))], '', add), typed] : [],
    choice(lab.t(T.solved), levels, String(contest.level), value => set({ level: Number(value) })),
    numberField(lab.t(T.until), contest.until, 1, value => set({ until: Math.min(100000, Math.round(value ?? 200)) })),
  ];
}

/** @param {any} lab @param {any} contest @param {Runner} runner */
function runnerCard(lab, contest, { name }) {
  const remove = () => {
    contest.names = contest.names.filter((/** @type {string} */ other) => other !== name);
    contest.refresh();
  };
  const canvas = (/** @type {string} */ kind, /** @type {any} */ text = null) => h('canvas', { class: kind, role: 'img', 'aria-label': text && lab.t(text, { name }), 'aria-hidden': text ? null : 'true' });
  return h('div', { class: 'runner' },
    h('div', { class: 'head' }, canvas('swatch'), h('h3', { title: name }, name),
      contest.names.length > 1 && button('×', remove, { class: 'small', 'aria-label': lab.t(T.remove, { name }) })),
    h('div', { class: 'pair' }, canvas('small-map', T.map), canvas('small-map', T.space)), h('p', { class: 'quiet' }), h('p', { class: 'quiet' }), canvas('seeds', T.cells));
}

/** @param {Element} element @param {number} i */
const colourOf = (element, i) => palette(element).classes[COLOURS[i]];

/** @param {any} lab @param {any} contest @param {Runner} runner @param {number} i @param {any} card */
function paintRunner(lab, contest, runner, i, card) {
  const { name, stage, network, frame, solvedAt, divergedAt } = runner, parameters = frame?.parameters ?? runner.start.parameters;
  const [key, map, space, seeds] = card.querySelectorAll('canvas'), [now, end] = card.querySelectorAll('p');
  paintPolylines(sharp(key, 34, 12), [Float64Array.of(1, 6, 33, 6)], (x, y) => [x, y], colourOf(card, i), 3, LINES[i]);
  paintSpace(map, outputOf(lab, runner, parameters), lab);
  const warped = warp(stage, network, parameters, network.activations.length - 1, runner.view, RASTER);
  runner.view = warped.view;
  paintSpace(space, warped, lab);
  const metric = frame && (lab.data.task === 'regression' ? `R² ${lab.number(frame.metric)}` : `${(100 * frame.metric).toFixed(1)} %`);
  now.textContent = frame ? lab.t(T.now, { epoch: frame.epoch, loss: lab.number(frame.loss), metric }) : '\u00a0';
  end.textContent = lab.t(solvedAt !== null ? T.reached : divergedAt !== null ? T.diverged : T.notYet, { at: solvedAt ?? divergedAt });
  paintSeeds(lab, name, contest.counts.get(name), seeds);
}

/** What a contestant says over the input plane; for one column, its curve. @param {any} lab @param {Runner} runner @param {any} parameters */
function outputOf({ data }, { stage, network }, parameters) {
  const { points, limits, view } = stage.plane;
  if (view.width > 1) {
    const says = field(stage, network, parameters, RASTER, RASTER);
    return { points, limits, field: { ...says, columns: RASTER, rows: RASTER }, boundary: boundary(stage, network, parameters, RASTER, RASTER).curves };
  }
  const curve = fitCurve(stage, network, parameters, FIT), row = curve.length / FIT;
  const low = Math.min(...data.y), high = Math.max(...data.y), edge = 0.15 * (high - low || 1);
  return {
    points: points.map((/** @type {number} */ x, /** @type {number} */ i) => i % 2 ? data.y[i >> 1] : x), limits: /** @type {any} */ ([limits[0], limits[1], low - edge, high + edge]),
    fit: curve.filter((_, i) => i % row === 0 || i % row === row - 1),
  };
}

/** @param {any} lab @param {any} contest @param {HTMLCanvasElement} canvas */
function paintChart(lab, { runners, until }, canvas) {
  const width = canvas.clientWidth || 400, height = canvas.clientHeight || 96, ctx = sharp(canvas, width, height);
  let top = 1e-9;
  for (const { losses } of runners) for (let i = 1; i < losses.length; i += 2) if (losses[i - 1] <= until / 2 && losses[i] < 1e3 && losses[i] > top) top = losses[i];
  const place = (/** @type {number} */ epoch, /** @type {number} */ loss) => /** @type {[number, number]} */ (
    [4 + (width - 8) * Math.min(1, epoch / until), height - 18 - (height - 34) * Math.min(1.05, loss / top)]);
  runners.forEach((/** @type {Runner} */ { losses }, /** @type {number} */ i) => paintPolylines(ctx, [Float64Array.from(losses)], place, colourOf(canvas, i), 2, LINES[i]));
  Object.assign(ctx, { fillStyle: palette(canvas).quiet, font: '12px system-ui, sans-serif', textAlign: 'left' });
  ctx.fillText(`${lab.t(T.loss)} ${top > 1e-9 ? lab.number(top, 2) : ''}`, 6, 12);
  ctx.fillText('0', 6, height - 4);
  ctx.textAlign = 'right';
  ctx.fillText(`${lab.t(T.until)} ${until}`, width - 6, height - 4);
}

/** A cell for each seed: those that solved it, those that did not, those still open. @param {any} lab @param {string} name @param {number[]} epochs @param {HTMLCanvasElement} canvas */
function paintSeeds(lab, name, epochs, canvas) {
  canvas.hidden = !epochs;
  const [k, decided] = tally(epochs), ctx = sharp(canvas, 192, 48), colours = palette(canvas);
  canvas.setAttribute('aria-label', lab.t(T.cells, { name, k, n: SEEDS }));
  Object.assign(ctx, { strokeStyle: colours.quiet, fillStyle: colours.quiet });
  for (let i = 0; i < SEEDS; i++) {
    const x = 12 * (i % 16) + 6, y = 12 * (i >> 4) + 6;
    if (i < k) classMark(ctx, x, y, 4.6, 1, colours);
    else if (i < decided) ctx.strokeRect(x - 3.5, y - 3.5, 7, 7);
    else ctx.fillRect(x - 1, y - 1, 2, 2);
  }
}

/** What the seeds say so far. @param {any} lab @param {any} contest @returns {string[]} */
export function verdictOf(lab, { names, counts, counting, until }) {
  const done = names.filter((/** @type {string} */ name) => tally(counts.get(name))[1] === SEEDS);
  const lines = done.map((/** @type {string} */ name) => oftenSaid(lab, name, counts.get(name), until));
  if (counting) lines.push(lab.t(T.counting, { name: counting, n: SEEDS, done: tally(counts.get(counting))[1] }));
  else if (done.length > 1) lines.push(...compared(lab, done, counts));
  return lines.length ? lines : [lab.t(T.one)];
}

/** @param {any} lab @param {string} name @param {number[]} epochs @param {number} until */
function oftenSaid(lab, name, epochs, until) {
  const [k] = tally(epochs), [low, high] = wilson(k, SEEDS).map(share => Math.round(100 * share)), [half, from, to] = median(epochs);
  const values = { name, k, n: SEEDS, until, low, high, half, from, to: to < Infinity ? to : lab.t(T.beyond, { until }) };
  return lab.t(T.counted, values) + (half < Infinity ? lab.t(T.half, values) : '') + lab.t({ en: '.', zh: '。' });
}

/** The one that solves it most often, and soonest of these, against all others, seed by seed. @param {any} lab @param {string[]} names @param {Map<string, number[]>} counts */
function compared(lab, names, counts) {
  const of = (/** @type {string} */ name) => counts.get(name) ?? [];
  const [first, ...others] = [...names].sort((a, b) => tally(of(b))[0] - tally(of(a))[0] || median(of(a))[0] - median(of(b))[0]);
  const tests = names.length * (names.length - 1);
  const wins = (/** @type {string} */ one, /** @type {string} */ other, /** @type {(epoch: number) => number} */ value) => of(one).filter((epoch, seed) => value(epoch) < value(of(other)[seed])).length;
  /** @type {Record<string, string[]>} */
  const lists = { oftener: [], sooner: [], later: [], alike: [] };
  for (const other of others) {
    const [often, soon] = [(/** @type {number} */ epoch) => Number(epoch === Infinity), (/** @type {number} */ epoch) => epoch].map(value => [wins(first, other, value), wins(other, first, value)]);
    const [p, q] = [often, soon].map(([one, two]) => Math.min(1, tests * signTest(one, two)));
    const found = p < 0.05 ? 'oftener' : q >= 0.05 ? 'alike' : soon[0] > soon[1] ? 'sooner' : 'later', least = found === 'oftener' ? p : q;
    lists[found].push(lab.t(T.p, { name: other, p: least < 0.001 ? '< 0.001' : `= ${Number(least.toPrecision(2))}` }));
  }
  const said = Object.entries(lists).map(([key, list]) => list.length && lab.t(T[/** @type {'p'} */ (key)], { first, others: list.join(lab.t({ en: ', ', zh: '、' })) }));
  return [said.filter(Boolean).join(lab.t({ en: ' ', zh: '' })), lab.t(T.method, { tests })];
}
