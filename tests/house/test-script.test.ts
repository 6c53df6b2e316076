import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/project-files.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coscribe-script-')));
  writeFileSync(
    join(folder, 'jest.config.json'),
    JSON.stringify({ testMatch: ['**/*.test.js'], maxWorkers: 1 }),
  );
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function npmTest(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/test.mjs'), ...args], {
    cwd: folder,
    // Any program does as Chromium and compiler: these tests start neither.
    env: {
      PATH: process.env.PATH,
      CHROMIUM_PATH: process.execPath,
      CC: process.execPath,
      POSTGRES_BIN: process.execPath,
      REDIS_SERVER: process.execPath,
      HAPROXY: process.execPath,
      PYTHON_SOCKETIO: process.execPath,
      PROMTOOL: process.execPath,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function suite(name: string, code: string): void {
  writeFileSync(join(folder, `${name}.test.js`), code);
}

const PASSES = "test('passes', () => {});";

describe('npm test', () => {
  test('[HOUSE6] counts what passed, failed and was skipped, and fails when a test does', async () => {
    suite('a', `${PASSES} test.skip('skipped', () => {}); test.todo('planned');`);
    suite('b', `${PASSES} test('fails', () => { throw new Error('as written'); });`);
    const { code, stdout, stderr } = await npmTest([]);
    expect(stdout).toBe('2 passed, 1 failed, 2 skipped\n');
    expect(stderr).toContain('as written');
    expect(code).not.toBe(0);
  });

  test('[HOUSE6] succeeds when all tests pass, and runs only those that it is asked for', async () => {
    suite('a', PASSES);
    suite('b', "throw new Error('not asked for');");
    const { code, stdout } = await npmTest(['a.test.js']);
    expect(stdout).toBe('1 passed, 0 failed, 0 skipped\n');
    expect(code).toBe(0);
  });

  test('[HOUSE6] counts a suite that could not run as failed', async () => {
    suite('a', PASSES);
    suite('b', "require('./gone.js');");
    const { code, stdout } = await npmTest([]);
    expect(stdout).toBe('1 passed, 1 failed, 0 skipped\n');
    expect(code).not.toBe(0);
  });

  /** Fails for the first time, with this message. */
  const failsOnce = (message: string): string => `
    const { existsSync, writeFileSync } = require('node:fs');
    const mark = ${JSON.stringify(folder)} + '/ran';
    ${PASSES} test('depends', () => {
      if (existsSync(mark)) { if (process.env.SEED !== '17') throw new Error('another seed'); return; }
      writeFileSync(mark, '');
      throw new Error(${JSON.stringify(message)});
    });`;

  test('[HOUSE9] runs a file that failed once more with its seed, and names it when it passes then', async () => {
    suite('a', PASSES);
    suite('b', failsOnce('seed 17 fails; again with: SEED=17 npx jest b'));
    const { code, stdout, stderr } = await npmTest([]);
    expect(stdout).toBe('3 passed, 0 failed, 0 skipped\n');
    expect(stderr).toContain(`Passed only when it ran once more: ${join(folder, 'b.test.js')}: depends`);
    expect(code).toBe(0);
  });

  test.each([
    ['it fails again', [], 1],
    ['too many files do', ['c', 'd', 'e', 'f', 'g'], 6],
  ])('[HOUSE9] a file that failed has failed when %s', async (_, others, failed) => {
    suite('a', PASSES);
    suite('b', failsOnce('no seed'));
    for (const name of others) suite(name, "test('fails', () => { throw new Error('as written'); });");
    const { code, stdout, stderr } = await npmTest([]);
    expect(stdout).toBe(`2 passed, ${failed} failed, 0 skipped\n`);
    expect(stderr).not.toContain('Passed only');
    expect(code).not.toBe(0);
  });

  test('[HOUSE9] nothing runs again when only some files were asked for', async () => {
    suite('b', failsOnce('SEED=17'));
    expect(await npmTest(['b.test.js'])).toMatchObject({ stdout: '1 passed, 1 failed, 0 skipped\n' });
  });

  test.each([
    ['there is none', '', []],
    ['there is none and jest was told not to mind', '', ['--passWithNoTests']],
    ['all were skipped', "test.skip('skipped', () => {});", []],
    ['none has the name', PASSES, ['-t', 'no such name']],
  ])('[HOUSE6] fails when no test ran because %s', async (_, code, args) => {
    if (code) suite('a', code);
    const ended = await npmTest(args);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('No test was run.');
    expect(ended.stdout).toMatch(/(^|\n)0 passed, 0 failed, \d skipped\n$/);
  });

  test('[HOUSE7] tells tests where a program is that they need', async () => {
    suite('a', `test('there', () => { expect(process.env.CHROMIUM_PATH).toBe('${process.execPath}'); });`);
    expect(await npmTest([])).toMatchObject({ code: 0 });
  });

  test('[HOUSE7] runs no test with a program that is not where it was said to be', async () => {
    suite('a', PASSES);
    const { code, stdout, stderr } = await npmTest([], { CHROMIUM_PATH: '/no/such/chromium' });
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('CHROMIUM_PATH names /no/such/chromium');
  });

  test('[HOUSE7] names a program that is missing, and how to get it', async () => {
    suite('a', PASSES);
    const { code, stdout, stderr } = await npmTest([], { CHROMIUM_PATH: '', PATH: folder });
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('The tests need Chromium');
    expect(stderr).toContain('apt-get install -y --no-install-recommends chromium');
  });

  test('[HOUSE7] installs what is missing where that is allowed', async () => {
    suite('a', PASSES);
    const log = join(folder, 'apt.log');
    const fake = `#!/bin/sh\necho "$@" >> ${log}\nif [ "$1" = install ]; then printf '#!/bin/sh\\n' > ${folder}/chromium; fi
if [ "$1" = install ]; then /bin/chmod +x ${folder}/chromium; fi\n`;
    writeFileSync(join(folder, 'apt-get'), fake);
    chmodSync(join(folder, 'apt-get'), 0o755);
    const { code, stderr, stdout } = await npmTest([], { CHROMIUM_PATH: '', PATH: folder });
    // Only root may install; anybody else is told.
    const root = process.getuid?.() === 0;
    expect(stdout).toBe(root ? '1 passed, 0 failed, 0 skipped\n' : '');
    expect(stderr).toContain(root ? 'installing' : 'sudo apt-get install');
    expect(code === 0).toBe(root);
  });

  test('[HOUSE7] only unpacks what would start a service if it were installed', async () => {
    const root = process.getuid?.() === 0;
    suite(
      'a',
      `test('there', () => { expect(process.env.PROMTOOL).toBe('${folder}/.tmp/needs/usr/bin/promtool'); });`,
    );
    const program = (name: string, code: string): void => {
      writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} "$@" >> ${folder}/calls\n${code}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    program('apt-get', 'if [ "$1" = download ]; then : > prometheus.deb; fi');
    const unpacked = `${folder}/.tmp/needs/usr/bin`;
    program(
      'dpkg-deb',
      `/bin/mkdir -p ${unpacked}; printf '#!/bin/sh\\n' > ${unpacked}/promtool; /bin/chmod +x ${unpacked}/promtool`,
    );
    const { code, stderr } = await npmTest([], { PROMTOOL: '', PATH: folder });
    expect(code === 0).toBe(root);
    if (!root) expect(stderr).toContain("The tests need Prometheus' promtool");
    else expect(readFileSync(join(folder, 'calls'), 'utf8')).not.toContain('apt-get install');
  });
});
