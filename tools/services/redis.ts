import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { askRedis, type RedisReply } from './resp.js';

export interface RedisOptions {
  /** Where it keeps its files, and its log `redis-{port}.log`; made if it is not there. */
  readonly folder: string;
  /** A free one if left out. */
  readonly port?: number;
  readonly password?: string;
  /** Keeps what it holds in an append-only file, so that it outlives a kill -9. Off if left out. */
  readonly appendOnly?: boolean;
  /** More of redis-server's arguments: `['--maxclients', '10']`. */
  readonly args?: readonly string[];
}

const READY_WITHIN_MS = 15_000;
const STOPPED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 20;
/** How often another free port is tried when somebody else was quicker. */
const TRIES = 5;

/**
 * Starts a Redis server in a process of its own, which ends with this one at the latest. The program is the one that
 * the environment variable `REDIS_SERVER` names, else the one on PATH.
 *
 * @throws Error with what it logged if it does not answer
 */
export async function startRedis(options: RedisOptions): Promise<RedisProcess> {
  for (let tried = 1; ; tried++) {
    const server = new RedisProcess(options, options.port ?? (await freePort()), await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.kill();
      if (options.port !== undefined || tried === TRIES || !server.log().includes('Address already in use'))
        throw error;
    }
  }
}

export class RedisProcess {
  /** The port of the cluster's bus, if it is in one. */
  readonly clusterPort: number;
  readonly port: number;
  private readonly options: RedisOptions;
  private child: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();

  /** Use `startRedis`. */
  constructor(options: RedisOptions, port: number, clusterPort: number) {
    this.options = options;
    this.port = port;
    this.clusterPort = clusterPort;
  }

  /** `redis://:secret@127.0.0.1:40000` */
  get url(): string {
    const { password } = this.options;
    const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    return `redis://${credentials}127.0.0.1:${this.port}`;
  }

  /** `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process, again too, on the same port and with the same files, and waits until it answers. */
  async start(): Promise<void> {
    const { folder } = this.options;
    mkdirSync(folder, { recursive: true });
    const child = spawn(process.env.REDIS_SERVER || 'redis-server', this.args(), {
      cwd: folder,
      stdio: 'ignore',
    });
    let failed: Error | undefined;
    const endWithParent = () => void child.kill('SIGKILL');
    process.once('exit', endWithParent);
    this.child = child;
    this.gone = new Promise((resolve) => {
      const end = (error?: Error) => {
        failed = error ?? new Error(`Redis ended.\n${this.log()}`);
        process.removeListener('exit', endWithParent);
        if (this.child === child) this.child = undefined;
        resolve();
      };
      child.once('error', end);
      child.once('exit', () => end());
    });

    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const answer = await this.ask('PING').catch((error: unknown) => error);
      if (failed) throw failed;
      if (answer === 'PONG') return;
      if (performance.now() > deadline) {
        throw new Error(`Redis does not answer: ${answer}\n${this.log()}`);
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  private args(): string[] {
    const { folder, password, appendOnly = false, args = [] } = this.options;
    return [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--daemonize', 'no', '--save', ''],
      ...['--dir', folder, '--logfile', join(folder, `redis-${this.port}.log`)],
      ...['--cluster-port', String(this.clusterPort)],
      ...['--appendonly', appendOnly ? 'yes' : 'no', '--appenddirname', `append-only-${this.port}`],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...args,
    ];
  }

  /** Sends one command over a connection of its own: `ask('CLIENT', 'KILL', 'TYPE', 'pubsub')`. */
  ask(...command: string[]): Promise<RedisReply> {
    return askRedis(this.port, command, this.options.password);
  }

  /** Asks the process to end in order; ends it at once if that takes too long. */
  async stop(): Promise<void> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), STOPPED_WITHIN_MS);
    await this.gone;
    clearTimeout(timer);
  }

  /** Ends the process as kill -9 does. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }

  /** `kill`, then `start`: what it held in memory only is gone. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Stops the process where it is (SIGSTOP): its sockets stay open, and nobody answers. */
  suspend(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  /** What it logged, for messages. */
  log(): string {
    try {
      return readFileSync(join(this.options.folder, `redis-${this.port}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  private signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
