import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import * as Y from 'yjs';
import { CopiedDocument } from '../../../server/workers/copied-document.js';
import type { ContentChange, PatchOperation } from '../../../server/workers/copy-work.js';
import { encodeUpdateList } from '../../../shared/frames.js';
import type { Random } from '../../../shared/time.js';
import { between, forSeeds } from '../../support/seeds.js';

/** A document as a copy of it is loaded. */
function copyOf(fill: (doc: Y.Doc) => void): CopiedDocument {
  const doc = new Y.Doc();
  doc.transact(() => fill(doc));
  const copy = new CopiedDocument();
  copy.perform({ list: encodeUpdateList([Y.encodeStateAsUpdate(doc)]), seq: 1 }, { kind: 'take' });
  return copy;
}

function jsonOf(copy: CopiedDocument): Record<string, unknown> {
  const { body } = copy.perform(undefined, { kind: 'view', view: { as: 'json' } });
  return JSON.parse(Buffer.from(body).toString());
}

/** @returns the update that it makes; empty if nothing is changed */
function change(copy: CopiedDocument, what: ContentChange, maxBytes = 100_000): Uint8Array {
  return copy.perform(undefined, { kind: 'change', change: what, clientId: 7, maxBytes }).body;
}

function patch(copy: CopiedDocument, operations: readonly PatchOperation[], maxBytes?: number): Uint8Array {
  return change(copy, { as: 'json-patch', operations }, maxBytes);
}

/** Roots of all kinds, with plain values and shared types in one another. */
function mixed(doc: Y.Doc): void {
  doc.getText('note').insert(0, 'Hello');
  const map = doc.getMap('map');
  map.set('a/b', 1);
  map.set('plain', { deep: [1, { x: 'y' }], 'm~n': null });
  map.set('shared', new Y.Map([['list', Y.Array.from([1, 'two', null])]]));
  map.set('title', new Y.Text('A title'));
  doc.getArray('list').push([1, { two: 2 }, [3], 'four']);
  doc.getArray('list').push([new Y.Map([['k', 'v']])]);
}

describe('a JSON patch', () => {
  test('[COPY5] does what RFC 6902 says: its own examples', () => {
    const copy = copyOf((doc) => {
      doc.getMap('d').set('foo', Y.Array.from(['bar', 'baz']));
      doc.getMap('d').set('qux', { corge: 'grault' });
    });
    patch(copy, [
      { op: 'test', path: '/d/foo/1', value: 'baz' },
      { op: 'add', path: '/d/foo/1', value: 'qux' },
      { op: 'add', path: '/d/foo/-', value: ['abc', 'def'] },
      { op: 'remove', path: '/d/foo/0' },
      { op: 'add', path: '/d/child', value: { grandchild: {} } },
      { op: 'move', from: '/d/qux/corge', path: '/d/child/thud' },
      { op: 'copy', from: '/d/foo/0', path: '/d/qux/new' },
      { op: 'replace', path: '/d/foo/0', value: 'boo' },
      { op: 'add', path: '/d/~01', value: 10 },
      { op: 'test', path: '/d/~01', value: 10 },
      { op: 'test', path: '/d/child', value: { thud: 'grault', grandchild: {} } },
    ]);
    expect(jsonOf(copy)).toEqual({
      d: {
        foo: ['boo', 'baz', ['abc', 'def']],
        child: { grandchild: {}, thud: 'grault' },
        qux: { new: 'qux' },
        '~1': 10,
      },
    });
  });

  test('[COPY5] objects and arrays become shared types, a text is changed where it differs, what is the same stays', () => {
    const copy = copyOf(mixed);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, copy.perform(undefined, { kind: 'view', view: { as: 'state' } }).body);
    const title = doc.getMap('map').get('title') as Y.Text;
    const shared = doc.getMap('map').get('shared');
    const seen: unknown[] = [];
    title.observe(({ delta }) => seen.push(delta));
    Y.applyUpdate(
      doc,
      patch(copy, [
        { op: 'replace', path: '/map/title', value: 'A short title' },
        { op: 'replace', path: '/map/shared', value: { list: [1, 'two', 'more', null] } },
        { op: 'add', path: '/map/new', value: { a: [{ b: 1 }] } },
        { op: 'replace', path: '/note', value: 'Hello you' },
      ]),
    );
    expect(seen).toEqual([[{ retain: 2 }, { insert: 'short ' }]]);
    expect(doc.getMap('map').get('shared')).toBe(shared);
    const made = doc.getMap('map').get('new') as Y.Map<Y.Array<unknown>>;
    expect(made.get('a')?.get(0)).toBeInstanceOf(Y.Map);
    expect(doc.getText('note').toString()).toBe('Hello you');
    expect(patch(copy, [{ op: 'replace', path: '/map/new', value: { a: [{ b: 1 }] } }])).toHaveLength(0);
  });

  test('[COPY5] makes roots, empties them, and gives an empty one its first member', () => {
    const copy = new CopiedDocument();
    patch(copy, [
      { op: 'add', path: '/scores/ann', value: 1 },
      { op: 'add', path: '/list/-', value: 'x' },
      { op: 'add', path: '/note', value: 'text' },
      { op: 'add', path: '/facts', value: { a: { b: 1 } } },
    ]);
    expect(jsonOf(copy)).toEqual({ scores: { ann: 1 }, list: ['x'], note: 'text', facts: { a: { b: 1 } } });
    patch(copy, [
      { op: 'remove', path: '/list/0' },
      { op: 'add', path: '/list/0', value: 'y' },
      { op: 'remove', path: '/note' },
      { op: 'replace', path: '/facts', value: { c: 2 } },
      { op: 'remove', path: '/scores' },
    ]);
    expect(jsonOf(copy)).toEqual({ list: ['y'], facts: { c: 2 } });
  });

  test('[COPY5] [COPY6] what does not fit is refused with the number of the operation, and why', () => {
    const refused: readonly (readonly [PatchOperation, RegExp])[] = [
      [{ op: 'remove', path: '/map/nobody' }, /operation 1, remove: there is no "\/map\/nobody"/],
      [{ op: 'replace', path: '/list/5', value: 1 }, /there is no "\/list\/5"/],
      [{ op: 'add', path: '/list/6', value: 1 }, /there is no/],
      [{ op: 'add', path: '/list/01', value: 1 }, /there is no/],
      [{ op: 'add', path: '/map/nobody/x', value: 1 }, /there is no/],
      [{ op: 'test', path: '/map/plain', value: {} }, /something else is at/],
      [{ op: 'test', path: '/map/nobody', value: null }, /there is no/],
      [{ op: 'move', from: '/map', path: '/map/inside' }, /nothing moves into itself/],
      [{ op: 'add', path: '/note/0', value: 'x' }, /nothing is inside/],
      [{ op: 'add', path: '/map/title/0', value: 'x' }, /nothing is inside/],
      [{ op: 'replace', path: '/note', value: { a: 1 } }, /stays of the type that it is/],
      [{ op: 'add', path: '/number', value: 1 }, /a root is an object, an array or a string/],
      [{ op: 'replace', path: '', value: {} }, /a path begins with/],
      [{ op: 'add', path: '/map/__proto__', value: 1 }, /is no name/],
    ];
    for (const [operation, why] of refused) {
      const copy = copyOf(mixed);
      const before = jsonOf(copy);
      const first: PatchOperation = { op: 'test', path: '/note', value: 'Hello' };
      let error: unknown;
      try {
        patch(copy, [first, operation]);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'patch-failed', message: expect.stringMatching(why) });
      expect(copy.broken).toBe(false);
      expect(jsonOf(copy)).toEqual(before);
    }
  });

  test('[COPY6] a copy in which some of a refused patch was carried out is used no more', () => {
    const copy = copyOf(mixed);
    expect(() =>
      patch(copy, [
        { op: 'remove', path: '/list/0' },
        { op: 'remove', path: '/list/9' },
      ]),
    ).toThrow(/operation 1/);
    expect(copy.broken).toBe(true);
  });

  test('[COPY6] copies of copies are refused before they fill the memory', () => {
    const copy = copyOf((doc) => doc.getMap('m').set('0', ['x'.repeat(100)]));
    const doubling = Array.from({ length: 60 }, (_, n): PatchOperation[] => [
      { op: 'add', path: `/m/${n + 1}`, value: [] },
      { op: 'copy', from: `/m/${n}`, path: `/m/${n + 1}/-` },
      { op: 'copy', from: `/m/${n}`, path: `/m/${n + 1}/-` },
    ]).flat();
    expect(() => patch(copy, doubling)).toThrow(expect.objectContaining({ code: 'update-too-large' }));
  });

  test('[COPY6] a large plain value is not written anew as often as one likes', () => {
    const large = Array.from({ length: 20_000 }, (_, at) => at);
    const changes = (count: number): PatchOperation[] =>
      Array.from({ length: count }, (_, at) => ({ op: 'replace', path: `/m/k/${at}`, value: 0 }));
    const copy = copyOf((doc) => doc.getMap('m').set('k', large));
    patch(copy, changes(10));
    expect(jsonOf(copy)).toMatchObject({ m: { k: expect.arrayContaining([19_999]) } });
    expect(() => patch(copy, changes(1_000))).toThrow(expect.objectContaining({ code: 'update-too-large' }));
  });

  test('[COPY5] random patches do what an implementation of others does', () => {
    let done = 0;
    forSeeds(150, 'tests/server/workers/copy-patch', (random) => {
      const copy = copyOf(mixed);
      const theirs = jsonOf(copy);
      const operations = Array.from({ length: between(random, 1, 6) }, () => randomOperation(random, theirs));
      const wrong = operations.findIndex((operation) => !appliesTo(theirs, operation));
      if (wrong < 0) {
        patch(copy, operations);
        const seen = Object.entries(theirs).filter(([, root]) => Object.keys(root as object).length > 0);
        expect(jsonOf(copy)).toEqual(Object.fromEntries(seen));
        done++;
      } else expect(() => patch(copy, operations)).toThrow(new RegExp(`operation ${wrong},`));
    });
    if (process.env.SEED === undefined) expect(done).toBeGreaterThan(20);
  });
});

const VALUES: readonly unknown[] = [1, 'text', null, true, [], {}, { x: [1, { y: 2 }] }, [[], 'a']];

function randomOperation(random: Random, json: Record<string, unknown>): PatchOperation {
  const value = JSON.parse(JSON.stringify(VALUES[between(random, 0, VALUES.length - 1)]));
  const path = randomPath(random, json);
  switch (between(random, 0, 6)) {
    case 0:
      return { op: 'test', path, value };
    case 1:
      return { op: 'remove', path };
    case 2:
      return { op: 'replace', path, value };
    case 3:
      return { op: 'move', from: randomPath(random, json), path };
    case 4:
      return { op: 'copy', from: randomPath(random, json), path };
    default:
      return { op: 'add', path, value };
  }
}

/** Whether RFC 6902 lets it; if so it is applied. */
function appliesTo(json: unknown, operation: PatchOperation): boolean {
  const { op, path, from, value } = operation;
  const isThere = (pointer: string): boolean => find(json, pointer.split('/').slice(1)) !== undefined;
  if (from !== undefined && !isThere(from)) return false;
  if (op === 'move' && path.startsWith(`${from}/`)) return false;
  if (op === 'remove' || op === 'replace' || op === 'test') {
    if (!isThere(path)) return false;
    if (op === 'test') return JSON.stringify(find(json, path.split('/').slice(1))) === JSON.stringify(value);
  }
  const after = JSON.parse(JSON.stringify(json));
  if (op === 'move') applyPatch(after, [{ op: 'remove', path: from ?? '' }]);
  if (op !== 'remove' && op !== 'replace' && path !== from) {
    const parts = path.split('/').slice(1);
    const parent = find(after, parts.slice(0, -1));
    const key = parts.at(-1) ?? '';
    if (typeof parent !== 'object' || parent === null) return false;
    if (Array.isArray(parent) && key !== '-' && !(/^(0|[1-9]\d*)$/.test(key) && Number(key) <= parent.length))
      return false;
  }
  const moved = { op: 'add', path, value: from && find(json, from.split('/').slice(1)) } as const;
  // RFC 6902, 4.4: the same as a removal and then an addition. It looks for the place before it removes (rfc6902 5.4).
  const steps = op === 'move' ? [{ op: 'remove', path: from ?? '' } as const, moved] : [operation];
  return applyPatch(json, JSON.parse(JSON.stringify(steps))).every((failure) => failure === null);
}

function find(json: unknown, parts: readonly string[]): unknown {
  let at: unknown = json;
  for (const part of parts) {
    if (typeof at !== 'object' || at === null) return undefined;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at = Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined;
  }
  return at;
}

/** A place below "map" or "list"; mostly one that is there before the first operation. */
function randomPath(random: Random, json: Record<string, unknown>): string {
  let path = random() < 0.5 ? '/map' : '/list';
  let at: unknown = json[path.slice(1)];
  for (let depth = 0; depth < 4; depth++) {
    if (typeof at !== 'object' || at === null) break;
    const keys = Object.keys(at);
    const extra = Array.isArray(at) ? '-' : 'new';
    const key = random() < 0.2 ? extra : keys[between(random, 0, keys.length - 1)];
    if (key === undefined) break;
    path += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    at = (at as Record<string, unknown>)[key];
    if (random() < 0.4) break;
  }
  return path;
}
