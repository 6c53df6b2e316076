import { expect, test } from '@jest/globals';
import { Purges } from '../../../server/documents/purges.js';
import { CoscribeError } from '../../../shared/errors.js';
import { collectLog } from '../../support/collect-log.js';
import { NOTES } from '../../support/document-node.js';
import { GatedStore } from '../../support/gated-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

const HOUR = 3_600_000;

function started(store: GatedStore) {
  const [clock, log] = [new ManualClock(), collectLog()];
  const purges = new Purges({ store, clock, log, random: () => 0.5, keepDeletedMs: HOUR });
  return { clock, log, purges };
}

test('[GUARD7] receipts are removed when they are 24 hours old, and earlier with a document that is erased', async () => {
  const store = new GatedStore();
  const { clock, purges } = started(store);
  await store.create(NOTES, 1);
  for (let n = 0; n < 2_500; n++)
    await store.keepReceipt({ key: `${n}`, digest: 'd', createdAt: clock.wall() });
  await store.keepReceipt({ key: 'late', digest: 'd', createdAt: clock.wall() + 60_000 });
  await store.keepReceipt({ key: 'its', digest: 'd', createdAt: clock.wall(), document: NOTES });
  await store.remove(NOTES, clock.wall());
  purges.start();
  const left = async () =>
    (await Promise.all(['0', '2499', 'late', 'its'].map((key) => store.readReceipt(key)))).flatMap(
      (receipt) => receipt?.key ?? [],
    );
  clock.advance(HOUR + 900_000);
  await settle();
  expect(await left()).toEqual(['0', '2499', 'late']);
  clock.advance(22 * HOUR);
  await settle();
  expect(await left()).toHaveLength(3);
  while ((await left()).length === 3) {
    clock.advance(60_000);
    await settle();
  }
  expect(clock.monotonic()).toBeGreaterThanOrEqual(24 * HOUR);
  expect(await left()).toEqual(['late']);
  purges.stop();
  expect(clock.pending).toBe(0);
});

test('[GUARD7] a store that is away is asked again later', async () => {
  const store = new GatedStore();
  const { clock, log, purges } = started(store);
  await store.keepReceipt({ key: 'k', digest: 'd', createdAt: clock.wall() - 25 * HOUR });
  const { forgetReceipts } = GatedStore.prototype;
  store.forgetReceipts = () => Promise.reject(new CoscribeError('store-unavailable'));
  purges.start();
  await settle();
  expect(log.entries.map(({ message }) => message)).toEqual(['old receipts could not be removed']);
  store.forgetReceipts = forgetReceipts;
  clock.advance(HOUR);
  await settle();
  expect(await store.readReceipt('k')).toBeUndefined();
  purges.stop();
});
