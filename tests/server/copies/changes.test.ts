import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Change } from '../../../server/copies/copies.js';
import type { CoscribeError } from '../../../shared/errors.js';
import { asker, copiedNode } from '../../support/copied-node.js';
import { NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { settle } from '../../support/manual-clock.js';

const ADA = asker();

function replace(text: string, root = 'text'): Change {
  return { as: 'replace-text', root, text };
}

async function inside(node: Pick<ReturnType<typeof copiedNode>, 'documents'>): Promise<Person> {
  const person = new Person(`a secret of 16 characters ${Math.random()}`);
  await person.join(node.documents);
  return person;
}

describe('changing a document', () => {
  test('[COPY3] is one row in the name of whoever asks, answered when it is durable, and shown to nobody before', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('old');
    node.store.hold();
    let answered = false;
    const change = node.copies.change(NOTES, ADA, replace('new')).then((changed) => {
      answered = true;
      return changed;
    });
    let shown: string | undefined;
    const seen = node.see().then((text) => {
      shown = text;
    });
    await settle();
    expect([answered, shown, ann.transport.frames.length]).toEqual([false, undefined, 0]);
    node.store.release();
    const { generation = '' } = (await node.documents.position(NOTES)) ?? {};
    expect(await change).toEqual({ generation, seq: 2, changed: true });
    await seen;
    expect(shown).toBe('new');
    ann.catchUp();
    expect(ann.text).toBe('new');
    const rows = await node.store.readLog(NOTES, 0, 10);
    expect(rows.map(({ author }) => author)).toEqual([expect.stringMatching(/^anonymous:/), 'user:ada']);
  });

  test('[COPY3] somebody writes under one clientID, as long as nothing goes wrong; the next one under another', async () => {
    const node = copiedNode();
    for (const text of ['a', 'ab', 'abc']) await node.copies.change(NOTES, ADA, replace(text));
    await node.copies.change(NOTES, asker('bob'), replace('abcd'));
    node.clock.advance(11_000);
    await settle();
    await node.copies.change(NOTES, ADA, replace('abcde'));
    const anonymous = { ...ADA, grant: { ...ADA.grant, identity: {} }, address: '10.0.0.1' };
    await node.copies.change(NOTES, anonymous, { as: 'append-text', root: 'text', text: '!' });
    const rows = await node.store.readLog(NOTES, 0, 10);
    const ids = rows.map(({ clientId }) => clientId);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[4]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
    expect(rows[5]?.author).toMatch(/^anonymous:/);
  });

  test('[COPY3] who may not write, or no longer, changes nothing and makes no document', async () => {
    const node = copiedNode();
    await expect(node.copies.change(NOTES, asker('eve', 'viewer'), replace('x'))).rejects.toMatchObject({
      code: 'read-only',
    });
    const expired = { ...ADA, grant: { ...ADA.grant, expiresAt: node.clock.wall() } };
    await expect(node.copies.change(NOTES, expired, replace('x'))).rejects.toMatchObject({
      code: 'token-expired',
    });
    expect((await node.store.positions([NOTES])).size).toBe(0);
  });

  test('[COPY3] one that changes nothing writes nothing', async () => {
    const node = copiedNode();
    await node.copies.change(NOTES, ADA, replace('same'));
    expect(await node.copies.change(NOTES, ADA, replace('same'))).toMatchObject({ changed: false, seq: 1 });
    expect(await node.store.readLog(NOTES, 0, 10)).toHaveLength(1);
  });

  test('[COPY4] replaces what differs and nothing else: formats and embeds beside it stay, no character is cut', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.submit(
      ann.edit((text) => {
        text.insert(0, 'The bold 😀 word', { bold: true });
        text.insertEmbed(4, { image: 'x' }, { bold: true });
      }),
    );
    const caret = Y.createRelativePositionFromTypeIndex(ann.doc.getText('text'), 17);
    await node.copies.change(NOTES, ADA, replace('The \ufffcvery bold 😁 word'));
    ann.catchUp();
    const text = ann.doc.getText('text');
    expect(text.toDelta()).toEqual([
      { insert: 'The ', attributes: { bold: true } },
      { insert: { image: 'x' }, attributes: { bold: true } },
      { insert: 'very bold 😁 word', attributes: { bold: true } },
    ]);
    expect(Y.createAbsolutePositionFromRelativePosition(caret, ann.doc)?.index).toBe(text.length);
    await node.copies.change(NOTES, ADA, { as: 'append-text', root: 'text', text: ' more' });
    ann.catchUp();
    expect(text.toString()).toBe('The very bold 😁 word more');
  });

  test('[COPY4] an embed stays where its U+FFFC stays and goes with it, whatever is written around it', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    const begin = (...images: string[]) =>
      ann.submit(
        ann.edit((text) => {
          text.delete(0, text.length);
          text.insert(0, [...images.map((_, n) => `(${n})`), ' end'].join(''), { bold: true });
          for (const [n, image] of [...images.entries()].reverse())
            text.insertEmbed(3 * n + 3, { image }, { bold: true });
        }),
      );
    const becomes = async (text: string): Promise<string> => {
      await node.copies.change(NOTES, ADA, replace(text));
      ann.catchUp();
      expect(await node.see()).toBe(text);
      const delta = ann.doc.getText('text').toDelta() as { insert: unknown; attributes?: unknown }[];
      for (const { attributes } of delta) expect(attributes).toEqual({ bold: true });
      return delta
        .map(({ insert }) => (typeof insert === 'string' ? insert : (insert as { image: string }).image))
        .join('');
    };
    await begin('A', 'B', 'C');
    expect(await node.see()).toBe('(0)\ufffc(1)\ufffc(2)\ufffc end');
    expect(await becomes('zero\ufffcone\ufffctwo\ufffc 😀')).toBe('zeroAoneBtwoC 😀');
    expect(await becomes('\ufffc\ufffc\ufffc')).toBe('ABC');
    await begin('A', 'B', 'C');
    expect(await becomes('<0>\ufffc(1)(2)\ufffc fin')).toBe('<0>A(1)(2)C fin');
    await begin('A', 'B', 'C');
    expect(await becomes('0)(1)\ufffc(2) END')).toBe('0)(1)B(2) END');
    expect(await becomes('no more of them')).toBe('no more of them');
  });

  test('[COPY4] [COPY5] places are those that are there now, whatever others have written before them meanwhile', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    const before = Y.encodeStateVector(ann.doc);
    ann.doc.getText('text').insert(0, '0123456789'.repeat(10));
    ann.doc.getArray('list').push([...'abcdefghij']);
    await ann.submit(Y.encodeStateAsUpdate(ann.doc, before));
    const patch = (path: string, value: string): Change => ({
      as: 'json-patch',
      operations: [{ op: 'replace', path, value }],
    });
    let text = ann.text;
    const list = [...'abcdefghij'];
    for (let n = 0; n < 5; n++) {
      text = `${text.slice(0, 90)}<${n}>${text.slice(93)}`;
      await node.copies.change(NOTES, ADA, replace(text));
      list[8] = `${n}`;
      await node.copies.change(NOTES, ADA, patch('/list/8', `${n}`));
      ann.catchUp();
      const seen = Y.encodeStateVector(ann.doc);
      ann.doc.getText('text').insert(0, 'first ');
      ann.doc.getArray('list').insert(0, ['x']);
      await ann.submit(Y.encodeStateAsUpdate(ann.doc, seen));
      text = `first ${text}`;
      list.unshift('x');
      expect(await node.see()).toBe(text);
      expect(await node.see({ as: 'json', root: 'list' })).toBe(JSON.stringify(list));
    }
  });

  test('[COPY4] [COPY6] operations on a text are done if they fit it, all or none', async () => {
    const node = copiedNode();
    await node.copies.change(NOTES, ADA, replace('a😀b'));
    const delta = (...operations: (Change & { as: 'delta' })['operations']): Change => ({
      as: 'delta',
      root: 'text',
      operations,
    });
    await node.copies.change(
      NOTES,
      ADA,
      delta(
        { retain: 1, attributes: { bold: true } },
        { delete: 2 },
        { insert: 'x' },
        { insert: { image: 1 } },
      ),
    );
    expect(await node.see()).toBe('ax\ufffcb');
    await node.copies.change(NOTES, ADA, replace('a😀b'));
    for (const operations of [
      [{ retain: 1 }, { delete: 9 }],
      [{ retain: 2 }, { insert: 'in the middle' }],
      [{ insert: 'x' }, { retain: 9 }],
    ]) {
      await expect(node.copies.change(NOTES, ADA, delta(...operations))).rejects.toMatchObject({
        code: 'patch-failed',
      });
    }
    expect(await node.see()).toBe('a😀b');
  });

  test('[COPY6] a patch that is refused half-way is seen by nobody, and the next one finds the document as it was', async () => {
    const node = copiedNode();
    await node.copies.change(NOTES, ADA, {
      as: 'json-patch',
      operations: [{ op: 'add', path: '/m/a', value: 1 }],
    });
    const operations = [
      { op: 'add', path: '/m/b', value: 2 },
      { op: 'test', path: '/m/a', value: 2 },
    ] as const;
    await expect(node.copies.change(NOTES, ADA, { as: 'json-patch', operations })).rejects.toMatchObject({
      code: 'patch-failed',
      message: expect.stringContaining('operation 1'),
    });
    expect(await node.see({ as: 'json' })).toBe('{"m":{"a":1}}');
    await expect(node.copies.change(NOTES, ADA, replace('x', 'm'))).rejects.toMatchObject({
      code: 'wrong-type',
    });
  });

  test('[COPY7] is made only on the version that it names, on that document', async () => {
    const node = copiedNode();
    const ann = await inside(node);
    await ann.type('one');
    const { generation, seq } = await node.copies.view(NOTES, { as: 'state-vector' });
    const after = { generation, seq };
    expect(await node.copies.change(NOTES, ADA, replace('two'), { after })).toMatchObject({ seq: 2 });
    const code = (change: Promise<unknown>) => change.catch((error: CoscribeError) => error.code);
    expect(await code(node.copies.change(NOTES, ADA, replace('three'), { after }))).toBe(
      'precondition-failed',
    );
    const other = { after: { generation: 'another', seq: 2 } };
    expect(await code(node.copies.change(NOTES, ADA, replace('three'), other))).toBe('precondition-failed');
    // Of two that name the same version one is made.
    const now = { after: { generation, seq: 2 } };
    const both = await Promise.all(
      ['x', 'y'].map((text) => code(node.copies.change(NOTES, ADA, replace(text), now))),
    );
    expect(both.filter((one) => one === 'precondition-failed')).toHaveLength(1);
    const [state, vector] = [{ as: 'update', update: ann.edit((text) => text.insert(0, 'z')) } as const, now];
    expect(await code(node.copies.change(NOTES, ADA, state, vector))).toBe('precondition-failed');
  });

  test('[COPY7] makes no document to find that it is not the one', async () => {
    const node = copiedNode();
    const after = { generation: 'x', seq: 1 };
    await expect(node.copies.change(NOTES, ADA, replace('a'), { after })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    expect((await node.store.positions([NOTES])).size).toBe(0);
  });

  test('[COPY7] a receipt is kept with it, and the same one is not carried out twice', async () => {
    const node = copiedNode();
    const receipt = { key: 'ada 1', digest: 'd' };
    const append: Change = { as: 'append-text', root: 'text', text: 'x' };
    const { seq } = await node.copies.change(NOTES, ADA, append, { receipt });
    expect(await node.store.readReceipt('ada 1')).toMatchObject({ seq, digest: 'd' });
    await expect(node.copies.change(NOTES, ADA, append, { receipt })).rejects.toMatchObject({
      code: 'request-under-way',
    });
    expect(await node.see()).toBe('x');
  });

  test('[COPY15] what is larger than one update goes in parts, all of them or none', async () => {
    const node = copiedNode({ limits: { maxUpdateBytes: 1_000 } });
    const ann = await inside(node);
    const long = 'word '.repeat(2_000);
    expect(await node.copies.change(NOTES, ADA, replace(long))).toMatchObject({ changed: true });
    ann.catchUp();
    expect(ann.text).toBe(long);
    expect(node.store.appends).toBe(1);
    const full = copiedNode({ limits: { maxUpdateBytes: 1_000, maxDocumentBytes: 5_000 } });
    await expect(full.copies.change(NOTES, ADA, replace(long))).rejects.toMatchObject({
      code: 'document-too-large',
    });
    expect(await full.see()).toBe('');
  });

  test('[COPY15] an update from elsewhere is taken as it is, if it is one', async () => {
    const node = copiedNode();
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'from elsewhere');
    const update = Y.encodeStateAsUpdate(doc);
    expect(await node.copies.change(NOTES, ADA, { as: 'update', update })).toMatchObject({
      changed: true,
      seq: 1,
    });
    expect(await node.see()).toBe('from elsewhere');
    const broken: Change = { as: 'update', update: new Uint8Array([1, 2, 3]) };
    await expect(node.copies.change(NOTES, ADA, broken)).rejects.toMatchObject({ code: 'invalid-update' });
    expect(await node.see()).toBe('from elsewhere');
  });

  test('[COPY16] nobody sees who looks and changes, and no hook is asked about him', async () => {
    const joins: unknown[] = [];
    const node = copiedNode({
      limits: { maxSessions: 1 },
      hooks: { onJoin: (event) => void joins.push(event) },
    });
    await inside(node);
    joins.length = 0;
    await node.copies.change(NOTES, ADA, replace('x'));
    expect(await node.see()).toBe('x');
    expect(joins).toEqual([]);
  });

  test('[COPY14] one that the store may have kept or not is not made again', async () => {
    class Doubtful extends GatedStore {
      override async append(...batches: Parameters<GatedStore['append']>): ReturnType<GatedStore['append']> {
        await super.append(...batches);
        throw Object.assign(new Error('after it was stored'), {});
      }
    }
    const node = copiedNode({ store: new Doubtful() });
    const append: Change = { as: 'append-text', root: 'text', text: 'x' };
    await expect(node.copies.change(NOTES, ADA, append)).rejects.toMatchObject({ code: 'internal' });
    await settle();
    expect(await node.see()).toBe('x');
  });
});
