import { describe, expect, test } from '@jest/globals';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../../server/cluster/bus-message.js';
import type { Random } from '../../../shared/time.js';
import { between, forSeeds, randomBytes } from '../../support/seeds.js';

function text(random: Random): string {
  return Array.from({ length: between(random, 0, 40) }, () =>
    String.fromCodePoint(random() < 0.5 ? between(random, 32, 126) : between(random, 0xe000, 0x10fff)),
  ).join('');
}

function randomMessage(random: Random): Envelope['message'] {
  const seq = Math.floor(random() * 2 ** 53);
  const bytes = randomBytes(random, between(random, 0, 300));
  const messages: readonly Envelope['message'][] = [
    { kind: 'updates', generation: text(random), frame: bytes },
    { kind: 'awareness', update: bytes },
    { kind: 'awareness-wanted' },
    { kind: 'snapshot', generation: text(random), seq, bytes: seq, firstRow: between(random, 0, 300) },
    { kind: 'generation', generation: text(random) },
    { kind: 'access' },
    { kind: 'check', generation: text(random), seq, hash: text(random) },
    { kind: 'node-here' },
    { kind: 'node-goodbye' },
    { kind: 'node-tells', to: text(random), text: text(random) },
    { kind: 'stateless', payload: text(random) },
  ];
  return messages[between(random, 0, messages.length - 1)] ?? { kind: 'access' };
}

function decodes(bytes: Uint8Array): boolean {
  try {
    decodeEnvelope(bytes);
    return true;
  } catch (error) {
    if (!String(error).includes('Error')) throw error;
    return false;
  }
}

describe('Messages between nodes', () => {
  test('[BUS4] a message comes out of the decoder as it went into the encoder, in bytes of its own', () => {
    forSeeds(300, 'tests/server/cluster/bus-message', (random) => {
      const envelope: Envelope = { from: text(random), message: randomMessage(random) };
      const encoded = encodeEnvelope(envelope);
      const decoded = decodeEnvelope(encoded);
      encoded.fill(0);
      expect(decoded).toEqual(envelope);
    });
  });

  test('[BUS4] a part of a message and one with more behind it are refused, and no bytes do worse', () => {
    forSeeds(50, 'tests/server/cluster/bus-message', (random) => {
      const encoded = encodeEnvelope({ from: text(random), message: randomMessage(random) });
      // In the middle of a larger buffer, of which nothing may be read.
      const around = new Uint8Array(encoded.length + 200).fill(1);
      around.set(encoded, 100);
      const inside = around.subarray(100, 100 + encoded.length);
      const taken = Array.from(inside.keys()).filter((end) => decodes(inside.subarray(0, end)));
      expect(taken).toEqual([]);
      expect(() => decodeEnvelope(around.subarray(100, 101 + encoded.length))).toThrow('left over');
      inside[between(random, 0, inside.length - 1)] = between(random, 0, 255);
      expect([true, false]).toContain(decodes(inside));
    });
  });
});
