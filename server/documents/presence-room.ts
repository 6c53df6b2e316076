/** For a state of up to so many bytes there is always room: as many are there as there are sessions. */
export const SMALL_STATE_BYTES = 1_024;
/** What the larger ones of one document may take beyond that, in bytes, and those of all documents of a node. */
export const MAX_LARGE_BYTES = 4 * 1024 * 1024;
const MAX_LARGE_OF_NODE = 64 * 1024 * 1024;

/** Room for the large states of a node's documents. */
export class PresenceRoom {
  private taken = 0;

  constructor(private readonly most = MAX_LARGE_OF_NODE) {}

  /** @returns `false` if there is no room for so many bytes more */
  take(bytes: number): boolean {
    if (bytes > 0 && this.taken + bytes > this.most) return false;
    this.taken += bytes;
    return true;
  }
}

/** Room for the large states of one document. */
export class LargeStates {
  private taken = 0;

  constructor(private readonly room: PresenceRoom) {}

  /**
   * One state stands in the place of another.
   *
   * @returns `false` if there is no room for it; then the other one stays
   */
  replace(before: string, after: string): boolean {
    const more = beyondSmall(after) - beyondSmall(before);
    if (more > 0 && this.taken + more > MAX_LARGE_BYTES) return false;
    if (!this.room.take(more)) return false;
    this.taken += more;
    return true;
  }

  /** None of them is there any more. */
  clear(): void {
    this.room.take(-this.taken);
    this.taken = 0;
  }
}

/** What a state takes beyond what there is always room for, in bytes. */
export function beyondSmall(json: string): number {
  // No character takes more than three bytes.
  return json.length * 3 <= SMALL_STATE_BYTES ? 0 : Math.max(0, Buffer.byteLength(json) - SMALL_STATE_BYTES);
}
