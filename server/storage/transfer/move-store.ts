import { setImmediate as breathe } from 'node:timers/promises';
import type { Finding } from '../check/findings.js';
import type { MendingWork } from '../check/mend.js';
import { mend } from '../check/mend.js';
import type { ReadDocument, StoreReader } from '../check/store-reader.js';
import type { StoreWriter } from './store-writer.js';

/** What became of one document. */
export type Moved =
  /** Everything of it is there now. `repairs` if something had to be mended. */
  | { readonly id: string; readonly became: 'copied'; readonly repairs: readonly string[] }
  /** It was there already, from an earlier attempt: the same generation. */
  | { readonly id: string; readonly became: 'there' }
  /** Another document has its name there, which stays as it is. */
  | { readonly id: string; readonly became: 'taken' }
  /** It is damaged, and cannot be mended without losing edits. */
  | { readonly id: string; readonly became: 'damaged'; readonly findings: readonly Finding[] };

export interface MoveOptions {
  readonly work: MendingWork;
  /** Says what would be done, and does nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Only this document. */
  readonly document?: string;
  /** Whether all that the target has is of an earlier attempt: what the source has otherwise by now is written again. */
  readonly resumed?: boolean;
  onMoved?(moved: Moved, done: number): void;
  /** What is to be done with a damaged one besides naming it. */
  onDamaged?(read: ReadDocument, findings: readonly Finding[]): Promise<void>;
}

/** How many documents became what. */
export type MoveCounts = Readonly<Record<Moved['became'], number>>;

/**
 * Copies documents from one store into another, with everything that belongs to them, one transaction each: what ends it early
 * leaves whole documents, and doing it again goes on.
 *
 * @throws whatever the signal was aborted with; what the stores throw
 */
export async function moveStore(
  source: StoreReader,
  target: StoreWriter,
  options: MoveOptions,
): Promise<MoveCounts> {
  const counts = { copied: 0, there: 0, taken: 0, damaged: 0 };
  let done = 0;
  if (options.dryRun !== true && options.document === undefined)
    await target.writeRest(await source.rest(), options.resumed === true);
  for await (const read of source.documents(options.document)) {
    // SQLite never waits, and a signal would come when all is done.
    await breathe();
    options.signal?.throwIfAborted();
    const moved = await moveDocument(read, target, options);
    counts[moved.became]++;
    options.onMoved?.(moved, ++done);
  }
  return counts;
}

async function moveDocument(read: ReadDocument, target: StoreWriter, options: MoveOptions): Promise<Moved> {
  const { name: id } = read;
  const { document, findings, repairs } = await mend(read, options.work);
  if (document === undefined) {
    await options.onDamaged?.(read, findings);
    return { id, became: 'damaged', findings };
  }
  const there = await target.find(document.id);
  if (there !== undefined) {
    const { generation, head, deletedAt } = document;
    const same = there.generation === generation;
    if (options.resumed === true) {
      if (same && there.head === head && there.deletedAt === deletedAt) return { id, became: 'there' };
    } else return { id, became: same && there.head >= head ? 'there' : 'taken' };
  }
  const { dryRun = false, resumed = false } = options;
  // Nodes of the target may be quicker.
  if (!dryRun && !(await target.write(document, resumed))) return { id, became: 'taken' };
  return { id, became: 'copied', repairs };
}
