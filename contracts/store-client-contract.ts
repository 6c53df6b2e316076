import type { NewLogRow } from '../server/storage/store.js';
import { parseDocumentId } from '../shared/ids.js';
import { expect } from './expect.js';
import type { ContractTests } from './framework.js';
import { A, B, type StoreContext } from './store-context.js';
import { bytes } from './store-data.js';

function by(author: string, clientId: number, text = 'x'): NewLogRow {
  return { update: bytes(text), clientId, author };
}

/** Which clientIDs belong to whom. */
export function storeClientContract({ test }: ContractTests, given: StoreContext): void {
  test('[STORE5] who first wrote under a clientID is kept for good, also after trimming', async () => {
    const { generation } = await given.store.open(A, 1);
    await given.store.open(B, 1);
    const rows = [
      by('Zoë\n"\u{1F600}"', 4_294_967_295),
      by('', 0),
      by('DOMAIN\\{zoë},"0"', 8),
      by('Zoë\n"\u{1F600}"', 4_294_967_295),
    ];
    await given.store.append([{ id: A, generation, committedAt: 1, rows }]);
    expect((await given.store.readLog(A, 0, 9)).map(({ author }) => author)).toEqual(
      rows.map(({ author }) => author),
    );
    await given.store.writeSnapshot(A, generation, { seq: 4, state: bytes('s'), index: bytes('i') }, 4);
    expect(await given.store.readAuthor(A, 4_294_967_295)).toBe('Zoë\n"\u{1F600}"');
    expect(await given.store.readAuthor(A, 0)).toBe('');
    expect(await given.store.readAuthor(A, 8)).toBe('DOMAIN\\{zoë},"0"');
    expect(await given.store.readAuthor(A, 7)).toBeUndefined();
    expect(await given.store.readAuthor(B, 0)).toBeUndefined();
    expect(await given.store.readAuthor(parseDocumentId('team/never-opened'), 0)).toBeUndefined();
  });

  test('[STORE21] a batch with a row under the clientID of another author is refused whole and alone', async () => {
    const a = await given.store.open(A, 1);
    const b = await given.store.open(B, 1);
    const batch = (of: typeof a, rows: readonly NewLogRow[]) => ({
      id: of === a ? A : B,
      generation: of.generation,
      committedAt: 2,
      rows,
    });
    const refused = { ok: false, code: 'client-id-in-use' };
    expect(await given.store.append([batch(a, [by('ada', 1)])])).toEqual([{ ok: true, firstSeq: 1 }]);
    expect(
      await given.store.append([
        // Known from before; it takes nothing with it, not even the clientID 2.
        batch(a, [by('bob', 2), by('bob', 1)]),
        batch(a, [by('cem', 2)]),
        // Known from the same call.
        batch(a, [by('bob', 2)]),
        // From the same batch.
        batch(a, [by('ada', 1), by('ada', 3), by('bob', 3)]),
        batch(a, [by('ada', 3)]),
        // Another document.
        batch(b, [by('bob', 1)]),
        batch(a, [by('ada', 1), by('cem', 2)]),
      ]),
    ).toEqual([
      refused,
      { ok: true, firstSeq: 2 },
      refused,
      refused,
      { ok: true, firstSeq: 3 },
      { ok: true, firstSeq: 1 },
      { ok: true, firstSeq: 4 },
    ]);
    expect(await given.store.append([batch(a, [by('eve', 3)]), batch(b, [by('bob', 1)])])).toEqual([
      refused,
      { ok: true, firstSeq: 2 },
    ]);
    const log = await given.store.readLog(A, 0, 99);
    expect(log.map(({ author, clientId }) => [author, clientId])).toEqual([
      ['ada', 1],
      ['cem', 2],
      ['ada', 3],
      ['ada', 1],
      ['cem', 2],
    ]);
    expect(await given.store.readAuthor(A, 2)).toBe('cem');
    expect(await given.store.readAuthor(A, 3)).toBe('ada');
    expect((await given.store.open(B, 1)).head).toBe(2);
  });
}
