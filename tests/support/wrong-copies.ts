import * as Y from 'yjs';
import { buildUpdate, string } from './update-builder.js';

/**
 * Updates that pass the gate one by one, and show something else to whoever gets them one after the other than to whoever
 * loads the state that they make: an origin lies to the right of the right origin.
 */
export function crossedOrigins(): { readonly updates: readonly Uint8Array[]; readonly fresh: Y.Doc } {
  const updates = [
    buildUpdate([{ client: 1, clock: 0, structs: [string('abcdef')] }]),
    buildUpdate([{ client: 2, clock: 0, structs: [string('x', { origin: [1, 4], right: [1, 1] })] }]),
    buildUpdate([{ client: 3, clock: 0, structs: [string('y', { origin: [1, 1], right: [1, 2] })] }]),
  ];
  return { updates, fresh: fresh(updates) };
}

function fresh(updates: readonly Uint8Array[]): Y.Doc {
  const live = new Y.Doc();
  for (const update of updates) Y.applyUpdate(live, update);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(live));
  return doc;
}
