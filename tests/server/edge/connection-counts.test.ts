import { expect, test } from '@jest/globals';
import { ConnectionCounts } from '../../../server/edge/connection-counts.js';
import { CoscribeError } from '../../../shared/errors.js';

function codeOf(run: () => void): string {
  try {
    run();
    return 'ok';
  } catch (error) {
    return error instanceof CoscribeError ? error.code : 'something else';
  }
}

test('[LIMIT1] an address has so many connections and no more, and room again when one is gone', () => {
  const counts = new ConnectionCounts({ maxConnectionsPerAddress: 2, maxConnectionsPerUser: 1 });
  counts.enterAddress('a');
  counts.enterAddress('a');
  expect(codeOf(() => counts.enterAddress('a'))).toBe('too-many-connections');
  counts.enterAddress('b');
  counts.leaveAddress('a');
  expect(codeOf(() => counts.enterAddress('a'))).toBe('ok');
  for (const address of ['a', 'a', 'b']) counts.leaveAddress(address);
  expect(counts.size).toBe(0);
});

test('[LIMIT2] a user has so many connections, each counted once however many documents it has', () => {
  const counts = new ConnectionCounts({ maxConnectionsPerAddress: 9, maxConnectionsPerUser: 2 });
  const [one, two, three] = [{}, {}, {}];
  for (let i = 0; i < 5; i++) counts.enterUser(one, 'ada');
  counts.enterUser(one, 'bob');
  counts.enterUser(two, 'ada');
  expect(codeOf(() => counts.enterUser(three, 'ada'))).toBe('too-many-connections');
  expect(codeOf(() => counts.enterUser(two, 'ada'))).toBe('ok');
  counts.leaveUsers(three);
  counts.leaveUsers(one);
  expect(codeOf(() => counts.enterUser(three, 'ada'))).toBe('ok');
  counts.leaveUsers(two);
  counts.leaveUsers(three);
  counts.leaveUsers(three);
  expect(counts.size).toBe(0);
});
