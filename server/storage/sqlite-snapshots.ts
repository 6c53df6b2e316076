import type Database from 'libsql';
import { bytesOf, checksum } from './checksum.js';
import { lastPiece, PIECE_BYTES, pieceCount, statePieces } from './snapshot-pieces.js';
import type { DocumentRow } from './sqlite-documents.js';
import { StoreFault } from './sqlite-errors.js';
import type { SnapshotPlace } from './sqlite-messages.js';
import { selectOne } from './sqlite-statement.js';
import { looseSum } from './sqlite-sums.js';
import type { DocumentPosition } from './store.js';

interface StoredPlace {
  readonly seq: number;
  readonly first: number;
  readonly pieceBytes: number;
  readonly stateBytes: number;
  readonly indexBytes: number;
  readonly checksum: number;
}

interface StoredPiece {
  readonly checksum: number;
  readonly content: unknown;
}

/** What the pieces of a document's snapshot need of its row. */
export type SnapshotOwner = Pick<DocumentRow, 'key' | 'sealedAs' | 'snapshotSeq'>;

/** How many pieces one transaction removes. */
const PIECES_PER_REMOVAL = 4;

/** The tables `snapshots`, `snapshot_pieces` and `loose_pieces`: the newest snapshot of each document. */
export class SnapshotRows {
  private readonly selectPlace;
  private readonly insertPlace;
  private readonly selectPiece;
  private readonly insertPiece;
  private readonly removePieces;
  private readonly selectLoose;
  private readonly insertLoose;
  private readonly removeLoose;
  private readonly selectNextKey;
  private readonly erasePieces;
  private readonly eraseRecords;

  constructor(database: Database.Database) {
    this.selectPlace = database.prepare(
      `SELECT seq, first_piece AS first, piece_bytes AS pieceBytes, state_bytes AS stateBytes,
        index_bytes AS indexBytes, checksum FROM snapshots WHERE document = ?`,
    );
    this.insertPlace = database.prepare(
      `INSERT OR REPLACE INTO snapshots (document, seq, first_piece, piece_bytes, state_bytes, index_bytes, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.selectPiece = database.prepare(
      'SELECT checksum, content FROM snapshot_pieces WHERE key = ? AND document = ?',
    );
    this.insertPiece = database.prepare(
      'INSERT INTO snapshot_pieces (key, document, checksum, content) VALUES (?, ?, ?, ?)',
    );
    // By the document too, so that no damaged range can reach what belongs to another one.
    this.removePieces = database.prepare(
      'DELETE FROM snapshot_pieces WHERE key BETWEEN ? AND ? AND document = ?',
    );
    this.selectLoose = database.prepare('SELECT first, last, document FROM loose_pieces LIMIT 1');
    this.insertLoose = database.prepare(
      'INSERT INTO loose_pieces (first, last, document, checksum) VALUES (?, ?, ?, ?)',
    );
    this.removeLoose = database.prepare('DELETE FROM loose_pieces WHERE first = ? AND document = ?');
    this.erasePieces = database.prepare(
      'DELETE FROM snapshot_pieces WHERE key IN (SELECT key FROM snapshot_pieces WHERE document = ? LIMIT ?)',
    );
    this.eraseRecords = ['snapshots', 'loose_pieces'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE document = ?`),
    );
    this.selectNextKey = database.prepare(
      `SELECT 1 + max(coalesce((SELECT max(key) FROM snapshot_pieces), 0),
        coalesce((SELECT max(last) FROM loose_pieces), 0)) AS next`,
    );
  }

  /** Where the document's snapshot lies. It must have one. @throws StoreFault `document-unreadable` */
  place({ key, sealedAs, snapshotSeq }: SnapshotOwner): SnapshotPlace {
    const row = selectOne(this.selectPlace, [key]) as StoredPlace | undefined;
    if (row === undefined) throw new StoreFault('document-unreadable', 'the snapshot is missing');
    const { seq, first, pieceBytes, stateBytes, indexBytes } = row;
    const place = { seq, first, pieceBytes, stateBytes, indexBytes };
    if (seq === snapshotSeq && placeSum(sealedAs, place) === row.checksum) return place;
    throw new StoreFault('document-unreadable', 'the record of the snapshot is damaged');
  }

  /** One piece's content. @throws StoreFault `document-unreadable` */
  read({ key, sealedAs }: SnapshotOwner, seq: number, piece: number): Uint8Array {
    const row = selectOne(this.selectPiece, [piece, key]) as StoredPiece | undefined;
    if (row === undefined) throw new StoreFault('document-unreadable', 'a piece of the snapshot is missing');
    const content = bytesOf(row.content);
    if (pieceSum(sealedAs, seq, piece, content) === row.checksum) return content;
    throw new StoreFault('document-unreadable', 'a piece of the snapshot is damaged');
  }

  /** The first pieces, as many as one step should take: of a small snapshot all. @throws StoreFault `document-unreadable` */
  readFirst(document: SnapshotOwner, place: SnapshotPlace): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (let key = place.first; key <= lastPiece(place); key++) {
      const piece = this.read(document, place.seq, key);
      pieces.push(piece);
      size += piece.length;
      if (size >= PIECE_BYTES / 2) break;
    }
    return pieces;
  }

  /** @throws StoreFault `document-unreadable` */
  readIndex(document: SnapshotOwner, place: SnapshotPlace): Uint8Array {
    const index = new Uint8Array(place.indexBytes);
    let offset = 0;
    for (let key = place.first + statePieces(place); key <= lastPiece(place); key++) {
      const piece = this.read(document, place.seq, key);
      index.set(piece, offset);
      offset += piece.length;
    }
    return index;
  }

  /** Sets keys aside for a snapshot that will be written in several transactions. @returns the first one */
  reserve({ key }: SnapshotOwner, count: number): number {
    const first = this.nextKey();
    this.addLoose(first, first + count - 1, key);
    return first;
  }

  /** A key above all that were ever given to a piece that still is, or will be, in the file. */
  nextKey(): number {
    return (selectOne(this.selectNextKey) as { readonly next: number }).next;
  }

  writePiece(
    { key, sealedAs }: SnapshotOwner,
    seq: number,
    piece: number,
    content: Uint8Array,
    sum?: number,
  ): void {
    this.insertPiece.run([piece, key, sum ?? pieceSum(sealedAs, seq, piece, content), content]);
  }

  /** What was reserved becomes part of a snapshot. @throws StoreFault `store-unavailable` if it was removed meanwhile */
  claim({ key }: SnapshotOwner, first: number): void {
    if (this.removeLoose.run([first, key]).changes === 1) return;
    throw new StoreFault('store-unavailable', 'the pieces of the snapshot were removed as left over');
  }

  /** Makes this the document's snapshot. All its pieces must be there. */
  replace(document: SnapshotOwner, place: SnapshotPlace): void {
    if (document.snapshotSeq > 0) this.loosen(document);
    const { seq, first, pieceBytes, stateBytes, indexBytes } = place;
    this.insertPlace.run([
      ...[document.key, seq, first, pieceBytes, stateBytes, indexBytes],
      placeSum(document.sealedAs, place),
    ]);
  }

  /** A small snapshot's pieces go at once, a large one's later, a few at a time. */
  private loosen(document: SnapshotOwner): void {
    const old = this.undamagedPlace(document);
    if (old === undefined || pieceCount(old) === 0) return;
    const last = lastPiece(old);
    if (pieceCount(old) <= PIECES_PER_REMOVAL) this.removePieces.run([old.first, last, document.key]);
    else this.addLoose(old.first, last, document.key);
  }

  private addLoose(first: number, last: number, document: number): void {
    this.insertLoose.run([first, last, document, looseSum(first, last, document)]);
  }

  /** A damaged record must not keep a good snapshot from taking its place; its pieces stay, nobody knows which. */
  private undamagedPlace(document: SnapshotOwner): SnapshotPlace | undefined {
    try {
      return this.place(document);
    } catch (error) {
      if (error instanceof StoreFault) return undefined;
      throw error;
    }
  }

  /** Whether pieces wait for their removal. */
  get hasLoose(): boolean {
    return selectOne(this.selectLoose) !== undefined;
  }

  /** Removes pieces of a document that is gone, also loose ones, a few at a time. @returns whether there may be more */
  erase(key: number): boolean {
    if (this.erasePieces.run([key, PIECES_PER_REMOVAL]).changes === PIECES_PER_REMOVAL) return true;
    for (const statement of this.eraseRecords) statement.run([key]);
    return false;
  }

  /** Removes a few loose pieces. Nothing may be under way that has reserved some. */
  removeSome(): void {
    const range = selectOne(this.selectLoose) as
      | { readonly first: number; readonly last: number; readonly document: number }
      | undefined;
    if (range === undefined) return;
    const { first, last, document } = range;
    const end = Math.min(last, first + PIECES_PER_REMOVAL - 1);
    this.removePieces.run([first, end, document]);
    this.removeLoose.run([first, document]);
    if (end < last) this.addLoose(end + 1, last, document);
  }
}

/** @param place of its snapshot, if it has one */
export function positionOf(
  { generation, head, firstRow, snapshotSeq }: DocumentRow,
  place: SnapshotPlace | undefined,
): DocumentPosition {
  return { generation, head, firstRow, snapshotSeq, snapshotBytes: place?.stateBytes ?? 0 };
}

/** Of a snapshot's record. @param sealedAs the first name of its document */
export function placeSum(
  sealedAs: string,
  { seq, first, pieceBytes, stateBytes, indexBytes }: SnapshotPlace,
): number {
  return checksum([sealedAs, seq, first, pieceBytes, stateBytes, indexBytes]);
}

/** The key says which piece it is, because the snapshot's record says where the pieces begin. */
export function pieceSum(sealedAs: string, seq: number, piece: number, content: Uint8Array): number {
  return checksum([sealedAs, seq, piece], content);
}
