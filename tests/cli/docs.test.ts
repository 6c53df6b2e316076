import { describe, expect, test } from '@jest/globals';
import { loadAll } from '../../cli/commands.js';
import { GROUPS } from '../../cli/groups.js';
import { readProjectFile } from '../support/project-files.js';

const MARKED = /<!-- commands -->\n\n?([\s\S]*?)\n?<!-- \/commands -->/;

describe('docs/OPERATIONS.md', () => {
  test('[CLI30] has a row for each command, as the command itself tells', async () => {
    const all = await loadAll();
    const groups = Object.keys(GROUPS);
    const listed = [...all].sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
    const rows = listed.map(
      ({ command: { name, synopsis, summary } }) =>
        `| \`${`coscribe ${name} ${synopsis}`.trim().replaceAll('|', '\\|')}\` | ${summary} |`,
    );
    const table = ['| command | |', '| --- | --- |', ...rows, ''].join('\n');
    expect(MARKED.exec(readProjectFile('docs/OPERATIONS.md'))?.[1]).toBe(table);
  });
});
