import { expect, test } from '@jest/globals';
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { RaisedAwareness, soleShown } from '../../../../server/gateway/yjs/raised-awareness.js';
import { encodeStates } from '../../../support/presence-nodes.js';

const NOW = 1_700_000_000_000;
const UPDATE = encodeStates([
  [7, 3, '{"a":1}'],
  [8, 0, '{"b":2}'],
  [300, 5, 'null'],
]);

function seen(...updates: readonly (Uint8Array | undefined)[]): Record<string, unknown> {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState(null);
  clearInterval(awareness._checkInterval);
  for (const update of updates) if (update !== undefined) applyAwarenessUpdate(awareness, update, 'server');
  return Object.fromEntries(awareness.getStates());
}

test('[YWS4] states are taken again by whoever knows them, of what changes the newest', () => {
  const standing = new RaisedAwareness(UPDATE, NOW, false).all.bytes;
  expect(seen(UPDATE, standing)).toEqual({ 7: { a: 1 }, 8: { b: 2 } });
  const changed = new RaisedAwareness(encodeStates([[7, 4, '{"a":2}']]), NOW, true).all.bytes;
  // Told in the same millisecond, in whichever order.
  expect(seen(standing, changed)[7]).toEqual({ a: 2 });
  expect(seen(changed, standing)[7]).toEqual({ a: 2 });
  const gone = new RaisedAwareness(encodeStates([[7, 4, 'null']]), NOW + 1, true).all.bytes;
  expect(seen(standing, changed, gone)).toEqual({ 8: { b: 2 } });
});

test('[YWS4] nobody is told his own state', () => {
  const raised = new RaisedAwareness(UPDATE, NOW, false);
  expect(seen(raised.without(7)?.bytes)).toEqual({ 8: { b: 2 } });
  expect(seen(raised.without(8)?.bytes)).toEqual({ 7: { a: 1 } });
  expect(seen(raised.without(300)?.bytes)).toEqual({ 7: { a: 1 }, 8: { b: 2 } });
  // Encoded once for all whom it does not show.
  expect(raised.without(9)).toBe(raised.all);
  expect(new RaisedAwareness(encodeStates([[7, 3, '{}']]), NOW, true).without(7)).toBeUndefined();
});

test('[YWS4] whom a client shows as itself is seen where it shows one only', () => {
  expect(soleShown(encodeStates([[7, 0, '{}']]))).toEqual({ clientId: 7, clock: 0, json: '{}' });
  expect(soleShown(encodeStates([[7, 0, 'null']]))).toBeUndefined();
  expect(soleShown(UPDATE)).toBeUndefined();
  expect(soleShown(Uint8Array.of(200))).toBeUndefined();
});
