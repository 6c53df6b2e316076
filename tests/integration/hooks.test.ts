import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type * as Y from 'yjs';
import { type Coscribe, type CoscribeOptions, createCoscribe } from '../../server/coscribe.js';
import type { CommitEvent, Hooks } from '../../server/hooks/hooks.js';
import { Clients, textOf, type } from '../support/clients.js';
import { collectLog } from '../support/collect-log.js';
import { temporaryFolder } from '../support/folder.js';
import { testPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const NOTES = 'acme/notes';
const DOCUMENTS = 30;

const postgres = testPostgres();
const folder = temporaryFolder();
const clients = new Clients();
const running: { readonly coscribe: Coscribe; readonly http: Server }[] = [];

/** A program with Coscribe in it. */
async function program(options: CoscribeOptions): Promise<{ coscribe: Coscribe; url: string }> {
  const coscribe = await createCoscribe({ log: collectLog(), maxLagMs: 60_000, ...options });
  const http = createServer();
  running.push({ coscribe, http });
  coscribe.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { coscribe, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

async function end(): Promise<void> {
  for (const { coscribe, http } of running.splice(0)) {
    await coscribe.stop();
    await new Promise((resolve) => http.close(resolve));
  }
}

const words = (doc: Y.Doc): string => doc.getText('text').toString();

afterEach(async () => {
  clients.destroy();
  await end();
});
afterAll(() => folder.remove());

describe('hooks and edits of a program', () => {
  test('[HOOK10] [EDIT1] people and the program write into a document that it has prepared, and hears of', async () => {
    const store = `sqlite:${folder.file('coscribe.db')}`;
    const events: string[] = [];
    const commits: CommitEvent[] = [];
    const hooks: Hooks = {
      onLoad: ({ document, isEmpty }) => {
        events.push(`load ${document} ${isEmpty}`);
        return (doc) => doc.getText('text').insert(0, 'Agenda: ');
      },
      onJoin: ({ address }) => events.push(`join ${address}`),
      onLeave: () => events.push('leave'),
      onCommit: (event) => commits.push(event),
    };
    const first = await program({ store, hooks });
    const [ann, bob] = [clients.connect(first.url), clients.connect(first.url)];
    await until(() => ann.synced && bob.synced, 'both are in');
    expect(textOf(ann)).toBe('Agenda: ');
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all(
      numbers.map(async (n) => {
        type(n % 2 === 0 ? ann : bob, `p${n} `);
        await first.coscribe.edit(NOTES, (doc) => doc.getText('text').insert(0, `s${n} `), { user: 'clock' });
      }),
    );
    await until(() => ann.unsavedChanges === 0 && bob.unsavedChanges === 0, 'all is saved');
    const text = await first.coscribe.read(NOTES, words);
    await until(() => textOf(ann) === text && textOf(bob) === text, 'all see the same');
    for (const n of numbers) expect(text).toMatch(new RegExp(`s${n} (.* )?p${n} `));
    clients.destroy();
    await until(() => events.filter((event) => event === 'leave').length === 2, 'both have left');
    await end();
    expect(events.slice(0, 3)).toEqual([`load ${NOTES} true`, 'join 127.0.0.1', 'join 127.0.0.1']);
    const edits = commits.flatMap((commit) => commit.edits);
    expect(edits.map(({ seq }) => seq)).toEqual(edits.map((_, at) => at + 1));
    expect(edits.filter(({ author }) => author === 'user:clock')).toHaveLength(20);

    const second = await program({ store, hooks });
    const eve = clients.connect(second.url);
    await until(() => eve.synced, 'somebody is in again');
    expect(textOf(eve)).toBe(text);
    expect(events).toContain(`load ${NOTES} false`);
  });

  test('[HOOK8] that a hook fails is in the log as that and as nothing else, however somebody comes', async () => {
    const log = collectLog();
    const onJoin = () => {
      throw new Error('a mistake');
    };
    const { url } = await program({ store: 'memory:', log, hooks: { onJoin } });
    const ann = clients.connect(url);
    await until(() => ann.error?.code === 'internal', 'she is refused');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/yjs/${NOTES}`);
    // The first step of a sync, of somebody who has nothing.
    socket.on('open', () => socket.send(Uint8Array.of(0, 0, 1, 0)));
    await new Promise((resolve) => socket.on('close', resolve));
    const errors = log.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect([...new Set(errors)]).toEqual(['a hook of the application failed']);
  });

  test('[HOOK10] [HOOK2] two nodes with one database that open many documents at the same moment seed each once', async () => {
    const store = await postgres.emptyDatabase();
    const node = (name: string) =>
      createCoscribe({
        store,
        log: collectLog(),
        hooks: { onLoad: () => (doc) => doc.getText('text').insert(0, name) },
      });
    const nodes = await Promise.all([node('Ada'), node('Bob')]);
    try {
      const ids = Array.from({ length: DOCUMENTS }, (_, n) => `acme/seeded-${n}`);
      const seen = await Promise.all(
        ids.map((id) => Promise.all(nodes.map((coscribe) => coscribe.edit(id, words)))),
      );
      for (const [ada, bob] of seen) {
        expect(['Ada', 'Bob']).toContain(ada);
        expect(bob).toBe(ada);
      }
    } finally {
      await Promise.all(nodes.map((coscribe) => coscribe.stop()));
    }
  });
});
