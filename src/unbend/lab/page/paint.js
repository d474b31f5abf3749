/** Painters: canvases, colours, and what is seen in a space: field, grid, points with markers, curves, straight lines. */
import { winnerAt } from './contour.js';

const LIGHT = {
  ink: '#22262a', quiet: '#59626a', paper: '#ffffff', panel: '#f5f7f8', grid: '#aeb6bc', line: '#d5dade', negative: '#f59322',
  positive: '#0877bd', undecided: '#e8eaeb', accent: '#075f98', boundary: '#000000', gradient: '#c8102e',
};
const MORE_CLASSES = ['#1b9e77', '#c2569b', '#7a5230', '#57c4e5', '#b5a800', '#4b3f8f', '#e4572e', '#4d4d4d'];
const STEPS = 128;
const FAR = 1e5;
const TAU = 2 * Math.PI;

/** @typedef {import('./types').Floats} Floats */
/** @typedef {import('./types').Box} Box */
/** @typedef {(x: number, y: number) => [number, number]} Map */
/** @typedef {typeof LIGHT & {classes: string[], soft: Uint32Array, strong: Uint32Array, softClasses: Uint32Array[]}} Palette */
/** @typedef {{points: Floats, limits: Box} & Record<string, any>} Space */

/** @type {globalThis.Map<string, Palette>} */
const palettes = new globalThis.Map();

/**
 * The colours of the theme in which an element stands: the custom properties of the style sheet.
 * @param {Element} element
 * @returns {Palette}
 */
export function palette(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const key = read('paper') + read('ink');
  let colours = palettes.get(key);
  if (!colours) palettes.set(key, colours = mixedPalette(Object.fromEntries(Object.entries(LIGHT).map(([name, value]) => [name, read(name) || value]))));
  return colours;
}

/** @param {any} base @returns {Palette} */
function mixedPalette(base) {
  const dark = rgb(base.paper)[0] < 128;
  const more = dark ? MORE_CLASSES.map(colour => hex(mix(rgb(colour), [255, 255, 255], 0.35))) : MORE_CLASSES;
  const classes = [base.negative, base.positive, ...more];
  const [paper, middle] = [rgb(base.paper), rgb(base.undecided)];
  const soften = (/** @type {string} */ colour, /** @type {number} */ share) => mix(paper, rgb(colour), share);
  const ramp = (/** @type {number} */ share) => Uint32Array.from({ length: 2 * STEPS + 1 }, (_, i) =>
    packed(mix(middle, soften(i < STEPS ? base.negative : base.positive, share), Math.abs(i - STEPS) / STEPS)));
  const soft = dark ? 0.55 : 0.38;
  const softClasses = classes.map(colour => Uint32Array.from({ length: STEPS + 1 }, (_, i) => packed(mix(middle, soften(colour, soft), 0.25 + 0.75 * i / STEPS))));
  return { ...base, classes, soft: ramp(soft), strong: ramp(0.85), softClasses };
}

/** @param {string} colour */
const rgb = colour => [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) || 0);

/** @param {number[]} one @param {number[]} other @param {number} share of the other */
const mix = (one, other, share) => one.map((value, i) => value + share * (other[i] - value));

/** @param {number[]} colour */
const packed = ([red, green, blue]) => (255 << 24 | Math.round(blue) << 16 | Math.round(green) << 8 | Math.round(red)) >>> 0;

/** @param {number[]} colour */
const hex = colour => `#${colour.map(part => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/**
 * An empty canvas of so many pixels of the page, as sharp as the screen is.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sharp(canvas, width, height) {
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const [wide, high] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  ctx.setTransform(wide / width, 0, 0, high / height, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

/**
 * Places of a box as pixels, y upwards.
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @returns {Map}
 */
export function toPixels([left, right, bottom, top], width, height) {
  const across = width / (right - left);
  const up = height / (top - bottom);
  return (x, y) => [near((x - left) * across), near((top - y) * up)];
}

/** @param {number} pixel */
const near = pixel => pixel > FAR ? FAR : pixel < -FAR ? -FAR : pixel;

/** @type {HTMLCanvasElement | null} */
let sheet = null;

/**
 * Colours of a raster's corners, row after row from below, stretched over a canvas; `colourAt` gives the packed colour.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} columns
 * @param {number} rows
 * @param {number} width
 * @param {number} height
 * @param {(corner: number) => number} colourAt
 */
function paintRaster(ctx, columns, rows, width, height, colourAt) {
  sheet ??= document.createElement('canvas');
  if (sheet.width !== columns || sheet.height !== rows) Object.assign(sheet, { width: columns, height: rows });
  const inner = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
  const image = inner.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let row = 0, corner = 0; row < rows; row++) {
    for (let at = (rows - 1 - row) * columns, end = at + columns; at < end; at++, corner++) pixels[at] = colourAt(corner);
  }
  inner.putImageData(image, 0, 0);
  ctx.drawImage(sheet, 0.5, 0.5, columns - 1, rows - 1, 0, 0, width, height);
}

/** @param {Uint32Array} ramp @param {number} sign from -1 to 1 */
const onRamp = (ramp, sign) => ramp[Math.round(STEPS * (1 + Math.max(-1, Math.min(1, sign || 0))))];

/**
 * The input plane in the colours of what the network says: orange, grey, blue; or the winning class, paler where unsure.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{post: Floats, width: number, columns: number, rows: number}} field see geometry.js
 * @param {import('./types').Data} data
 * @param {Palette} colours
 * @param {boolean} discretize
 * @param {number} width
 * @param {number} height
 */
export function paintField(ctx, { post, width: classes, columns, rows }, data, colours, discretize, width, height) {
  const paint = (/** @type {(corner: number) => number} */ colourAt) => paintRaster(ctx, columns, rows, width, height, colourAt);
  if (data.task === 'multiclass') {
    paint(corner => {
      const winner = winnerAt(post, corner, classes);
      const sure = discretize ? 1 : (post[corner * classes + winner] - 1 / classes) / (1 - 1 / classes);
      return colours.softClasses[winner % colours.classes.length][Math.round(STEPS * Math.max(0, Math.min(1, sure || 0)))];
    });
  } else {
    const [middle, half] = scaleOf(data);
    paint(corner => {
      const sign = (post[corner] - middle) / half;
      return onRamp(colours.soft, discretize ? Math.sign(sign) : sign);
    });
  }
}

/** The middle and half the range of what a network says. @param {import('./types').Data} data */
function scaleOf(data) {
  if (data.task !== 'regression') return [0.5, 0.5];
  let [low, high] = [Infinity, -Infinity];
  for (const value of data.y) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [(low + high) / 2, (high - low) / 2 || 1];
}

/**
 * The values of one unit or feature as a small map; the largest size has the full colour.
 * @param {CanvasRenderingContext2D} ctx as from `sharp`
 * @param {Floats} values
 * @param {number} columns
 * @param {number} rows
 * @param {Palette} colours
 * @param {number} unit
 * @param {number} stride values for each corner
 */
export function paintMap(ctx, values, columns, rows, colours, unit = 0, stride = 1) {
  let most = 1e-9;
  for (let at = unit; at < values.length; at += stride) {
    const size = Math.abs(values[at]);
    if (size > most && size < Infinity) most = size;
  }
  const scale = ctx.getTransform();
  paintRaster(ctx, columns, rows, ctx.canvas.width / scale.a, ctx.canvas.height / scale.d, corner => onRamp(colours.strong, values[corner * stride + unit] / most));
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import('./types').Polylines} lines
 * @param {Map} map
 * @param {string} colour
 * @param {number} width
 * @param {number[]} dash
 */
export function paintPolylines(ctx, lines, map, colour, width, dash = []) {
  ctx.beginPath();
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const [x, y] = map(line[i], line[i + 1]);
      if (i) ctx.lineTo(x, y);
      else ctx.moveTo(x, y);
    }
  }
  Object.assign(ctx, { strokeStyle: colour, lineWidth: width, lineJoin: 'round', lineCap: dash.length ? 'butt' : 'round' });
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * The line between the classes on a halo; thin lines for levels of regression.
 * @param {CanvasRenderingContext2D} ctx
 * @param {import('./types').Polylines} curves
 * @param {Map} map
 * @param {Palette} colours
 */
export function paintBoundary(ctx, curves, map, colours, thin = false) {
  ctx.globalAlpha = 0.8;
  paintPolylines(ctx, curves, map, colours.paper, thin ? 2.8 : 5);
  ctx.globalAlpha = 1;
  paintPolylines(ctx, curves, map, colours.boundary, thin ? 1.1 : 2.4);
}

/** @param {CanvasRenderingContext2D} ctx @param {import('./types').Segment} segment @param {Map} map @param {Palette} colours */
export function paintSegment(ctx, segment, map, colours, thin = false) {
  paintBoundary(ctx, [Float64Array.from(segment)], map, colours, thin);
}

/** Corners of the markers around (0, 0), in Python's order o s ^ D v P X < > h; null is a circle. @type {(number[][] | null)[]} */
const MARKS = [null, square(1, Math.PI / 4, 4), square(1.15, -Math.PI / 2, 3), square(1.1, 0, 4), square(1.15, Math.PI / 2, 3), cross(0), cross(Math.PI / 4),
  square(1.15, Math.PI, 3), square(1.15, 0, 3), square(1.05, Math.PI / 2, 6)];

/** @param {number} radius @param {number} from @param {number} corners */
function square(radius, from, corners) {
  return Array.from({ length: corners }, (_, i) => [radius * Math.cos(from + i * 2 * Math.PI / corners), radius * Math.sin(from + i * 2 * Math.PI / corners)]);
}

/** @param {number} turn */
function cross(turn) {
  const [arm, half] = [1.1, 0.38];
  const quarter = [[arm, -half], [arm, half], [half, half]];
  return [0, 1, 2, 3].flatMap(i => quarter.map(([x, y]) => {
    const angle = turn + i * Math.PI / 2;
    return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
  }));
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {number} index */
function trace(ctx, x, y, size, index) {
  const mark = MARKS[(index + Math.floor(index / 10)) % 10];
  if (!mark) {
    ctx.moveTo(x + size, y);
    ctx.arc(x, y, size, 0, TAU);
    return;
  }
  mark.forEach(([dx, dy], i) => i ? ctx.lineTo(x + size * dx, y + size * dy) : ctx.moveTo(x + size * dx, y + size * dy));
  ctx.closePath();
}

/** The marker of a class. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {number} index @param {Palette} colours */
export function classMark(ctx, x, y, size, index, colours) {
  ctx.beginPath();
  trace(ctx, x, y, size, index);
  ctx.fillStyle = colours.classes[index % 10];
  ctx.fill();
}

/**
 * Points in the colours and markers of their classes, or in that of their value; `hollow` for test rows.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Floats} places (n, 2)
 * @param {{y: Floats, task: import('./types').Task, rows?: Floats}} data `rows` are the targets of these places, if not data.y
 * @param {Map} map
 * @param {Palette} colours
 * @param {{size?: number, plain?: boolean, hollow?: boolean}} [how]
 */
export function paintPoints(ctx, places, data, map, colours, { size = 3.6, plain = false, hollow = false } = {}) {
  const y = data.rows ?? data.y;
  const [middle, half] = scaleOf(/** @type {any} */ (data));
  const values = data.task === 'regression';
  /** @type {number[][]} */
  const groups = [];
  for (let i = 0; i < places.length / 2; i++) {
    const group = values ? Math.round(4 + 4 * Math.max(-1, Math.min(1, (y[i] - middle) / half))) : y[i];
    (groups[group] ??= []).push(i);
  }
  groups.forEach((members, group) => {
    ctx.beginPath();
    for (const i of members) {
      const [px, py] = map(places[2 * i], places[2 * i + 1]);
      trace(ctx, px, py, size, values ? 0 : group);
    }
    const colour = values ? unpacked(onRamp(colours.strong, group / 4 - 1)) : colours.classes[group % 10];
    ctx.fillStyle = hollow ? colours.paper : colour;
    Object.assign(ctx, { strokeStyle: hollow ? colour : values ? colours.quiet : colours.paper, lineWidth: hollow ? 1.5 : 1, lineJoin: 'miter' });
    ctx.fill();
    if (!plain) ctx.stroke();
  });
}

/** @param {number} colour */
const unpacked = colour => hex([colour & 255, colour >> 8 & 255, colour >> 16 & 255]);

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {Palette} colours */
function paintRing(ctx, x, y, colours) {
  for (const [colour, width] of /** @type {[string, number][]} */ ([[colours.paper, 5], [colours.ink, 2.4]])) {
    ctx.beginPath();
    ctx.arc(x, y, 8, 0, TAU);
    Object.assign(ctx, { strokeStyle: colour, lineWidth: width });
    ctx.stroke();
  }
}

/**
 * Numbers at round places along the lower and the left edge.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @param {Palette} colours
 */
export function paintAxes(ctx, box, width, height, colours) {
  const map = toPixels(box, width, height);
  Object.assign(ctx, { fillStyle: colours.quiet, font: '11px system-ui, sans-serif', textBaseline: 'bottom' });
  const text = (/** @type {number} */ value, /** @type {number} */ x, /** @type {number} */ y) => ctx.fillText(String(+value.toPrecision(6)).replace('-', '−'), x, y);
  ctx.textAlign = 'center';
  for (const value of ticks(box[0], box[1], width / 90)) if (Math.abs(map(value, 0)[0] - width / 2) < width / 2 - 24) text(value, map(value, 0)[0], height - 3);
  Object.assign(ctx, { textAlign: 'left', textBaseline: 'middle' });
  for (const value of ticks(box[2], box[3], height / 90)) if (Math.abs(map(0, value)[1] - height / 2) < height / 2 - 20) text(value, 4, map(0, value)[1]);
}

/** @param {number} low @param {number} high @param {number} most */
function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (/** @type {number} */ ([1, 2, 5, 10].find(times => times * power >= rough)));
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.min(20, Math.floor(high / step) - first + 1)) }, (_, i) => (first + i) * step);
}

/**
 * A space with all that it holds: field, grid, folds, curve of outputs, boundary or straight lines, points, the hovered one.
 * @param {HTMLCanvasElement | CanvasRenderingContext2D} target a context is painted as it stands, `side` wide and high
 * @param {Space} space
 * @param {import('./types').Lab} lab
 * @param {number} [side]
 */
export function paintSpace(target, space, lab, side) {
  const canvas = 'getContext' in target ? target : target.canvas;
  const [width, height] = side ? [side, side] : [canvas.clientWidth || 120, canvas.clientHeight || 120];
  const ctx = 'getContext' in target ? sharp(target, width, height) : target;
  const colours = palette(canvas);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, width, height);
  ctx.clip();
  ctx.fillStyle = colours.paper;
  ctx.fillRect(0, 0, width, height);
  if (space.field) paintField(ctx, space.field, lab.data, colours, lab.view.discretize, width, height);
  paintThings(ctx, space, lab, toPixels(space.limits, width, height), colours, pointSize(width, lab.data.n));
  ctx.restore();
}

/** @param {number} width @param {number} n */
export const pointSize = (width, n) => Math.max(1.6, Math.min(5.5, width / 75)) * (n > 1000 ? 0.75 : 1);

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Omit<Space, 'limits'>} space
 * @param {import('./types').Lab} lab
 * @param {Map} map
 * @param {Palette} colours
 * @param {number} size
 */
export function paintThings(ctx, space, lab, map, colours, size) {
  const { data, view, hover } = lab;
  const thin = data.task === 'regression';
  if (view.grid && space.grid) paintPolylines(ctx, space.grid, map, colours.grid, 0.9);
  for (const fold of space.folds ?? []) paintPolylines(ctx, fold.curves, map, colours.quiet, fold.kind === 'edge' ? 0.8 : 1.4, fold.kind === 'kink' ? [] : fold.kind === 'steep' ? [6, 4] : [1.5, 4]);
  if (view.showTest && space.testPoints) paintPoints(ctx, space.testPoints, { ...data, rows: data.test.y }, map, colours, { size: 0.9 * size, hollow: true });
  paintPoints(ctx, space.points, data, map, colours, { size, plain: size < 2 });
  if (space.fit) paintBoundary(ctx, [space.fit], map, colours);
  if (space.boundary?.length) paintBoundary(ctx, space.boundary, map, colours, thin);
  for (const line of straightOf(space)) paintSegment(ctx, line, map, colours, thin);
  if (hover !== null && 2 * hover + 1 < space.points.length) paintRing(ctx, ...map(space.points[2 * hover], space.points[2 * hover + 1]), colours);
}

/** The straight lines of a space: between the classes, or of equal predictions. @param {any} space @returns {import('./types').Segment[]} */
export const straightOf = space => [...(space.lines ?? []), ...(space.levels ?? []).flatMap((/** @type {any} */ level) => level.segment ? [level.segment] : [])];
