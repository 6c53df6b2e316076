import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, JobResult } from './job.js';

/** How long a case may take in all, in milliseconds, before it is ended. */
const MAX_JOB_MS = 300_000;

export interface Runner {
  /** Runs a case in a process of its own. Always fulfils; processes and data are gone then. */
  run(job: Omit<Job, 'dataDir'>): Promise<JobResult>;
  /** Ends what runs, and removes its data. */
  abort(): void;
}

/** @param script the compiled `bench/run.js` */
export function jobRunner(script: string): Runner {
  let abort = (): void => {};
  return {
    async run(job) {
      const dataDir = mkdtempSync(join(tmpdir(), 'coscribe-bench-'));
      const args = [
        '-c',
        `${job.cores.generator}`,
        process.execPath,
        script,
        JSON.stringify({ ...job, dataDir }),
      ];
      // A process group of its own: whatever happens to it, the server that it has started can be ended with it.
      const child = spawn('taskset', args, {
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      abort = () => {
        endGroup(child);
        rmSync(dataDir, { recursive: true, force: true });
      };
      const timer = setTimeout(() => endGroup(child), MAX_JOB_MS);
      try {
        return await resultOf(child);
      } finally {
        clearTimeout(timer);
        abort();
        abort = () => {};
      }
    },
    abort: () => abort(),
  };
}

function resultOf(child: ChildProcess): Promise<JobResult> {
  return new Promise((resolve) => {
    let result: JobResult | undefined;
    child.on('message', (message) => {
      result = message as JobResult;
    });
    child.on('error', (error) => resolve({ failed: error.message }));
    child.on('close', (code, signal) => {
      resolve(result ?? { failed: `the generator ended with ${signal ?? `code ${code}`} and no result` });
    });
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is there any longer.
  }
}
