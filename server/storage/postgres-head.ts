import { CoscribeError } from '../../shared/errors.js';
import type { Row } from './postgres-connections.js';
import { DOCUMENT_COLUMNS, damaged, readDocument, readPosition } from './postgres-documents.js';
import { readSnapshotRecord } from './postgres-snapshots.js';
import type { DocumentHead } from './store.js';

/** What `OPEN_DOCUMENT` gives. @throws CoscribeError `document-deleted`; `document-unreadable` unless log and snapshot are where the document says */
export function readOpened([deleted, ...row]: Row): {
  readonly head: DocumentHead;
  readonly sealedAs: string;
} {
  if (deleted === true) throw new CoscribeError('document-deleted');
  const { generation, sealedAs, head, firstRow } = readDocument(row);
  const [snapshotSeq, snapshotBytes, first, last, ...snapshot] = row.slice(DOCUMENT_COLUMNS);
  const whole = firstRow > head ? first === null : Number(first) === firstRow && Number(last) === head;
  const position = readPosition([generation, head, firstRow, snapshotSeq, snapshotBytes]);
  if (!whole || position.snapshotSeq < firstRow - 1) throw damaged('the log');
  if (snapshot[0] === null && position.snapshotSeq === 0)
    return { sealedAs, head: { ...position, snapshotIndex: new Uint8Array() } };
  const { index } = readSnapshotRecord(sealedAs, position.snapshotSeq, snapshot);
  return { sealedAs, head: { ...position, snapshotIndex: index } };
}
