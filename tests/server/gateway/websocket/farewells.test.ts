import { beforeEach, expect, test } from '@jest/globals';
import { Farewells } from '../../../../server/gateway/websocket/farewells.js';
import { CoscribeError } from '../../../../shared/errors.js';
import { ManualClock } from '../../../support/manual-clock.js';

const DENIED = new CoscribeError('no-access');
const BUSY = new CoscribeError('server-busy');

let clock: ManualClock;
let farewells: Farewells;

beforeEach(() => {
  clock = new ManualClock();
  farewells = new Farewells(clock, () => 0.5);
});

/** In how many milliseconds a line is closed, and with which code. */
function end(
  address: string,
  error: CoscribeError,
  comeBackAfterMs?: number,
): { ms?: number; code?: number } {
  const begun = clock.monotonic();
  const closed: { ms?: number; code?: number } = {};
  const close = (code: number): void => {
    Object.assign(closed, { ms: clock.monotonic() - begun, code });
  };
  farewells.end({ address, close }, error, comeBackAfterMs);
  return closed;
}

test('[WSD11] who is refused for good hears it at once, unless he comes again and again', () => {
  for (let nth = 0; nth < 20; nth++) expect(end('a', DENIED)).toEqual({ ms: 0, code: 4404 });
  const late = Array.from({ length: 15 }, () => end('a', DENIED));
  // Somebody else hears it at once.
  expect(end('b', DENIED)).toEqual({ ms: 0, code: 4404 });
  clock.advance(20_000);
  expect(late.map(({ ms }) => ms)).toEqual([
    ...[2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 16_000, 18_000],
    ...Array(6).fill(20_000),
  ]);
});

test('[WSD11] who has kept away for long enough hears it at once again', () => {
  for (let nth = 0; nth < 100; nth++) end('a', DENIED);
  clock.advance(62_000);
  expect(end('a', DENIED)).toEqual({ ms: 0, code: 4404 });
});

test('[WSD11] who is kept out by what passes is let go after 1 to 3 s', () => {
  const closed = end('a', BUSY);
  clock.advance(1_999);
  expect(closed).toEqual({});
  clock.advance(1);
  expect(closed).toEqual({ ms: 2_000, code: 4503 });
});

test('[WSD11] who was in, and is to come back later, is let go then, within 5 s', () => {
  expect(end('a', new CoscribeError('shutting-down'), 0)).toEqual({ ms: 0, code: 1012 });
  const [soon, later] = [end('a', BUSY, 700), end('a', new CoscribeError('not-joined'), 60_000)];
  clock.advance(5_000);
  expect([soon, later]).toEqual([
    { ms: 700, code: 4503 },
    { ms: 5_000, code: 1013 },
  ]);
});

test('[WSD11] what is kept of addresses is bounded, and forgotten', () => {
  for (let nth = 0; nth < 12_000; nth++) end(`${nth}`, DENIED);
  const { size } = (farewells as unknown as { freeAt: Map<string, number> }).freeAt;
  expect(size).toBe(10_000);
  clock.advance(3_000);
  end('last', DENIED);
  expect((farewells as unknown as { freeAt: Map<string, number> }).freeAt.size).toBe(1);
});
