import { CoscribeError } from '../../shared/errors.js';
import type { WaitingChange } from './change-line.js';
import type { Change } from './copies.js';
import type { CopyWriters } from './copy-writers.js';
import { answer, handIn, type ReadyChange, Together } from './hand-in.js';

/** An update that was made elsewhere. */
export type WaitingUpdate = WaitingChange & { readonly change: Change & { readonly as: 'update' } };

/**
 * Hands updates in, as many as share a commit, in their order: one may build on those before it. Each is answered when it is
 * durable.
 *
 * @returns those that are not answered, in their order
 */
export async function writeTogether(
  asked: readonly WaitingUpdate[],
  writers: CopyWriters,
): Promise<readonly WaitingChange[]> {
  const together = new Together(writers);
  const ready: ReadyChange[] = [];
  let left: readonly WaitingChange[] = [];
  for (const [n, one] of asked.entries()) {
    if (!together.takes(one)) {
      left = asked.slice(n);
      break;
    }
    try {
      const writer = await writers.of(one.by);
      if (one.call.over) throw new CoscribeError('server-busy');
      const parts = await writers.partsOf(one.change.update);
      together.add(one, parts);
      ready.push({ asked: one, writer, parts });
    } catch (error) {
      one.reject(error);
    }
  }
  const outcomes = handIn(ready, 'catch-up');
  const fates = await Promise.all(
    ready.map((one, n) => {
      const outcome = outcomes[n];
      return outcome === undefined ? 'again' : answer(one, outcome, writers);
    }),
  );
  const again = ready.filter((_, n) => fates[n] === 'again').map((one) => one.asked);
  return [...again, ...left];
}
