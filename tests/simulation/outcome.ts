import * as Y from 'yjs';
import type { DocumentId } from '../../shared/ids.js';
import { sameContent } from './ledger.js';
import type { World } from './world.js';

/** Compares everybody's copies with what is on the disk. @throws Error if a promise is broken */
export async function checkOutcome(world: World): Promise<void> {
  for (const id of world.documents) {
    const stored = await fromDisk(world, id);
    world.ledger(id).check(stored);
    const desks = world.clients.flatMap((client) => client.desks.filter((desk) => desk.id === id));
    for (const { name, doc } of desks) {
      if (!sameContent(doc, stored)) throw new Error(`diverged: ${name} and the disk differ in ${id}`);
    }
    const present = desks.map(({ doc }) => doc.clientID).sort();
    for (const { name, provider } of desks) {
      const seen = [...provider.awareness.getStates().keys()].sort();
      if (seen.join() !== present.join())
        throw new Error(`${name} sees ${seen.join()} in ${id}; present are ${present.join()}`);
    }
  }
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

function load(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}
