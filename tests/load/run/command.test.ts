import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import type { LoadResult } from '../../../load/result.js';
import { freePort } from '../../../tools/services/ports.js';
import { temporaryFolder } from '../../support/folder.js';
import { RESULT_SCHEMA } from '../../support/load-result-schema.js';
import { ROOT } from '../../support/project-files.js';
import { until } from '../../support/until.js';

const folder = temporaryFolder();
const children: ChildProcessByStdio<null, Readable, Readable>[] = [];

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  folder.remove();
});

class Run {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Everything that it starts has this folder's name in its environment. */
  readonly temporary = mkdtempSync(join(folder.path, 'run-'));
  readonly code: Promise<number | null>;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'load', ...args], {
      cwd: this.temporary,
      env: { ...process.env, TMPDIR: this.temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(this.child);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.code = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** Pids of all processes that are there because of it, itself included. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && this.owns(name))
      .map(Number);
  }

  /** Pid of the server that it has started. */
  node(): number {
    const pid = this.processes().find((one) => commandOf(one)[1]?.endsWith('dist/server/main.js'));
    if (pid === undefined) throw new Error(`no server runs: ${this.stdout}${this.stderr}`);
    return pid;
  }

  async leftNothing(): Promise<void> {
    await until(() => this.processes().length === 0, 'its processes end');
    expect(readdirSync(this.temporary)).toEqual([]);
  }

  private owns(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.temporary);
    } catch {
      // It has ended since the folder was read.
      return false;
    }
  }
}

function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
}

const SMALL = ['--docs', '4', '--clients', '8', '--arrive', '100/s', '--warm-up', '0', '--seed', '1'];

describe('coscribe load', () => {
  test.concurrent('[LOAD2] [LOAD13] drives a node of its own and prints what it found, in the form that is promised', async () => {
    // Everybody types from the first moment on; how quickly it gets through is a matter of the machine.
    const typing = ['--model', 'steady', '--rate', '10', '--slo', 'errors<1%', '--slo', 'p99<600s'];
    const run = new Run(...SMALL, ...typing, '--duration', '2s', '--json');
    expect(await run.code).toBe(0);
    expect(run.stderr).toBe('');
    const result = JSON.parse(run.stdout) as LoadResult;
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    ajv.validate(RESULT_SCHEMA, result);
    expect(ajv.errors).toBeNull();
    expect(result).toMatchObject({
      outcome: 'passed',
      settings: { docs: 4, clients: 8, typists: 4, seed: 1, token: false },
      verdict: { equal: true, ackedKept: true, nothingForeign: true, checked: { documents: 4, clients: 8 } },
      nodes: [{ name: 'node 1' }],
    });
    const { total } = result;
    expect(total.typed).toBeGreaterThan(0);
    // What was typed before the time was up counts when it comes, however late it is told.
    expect(total.acked).toBeGreaterThanOrEqual(total.typed);
    expect(total).toMatchObject({ ackMs: { count: total.acked }, typists: 4 });
    await run.leftNothing();
  });

  test.concurrent('[LOAD10] [LOAD2] a server that dies and does not come back: the figures so far, exit code 3', async () => {
    const server = `${process.execPath} ${join(ROOT, 'dist/server/main.js')}`;
    const run = new Run(
      ...SMALL,
      '--start',
      server,
      '--duration',
      '60s',
      '--lost-after',
      '8s',
      '--report=r.html',
      '--token',
      'SECRET',
    );
    await until(() => run.stdout.includes('measuring'), 'it measures');
    process.kill(run.node(), 'SIGKILL');
    expect(await run.code).toBe(3);
    expect(run.stdout).toMatch(/^Given up: Nobody has been connected for \d+ s: /m);
    expect(run.stdout).toMatch(/^edits {5}\d+ typed/m);
    expect(run.stdout).toMatch(/^\? No acknowledged edit is lost: not known$/m);
    expect(readdirSync(run.temporary)).toEqual(['r.html']);
    const report = readFileSync(join(run.temporary, 'r.html'), 'utf8');
    expect(report).toContain('"outcome":"target-lost"');
    // [LOAD13]: nothing that is written holds the token.
    expect(report + run.stdout).not.toContain('SECRET');
    await until(() => run.processes().length === 0, 'its processes end');
  });

  test.concurrent('[LOAD11] nobody listens there: one sentence, exit code 2', async () => {
    const run = new Run(...SMALL, `http://127.0.0.1:${await freePort()}`);
    expect(await run.code).toBe(2);
    expect(run.stdout).toMatch(/^Waiting for http:\S+: connect ECONNREFUSED \S+\n$/);
    expect(run.stderr).toMatch(
      /^Nobody gets in at http:\S+: connect ECONNREFUSED \S+ No server listens there: [^\n]+\n$/,
    );
    await run.leftNothing();
  });

  test.concurrent('[LOAD11] a program that does not listen: what it wrote, exit code 2', async () => {
    const run = new Run(...SMALL, '--start', 'sh -c "echo no luck today; exit 7"');
    expect(await run.code).toBe(2);
    expect(run.stderr).toContain('ended with code 7 before it listened');
    expect(run.stderr).toContain('no luck today');
    await run.leftNothing();
  });

  test.concurrent('[LOAD1] a wrong option: one sentence, exit code 2, nothing on standard output', async () => {
    const run = new Run('--nods', '3');
    expect(await run.code).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^--nods is no option of it; did you mean --nodes\? [^\n]+\n$/);
  });

  test.concurrent('[LOAD9] [LOAD2] [LOAD22] Ctrl-C: compared and told, also on a full disk, exit code 130, nothing left', async () => {
    const run = new Run(...SMALL, '--duration', '60s', '--json=/dev/full');
    await until(() => run.stdout.includes('measuring'), 'it measures');
    run.child.kill('SIGINT');
    expect(await run.code).toBe(130);
    expect(run.stdout).toMatch(/^✓ All clients are equal/m);
    expect(run.stdout).toMatch(/^Interrupted: /m);
    expect(run.stderr).toMatch(/^\/dev\/full could not be written: ENOSPC[^\n]+\n$/);
    await run.leftNothing();
  });

  test.concurrent('[LOAD9] [CLI5] nobody reads any more: it ends in order, without a word, exit code 141', async () => {
    const run = new Run(...SMALL, '--duration', '60s');
    await until(() => run.stdout.includes('clients arrive'), 'it has begun');
    run.child.stdout.destroy();
    expect(await run.code).toBe(141);
    expect(run.stderr).toBe('');
    await run.leftNothing();
  });

  test.concurrent('[LOAD2] a second Ctrl-C, or kill -9 of the command: nothing is left either', async () => {
    const [twice, killed] = [new Run(...SMALL, '--duration', '60s'), new Run(...SMALL, '--duration', '60s')];
    for (const run of [twice, killed]) await until(() => run.stdout.includes('measuring'), 'it measures');
    expect(killed.processes().length).toBeGreaterThan(3);
    killed.child.kill('SIGKILL');
    // Its node answers nothing more: what is under way would be waited for.
    process.kill(twice.node(), 'SIGSTOP');
    twice.child.kill('SIGINT');
    await until(() => twice.stdout.includes('everything arrives'), 'the first Ctrl-C came');
    // Two at the same moment are one: npm passes on what the terminal has sent already.
    await until(() => !twice.child.kill('SIGINT'), 'the second Ctrl-C ends it');
    expect(await twice.code).toBe(130);
    expect(twice.stdout).not.toContain('Interrupted');
    await twice.leftNothing();
    await killed.leftNothing();
  });
});
