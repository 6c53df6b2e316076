import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { Address } from '../load/wire/websocket-client.js';
import { type MemoryReading, readCpu, readMemory } from './os/usage.js';
import type { ServerUnderTest, ServiceUrls } from './servers.js';
import type { UnderLoad } from './under-load.js';

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;
/** What is kept of a server's output, in characters. */
const MAX_OUTPUT = 16_384;

export interface ServerProcessOptions {
  readonly server: ServerUnderTest;
  /** The project's root. */
  readonly root: string;
  readonly dataDir: string;
  /** The core that all its threads run on; absent for any. */
  readonly core?: number;
  /** Absent for a server that runs alone. */
  readonly urls?: ServiceUrls;
}

const NO_SERVICES: ServiceUrls = { redis: '', postgres: '' };

/** A server under test in a process of its own: one port and one data folder for all its lives. */
export class ServerProcess implements UnderLoad {
  private child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  private ended: Promise<void> = Promise.resolve();
  private port = 0;
  private output = '';

  constructor(private readonly options: ServerProcessOptions) {}

  get address(): Address {
    return { host: HOST, port: this.port };
  }

  get addresses(): readonly Address[] {
    return [this.address];
  }

  /** @throws Error if it does not run */
  get pid(): number {
    if (this.child?.pid === undefined || !this.running) throw new Error(this.lastWords());
    return this.child.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** CPU time that it has used so far, in milliseconds. @throws Error if it does not run */
  cpuMs(): number {
    let ns = 0;
    for (const thread of readCpu(this.pid).threads.values()) ns += thread;
    return ns / 1e6;
  }

  memory(): MemoryReading {
    return readMemory(this.pid);
  }

  parts(): { readonly server: readonly number[] } {
    return { server: [this.pid] };
  }

  /**
   * Starts the server, or another life of it on the same port and data. Fulfils when it listens.
   *
   * @throws Error with what it wrote if it ends before, or does not listen in time
   */
  async start(): Promise<void> {
    const { server, root, dataDir, core, urls = NO_SERVICES } = this.options;
    if (this.port === 0) this.port = await freePort();
    const pinned = core === undefined ? [] : ['taskset', '-c', `${core}`];
    const [program = '', ...args] = [...pinned, ...server.command(this.port, dataDir, urls)];
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.output = '';
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        this.output += error.message;
        resolve();
      });
      child.on('close', () => resolve());
    });
    const ready = new Promise<boolean>((resolve) => {
      const take = (text: string): void => {
        this.output = (this.output + text).slice(-MAX_OUTPUT);
        if (server.ready.test(this.output)) resolve(true);
      };
      child.stdout.setEncoding('utf8').on('data', take);
      child.stderr.setEncoding('utf8').on('data', take);
    });
    const late = new AbortController();
    const timedOut = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
      late.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    const listens = await Promise.race([ready, timedOut, this.ended.then(() => false)]);
    late.abort();
    if (listens) return;
    await this.kill();
    throw new Error(`it does not listen: ${this.lastWords()}`);
  }

  /** Asks it to end, as an operator does, and ends it at once if it takes too long. @returns whether it ended by itself */
  async stop(): Promise<boolean> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.child?.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    this.child?.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
    return !late;
  }

  /** Ends it at once, as kill -9 does. */
  async kill(): Promise<void> {
    if (this.running) this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** How it ended, or that it runs, with the end of what it wrote. */
  lastWords(): string {
    const { exitCode = null, signalCode = null } = this.child ?? {};
    const how = this.running ? 'it runs' : `it ended with ${signalCode ?? `code ${exitCode}`}`;
    const words = this.output.trim().split('\n').slice(-8).join(' | ');
    return words === '' ? how : `${how}; it wrote: ${words}`;
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
