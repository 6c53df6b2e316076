import { connect } from 'node:net';
import { freePort } from '../../tools/services/ports.js';
import { type Ended, ServiceProcess } from '../../tools/services/service-process.js';
import type { OwnNode } from '../servers.js';

const HOST = '127.0.0.1';
/** How long a program may take until it listens, in milliseconds. */
const LISTENS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** Any program that listens on the port of its environment variable `PORT`: another server in the place of ours. */
export class ProgramNode implements OwnNode {
  private process: ServiceProcess | undefined;
  private port = 0;
  private outputs = '';

  /**
   * @param command run by sh as `exec COMMAND`, so that signals reach the program itself
   */
  constructor(
    readonly name: string,
    private readonly command: string,
    private readonly services: { readonly store: string; readonly redisUrl: string },
  ) {}

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.running ? this.process?.pid : undefined;
  }

  get running(): boolean {
    return this.process?.running === true;
  }

  /** Fulfils when it listens. @throws Error with what it wrote if it ends before, or does not in time */
  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    this.outputs = this.output();
    const { store, redisUrl } = this.services;
    const started = new ServiceProcess({
      command: 'sh',
      args: ['-c', `exec ${this.command}`],
      env: {
        PORT: `${this.port}`,
        HOST,
        COSCRIBE_STORE: store,
        COSCRIBE_REDIS_URL: redisUrl,
        COSCRIBE_NODE_NAME: this.name.replaceAll(' ', '-'),
      },
    });
    this.process = started;
    const deadline = performance.now() + LISTENS_WITHIN_MS;
    while (!(await listens(this.port))) {
      if (!started.running) {
        const { code, signal } = await started.ended;
        throw new Error(
          `"${this.command}" ended with ${signal ?? `code ${code}`} before it listened on port ${this.port} (environment variable PORT).\n${started.output()}`,
        );
      }
      if (performance.now() > deadline) {
        await started.kill();
        throw new Error(
          `"${this.command}" does not listen on port ${this.port} (environment variable PORT).\n${started.output()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async stop(): Promise<Ended | undefined> {
    this.resume();
    return this.running ? await this.process?.stop() : undefined;
  }

  async kill(): Promise<Ended | undefined> {
    return this.running ? await this.process?.kill() : undefined;
  }

  pause(): void {
    this.process?.signal('SIGSTOP');
  }

  resume(): void {
    this.process?.signal('SIGCONT');
  }

  /** What all its lives wrote. */
  output(): string {
    return `${this.outputs}${this.process?.output() ?? ''}`.slice(-100_000);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
