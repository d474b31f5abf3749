"""A page with one panel of the lab and a stand-in for the rest, which notes what the panel asks of it."""

from lab_modules import page_folder
from unbend.lab.link import link

STAND_IN = """
import { lampPanel } from './lamp.js';
import { lessonPanel } from './lessons.js';
import { activation } from './activations.js';
import { makeNetwork } from './net.js';

export function open(panel, start) {
  const listeners = {}, asked = [], data = start.data;
  const emit = event => (listeners[event] ?? []).forEach(listener => listener());
  const ask = name => (...given) => { asked.push([name, ...given]); };
  const lab = {
    language: 'en', playing: false, divergedAt: null, options: { hide: [], lesson: null }, view: {}, ...start,
    data: { ...data, x: Float64Array.from(data.x), y: Float64Array.from(data.y) }, inputs: Float64Array.from(data.x),
    asked, emit,
    on(event, listener) { (listeners[event] ??= []).push(listener); },
    t: (text, values = {}) => text[lab.language].replace(/\\{(\\w+)\\}/g, (_, name) => values[name]),
    number: value => value.toFixed(2),
    change(changes) {
      asked.push(['change', changes]);
      lab.settings = { ...lab.settings, ...changes };
      lab.begin();
      emit('settings');
    },
    show(changes) { asked.push(['show', changes]); lab.view = { ...lab.view, ...changes }; emit('view'); },
    play() { asked.push(['play']); lab.playing = true; emit('playing'); },
    pause() { lab.playing = false; emit('playing'); },
    reset: ask('reset'), seek: ask('seek'), setParameters: ask('setParameters'),
    begin(parameters) {
      const { hidden, activations, features } = lab.settings;
      lab.network = makeNetwork([features.length, ...hidden, 1], activations.map(activation), 'sigmoid');
      const drawn = parameters ?? Array.from({ length: lab.network.parameterCount }, (_, i) => Math.sin(i));
      lab.frame = { epoch: 0, loss: 1, metric: 0.5, testLoss: NaN, parameters: Float64Array.from(drawn) };
      lab.frames = [lab.frame];
    },
    build() {
      for (const event in listeners) delete listeners[event];
      document.body.replaceChildren({ lampPanel, lessonPanel }[panel](lab));
    },
  };
  lab.begin(start.parameters);
  lab.build();
  return lab;
}
"""


def open_panel(page, panel, **start):
    """Put the panel into the page; the stand-in is ``lab`` there, and ``lab.asked`` what was asked of it."""
    modules = {path.stem: path.read_text(encoding="utf-8") for path in page_folder().glob("*.js")}
    page.set_content("<!doctype html><html lang='en'><title>lab</title><body></body></html>")
    page.add_script_tag(content=link(modules | {"stand-in": STAND_IN}, "stand-in"))
    page.evaluate("([panel, start]) => { window.lab = unbendLab().open(panel, start); }", [panel, start])


def asked(page, name):
    """What was asked of the stand-in by this name, and forgotten with it."""
    return page.evaluate("name => lab.asked.splice(0).filter(one => one[0] === name).map(one => one[1])", name)
