import { type Ended, ServerProcess } from '../server-process.js';
import { packageFile } from './package-root.js';
import { freePort } from './ports.js';

export interface NodeOptions {
  /** Where documents are kept: `postgres://…`, `sqlite:FILE`, `memory:`. */
  readonly store: string;
  /** Makes it one of several nodes. */
  readonly redisUrl?: string;
  /** 0, or none: a free one, which is kept from then on. */
  readonly port?: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** More of the server's flags. */
  readonly args?: readonly string[];
  /** What the process gets besides the environment of this one. */
  readonly env?: NodeJS.ProcessEnv;
  /** A command that starts what comes after it, such as `nice`. */
  readonly launcher?: readonly string[];
}

/** How long a node may take to say whether it is ready, in milliseconds. */
const READY_TIMEOUT_MS = 2_000;

/** Starts the built server in a process of its own. @throws Error with what it wrote if it does not start */
export async function startNode(options: NodeOptions): Promise<CoscribeNode> {
  const node = new CoscribeNode(options);
  await node.start();
  return node;
}

/** A node of ours: one process after another on the same port with the same options. */
export class CoscribeNode {
  private readonly lives: ServerProcess[] = [];
  private address = '';

  /** Use `startNode`, unless it is to be started later. */
  constructor(private readonly options: NodeOptions) {}

  /** Where it listens; the same for all its lives. @throws Error if it was never ready */
  get url(): string {
    if (this.address === '') throw new Error('The node was never ready.');
    return this.address;
  }

  /** The process that runs now, or ran last. @throws Error if it was never started */
  get process(): ServerProcess {
    const life = this.lives.at(-1);
    if (life === undefined) throw new Error('The node was never started.');
    return life;
  }

  get pid(): number | undefined {
    return this.running ? this.process.pid : undefined;
  }

  get running(): boolean {
    return this.lives.at(-1)?.running === true;
  }

  /** Fulfils when the process that runs now is gone. */
  get ended(): Promise<Ended> {
    return this.process.ended;
  }

  /** Starts it, or another one in its place. @throws Error with what it wrote if it does not start */
  async start(): Promise<void> {
    if (this.running) throw new Error('The node is running already.');
    const { store, redisUrl = '', host = '127.0.0.1', args = [], env, launcher } = this.options;
    const port =
      this.address === '' ? this.options.port || (await freePort()) : Number(new URL(this.address).port);
    this.lives.push(
      new ServerProcess({
        main: packageFile('dist/server/main.js'),
        // Flags win over what the environment says.
        args: ['--port', `${port}`, '--host', host, '--log-level', 'info', ...args],
        // A URL may hold a password, and everybody can read the arguments of a process. Empty counts as not set.
        env: { COSCRIBE_STORE: store, COSCRIBE_REDIS_URL: redisUrl, ...env },
        ...(launcher === undefined ? {} : { launcher }),
      }),
    );
    this.address = await this.process.ready();
  }

  /** What `/readyz` says; `false` too if nobody answers in time. */
  async ready(): Promise<boolean> {
    if (!this.running || this.address === '') return false;
    try {
      const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
      const answer = await fetch(`${this.address}/readyz`, { signal });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Asks it to drain and to end; one that was paused goes on to do so. */
  stop(): Promise<Ended> {
    this.resume();
    return this.process.stop();
  }

  /** Ends it as kill -9 does. */
  kill(): Promise<Ended> {
    return this.process.kill();
  }

  /** Stops it as `how` says, and starts it again on the same port. */
  async restart(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    await this[how]();
    await this.start();
  }

  /** Halts it where it is (SIGSTOP): its connections stay, and nothing answers. */
  pause(): void {
    this.process.signal('SIGSTOP');
  }

  /** Lets it go on after `pause`. */
  resume(): void {
    this.process.signal('SIGCONT');
  }

  /** What all its lives wrote, each under its number. */
  output(): string {
    return this.lives.map((life, number) => `--- life ${number + 1}\n${life.output()}`).join('\n');
  }
}
