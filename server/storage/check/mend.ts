import type { Compacted, VerifiedDocument, VerifyProblem } from '../../workers/crdt-work.js';
import type { LogRow } from '../store.js';
import { checkDocument, withoutGaps } from './check-document.js';
import type { Finding } from './findings.js';
import type { ReadDocument, StoredAuthor, StoredDocument } from './store-reader.js';

/** What needs Yjs. */
export interface MendingWork {
  verify(document: VerifiedDocument): Promise<readonly VerifyProblem[]>;
  /** Merges a state and updates since into one state, with its index. @throws if they don't load */
  merge(state: Uint8Array | undefined, updates: readonly Uint8Array[]): Compacted;
}

/** What became of a document. */
export interface Mended {
  /** Whole now; `undefined` if it cannot be made whole without losing edits, and has to be set aside. */
  readonly document: StoredDocument | undefined;
  readonly findings: readonly Finding[];
  /** What was done, as sentences without a full stop. */
  readonly repairs: readonly string[];
}

/**
 * Makes a document whole out of what is whole of it, if no edit is lost by that: derived facts are derived again, a damaged
 * snapshot is left out where the log reaches back to the beginning, and damaged log rows are left out where the
 * snapshot has their edits.
 */
export async function mend(read: ReadDocument, work: MendingWork): Promise<Mended> {
  const verify = (document: VerifiedDocument) => work.verify(document);
  const findings = await checkDocument(read, verify);
  if (findings.length === 0 || read.document === undefined)
    return { document: read.document, findings, repairs: [] };
  const repairs: string[] = [];
  for (const document of candidates(read.document, findings, work, repairs)) {
    const again = { ...read, document, findings: [] };
    if ((await checkDocument(again, verify)).length === 0) return { document, findings, repairs };
    repairs.length = 0;
  }
  return { document: undefined, findings, repairs: [] };
}

/** Ways to make it whole, the one that keeps most first. */
function* candidates(
  document: StoredDocument,
  findings: readonly Finding[],
  work: MendingWork,
  repairs: string[],
): Generator<StoredDocument> {
  const { snapshot } = document;
  const parts = leftOut(findings);
  const suspect = findings.some(
    ({ kind }) => kind === 'snapshot-contradicts-log' || kind === 'snapshot-does-not-load',
  );
  if (snapshot !== undefined && !suspect) {
    const run = lastRun(document.rows);
    const rows = (run.at(-1)?.seq ?? 0) >= document.head ? run : [];
    const first = rows[0]?.seq ?? snapshot.seq + 1;
    if (first <= snapshot.seq + 1 && (rows.length > 0 || snapshot.seq >= document.head)) {
      const index = attempt(() => work.merge(snapshot.state, []).index) ?? snapshot.index;
      if (Buffer.compare(index, snapshot.index) !== 0)
        repairs.push('the index was made again out of the snapshot');
      if (first !== document.firstRow)
        repairs.push(`the log begins at row ${first} now; the snapshot has what was before`);
      repairs.push(...parts);
      yield derived({
        ...document,
        rows,
        firstRow: first,
        snapshotSeq: snapshot.seq,
        snapshot: { ...snapshot, index },
      });
    }
  }
  const whole = withoutGaps(document.rows, 1);
  const empty = document.head === 0 && document.rows.length === 0;
  if (empty || (whole.length === document.rows.length && whole.length > 0 && whole.length >= document.head)) {
    if (snapshot !== undefined || document.snapshotSeq > 0)
      repairs.push('the snapshot was left out; the log has everything');
    repairs.push(...parts);
    yield derived({ ...document, firstRow: 1, snapshotSeq: 0, snapshot: undefined });
  }
}

/** What else was damaged is not taken along. */
function leftOut(findings: readonly Finding[]): readonly string[] {
  const names: Partial<Record<Finding['kind'], string>> = {
    'record-damaged': 'its name was taken from the index of names',
    'author-damaged': 'damaged authors were taken from the log, or left out',
    'link-damaged': 'damaged links were left out',
    'receipt-damaged': 'damaged receipts were left out',
    'name-damaged': 'damaged earlier names were left out',
    'delivery-damaged': 'damaged records of what webhooks were told were left out',
    'times-wrong': 'the times were derived again',
    'left-over': 'what belongs to nothing was left out',
  };
  return [...new Set(findings.flatMap(({ kind }) => names[kind] ?? []))];
}

/** What follows from the log. */
function derived(document: StoredDocument): StoredDocument {
  const { rows, snapshotSeq, firstRow, updatedAt } = document;
  const last = rows.at(-1);
  return {
    ...document,
    head: last?.seq ?? Math.max(snapshotSeq, firstRow - 1),
    updatedAt: last?.committedAt ?? updatedAt,
    authors: withAuthorsOf(rows, document.authors),
  };
}

function withAuthorsOf(rows: readonly LogRow[], authors: readonly StoredAuthor[]): readonly StoredAuthor[] {
  const known = new Map(authors.map(({ clientId, author }) => [clientId, author]));
  for (const { clientId, author } of rows) if (!known.has(clientId)) known.set(clientId, author);
  return [...known].map(([clientId, author]) => ({ clientId, author }));
}

/** The rows after the last gap. */
function lastRun(rows: readonly LogRow[]): readonly LogRow[] {
  let start = rows.length;
  while (start > 0 && (start === rows.length || rows[start - 1]?.seq === (rows[start]?.seq ?? 0) - 1))
    start--;
  return rows.slice(start);
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
