import { describe, expect, test } from '@jest/globals';
import type { Row } from '../../bench/job.js';
import { installedVersions, thisMachine } from '../../bench/machine.js';
import { headLine, markdown, rowLine } from '../../bench/report.js';
import type { Scenario } from '../../bench/scenarios/scenario.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

const SCENARIO: Scenario = {
  name: 'hot',
  title: 'Hot document',
  about: 'All into one.',
  columns: [
    { title: 'p99 ms', of: ({ p99 }) => `${p99}` },
    { title: 'a very long title', of: () => 'x' },
  ],
  cases: () => [],
};
const GOOD: Row = {
  scenario: 'hot',
  case: '50 typists',
  server: 'ours',
  label: 'Ours',
  outcome: { figures: { p99: 12.5 }, notes: ['saturated', 'a | b'] },
};
const BAD: Row = {
  scenario: 'hot',
  case: '50 typists',
  server: 'theirs',
  label: 'Theirs',
  failed: 'the server died:\nboom',
};

describe('the report', () => {
  test('[BENCH14] the terminal shows a row for each server under its columns, with what must be known of it', () => {
    const head = headLine(SCENARIO);
    const [row = '', ...notes] = rowLine(SCENARIO, GOOD).split('\n');
    expect(head.indexOf('p99 ms') + 'p99 ms'.length).toBe(row.indexOf('12.5') + '12.5'.length);
    expect(head.length).toBe(row.length);
    expect(notes.map((note) => note.trim())).toEqual(['saturated', 'a | b']);
    expect(rowLine(SCENARIO, BAD)).toContain('the server died');
  });

  test('[BENCH14] the Markdown says on what machine, with what versions and by what command', () => {
    const text = markdown(
      {
        date: '2026-01-02T03:04:05.000Z',
        command: 'npm run bench -- --scenario hot',
        machine: { cpu: 'Some CPU', cores: 2, memoryGb: 24, kernel: 'Linux 6', node: 'v20.1.0' },
        commit: 'abc1234, with changes',
        versions: { ws: '8.0.0', other: '1.2.3' },
        rows: [GOOD, BAD],
      },
      [SCENARIO, { ...SCENARIO, name: 'many', title: 'Not run' }],
    );
    for (const part of [
      '2026-01-02',
      '`npm run bench -- --scenario hot`',
      'Some CPU',
      '2 cores',
      '24 GB',
      'v20.1.0',
      'ws 8.0.0',
      'abc1234',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('## Hot document\n\nAll into one.\n\n| case | server | p99 ms |');
    expect(text).toContain('| 50 typists | Ours | 12.5 | x | saturated; a \\| b |');
    expect(text).toContain('| 50 typists | Theirs |  |  | the server died: boom |');
    expect(text).not.toContain('Not run');
  });

  test('[BENCH14] machine and versions are those at hand', () => {
    expect(thisMachine()).toEqual({
      cpu: expect.stringMatching(/./),
      cores: expect.any(Number),
      memoryGb: expect.any(Number),
      kernel: expect.stringMatching(/^Linux \d/),
      node: process.version,
    });
    const { version } = JSON.parse(readProjectFile('node_modules/yjs/package.json')) as { version: string };
    expect(installedVersions(ROOT, ['yjs', 'not-there', 'yjs'])).toEqual({
      'not-there': 'not installed',
      yjs: version,
    });
  });
});
