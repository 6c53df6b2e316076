import { expect, test } from '@jest/globals';
import { LocalBus } from '../../../server/cluster/local-bus.js';
import { nodeId } from '../../../server/cluster/node-id.js';

test('[BUS12] the id of a node begins with its name, and is another one at every start', () => {
  const ids = Array.from({ length: 50 }, () => nodeId('node-1'));
  for (const id of ids) expect(id).toMatch(/^node-1-[\w-]{4}$/);
  expect(new Set(ids).size).toBeGreaterThan(45);
  expect(nodeId('')).toMatch(/^[\w-]{12}$/);
  expect(new LocalBus({ sharedStore: false, nodeName: 'web' }).node).toMatch(/^web-/);
});
