/** The panel of lessons: a menu, and the scene that is given, step by step, with its task checked on the live page. */

import { button, choice, h } from './dom.js';
import { BASE, SCENES } from './scenes.js';

const HEADING = { en: 'Lessons', zh: '课程' };
const MENU = { en: 'Choose a lesson', zh: '选一课' };
const START = { en: 'New here? Begin with four points', zh: '第一次来？从四个点开始' };
const WHERE = { en: 'Step {step} of {steps}', zh: '第 {step} 步，共 {steps} 步' };
const TASK = { en: 'To do: {task}', zh: '任务：{task}' };
const DONE = { en: 'Done: {task}', zh: '完成：{task}' };
const BACK = { en: 'Back', zh: '上一步' };
const NEXT = { en: 'Next', zh: '下一步' };
const SHOW_ME = { en: 'Show me the slider', zh: '滑块在哪里' };
const LEAVE = { en: 'End', zh: '结束' };
const PLAY = { en: 'Play {run} epochs', zh: '播放 {run} 轮' };
const PAUSE = { en: 'Pause', zh: '暂停' };
const MEND = { en: 'Do it for me', zh: '替我做' };

/** The lesson, as in the URL, whose settings a page has taken on. @type {WeakMap<import('./types').Lab, string>} */
const entered = new WeakMap();

/**
 * The scene and the place of its step that `options.lesson` names: 'ring' or, for its third step, 'ring.3'.
 * @param {string | null} lesson
 */
export function sceneOf(lesson) {
  const [name, number] = (lesson ?? '').split('.');
  const scene = SCENES.find(one => one.name === name);
  if (!scene) return null;
  const at = Math.min(Math.max(1, Math.floor(Number(number)) || 1), scene.steps.length) - 1;
  return { scene, at, step: scene.steps[at] };
}

/**
 * All settings that a step asks for.
 * @param {import('./scenes.js').Scene} scene
 * @param {import('./scenes.js').Step} step
 */
export const settingsOf = (scene, step) => ({ ...BASE, ...scene.set, ...step.set });

/**
 * Takes the page to the step: settings, weights and view; a run that stands there already is kept.
 * @param {import('./types').Lab} lab
 */
export function enterStep(lab) {
  const found = sceneOf(lab.options.lesson);
  if (!found) return;
  const { scene, step } = found;
  entered.set(lab, String(lab.options.lesson));
  const wanted = Object.entries(settingsOf(scene, step));
  const settings = /** @type {Record<string, any>} */ (lab.settings);
  if (wanted.some(([name, value]) => !same(settings[name], value))) lab.change(Object.fromEntries(wanted));
  if (step.weights) lab.setParameters(step.weights(lab.network));
  lab.show({ bend: null, foldLines: false, stopEpoch: step.run ?? step.ran ?? null, ...step.show });
  if (step.ran && lab.frame.epoch === 0) lab.play();
}

/** Whether all that `wanted` names is so. @param {any} value @param {any} wanted @returns {boolean} */
function same(value, wanted) {
  if (wanted === null || typeof wanted !== 'object') return value === wanted;
  if (Array.isArray(wanted) && value?.length !== wanted.length) return false;
  return Object.keys(wanted).every(key => same(value?.[key], wanted[key]));
}

/**
 * The panel: menu, text, task and buttons.
 * @param {import('./types').Lab} lab
 */
export function lessonPanel(lab) {
  const panel = h('section', { class: 'box lesson' });
  /** @type {string | null} */
  let solved = null;
  /** @param {string | null} lesson */
  const go = lesson => {
    lab.pause();
    lab.options.lesson = lesson;
    solved = null;
    if (lesson) enterStep(lab);
    else lab.show({});
    draw();
  };
  const draw = () => {
    const found = sceneOf(lab.options.lesson);
    /** @type {[string, string][]} */
    const titles = SCENES.map((scene, place) => [scene.name, `${place + 1}. ${lab.t(scene.title)}`]);
    panel.replaceChildren(
      h('div', {}, h('h2', {}, lab.t(HEADING)), choice(lab.t(MENU), [['', '–'], ...titles], found?.scene.name ?? '', name => go(name || null))),
      h('div', {}, ...found ? stepParts(lab, found, go) : [button(lab.t(START), () => go('xor'), { class: 'primary' })]));
    tell();
  };
  const tell = () => {
    const found = sceneOf(lab.options.lesson);
    if (!found) return;
    const { step, scene, at } = found, id = `${scene.name}.${at}`;
    const line = panel.querySelector('.task'), player = panel.querySelector('.run');
    if (step.done?.(lab)) solved = id;
    const text = step.task && lab.t(solved === id ? DONE : TASK, { task: lab.t(step.task) });
    if (line && text && line.textContent !== text) line.textContent = text;
    line?.classList.toggle('done', solved === id);
    const label = lab.playing ? lab.t(PAUSE) : lab.t(PLAY, { run: step.run ?? 0 });
    if (player && player.textContent !== label) player.textContent = label;
  };
  draw();
  for (const event of /** @type {const} */ (['frame', 'settings', 'view', 'playing'])) lab.on(event, tell);
  if (lab.options.lesson && entered.get(lab) !== lab.options.lesson) setTimeout(() => enterStep(lab));
  return panel;
}

/**
 * Text, task and buttons of one step.
 * @param {import('./types').Lab} lab
 * @param {NonNullable<ReturnType<typeof sceneOf>>} found
 * @param {(lesson: string | null) => void} go
 */
function stepParts(lab, { scene, at, step }, go) {
  const { mend } = step, last = at + 1 === scene.steps.length;
  /** @param {number} place */
  const to = place => () => go(`${scene.name}.${place + 1}`);
  return [
    h('p', { class: 'quiet' }, lab.t(WHERE, { step: at + 1, steps: scene.steps.length })),
    h('p', {}, lab.t(step.text)),
    step.task && h('p', { class: 'task', role: 'status' }),
    h('div', { class: 'row' },
      step.run ? button('', () => playStep(lab, step), { class: 'run primary' }) : null,
      mend && button(lab.t(MEND), () => { lab.change(mend); lab.play(); }),
      step.show?.bend !== undefined && button(lab.t(SHOW_ME), (/** @type {any} */ event) => event.target.getRootNode().querySelector('.bending')?.scrollIntoView({ block: 'center' })),
      at > 0 && button(lab.t(BACK), to(at - 1)),
      last ? button(lab.t(LEAVE), () => go(null)) : button(lab.t(NEXT), to(at + 1))),
  ].filter(part => part !== undefined);
}

/**
 * Plays the epochs a step speaks of, anew if they are over; or pauses.
 * @param {import('./types').Lab} lab
 * @param {import('./scenes.js').Step} step
 */
function playStep(lab, step) {
  if (lab.playing) return lab.pause();
  if (lab.frame.epoch >= (step.run ?? 0)) {
    lab.reset();
    if (step.weights) lab.setParameters(step.weights(lab.network));
  }
  lab.play();
}
