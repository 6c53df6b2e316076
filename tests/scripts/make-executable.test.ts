import { spawnSync } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../support/folder.js';
import { ROOT, readProjectFile } from '../support/project-files.js';

const { bin, scripts } = JSON.parse(readProjectFile('package.json')) as {
  bin: Record<string, string>;
  scripts: Record<string, string>;
};

describe('scripts/make-executable.mjs', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  test('[PKG13] lets a command be run that the compiler has just written', () => {
    writeFileSync(folder.file('package.json'), JSON.stringify({ bin: { hello: './hello.js' } }));
    writeFileSync(folder.file('hello.js'), '#!/usr/bin/env node\nconsole.log("hello");\n', { mode: 0o644 });
    const script = join(ROOT, 'scripts/make-executable.mjs');
    expect(spawnSync(process.execPath, [script, folder.path], { encoding: 'utf8' }).stderr).toBe('');
    expect(spawnSync(folder.file('hello.js'), { encoding: 'utf8' }).stdout).toBe('hello\n');
  });

  test('[PKG13] every build runs it, and leaves each command of the package executable', () => {
    expect(scripts.build).toContain('tsc -b && node scripts/make-executable.mjs');
    for (const path of Object.values(bin)) accessSync(join(ROOT, path), constants.X_OK);
  });
});
