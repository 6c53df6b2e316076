import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../bench/job.js';
import { jobRunner } from '../../bench/run-job.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { until } from '../support/until.js';

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const CHOICES = { typists: [2], documents: [], warmUpMs: 1, measureMs: 1, seed: 1 };

function job(): Omit<Job, 'dataDir'> {
  return {
    scenario: 'hot',
    caseIndex: 0,
    server: 'x',
    choices: CHOICES,
    root: folder.path,
    cores: { server: 0, generator: 0 },
  };
}

/** A generator that starts a "server", notes the process and the data folder, and then does as it is told. */
function script(then: string): string {
  const file = folder.file('run.cjs');
  writeFileSync(
    file,
    `const { spawn } = require('node:child_process');
    const { writeFileSync } = require('node:fs');
    const { dataDir } = JSON.parse(process.argv[2]);
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(dataDir + '/some-data', 'x');
    writeFileSync(${JSON.stringify(folder.file('noted'))}, JSON.stringify({ pid: server.pid, dataDir }));
    ${then}`,
  );
  return file;
}

function noted(): { pid: number; dataDir: string } {
  return JSON.parse(readFileSync(folder.file('noted'), 'utf8')) as { pid: number; dataDir: string };
}

function isThere(pid: number): boolean {
  try {
    // A zombie that init has not collected yet is not running any longer.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('one case in a process of its own', () => {
  test('[BENCH15] its result comes back, and its server and data are gone', async () => {
    const outcome = { figures: { p99: 1 }, notes: [] };
    const main = script(`process.send(${JSON.stringify({ outcome })}, () => process.exit());`);
    expect(await jobRunner(main).run(job())).toEqual({ outcome });
    await until(() => !isThere(noted().pid), 'the server to be gone');
    expect(existsSync(noted().dataDir)).toBe(false);
  });

  test('[BENCH15] a generator that dies makes a row that says so, and leaves nothing behind', async () => {
    const result = await jobRunner(script('process.exit(3);')).run(job());
    expect(result).toEqual({ failed: 'the generator ended with code 3 and no result' });
    await until(() => !isThere(noted().pid), 'the server to be gone');
    expect(existsSync(noted().dataDir)).toBe(false);
  });

  test('[BENCH15] an interruption ends the generator and its server, and removes the data', async () => {
    const runner = jobRunner(script('setInterval(() => {}, 1000);'));
    const running = runner.run(job());
    await until(
      () => existsSync(folder.file('noted')) && readFileSync(folder.file('noted'), 'utf8').endsWith('}'),
      'the start',
    );
    runner.abort();
    expect(await running).toEqual({ failed: 'the generator ended with SIGKILL and no result' });
    await until(() => !isThere(noted().pid), 'the server to be gone');
    expect(existsSync(noted().dataDir)).toBe(false);
  });
});
