import { chmodSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CoscribeProvider } from '../../client/provider.js';
import { childrenOf } from '../../tools/services/child-processes.js';
import { freePort } from '../../tools/services/ports.js';
import { ServiceProcess } from '../../tools/services/service-process.js';
import { isAlive } from '../support/alive.js';
import { Clients, textOf, type } from '../support/clients.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const START_MS = 30_000;

let clients: Clients;
let folder: TemporaryFolder;
const runs: Run[] = [];

beforeEach(() => {
  clients = new Clients();
  folder = temporaryFolder();
  // PostgreSQL does not run as root, and has to reach its own folder in there.
  chmodSync(folder.path, 0o711);
});

afterEach(async () => {
  clients.destroy();
  for (const run of runs.splice(0)) await run.end();
  folder.remove();
});

/** `npm run cluster`, without the npm. */
class Run {
  readonly process: ServiceProcess;
  private keeper: number | undefined;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const main = join(ROOT, 'dist/tools/cluster/main.js');
    this.process = new ServiceProcess({
      command: process.execPath,
      args: [main, ...args],
      // What it does not remove is found.
      env: { TMPDIR: folder.path, ...env },
    });
    runs.push(this);
  }

  get output(): string {
    return this.process.stdout;
  }

  /** Fulfils when it says that all is well. */
  async ready(): Promise<string> {
    const { process } = this;
    await until(() => this.output.includes('Ready at') || !process.running, 'the cluster is ready', START_MS);
    const [, url] = /^Ready at (\S+)$/m.exec(this.output) ?? [];
    if (url === undefined) throw new Error(`the cluster did not start\n${process.output()}`);
    [this.keeper] = childrenOf(process.pid ?? 0);
    return url;
  }

  /** The last process id that it has told for a part; all of them if none is named. */
  pids(name = '.*'): number[] {
    return [...this.output.matchAll(new RegExp(`^${name} at .*\\(pid (\\d+)\\)$`, 'gm'))].map(([, pid]) =>
      Number(pid),
    );
  }

  address(name: string): string {
    return new RegExp(`^${name} at (\\S+):`, 'm').exec(this.output)?.[1] ?? '';
  }

  /** Everything that it has ever started, and the process that does the starting. */
  get alive(): number[] {
    return [...this.pids(), ...(this.keeper === undefined ? [] : [this.keeper])].filter(isAlive);
  }

  /** Whatever happened. */
  async end(): Promise<void> {
    await this.process.kill();
    for (const pid of this.alive) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

async function saved(provider: CoscribeProvider): Promise<void> {
  await until(() => provider.synced && provider.unsavedChanges === 0, 'everything is saved');
}

describe('npm run cluster', () => {
  test('[DEPLOY20] [DEPLOY21] starts everything, shows what ends and starts it again, and stops it all in order', async () => {
    const port = await freePort();
    const run = new Run(['--nodes', '2', '--port', `${port}`]);
    const url = await run.ready();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    for (const name of ['HAProxy', 'node 1', 'node 2', 'Redis', 'PostgreSQL']) {
      expect(run.pids(name)).toHaveLength(1);
    }
    // Two who are at different nodes, and one whom the proxy has placed.
    const people = [run.address('node 1'), run.address('node 2'), url].map((each) => clients.connect(each));
    const [ada] = people;
    if (ada === undefined) throw new Error('nobody is there');
    type(ada, 'through PostgreSQL and Redis');
    await Promise.all(people.map(saved));
    await until(() => people.every((one) => textOf(one) === textOf(ada)), 'all are equal');

    const [first] = run.pids('node 1');
    if (first === undefined) throw new Error('node 1 has no process');
    process.kill(first, 'SIGKILL');
    await until(() => /^node 1 at \S+: ended$/m.test(run.output), 'it is told');
    const ready = () => run.output.match(/^node 1 at \S+: ready \(/gm)?.length;
    await until(() => ready() === 2, 'it is started again', START_MS);
    expect((await fetch(`${run.address('node 1')}/readyz`)).status).toBe(200);

    clients.destroy();
    run.process.signal('SIGINT');
    // npm passes on what the terminal has sent already.
    run.process.signal('SIGINT');
    expect(await run.process.ended).toEqual({ code: 0, signal: null });
    expect(run.output).toContain('Stopped in order.');
    expect(run.alive).toEqual([]);
    expect(folder.names()).toEqual([]);
  });

  test('[DEPLOY22] leaves nothing behind when it is killed with -9, and --data keeps what was saved', async () => {
    const port = await freePort();
    const args = ['--nodes', '2', '--no-proxy', '--port', `${port}`, '--data', folder.file('kept')];
    const run = new Run(args);
    expect(await run.ready()).toBe(`http://127.0.0.1:${port}`);
    expect(run.pids('HAProxy')).toEqual([]);
    const writer = clients.connect(`http://127.0.0.1:${port}`);
    type(writer, 'kept');
    await saved(writer);
    writer.destroy();
    expect(run.alive).toHaveLength(5);
    await run.process.kill();
    await until(() => run.alive.length === 0, 'everything has ended');

    const next = new Run(args);
    await next.ready();
    const reader = clients.connect(`http://127.0.0.1:${port}`);
    await until(() => reader.synced, 'the reader is synced');
    expect(textOf(reader)).toBe('kept');

    // Somebody who does not move on, for whom a node waits.
    const stays = await RawClient.joined(`http://127.0.0.1:${port}`);
    try {
      next.process.signal('SIGTERM');
      await until(() => next.output.includes('Stopping'), 'it stops');
      const again = setInterval(() => next.process.signal('SIGTERM'), 100);
      const { code } = await next.process.ended;
      clearInterval(again);
      expect(code).toBe(1);
      expect(next.process.stderr).toBe('Ended at once; what was under way may be lost.\n');
      await until(() => next.alive.length === 0, 'everything has ended');
    } finally {
      stays.close();
    }
    expect(folder.names()).toEqual(['kept']);
    expect(existsSync(folder.file('kept/postgres'))).toBe(true);
  });

  test('[DEPLOY24] uses the PostgreSQL and the Redis that it is given, and shows no password', async () => {
    const own = new Run(['--nodes', '1', '--no-proxy', '--port', `${await freePort()}`]);
    await own.ready();
    const [store, redis] = [own.address('PostgreSQL'), own.address('Redis')];
    const run = new Run([
      ...['--nodes', '2', '--port', `${await freePort()}`],
      ...['--store', store.replace('postgres@', 'postgres:hidden@'), '--redis-url', redis],
    ]);
    const url = await run.ready();
    expect(run.pids('Redis').concat(run.pids('PostgreSQL'))).toEqual([]);
    expect(run.output).toContain(`PostgreSQL at ${store}: yours`);
    expect(run.output).not.toContain('hidden');
    const [ada, bob] = [clients.connect(url), clients.connect(own.address('node 1'))];
    type(ada, 'one document for all');
    await until(() => textOf(bob) === textOf(ada), 'the text arrives');
    clients.destroy();
    run.process.signal('SIGTERM');
    expect((await run.process.ended).code).toBe(0);
    expect(own.process.running).toBe(true);
  });

  test('[DEPLOY23] what keeps it from starting is told in a sentence, and nothing runs on', async () => {
    const usage = new Run(['--nodes', 'many']);
    expect(await usage.process.ended).toEqual({ code: 2, signal: null });
    expect(usage.process.stderr).toMatch(/^--nodes must be [^\n]+\n$/);

    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const address = other.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const taken = new Run(['--nodes', '1', '--port', `${port}`]);
      expect((await taken.process.ended).code).toBe(1);
      expect(taken.process.stderr).toBe(`Port ${port} is taken; choose another one with --port.\n`);
    } finally {
      other.close();
    }
    const missing = new Run(['--nodes', '1', '--port', `${await freePort()}`], {
      HAPROXY: '/no/such/haproxy',
    });
    expect((await missing.process.ended).code).toBe(1);
    expect(missing.process.stderr).toMatch(/apt-get install haproxy.*--no-proxy\.\n$/);
  });
});
