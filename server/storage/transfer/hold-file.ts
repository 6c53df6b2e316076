import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workerFile } from '../../workers/worker-file.js';
import { StoreOpenError } from '../store-open-error.js';
import type { HeldAs } from './hold-file-process.js';

/** Keeps servers out of a SQLite file. */
export interface FileHold {
  release(): Promise<void>;
}

/**
 * Keeps servers out of a SQLite file, without changing it or its write-ahead log, as the end of a connection would.
 *
 * In a process of its own: POSIX drops all of a process' locks on a file as soon as that process closes the file anywhere, and
 * whoever copies it does (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 *
 * @throws StoreOpenError if somebody uses it
 */
export async function holdFile(file: string): Promise<FileHold> {
  const wal = `${file}-wal`;
  const hadLog = existsSync(wal);
  const script = fileURLToPath(workerFile(import.meta.url, './hold-file-process.js'));
  const child = fork(script, [file], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const release = async () => {
    await end(child);
    // Made by opening it.
    if (!hadLog && statSync(wal, { throwIfNoEntry: false })?.size === 0) rmSync(wal, { force: true });
  };
  const answer = await new Promise<HeldAs>((resolve) => {
    child.once('message', (message) => resolve(message as HeldAs));
    child.once('error', () => resolve('unlockable'));
    child.once('exit', () => resolve('unlockable'));
  });
  if (answer !== 'busy') return { release };
  await release();
  throw new StoreOpenError(`${file} is in use. Stop the server that uses it first.`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
