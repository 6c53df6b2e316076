import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { Packet } from 'socket.io-parser';
import { nestsWithin } from '../../../server/gateway/nests-within.js';
import { checkAuth, codedParser } from '../../../server/gateway/socket-io-parser.js';

function decoded(...frames: (string | Buffer)[]): Packet[] {
  const decoder = new codedParser.Decoder();
  const packets: Packet[] = [];
  decoder.on('decoded', (packet) => packets.push(packet));
  for (const frame of frames) decoder.add(frame);
  return packets;
}

const NS = '/docs/acme/notes';

describe('a connection to a namespace', () => {
  test.each([
    [`0${NS},{"protocol":1,"token":"x"}`, { type: 0, nsp: NS, data: { protocol: 1, token: 'x' } }],
    [`0${NS},`, { type: 0, nsp: NS }],
    [`0${NS}`, { type: 0, nsp: NS }],
    ['0', { type: 0, nsp: '/' }],
    ['0{"a":"b,c"}', { type: 0, nsp: '/', data: { a: 'b,c' } }],
    ['0/ä😀,{}', { type: 0, nsp: '/ä😀', data: {} }],
  ])('[LIMIT12] is read as Socket.IO reads it: %s', (text, packet) => {
    expect(decoded(text)).toEqual([packet]);
  });

  test('[LIMIT12] with too large or too deep an auth still has its namespace, and is refused', () => {
    for (const auth of [
      { token: 'x'.repeat(20_000) },
      JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`),
      { a: JSON.parse(`${'['.repeat(4_000)}${']'.repeat(4_000)}`) },
    ]) {
      const [packet] = decoded(`0${NS},${JSON.stringify(auth)}`);
      expect(packet?.nsp).toBe(NS);
      expect(() => checkAuth(packet?.data as object)).toThrow(
        expect.objectContaining({ code: 'bad-request' }),
      );
    }
    const [packet] = decoded(`0${NS},${JSON.stringify({ token: 'x'.repeat(8 * 1024) })}`);
    expect(() => checkAuth(packet?.data as object)).not.toThrow();
    // Nobody can say of himself that he is too large, and it would not matter.
    expect(() => checkAuth({ oversized: true })).not.toThrow();
  });

  test('[MEM1] its name does not keep the rest of the message, with the token, in memory', () => {
    const names: string[] = [];
    const decoder = new codedParser.Decoder();
    decoder.on('decoded', ({ nsp }) => names.push(nsp));
    const token = 'x'.repeat(8_000);
    for (let n = 0; n < 100; n++) decoder.add(`0${NS}-${n},{"token":"${token}"}`);
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const collect = (): number => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    collect();
    const before = collect();
    for (let n = 0; n < 2_000; n++) decoder.add(`0${NS}-${n},{"token":"${token}"}`);
    const perName = (collect() - before) / 2_000;
    expect(names).toHaveLength(2_100);
    expect(perName).toBeLessThan(2_000);
  });
});

describe('a message', () => {
  test('[LIMIT12] may have four pieces of bytes, and no more', () => {
    expect(() => decoded(`55-${NS},["x"]`)).toThrow('too many attachments');
    const placeholders = [0, 1, 2, 3].map((num) => ({ _placeholder: true, num }));
    const frames = placeholders.map(({ num }) => Buffer.from([num]));
    const [packet] = decoded(`54-${NS},${JSON.stringify(['x', ...placeholders])}`, ...frames);
    expect(packet?.data).toEqual(['x', ...frames]);
  });

  test.each([
    '',
    'null',
    '{}',
    '[]',
    '[null]',
    '[{"a":1}]',
    '[["x"]]',
    '[true]',
    '["disconnect"]',
    '["newListener"]',
  ])('[LIMIT12] has an array with a name for it, not %s', (payload) => {
    if (payload === '') expect(decoded(`2${NS},`)).toEqual([{ type: 2, nsp: NS }]);
    else expect(() => decoded(`2${NS},${payload}`)).toThrow();
  });

  test('[LIMIT12] with bytes nests so deep that nobody has to call himself too often', () => {
    const nested = (depth: number): string => `51-${NS},["x",${'['.repeat(depth)}${']'.repeat(depth)}]`;
    expect(() => decoded(nested(31))).not.toThrow();
    expect(() => decoded(nested(32))).toThrow('too deep');
    expect(() => decoded(nested(150_000))).toThrow('too deep');
  });
});

test.each([
  ['[]', 0, false],
  ['[]', 1, true],
  ['[[{}]]', 3, true],
  ['[[{}]]', 2, false],
  ['"[[[["', 1, true],
  ['"\\"[[[["', 1, true],
  ['"\\\\"[[', 1, false],
  ['[][][][][]', 1, true],
  [']]]][[', 1, true],
  ['', 0, true],
])('[LIMIT12] %s nests within %d: %s', (text, depth, expected) => {
  // The padding keeps short texts from being let through unread.
  expect(nestsWithin(`${' '.repeat(depth)} ${text}`, depth)).toBe(expected);
});
