/** A context that the painters draw on and that answers with SVG: paths, clips, text, and rasters as embedded PNG. */

const short = (/** @type {number} */ value) => String(Math.round(value * 100) / 100);
const escaped = (/** @type {string} */ text) => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

/**
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D & {svg(): string}} as far as paint.js uses it
 */
export function svgContext(width, height) {
  const parts = /** @type {string[]} */ ([]), saved = /** @type {{x: number, y: number, clip: string}[]} */ ([]);
  let now = { x: 0, y: 0, clip: '' }, path = '', clips = 0, dash = '';
  const place = (/** @type {number} */ x, /** @type {number} */ y) => `${short(x + now.x)} ${short(y + now.y)}`;
  const put = (/** @type {string} */ tag, /** @type {string} */ attributes, text = '') => {
    const alpha = ctx.globalAlpha < 1 ? ` opacity="${ctx.globalAlpha}"` : '';
    parts.push(`<${tag} ${attributes}${alpha}${now.clip}${text ? `>${escaped(text)}</${tag}>` : '/>'}`);
  };
  const box = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ w, /** @type {number} */ h) =>
    `M${place(x, y)}H${short(x + w + now.x)}V${short(y + h + now.y)}H${short(x + now.x)}Z`;
  const ctx = /** @type {any} */ ({
    canvas: document.createElement('canvas'), globalAlpha: 1, fillStyle: '#000000', strokeStyle: '#000000', lineWidth: 1, lineJoin: 'miter', lineCap: 'butt',
    font: '11px sans-serif', textAlign: 'left', textBaseline: 'alphabetic',
    save: () => saved.push({ ...now }),
    restore() { now = saved.pop() ?? now; },
    translate(/** @type {number} */ x, /** @type {number} */ y) { now = { ...now, x: now.x + x, y: now.y + y }; },
    beginPath() { path = ''; },
    moveTo(/** @type {number} */ x, /** @type {number} */ y) { path += `M${place(x, y)}`; },
    lineTo(/** @type {number} */ x, /** @type {number} */ y) { path += `L${place(x, y)}`; },
    closePath() { path += 'Z'; },
    rect(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ w, /** @type {number} */ h) { path += box(x, y, w, h); },
    /** whole circles only @param {number} x @param {number} y @param {number} r */
    arc(x, y, r) { path += `M${place(x + r, y)}A${short(r)} ${short(r)} 0 1 0 ${place(x - r, y)}A${short(r)} ${short(r)} 0 1 0 ${place(x + r, y)}Z`; },
    clip() {
      parts.push(`<clipPath id="c${clips += 1}"><path d="${path}"/></clipPath>`);
      now = { ...now, clip: ` clip-path="url(#c${clips})"` };
    },
    setLineDash(/** @type {number[]} */ lengths) { dash = lengths.length ? ` stroke-dasharray="${lengths.join(' ')}"` : ''; },
    fill() { if (path) put('path', `d="${path}" fill="${ctx.fillStyle}"`); },
    stroke() { if (path) put('path', `d="${path}" fill="none" stroke="${ctx.strokeStyle}" stroke-width="${ctx.lineWidth}" stroke-linejoin="${ctx.lineJoin}" stroke-linecap="${ctx.lineCap}"${dash}`); },
    fillRect(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ w, /** @type {number} */ h) { put('path', `d="${box(x, y, w, h)}" fill="${ctx.fillStyle}"`); },
    fillText(/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) {
      const [, size = '11'] = /([\d.]+)px/.exec(ctx.font) ?? [];
      const anchor = ctx.textAlign === 'center' ? 'middle' : ctx.textAlign === 'right' ? 'end' : 'start';
      const up = { middle: 0.35, top: 0.8, bottom: -0.2 }[/** @type {string} */ (ctx.textBaseline)] ?? 0;
      put('text', `x="${short(x + now.x)}" y="${short(y + now.y + up * Number(size))}" fill="${ctx.fillStyle}" font-size="${size}" font-family="sans-serif" text-anchor="${anchor}"`, text);
    },
    /** @param {HTMLCanvasElement} image @param {number[]} rest */
    drawImage(image, ...[left, top, wide, high, x, y, w, h]) {
      const across = w / wide, up = h / high;
      put('image', `x="${short(x + now.x - left * across)}" y="${short(y + now.y - top * up)}" width="${short(image.width * across)}" height="${short(image.height * up)}"`
        + ` preserveAspectRatio="none" href="${image.toDataURL()}"`);
    },
    svg: () => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n${parts.join('\n')}\n</svg>\n`,
  });
  return ctx;
}
