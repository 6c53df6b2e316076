import { describe, expect, test } from '@jest/globals';
import type { Admission } from '../../../server/documents/admitted.js';
import type { CommitEvent, Hooks, JoinEvent, LeaveEvent } from '../../../server/hooks/hooks.js';
import { CoscribeError } from '../../../shared/errors.js';
import { BusHub } from '../../support/bus-hub.js';
import { told } from '../../support/collect-log.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const ADA: Admission = {
  grant: { identity: { user: 'ada', name: 'Ada' }, role: 'editor' },
  revision: 0,
  at: 0,
  address: '192.0.2.1',
};

function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was refused',
    (error) => (error instanceof CoscribeError ? error.code : String(error)),
  );
}

/** A promise and what fulfils it. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A node that writes down who comes and goes. */
function doors(onJoin?: (event: JoinEvent) => unknown, onLeave?: (event: LeaveEvent) => unknown) {
  const events: string[] = [];
  const hooks: Hooks = {
    onJoin(event) {
      events.push(`join ${event.session}`);
      return onJoin?.(event);
    },
    onLeave(event) {
      events.push(`leave ${event.session}`);
      return onLeave?.(event);
    },
  };
  return { events, ...documentNode({ hooks }) };
}

describe('onJoin and onLeave', () => {
  test('[HOOK4] onJoin is told who comes, and waited for before anything of the document is shown', async () => {
    const { opened, open } = gate();
    const seen: JoinEvent[] = [];
    const { documents } = doors((event) => {
      seen.push(event);
      return opened;
    });
    const ada = new Person('a secret of 16 or more characters', ADA);
    let joined = false;
    const joining = ada.join(documents).then(() => {
      joined = true;
    });
    await settle();
    expect(seen).toEqual([
      {
        document: NOTES,
        session: '1',
        identity: { user: 'ada', name: 'Ada' },
        role: 'editor',
        address: '192.0.2.1',
      },
    ]);
    expect(joined).toBe(false);
    open();
    await joining;
    expect(await ada.type('in')).toBe(1);
  });

  test('[HOOK4] is told of the address and of the link that somebody came with', async () => {
    const seen: JoinEvent[] = [];
    const { documents } = doors((event) => seen.push(event));
    const credentials = { headers: {}, address: '198.51.100.7' };
    const admission = await documents.admit(NOTES, credentials);
    await new Person('a secret of 16 or more characters', admission).join(documents);
    await new Person('another secret, not the same', {
      ...ADA,
      grant: { identity: {}, role: 'viewer', link: 'link-1' },
    }).join(documents);
    expect(seen.map(({ address, link }) => [address, link])).toEqual([
      ['198.51.100.7', undefined],
      ['192.0.2.1', 'link-1'],
    ]);
  });

  test('[HOOK4] refuses with the error that it throws, with "internal" for whatever else, and when it takes too long', async () => {
    let answer: () => unknown = () => Promise.reject(new CoscribeError('not-allowed'));
    const node = doors(() => answer());
    const { documents, clock, log, events, counted } = node;
    expect(await code(new Person().join(documents))).toBe('not-allowed');
    expect(counted).toEqual([]);
    answer = () => {
      throw new Error('a mistake');
    };
    expect(await code(new Person().join(documents))).toBe('internal');
    expect(told(log).at(-1)).toMatchObject({
      level: 'error',
      fields: { document: NOTES, hook: 'onJoin', err: expect.any(Error) },
    });
    answer = () => new Promise(() => {});
    const late = code(new Person().join(documents));
    await settle();
    clock.advance(10_000);
    expect(await late).toBe('internal');
    expect(counted).toEqual(['hook-failed', 'hook-failed']);
    // One line a second.
    clock.advance(1_000);
    answer = async () => false;
    expect(await code(new Person().join(documents))).toBe('internal');
    expect(String(told(log).at(-1)?.fields.err)).toContain('onJoin returned false; to refuse somebody throw');
    // Nobody who was refused has ever been in.
    await documents.stop();
    expect(events).toEqual(['join 1', 'join 2', 'join 3', 'join 4']);
  });

  test('[HOOK4] is not called again for a session that joins again', async () => {
    const { documents, events } = doors();
    const ann = new Person();
    await ann.join(documents);
    ann.session.interrupt(new CoscribeError('too-slow'));
    await ann.joinAgain();
    expect(events).toEqual(['join 1']);
  });

  test('[HOOK5] onLeave is called once for everybody who was let in, however he goes', async () => {
    const { documents, events } = doors();
    const [ann, bob] = [new Person(), new Person('another secret, not the same')];
    await ann.join(documents);
    await bob.join(documents);
    ann.session.leave();
    ann.session.leave();
    await documents.stop();
    expect(events).toEqual(['join 1', 'join 2', 'leave 1', 'leave 2']);
  });

  test('[HOOK5] also for somebody who left while onJoin let him in, or whose join failed after that', async () => {
    const { opened, open } = gate();
    const { documents, events } = doors(() => opened);
    const [ann, bob] = [new Person(), new Person('another secret, not the same')];
    const gone = code(ann.join(documents));
    await settle();
    ann.session.leave();
    expect(events).toEqual(['join 1']);
    open();
    expect(await gone).toBe('not-joined');
    expect(await code(bob.join(documents, { generation: 'another' }))).toBe('generation-changed');
    expect(events).toEqual(['join 1', 'leave 1', 'join 2', 'leave 2']);
  });

  test('[HOOK5] nobody waits for onLeave but a stop', async () => {
    const { opened, open } = gate();
    const { documents, events } = doors(undefined, () => opened);
    const ann = new Person();
    await ann.join(documents);
    ann.session.leave();
    let stopped = false;
    const stopping = documents.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(events).toEqual(['join 1', 'leave 1']);
    expect(stopped).toBe(false);
    open();
    await stopping;
  });

  test('[HOOK9] a stop does not wait for onJoin', async () => {
    const { documents } = doors(() => new Promise(() => {}));
    const joining = code(new Person().join(documents));
    await settle();
    await documents.stop();
    expect(await joining).toBe('shutting-down');
  });
});

/** Somebody on a node that writes down its commits; each is told only when the test lets it. */
async function teller(limits?: { maxUpdateBytes?: number; maxDocumentBytes?: number }) {
  const events: CommitEvent[] = [];
  const gates: ReturnType<typeof gate>[] = [];
  const onCommit: Hooks['onCommit'] = (event) => {
    events.push(event);
    const next = gate();
    gates.push(next);
    return next.opened;
  };
  const node = documentNode({ hooks: { onCommit }, ...(limits && { limits }) });
  const ada = new Person('a secret of 16 or more characters', ADA);
  await ada.join(node.documents);
  return { ...node, ada, events, gates };
}

const briefly = ({ from, to, commits, isComplete, edits }: CommitEvent) => ({
  from,
  to,
  commits,
  isComplete,
  seqs: edits.map(({ seq }) => seq),
});

describe('onCommit', () => {
  test('[HOOK6] tells what was saved, whose it is and when, once it is durable', async () => {
    const { store, ada, events } = await teller();
    store.hold();
    const typed = ada.edit((text) => text.insert(0, 'Hello'));
    const answer = ada.submit(typed);
    await settle();
    expect(events).toEqual([]);
    store.release();
    expect(await answer).toBe(1);
    await settle();
    const [row] = await store.readLog(NOTES, 0, 1);
    expect(events).toEqual([
      {
        document: NOTES,
        generation: 'generation-1',
        from: 1,
        to: 1,
        committedAt: row?.committedAt,
        commits: 1,
        isComplete: true,
        edits: [{ seq: 1, author: 'user:ada', clientId: ada.doc.clientID, update: typed }],
      },
    ]);
  });

  test('[HOOK6] [HOOK7] while it runs nobody waits, and what comes meanwhile comes as one, in order', async () => {
    const { ada, events, gates } = await teller();
    for (const word of ['a', 'b', 'c']) await ada.type(word);
    expect(await ada.submit(ada.edit((text) => text.delete(0, 1)))).toBe(4);
    await settle();
    expect(events.map(briefly)).toEqual([{ from: 1, to: 1, commits: 1, isComplete: true, seqs: [1] }]);
    gates[0]?.open();
    await settle();
    expect(events.slice(1).map(briefly)).toEqual([
      { from: 2, to: 4, commits: 3, isComplete: true, seqs: [2, 3, 4] },
    ]);
    gates[1]?.open();
    await ada.type('d');
    await settle();
    expect(events.slice(2).map(briefly)).toEqual([
      { from: 5, to: 5, commits: 1, isComplete: true, seqs: [5] },
    ]);
  });

  test('[HOOK7] what waits for it is bounded: then only the numbers are told', async () => {
    const { ada, events, gates } = await teller({ maxUpdateBytes: 500_000, maxDocumentBytes: 10_000_000 });
    for (let n = 0; n < 5; n++) await ada.type('x'.repeat(300_000));
    gates[0]?.open();
    await settle();
    expect(events.map(briefly)).toEqual([
      { from: 1, to: 1, commits: 1, isComplete: true, seqs: [1] },
      { from: 2, to: 5, commits: 4, isComplete: false, seqs: [] },
    ]);
    gates[1]?.open();
    await settle();
    await ada.type('x'.repeat(300_000));
    await settle();
    expect(events.slice(2).map(briefly)).toEqual([
      { from: 6, to: 6, commits: 1, isComplete: true, seqs: [6] },
    ]);
  });

  test('[HOOK7] documents do not wait for one another, nor generations for what is told of the one before', async () => {
    const { store, documents, ada, events, gates } = await teller();
    const bob = new Person('another secret, not the same');
    await ada.type('a');
    await ada.type('b');
    await settle();
    store.reset(NOTES);
    await documents.deleted(NOTES);
    await bob.join(documents);
    await bob.type('c');
    await settle();
    gates[0]?.open();
    await settle();
    gates[1]?.open();
    await settle();
    expect(events.map(({ generation, from, to }) => [generation, from, to])).toEqual([
      ['generation-1', 1, 1],
      ['generation-1', 2, 2],
      ['generation-2', 1, 1],
    ]);
  });

  test('[HOOK6] each of several nodes tells what it has saved itself', async () => {
    const [store, clock, hub] = [new GatedStore(), new ManualClock(), new BusHub()];
    const told: string[] = [];
    const node = (name: string) =>
      documentNode({
        store,
        clock,
        bus: hub.node(name),
        hooks: { onCommit: ({ edits }) => told.push(...edits.map(({ seq }) => `${name} ${seq}`)) },
      });
    const [ann, bob] = [new Person(), new Person('another secret, not the same')];
    await ann.join(node('a').documents);
    await bob.join(node('b').documents);
    await ann.type('1');
    // Before it has heard of the first one.
    await bob.type('2');
    await ann.type('3');
    await settle();
    expect(told).toEqual(['a 1', 'b 2', 'a 3']);
  });

  test('[HOOK8] one that throws or takes too long is logged and counted, and the next one is told', async () => {
    const { ada, clock, log, counted, events } = await teller();
    await ada.type('a');
    await settle();
    await ada.type('b');
    clock.advance(10_000);
    await settle();
    expect(events.map(briefly).map(({ from }) => from)).toEqual([1, 2]);
    expect(counted.filter((name) => name === 'hook-failed')).toHaveLength(1);
    expect(told(log).at(-1)).toMatchObject({
      level: 'error',
      fields: {
        document: NOTES,
        hook: 'onCommit',
        err: expect.objectContaining({ message: expect.any(String) }),
      },
    });
  });

  test('[HOOK8] of one that fails all the time a line is written every second', async () => {
    const node = documentNode({ hooks: { onCommit: () => JSON.parse('{') } });
    const ann = new Person();
    await ann.join(node.documents);
    for (const word of ['a', 'b', 'c']) {
      await ann.type(word);
      await settle();
    }
    node.clock.advance(1_000);
    await ann.type('d');
    await settle();
    const lines = node.log.entries.filter(({ level }) => level === 'error');
    expect(lines.map(({ fields }) => fields.more)).toEqual([undefined, 2]);
    expect(node.counted).toHaveLength(4);
  });

  test('[HOOK9] a stop waits until everything is told', async () => {
    const { ada, documents, events, gates } = await teller();
    await ada.type('a');
    await ada.type('b');
    let stopped = false;
    const stopping = documents.stop().then(() => {
      stopped = true;
    });
    await settle();
    gates[0]?.open();
    await settle();
    expect(stopped).toBe(false);
    gates[1]?.open();
    await stopping;
    expect(events.map(({ to }) => to)).toEqual([1, 2]);
  });

  test('[HOOK6] a seed is told of, too, by the node whose it is', async () => {
    const told: CommitEvent[] = [];
    const node = documentNode({
      hooks: {
        onLoad: () => (doc) => doc.getText('text').insert(0, 'Hello'),
        onCommit: (event) => told.push(event),
      },
    });
    await new Person().join(node.documents);
    await settle();
    expect(told.map(briefly)).toEqual([{ from: 1, to: 1, commits: 1, isComplete: true, seqs: [1] }]);
    expect(told[0]?.edits[0]?.author).toMatch(/^seed:/);
  });
});
