import { expect, test } from '@jest/globals';
import { UnsyncedCount } from '../../../../server/gateway/hocuspocus/unsynced-count.js';
import { CoscribeError } from '../../../../shared/errors.js';
import type { Random } from '../../../../shared/time.js';
import { between, forSeeds } from '../../../support/seeds.js';

type Settle = (outcome: number | CoscribeError) => void;

const REFUSED = new CoscribeError('too-many-updates');

function counting(): {
  count: UnsyncedCount;
  sent: number[];
  codes: string[];
  refused: (error: CoscribeError) => void;
} {
  const sent: number[] = [];
  const codes: string[] = [];
  const count = new UnsyncedCount((statuses) => sent.push(statuses));
  return { count, sent, codes, refused: ({ code }) => void codes.push(code) };
}

test('[HOCUS4] the first answer pays for the step 1, and an update for itself once it is durable', () => {
  const { count, sent, refused } = counting();
  count.restart();
  const answer = count.answer(refused);
  const update = count.update(refused);
  expect(sent).toEqual([]);
  update(7);
  answer(8);
  expect(sent).toEqual([1, 1]);
  // Whoever is asked once more owes nothing.
  count.answer(refused)(9);
  expect(sent).toEqual([1, 1]);
});

test('[HOCUS4] what was refused is paid for by an answer that came later, and not by one that was there before', () => {
  const { count, sent, codes, refused } = counting();
  count.restart();
  const early = count.answer(refused);
  const updates = [count.update(refused), count.update(refused)];
  for (const settle of updates) settle(REFUSED);
  count.passedOver();
  early(1);
  expect([sent, codes]).toEqual([[1], ['too-many-updates', 'too-many-updates']]);
  count.answer(refused)(REFUSED);
  expect(sent).toEqual([1]);
  count.answer(refused)(2);
  expect(sent).toEqual([1, 3]);
});

test('[HOCUS4] an answer pays for nothing twice, in whatever order answers become durable', () => {
  const { count, sent, refused } = counting();
  count.restart();
  const one = count.answer(refused);
  count.passedOver();
  const two = count.answer(refused);
  two(2);
  one(1);
  expect(sent).toEqual([2]);
});

test('[HOCUS4] what was under way when the session ended, or the provider began anew, is not paid for twice', () => {
  const { count, sent, refused } = counting();
  count.restart();
  count.answer(refused)(1);
  const lost = count.update(refused);
  count.interrupt();
  lost(2);
  expect(sent).toEqual([1]);
  count.answer(refused)(3);
  expect(sent).toEqual([1, 1]);
  const old = count.update(refused);
  count.restart();
  old(4);
  expect(sent).toEqual([1, 1]);
  count.answer(refused)(5);
  expect(sent).toEqual([1, 1, 1]);
});

/** A provider as it counts, and a server that saves late, refuses, asks again, and loses sessions. */
function run(random: Random): void {
  /** Edits that the provider has made, and those that are on disk. */
  let made = 0;
  let durable = 0;
  let counted = 0;
  const count = new UnsyncedCount((statuses) => {
    counted -= statuses;
    // Never below 0, as 2.x would count; at 0 all is saved.
    expect(counted).toBeGreaterThanOrEqual(0);
    if (counted === 0) expect(durable).toBe(made);
  });
  let underWay: { readonly upTo: number; readonly isAnswer: boolean; readonly settle: Settle }[] = [];
  /** Something was refused: nothing after it is durable before an answer brings it. */
  let missing = false;
  let asks = 0;
  const begin = (): void => {
    counted = 1;
    count.restart();
    underWay = [];
    missing = false;
    asks = 1;
  };
  begin();
  const take = (refuse: boolean): void => {
    const [first] = underWay.splice(0, 1);
    if (first === undefined) return;
    if (refuse || (missing && !first.isAnswer)) {
      missing = true;
      first.settle(REFUSED);
      asks = Math.max(asks, 1);
      return;
    }
    if (first.isAnswer) missing = false;
    durable = Math.max(durable, first.upTo);
    first.settle(1);
  };
  const step = (): void => {
    switch (between(random, 0, 9)) {
      case 0:
        begin();
        break;
      case 1:
        count.interrupt();
        underWay = [];
        missing = true;
        asks = 1;
        break;
      case 2:
      case 3:
        answer();
        break;
      case 4:
        take(true);
        break;
      case 5:
      case 6:
        take(false);
        break;
      default:
        made++;
        counted++;
        if (random() < 0.2) {
          count.passedOver();
          missing = true;
          asks = Math.max(asks, 1);
        } else underWay.push({ upTo: made, isAnswer: false, settle: count.update(() => {}) });
    }
  };
  const answer = (): void => {
    if (asks === 0) return;
    asks--;
    underWay.push({ upTo: made, isAnswer: true, settle: count.answer(() => {}) });
  };
  for (let left = 60; left > 0; left--) step();
  asks = Math.max(asks, 1);
  // Whatever is refused is asked for again.
  while (underWay.length + asks > 0) {
    if (underWay.length === 0) answer();
    take(false);
  }
  expect([counted, durable]).toEqual([0, made]);
}

test('[HOCUS4] a provider counts to 0 exactly when all is saved, whatever is refused, asked again or lost', () => {
  forSeeds(300, 'tests/server/gateway/hocuspocus/unsynced-count', run);
});
