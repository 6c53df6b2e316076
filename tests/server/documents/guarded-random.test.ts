import { expect, test } from '@jest/globals';
import * as Y from 'yjs';
import type { WriteGuard } from '../../../server/documents/write-guard.js';
import type { AppendBatch, AppendResult } from '../../../server/storage/store.js';
import { CoscribeError } from '../../../shared/errors.js';
import type { Random } from '../../../shared/time.js';
import { BusHub } from '../../support/bus-hub.js';
import { documentNode, NOTES, Person } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { between, forSeedsInTurn } from '../../support/seeds.js';

/** Fails now and then, before it has stored what it was given or after it. */
class MoodyStore extends GatedStore {
  random: Random = () => 1;

  override async append(batches: readonly AppendBatch[]): Promise<readonly AppendResult[]> {
    if (this.random() < 0.1) throw new CoscribeError('store-unavailable', 'before');
    const results = await super.append(batches);
    if (this.random() < 0.15) throw new CoscribeError('store-unavailable', 'after');
    return results;
  }
}

interface Attempt {
  readonly word: string;
  readonly guard: WriteGuard;
  outcome: number | CoscribeError | undefined;
}

/** Two nodes, people who type, and scripts that change the document only as it was, or only once. */
async function play(random: Random): Promise<void> {
  const hub = new BusHub();
  hub.arrives = () => random() < 0.7;
  const [store, clock] = [new MoodyStore(), new ManualClock()];
  const nodes = ['a', 'b'].map((name) => documentNode({ bus: hub.node(name), store, clock }));
  const pick = () => nodes[between(random, 0, 1)] ?? nodes[0];
  const typists: Person[] = [];
  for (const node of nodes)
    for (let n = 0; n < 2; n++) {
      const typist = new Person(`a typist of node ${typists.length}, secret`);
      if (node !== undefined) await typist.join(node.documents);
      typists.push(typist);
    }
  store.random = random;
  const typed: Promise<number | CoscribeError>[] = [];
  const attempts: Attempt[] = [];
  const script = async (number: number) => {
    const node = pick();
    if (node === undefined) return;
    const person = new Person(`a script with the number ${number}`);
    let isIn = false;
    const joining = person.join(node.documents).finally(() => {
      isIn = true;
    });
    while (!isIn) await pass(clock, 40);
    const joined = await joining;
    const { generation, head: seq } = joined;
    const key = `key ${between(random, 0, 5)}`;
    const dice = random();
    const guard: WriteGuard = {
      ...(dice < 0.7 && { after: { generation, seq } }),
      ...(dice > 0.4 && { receipt: { key, digest: 'd' } }),
    };
    const word = `<${number}>`;
    const parts = [word.slice(0, 1), word.slice(1)].map((part) =>
      person.edit((text) => text.insert(text.length, part)),
    );
    const attempt: Attempt = { word, guard, outcome: undefined };
    attempts.push(attempt);
    person.session.submitGuarded(parts, 'live', guard, (outcome) => {
      attempt.outcome = outcome;
    });
  };
  for (let step = 0; step < 40; step++) {
    if (random() < 0.4) await script(step);
    const typist = typists[between(random, 0, typists.length - 1)];
    if (typist !== undefined && random() < 0.5) typed.push(typist.type(`[${step}]`));
    if (random() < 0.7) await pass(clock, between(random, 0, 120));
    else await settle();
  }
  store.random = () => 1;
  hub.arrives = () => true;
  await pass(clock, 10_000);
  // Nobody was thrown out, and everybody who typed was saved.
  expect(typists.map(({ transport }) => transport.closed)).toEqual([[], [], [], []]);
  expect((await Promise.all(typed)).filter((outcome) => outcome instanceof CoscribeError)).toEqual([]);
  const log = await store.readLog(NOTES, 0, 9_999);
  const whole = new Y.Doc();
  const heads = new Map<string, number>();
  for (const { seq, update } of log) {
    const before = whole.getText('text').toString();
    Y.applyUpdate(whole, update);
    for (const { word } of attempts)
      if (!before.includes(word) && whole.getText('text').toString().includes(word)) heads.set(word, seq);
  }
  for (const typist of typists) {
    typist.catchUp();
    expect(typist.text).toBe(whole.getText('text').toString());
  }
  const keys = new Set<string>();
  for (const { word, guard, outcome } of attempts) {
    const seq = heads.get(word);
    const { after, receipt } = guard;
    if (typeof outcome === 'number') {
      expect(seq).toBe(outcome);
      // Its two rows come behind what it has seen.
      if (after !== undefined) expect(outcome).toBe(after.seq + 2);
    } else expect(outcome?.code).toMatch(/^(precondition-failed|request-under-way)$/);
    if (outcome instanceof CoscribeError && outcome.code === 'precondition-failed')
      expect(seq).toBeUndefined();
    if (seq === undefined || receipt === undefined) continue;
    expect(keys.has(receipt.key)).toBe(false);
    keys.add(receipt.key);
    expect((await store.readReceipt(receipt.key))?.seq).toBe(seq);
  }
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 40) {
    clock.advance(Math.min(40, left));
    await settle();
  }
}

test('[GUARD3] [GUARD5] [GUARD6] whatever fails, what is guarded is made as it was meant or not at all, and nobody else notices', async () => {
  await forSeedsInTurn(12, 'guarded-random', play);
});
