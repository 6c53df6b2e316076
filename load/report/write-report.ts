import { readFile } from 'node:fs/promises';
import { packageFile } from '../../tools/services/package-root.js';
import type { LoadResult } from '../result.js';
import { writeWhole } from './write-whole.js';

/** Built by `scripts/build-report.mjs`. */
const PAGE = 'dist/load/page/report.html';
const PLACE = '[[result]]';

/**
 * Writes the report of a run: one HTML file with everything in it, that opens from a disk and loads nothing. A file that is
 * there is replaced whole, or not at all.
 *
 * @throws Error if the file can't be written, or the package was not built
 */
export async function writeReport(result: LoadResult, file: string): Promise<void> {
  const page = await readFile(packageFile(PAGE), 'utf8');
  await writeWhole(file, fillPage(page, result));
}

/**
 * The page with a result in its place. Whatever a text in it holds, it can't end the element that it stands in.
 *
 * @throws Error if the page has no place for it
 */
export function fillPage(page: string, result: LoadResult): string {
  const at = page.indexOf(PLACE);
  if (at === -1) throw new Error(`The page of the report has no ${PLACE}: build the package again.`);
  const json = JSON.stringify(result).replaceAll('<', '\\u003c');
  return page.slice(0, at) + json + page.slice(at + PLACE.length);
}
