import type { Column, Figures } from './scenario.js';

/** Columns of figures of one kind, by title; a cell that says nothing is empty. */
export function columnsOf<F extends Figures>(
  cells: Readonly<Record<string, (figures: F) => string | undefined>>,
): Column[] {
  return Object.entries(cells).map(([title, cell]) => ({
    title,
    of: (figures) => cell(figures as F) ?? '',
  }));
}

export const MEGABYTE = 2 ** 20;

export function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 2 : 0);
}

export function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
