import { spawn } from 'node:child_process';
import { PATIENCE_MS } from './patience.js';

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** A program that runs, with everything that it has started. */
export interface Running {
  /** When it has ended by itself or was ended. */
  readonly ended: Promise<Outcome>;
  /** What it has written up to now. */
  readonly output: string;
  /** Ends the whole group, so that nothing which it left in the background outlives it. */
  end(): void;
}

/** How long one block may run, in milliseconds. */
const MAX_RUN = PATIENCE_MS;

/** Runs a program to its end, for a limited time. */
export function run(cwd: string, command: string, args: readonly string[]): Promise<Outcome> {
  const running = start(cwd, command, args);
  const timer = setTimeout(() => running.end(), MAX_RUN);
  return running.ended.finally(() => clearTimeout(timer));
}

/** Starts a program. */
export function start(cwd: string, command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const begun = performance.now();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Everything has ended by itself.
    }
  };
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', end);
    child.on('close', (code) => {
      const ms = performance.now() - begun;
      const words = ms < MAX_RUN ? output : `${output}\nstill running after ${MAX_RUN} ms`;
      resolve({ ok: code === 0, output: words });
    });
  });
  return {
    ended,
    get output() {
      return output;
    },
    end,
  };
}
