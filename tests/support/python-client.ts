import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './project-files.js';

/** `npm test` has found it, or installed it. */
const PYTHON = process.env.PYTHON_SOCKETIO ?? '/usr/bin/python3';

/** What the client shows. */
interface Shown {
  readonly text: string;
  readonly unsaved: number;
  readonly seq: number;
}

/** examples/python/client.py in a process of its own. */
export class PythonClient {
  shown: Shown = { text: '', unsaved: 0, seq: 0 };
  /** What it complained of. */
  complaints = '';
  readonly #child: ChildProcess;

  constructor(url: string, document: string) {
    // -B: the folder stays as it is.
    this.#child = spawn(PYTHON, ['-B', join(ROOT, 'examples/python/client.py'), url, document], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('the client has no output');
    createInterface({ input: stdout }).on('line', (line) => {
      this.shown = JSON.parse(line) as Shown;
    });
    stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.complaints += chunk;
    });
  }

  insert(index: number, text: string): void {
    this.#say(['insert', index, text]);
  }

  delete(index: number, length: number): void {
    this.#say(['delete', index, length]);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #say(command: readonly unknown[]): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }
}
