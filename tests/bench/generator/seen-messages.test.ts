import { describe, expect, test } from '@jest/globals';
import { FIRST_CLIENT_ID, oneCharacter } from '../../../bench/generator/edits.js';
import { type SeenMessage, SeenMessages } from '../../../bench/generator/seen-messages.js';
import { between, forSeeds } from '../../support/seeds.js';

const decode = (message: Buffer): readonly Uint8Array[] => [message];

function edit(typist: number, clock: number): Buffer {
  return Buffer.from(oneCharacter(FIRST_CLIENT_ID + typist, clock));
}

describe('messages that many clients get', () => {
  test('[BENCH4] each is taken apart once, however far the clients are from one another', () => {
    forSeeds(10, 'tests/bench/generator/seen-messages', (random) => {
      const typists = 5;
      const stream = Array.from({ length: 300 }, (_, at) => edit(at % typists, Math.floor(at / typists)));
      const seen = new SeenMessages();
      const readers = Array.from({ length: 7 }, (_, reader) => ({
        // Nobody gets what he typed himself.
        left: stream.filter((_message, at) => at % typists !== reader),
        last: undefined as SeenMessage | undefined,
      }));
      while (readers.some(({ left }) => left.length > 0)) {
        const reader = readers[between(random, 0, readers.length - 1)];
        if (reader === undefined) continue;
        for (const message of reader.left.splice(0, between(random, 1, 40))) {
          reader.last = seen.see(message, reader.last, decode);
          expect(Buffer.compare(reader.last.bytes, message)).toBe(0);
        }
      }
      expect(seen.decoded).toBe(stream.length);
    });
  });

  test('[BENCH4] what is remembered does not change with the buffer that it came in', () => {
    const seen = new SeenMessages();
    const buffer = edit(3, 8);
    const first = seen.see(buffer, undefined, decode);
    buffer.set(edit(4, 9));
    const second = seen.see(buffer, undefined, decode);
    expect([first.runs, second.runs]).toEqual([
      [3, 8, 1],
      [4, 9, 1],
    ]);
    expect(first.updates[0]).toEqual(Buffer.from(oneCharacter(FIRST_CLIENT_ID + 3, 8)));
  });

  test('[BENCH4] what was forgotten is taken apart again', () => {
    const seen = new SeenMessages();
    const count = 5000;
    for (let clock = 0; clock < count; clock++) seen.see(edit(0, clock), undefined, decode);
    expect(seen.see(edit(0, 0), undefined, decode).runs).toEqual([0, 0, 1]);
    expect(seen.see(edit(0, count - 1), undefined, decode).runs).toEqual([0, count - 1, 1]);
    expect(seen.decoded).toBe(count + 1);
  });
});
