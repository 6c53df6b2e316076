import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';

const SOURCES = ['client/kept.ts', 'server/deep/kept.ts'];
const BUILT = ['client/kept', 'client/gone', 'server/deep/kept', 'server/deep/gone', 'server/gone/gone'];
const OTHERS = ['dist/client/tsconfig.tsbuildinfo', 'dist/public/assets/home.js', 'dist/cjs/client/kept.js'];

describe('scripts/remove-stale.mjs', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  test('[PKG1] what was compiled from sources that are gone is removed, and nothing else', () => {
    const built = BUILT.flatMap((path) =>
      ['.js', '.js.map', '.d.ts'].map((ending) => `dist/${path}${ending}`),
    );
    for (const path of [...SOURCES, ...built, ...OTHERS]) {
      mkdirSync(dirname(folder.file(path)), { recursive: true });
      writeFileSync(folder.file(path), '');
    }
    const script = join(ROOT, 'scripts/remove-stale.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, folder.path], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    const left = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.path.length + 1));
    const kept = built.filter((path) => !path.includes('/gone'));
    expect(left.sort()).toEqual([...SOURCES, ...kept, ...OTHERS].sort());
  });
});
