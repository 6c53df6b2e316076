/** A message that many clients get, taken apart once. */
export interface SeenMessage<T> {
  readonly bytes: Buffer;
  readonly content: T;
  /** What came after this message at whoever read it last: most likely what the next one reads after it, too. */
  next: SeenMessage<T> | undefined;
}

/**
 * Recognizes messages that came before, at another client. A client reads what the others read, in the same order, so the
 * first guess is what followed there; a hash finds the rest. Every match is compared byte by byte.
 */
export class SeenMessages<T> {
  readonly #byHash = new Map<number, SeenMessage<T>>();
  readonly #hashes: number[] = [];
  #oldest = 0;

  /** @param kept messages that are remembered at once: more than a server sends between its fastest client and its slowest */
  constructor(private readonly kept: number) {}

  /**
   * @param last what the same client got before
   * @param read takes a message apart; gets a copy that stays
   */
  see(message: Buffer, last: SeenMessage<T> | undefined, read: (message: Buffer) => T): SeenMessage<T> {
    const guess = last?.next;
    if (guess?.bytes.equals(message)) return guess;
    // Whoever typed it does not get it: the others' order, without the client's own.
    const second = guess?.next;
    if (second?.bytes.equals(message)) return second;
    const hash = hashOf(message);
    const known = this.#byHash.get(hash);
    const seen = known?.bytes.equals(message) ? known : this.#take(message, hash, read);
    if (last !== undefined && last !== seen) last.next = seen;
    return seen;
  }

  #take(message: Buffer, hash: number, read: (message: Buffer) => T): SeenMessage<T> {
    const bytes = Buffer.from(message);
    const seen: SeenMessage<T> = { bytes, content: read(bytes), next: undefined };
    if (this.#hashes.length < this.kept) {
      this.#hashes.push(hash);
    } else {
      this.#forget(this.#hashes[this.#oldest] ?? 0);
      this.#hashes[this.#oldest] = hash;
      this.#oldest = (this.#oldest + 1) % this.kept;
    }
    this.#byHash.set(hash, seen);
    return seen;
  }

  #forget(hash: number): void {
    const seen = this.#byHash.get(hash);
    // Without its successor, so that forgotten messages do not hold one another, and all later ones, in memory.
    if (seen !== undefined) seen.next = undefined;
    this.#byHash.delete(hash);
  }
}

/** Over the length and the end, where the clocks are: FNV-1a. */
function hashOf(message: Buffer): number {
  let hash = 0x811c9dc5 ^ message.length;
  for (let at = Math.max(0, message.length - 48); at < message.length; at++) {
    hash = Math.imul(hash ^ (message[at] as number), 0x01000193);
  }
  return hash;
}
