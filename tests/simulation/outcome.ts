import * as Y from 'yjs';
import type { DocumentId } from '../../shared/ids.js';
import { trimKnown } from '../../shared/update-trim.js';
import type { Desk } from './desk.js';
import { sameContent } from './ledger.js';
import type { SimulatedClient } from './simulated-client.js';
import type { World } from './world.js';

/** Compares everybody's copies with what is on the disk. @throws Error if a promise is broken */
export async function checkContent(world: World): Promise<void> {
  for (const id of world.documents) {
    const stored = await fromDisk(world, id);
    world.ledger(id).check(stored);
    for (const { name, doc } of desksOf(world.clients, id))
      if (!sameContent(doc, stored)) throw new Error(`diverged: ${name} and the disk differ in ${id}`);
  }
}

/**
 * Compares copies with one another: everybody's but theirs who don't know yet that their connection is dead.
 *
 * @throws Error if something has not arrived
 */
export function checkArrival({ clients, documents }: World): void {
  const reached = clients.filter(({ line }) => !line.cutOff);
  for (const id of documents) {
    const [first, ...others] = desksOf(reached, id).filter(({ provider }) => provider.synced);
    for (const { name, doc } of others)
      if (first !== undefined && !sameContent(doc, first.doc))
        throw new Error(`${name} and ${first.name} differ in ${id} longer than they should`);
  }
}

/** Compares whom everybody sees with who is there. @throws Error if a promise is broken */
export function checkPresence(world: World): void {
  for (const id of world.documents) {
    const desks = desksOf(world.clients, id);
    const present = desks.map(({ doc }) => doc.clientID).sort();
    for (const { name, provider } of desks) {
      const seen = [...provider.awareness.getStates().keys()].sort();
      if (seen.join() !== present.join())
        throw new Error(`${name} sees ${seen.join()} in ${id}; present are ${present.join()}`);
    }
  }
}

function desksOf(clients: readonly SimulatedClient[], id: DocumentId): Desk[] {
  return clients.flatMap(({ desks }) => desks.filter((desk) => desk.id === id && desk.mayRead));
}

/** A document out of snapshot and log, and out of every row there ever was. */
async function fromDisk({ disk }: World, id: DocumentId): Promise<Y.Doc> {
  const { head, firstRow, snapshotSeq } = await disk.store.open(id, 0);
  const everything = disk.log(id);
  if (head !== everything.length)
    throw new Error(`the log ends at ${head}; ${everything.length} rows were written`);
  if (firstRow > snapshotSeq + 1) throw new Error('rows are missing between the snapshot and the log');
  const rows = await disk.store.readLog(id, snapshotSeq, head);
  for (const [at, { seq }] of rows.entries())
    if (seq !== snapshotSeq + 1 + at) throw new Error(`row ${snapshotSeq + 1 + at} is missing`);
  const snapshot = await disk.store.readSnapshot(id);
  const short = load([
    ...(snapshot === undefined ? [] : [snapshot.state]),
    ...rows.map(({ update }) => update),
  ]);
  const long = load(everything.map(({ update }) => update));
  if (!sameContent(short, long)) throw new Error(`the snapshot of ${id} differs from its log`);
  return long;
}

/** Yjs throws at a struct of which it has the beginning as GC; the same edit may be in the log twice. */
function load(updates: readonly Uint8Array[]): Y.Doc {
  // Without a name of its own: making one up takes longer than loading a short text.
  const doc = new Y.Doc({ guid: '' });
  const known = { clock: (client: number) => Y.getState(doc.store, client) };
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, trimKnown(update, known));
  });
  return doc;
}
