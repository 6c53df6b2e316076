import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, Generator, Report } from '../messages.js';

/** A generator in a process of its own. @param env its environment: that of this process unless given */
export function startGenerator(env: NodeJS.ProcessEnv = process.env): Generator {
  return new ChildGenerator(env);
}

class ChildGenerator implements Generator {
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = fork(compiledMain(), { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-MAX_STDERR);
    });
  }

  listen(report: (report: Report) => void, ended: (reason: string) => void): void {
    this.#child.on('message', (message) => report(message as Report));
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      ended(reason);
    };
    this.#child.on('error', (error) => end(error.message));
    this.#child.on('close', (code, signal) => {
      const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      end(this.#stderr === '' ? how : `${how}: ${this.#stderr.trim()}`);
    });
  }

  send(command: Command): void {
    // That it is gone is told by `ended`.
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const MAX_STDERR = 4_096;

/** Beside this file; if this is the source, at the same place below `dist/`. */
function compiledMain(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, 'main.js');
  if (existsSync(beside)) return beside;
  const root = join(here, '..', '..');
  return join(root, 'dist', relative(root, beside));
}
