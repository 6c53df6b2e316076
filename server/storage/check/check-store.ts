import { setImmediate as breathe } from 'node:timers/promises';
import { checkDocument, type Verify } from './check-document.js';
import type { Finding } from './findings.js';
import type { StoreReader } from './store-reader.js';

/** How far a check has come. */
export interface CheckProgress {
  readonly done: number;
  readonly total: number;
}

export interface CheckOptions {
  readonly verify: Verify;
  /** Only this document; then nothing is said about what belongs to none. */
  readonly document?: string;
  readonly signal?: AbortSignal;
  onProgress?(progress: CheckProgress): void;
  onFinding?(finding: Finding): void;
}

/** What was looked at. */
export interface CheckResult {
  readonly documents: number;
  readonly logRows: number;
  readonly snapshots: number;
  readonly findings: readonly Finding[];
  /** What was not looked at, or has to be known besides, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Checks every document of a store, and what belongs to none.
 *
 * @throws whatever the signal was aborted with; CoscribeError if the store cannot be reached
 */
export async function checkStore(reader: StoreReader, options: CheckOptions): Promise<CheckResult> {
  const { verify, document: only, signal } = options;
  const findings: Finding[] = [];
  const add = (found: readonly Finding[]) => {
    for (const finding of found) {
      findings.push(finding);
      options.onFinding?.(finding);
    }
  };
  let documents = 0;
  let logRows = 0;
  let snapshots = 0;
  if (only === undefined) add(await reader.structure());
  for await (const read of reader.documents(only)) {
    // SQLite never waits, and a signal would come when all is done.
    await breathe();
    signal?.throwIfAborted();
    add(await checkDocument(read, verify));
    documents++;
    logRows += read.document?.rows.length ?? 0;
    if (read.document?.snapshot !== undefined) snapshots++;
    options.onProgress?.({ done: documents, total: only === undefined ? reader.count : 1 });
  }
  if (only === undefined) add((await reader.rest()).findings);
  return { documents, logRows, snapshots, findings, notes: reader.notes };
}
