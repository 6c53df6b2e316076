import { expect, test } from '@jest/globals';
import { mergeTraffic, Traffic } from '../../../server/admin/traffic.js';
import { parseDocumentId } from '../../../shared/ids.js';

function document(name: string, sessions: number, bytes = 0) {
  const traffic = { edits: bytes / 10, bytes };
  return { id: parseDocumentId(`acme/${name}`), sessionCount: sessions, traffic };
}

test('[ADMIN9] the busiest documents are those that took the most bytes since the last look, then those with most people', () => {
  const traffic = new Traffic();
  const [a, b, c] = [document('a', 1, 1_000), document('b', 9), document('c', 3)];
  traffic.look([a, b, c], 1);
  b.traffic.bytes += 400;
  b.traffic.edits += 4;
  const fresh = document('d', 1, 100);
  expect(traffic.look([a, b, c, fresh], 2)).toEqual([
    { id: 'acme/b', sessions: 9, editsPerSecond: 2, bytesPerSecond: 200 },
    { id: 'acme/d', sessions: 1, editsPerSecond: 5, bytesPerSecond: 50 },
    { id: 'acme/c', sessions: 3, editsPerSecond: 0, bytesPerSecond: 0 },
    { id: 'acme/a', sessions: 1, editsPerSecond: 0, bytesPerSecond: 0 },
  ]);
  expect(traffic.look([b], 1)[0]).toMatchObject({ editsPerSecond: 0, bytesPerSecond: 0 });
});

test('[ADMIN9] of any number of documents a node tells of the 20 busiest', () => {
  const traffic = new Traffic();
  const many = Array.from({ length: 500 }, (_, at) => document(`n${at}`, 1));
  traffic.look(many, 1);
  for (const [at, one] of many.entries()) one.traffic.bytes += (at * 37) % 500;
  const told = traffic.look(many, 1).map(({ bytesPerSecond }) => bytesPerSecond);
  expect(told).toEqual(Array.from({ length: 20 }, (_, at) => 499 - at));
});

test('[ADMIN9] what several nodes tell of a document is added up', () => {
  const one = { id: 'acme/a', sessions: 2, editsPerSecond: 1, bytesPerSecond: 10 };
  const other = { id: 'acme/b', sessions: 1, editsPerSecond: 2, bytesPerSecond: 15 };
  expect(mergeTraffic([one, other, one])).toEqual([
    { id: 'acme/a', sessions: 4, editsPerSecond: 2, bytesPerSecond: 20 },
    other,
  ]);
});
