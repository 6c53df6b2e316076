import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Server } from 'socket.io';
import { encodeUpdateList } from '../../shared/frames.js';
import { Clients, FastClock, textOf, type } from '../support/clients.js';
import { withServer } from '../support/server-process.js';
import { smallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

let clients: Clients;
let unhandled: unknown[];
const note = (error: unknown): void => {
  unhandled.push(error);
};

beforeEach(() => {
  clients = new Clients();
  unhandled = [];
  process.on('unhandledRejection', note);
});

afterEach(() => {
  clients.destroy();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('[CRASH2] while the disk is full nobody is told "saved" and everybody can type on; once there is room all of it is saved', async () => {
  const { launcher, env, fill, makeRoom, remove } = smallDisk();
  const options = { ...(launcher === undefined ? {} : { launcher }), ...(env === undefined ? {} : { env }) };
  try {
    await withServer(options, async (server) => {
      const ada = clients.connect(server.url);
      const bob = clients.connect(server.url);
      type(ada, 'before ');
      await until(
        () => textOf(bob) === 'before ' && ada.unsavedChanges === 0,
        'the first edit is everywhere',
      );

      fill(server);
      for (let edits = 1; edits <= 20; edits++) type(ada, `${edits} `.padStart(1024, '.'));
      await until(() => !ada.saving && !bob.saving, 'both are told that nothing can be saved');
      // What the server could not save it showed to nobody.
      type(bob, 'bob ');
      const unsavedAda = ada.unsavedChanges;
      expect(unsavedAda).toBeGreaterThan(0);
      expect(bob.unsavedChanges).toBe(1);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
      const seenByBob = textOf(bob).replace('bob ', '').length;
      expect(seenByBob).toBeLessThanOrEqual(textOf(ada).length - unsavedAda * 1024);

      makeRoom(server);
      await until(() => ada.unsavedChanges + bob.unsavedChanges === 0, 'everything is saved');
      await until(() => ada.saving && bob.saving, 'both are told that saving works again');
      await until(() => textOf(ada) === textOf(bob), 'both have the same text');
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect([ada.status, bob.status]).toEqual(['synced', 'synced']);
      const fresh = clients.connect(server.url);
      await until(() => fresh.synced, 'a fresh client is synced');
      expect(textOf(fresh)).toBe(textOf(ada));
      expect(textOf(fresh)).toContain('20 ');
      expect(textOf(fresh)).toContain('bob ');
      expect(server.process.stderr).toBe('');
    });
  } finally {
    remove();
  }
});

/** A port on which nobody listens, or no longer. */
async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: HttpServer, port = 0): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server.address() as AddressInfo;
}

describe('a server that is away', () => {
  test('[CRASH3] a client that starts without a server is usable, counts what is unsaved, and saves it when the server comes', async () => {
    const port = await freePort();
    const early = clients.connect(`http://127.0.0.1:${port}`);
    expect(early.status).toBe('connecting');
    await until(() => early.status === 'offline', 'the first attempt has failed');
    for (const word of ['one ', 'two ', 'three ']) type(early, word);
    expect(early).toMatchObject({ status: 'offline', unsavedChanges: 3, synced: false });
    await withServer({ args: ['--port', `${port}`] }, async () => {
      await until(() => early.synced && early.unsavedChanges === 0, 'everything is saved');
      const fresh = clients.connect(`http://127.0.0.1:${port}`);
      await until(() => fresh.synced, 'a fresh client is synced');
      expect(textOf(fresh)).toBe('one two three ');
    });
  });

  test('[CRASH3] a client whose server is away for an hour tries every 4 to 8 s, keeps everything, and saves it when the server is back', async () => {
    // An hour of the client's time is some seconds of ours.
    const clock = new FastClock(600);
    await withServer({}, async (server) => {
      const patient = clients.connect(server.url, { clock });
      await until(() => patient.synced, 'the client is synced');
      await server.kill();
      await until(() => patient.status === 'offline', 'the client has noticed');
      clock.delays.length = 0;
      const start = clock.monotonic();
      let words = 0;
      while (clock.monotonic() < start + 3_600_000) {
        type(patient, `word ${++words} `);
        expect(patient.unsavedChanges).toBe(words);
        expect(patient.status).toBe('offline');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(words).toBeGreaterThan(20);
      const pauses = clock.delays.filter((delay) => delay <= 8_000);
      expect(pauses.length).toBeGreaterThan(20);
      expect(Math.min(...pauses.slice(10))).toBeGreaterThanOrEqual(4_000);
      await server.start();
      await until(() => patient.synced && patient.unsavedChanges === 0, 'everything is saved');
      const fresh = clients.connect(server.url);
      await until(() => fresh.synced, 'a fresh client is synced');
      expect(textOf(fresh)).toBe(textOf(patient));
    });
  });
});

type Behaviour = (io: Server) => void;

/** What is at the address instead of Coscribe. */
const STRANGERS: readonly [what: string, behave: Behaviour | undefined][] = [
  ['a web server that knows no Socket.IO', undefined],
  ['a Socket.IO server without our namespaces', () => {}],
  [
    'a Socket.IO server that never answers',
    (io) => {
      io.of(/.*/).on('connection', () => {});
    },
  ],
  ...[
    42,
    null,
    'welcome',
    { ok: true },
    { ok: false },
    { ok: false, error: { code: 'no-such-code', message: 7 } },
    [[[[]]]],
  ].map((reply): [string, Behaviour] => [
    `one that answers a join with ${JSON.stringify(reply)}`,
    (io) => {
      io.of(/.*/).on('connection', (socket) => {
        socket.on('join', (_request: unknown, answer: (reply: unknown) => void) => answer(reply));
      });
    },
  ]),
  [
    'one whose content is no update',
    (io) => {
      io.of(/.*/).on('connection', (socket) => {
        socket.on('join', (_request: unknown, answer: (reply: unknown) => void) => {
          answer({ ...joined(), content: Buffer.from(encodeUpdateList([new Uint8Array([1, 2, 3, 4])])) });
        });
      });
    },
  ],
  [
    'one that answers updates with junk and sends junk',
    (io) => {
      io.of(/.*/).on('connection', (socket) => {
        socket.on('join', (_request: unknown, answer: (reply: unknown) => void) => {
          answer(joined());
          for (const event of ['updates', 'awareness', 'resync', 'saving', 'refused', 'bye', 'nonsense']) {
            socket.emit(event, 'junk', { junk: true });
          }
        });
        socket.on('update', (_update: unknown, _kind: unknown, answer: (reply: unknown) => void) =>
          answer({ ok: true, seq: 'first' }),
        );
      });
    },
  ],
];

function joined(): object {
  return {
    ok: true,
    session: '1',
    generation: 'strange',
    head: 0,
    role: 'editor',
    limits: { maxUpdateBytes: 1000, maxDeleteRanges: 100, maxAwarenessBytes: 100 },
    saving: true,
    content: Buffer.from(encodeUpdateList([])),
    awareness: Buffer.alloc(0),
  };
}

describe('a server that is not Coscribe', () => {
  test.each(STRANGERS)(
    '[CRASH4] %s: the client is usable, says that nothing is saved, and tries again ever less often',
    async (_, behave) => {
      const http = createServer((_request, response) => response.end('<h1>It works!</h1>'));
      const io = behave === undefined ? undefined : new Server(http);
      if (io !== undefined) behave?.(io);
      const { port } = await listen(http);
      try {
        const clock = new FastClock(100);
        const lost = clients.connect(`http://127.0.0.1:${port}`, { clock });
        type(lost, 'kept');
        // Delays above 8 s are what an answer may take.
        const pauses = (): number[] => clock.delays.filter((delay) => delay <= 8_000);
        await until(() => lost.status === 'offline' && pauses().length >= 4, 'it has tried some times');
        expect(lost.unsavedChanges).toBe(1);
        expect(textOf(lost)).toBe('kept');
        type(lost, ' too');
        expect(lost.unsavedChanges).toBe(2);
        await until(() => pauses().length >= 6, 'it tries on');
        expect(lost.status).not.toBe('denied');
        expect(lost.unsavedChanges).toBe(2);
        expect(Math.max(...pauses())).toBeGreaterThan(2 * Math.min(...pauses()));
      } finally {
        clients.destroy();
        if (io !== undefined) await io.close();
        http.closeAllConnections();
        http.close();
      }
    },
  );
});
