import type Database from 'libsql';
import { pieceCount, statePieces } from '../snapshot-pieces.js';
import { messageOf } from '../sqlite-errors.js';
import { pieceSum, placeSum } from '../sqlite-snapshots.js';
import type { Snapshot } from '../store.js';
import type { FindingKind } from './findings.js';
import { asBytes, asNumber, blob, selectAll, whole } from './sqlite-values.js';

const PLACE = `SELECT ${whole('seq', 'seq')}, ${whole('first_piece', 'first')}, ${whole('piece_bytes', 'pieceBytes')},
  ${whole('state_bytes', 'stateBytes')}, ${whole('index_bytes', 'indexBytes')}, ${whole('checksum', 'checksum')}
  FROM snapshots WHERE document = ?`;

const PIECES = `SELECT ${whole('key', 'key')}, ${whole('checksum', 'checksum')}, ${blob('content', 'content')}
  FROM snapshot_pieces WHERE key >= ? AND key < ? AND document = ? ORDER BY key`;

interface Owner {
  readonly key: number;
  readonly sealedAs: string;
  readonly snapshotSeq: number;
}

/** Where a snapshot lies. */
interface Place {
  readonly seq: number;
  readonly first: number;
  readonly pieceBytes: number;
  readonly stateBytes: number;
  readonly indexBytes: number;
}

type Find = (kind: FindingKind, what: string) => undefined;

/** A document's snapshot, if it has one and it is whole. */
export function readSnapshotRows(
  database: Database.Database,
  owner: Owner,
  find: Find,
): Snapshot | undefined {
  try {
    const place = readPlace(database, owner, find);
    return place && readPieces(database, owner, place, find);
  } catch (error) {
    return find('snapshot-damaged', `the snapshot cannot be read (${messageOf(error)})`);
  }
}

function readPlace(database: Database.Database, owner: Owner, find: Find): Place | undefined {
  const { key, sealedAs, snapshotSeq } = owner;
  const row = selectAll(database, PLACE, [key])[0];
  if (row === undefined) {
    return snapshotSeq === 0 ? undefined : find('snapshot-missing', 'the record of its snapshot is missing');
  }
  if (snapshotSeq === 0) return find('left-over', 'there is a snapshot, but it has none');
  const place = {
    seq: asNumber(row.seq),
    first: asNumber(row.first),
    pieceBytes: asNumber(row.pieceBytes),
    stateBytes: asNumber(row.stateBytes),
    indexBytes: asNumber(row.indexBytes),
  };
  if (placeSum(sealedAs, place) !== row.checksum)
    return find('snapshot-damaged', 'the checksum of the record of its snapshot is wrong');
  if (place.seq === snapshotSeq) return place;
  return find('snapshot-damaged', `its snapshot is up to row ${place.seq}, and not to ${snapshotSeq}`);
}

function readPieces(
  database: Database.Database,
  { key, sealedAs }: Owner,
  place: Place,
  find: Find,
): Snapshot | undefined {
  const { seq, first, stateBytes, indexBytes } = place;
  const count = pieceCount(place);
  const pieces = selectAll(database, PIECES, [first, first + count, key]);
  if (pieces.length !== count)
    return find('snapshot-damaged', `${count - pieces.length} pieces of its snapshot are missing`);
  const contents = pieces.map((piece) => {
    const content = asBytes(piece.content);
    const whole = pieceSum(sealedAs, seq, asNumber(piece.key), content) === piece.checksum;
    return whole ? content : undefined;
  });
  const damaged = contents.indexOf(undefined);
  if (damaged >= 0)
    return find(
      'snapshot-damaged',
      `the checksum of piece ${damaged + 1} of ${count} of its snapshot is wrong`,
    );
  const whole = contents.filter((content) => content !== undefined);
  const state = joined(whole.slice(0, statePieces(place)));
  const index = joined(whole.slice(statePieces(place)));
  if (state.length === stateBytes && index.length === indexBytes) return { seq, state, index };
  return find('snapshot-damaged', 'the pieces of its snapshot have another length together');
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
