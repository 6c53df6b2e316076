import { beforeEach, describe, expect, test } from '@jest/globals';
import { ListCursors } from '../../../server/http/list-cursors.js';
import { MemoryStore } from '../../../server/storage/memory-store.js';
import { parseDocumentId } from '../../../shared/ids.js';

const HOUR_MS = 3_600_000;
const place = { at: 17, id: parseDocumentId('acme/plan') };
const refusal = (detail: string) =>
  expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(detail) });
const none = refusal('is none that a list has given lately');

let now: number;
let store: MemoryStore;
const clock = { wall: () => now };
/** A node, or one that has been started again. */
const node = () => new ListCursors(store, clock);

beforeEach(() => {
  now = Date.UTC(2026, 0, 1, 11, 59);
  store = new MemoryStore(() => 'g');
});

describe('a cursor', () => {
  test.each(['updated', 'created', 'name'] as const)(
    '[API15] [API28] by %s goes on where it was, on every node',
    async (order) => {
      const [one, other] = [node(), node()];
      const [here, there] = await Promise.all([one.seal(place, order), other.seal(place, order)]);
      for (const cursors of [one, other, node()])
        for (const cursor of [here, there]) expect(await cursors.open(cursor, order)).toEqual(place);
    },
  );

  test('[API28] says nothing of the place, not even how long its name is', async () => {
    const long = { at: Number.MAX_SAFE_INTEGER, id: parseDocumentId(`${'w'.repeat(64)}/${'n'.repeat(64)}`) };
    const cursors = [await node().seal(place, 'updated'), await node().seal(long, 'updated')];
    expect(new Set(cursors.map(({ length }) => length)).size).toBe(1);
    for (const cursor of cursors) {
      expect(cursor).toMatch(/^[\w-]{1,400}$/);
      expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/acme|wwww|updated/);
    }
    expect(await node().open(cursors[1] ?? '', 'updated')).toEqual(long);
  });

  test('[API28] holds for twelve hours, and no longer than its key is kept', async () => {
    const cursor = await node().seal(place, 'name');
    now += 12 * HOUR_MS;
    await store.forgetReceipts(now - 24 * HOUR_MS, 100);
    expect(await node().open(cursor, 'name')).toEqual(place);
    expect(await node().open(await node().seal(place, 'name'), 'name')).toEqual(place);
    now += 12 * HOUR_MS;
    await store.forgetReceipts(now - 24 * HOUR_MS, 100);
    await expect(node().open(cursor, 'name')).rejects.toEqual(none);
  });

  test('[API28] cannot be made up, or changed', async () => {
    const cursor = await node().seal(place, 'updated');
    const bytes = Buffer.from(cursor, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(node().open(changed.toString('base64url'), 'updated')).rejects.toEqual(none);
    }
    await expect(node().open(bytes.subarray(0, -1).toString('base64url'), 'updated')).rejects.toEqual(none);
  });

  test.each([
    '',
    'x',
    '!!!',
    Buffer.from('["updated",1,"a/b"]').toString('base64url'),
    'A'.repeat(100),
    'A'.repeat(5000),
  ])('[API15] %j is none', async (cursor) => {
    await expect(node().open(cursor, 'updated')).rejects.toEqual(none);
  });

  test('[API15] of another order is refused', async () => {
    const cursor = await node().seal(place, 'updated');
    await expect(node().open(cursor, 'name')).rejects.toEqual(refusal('another order'));
  });
});
