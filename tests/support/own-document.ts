import type {
  AccessSubject,
  DocumentPosition,
  DocumentSummary,
  LogRow,
  Receipt,
  Snapshot,
  StoredLink,
} from '../../server/index.js';
import type { DocumentId } from '../../shared/index.js';

/** What is so from a line of the file on. */
export type Line =
  | { readonly is: 'made'; readonly id: DocumentId; readonly generation: string; readonly at: number }
  | {
      readonly is: 'appended';
      readonly id: DocumentId;
      readonly rows: readonly LogRow[];
      readonly receipt?: Receipt;
    }
  | { readonly is: 'merged'; readonly id: DocumentId; readonly snapshot: Snapshot; readonly trimTo: number }
  | { readonly is: 'deleted'; readonly id: DocumentId; readonly at: number | undefined }
  | { readonly is: 'erased'; readonly id: DocumentId }
  | { readonly is: 'renamed'; readonly id: DocumentId; readonly to: DocumentId; readonly at: number }
  | { readonly is: 'kept'; readonly receipt: Receipt }
  | { readonly is: 'forgotten'; readonly key: string }
  | { readonly is: 'linked'; readonly link: StoredLink }
  | { readonly is: 'unlinked'; readonly id: DocumentId; readonly link: string }
  | { readonly is: 'changed'; readonly subject: AccessSubject; readonly at: number };

/** A document, deleted or not. */
export interface Kept {
  readonly generation: string;
  readonly createdAt: number;
  updatedAt: number;
  deletedAt: number | undefined;
  head: number;
  rows: LogRow[];
  snapshot: Snapshot | undefined;
  readonly authors: Map<number, string>;
  readonly links: Map<string, StoredLink>;
}

export function made(generation: string, at: number): Kept {
  return {
    generation,
    createdAt: at,
    updatedAt: at,
    deletedAt: undefined,
    head: 0,
    rows: [],
    snapshot: undefined,
    authors: new Map(),
    links: new Map(),
  };
}

export function change(
  kept: Kept,
  line: Exclude<Line, { readonly is: 'made' | 'erased' | 'renamed' | 'kept' | 'forgotten' | 'changed' }>,
): void {
  switch (line.is) {
    case 'appended':
      for (const row of line.rows) {
        kept.rows.push(row);
        if (!kept.authors.has(row.clientId)) kept.authors.set(row.clientId, row.author);
        kept.head = row.seq;
        kept.updatedAt = row.committedAt;
      }
      break;
    case 'merged':
      kept.snapshot = line.snapshot;
      kept.rows = kept.rows.filter(({ seq }) => seq > line.trimTo);
      break;
    case 'deleted':
      kept.deletedAt = line.at;
      break;
    case 'linked':
      kept.links.set(line.link.id, line.link);
      break;
    case 'unlinked':
      kept.links.delete(line.link);
  }
}

export function positionOf({ generation, head, rows, snapshot }: Kept): DocumentPosition {
  return {
    generation,
    head,
    firstRow: head + 1 - rows.length,
    snapshotSeq: snapshot?.seq ?? 0,
    snapshotBytes: snapshot?.state.length ?? 0,
  };
}

export function summaryOf(id: DocumentId, { head, createdAt, updatedAt }: Kept): DocumentSummary {
  return { id, head, createdAt, updatedAt };
}
