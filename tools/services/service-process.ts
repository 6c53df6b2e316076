import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ServiceCommand {
  /** The program, by name or path. */
  readonly command: string;
  readonly args: readonly string[];
  /** What the process gets besides the environment of this one; `undefined` takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** How a process ended. */
export interface Ended {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The last characters that are kept of what a process writes: it may run for days. */
const KEPT_CHARACTERS = 1_000_000;

/** A process that this one has started. The end of what it writes is kept, and can be shown when something went wrong. */
export class ServiceProcess {
  /** Fulfils when the process is gone and everything that it wrote is there. @throws Error if it could not be started */
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;

  constructor({ command, args, env, cwd }: ServiceCommand) {
    this.child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout = (this.stdout + text).slice(-KEPT_CHARACTERS);
      this.wrote();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-KEPT_CHARACTERS);
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    // Whoever wants to know asks; an end that nobody waits for is no unhandled rejection.
    this.ended.catch(() => {});
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it was started and has not ended. */
  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a signal; a process that is gone gets none. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.child.kill(signal);
  }

  /** Asks it to end in order. */
  stop(): Promise<Ended> {
    this.signal('SIGTERM');
    return this.ended;
  }

  /** Ends the process at once, as kill -9 does. */
  kill(): Promise<Ended> {
    this.signal('SIGKILL');
    return this.ended;
  }

  output(): string {
    return `--- standard output\n${this.stdout}--- standard error\n${this.stderr}`;
  }

  /** More is in `stdout`. */
  protected wrote(): void {}
}
