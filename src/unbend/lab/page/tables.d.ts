/** tables.js is written by unbend.lab.tables from the packaged tables. */
import type { Own } from './types';

export const TABLES: Record<string, Own>;
