import { describe, expect, test } from '@jest/globals';
import type * as Y from 'yjs';
import type { AccessControl } from '../../../server/auth/access.js';
import { ServerEdits } from '../../../server/documents/server-edits.js';
import { CoscribeError } from '../../../shared/errors.js';
import { type DocumentId, parseDocumentId } from '../../../shared/ids.js';
import { BusHub } from '../../support/bus-hub.js';
import { told } from '../../support/collect-log.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

type NodeOptions = Parameters<typeof documentNode>[0];
type EditsOptions = Partial<ConstructorParameters<typeof ServerEdits>[0]>;

/** A node with an application. */
function application(options: NodeOptions = {}, own: EditsOptions = {}) {
  const node = documentNode(options);
  const { documents, clock, log } = node;
  const edits = new ServerEdits({ documents, clock, log, random: () => 0.5, ...own });
  return { ...node, edits };
}

const type =
  (words: string) =>
  (doc: Y.Doc): number => {
    const text = doc.getText('text');
    text.insert(text.length, words);
    return text.length;
  };

const textOf = (doc: Y.Doc): string => doc.getText('text').toString();

function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (error) => (error instanceof CoscribeError ? error.code : String(error)),
  );
}

async function inside(
  { documents }: Pick<ReturnType<typeof documentNode>, 'documents'>,
  id: DocumentId = NOTES,
) {
  const person = new Person(`a secret of 16 characters ${Math.random()}`);
  await person.join(documents, {}, id);
  return person;
}

async function rows(store: GatedStore, id: DocumentId = NOTES) {
  return store.readLog(id, 0, 1_000);
}

describe('edit', () => {
  test('[EDIT1] is in the log and on the screens of everybody, on all nodes, in the name of its user', async () => {
    const [store, clock, hub] = [new GatedStore(), new ManualClock(), new BusHub()];
    const a = application({ store, clock, bus: hub.node('a') });
    const b = application({ store, clock, bus: hub.node('b') });
    const [ann, bob] = [await inside(a), await inside(b)];
    expect(await a.edits.edit(NOTES, type('one '))).toBe(4);
    expect(await a.edits.edit(NOTES, type('two '), { user: 'ada' })).toBe(8);
    expect(await b.edits.edit(NOTES, type('three'))).toBe(13);
    ann.catchUp();
    bob.catchUp();
    expect([ann.text, bob.text]).toEqual(['one two three', 'one two three']);
    expect((await rows(store)).map(({ author }) => author)).toEqual(['server', 'user:ada', 'server']);
  });

  test('[EDIT1] is one row and one frame, and is answered when it is durable', async () => {
    const { store, edits, ...node } = application();
    const ann = await inside(node);
    store.hold();
    let answered = false;
    const edit = edits
      .edit(NOTES, (doc) => {
        doc.getText('text').insert(0, 'Hello');
        doc.getMap('facts').set('greeting', true);
        doc.getArray('list').push([1, 2]);
        return 'done';
      })
      .then((value) => {
        answered = true;
        return value;
      });
    await settle();
    expect(store.appends).toBe(1);
    expect([answered, ann.transport.frames.length]).toEqual([false, 0]);
    store.release();
    expect(await edit).toBe('done');
    expect(ann.transport.frames.map(({ from, updates }) => [from, updates.length])).toEqual([[1, 1]]);
    ann.catchUp();
    expect(ann.doc.getMap('facts').toJSON()).toEqual({ greeting: true });
  });

  test('[EDIT2] runs after those before it, and on what others have saved', async () => {
    const { store, edits, ...node } = application();
    const ann = await inside(node);
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    await edits.edit(NOTES, type('begin '));
    store.hold();
    const under = numbers.map((n) => edits.edit(NOTES, type(`${n} `)));
    await settle();
    store.release();
    const first = await Promise.all(under);
    // They share commits: while one is under way, functions run.
    expect(store.appends).toBeLessThan(5);
    expect(first).toEqual([...first].sort((x, y) => x - y));
    ann.catchUp();
    expect(ann.text).toBe(`begin ${numbers.map((n) => `${n} `).join('')}`);
    await ann.type('and so on');
    expect(await edits.edit(NOTES, textOf)).toBe(`${ann.text}`);
    const log = await rows(store);
    expect(new Set(log.map(({ clientId }) => clientId)).size).toBe(2);
  });

  test('[EDIT1] is stored and shown whole or not at all, also if it takes several updates', async () => {
    const { store, edits, ...node } = application({ limits: { maxDocumentBytes: 25_000 } });
    const ann = await inside(node);
    const invoice = (lines: number) => (doc: Y.Doc) => {
      doc.getMap('invoice').set('total', 100);
      type('x'.repeat(lines))(doc);
      doc.getMap('invoice').set('done', true);
    };
    expect(await code(edits.edit(NOTES, invoice(28_000), { user: 'ada' }))).toBe('document-too-large');
    ann.catchUp();
    expect([ann.text, ann.doc.getMap('invoice').toJSON(), store.appends]).toEqual(['', {}, 0]);
    // The room is there for somebody else, and one that fits comes in one commit and one frame, among others' edits.
    expect(await edits.edit(NOTES, type('a'), { user: 'bob' })).toBe(1);
    store.hold();
    const before = edits.edit(NOTES, type('b'));
    await settle();
    const typed = ann.type('c');
    const large = edits.edit(NOTES, invoice(18_000), { user: 'ada' });
    const after = edits.edit(NOTES, type('d'), { user: 'bob' });
    await settle();
    store.release();
    await Promise.all([before, typed, large]);
    expect(await after).toBe(18_004);
    const frames = ann.transport.frames.map(({ updates }) => updates.length);
    expect(frames.filter((length) => length >= 3)).toHaveLength(1);
    ann.catchUp();
    expect(ann.doc.getMap('invoice').toJSON()).toEqual({ total: 100, done: true });
    const log = await rows(store);
    expect(log.filter(({ author }) => author === 'user:ada')).toHaveLength(3);
  });

  test('[EDIT2] of several users runs in the order of the calls, each on what those before it left', async () => {
    const { store, edits, ...node } = application();
    const ann = await inside(node);
    const count = (doc: Y.Doc): number => {
      const map = doc.getMap<number>('counts');
      return map.set('n', (map.get('n') ?? 0) + 1);
    };
    const users = ['ada', 'bob', undefined];
    for (const user of users) await edits.edit(NOTES, count, user === undefined ? {} : { user });
    store.hold();
    const all = Array.from({ length: 300 }, (_, n) => {
      const user = users[n % 3];
      return edits.edit(NOTES, count, user === undefined ? {} : { user });
    });
    await settle();
    store.release();
    expect(await Promise.all(all)).toEqual(all.map((_, n) => n + 4));
    expect(await edits.read(NOTES, (doc) => doc.getMap('counts').get('n'))).toBe(303);
    // They share commits, as those of one user do; each has one clientID.
    expect(store.appends).toBeLessThan(10);
    const log = (await rows(store)).slice(3);
    const names = ['user:ada', 'user:bob', 'server'];
    expect(log.map(({ author }) => author)).toEqual(all.map((_, n) => names[n % 3]));
    expect(new Set(log.map(({ clientId }) => clientId)).size).toBe(3);
    ann.catchUp();
    expect(ann.doc.getMap('counts').get('n')).toBe(303);
  });

  test('[EDIT2] of more users than may be in a document at once are in order, too', async () => {
    const { store, edits } = application();
    const order = Array.from({ length: 90 }, (_, n) => n);
    const under = order.map((n) => edits.edit(NOTES, type(`${n} `), { user: `u${n % 30}` }));
    await Promise.all(under);
    expect(await edits.read(NOTES, textOf)).toBe(order.map((n) => `${n} `).join(''));
    expect(new Set((await rows(store)).map(({ clientId }) => clientId)).size).toBe(30);
  });

  test('[EDIT2] one that is refused takes nothing with it but what builds on it, whoever made that', async () => {
    const { edits } = application();
    const before = edits.edit(NOTES, type('a'), { user: 'ada' });
    const refused = edits.edit(NOTES, (doc) => doc.getMap('m').set('__proto__', 1), { user: 'bob' });
    const after = edits.edit(NOTES, type('b'), { user: 'ada' });
    const last = edits.edit(NOTES, type('c'), { user: 'bob' });
    expect([await before, await code(refused), await after, await last]).toEqual([1, 'update-refused', 2, 3]);
    expect(await edits.read(NOTES, textOf)).toBe('abc');
  });

  test("[EDIT10] a large edit of one user is no reason to give up the copy that another one's have", async () => {
    const { store, edits } = application({
      limits: { maxUpdateBytes: 5_000_000, maxDocumentBytes: 9_000_000 },
    });
    await edits.edit(NOTES, type('a'), { user: 'ada' });
    const { snapshotReads } = store;
    expect(await edits.edit(NOTES, type('x'.repeat(2_000_000)), { user: 'bob' })).toBe(2_000_001);
    await settle();
    expect(await edits.edit(NOTES, type('b'), { user: 'ada' })).toBe(2_000_002);
    expect(store.snapshotReads).toBe(snapshotReads);
  });

  test('[EDIT2] runs after the call that asked for it', async () => {
    const { edits } = application();
    let ran = false;
    const edit = edits.edit(NOTES, () => {
      ran = true;
    });
    expect(ran).toBe(false);
    await edit;
    expect(ran).toBe(true);
  });

  test('[EDIT3] whose function throws has changed nothing for anybody, and its caller gets what it threw', async () => {
    const { store, edits, ...node } = application();
    const ann = await inside(node);
    const mistake = new Error('a mistake');
    const before = edits.edit(NOTES, type('a'));
    const failing = edits.edit(NOTES, (doc) => {
      type('never')(doc);
      throw mistake;
    });
    const after = edits.edit(NOTES, type('b'));
    await expect(failing).rejects.toBe(mistake);
    expect(await before).toBe(1);
    expect(await after).toBe(2);
    ann.catchUp();
    expect(ann.text).toBe('ab');
    expect(await rows(store)).toHaveLength(2);
  });

  test('[EDIT3] that only looked before it threw costs no copy and no clientID', async () => {
    const { store, edits } = application();
    await edits.edit(NOTES, type('a'));
    await expect(edits.edit(NOTES, (doc) => JSON.parse(textOf(doc)))).rejects.toThrow(SyntaxError);
    await edits.edit(NOTES, type('b'));
    expect(new Set((await rows(store)).map(({ clientId }) => clientId)).size).toBe(1);
  });

  test('[EDIT3] whose function gives a promise is refused with a sentence, and has changed nothing', async () => {
    const { store, edits, log } = application();
    let goOn = (): void => {};
    const later = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const edit = edits.edit(NOTES, async (doc) => {
      type('now')(doc);
      await later;
      type(' and later')(doc);
      throw new Error('nobody waits for this');
    });
    await expect(edit).rejects.toThrow(
      'The function given to edit() gave a promise: a transaction is over when the function returns.',
    );
    await expect(edits.read(NOTES, async (doc) => textOf(doc))).rejects.toThrow(
      'The function given to read()',
    );
    goOn();
    await settle();
    expect(await edits.edit(NOTES, textOf)).toBe('');
    expect(await rows(store)).toEqual([]);
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('[EDIT3] who changes the document when the function is over, or destroys it, has changed nothing', async () => {
    const { store, edits, log } = application();
    let kept: Y.Doc | undefined;
    await edits.edit(NOTES, (doc) => {
      kept = doc;
      type('kept')(doc);
    });
    kept?.getText('text').insert(0, 'never');
    expect(await edits.read(NOTES, textOf)).toBe('kept');
    expect(told(log).at(-1)?.message).toContain('changed the document when its function was over');
    await expect(
      edits.edit(NOTES, (doc) => {
        doc.destroy();
        type('never')(doc);
      }),
    ).rejects.toThrow('must not destroy the document');
    expect(await edits.edit(NOTES, type('!'))).toBe(5);
    expect(await rows(store)).toHaveLength(2);
  });

  test('[EDIT3] what Yjs tidies of formats that others made is nobody’s edit', async () => {
    const { edits, log, ...node } = application();
    const [ann, bob] = [new Person('the secret of Ann, 1'), new Person('the secret of Bob, 2')];
    for (const [at, person] of [ann, bob].entries()) {
      person.doc.clientID = at + 1;
      await person.join(node.documents);
    }
    await ann.type('abcdef');
    bob.catchUp();
    expect(await edits.read(NOTES, (doc) => doc.getText('text').length)).toBe(6);
    const both = [2, 5].map((length, at) => {
      const person = at === 0 ? ann : bob;
      return person.submit(person.edit((text) => text.format(0, length, { bold: true })));
    });
    expect(await Promise.all(both)).toEqual([2, 3]);
    expect(await edits.read(NOTES, textOf)).toBe('abcdef');
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('[EDIT3] wrong calls get a sentence', async () => {
    const { edits } = application();
    const wrong = 'Hello' as unknown as (doc: Y.Doc) => void;
    await expect(edits.edit(NOTES, wrong)).rejects.toThrow(
      'edit() takes a function that is given the document.',
    );
    await expect(edits.edit(NOTES, type('a'), { user: '' })).rejects.toThrow('A user is named by 1 to 128');
  });

  test('[EDIT4] that changes nothing writes nothing, and is answered when what it saw is durable', async () => {
    const { store, edits } = application();
    expect(await edits.edit(NOTES, (doc) => textOf(doc))).toBe('');
    expect(store.appends).toBe(0);
    store.hold();
    const answers: string[] = [];
    const first = edits.edit(NOTES, type('a')).then(() => answers.push('first'));
    const second = edits.edit(NOTES, textOf).then((text) => answers.push(text));
    await settle();
    expect(answers).toEqual([]);
    store.release();
    await Promise.all([first, second]);
    expect(answers).toEqual(['first', 'a']);
    expect(await rows(store)).toHaveLength(1);
  });

  test('[EDIT5] read shows only what is on disk, creates nothing, and must not change anything', async () => {
    const { store, edits } = application();
    expect(await code(edits.read(NOTES, textOf))).toBe('no-access');
    expect(await store.find(NOTES)).toBeUndefined();
    await edits.edit(NOTES, type('a'));
    store.hold();
    const edit = edits.edit(NOTES, type('b'));
    let read: string | undefined;
    const reading = edits.read(NOTES, textOf).then((text) => {
      read = text;
    });
    await settle();
    expect(read).toBeUndefined();
    store.release();
    await Promise.all([edit, reading]);
    expect(read).toBe('ab');
    await expect(edits.read(NOTES, type('never'))).rejects.toThrow('must not change the document');
    expect(await edits.read(NOTES, textOf)).toBe('ab');
    expect(await rows(store)).toHaveLength(2);
  });

  test('[EDIT6] creates the document, unless it is told not to', async () => {
    const { store, edits } = application();
    expect(await code(edits.edit(NOTES, type('a'), { create: false }))).toBe('no-access');
    expect(await store.find(NOTES)).toBeUndefined();
    const created = edits.edit(NOTES, type('a'));
    expect(await edits.edit(NOTES, type('b'), { create: false })).toBe(2);
    expect(await created).toBe(1);
    await store.remove(NOTES, 1);
    expect(await code(edits.edit(parseDocumentId('acme/other'), type('a'), { create: false }))).toBe(
      'no-access',
    );
  });
});

describe('the copy of a document', () => {
  test('[EDIT9] is nobody: unseen, not asked about, over the limit of people, and hindering no drain', async () => {
    let asked = 0;
    const access: AccessControl = {
      mode: 'tokens',
      identify: () => Promise.resolve({}),
      reader: () => Promise.resolve(() => Promise.resolve(false)),
      admit: () => Promise.reject(new CoscribeError('no-access')),
      review: () => {
        asked++;
        return Promise.reject(new CoscribeError('no-access'));
      },
    };
    const hub = new BusHub();
    const joins: string[] = [];
    const { documents, clock, edits, store } = application({
      access,
      bus: hub.node('a'),
      limits: { maxSessions: 0 },
      hooks: { onJoin: ({ session }) => joins.push(session) },
    });
    await edits.edit(NOTES, type('a'), { user: 'ada' });
    await store.changeAccess({ kind: 'user', id: 'ada' }, 1);
    await store.changeAccess({ kind: 'document', id: NOTES }, 1);
    await documents.accessChanged(NOTES);
    expect(await edits.edit(NOTES, type('b'), { user: 'ada' })).toBe(2);
    expect([asked, joins]).toEqual([0, []]);
    let stopped = false;
    const stopping = documents.stop({ delayMs: 60_000, drainMs: 60_000 }).then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(true);
    await stopping;
    expect(clock.monotonic()).toBe(0);
  });

  test('[EDIT10] is kept for ten seconds after its last use; then the document can be put away', async () => {
    const { documents, clock, edits, store } = application();
    for (let second = 0; second < 30; second += 5) {
      await edits.edit(NOTES, type('x'));
      clock.advance(5_000);
      await settle();
    }
    expect([store.opens, documents.openCount]).toEqual([1, 1]);
    clock.advance(5_000);
    await settle();
    clock.advance(1_000);
    await settle();
    expect(documents.openCount).toBe(0);
    // Who comes back is who he was: a clientID costs everybody who opens the document some bytes, for good.
    await edits.edit(NOTES, type('y'));
    const clients = (await rows(store)).map(({ clientId }) => clientId);
    expect(new Set(clients).size).toBe(1);
    expect(store.opens).toBe(2);
  });

  test('[EDIT10] makes room for others when it is not in use: copies are bounded in number and bytes', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => parseDocumentId(`acme/document-${n}`));
    const { documents, clock, edits } = application({}, { maxDocuments: 3 });
    await Promise.all(ids.map((id) => edits.edit(id, type('a'))));
    clock.advance(1_000);
    await settle();
    expect(documents.openCount).toBe(3);
    const small = application({}, { maxBytes: 25_000 });
    for (const id of ids) await small.edits.edit(id, type('x'.repeat(9_000)));
    small.clock.advance(1_000);
    await settle();
    expect(small.documents.openCount).toBe(3);
  });

  test('[EDIT10] whoever needs one while all are in use waits, and not for ever', async () => {
    const { store, clock, edits } = application({}, { maxDocuments: 1 });
    await edits.edit(NOTES, type('a'));
    store.hold();
    const first = edits.edit(NOTES, type('b'));
    await settle();
    let ran = false;
    const other = parseDocumentId('acme/other');
    const second = code(
      edits.edit(other, () => {
        ran = true;
      }),
    );
    const third = edits.edit(other, type('c'), { timeoutMs: 20_000 });
    await settle();
    clock.advance(9_999);
    await settle();
    store.release();
    expect(await first).toBe(2);
    expect(await third).toBe(1);
    expect(await second).toBe('nothing was refused');
    expect(ran).toBe(true);
  });

  test('[EDIT10] how large it is is looked at again: what is replaced all the time takes little', async () => {
    const { edits, store } = application({ limits: { maxDocumentBytes: 10_000_000 } }, { maxBytes: 400_000 });
    for (let n = 0; n < 100; n++)
      await edits.edit(NOTES, (doc) => doc.getMap('prices').set('ACME', 'x'.repeat(9_000)));
    await edits.edit(parseDocumentId('acme/other'), type('a'));
    await edits.edit(NOTES, type('a'));
    expect(store.opens).toBe(2);
  });

  test('[EDIT10] that nobody used while others wrote a lot is given up, and so is one that shows something else', async () => {
    const limits = { maxUpdateBytes: 500_000, maxDocumentBytes: 10_000_000 };
    const { edits, store, clock, ...node } = application({ limits });
    const ann = await inside(node);
    await edits.edit(NOTES, type('a'));
    for (let n = 0; n < 5; n++) await ann.type('x'.repeat(300_000));
    expect(await edits.read(NOTES, (doc) => textOf(doc).length)).toBe(1_500_001);
    expect(store.opens).toBe(1);
  });

  test("[EDIT10] is compared in a quiet moment like everybody's", async () => {
    const { edits, clock, documents } = application();
    await edits.edit(NOTES, type('right'));
    let hidden: Y.Doc | undefined;
    await edits.read(NOTES, (doc) => {
      hidden = doc;
    });
    // What Yjs itself may do to a copy: it shows something else, and nobody was told.
    hidden?.getText('text').insert(0, 'w');
    expect(await edits.read(NOTES, textOf)).toBe('right');
    clock.advance(5_000);
    await settle();
    expect(documents.openCount).toBe(1);
    expect(await edits.edit(NOTES, type('!'))).toBe(6);
  });
});

describe('edits inside of others', () => {
  test('[EDIT11] an edit that is asked for in an edit, in onCommit or in onJoin has its turn', async () => {
    let edits: ServerEdits | undefined;
    const done: string[] = [];
    const node = application({
      hooks: {
        async onJoin({ document }) {
          await edits?.edit(document, type('joined '));
          done.push('onJoin');
        },
        async onCommit({ document, edits: rows }) {
          if (rows.some(({ author }) => author === 'user:echo')) return;
          await edits?.edit(document, type('echo '), { user: 'echo' });
          done.push('onCommit');
        },
      },
    });
    edits = node.edits;
    const ann = await inside(node);
    let nested: Promise<number> | undefined;
    await edits.edit(NOTES, (doc) => {
      type('outer ')(doc);
      nested = edits?.edit(NOTES, type('inner '));
    });
    await nested;
    await settle();
    await settle();
    ann.catchUp();
    expect(ann.text.split(' ').sort().join(' ').trim()).toMatch(/^(echo )+inner joined outer$/);
    expect(new Set(done)).toEqual(new Set(['onJoin', 'onCommit']));
  });

  test('[EDIT11] one that onLoad of the same document waits for ends with the time that onLoad has', async () => {
    let edits: ServerEdits | undefined;
    const node = application({
      hooks: {
        async onLoad({ document }) {
          await edits?.edit(document, type('never'), { timeoutMs: 60_000 });
          return undefined;
        },
      },
    });
    edits = node.edits;
    const opened = code(inside(node));
    await settle();
    node.clock.advance(10_000);
    expect(await opened).toBe('document-not-ready');
  });
});
