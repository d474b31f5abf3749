/** Films as GIF: one table of at most 128 colours for all pictures, packed by LZW. */

const BITS = 7;
const COLOURS = 1 << BITS;
const CLEAR = COLOURS;

/** The bin of a colour, five bits for each part. @param {Uint8ClampedArray} pixels @param {number} at */
const binOf = (pixels, at) => (pixels[at] >> 3) << 10 | (pixels[at + 1] >> 3) << 5 | pixels[at + 2] >> 3;

/**
 * The most frequent colours of some pictures, and the nearest of them for every bin.
 * @param {Uint8ClampedArray[]} pictures RGBA
 */
function colourTable(pictures) {
  const counts = new Float64Array(32768), sums = [0, 1, 2].map(() => new Float64Array(32768));
  for (const pixels of pictures) {
    for (let at = 0; at < pixels.length; at += 4) {
      const bin = binOf(pixels, at);
      counts[bin] += 1;
      for (let part = 0; part < 3; part++) sums[part][bin] += pixels[at + part];
    }
  }
  const bins = [...counts.keys()].filter(bin => counts[bin]).sort((one, other) => counts[other] - counts[one]).slice(0, COLOURS);
  const table = bins.map(bin => sums.map(sum => Math.round(sum[bin] / counts[bin])));
  const nearest = new Int16Array(32768).fill(-1);
  const find = (/** @type {number} */ bin) => {
    const colour = [bin >> 10 & 31, bin >> 5 & 31, bin & 31].map(part => part * 8 + 4);
    const distances = table.map(other => other.reduce((sum, part, i) => sum + (part - colour[i]) ** 2, 0));
    return nearest[bin] = distances.indexOf(Math.min(...distances));
  };
  return { table, place: (/** @type {number} */ bin) => nearest[bin] < 0 ? find(bin) : nearest[bin] };
}

/** Places in the table as blocks of LZW. @param {Uint8Array} places */
function packed(places) {
  const bytes = /** @type {number[]} */ ([]), known = /** @type {Map<number, number>} */ (new Map());
  let size = BITS + 1, next = CLEAR + 2, held = 0, bits = 0;
  const put = (/** @type {number} */ code) => {
    held |= code << bits;
    for (bits += size; bits >= 8; bits -= 8, held >>>= 8) bytes.push(held & 255);
  };
  put(CLEAR);
  let prefix = places[0];
  for (let i = 1; i < places.length; i++) {
    const key = prefix << BITS | places[i], longer = known.get(key);
    if (longer !== undefined) prefix = longer;
    else {
      put(prefix);
      prefix = places[i];
      if (next === 4096) {
        put(CLEAR);
        known.clear();
        [size, next] = [BITS + 1, CLEAR + 2];
      } else {
        if (next === 1 << size) size += 1;
        known.set(key, next++);
      }
    }
  }
  put(prefix);
  put(CLEAR + 1);
  if (bits) bytes.push(held & 255);
  const blocks = [BITS];
  for (let at = 0; at < bytes.length; at += 255) blocks.push(Math.min(255, bytes.length - at), ...bytes.slice(at, at + 255));
  return Uint8Array.from([...blocks, 0]);
}

/**
 * A GIF that repeats for ever; `draw(i)` gives the pixels (RGBA) of picture i.
 * @param {number} width
 * @param {number} height
 * @param {number} count
 * @param {(i: number) => Promise<Uint8ClampedArray>} draw
 * @param {(i: number) => number} delay of picture i in hundredths of a second
 */
export async function gif(width, height, count, draw, delay) {
  const samples = await Promise.all([...new Set([0, count >> 1, count - 1])].map(draw));
  const { table, place } = colourTable(samples);
  const word = (/** @type {number} */ value) => [value & 255, value >> 8];
  const colours = Array.from({ length: COLOURS }, (_, i) => table[i] ?? [0, 0, 0]).flat();
  const letters = (/** @type {string} */ text) => [...text].map(letter => letter.charCodeAt(0));
  const parts = [Uint8Array.from([...letters('GIF89a'), ...word(width), ...word(height), 0x80 | BITS - 1, 0, 0, ...colours,
    0x21, 0xff, 11, ...letters('NETSCAPE2.0'), 3, 1, 0, 0, 0])];
  for (let i = 0; i < count; i++) {
    const pixels = await draw(i), places = new Uint8Array(width * height);
    for (let at = 0; at < places.length; at++) places[at] = place(binOf(pixels, 4 * at));
    parts.push(Uint8Array.from([0x21, 0xf9, 4, 4, ...word(delay(i)), 0, 0, 0x2c, 0, 0, 0, 0, ...word(width), ...word(height), 0]), packed(places));
  }
  return new Blob([.../** @type {BlobPart[]} */ (parts), Uint8Array.from([0x3b])], { type: 'image/gif' });
}
