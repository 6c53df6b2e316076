import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { View } from '../../../server/copies/copies.js';
import { CoscribeError } from '../../../shared/errors.js';
import { parseDocumentId } from '../../../shared/ids.js';
import { BusHub } from '../../support/bus-hub.js';
import { told } from '../../support/collect-log.js';
import { asker, copiedNode, following, TEXT } from '../../support/copied-node.js';
import { NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

async function inside(node: Pick<ReturnType<typeof copiedNode>, 'documents'>, id = NOTES): Promise<Person> {
  const person = new Person(`a secret of 16 characters ${Math.random()}`);
  await person.join(node.documents, {}, id);
  return person;
}

describe('looking at a document', () => {
  test('[COPY1] shows everything that somebody was answered before, also when it was sent to nobody yet', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('one ');
    expect(await node.see()).toBe('one ');
    // A crowded document gathers what it sends.
    const crowd = await Promise.all(Array.from({ length: 50 }, () => inside(node)));
    await ann.type('two ');
    await crowd[0]?.type('three');
    const seen = node.see();
    await settle();
    node.clock.advance(2);
    expect(await seen).toContain('three');
    expect(await node.see()).toContain('two ');
  });

  test('[COPY1] what this node has saved behind what another one has is there', async () => {
    const [store, clock, hub] = [new GatedStore(), new ManualClock(), new BusHub()];
    const a = copiedNode({ store, clock, bus: hub.node('a') });
    const b = copiedNode({ store, clock, bus: hub.node('b') });
    const [ann, bob] = [await inside(a), await inside(b)];
    expect(await b.see()).toBe('');
    hub.arrives = () => false;
    await ann.type('of a ');
    await bob.type('of b ');
    const seen = await b.copies.view(NOTES, TEXT);
    expect(seen.seq).toBe(2);
    expect(Buffer.from(seen.body).toString()).toContain('of a ');
    expect(Buffer.from(seen.body).toString()).toContain('of b ');
  });

  test('[COPY2] as text, Markdown, JSON, a state, and what a copy lacks', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('Hello');
    await ann.submit(
      ann.edit(() => {
        ann.doc.getMap('map').set('list', Y.Array.from([1, new Uint8Array([1, 2, 3]), 'x']));
        ann.doc.getMap('map').set('note', new Y.Text('in a map'));
        ann.doc.getText('rich').insert(0, 'bold', { bold: true });
        ann.doc.getXmlFragment('xml').insert(0, [new Y.XmlElement('p')]);
        ann.doc.getArray('empty').insert(0, [1]);
        ann.doc.getArray('empty').delete(0);
      }),
    );
    expect(JSON.parse(await node.see({ as: 'json' }))).toEqual({
      map: { list: [1, 'AQID', 'x'], note: 'in a map' },
      rich: 'bold',
      text: 'Hello',
      xml: '<p></p>',
    });
    expect(await node.see({ as: 'json', root: 'map' })).toBe('{"list":[1,"AQID","x"],"note":"in a map"}');
    expect(await node.see({ as: 'markdown', root: 'rich' })).toBe('**bold**\n');
    expect(await node.see({ as: 'markdown' })).toBe('**bold**\n\nHello');
    for (const root of ['empty', 'nobody']) {
      expect(await node.see({ as: 'text', root })).toBe('');
      expect(await node.see({ as: 'markdown', root })).toBe('');
      expect(await node.see({ as: 'json', root })).toBe('null');
    }
    const since = (await node.copies.view(NOTES, { as: 'state-vector' })).body;
    await ann.type(' you');
    const doc = new Y.Doc();
    Y.applyUpdate(doc, (await node.copies.view(NOTES, { as: 'state' })).body);
    expect(doc.getText('text').toString()).toBe('Hello you');
    const lacked = (await node.copies.view(NOTES, { as: 'state', since })).body;
    expect(lacked.length).toBeLessThan(60);
    expect(Y.decodeUpdate(lacked).structs).toHaveLength(1);
  });

  test('[COPY2] a root of another type is refused, and so is a state vector that is none', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.submit(ann.edit(() => ann.doc.getMap('map').set('a', 1)));
    const refused = async (view: View): Promise<string> =>
      node.copies.view(NOTES, view).then(
        () => 'ok',
        (error: CoscribeError) => error.code,
      );
    expect(await refused({ as: 'text', root: 'map' })).toBe('wrong-type');
    expect(await refused({ as: 'markdown', root: 'map' })).toBe('wrong-type');
    expect(await refused({ as: 'state', since: new Uint8Array([5]) })).toBe('bad-request');
    // The copy is as good as before.
    expect(node.work.size).toBe(1);
  });

  test('[COPY2] makes no document', async () => {
    const node = copiedNode();
    await expect(node.copies.view(NOTES, TEXT)).rejects.toMatchObject({ code: 'no-access' });
    await expect(following(node.copies, { as: 'json' })).rejects.toMatchObject({ code: 'no-access' });
    expect((await node.store.positions([NOTES])).size).toBe(0);
  });

  test('[COPY11] a copy is kept for a while after its last use, then nothing is left', async () => {
    const node = copiedNode({ keepMs: 5_000 });
    const ann = await inside(node);
    await ann.type('x');
    await node.see();
    node.clock.advance(4_000);
    await node.see();
    node.clock.advance(4_000);
    expect(node.work.size).toBe(1);
    node.clock.advance(1_500);
    expect(node.work.size).toBe(0);
    ann.session.leave();
    node.clock.advance(1_000);
    await settle();
    expect(node.documents.openCount).toBe(0);
  });

  test('[COPY19] nothing stays of what is let go, unless somebody else needs it', async () => {
    const node = copiedNode();
    const other = parseDocumentId('acme/other');
    const [ann, bob] = [await inside(node), await inside(node, other)];
    await ann.type('x');
    await bob.type('y');
    // Ann stays; Bob has left for good.
    bob.session.leave();
    node.clock.advance(2_000);
    await settle();
    expect(node.documents.openCount).toBe(1);
    for (const id of [NOTES, other]) await node.see(TEXT, id);
    expect([node.work.size, node.documents.openCount]).toEqual([2, 2]);
    const followed = await following(node.copies, { as: 'json' }, other);
    for (const id of [NOTES, other]) node.copies.letGo(id);
    await settle();
    expect([node.work.size, node.documents.openCount]).toEqual([1, 2]);
    expect(followed.ended).toEqual([]);
    followed.stop();
    node.copies.letGo(parseDocumentId('acme/unknown'));
    await node.see(TEXT, NOTES);
    node.clock.advance(12_000);
    await settle();
    await node.see(TEXT, other);
    node.copies.letGo(other);
    await settle();
    expect([node.documents.openCount, ann.transport.closed]).toEqual([1, []]);
    expect(await node.see(TEXT, other)).toBe('y');
  });

  test('[COPY11] who needs room gets that of what is not in use, the longest unused first; what is followed stays', async () => {
    const node = copiedNode({ maxDocuments: 2 });
    const ids = ['acme/a', 'acme/b', 'acme/c', 'acme/d'].map(parseDocumentId);
    for (const id of ids) await (await inside(node, id)).type(String(id));
    const [a, b, c, d] = ids as [typeof NOTES, typeof NOTES, typeof NOTES, typeof NOTES];
    const followed = await following(node.copies, TEXT as { as: 'text'; root: string }, a);
    await node.see(TEXT, b);
    await node.see(TEXT, c);
    expect(node.work.size).toBe(2);
    expect(followed.ended).toEqual([]);
    const other = await following(node.copies, { as: 'json' }, d);
    await expect(following(node.copies, { as: 'json' }, b)).rejects.toMatchObject({ code: 'server-busy' });
    expect([followed.ended, other.ended]).toEqual([[], []]);
    other.stop();
    expect(await node.see(TEXT, b)).toBe('acme/b');
  });

  test('[COPY11] copies take no more than so many bytes, unless one alone is larger', async () => {
    const node = copiedNode({ maxBytes: 3_000, limits: { maxUpdateBytes: 10_000 } });
    const ids = ['acme/a', 'acme/b'].map(parseDocumentId);
    for (const id of ids) await (await inside(node, id)).type('x'.repeat(4_000));
    for (const id of ids) expect(await node.see(TEXT, id)).toHaveLength(4_000);
    expect(node.work.size).toBe(1);
  });

  test('[COPY12] a copy with which anything is wrong ends, and another one takes its place', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('one ');
    const followed = await following(node.copies, { as: 'text', root: 'text' });
    node.work.die();
    expect(followed.ended).toMatchObject([{ code: 'server-busy' }]);
    expect(await node.see()).toBe('one ');
    const again = await following(node.copies, { as: 'text', root: 'text' });
    await ann.type('two');
    await settle();
    expect(again.changes).toHaveLength(1);
    await node.store.remove(NOTES, 0);
    await node.documents.deleted(NOTES);
    expect(again.ended).toMatchObject([{ code: 'document-deleted' }]);
    await settle();
    await expect(node.see()).rejects.toMatchObject({ code: 'no-access' });
  });

  test('[COPY13] a document whose copy has ended all others is left alone for a while', async () => {
    const node = copiedNode();
    const other = parseDocumentId('acme/other');
    await (await inside(node, other)).type('other');
    await (await inside(node)).type('x');
    await node.see(TEXT, other);
    await node.see();
    node.work.die(true);
    expect(await node.see(TEXT, other)).toBe('other');
    await expect(node.see()).rejects.toMatchObject({ code: 'server-busy' });
    expect(told(node.log)).toMatchObject([{ level: 'error', fields: { document: NOTES } }]);
    node.clock.advance(30_000);
    expect(await node.see()).toBe('x');
    // Longer each time.
    node.work.die(true);
    node.clock.advance(30_000);
    await expect(node.see()).rejects.toMatchObject({ code: 'server-busy' });
    node.clock.advance(30_000);
    expect(await node.see()).toBe('x');
  });

  test('[COPY12] one that shows something else than the document is found out when that is compared', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('one');
    await node.see();
    const followed = await following(node.copies, { as: 'json' });
    const { tasks } = node.work;
    node.clock.advance(11_000);
    await settle();
    expect(node.work.tasks).toBeGreaterThan(tasks);
    expect(followed.ended).toEqual([]);
  });

  test('[COPY14] whoever waits is told after ten seconds; a stop tells him at once', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('x');
    node.store.hold();
    const change = node.copies.change(NOTES, asker(), { as: 'append-text', root: 'text', text: 'y' });
    const outcome = change.catch((error: CoscribeError) => error.code);
    await settle();
    node.clock.advance(10_000);
    expect(await outcome).toBe('store-unavailable');
    // It was under way, and is made.
    node.store.release();
    await settle();
    expect(await node.see()).toBe('xy');
    const followed = await following(node.copies, { as: 'json' });
    await node.copies.close();
    expect(followed.ended).toMatchObject([{ code: 'shutting-down' }]);
    await expect(node.see()).rejects.toBeInstanceOf(CoscribeError);
  });
});
