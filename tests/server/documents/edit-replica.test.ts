import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Admission } from '../../../server/documents/admitted.js';
import { Broadcast } from '../../../server/documents/broadcast.js';
import { EditReplica } from '../../../server/documents/edit-replica.js';
import { hashContent } from '../../../shared/content-hash.js';
import { CoscribeError } from '../../../shared/errors.js';
import { encodeFrame } from '../../../shared/frames.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { unmetered } from '../../support/unmetered.js';

const APPLICATION: Admission = {
  grant: { identity: {}, role: 'owner' },
  revision: 0,
  at: 0,
  application: { author: 'server' },
};

const SERVER = { name: 'server', clientId: 7, clientKey: 'a secret of the application' };

/** The application's copy of a document with a text in it, and somebody who is there, too. */
async function opened() {
  const { documents } = documentNode();
  const ann = new Person();
  await ann.join(documents);
  await ann.type('Hello');
  const misused: string[] = [];
  let ends = 0;
  const replica = new EditReplica({
    documents,
    id: NOTES,
    admission: () => APPLICATION,
    meter: unmetered(),
    onEnd: () => {
      ends++;
    },
    onMisuse: (what) => misused.push(what),
  });
  await replica.open(SERVER);
  return { documents, ann, replica, misused, ends: () => ends };
}

const textOf = (doc: Y.Doc): string => doc.getText('text').toString();

describe('EditReplica', () => {
  test('[EDIT2] finds places where they are after others have written before them', async () => {
    const { ann, replica } = await opened();
    await ann.type('0123456789'.repeat(5));
    replica.catchUp();
    let expected = textOf(ann.doc);
    for (let n = 0; n < 5; n++) {
      const run = replica.run('edit', (doc) => doc.getText('text').insert(40, `<${n}>`), SERVER);
      expected = `${expected.slice(0, 40)}<${n}>${expected.slice(40)}`;
      expect(replica.run('read', textOf).value).toBe(expected);
      if (run.update !== undefined) replica.submit(SERVER, [run.update], () => {});
      ann.catchUp();
      await ann.submit(ann.edit((text) => text.insert(0, 'first ')));
      expected = `first ${expected}`;
      replica.catchUp();
    }
    expect(replica.run('read', textOf).value).toBe(expected);
  });

  test('[EDIT2] has what is saved, and takes what others save when it is asked', async () => {
    const { ann, replica } = await opened();
    expect(replica.run('read', textOf)).toEqual({ value: 'Hello', update: undefined });
    await ann.type('!');
    replica.catchUp();
    expect(replica.run('read', textOf).value).toBe('Hello!');
    expect(replica.generation).toBe('generation-1');
  });

  test('[EDIT7] ends once when its session is interrupted or closed, and takes nothing after that', async () => {
    for (const end of [
      (replica: EditReplica) => replica.sendResync(),
      (replica: EditReplica) => replica.close(),
      (replica: EditReplica) => replica.end(),
    ]) {
      const { replica, ends, misused } = await opened();
      end(replica);
      replica.end();
      replica.take([new Uint8Array([9])]);
      replica.catchUp();
      expect([replica.ended, ends(), misused, replica.bytes > 0]).toEqual([true, 1, [], true]);
      expect(replica.submit(SERVER, [new Uint8Array([0, 0])], () => {})?.code).toBe('document-reloading');
    }
  });

  test('[EDIT7] ends when it cannot take what is in the log', async () => {
    const { replica } = await opened();
    replica.take([new Uint8Array([1, 2, 3])]);
    expect(() => replica.catchUp()).toThrow(CoscribeError);
    expect(replica.ended).toBe(true);
  });

  test('[EDIT10] ends when more than a megabyte waits for it', async () => {
    const { replica } = await opened();
    const frame = new Broadcast(encodeFrame({ from: 2, updates: [new Uint8Array(600_000)] }));
    replica.sendUpdates(frame);
    expect(replica.ended).toBe(false);
    replica.sendUpdates(frame);
    expect(replica.ended).toBe(true);
  });

  test('[EDIT10] ends when it shows something else than the document in a quiet moment', async () => {
    const { ann, replica } = await opened();
    await ann.type(' you');
    replica.sendCheck({ seq: 2, hash: hashContent(ann.doc) });
    replica.sendCheck({ seq: 2, hash: 'of another version' });
    expect(replica.ended).toBe(false);
    replica.sendCheck({ seq: 2, hash: hashContent(new Y.Doc()) });
    expect(replica.ended).toBe(true);
  });

  test('[EDIT9] is closed by what closes the document while it joins, and says so', async () => {
    const { documents } = documentNode({ hooks: {} });
    const replica = new EditReplica({
      documents,
      id: NOTES,
      admission: () => APPLICATION,
      meter: unmetered(),
      onEnd: () => {},
      onMisuse: () => {},
    });
    const opening = replica.open(SERVER);
    replica.close();
    await expect(opening).rejects.toMatchObject({ code: 'document-reloading' });
    expect(() => replica.limits).toThrow(RangeError);
  });

  test('[EDIT1] what the function takes from elsewhere is saved with it', async () => {
    const { ann, replica } = await opened();
    const elsewhere = new Y.Doc();
    elsewhere.getMap('facts').set('imported', true);
    const { update } = replica.run('edit', (doc) => Y.applyUpdate(doc, Y.encodeStateAsUpdate(elsewhere)));
    if (update === undefined) throw new Error('nothing was changed');
    const outcome = await new Promise((resolve) => {
      expect(replica.submit(SERVER, [update], resolve)).toBeUndefined();
    });
    expect(outcome).toBe(2);
    ann.catchUp();
    expect(ann.doc.getMap('facts').get('imported')).toBe(true);
  });
});
