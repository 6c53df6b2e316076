import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf } from './child-processes.js';
import { freePort } from './ports.js';
import { postgresPrograms, postgresUser, type SystemUser } from './postgres-programs.js';

export interface PostgresOptions {
  /** Its data is kept in `data` in here, and used again if it is there already. Made if it is missing. */
  readonly folder: string;
  /** 0, or none: a free one. */
  readonly port?: number;
  /** Settings of postgresql.conf, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** How long PostgreSQL may take until it answers, in milliseconds; after a crash it reads its log first. */
const START_MS = 60_000;

/** The last of what it wrote, for messages. */
const OUTPUT_CHARACTERS = 20_000;

/** A free port may be taken by somebody else before PostgreSQL takes it. */
const PORT_ATTEMPTS = 5;

const READY = 'database system is ready to accept connections';

/**
 * Starts a PostgreSQL of our own on 127.0.0.1, for tests and for trying things out: everybody on this machine may log in
 * as the superuser. Commits are synced to the disk, as in earnest. It ends when it is told to, and on Ctrl-C in the
 * terminal that started it.
 *
 * @returns once it answers, about 0.7 s later for a new folder, 0.1 s for one that is there
 * @throws Error with what it wrote, if it does not start
 */
export async function startPostgres({ folder, port = 0, settings = {} }: PostgresOptions): Promise<Postgres> {
  const programs = postgresPrograms();
  const user = postgresUser();
  mkdirSync(folder, { recursive: true });
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await initialize(join(programs, 'initdb'), folder, user);
  for (let attempt = 1; ; attempt++) {
    const postgres = new Postgres(
      join(programs, 'postgres'),
      folder,
      user,
      port || (await freePort()),
      settings,
    );
    try {
      await postgres.start();
      return postgres;
    } catch (error) {
      if (port !== 0 || attempt === PORT_ATTEMPTS || !postgres.output.includes('could not bind')) throw error;
    }
  }
}

/** A PostgreSQL that `startPostgres` has started. */
export class Postgres {
  /** Address of its one database, without a password. */
  readonly url: string;
  /** The end of what it wrote. */
  output = '';
  private child: ChildProcess | undefined;

  constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly user: SystemUser | undefined,
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** Of the process that the others are children of. @throws Error while it is not running */
  get pid(): number {
    const pid = this.running ? this.child?.pid : undefined;
    if (pid === undefined) throw new Error('PostgreSQL is not running.');
    return pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it again, on the same port with the same data. @throws Error with what it wrote, if it does not start */
  async start(): Promise<void> {
    if (this.running) throw new Error('PostgreSQL is running already.');
    this.output = '';
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      logging_collector: 'off',
      log_destination: 'stderr',
      lc_messages: 'C',
      ...this.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(this.program, ['-D', 'data', ...args], spawnOptions(this.folder, this.user));
    this.child = child;
    let timer: NodeJS.Timeout | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`PostgreSQL ${why}.\n${this.output}`));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-OUTPUT_CHARACTERS);
        if (this.output.includes(READY)) resolve();
      });
      child.once('error', ({ message }) => fail(`could not be started: ${message}`));
      child.once('close', () => fail('ended'));
      timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`was not ready within ${START_MS} ms`);
      }, START_MS);
    });
    await ready.finally(() => clearTimeout(timer));
  }

  /** Ends it in order; connections are cut, what was begun is undone. */
  async stop(): Promise<void> {
    await this.end((child) => {
      this.resume();
      child.kill('SIGINT');
    });
  }

  /** Ends all its processes at once, as a crash does. */
  async kill(): Promise<void> {
    await this.end(() => this.signalAll('SIGKILL'));
  }

  /** Stops it as `how` says, and starts it again. */
  async restart(how: 'stop' | 'kill' = 'stop'): Promise<void> {
    await this[how]();
    await this.start();
  }

  /** Halts all its processes where they are: connections stay, and nothing answers. */
  pause(): void {
    this.signalAll('SIGSTOP');
  }

  /** Lets it go on after `pause`. */
  resume(): void {
    this.signalAll('SIGCONT');
  }

  /** The first process is halted meanwhile, so that it neither has another child nor repairs what happens to them. */
  private signalAll(signal: NodeJS.Signals): void {
    const first = this.pid;
    process.kill(first, 'SIGSTOP');
    for (const pid of childrenOf(first)) signalIfThere(pid, signal);
    process.kill(first, signal);
  }

  private async end(signal: (child: ChildProcess) => void): Promise<void> {
    const child = this.child;
    if (child === undefined || !this.running) return;
    const closed = once(child, 'close');
    signal(child);
    // Every process that has the other end of its standard error is gone then.
    await closed;
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself meanwhile.
  }
}

function spawnOptions(folder: string, user: SystemUser | undefined): SpawnOptions {
  // Its own clock and language, whatever this process has.
  return {
    cwd: folder,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...user,
  };
}

async function initialize(program: string, folder: string, user: SystemUser | undefined): Promise<void> {
  const args = ['-D', 'data', '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  const child = spawn(program, [...args, '--no-sync', '--no-instructions'], spawnOptions(folder, user));
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed in ${folder}.\n${output}`);
}
