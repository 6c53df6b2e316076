import type { DocumentId } from '../../shared/ids.js';
import { shareableRoom } from '../workers/shared-bytes.js';
import { cut, PIECE_BYTES, pieceCount } from './snapshot-pieces.js';
import type { Input, OperationName, Output } from './sqlite-messages.js';
import type { Snapshot } from './store.js';

/** Has the storage thread do one step. */
export type Ask = <Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  transfer?: readonly ArrayBuffer[],
) => Promise<Output<Name>>;

/**
 * Writes a snapshot: a small one in one step, a large one piece by piece, each with its own commit, so that edits go
 * on in between. It becomes the document's in the last step; whatever a failure leaves belongs to no snapshot, and the
 * next writing removes it. Only one may be under way at a time.
 */
export async function writeSnapshot(
  ask: Ask,
  { id, generation, snapshot, trimTo }: SnapshotToWrite,
): Promise<void> {
  const { seq, state, index } = snapshot;
  const sizes = { pieceBytes: PIECE_BYTES, stateBytes: state.length, indexBytes: index.length };
  const target = { id, generation, seq, trimTo };
  const contents = [...cut(state, PIECE_BYTES), ...cut(index, PIECE_BYTES)];
  let untidy = true;
  try {
    if (state.length + index.length <= PIECE_BYTES) {
      const pieces = contents.map((content) => new Uint8Array(content));
      untidy = await ask('finishSnapshot', { ...target, first: undefined, sizes, pieces });
      return;
    }
    const first = await ask('beginSnapshot', { ...target, pieces: pieceCount(sizes) });
    if (first === undefined) return;
    for (const [offset, content] of contents.entries()) {
      // Copied only now: ten megabytes at once would hold up the thread that calls.
      const piece = new Uint8Array(content);
      await ask('writePiece', { id, generation, seq, key: first + offset, content: piece }, [piece.buffer]);
    }
    untidy = await ask('finishSnapshot', { ...target, first, sizes, pieces: [] });
  } finally {
    if (untidy) await tidy(ask, id);
  }
}

export interface SnapshotToWrite {
  readonly id: DocumentId;
  readonly generation: string;
  readonly snapshot: Snapshot;
  readonly trimTo: number;
}

async function tidy(ask: Ask, id: DocumentId): Promise<void> {
  try {
    while (await ask('tidy', { id }));
  } catch {
    // The snapshot is stored, or its own error is on its way. What is left takes room, and the next writing removes it.
  }
}

/** Reads a snapshot piece by piece; begins again if a newer one takes its place meanwhile. */
export async function readSnapshot(
  ask: Ask,
  id: DocumentId,
  generation?: string,
): Promise<Snapshot | undefined> {
  for (;;) {
    const found = await ask('readSnapshot', { id, generation });
    if (found === undefined) return undefined;
    const { place, pieces } = found;
    const current = found.generation;
    const assembly = new Assembly(place.stateBytes, place.indexBytes);
    for (const piece of pieces) assembly.add(piece);
    const end = place.first + pieceCount(place);
    let key = place.first + pieces.length;
    while (key < end) {
      const piece = await ask('readPiece', { id, generation: current, place, key });
      if (piece === undefined) break;
      assembly.add(piece);
      key++;
    }
    if (key === end) return { seq: place.seq, state: assembly.state, index: assembly.index };
  }
}

/** State and index out of their pieces. */
class Assembly {
  readonly state: Uint8Array;
  readonly index: Uint8Array;
  private filled = 0;

  constructor(stateBytes: number, indexBytes: number) {
    this.state = shareableRoom(stateBytes);
    this.index = new Uint8Array(indexBytes);
  }

  add(piece: Uint8Array): void {
    const { state, index } = this;
    if (this.filled < state.length) state.set(piece, this.filled);
    else index.set(piece, this.filled - state.length);
    this.filled += piece.length;
  }
}
