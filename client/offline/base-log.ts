import type { Role } from '../../shared/protocol.js';
import type { Position } from '../replica.js';
import type { BaseHead, BaseOutcome, BaseWrite } from './copy-store.js';

/** A base of more rows, or of this much more than it was when it was last written anew (bytes), is written anew. */
const MAX_ROWS = 100;
const MAX_GROWTH_BYTES = 64 * 1024;

/** What the copy is like at the moment of a write. */
export interface CopyNow {
  readonly position: Position | undefined;
  readonly role: Role | undefined;
  /** It is what the server has, and nothing else. */
  readonly isClean: boolean;
  /** All of it as one update. */
  encode(): Uint8Array;
}

/**
 * What is to be written to the base. One tab of those that show a document writes what all of them get; every tab adds what
 * it has made itself, so that this is never gone from what is unsaved and not yet in the base.
 */
export class BaseLog {
  #updates: { readonly update: Uint8Array; readonly own: boolean }[] = [];
  /** Up to where the copy has what the base has. */
  #from = 0;
  #writes = false;
  /** The copy has come further than the base. */
  #moved = false;
  /** The copy has got something of the server that is not among the updates. */
  #missed = false;
  /** The base has grown so much that it is to be written anew, when that can be. */
  #grown = false;
  #off = false;
  /** Bytes of the base when it was last written anew. */
  #size = 0;

  /** The copy was made from this base. */
  restored(head: BaseHead): void {
    this.#from = head.seq;
    this.#size = head.bytes;
    this.#watch(head);
  }

  /** Whether there is anything to write, now or when the copy is clean. */
  get isDue(): boolean {
    const wants = this.#moved || this.#missed || this.#grown;
    return !this.#off && (this.#updates.length > 0 || (this.#writes && wants));
  }

  /** This tab is the one that writes. @param complete whether it was so from the start, so that nothing has passed by */
  lead(complete: boolean): void {
    this.#writes = true;
    if (!complete) this.#missed = true;
  }

  /** These are in the server's log, and the copy has them. */
  logged(updates: readonly Uint8Array[], own: boolean): void {
    if (this.#off || (!own && !this.#writes)) return;
    this.#moved = true;
    for (const update of updates) this.#updates.push({ update, own });
  }

  /** The copy has got something of the server in another way, or the base is gone. */
  missed(): void {
    this.#missed = true;
  }

  /** There is no room for a base. */
  giveUp(): void {
    this.#off = true;
    this.#updates = [];
  }

  /** What to write now. */
  take({ position, role, isClean, encode }: CopyNow): BaseWrite | undefined {
    if (position === undefined || !this.isDue) return undefined;
    const taken = this.#updates;
    this.#updates = [];
    this.#moved = false;
    if (this.#writes && isClean && (this.#missed || this.#grown)) {
      this.#missed = false;
      this.#grown = false;
      return { kind: 'replace', position, role, state: encode() };
    }
    if (this.#writes && !this.#missed) {
      const updates = taken.map(({ update }) => update);
      return { kind: 'extend', from: this.#from, position, role, updates };
    }
    const updates = taken.filter(({ own }) => own).map(({ update }) => update);
    return updates.length === 0 ? undefined : { kind: 'add', generation: position.generation, updates };
  }

  /** That was written. */
  written(write: BaseWrite, { fits, head }: BaseOutcome): void {
    if (write.kind === 'extend' || write.kind === 'replace') this.#from = write.position.seq;
    if (write.kind === 'replace') this.#size = head?.bytes ?? 0;
    if (!fits) this.#missed = true;
    else if (head !== undefined) this.#watch(head);
  }

  #watch({ rows, bytes }: BaseHead): void {
    if (rows > MAX_ROWS || bytes > 2 * this.#size + MAX_GROWTH_BYTES) this.#grown = true;
  }
}
