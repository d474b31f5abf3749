// The JavaScript twin of unbend.randomness: reads {seed, purpose, indices, n} on standard input, answers with numbers.
import { readFileSync } from 'node:fs';
const hash = text => new TextEncoder().encode(text).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
function threefry([k0, k1], [c0, c1]) {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24], keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let a = (c0 + k0) | 0, b = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const bits = rotations[round % 8];
    a = (a + b) | 0;
    b = ((b << bits) | (b >>> (32 - bits))) ^ a;
    if (round % 4 < 3) continue;
    const step = (round + 1) / 4;
    a = (a + keys[step % 3]) | 0;
    b = (b + keys[(step + 1) % 3] + step) | 0;
  }
  return [a >>> 0, b >>> 0];
}
function uniform(seed, purpose, index) {
  const [a, b] = threefry([seed, hash(purpose)], [index, Math.floor(index / 2 ** 32)]);
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
}
const horner = (r, coefficients) => coefficients.reduce((value, coefficient) => value * r + coefficient);
const ratio = ([numerator, denominator], r) => horner(r, numerator) / horner(r, denominator);
function quantile(p, { CENTRE, SHOULDER, TAIL }) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? Math.max(p, 2 ** -54) : 1 - p));
  return Math.sign(q) * (r <= 5 ? ratio(SHOULDER, r - 1.6) : ratio(TAIL, r - 5));
}
const { seed, purpose, indices, n, tables } = JSON.parse(readFileSync(0, 'utf8'));
const keys = Array.from({ length: n }, (_, i) => threefry([seed, hash(purpose)], [i, indices[0]])[0]);
const uniforms = indices.map(index => uniform(seed, purpose, index));
const normals = uniforms.map(u => quantile(u, tables));
const truncated = uniforms.map(u => Math.min(2, Math.max(-2, quantile(0.022750131948179207 + u * 0.9544997361036416, tables))));
const permutation = keys.map((_, i) => i).sort((i, j) => keys[i] - keys[j] || i - j);
console.log(JSON.stringify({ uniforms, normals, truncated, permutation }));
