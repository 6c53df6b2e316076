import { expect, test } from '@jest/globals';
import { Deliveries } from '../../../client/app/deliveries.js';
import type { KeptHere } from '../../../client/app/kept-here.js';
import { parseDocumentId } from '../../../shared/ids.js';

const kept = (name: string, unsavedChanges: number, scope = ''): KeptHere => ({
  id: parseDocumentId(name),
  scope,
  unsavedChanges,
});

function world() {
  const state = { now: 0, fails: false, delivered: [] as string[] };
  const deliveries = new Deliveries({
    async deliver({ id, scope, token }) {
      state.delivered.push(`${id} ${scope} ${token}`);
      if (state.fails) throw new TypeError('Failed to fetch dynamically imported module');
    },
    tokenOf: ({ id }) => `token of ${id}`,
    now: () => state.now,
  });
  return { state, deliveries };
}

test('[PAGE41] what is not saved is delivered, with what opens it, and what is saved is left alone', async () => {
  const { state, deliveries } = world();
  expect(await deliveries.tryAll([kept('a/one', 0)])).toBe(false);
  expect(await deliveries.tryAll([kept('a/one', 2), kept('a/two', 0), kept('a/one', 1, 'user ann')])).toBe(
    true,
  );
  expect(state.delivered).toEqual(['a/one  token of a/one', 'a/one user ann token of a/one']);
});

test('[PAGE41] what could not be delivered is tried again, but not all the time, and not twice at once', async () => {
  const { state, deliveries } = world();
  state.fails = true;
  const here = [kept('a/one', 1)];
  expect(await Promise.all([deliveries.tryAll(here), deliveries.tryAll(here)])).toEqual([true, false]);
  state.now = 59_999;
  expect(await deliveries.tryAll(here)).toBe(false);
  state.now = 60_000;
  expect(await deliveries.tryAll(here)).toBe(true);
  expect(state.delivered).toHaveLength(2);
});
