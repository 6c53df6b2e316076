import { describe, expect, test } from '@jest/globals';
import type { StopTimes } from '../../../server/documents/documents.js';
import { BusHub } from '../../support/bus-hub.js';
import { told } from '../../support/collect-log.js';
import { documentNode, Person } from '../../support/document-node.js';
import { settle } from '../../support/manual-clock.js';

/** Two people at a node that has others beside it. */
async function twoAtOneOfSeveral() {
  const node = documentNode({ bus: new BusHub().node('a') });
  const [ann, bob] = [new Person(), new Person()];
  await ann.join(node.documents);
  await bob.join(node.documents);
  return { ...node, ann, bob };
}

type Node = Awaited<ReturnType<typeof twoAtOneOfSeveral>>;

/** Begins a stop; says later how long it took. */
function stopping({ documents, clock }: Node, times?: StopTimes) {
  const start = clock.monotonic();
  let tookMs: number | undefined;
  const stopped = documents.stop(times).then(() => {
    tookMs = clock.monotonic() - start;
  });
  return { stopped, tookMs: () => tookMs };
}

/** Lets so much time pass, in steps in which everything that waits for promises goes on. */
async function pass({ clock }: Node, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    await settle();
    clock.advance(Math.min(50, left));
  }
  await settle();
}

describe('a node that drains', () => {
  test('[DRAIN1] [DRAIN2] says so, refuses new sessions, and tells each that is in once when to move', async () => {
    const node = await twoAtOneOfSeveral();
    const { documents, ann, bob } = node;
    expect(documents.draining).toBe(false);
    void documents.stop();
    expect(documents.draining).toBe(true);
    await settle();
    expect(documents.stopping).toBe(true);
    await expect(new Person().join(documents)).rejects.toMatchObject({ code: 'shutting-down' });
    await pass(node, 6_000);
    expect([ann.transport.moves, bob.transport.moves]).toEqual([[2_500], [2_500]]);
    expect(ann.transport.closed).toEqual([]);
  });

  test('[DRAIN2] whoever is in works on: edits are saved and shown, presence too, and a join after an interruption is answered', async () => {
    const node = await twoAtOneOfSeveral();
    const { documents, ann, bob } = node;
    void documents.stop();
    await pass(node, 3_000);
    expect(await ann.type('still here')).toBe(1);
    ann.show({ user: { name: 'Ann', color: '#112233' } });
    await pass(node, 100);
    bob.catchUp();
    expect(bob.text).toBe('still here');
    expect([...bob.seen().keys()]).toEqual([ann.doc.clientID]);
    expect((await bob.joinAgain()).head).toBe(1);
    expect(documents.saving).toBe(true);
  });

  test('[DRAIN2] a document that is being opened when the drain begins is refused', async () => {
    const node = await twoAtOneOfSeveral();
    node.store.hold();
    const joining = new Person().join(node.documents, {}, 'acme/other' as Parameters<Person['join']>[2]);
    void node.documents.stop();
    node.store.release();
    await expect(joining).rejects.toMatchObject({ code: 'shutting-down' });
  });

  test('[DRAIN7] the stop is over as soon as everybody has gone, with everything saved', async () => {
    const node = await twoAtOneOfSeveral();
    const { ann, bob, store, documents } = node;
    const stop = stopping(node);
    await pass(node, 1_000);
    bob.session.leave();
    store.hold();
    const saved = ann.type('last');
    await settle();
    ann.session.leave();
    await pass(node, 100);
    expect(stop.tookMs()).toBeUndefined();
    store.release();
    await stop.stopped;
    expect(await saved).toBe(1);
    expect(stop.tookMs()).toBeLessThanOrEqual(1_100);
    expect([...ann.transport.closed, ...bob.transport.closed]).toEqual([]);
    expect(documents.draining).toBe(true);
  });

  test('[DRAIN7] after 6.5 s whoever is left is told to come back', async () => {
    const node = await twoAtOneOfSeveral();
    const { ann, bob, log } = node;
    const stop = stopping(node);
    ann.session.leave();
    await pass(node, 6_450);
    expect(bob.transport.closed).toEqual([]);
    await pass(node, 100);
    await stop.stopped;
    expect(stop.tookMs()).toBe(6_500);
    expect(bob.transport.closed).toEqual([
      { reason: expect.objectContaining({ code: 'shutting-down' }), reconnectAfterMs: 2_500 },
    ]);
    expect(told(log).at(-1)).toMatchObject({ level: 'warn', fields: { sessions: 1 } });
  });

  test('[DRAIN7] with less time the clients are told to go sooner', async () => {
    const node = await twoAtOneOfSeveral();
    const stop = stopping(node, { drainMs: 1_300 });
    await pass(node, 1_400);
    await stop.stopped;
    expect(stop.tookMs()).toBe(1_300);
    expect(node.ann.transport.moves).toEqual([500]);
  });

  test('[DRAIN7] with nobody there, or with no other node, it stops at once', async () => {
    const empty = documentNode({ bus: new BusHub().node('a') });
    await empty.documents.stop({ delayMs: 10_000 });
    const alone = documentNode();
    const ann = new Person();
    await ann.join(alone.documents);
    await alone.documents.stop({ delayMs: 10_000 });
    expect(ann.transport.moves).toEqual([]);
    expect(ann.transport.closed).toHaveLength(1);
  });

  test('[DRAIN9] for its delay it serves everybody, and opens documents for new sessions', async () => {
    const node = await twoAtOneOfSeveral();
    const { documents, ann } = node;
    const stop = stopping(node, { delayMs: 3_000 });
    await pass(node, 2_900);
    const cleo = new Person();
    await cleo.join(documents);
    expect(await cleo.type('just in time')).toBe(1);
    expect(ann.transport.moves).toEqual([]);
    expect([documents.draining, documents.stopping]).toEqual([true, false]);
    await pass(node, 200);
    expect(ann.transport.moves).toEqual([2_500]);
    expect(cleo.transport.moves).toEqual([2_500]);
    await expect(new Person().join(documents)).rejects.toMatchObject({ code: 'shutting-down' });
    for (const { session } of [ann, node.bob, cleo]) session.leave();
    await pass(node, 100);
    await stop.stopped;
    expect(stop.tookMs()).toBeLessThanOrEqual(3_200);
  });
});
