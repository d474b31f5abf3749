/** The timeline: every kept epoch can be seen again, and training can go on from any of them. */
import { button, h } from './dom.js';

const T = {
  timeline: { en: 'Timeline', zh: '时间线' },
  back: { en: 'One kept epoch back', zh: '后退一帧' },
  on: { en: 'One kept epoch on', zh: '前进一帧' },
  train: { en: 'Train or pause', zh: '训练或暂停' },
  undo: { en: 'Undo', zh: '撤销' },
  undoLong: { en: 'Bring back the run that was replaced', zh: '找回被替换掉的那次训练' },
  fork: { en: 'Go on from here', zh: '从这里继续' },
  at: { en: 'epoch {epoch} of {last}', zh: '第 {epoch} 轮，共 {last} 轮' },
};

/** @param {import('./types').Lab} lab */
export function timelinePanel(lab) {
  const place = () => lab.frames.indexOf(lab.frame);
  const seek = (/** @type {number} */ i) => lab.seekFrame(Math.max(0, Math.min(lab.frames.length - 1, i)));
  const range = h('input', { type: 'range', min: 0, max: 0, step: 1, value: 0, 'aria-label': lab.t(T.timeline), oninput: () => seek(Number(range.value)) });
  const said = h('span', { class: 'quiet' });
  const fork = button(lab.t(T.fork), () => {
    lab.fork();
    lab.play();
  }, { class: 'small' });
  const undo = button(lab.t(T.undo), () => lab.undo(), { class: 'small', title: lab.t(T.undoLong) });
  const play = button('', () => lab.playing ? lab.pause() : lab.play(), { class: 'small phone', 'aria-label': lab.t(T.train) });
  const draw = () => {
    play.textContent = lab.playing ? '❚❚' : '▶';
    const i = place();
    range.max = String(lab.frames.length - 1);
    range.value = String(i);
    const last = lab.frames[lab.frames.length - 1].epoch;
    said.textContent = lab.t(T.at, { epoch: lab.frame.epoch, last });
    range.setAttribute('aria-valuetext', said.textContent);
    fork.disabled = i === lab.frames.length - 1;
    undo.disabled = !lab.previous;
  };
  lab.on('frame', draw);
  lab.on('playing', draw);
  draw();
  return h('section', { class: 'timeline', 'aria-label': lab.t(T.timeline) },
    h('div', { class: 'row' }, h('h2', {}, lab.t(T.timeline)), play,
      button('◂', () => seek(place() - 1), { class: 'small', 'aria-label': lab.t(T.back), title: lab.t(T.back) }),
      button('▸', () => seek(place() + 1), { class: 'small', 'aria-label': lab.t(T.on), title: lab.t(T.on) })),
    range, h('div', { class: 'row' }, said, fork, undo));
}
