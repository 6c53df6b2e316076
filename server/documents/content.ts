import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { JoinRequest } from '../../shared/protocol.js';
import { decodeStateVector } from '../../shared/state-vector.js';
import { sectionsOf } from '../../shared/update-order.js';
import { knownBy, trimKnown } from '../../shared/update-trim.js';
import type { LogRow, Snapshot } from '../storage/store.js';
import type { DocumentServices } from './services.js';
import type { StoredState } from './stored-state.js';

/** Beyond this many missed edits the whole document is cheaper than the log. */
const MAX_CATCH_UP_ROWS = 2_000;

/** A snapshot of fewer bytes is sent whole: finding out what a copy lacks of it would take longer. */
export const DEFAULT_DIFF_AT_BYTES = 64 * 1024;

/** Updates that bring a copy to `upTo`, from where the tail in memory goes on. */
export interface ContentBefore {
  readonly updates: readonly Uint8Array[];
  readonly upTo: number;
  /** Whether everybody gets the same who gets the whole document. */
  readonly whole: boolean;
}

/** The document that somebody joins. */
export interface ContentSource {
  readonly id: DocumentId;
  readonly generation: string;
  readonly stored: StoredState;
  /** Last `seq` that is here. */
  readonly head: number;
  /** Fulfils once everything is here that is in the store now. */
  catchUp(): Promise<void>;
}

type Services = Pick<DocumentServices, 'store' | 'snapshots' | 'crdt' | 'diffAtBytes' | 'log'>;

/** How often the content for a join is looked for while other nodes merge and trim the log. */
const MAX_ATTEMPTS = 3;

/**
 * Whether the tail goes on where the content ends. A compaction may have shortened the tail meanwhile. To be asked right
 * before both are put together.
 */
export function fitsTail({ upTo }: ContentBefore, { stored, head }: ContentSource): boolean {
  return upTo >= stored.tail.first - 1 && upTo <= head;
}

/**
 * What a client needs before the tail: nothing, the log rows in between, the snapshot, or what its copy lacks of the
 * snapshot. That last one is for this client alone. Costs bytes, no CRDT work on this thread.
 *
 * @throws CoscribeError `store-unavailable`, `document-unreadable`
 */
export async function contentBefore(
  source: ContentSource,
  request: Pick<JoinRequest, 'seq' | 'stateVector'>,
  services: Services,
): Promise<ContentBefore> {
  for (let attempt = 1; ; attempt++) {
    const before = await unlessTrimmed(attempt, () => read(source, request, services));
    if (before !== undefined && before.upTo <= source.head) return before;
    // Another node has trimmed the log, or its snapshot is ahead of what is here.
    await source.catchUp();
  }
}

/** `undefined` if another node may have trimmed the log meanwhile. */
async function unlessTrimmed<T>(attempt: number, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (attempt >= MAX_ATTEMPTS || !(error instanceof CoscribeError) || error.code !== 'internal')
      throw error;
    return undefined;
  }
}

async function read(
  { id, generation, stored }: ContentSource,
  { seq = 0, stateVector }: Pick<JoinRequest, 'seq' | 'stateVector'>,
  services: Services,
): Promise<ContentBefore> {
  const { store, snapshots } = services;
  const last = stored.tail.first - 1;
  if (seq >= last) return { updates: [], upTo: seq, whole: seq === 0 };
  // Whoever has nothing yet is better off with the snapshot: it is merged.
  if (seq > 0 && seq >= stored.firstRow - 1 && last - seq <= MAX_CATCH_UP_ROWS) {
    try {
      const rows = await store.readLog(id, seq, last - seq, generation);
      return { updates: lackedRows(rows, stateVector), upTo: last, whole: false };
    } catch (error) {
      // A compaction may have overtaken the reading and trimmed these rows; the snapshot has them.
      if (seq >= stored.firstRow - 1) throw error;
    }
  }
  const snapshot = await snapshots.read(id, generation, stored.snapshotSeq);
  if (snapshot === undefined) throw new CoscribeError('document-unreadable', 'its snapshot is gone');
  const upTo = snapshot.seq;
  const lacked = stateVector && (await lackedOf(id, snapshot, stateVector, services));
  if (lacked !== undefined) return { updates: [lacked], upTo, whole: false };
  return { updates: [snapshot.state], upTo, whole: true };
}

/** What a copy lacks of a snapshot, if that is much less than the snapshot and can be had at once. */
async function lackedOf(
  document: DocumentId,
  { state }: Snapshot,
  stateVector: Uint8Array,
  { crdt, diffAtBytes, log }: Services,
): Promise<Uint8Array | undefined> {
  if (state.length < diffAtBytes) return undefined;
  try {
    return await crdt.diff(state, stateVector);
  } catch (err) {
    // The snapshot itself does as well; it only takes longer on the line.
    log.debug({ document, err }, 'could not compare a copy with the document; it gets the whole');
    return undefined;
  }
}

/**
 * Rows of the log as a copy can take them. An edit may be in the log twice (see `CommittedClocks`), and Yjs throws at a
 * struct of which it has the beginning as GC, so that of such a row only the rest is sent.
 */
function lackedRows(rows: readonly LogRow[], stateVector: Uint8Array | undefined): Uint8Array[] {
  if (stateVector === undefined) return rows.map(({ update }) => update);
  const clocks = decodeStateVector(stateVector);
  const known = knownBy(clocks);
  return rows.map(({ update }) => {
    const sections = [...sectionsOf(update)];
    const overlaps = sections.some(({ client, from, to }) => {
      const next = known.clock(client);
      return from < next && next < to;
    });
    const lacked = overlaps ? trimKnown(update, known) : update;
    for (const { client, to } of sections) clocks.set(client, Math.max(to, known.clock(client)));
    return lacked;
  });
}
