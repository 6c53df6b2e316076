import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { brokenLinks } from '../support/doc-links.js';
import { ROOT, readFiles, readProjectFile } from '../support/project-files.js';

describe('docs/api', () => {
  test('[DOCS1] tells of everything that can be imported what its docstring says', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build-reference.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('links in the documents', () => {
  const pages = new Map([
    ...['README.md', 'CHANGELOG.md', 'SECURITY.md'].map((path) => [path, readProjectFile(path)] as const),
    ...readFiles(['docs'], '.md'),
  ]);

  test('[DOCS2] lead to files and headings that are there, and every guide is in the list', () => {
    expect(brokenLinks(pages, (path) => existsSync(join(ROOT, path)))).toEqual([]);
    const list = pages.get('docs/guides/README.md') ?? '';
    const unlisted = [...pages.keys()]
      .filter((path) => dirname(path) === 'docs/guides' && !path.endsWith('/README.md'))
      .filter((path) => !list.includes(`](${path.slice('docs/guides/'.length)})`));
    expect(unlisted).toEqual([]);
  });

  test.each([
    ['a file that is not there', '[a](docs/no.md)', 'docs/no.md'],
    ['a heading that is not there', '[a](docs/x.md#other)', '#other'],
    ['a picture that is not there', '![a](docs/no.png)', 'docs/no.png'],
    ['a heading of its own that is not there', '[a](#other)', '#other'],
  ])('[DOCS2] the check finds %s', (_, text, problem) => {
    const sample = new Map([
      ['README.md', `# One\n\n${text} [b](docs/x.md#a-heading-join-x) [c](#one) [d](https://example.org/)`],
      ['docs/x.md', '## A heading: `join` (x)\n\n```ts\n[e](nowhere)\n```\n'],
    ]);
    expect(brokenLinks(sample, (path) => sample.has(path))).toEqual([expect.stringContaining(problem)]);
  });
});

describe('README.md', () => {
  const readme = readProjectFile('README.md');

  test('[DOCS3] the figures that it compares with are those of docs/PERFORMANCE.md', () => {
    const table = readme.slice(readme.indexOf('| | Coscribe, SQLite |')).split('\n\n')[0]?.split('\n') ?? [];
    const [head = '', , ...rows] = table;
    const servers = cells(head).slice(1);
    const measured = readProjectFile('docs/PERFORMANCE.md').split('\n');
    const wrong = rows.flatMap((row) =>
      cells(row)
        .slice(1)
        .flatMap((cell, at) => {
          const figures = cell.match(/\d+(?: \d+){4}|\d+(?:\.\d+)?(?: %)?/g) ?? [];
          const lines = measured.filter((line) => cells(line)[1] === servers[at]);
          return figures.filter((figure) => !lines.some((line) => cells(line).includes(figure)));
        }),
    );
    expect(servers).toHaveLength(3);
    expect(rows.length).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
  });

  test('[DOCS4] its picture is sharp, and small enough to be loaded at once', () => {
    const [, path = ''] = /!\[[^\]]{40,}\]\(([^)]+\.png)\)/.exec(readme) ?? [];
    const picture = readFileSync(join(ROOT, path));
    expect(picture.length).toBeLessThan(300_000);
    // The width, as https://www.w3.org/TR/png-3/#11IHDR has it. A page of GitHub has 1,012 pixels for it, screens twice that.
    expect(picture.readUInt32BE(16)).toBeGreaterThan(2_024);
  });
});

function cells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
