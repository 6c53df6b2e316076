/**
 * Reads documents straight out of the store: node read-store.mjs STORE
 * A line with a document's name comes in, a line of JSON goes out: `{ head, updates }`, the updates in base64, or `{ error }`.
 */
import { createInterface } from 'node:readline';
import { openStore } from '../../dist/server/storage/open-store.js';

const ROWS = 500;
/** A store that cannot be opened now, as on a machine that is too busy, is opened for the next line. */
let opened;

async function read(id) {
  opened ??= await openStore(process.argv[2]);
  const store = opened;
  const position = (await store.positions([id])).get(id);
  if (position === undefined) return { head: 0, updates: [] };
  const { generation, head } = position;
  const snapshot = await store.readSnapshot(id, generation);
  const updates = snapshot === undefined ? [] : [snapshot.state];
  let at = snapshot?.seq ?? 0;
  while (at < head) {
    const rows = await store.readLog(id, at, ROWS, generation);
    for (const { seq, update } of rows) {
      if (seq !== at + 1) throw new Error(`the log of ${id} has row ${seq} after row ${at}`);
      updates.push(update);
      at = seq;
    }
    if (rows.length === 0) throw new Error(`the log of ${id} ends at ${at}, its head is ${head}`);
  }
  return { head: at, updates: updates.map((update) => Buffer.from(update).toString('base64')) };
}

for await (const id of createInterface({ input: process.stdin })) {
  const answer = await read(id).catch(({ message }) => ({ error: message }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await opened?.close();
