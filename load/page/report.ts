/**
 * The page of a load test: reads the result that is in the same file, and draws it. Everything from outside becomes text;
 * nothing is loaded from anywhere.
 */
import type { LoadResult } from '../result.js';
import { redrawCharts } from './charts/chart.js';
import { curves } from './parts/curves.js';
import { generators, nodes } from './parts/nodes.js';
import { faultTable, overTime } from './parts/over-time.js';
import { errorTable, overview } from './parts/overview.js';
import { search } from './parts/search.js';
import { settings } from './parts/settings.js';
import { problems, verdict } from './parts/verdict.js';

const INDENT = 2;

function show(result: LoadResult): void {
  document.title = `${result.outcome}: load report of ${result.startedAt}`;
  document
    .getElementById('report')
    ?.replaceChildren(
      verdict(result),
      ...problems(result),
      overview(result),
      ...search(result),
      ...overTime(result),
      curves(result),
      ...faultTable(result),
      nodes(result),
      generators(result),
      errorTable(result),
      settings(result),
    );
  document.getElementById('download')?.addEventListener('click', () => download(result));
}

function download(result: LoadResult): void {
  const file = new Blob([`${JSON.stringify(result, undefined, INDENT)}\n`], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `coscribe-load-${result.startedAt.replace(/[^\dTZ]+/g, '-')}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Paper is white: charts take the light colours for as long as something is printed. */
function followColors(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts);
  const { dataset } = document.documentElement;
  addEventListener('beforeprint', () => {
    dataset.theme = 'light';
    redrawCharts();
  });
  addEventListener('afterprint', () => {
    delete dataset.theme;
    redrawCharts();
  });
}

followColors();
show(JSON.parse(document.getElementById('result')?.textContent ?? '') as LoadResult);
