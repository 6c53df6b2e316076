import type { VerifiedDocument, VerifyProblem } from '../../workers/crdt-work.js';
import type { LogRow } from '../store.js';
import type { Finding } from './findings.js';
import type { ReadDocument, StoredDocument } from './store-reader.js';

/** Looks whether snapshot and log make one document: the part that needs Yjs. */
export type Verify = (document: VerifiedDocument) => Promise<readonly VerifyProblem[]>;

/** So many rows of one kind are named; the others are counted. */
const MOST_NAMED = 5;

/** Everything that is wrong with one document. */
export async function checkDocument(read: ReadDocument, verify: Verify): Promise<readonly Finding[]> {
  const { name, document, findings } = read;
  const own = fewer(findings);
  if (document === undefined) return own;
  const found = (kind: Finding['kind'], what: string): Finding => ({ kind, document: name, what });
  const bounds = [...checkBounds(document)].map(([kind, what]) => found(kind, what));
  const unread = findings.some(({ kind }) => kind.startsWith('snapshot-'));
  // Without its snapshot a log that was trimmed builds on what nobody has.
  if (unread && document.firstRow > 1) return [...own, ...bounds];
  const problems = await verify(parts(document));
  return [...own, ...bounds, ...problems.map(({ kind, what }) => found(kind, what))];
}

/** What Yjs has to look at: the rows from the first one to the first gap. */
export function parts(document: StoredDocument): VerifiedDocument {
  const { snapshot, firstRow } = document;
  const run = withoutGaps(document.rows, firstRow);
  // Rows after a gap behind the snapshot's can be looked at all the same.
  if (run.length < document.rows.length && snapshot !== undefined) {
    const tail = withoutGaps(
      document.rows.filter(({ seq }) => seq > snapshot.seq),
      snapshot.seq + 1,
    );
    if (firstRow + run.length <= snapshot.seq)
      return { snapshot, first: snapshot.seq + 1, updates: updatesOf(tail) };
  }
  return { snapshot, first: firstRow, updates: updatesOf(run) };
}

function updatesOf(rows: readonly LogRow[]): readonly Uint8Array[] {
  return rows.map(({ update }) => update);
}

/** The rows `first`, `first + 1` … as far as they are there. */
export function withoutGaps(rows: readonly LogRow[], first: number): readonly LogRow[] {
  const gap = rows.findIndex(({ seq }, at) => seq !== first + at);
  return gap < 0 ? rows : rows.slice(0, gap);
}

function* checkBounds(document: StoredDocument): Generator<[Finding['kind'], string]> {
  const { head, firstRow, snapshotSeq, rows, createdAt, updatedAt } = document;
  if (firstRow < 1 || firstRow > head + 1)
    yield ['record-contradicts', `its log begins at ${firstRow} and ends at ${head}`];
  if (snapshotSeq > head)
    yield ['record-contradicts', `its snapshot is up to row ${snapshotSeq}, and its log to ${head}`];
  if (snapshotSeq < firstRow - 1) {
    yield ['record-contradicts', `its log begins at ${firstRow}, and its snapshot is up to ${snapshotSeq}`];
  }
  for (const [from, to] of gaps(document)) {
    const which = from === to ? `row ${from} is` : `rows ${from} to ${to} are`;
    yield ['log-row-missing', `log ${which} missing or damaged`];
  }
  for (const { seq } of rows)
    if (seq > head) yield ['log-row-beyond-head', `log row ${seq} is after the last one, ${head}`];
  // Rows at the end that are gone together with the number of the last one: a receipt remembers.
  const seen = document.receipts.reduce((most, { seq = 0 }) => Math.max(most, seq), 0);
  if (seen > head)
    yield ['log-row-missing', `its log ends at ${head}, and a receipt is for row ${seen}, which was written`];
  const last = rows.find(({ seq }) => seq === head);
  if (updatedAt !== createdAt && head === 0)
    yield ['times-wrong', 'it was never edited, and has a time of that'];
  if (last !== undefined && last.committedAt !== updatedAt)
    yield ['times-wrong', 'the time of its last edit is not that of the last log row'];
}

/** From where to where rows are missing; the last of many goes to the end. */
function* gaps({ rows, firstRow, head }: StoredDocument): Generator<[number, number]> {
  let next = firstRow;
  let found = 0;
  for (const { seq } of rows) {
    if (seq > head) break;
    if (seq > next && ++found < MOST_NAMED) yield [next, seq - 1];
    if (found < MOST_NAMED) next = seq + 1;
  }
  if (next <= head) yield [next, head];
}

/** Of many damaged rows a few are named. */
function fewer(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<string, number>();
  const kept = findings.filter(({ kind }) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= MOST_NAMED;
  });
  const document = findings[0]?.document;
  const more = [...counts]
    .filter(([, count]) => count > MOST_NAMED)
    .map(
      ([kind, count]): Finding => ({
        kind: kind as Finding['kind'],
        ...(document !== undefined && { document }),
        what: `and ${count - MOST_NAMED} more of this kind`,
      }),
    );
  return [...kept, ...more];
}
