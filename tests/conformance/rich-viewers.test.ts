import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import * as Y from 'yjs';
import { parseDocumentId } from '../../shared/ids.js';
import { startAccessServer } from '../support/access-server.js';
import { Clients } from '../support/clients.js';
import { GatedStore } from '../support/gated-store.js';
import { HOCUSPOCUS_VERSIONS, HocuspocusConnection } from '../support/hocuspocus-client.js';
import { tokenOf } from '../support/jwt.js';
import { between, seededRandom } from '../support/seeds.js';
import { TextFollower } from '../support/text-follower.js';
import { until } from '../support/until.js';
import { connectYSocketIo } from '../support/y-socket-io-client.js';
import { VERSIONS, YWebSocketClient } from '../support/y-websocket-client.js';

const STEPS = 120;
/** Until something had to be tidied. */
const MOST_STEPS = 5_000;
const DOCUMENT = 'acme/rich';
const PATIENCE_MS = 60_000;

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);
const RERUN = `again with: SEED=${seed} npx jest tests/conformance/rich-viewers`;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Somebody who may only read, with whatever client. */
interface Reader {
  readonly name: string;
  readonly doc: Y.Doc;
  synced(): boolean;
  /** What it was told that it should not have been; empty. */
  trouble(): readonly unknown[];
}

function readersOf(url: string, clients: Clients): Reader[] {
  const token = tokenOf('vera', 'viewer');
  const provider = clients.connect(url, { document: DOCUMENT, token });
  const rejected: unknown[] = [];
  provider.on('rejected', (error) => rejected.push(error));
  const ours: Reader = {
    name: 'ours',
    doc: provider.doc,
    synced: () => provider.synced,
    trouble: () => [...rejected, ...(provider.unsavedChanges > 0 ? ['unsaved'] : [])],
  };
  const yWebSockets = VERSIONS.map((version): Reader => {
    const client = new YWebSocketClient(version, url, { room: DOCUMENT, token });
    undo.push(() => client.destroy());
    const { doc, closed } = client;
    return { name: `y-websocket ${version}`, doc, synced: () => client.synced, trouble: () => closed };
  });
  const hocuspocus = HOCUSPOCUS_VERSIONS.map((version): Reader => {
    const connection = new HocuspocusConnection(version, url);
    undo.push(() => connection.destroy());
    const { doc, provider: theirs, denied } = connection.open(DOCUMENT, { token });
    return {
      name: `Hocuspocus ${version}`,
      doc,
      synced: () => theirs.synced,
      trouble: () => [
        ...connection.closed,
        ...denied,
        ...(theirs.unsyncedChanges === 0 ? [] : [`${theirs.unsyncedChanges} unsynced`]),
      ],
    };
  });
  const socket = connectYSocketIo(url, DOCUMENT, new Y.Doc(), { token });
  undo.push(() => socket.destroy());
  const ended: unknown[] = [];
  for (const event of ['bye', 'disconnect', 'connect_error'])
    socket.socket.on(event, (reason) => ended.push(reason));
  const ySocketIo = {
    name: 'y-socket.io',
    doc: socket.doc,
    synced: () => socket.synced,
    trouble: () => ended,
  };
  return [ours, ...yWebSockets, ...hocuspocus, ySocketIo];
}

/** A rich text, in whatever pieces it is there: what formats have no effect does not show. */
function looksOf(doc: Y.Doc): string {
  const delta = doc.getText('text').toDelta() as { insert: string; attributes?: Record<string, unknown> }[];
  const units = delta.flatMap(({ insert, attributes = {} }) =>
    insert.split('').map((unit) => unit + Object.keys(attributes).sort().join()),
  );
  return units.join('|');
}

function edit(text: Y.Text): void {
  const at = between(random, 0, text.length);
  const length = Math.min(text.length - at, between(random, 1, 6));
  const choice = random();
  if (choice < 0.3) text.insert(at, 'word ', random() < 0.3 ? { bold: true } : undefined);
  else if (length === 0) return;
  else if (choice < 0.7)
    text.format(at, length, { [random() < 0.5 ? 'bold' : 'em']: random() < 0.6 || null });
  else text.delete(at, length);
}

test('[PEER10] [PROV52] who only reads a rich text that others write goes on reading, with any client, and is told of no edit that was none', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  undo.push(() => warn.mockRestore());
  const store = new GatedStore();
  const { url, stop } = await startAccessServer({ store });
  undo.push(stop);
  const clients = new Clients();
  undo.push(() => clients.destroy());
  const editors = ['ann', 'ben', 'cleo'].map((name) =>
    clients.connect(url, { document: DOCUMENT, token: tokenOf(name, 'editor') }),
  );
  await until(() => editors.every(({ synced }) => synced), 'the editors are in', PATIENCE_MS);
  editors[0]?.doc.getText('text').insert(0, 'hello brave new world');
  const readers = readersOf(url, clients);
  const docs = [...editors, ...readers].map(({ doc }) => doc);
  // Formats are tidied only in types whose class is known.
  for (const doc of docs) doc.getText('text');
  const token = tokenOf('fred', 'viewer');
  const follower = new TextFollower(`${url}/api/documents/${DOCUMENT}/events?token=${token}`);
  undo.push(() => follower.close());
  let tidied = 0;
  for (const { doc } of readers.slice(1))
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin === null) tidied++;
    });
  await until(() => readers.every((reader) => reader.synced()), 'the readers are in', PATIENCE_MS);
  try {
    for (let step = 0; step < STEPS || (tidied === 0 && step < MOST_STEPS); step++) {
      for (const { doc } of editors) if (random() < 0.7) edit(doc.getText('text'));
      if (random() < 0.6) await pause(between(random, 0, 8));
    }
    const isCalm = (): boolean =>
      editors.every(({ unsavedChanges }) => unsavedChanges === 0) &&
      new Set(docs.map(looksOf)).size === 1 &&
      follower.text === docs[0]?.getText('text').toString() &&
      readers.every((reader) => reader.synced() && reader.trouble().length === 0);
    await until(isCalm, 'all have the same, and no trouble', PATIENCE_MS);
    expect(tidied).toBeGreaterThan(0);
    expect(warn.mock.calls).toEqual([]);
    const rows = await store.readLog(parseDocumentId(DOCUMENT), 0, 100_000);
    expect(new Set(rows.map(({ author }) => author))).toEqual(new Set(['user:ann', 'user:ben', 'user:cleo']));
  } catch (cause) {
    const looks = editors[0] === undefined ? '' : looksOf(editors[0].doc);
    const state = readers.map(
      (reader) =>
        `${reader.name}: same ${looksOf(reader.doc) === looks}, ${JSON.stringify(reader.trouble())}`,
    );
    throw new Error([cause instanceof Error ? cause.message : cause, RERUN, ...state].join('\n'), { cause });
  }
}, 240_000);
