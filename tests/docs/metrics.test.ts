import { expect, test } from '@jest/globals';
import { allMetrics } from '../support/all-metrics.js';
import { parseExposition, sampleNames } from '../support/exposition.js';
import { metricsTable } from '../support/metrics-table.js';
import { readFiles, readProjectFile } from '../support/project-files.js';

test('[METRIC13] the table of docs/OPERATIONS.md is what the code says', async () => {
  expect(readProjectFile('docs/OPERATIONS.md')).toContain(
    `\n\n${metricsTable(await allMetrics().text())}\n\n`,
  );
});

test('[METRIC13] every metric that is named anywhere in the documents exists', async () => {
  const names = sampleNames(parseExposition(await allMetrics().text()));
  for (const [path, text] of [
    ...readFiles(['docs'], '.md'),
    ['README.md', readProjectFile('README.md')] as const,
  ])
    for (const [, name = ''] of text.matchAll(/`(coscribe_[a-z_]+[a-z])(?:\{[^`]*)?`/g))
      expect([path, names.has(name) ? name : `no metric ${name}`]).toEqual([path, name]);
});
