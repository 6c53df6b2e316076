import * as Y from 'yjs';
import type { AccessSubject } from '../../server/storage/access-store.js';
import { LIFE_KINDS } from '../../server/storage/delivery-store.js';
import type { DocumentStore } from '../../server/storage/store.js';
import { compactUpdates } from '../../server/workers/compact-updates.js';
import { encodeUpdateList } from '../../shared/frames.js';
import { type DocumentId, parseDocumentId } from '../../shared/ids.js';
import type { Random } from '../../shared/time.js';
import { between } from './random.js';
import { editSomewhere } from './random-edits.js';
import { link } from './store-links.js';

export interface SampleOptions {
  readonly documents: number;
  /** Edits of each, at most. */
  readonly edits: number;
}

/** A document of a sample, as Yjs has it. */
export interface SampleDocument {
  readonly id: DocumentId;
  readonly doc: Y.Doc;
}

/**
 * Fills a store with some of everything that a store keeps: documents with and without snapshots, trimmed, renamed,
 * deleted and empty ones, links, receipts, access changes, webhooks, what they were told and are to be told.
 */
export async function fillStore(
  store: DocumentStore,
  random: Random,
  { documents, edits }: SampleOptions,
): Promise<readonly SampleDocument[]> {
  const samples: SampleDocument[] = [];
  const hook = 'audit';
  await store.deliveries?.beginHook(hook, 60_000);
  await store.deliveries?.life?.keepEvents(hook, LIFE_KINDS, 60_000);
  for (let n = 0; n < documents; n++) {
    const id = parseDocumentId(`team/doc-${n}`);
    samples.push(
      await fillDocument(store, random, { id, edits: n % 5 === 4 ? 0 : between(random, 3, edits), n }),
    );
  }
  const subjects: AccessSubject[] = [
    { kind: 'user', id: 'ada' },
    { kind: 'token', id: 'token-1' },
    { kind: 'document', id: 'team/doc-0' },
  ];
  for (const subject of subjects) await store.changeAccess(subject, 77_000);
  await store.keepReceipt({ key: 'made', digest: 'digest', answer: '{"made":1}', createdAt: 61_000 });
  const lease = { owner: 'node', now: 62_000, until: 63_000 };
  const wanted = samples.slice(0, 2).map(({ id }) => ({ id }));
  await store.deliveries?.claimDeliveries(hook, wanted, lease);
  return samples;
}

async function fillDocument(
  store: DocumentStore,
  random: Random,
  { id, edits, n }: { readonly id: DocumentId; readonly edits: number; readonly n: number },
): Promise<SampleDocument> {
  const doc = new Y.Doc();
  doc.clientID = 1_000 + n;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  doc.getText('text').insert(0, '');
  while (updates.length < edits) editSomewhere(random, doc);
  const { generation } = await store.open(id, 60_000 + n);
  const rows = updates.map((update) => ({ update, clientId: doc.clientID, author: `user:${n} é` }));
  const half = Math.floor(rows.length / 2);
  const base = { id, generation };
  if (rows.length > 0) {
    await store.append([{ ...base, committedAt: 61_000 + n, rows: rows.slice(0, half) }]);
    const receipt = { key: `receipt-${n}`, digest: `digest-${n}` };
    await store.append([{ ...base, committedAt: 125_000 + n, rows: rows.slice(half), guard: { receipt } }]);
  }
  // Of two documents in three a snapshot, of one in three with a trimmed log.
  if (rows.length > 2 && n % 3 > 0) {
    const since = encodeUpdateList(updates.slice(0, half));
    const compacted = compactUpdates({ state: undefined, since });
    await store.writeSnapshot(id, generation, { seq: half, ...compacted }, n % 3 === 1 ? half - 1 : 0);
  }
  await store.addLink(link(id, n + 1), 9);
  if (n % 4 === 1) await store.rename(id, parseDocumentId(`team/renamed-${n}`), 130_000);
  const named = n % 4 === 1 ? parseDocumentId(`team/renamed-${n}`) : id;
  if (n % 7 === 6) await store.remove(named, 140_000);
  return { id: named, doc };
}
