/** The pointer over a space: the nearest point lights up everywhere, and in the input it can be dragged. */

const REACH = 14;

/**
 * @param {import('./types').Lab} lab
 * @param {HTMLCanvasElement} canvas
 * @param {() => {points: import('./types').Floats, limits: import('./types').Box, isInput?: boolean, fit?: unknown}} space what is shown now
 */
export function followPointer(lab, canvas, space) {
  /** @type {number | null} */
  let dragged = null;
  const place = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect(), [left, right, bottom, top] = space().limits;
    return /** @type {[number, number]} */ ([left + (right - left) * (event.clientX - box.left) / box.width, top - (top - bottom) * (event.clientY - box.top) / box.height]);
  };
  canvas.addEventListener('pointermove', event => {
    const at = place(event), now = space();
    if (dragged !== null) {
      const [x, y] = at.map((value, i) => Math.max(now.limits[2 * i], Math.min(now.limits[2 * i + 1], value)));
      return lab.movePoint(dragged, x, lab.data.d > 1 || now.fit ? y : null);
    }
    lab.setHover(nearest(now, at, canvas.clientWidth));
  });
  canvas.addEventListener('pointerdown', event => {
    const now = space();
    const index = nearest(now, place(event), canvas.clientWidth);
    if (index === null || !now.isInput || lab.data.d > 2) return;
    dragged = index;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { dragged = null; });
  canvas.addEventListener('pointerleave', () => { if (dragged === null) lab.setHover(null); });
}

/**
 * The nearest point within reach of a place, or null.
 * @param {{points: import('./types').Floats, limits: import('./types').Box}} space
 * @param {[number, number]} at
 * @param {number} width of the picture in pixels
 */
function nearest({ points, limits: [left, right, bottom, top] }, at, width) {
  let best = (REACH / width) ** 2, index = null;
  for (let i = 0; i < points.length / 2; i++) {
    const distance = ((points[2 * i] - at[0]) / (right - left)) ** 2 + ((points[2 * i + 1] - at[1]) / (top - bottom)) ** 2;
    if (distance < best) [best, index] = [distance, i];
  }
  return index;
}
