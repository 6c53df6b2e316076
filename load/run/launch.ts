import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { packageFile } from '../../tools/services/package-root.js';
import type { LoadOptions } from '../options/options.js';
import type { FromKeeper, ToKeeper } from './keeper-messages.js';

/** Where the command writes, and what ends it. */
export interface LaunchIo {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Width of what says nothing about its width. */
const COLUMNS = 100;
/** What is kept of what the keeper complains about, in characters. */
const MAX_WORDS = 10_000;
const COULD_NOT_BEGIN = 2;

/**
 * Runs `coscribe load` in a process of its own, with a process group of its own: Ctrl-C at the terminal does not reach the
 * nodes, the store and the clients at the same moment, and all of it can be ended at once. If this process is gone, however
 * that came, so is all of it.
 *
 *     this process (terminal, signals) ── keeper (its own group) ─┬─ processes that play clients
 *                                                                 └─ nodes, PostgreSQL, Redis, HAProxy
 *
 * @returns the exit code
 */
export async function launchLoad(options: LoadOptions, io: LaunchIo): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-load-'));
  // PostgreSQL does not run as root, and has to reach its folder in there.
  chmodSync(folder, 0o711);
  const keeper = fork(packageFile('dist/load/run/main.js'), {
    detached: true,
    // So that nothing is left that it could not remove.
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const leave = (): void => {
    endGroup(keeper);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leave);
  try {
    return await listen(keeper, options, folder, io);
  } finally {
    process.removeListener('exit', leave);
    leave();
  }
}

async function listen(
  keeper: ChildProcess,
  options: LoadOptions,
  folder: string,
  { stdout, stderr, env, signal }: LaunchIo,
): Promise<number> {
  const tell = (message: ToKeeper): void => {
    if (keeper.connected) keeper.send(message);
  };
  const columns = (): number => stdout.columns ?? COLUMNS;
  const resize = (): void => tell({ kind: 'columns', columns: columns() });
  const stop = (): void => tell({ kind: 'stop' });
  let code: number | undefined;
  let words = '';
  keeper.on('message', (message: FromKeeper) => {
    if (message.kind === 'write') stdout.write(message.text);
    else if (message.kind === 'complaint') stderr.write(`${message.message}\n`);
    else if (message.kind === 'problem') {
      stderr.write(`${message.message}\n`);
      code = COULD_NOT_BEGIN;
    } else code ??= message.code;
  });
  (keeper.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-MAX_WORDS);
  });
  const closed = new Promise<void>((resolve) => keeper.once('close', () => resolve()));
  // A terminal that knows nothing but lines gets lines.
  const isTTY = stdout.isTTY === true && env.TERM !== 'dumb';
  tell({ kind: 'run', options, folder, isTTY, columns: columns() });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  stdout.on('resize', resize);
  await closed;
  signal.removeEventListener('abort', stop);
  stdout.removeListener('resize', resize);
  if (code !== undefined) return code;
  stderr.write(`The load test ended unexpectedly.\n${words}`);
  return 1;
}

/** The keeper and all that it has started, which has the keeper's process group. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
