import { setTimeout } from 'node:timers/promises';
import { CoscribeError } from '../shared/errors.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, fail, type StoreContext } from './store-context.js';
import { bytes, expectFault, row } from './store-data.js';

/** How long a store may take until it has noticed that it can keep something again, in milliseconds. */
const PATIENCE = 30_000;
/** Between two attempts, in milliseconds. */
const PAUSE = 20;

/** Tries until it succeeds; the only reason why it may not is that nothing can be kept yet. */
async function whenBack<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const began = performance.now(); ; await setTimeout(PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      const mayPass = error instanceof CoscribeError && error.code === 'store-unavailable';
      if (!mayPass || performance.now() - began > PATIENCE) throw error;
    }
  }
}

/** What holds while nothing can be kept, and afterwards. */
export function storeOutageContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE9] while nothing can be kept everything that is to be is refused; afterwards the store goes on by itself', async () => {
    const { store } = given;
    const { generation } = await store.open(A, 1);
    const b = await store.open(B, 1);
    await given.append(A, generation, ['1', '2'], 1);
    const batch = (text: string) => ({ id: A, generation, committedAt: 2, rows: [row(text)] });
    const snapshot = { seq: 2, state: bytes('state'), index: bytes('index') };

    const end = await given.outage();
    try {
      await expectFault(store.append([batch('lost')]), 'store-unavailable');
      await expectFault(
        store.append([batch('lost'), { ...batch('lost'), id: B, generation: b.generation }]),
        'store-unavailable',
      );
      await expectFault(store.writeSnapshot(A, generation, snapshot, 2), 'store-unavailable');
      await expectFault(store.changeAccess({ kind: 'user', id: 'ada' }, 1), 'store-unavailable');
    } finally {
      await end();
    }

    const [result] = await whenBack(() => store.append([batch('3')]));
    const firstSeq = result?.ok ? result.firstSeq : fail();
    const log = await whenBack(() => store.readLog(A, 0, 99, generation));
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
    const texts = log.map(({ update }) => Buffer.from(update).toString());
    // What was refused may be there, if the answer alone was lost; it is there whole, and nothing confirmed is missing.
    expect(texts.filter((text) => text !== 'lost')).toEqual(['1', '2', '3']);
    expect(texts[firstSeq - 1]).toBe('3');
    await whenBack(() => store.writeSnapshot(A, generation, snapshot, 1));
    expect(await store.readSnapshot(A)).toEqual(snapshot);
  });
}
