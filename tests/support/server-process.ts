import { join } from 'node:path';
import { type Ended, ServerProcess } from '../../tools/server-process.js';
import { type TemporaryFolder, temporaryFolder } from './folder.js';
import { ROOT } from './project-files.js';

const MAIN = join(ROOT, 'dist/server/main.js');

export interface TestServerOptions {
  /** More flags. Port and store are given already. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What starts the server instead of this process itself; gets the store's folder. */
  readonly launcher?: (storeFolder: string) => readonly string[];
}

/** The real server in a process of its own: SQLite in a temporary folder, and one port for all its lives. */
export class TestServer {
  readonly folder: TemporaryFolder = temporaryFolder();
  readonly storeFile = this.folder.file('coscribe.db');
  private port = 0;
  private address = '';
  private readonly lives: ServerProcess[] = [];

  constructor(private readonly options: TestServerOptions = {}) {}

  get url(): string {
    return this.address;
  }

  /** The process that runs now, or ran last. */
  get process(): ServerProcess {
    const life = this.lives.at(-1);
    if (life === undefined) throw new Error('the server was never started');
    return life;
  }

  /** Starts the server, or another one in its place: same store, same port. */
  async start(): Promise<void> {
    const { args = [], env, launcher } = this.options;
    const own = ['--port', `${this.port}`, '--store', `sqlite:${this.storeFile}`];
    const all = [...own, ...args];
    const prefix = launcher?.(this.folder.path) ?? [];
    this.lives.push(
      new ServerProcess({ main: MAIN, args: all, launcher: prefix, ...(env === undefined ? {} : { env }) }),
    );
    this.address = await this.process.ready();
    this.port = Number(new URL(this.address).port);
  }

  stop(): Promise<Ended> {
    return this.process.stop();
  }

  kill(): Promise<Ended> {
    return this.process.kill();
  }

  /** Ends what still runs and removes the store. */
  async remove(): Promise<void> {
    for (const life of this.lives) await life.kill();
    this.folder.remove();
  }

  /** What all lives wrote, each under its number. */
  output(): string {
    return this.lives.map((life, number) => `--- life ${number + 1}\n${life.output()}`).join('\n');
  }
}

/** Runs a test with a server that is started, and removed in the end; what it wrote is shown if the test fails. */
export async function withServer(
  options: TestServerOptions,
  run: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = new TestServer(options);
  try {
    await server.start();
    await run(server);
  } catch (error) {
    if (error instanceof Error) error.message += `\n\n${server.output()}`;
    throw error;
  } finally {
    await server.remove();
  }
}

/** A server that is not expected to run on. @returns how it ended and what it wrote */
export async function runServer(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const life = new ServerProcess({ main: MAIN, args, env });
  const { code, signal } = await life.ended;
  return { code, signal, stdout: life.stdout, stderr: life.stderr };
}
