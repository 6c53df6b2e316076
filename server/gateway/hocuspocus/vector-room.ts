import { MAX_STATE_VECTOR_BYTES } from '../../../shared/state-vector.js';

/** Of all state vectors that are kept for one connection, in bytes; decoded they take some 16 times that. */
const MOST_BYTES = 4 * MAX_STATE_VECTOR_BYTES;

/**
 * Bounds what is kept of one connection's state vectors: each of its documents brings one before anybody knows whether he may
 * have the document, and nobody may ever let him in.
 */
export class VectorRoom {
  private readonly kept = new Map<object, number>();

  /** @returns whether `owner` may keep one of so many bytes, instead of the one that it had */
  take(owner: object, bytes: number): boolean {
    this.kept.delete(owner);
    let sum = bytes;
    for (const one of this.kept.values()) sum += one;
    if (bytes > MAX_STATE_VECTOR_BYTES || sum > MOST_BYTES) return false;
    this.kept.set(owner, bytes);
    return true;
  }

  /** It keeps none any more. */
  leave(owner: object): void {
    this.kept.delete(owner);
  }
}
