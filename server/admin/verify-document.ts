import type { AdminVerification } from '../../shared/admin.js';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { LiveDocument } from '../documents/live-document.js';
import type { DocumentPosition, DocumentStore, Snapshot } from '../storage/store.js';
import type { CrdtWork, VerifyProblem } from '../workers/crdt-work.js';

const ROWS_PER_READ = 500;
/** A log that is trimmed while it is read is read again, so many times. */
const ATTEMPTS = 3;

/** What is wrong, by the names that `coscribe verify` has for it. */
const SENTENCES: Readonly<Record<VerifyProblem['kind'], string>> = {
  'snapshot-does-not-load': 'The snapshot does not load',
  'snapshot-contradicts-log': 'Snapshot and log contradict each other',
  'index-wrong': 'The index of the snapshot is wrong',
  'log-does-not-load': 'The log does not load',
};

export interface VerifyParts {
  readonly store: Pick<DocumentStore, 'positions' | 'readLog' | 'readSnapshot'>;
  readonly crdt: Pick<CrdtWork, 'verify'>;
  /** The documents that are loaded now. */
  loaded(): Iterable<Pick<LiveDocument, 'id' | 'generation' | 'compareWithStore'>>;
}

/**
 * Looks whether a document is what it should be: its log has no gaps, every row and the snapshot have the right checksums
 * (the store looks at them), both together load, and what this node has in memory of it is the same. The heavy part is in a
 * thread of its own.
 *
 * @throws CoscribeError `no-access` if there is no such document, `store-unavailable`; `server-busy` if it changes too fast
 */
export async function verifyDocument(id: DocumentId, parts: VerifyParts): Promise<AdminVerification> {
  for (let attempt = 1; ; attempt++) {
    const position = (await parts.store.positions([id])).get(id);
    if (position === undefined) throw new CoscribeError('no-access');
    const verification = await new Verification(id, position, parts).run();
    const now = (await parts.store.positions([id])).get(id);
    // What was found wrong may have been the work of others meanwhile.
    const isSame = now?.generation === position.generation && now.firstRow === position.firstRow;
    if (verification.ok || isSame) return verification;
    if (attempt === ATTEMPTS)
      throw new CoscribeError('server-busy', 'the document was merged or replaced while it was looked at');
  }
}

/** One look at a document, as it stood at the beginning of it. */
class Verification {
  private readonly problems: string[] = [];
  private rows = 0;
  private bytes = 0;

  constructor(
    private readonly id: DocumentId,
    private readonly position: DocumentPosition,
    private readonly parts: VerifyParts,
  ) {}

  async run(): Promise<AdminVerification> {
    const snapshot = await this.snapshot();
    const updates = await this.log();
    // What cannot be read cannot be loaded.
    if (this.problems.length === 0) await this.load(snapshot, updates);
    if (this.problems.length === 0) await this.compare();
    const { problems, rows, bytes } = this;
    return { ok: problems.length === 0, problems, rows, bytes };
  }

  private async snapshot(): Promise<Snapshot | undefined> {
    const { generation, snapshotSeq } = this.position;
    if (snapshotSeq === 0) return undefined;
    const snapshot = await this.unlessDamaged('The snapshot cannot be read', () =>
      this.parts.store.readSnapshot(this.id, generation),
    );
    if (snapshot === undefined) {
      if (this.problems.length === 0) this.problems.push('The snapshot is missing.');
      return undefined;
    }
    this.bytes += snapshot.state.length;
    if (snapshot.seq < snapshotSeq)
      this.problems.push(`The snapshot is of row ${snapshot.seq}, and should be of row ${snapshotSeq}.`);
    return snapshot;
  }

  /** @returns the updates that are there */
  private async log(): Promise<readonly Uint8Array[]> {
    const { generation, head, firstRow, snapshotSeq } = this.position;
    if (firstRow > snapshotSeq + 1)
      this.problems.push(
        `Rows ${snapshotSeq + 1} to ${firstRow - 1} are missing between the snapshot and the log.`,
      );
    const updates: Uint8Array[] = [];
    for (let at = firstRow - 1; at < head; ) {
      const limit = Math.min(ROWS_PER_READ, head - at);
      const rows = await this.unlessDamaged(`The log cannot be read after row ${at}`, () =>
        this.parts.store.readLog(this.id, at, limit, generation),
      );
      if (rows === undefined) break;
      if (rows.length === 0) {
        this.problems.push(`The log ends at row ${at}, and should go on to row ${head}.`);
        break;
      }
      for (const { seq, update } of rows) {
        if (seq !== at + 1) {
          this.problems.push(`Row ${at + 1} is missing: row ${seq} comes after row ${at}.`);
          return updates;
        }
        at = seq;
        this.rows++;
        this.bytes += update.length;
        updates.push(update);
      }
    }
    return updates;
  }

  private async load(snapshot: Snapshot | undefined, updates: readonly Uint8Array[]): Promise<void> {
    const { firstRow: first } = this.position;
    const found = await this.parts.crdt.verify({ snapshot, first, updates });
    for (const { kind, what } of found) this.problems.push(`${SENTENCES[kind]}: ${what}.`);
  }

  /** What this node has in memory, if it has the document. */
  private async compare(): Promise<void> {
    for (const document of this.parts.loaded()) {
      if (document.id !== this.id || document.generation !== this.position.generation) continue;
      const compared = await document.compareWithStore();
      if (compared !== 'equal' && compared !== 'trimmed')
        this.problems.push(
          `Row ${compared.wrong} is another one in the memory of this node than in the store.`,
        );
    }
  }

  /** @throws CoscribeError of what says nothing about the document */
  private async unlessDamaged<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (thrown) {
      const error = toCoscribeError(thrown);
      if (error.code === 'store-unavailable') throw error;
      this.problems.push(`${what}: ${error.message}`);
      return undefined;
    }
  }
}
