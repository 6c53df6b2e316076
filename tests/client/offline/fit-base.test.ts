import { describe, expect, test } from '@jest/globals';
import { BaseLog, type CopyNow } from '../../../client/offline/base-log.js';
import type { BaseHead, BaseWrite } from '../../../client/offline/copy-store.js';
import { fitBase } from '../../../client/offline/fit-base.js';

const ONE = new Uint8Array([1]);

function head(seq: number, generation = 'g'): BaseHead {
  return { generation, seq, role: 'editor', rows: 1, bytes: 10, next: 1 };
}

function extend(from: number, seq: number, generation = 'g'): BaseWrite {
  return { kind: 'extend', from, position: { generation, seq }, role: 'editor', updates: [ONE] };
}

function copy(seq: number, isClean = false): CopyNow {
  return { position: { generation: 'g', seq }, role: 'editor', isClean, encode: () => ONE };
}

describe('the base of a kept copy', () => {
  test.each<[string, BaseHead | undefined, BaseWrite, boolean, number | undefined]>([
    ['what follows leads on', head(5), extend(5, 9), true, 9],
    ['what begins earlier, too', head(5), extend(3, 9), true, 9],
    ['and does not lead back', head(12), extend(5, 9), true, 12],
    ['what begins later does not', head(5), extend(6, 9), false, 5],
    ['nor does another generation', head(5), extend(5, 9, 'other'), false, 5],
    ['without a base only the beginning does', undefined, extend(0, 9), true, 9],
    ['and nothing else', undefined, extend(1, 9), false, undefined],
    [
      'what is in the log, too, leads nowhere',
      head(5),
      { kind: 'add', generation: 'g', updates: [ONE] },
      true,
      5,
    ],
    [
      'a whole copy leads to where it is',
      head(12),
      { kind: 'replace', position: { generation: 'g', seq: 9 }, role: 'editor', state: ONE },
      true,
      9,
    ],
    ['what is erased leads nowhere', head(5), { kind: 'erase' }, true, undefined],
  ])('[OFF4] %s', (_what, before, write, fits, seq) => {
    const after = fitBase(before, write);
    expect([after.fits, after.head?.seq]).toEqual([fits, seq]);
  });

  test('[OFF4] what does not lead on is kept all the same, where it is of the same generation', () => {
    expect(fitBase(head(5), extend(6, 9)).row).toBeDefined();
    expect(fitBase(head(5), extend(6, 9, 'other')).row).toBeUndefined();
    expect(fitBase(undefined, { kind: 'add', generation: 'g', updates: [ONE] }).row).toBeUndefined();
  });

  test('[OFF4] a copy that holds something unsaved is never written as a whole, however much is missing', () => {
    const base = new BaseLog();
    base.lead(false);
    base.logged([ONE], false);
    expect(base.take(copy(3))).toBeUndefined();
    base.logged([ONE], true);
    expect(base.take(copy(4))).toEqual({ kind: 'add', generation: 'g', updates: [ONE] });
    expect(base.take(copy(4, true))).toMatchObject({ kind: 'replace', position: { seq: 4 } });
    base.logged([ONE], false);
    expect(base.take(copy(6, true))).toMatchObject({ kind: 'extend', position: { seq: 6 } });
  });

  test('[OFF4] who has not written from the start, or has missed something, writes nothing that others sent', () => {
    const base = new BaseLog();
    base.restored(head(5));
    base.logged([ONE], false);
    expect(base.take(copy(6))).toBeUndefined();
    base.lead(true);
    base.missed();
    base.logged([ONE], false);
    expect(base.take(copy(7))).toBeUndefined();
  });
});
