import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { decodeStateVector } from '../../shared/state-vector.js';

describe('state vectors', () => {
  test('[FORMAT3] what Yjs writes is read as Yjs reads it', () => {
    const doc = new Y.Doc();
    for (const client of [1, 300, 2 ** 32 - 1]) {
      doc.clientID = client;
      doc.getText('text').insert(0, 'x'.repeat(client % 200));
    }
    const vector = Y.encodeStateVector(doc);
    expect(decodeStateVector(vector)).toEqual(Y.decodeStateVector(vector));
    expect(decodeStateVector(Y.encodeStateVector(new Y.Doc())).size).toBe(0);
  });

  test.each([
    ['nothing', []],
    ['a client without its clock', [1, 5]],
    ['more clients announced than there are', [2, 5, 1]],
    ['2^28 clients announced', [0x80, 0x80, 0x80, 0x80, 1]],
    ['a client twice', [2, 5, 1, 5, 2]],
    ['a client of 2^32', [1, 0x80, 0x80, 0x80, 0x80, 0x10, 1]],
    ['bytes left over', [1, 5, 1, 0]],
    ['a number without end', [1, 5, ...Array.from({ length: 20 }, () => 0xff)]],
  ])('[FORMAT3] %s is refused', (_what, bytes) => {
    expect(() => decodeStateVector(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'invalid-update' }),
    );
  });
});
