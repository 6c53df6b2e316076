import { expect, test } from '@jest/globals';
import { LargeStates, PresenceRoom } from '../../../server/documents/presence-room.js';
import { PresenceTable } from '../../../server/documents/presence-table.js';
import { ManualClock } from '../../support/manual-clock.js';
import { encodeStates } from '../../support/presence-nodes.js';
import { PresenceSession } from '../../support/presence-people.js';

const LARGE = JSON.stringify({ text: 'x'.repeat(16_000) });
/** So many of them fit into one document: 4 MiB, at some 15 KB each beyond what each has anyway. */
const FIT = Math.floor((4 * 1024 * 1024) / (LARGE.length - 1_024));

function setUp(room = new PresenceRoom()) {
  const clock = new ManualClock();
  const table = new PresenceTable({ clock, maxBytes: 16_384, maxDepth: 16, room, send: () => {} });
  const show = (clientId: number, json: string, clock_ = 1, session = new PresenceSession(clientId)) => {
    table.receive(session, encodeStates([[clientId, clock_, json]]));
    clock.advance(50);
    return session;
  };
  return { clock, table, show };
}

const codesOf = ({ refused }: PresenceSession): string[] => refused.map(({ code }) => code);

test('[AWR16] of large states so many have room in a document; who comes later may show a small one', () => {
  const { table, show } = setUp();
  const sessions = Array.from({ length: FIT + 1 }, (_, n) => show(1 + n, LARGE));
  const [late, first] = [sessions.at(-1) as PresenceSession, sessions[0] as PresenceSession];
  expect(sessions.slice(0, -1).flatMap(codesOf)).toEqual([]);
  expect(codesOf(late)).toEqual(['awareness-refused']);
  show(FIT + 1, '{"name":"small"}', 2, late);
  expect(codesOf(late)).toHaveLength(1);
  // Whoever is there may go on, and leaves room behind.
  show(1, LARGE.replace('xx', 'yy'), 2, first);
  expect(codesOf(first)).toEqual([]);
  table.remove(first);
  show(FIT + 1, LARGE, 3, late);
  expect(codesOf(late)).toHaveLength(1);
});

test('[AWR16] large states of other nodes take room as well', () => {
  const { table, show } = setUp();
  for (let n = 0; n <= FIT; n++) table.receiveFrom('b', encodeStates([[1_000 + n, 1, LARGE]]));
  expect(codesOf(show(1, LARGE))).toEqual(['awareness-refused']);
  table.removeNode('b');
  expect(codesOf(show(2, LARGE))).toEqual([]);
});

test('[AWR16] all documents of a node share what there is, and give it back when they are put away', () => {
  const room = new PresenceRoom(40_000);
  const [one, two] = [setUp(room), setUp(room)];
  expect([1, 2].flatMap((clientId) => codesOf(one.show(clientId, LARGE)))).toEqual([]);
  expect(codesOf(two.show(1, LARGE))).toEqual(['awareness-refused']);
  expect(codesOf(two.show(2, '{"name":"small"}'))).toEqual([]);
  one.table.stop();
  for (const clientId of [1, 2]) one.table.remove(new PresenceSession(clientId));
  expect([3, 4, 5].flatMap((clientId) => codesOf(two.show(clientId, LARGE)))).toEqual(['awareness-refused']);
});

test('[AWR16] what is counted is bytes, beyond the first 1,024', () => {
  const room = new PresenceRoom(1_000);
  const states = new LargeStates(room);
  expect(states.replace('null', 'x'.repeat(1_024))).toBe(true);
  expect(states.replace('null', 'ä'.repeat(1_012))).toBe(true);
  expect(room.take(0)).toBe(true);
  expect(room.take(1)).toBe(false);
  expect(states.replace('ä'.repeat(1_012), 'null')).toBe(true);
  expect(room.take(1_000)).toBe(true);
});
