import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ServerProcessOptions {
  /** The compiled `server/main.js`. */
  readonly main: string;
  readonly args: readonly string[];
  /** A command that starts what comes after it, such as `nice`; it must not leave a process of its own in between. */
  readonly launcher?: readonly string[];
  /** What the process gets besides the environment of this one. */
  readonly env?: NodeJS.ProcessEnv;
}

/** How a process ended. */
export interface Ended {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own. What it writes is kept, and can be shown when something went wrong. */
export class ServerProcess {
  /** Fulfils when the process is gone and everything that it wrote is there. */
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;
  private readonly announced: Promise<string>;

  constructor({ main, args, launcher = [], env }: ServerProcessOptions) {
    const [command = process.execPath, ...rest] = [...launcher, process.execPath, main, ...args];
    this.child = spawn(command, rest, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.announced = new Promise((resolve) => {
      this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.stdout += text;
        const url = readyUrl(this.stdout);
        if (url !== undefined) resolve(url);
      });
    });
  }

  /** Where the server listens, as soon as it does. @throws Error with what it wrote if it ends before */
  async ready(): Promise<string> {
    const first = await Promise.race([this.announced, this.ended]);
    if (typeof first === 'string') return first;
    throw new Error(`The server did not start.\n${this.output()}`);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Sends a signal; a process that is gone gets none. */
  signal(signal: NodeJS.Signals): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
  }

  /** Asks the server to stop in order. */
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
}

/** The address in the line that says that the server is ready; the last line may be there in part only. */
function readyUrl(output: string): string | undefined {
  for (const line of output.split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) continue;
    const { url } = JSON.parse(line) as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  return undefined;
}
