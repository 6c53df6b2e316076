import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { OPTIONS } from '../../server/config/options.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

const text = readProjectFile('SECURITY.md');
const names: readonly string[] = Object.values(OPTIONS).map(({ env }) => env);

/** As Markdown makes an anchor of a heading. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('[ACC34] SECURITY.md names options, flags, files and headings that are there', () => {
  const options = [...text.matchAll(/`(COSCRIBE_[A-Z_]+)/g)].map(([, name = '']) => name);
  expect(options.filter((name) => !names.includes(name))).toEqual([]);
  const endings = [...text.matchAll(/`…([A-Z_]+)(…?)`/g)];
  expect(endings.length).toBeGreaterThan(5);
  for (const [shown, ending = '', more] of endings) {
    const found = names.some((name) => (more ? name.includes(ending) : name.endsWith(ending)));
    expect(found ? 'is there' : shown).toBe('is there');
  }
  const flags: readonly string[] = Object.values(OPTIONS).map(({ flag }) => `--${flag}`);
  for (const [, flag = ''] of text.matchAll(/`(--[a-z-]+)`/g)) expect(flags).toContain(flag);

  for (const [, path = '', anchor] of text.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)) {
    const markdown = readProjectFile(path);
    if (anchor !== undefined) expect(anchors(markdown)).toContain(anchor);
  }
  for (const [, path = ''] of text.matchAll(/`((?:server|tests)\/[^`]+)`/g))
    expect(existsSync(join(ROOT, path))).toBe(true);
});
