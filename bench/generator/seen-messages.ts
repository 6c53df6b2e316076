import { Kind, UpdateReader } from '../../shared/update-format.js';
import { FIRST_CLIENT_ID } from './edits.js';

/** A message that many clients get, taken apart once. */
export interface SeenMessage {
  readonly bytes: Buffer;
  readonly updates: readonly Uint8Array[];
  /** What was typed: number of the typist, first clock, number of characters; again and again. */
  readonly runs: readonly number[];
  /** What came after this message at whoever read it last: most likely what the next one reads after it, too. */
  next: SeenMessage | undefined;
}

/** Messages that are remembered at once: more than a server sends between its fastest client and its slowest. */
const KEPT = 4096;

/**
 * Recognizes messages that came before, at another client. A client reads what the others read, in the same order, so the
 * first guess is what followed there; a hash finds the rest. Every match is compared byte by byte.
 */
export class SeenMessages {
  /** Messages that had to be taken apart. */
  decoded = 0;
  private readonly byHash = new Map<number, SeenMessage>();
  private readonly hashes: number[] = [];
  private oldest = 0;

  /**
   * @param last what the same client got before
   * @param decode turns a message into its updates; gets a copy that stays
   * @throws CoscribeError `invalid-update` if it holds something else than Yjs updates
   */
  see(
    message: Buffer,
    last: SeenMessage | undefined,
    decode: (message: Buffer) => readonly Uint8Array[],
  ): SeenMessage {
    const guess = last?.next;
    if (guess?.bytes.equals(message)) return guess;
    // Whoever typed it does not get it: the others' order, without the client's own.
    const second = guess?.next;
    if (second?.bytes.equals(message)) return second;
    const hash = hashOf(message);
    const known = this.byHash.get(hash);
    const seen = known?.bytes.equals(message) ? known : this.take(message, hash, decode);
    if (last !== undefined && last !== seen) last.next = seen;
    return seen;
  }

  private take(
    message: Buffer,
    hash: number,
    decode: (message: Buffer) => readonly Uint8Array[],
  ): SeenMessage {
    const bytes = Buffer.from(message);
    const updates = decode(bytes);
    const seen: SeenMessage = { bytes, updates, runs: updates.flatMap(typedRuns), next: undefined };
    this.decoded++;
    if (this.hashes.length < KEPT) {
      this.hashes.push(hash);
    } else {
      this.forget(this.hashes[this.oldest] as number);
      this.hashes[this.oldest] = hash;
      this.oldest = (this.oldest + 1) % KEPT;
    }
    this.byHash.set(hash, seen);
    return seen;
  }

  private forget(hash: number): void {
    const seen = this.byHash.get(hash);
    // Without its successor, so that forgotten messages do not hold one another, and all later ones, in memory.
    if (seen !== undefined) seen.next = undefined;
    this.byHash.delete(hash);
  }
}

/** Number of the typist, first clock and number of characters of every run of text in an update. */
export function typedRuns(update: Uint8Array): number[] {
  const reader = new UpdateReader(update);
  const runs: number[] = [];
  while (reader.nextSection()) {
    while (reader.nextStruct()) {
      if (reader.kind !== Kind.skip) runs.push(reader.client - FIRST_CLIENT_ID, reader.clock, reader.length);
    }
  }
  return runs;
}

/** Over the length and the end, where the clocks are: FNV-1a. */
function hashOf(message: Buffer): number {
  let hash = 0x811c9dc5 ^ message.length;
  for (let at = Math.max(0, message.length - 48); at < message.length; at++) {
    hash = Math.imul(hash ^ (message[at] as number), 0x01000193);
  }
  return hash;
}
