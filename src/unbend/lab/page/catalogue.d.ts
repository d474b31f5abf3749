/** catalogue.js is written by unbend.lab.catalogue from Python's catalogue: a row for each name. */
import type { Activation } from './types';

export const CATALOGUE: Record<string, [
  formula: string, kinks: number[], apply: Activation['apply'], source: string, english: string, chinese: string,
  ...elsewhere: string[],
]>;
export const sigmoid: (u: number) => number;
export const softplus: (u: number) => number;
export const erf: (u: number) => number;
