import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { Change } from '../../../server/copies/copies.js';
import type { WriteGuard } from '../../../server/documents/write-guard.js';
import { CoscribeError } from '../../../shared/errors.js';
import { BusHub } from '../../support/bus-hub.js';
import { asker, copiedNode } from '../../support/copied-node.js';
import { NOTES } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const ADA = asker();

function append(text: string): Change {
  return { as: 'append-text', root: 'text', text };
}

function keyed(key: string): WriteGuard {
  return { receipt: { key, digest: 'd' } };
}

function codeOf(change: Promise<unknown>): Promise<unknown> {
  return change.catch((error: CoscribeError) => error.code);
}

/** A node whose document is open already, and how many commits there have been since. */
async function begun(options: Parameters<typeof copiedNode>[0] = {}) {
  const node = copiedNode(options);
  await node.copies.change(NOTES, ADA, append('begun '));
  const before = node.store.appends;
  return { ...node, commits: () => node.store.appends - before };
}

/** Lets time pass until all are answered. */
async function passing<T>(clock: ManualClock, all: readonly Promise<T>[]): Promise<T[]> {
  const answers = Promise.all(all);
  let isOver = false;
  answers.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  while (!isOver) {
    clock.advance(100);
    await settle();
  }
  return answers;
}

const numbers = (most: number): string[] => Array.from({ length: most }, (_, n) => `${n} `);

describe('changes of one document that come at once', () => {
  test.each([
    ['without a condition', 500, 3, () => undefined],
    ['each with a receipt', 100, 14, (n: string) => keyed(`key ${n}`)],
  ])('[COPY18] share commits, %s, and keep their order', async (_, most, commits, guardOf) => {
    const node = await begun();
    const changes = numbers(most).map((text) => node.copies.change(NOTES, ADA, append(text), guardOf(text)));
    const answers = await Promise.all(changes);
    expect(answers.map(({ seq }) => seq)).toEqual(numbers(most).map((_, n) => n + 2));
    expect(await node.see()).toBe(`begun ${numbers(most).join('')}`);
    expect(node.commits()).toBeLessThanOrEqual(commits);
  });

  test('[COPY18] of more people than can be inside at once', async () => {
    const node = await begun();
    const changes = numbers(60).map((text, n) => node.copies.change(NOTES, asker(`user${n}`), append(text)));
    await Promise.all(changes);
    expect(await node.see()).toBe(`begun ${numbers(60).join('')}`);
    const rows = await node.store.readLog(NOTES, 1, 100);
    expect(rows.map(({ author }) => author)).toEqual(numbers(60).map((_, n) => `user:user${n}`));
    expect(node.commits()).toBeLessThanOrEqual(6);
  });

  test('[COPY18] updates from elsewhere too, of which one builds on the one before it', async () => {
    const node = await begun();
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (const word of numbers(48)) doc.getText('other').insert(doc.getText('other').length, word);
    const changes = updates.map((update, n) =>
      node.copies.change(NOTES, ADA, { as: 'update', update }, n < 40 ? undefined : keyed(`u${n}`)),
    );
    await Promise.all(changes);
    expect(await node.see({ as: 'text', root: 'other' })).toBe(numbers(48).join(''));
    expect(node.commits()).toBeLessThanOrEqual(3);
  });

  test('[COPY18] are answered when they are durable, also what only found that there is nothing to do, or that it does not fit', async () => {
    const node = await begun();
    node.store.hold();
    const test: Change = { as: 'json-patch', operations: [{ op: 'test', path: '/text', value: 'begun ' }] };
    const replace: Change = { as: 'replace-text', root: 'text', text: 'same' };
    const answered: unknown[] = [];
    const all = [replace, replace, test].map((change) =>
      codeOf(node.copies.change(NOTES, ADA, change)).then((answer) => {
        answered.push(answer);
        return answer;
      }),
    );
    await settle();
    expect(answered).toEqual([]);
    node.store.release();
    expect(await Promise.all(all)).toMatchObject([
      { seq: 2, changed: true },
      { seq: 2, changed: false },
      'patch-failed',
    ]);
  });

  test('[COPY18] what is refused takes nothing with it: those behind it are made without it', async () => {
    const node = await begun({ limits: { maxDocumentBytes: 3_000 } });
    const test: Change = {
      as: 'json-patch',
      operations: [
        { op: 'test', path: '/text', value: 'begun a' },
        { op: 'replace', path: '/text', value: 'begun a, as it was' },
      ],
    };
    for (const guardOf of [() => undefined, keyed]) {
      await node.copies.change(NOTES, ADA, { as: 'replace-text', root: 'text', text: 'begun ' });
      const name = guardOf === keyed ? 'keyed' : 'plain';
      const all = [append('a'), append('x'.repeat(5_000)), test, append('b')].map((change, n) =>
        codeOf(node.copies.change(NOTES, ADA, change, guardOf(`${name} ${n}`))),
      );
      expect(await passing(node.clock, all)).toMatchObject([
        { changed: true },
        expect.stringMatching(/^document-(too-large|busy)$/),
        { changed: true },
        { changed: true },
      ]);
      expect(await node.see()).toBe('begun a, as it wasb');
    }
  });

  test('[COPY18] of which one was carried out already: it is not made twice, and the others are made once', async () => {
    const node = await begun();
    await node.copies.change(NOTES, ADA, append('b'), keyed('b'));
    const all = ['a', 'b', 'c', 'd'].map((text) =>
      codeOf(node.copies.change(NOTES, ADA, append(text), keyed(text))),
    );
    expect(await Promise.all(all)).toMatchObject([
      { changed: true },
      'request-under-way',
      { changed: true },
      { changed: true },
    ]);
    expect(await node.see()).toBe('begun bacd');
    for (const [key, seq] of [
      ['a', 3],
      ['b', 2],
      ['c', 4],
      ['d', 5],
    ] as const)
      expect(await node.store.readReceipt(key)).toMatchObject({ seq });
  });

  test('[COPY18] while another node writes, each is made once all the same', async () => {
    const [store, clock, hub] = [new GatedStore(), new ManualClock(), new BusHub()];
    hub.arrives = () => false;
    const [one, other] = ['a', 'b'].map((name) => copiedNode({ store, clock, bus: hub.node(name) }));
    if (one === undefined || other === undefined) throw new RangeError();
    await one.copies.change(NOTES, ADA, append('begun '));
    await other.see();
    const all = numbers(10).flatMap((text) =>
      [one, other].map(({ copies }, at) =>
        copies.change(NOTES, asker(`user${at}`), append(`${at}:${text}`), keyed(`${at} ${text}`)),
      ),
    );
    const seqs = (await passing(clock, all)).map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
    for (let left = 30; left > 0; left--) {
      clock.advance(100);
      await settle();
    }
    const text = await one.see();
    expect(await other.see()).toBe(text);
    for (const at of [0, 1])
      expect(text.match(new RegExp(`${at}:\\d+ `, 'g'))).toEqual(numbers(10).map((word) => `${at}:${word}`));
  });

  test('[COPY18] whose document cannot be saved are told so, all of them', async () => {
    const node = await begun();
    node.store.appendError = new CoscribeError('internal');
    const all = ['a', 'b', 'c'].map((text) => codeOf(node.copies.change(NOTES, ADA, append(text))));
    expect(await Promise.all(all)).toEqual(['internal', 'internal', 'internal']);
    node.store.appendError = undefined;
    await settle();
    await node.copies.change(NOTES, ADA, append('d'));
    expect(await node.see()).toBe('begun d');
  });

  test('[COPY18] with one for a certain version among them, it is made on that version or not at all', async () => {
    const node = await begun();
    const { generation, seq } = await node.copies.view(NOTES, { as: 'state-vector' });
    const after = { generation, seq };
    const asked = [undefined, { after }, undefined];
    const late = asked.map((guard, n) => codeOf(node.copies.change(NOTES, ADA, append(`${n}`), guard)));
    expect(await Promise.all(late)).toMatchObject([{ seq: 2 }, 'precondition-failed', { seq: 3 }]);
    expect(await node.see()).toBe('begun 02');
  });
});
