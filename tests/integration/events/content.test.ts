import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { CoscribeProvider } from '../../../client/provider.js';
import type { Random } from '../../../shared/time.js';
import { type AccessServer, startAccessServer } from '../../support/access-server.js';
import { Clients } from '../../support/clients.js';
import { EventReader } from '../../support/event-reader.js';
import { FollowerCopy } from '../../support/follower-copy.js';
import { between, forSeedsInTurn } from '../../support/seeds.js';
import { until } from '../../support/until.js';

const RERUN = 'tests/integration/events/content.test.ts';
const WRITERS = 3;
const ROUNDS = 12;
const WORDS = ['one ', 'Zoë ', '😀', '\n', '"', '\\', '\u2028'];

let server: AccessServer;
const clients = new Clients();
let documents = 0;
const readers: EventReader[] = [];

beforeAll(async () => {
  server = await startAccessServer({ auth: ['--auth', 'open'] });
});
afterAll(() => server.stop());
afterEach(() => {
  clients.destroy();
  for (const reader of readers.splice(0)) reader.close();
});

async function openWriters(document: string): Promise<readonly CoscribeProvider[]> {
  const writers = Array.from({ length: WRITERS }, () => clients.connect(server.url, { document }));
  await until(() => writers.every(({ synced }) => synced), 'the writers');
  return writers;
}

async function follow(document: string, query: string, lastId = ''): Promise<EventReader> {
  const headers = lastId === '' ? {} : { 'Last-Event-ID': lastId };
  const reader = await EventReader.open(`${server.url}/api/documents/${document}/events${query}`, {
    headers,
  });
  readers.push(reader);
  return reader;
}

async function read(document: string, what: string): Promise<string> {
  return (await fetch(`${server.url}/api/documents/${document}/${what}`)).text();
}

/** Writers write, followers follow, go, and come back; in the end all have the same. */
async function followRandomly(
  random: Random,
  query: string,
  write: (doc: Y.Doc) => void,
  equal: (copy: FollowerCopy, document: string) => Promise<boolean>,
): Promise<void> {
  const document = `acme/random-${++documents}`;
  const writers = await openWriters(document);
  const copies = [new FollowerCopy(), new FollowerCopy()] as const;
  const streams = [await follow(document, query), await follow(document, query)];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { doc } of writers) if (random() < 0.7) doc.transact(() => write(doc));
    await new Promise((resolve) => setImmediate(resolve));
    const [first] = streams;
    if (first === undefined || random() < 0.7) continue;
    copies[0].take(first);
    first.close();
    copies[0].comesBack();
    streams[0] = await follow(document, query, first.lastId);
  }
  await until(() => writers.every(({ unsavedChanges }) => unsavedChanges === 0), 'all is saved');
  for (const [at, copy] of copies.entries()) {
    const deadline = performance.now() + 5_000;
    for (;;) {
      copy.take(streams[at] as EventReader);
      if (await equal(copy, document)) break;
      if (performance.now() > deadline) throw new Error(`follower ${at}: ${JSON.stringify(copy)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(copies[1].snapshots).toBe(1);
}

describe('what followers put together', () => {
  test('[SSE2] [SSE3] from deltas is the text, with formats and embeds in it, also for those who come and go', () =>
    forSeedsInTurn(2, RERUN, (random) =>
      followRandomly(
        random,
        '',
        (doc) => editText(random, doc.getText('text')),
        async (copy, document) => copy.text === (await read(document, 'text')),
      ),
    ));

  test('[SSE2] [SSE3] from JSON patches is the JSON of all shared types, nested ones too', () =>
    forSeedsInTurn(2, RERUN, (random) =>
      followRandomly(
        random,
        '?as=json',
        (doc) => editData(random, doc),
        async (copy, document) => {
          const json: unknown = JSON.parse(await read(document, 'json'));
          return JSON.stringify(sorted(copy.json.value)) === JSON.stringify(sorted(json));
        },
      ),
    ));
});

/** As an honest editor does, which never cuts a character in two: what Yjs makes of halves it tells in no event. */
function editText(random: Random, text: Y.Text): void {
  const at = wholeBefore(text, between(random, 0, text.length));
  const left = text.length - at;
  const length = wholeBefore(text, at + between(random, 0, Math.min(5, left))) - at;
  const dice = random();
  if (dice < 0.5) text.insert(at, pick(random, WORDS));
  else if (dice < 0.6) text.insertEmbed(at, { image: 'x' });
  else if (length > 0 && dice < 0.7) text.format(at, length, { bold: random() < 0.5 || null });
  else if (length > 0) text.delete(at, length);
}

/** An index between characters, at this one or right before it. */
function wholeBefore(text: Y.Text, index: number): number {
  let at = 0;
  for (const { insert } of text.toDelta() as { insert: unknown }[])
    for (const character of typeof insert === 'string' ? insert : ['x']) {
      if (at + character.length > index) return at;
      at += character.length;
    }
  return at;
}

function editData(random: Random, doc: Y.Doc): void {
  const map = doc.getMap<unknown>('a/~map');
  const list = doc.getArray<unknown>('list');
  const key = pick(random, ['k', '~', '/', '']);
  const dice = random();
  if (dice < 0.25) map.set(key, pick(random, [1, 'x', null, [1, { a: 2 }]]));
  else if (dice < 0.35) map.delete(key);
  else if (dice < 0.5) map.set(key, new Y.Map<unknown>([['deep', new Y.Array()]]));
  else if (dice < 0.6) {
    const inner = map.get(key);
    if (inner instanceof Y.Map) (inner.get('deep') as Y.Array<unknown>).push([between(random, 0, 9)]);
  } else if (dice < 0.8) list.insert(between(random, 0, list.length), [dice, new Y.Text('t')]);
  else if (list.length > 1) list.delete(between(random, 0, list.length - 2), 2);
  else editText(random, doc.getText('text'));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[between(random, 0, from.length - 1)] as T;
}
