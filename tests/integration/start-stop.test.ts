import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connect } from '../../client/channel.js';
import type { CoscribeProvider } from '../../client/provider.js';
import { connectTo } from '../../client/socket-io-channel.js';
import { Clients, textOf, type } from '../support/clients.js';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.js';
import { ROOT } from '../support/project-files.js';
import { runServer, type TestServer, withServer } from '../support/server-process.js';
import { until } from '../support/until.js';

let clients: Clients;
let folder: TemporaryFolder;

beforeEach(() => {
  clients = new Clients();
  folder = temporaryFolder();
});

afterEach(() => {
  clients.destroy();
  folder.remove();
});

function lines(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function synced(provider: CoscribeProvider): Promise<void> {
  await until(() => provider.synced, 'the client is synced');
}

async function saved(provider: CoscribeProvider): Promise<void> {
  await until(() => provider.synced && provider.unsavedChanges === 0, 'everything is saved');
}

/** While its file is elsewhere, the store refuses commits; they are made when the file is back. */
function takeStoreAway({ storeFile }: TestServer): () => void {
  const elsewhere = `${storeFile}.elsewhere`;
  renameSync(storeFile, elsewhere);
  return () => renameSync(elsewhere, storeFile);
}

/** Socket.IO, with the goodbyes of the server noted. */
function noting(byes: number[], url: string): Connect {
  return (document, events) =>
    connectTo(url)(document, {
      ...events,
      bye(reason, reconnectAfterMs) {
        byes.push(reconnectAfterMs);
        events.bye(reason, reconnectAfterMs);
      },
    });
}

/** A client with an edit that has reached the server and cannot be saved. */
async function stuckEdit(server: TestServer, connectChannel?: Connect): Promise<CoscribeProvider> {
  const writer = clients.connect(server.url, connectChannel === undefined ? {} : { connectChannel });
  await synced(writer);
  type(writer, 'first ');
  await saved(writer);
  const giveBack = takeStoreAway(server);
  giveBacks.push(giveBack);
  type(writer, 'under way');
  await until(() => !writer.saving, 'the server says that it cannot save');
  expect(writer.unsavedChanges).toBe(1);
  return writer;
}

const giveBacks: (() => void)[] = [];

function giveBack(): void {
  giveBacks.pop()?.();
}

describe('starting', () => {
  test('[STOP1] the server says in one line where it listens and which store it has, and nothing else until it stops', async () => {
    await withServer({}, async (server) => {
      const reader = clients.connect(server.url);
      await synced(reader);
      type(reader, 'words');
      await saved(reader);
      expect(await (await fetch(`${server.url}/healthz`)).text()).toContain('ok');
      const [open, ready, ...others] = lines(server.process.stdout);
      expect(open).toMatchObject({ level: 'warn', auth: 'open' });
      expect(ready).toMatchObject({ level: 'info', url: server.url, store: `sqlite:${server.storeFile}` });
      expect(others).toEqual([]);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      expect(lines(server.process.stdout).map(({ level }) => level)).toEqual([
        'warn',
        'info',
        'info',
        'info',
      ]);
      expect(server.process.stderr).toBe('');
    });
  });

  test('[STOP3] --help lists every option, --version is the version of the package, and neither starts a server', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const [help, shown] = await Promise.all([runServer(['--help']), runServer(['--version'])]);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const flag of ['--port', '--host', '--store', '--log-level', '--stop-timeout-ms']) {
      expect(help.stdout).toContain(`  ${flag} `);
    }
    expect(shown).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });

  interface Refusal {
    readonly args: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly sentence: string;
  }

  const store = (): string => `sqlite:${folder.file('new.db')}`;
  const REFUSALS: readonly [what: string, make: () => Refusal][] = [
    ['an unknown option', () => ({ args: ['--prot=1'], sentence: '--prot is not an option; see --help.' })],
    [
      'an option without sense',
      () => ({ args: ['--port', 'eighty'], sentence: '--port must be a whole number from 0 to 65535' }),
    ],
    [
      'a variable without sense',
      () => ({ args: [], env: { COSCRIBE_LOG_LEVEL: 'loud' }, sentence: 'COSCRIBE_LOG_LEVEL must be' }),
    ],
    [
      'an unknown store',
      () => ({ args: ['--store', 'mongo://x'], sentence: '--store must be "memory:", "sqlite:"' }),
    ],
    [
      'a folder as store',
      () => {
        mkdirSync(folder.file('folder.db'));
        return { args: ['--store', `sqlite:${folder.file('folder.db')}`], sentence: 'folder.db' };
      },
    ],
    [
      'a foreign file as store',
      () => {
        writeFileSync(folder.file('foreign.db'), 'Dear diary, '.repeat(1000));
        return { args: ['--store', `sqlite:${folder.file('foreign.db')}`], sentence: 'foreign.db' };
      },
    ],
    [
      'everybody on other machines let in by oversight',
      () => ({
        args: ['--host', '0.0.0.0', '--port', '0', '--store', store()],
        sentence: 'everybody who reaches 0.0.0.0 (HOST) could read, change and delete every document',
      }),
    ],
    [
      'an address of another machine',
      () => ({
        args: ['--auth', 'links', '--host', '192.0.2.1', '--port', '0', '--store', store()],
        sentence: 'it may not listen there; check --host and --port',
      }),
    ],
    [
      'a host that does not exist',
      () => ({
        args: ['--auth', 'links', '--host', 'no-such-host.invalid', '--port', '0', '--store', store()],
        sentence: 'check --host',
      }),
    ],
  ];

  test.each(REFUSALS)('[STOP2] %s: one sentence on standard error, exit code 2', async (_, make) => {
    const { args, env, sentence } = make();
    const ended = await runServer(args, env);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr).toMatch(/^Coscribe can't start: [^\n]+\n$/);
    expect(ended.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  test('[STOP2] a port that is taken: one sentence on standard error, exit code 2', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const address = other.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const ended = await runServer(['--port', `${port}`, '--store', store()]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(/^Coscribe can't start: the port is taken[^\n]+\n$/);
    } finally {
      other.close();
    }
  });

  test('[STOP2] the store of a running server: one sentence on standard error, and the server runs on', async () => {
    await withServer({}, async (server) => {
      const ended = await runServer(['--port', '0', '--store', `sqlite:${server.storeFile}`]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(/^Coscribe can't start: [^\n]*in use by another process[^\n]*\n$/);
      const writer = clients.connect(server.url);
      type(writer, 'undisturbed');
      await saved(writer);
    });
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '[STOP4] on %s joins are refused, edits under way are saved and answered, clients are sent away for a moment, the exit code is 0',
    async (signal) => {
      await withServer({}, async (server) => {
        const byes: number[] = [];
        const connectChannel = noting(byes, server.url);
        const watcher = clients.connect(server.url, { connectChannel, document: 'acme/other' });
        await synced(watcher);
        const writer = await stuckEdit(server, connectChannel);

        server.process.signal(signal);
        const late = clients.connect(server.url, { document: 'acme/late' });
        await until(() => late.error?.code === 'shutting-down', 'a join is refused');
        expect(late.status).toBe('offline');

        giveBack();
        await until(() => writer.unsavedChanges === 0, 'the edit under way is answered');
        expect(await server.process.ended).toEqual({ code: 0, signal: null });
        await until(() => byes.length === 2, 'everybody is told');
        for (const delay of byes) {
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(5_000);
        }
        expect(writer).toMatchObject({ status: 'offline', error: { code: 'shutting-down' } });
      });
    },
  );

  test('[STOP5] clients come back to the next server by themselves, and what was typed in between is saved', async () => {
    await withServer({}, async (server) => {
      const people = [clients.connect(server.url), clients.connect(server.url), clients.connect(server.url)];
      const [ada, bob] = people;
      if (ada === undefined || bob === undefined) throw new Error('nobody is there');
      await Promise.all(people.map(synced));
      type(ada, 'before ');
      await saved(ada);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      await until(() => people.every(({ status }) => status === 'offline'), 'everybody is offline');
      type(bob, 'meanwhile');
      expect(bob.unsavedChanges).toBe(1);
      await server.start();
      await Promise.all(people.map(saved));
      const fresh = clients.connect(server.url);
      await synced(fresh);
      await until(() => people.every((one) => textOf(one) === textOf(fresh)), 'all are equal');
      expect(textOf(fresh).split(' ').sort()).toEqual(['before', 'meanwhile']);
      for (const { error, status } of people) expect({ error, status }).toEqual({ status: 'synced' });
    });
  });

  test('[STOP6] a second signal ends the server at once with 1', async () => {
    await withServer({}, async (server) => {
      await stuckEdit(server);
      server.process.signal('SIGTERM');
      await until(() => lines(server.process.stdout).some(({ signal }) => signal === 'SIGTERM'), 'it stops');
      const asked = performance.now();
      server.process.signal('SIGINT');
      expect(await server.process.ended).toEqual({ code: 1, signal: null });
      // The first signal alone would have waited for 25 s.
      expect(performance.now() - asked).toBeLessThan(5_000);
      giveBack();
    });
  });

  test('[STOP7] a stop that cannot finish ends with 1 after COSCRIBE_STOP_TIMEOUT_MS, and the next server saves what it could not', async () => {
    await withServer({ env: { COSCRIBE_STOP_TIMEOUT_MS: '700' } }, async (server) => {
      const writer = await stuckEdit(server);
      const asked = performance.now();
      expect(await server.stop()).toEqual({ code: 1, signal: null });
      expect(performance.now() - asked).toBeGreaterThanOrEqual(700);
      expect(writer.unsavedChanges).toBe(1);
      giveBack();
      await server.start();
      await saved(writer);
      const fresh = clients.connect(server.url);
      await synced(fresh);
      expect(textOf(fresh)).toBe('first under way');
    });
  });
});
