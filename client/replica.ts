import type * as Y from 'yjs';
import { CoscribeError } from '../shared/errors.js';
import { decodeFrame, decodeUpdateList, frameEnd } from '../shared/frames.js';
import type { Joined, JoinRequest } from '../shared/protocol.js';
import { MAX_STATE_VECTOR_BYTES } from '../shared/state-vector.js';
import { applyUpdates } from './apply-updates.js';
import { clientKeyOf } from './client-key.js';
import { OwnClocks } from './own-clocks.js';
import { Progress } from './progress.js';

/** How far a copy has got: it has everything of this generation up to `seq`. */
export interface Position {
  readonly generation: string;
  readonly seq: number;
}

interface ReplicaOptions {
  readonly doc: Y.Doc;
  /** Of the transactions that bring what the server sends. */
  readonly origin: unknown;
  /** Somebody else has used up clocks of this copy, which is wrong for good; `lost` is what it made of them. */
  taken(lost: Uint8Array): void;
  /** This is in the server's log, and brought the copy to where it is. `own`: it was made here. */
  logged(updates: readonly Uint8Array[], own: boolean): void;
}

/** The copy of the server's document: puts what the server sends into the `Y.Doc`, and knows how far it has got. */
export class Replica {
  readonly #options: ReplicaOptions;
  readonly #progress = new Progress();
  readonly #own: OwnClocks;
  #generation: string | undefined;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#own = new OwnClocks(options.doc);
  }

  /** `undefined` as long as it has nothing of the server. */
  get position(): Position | undefined {
    const generation = this.#generation;
    return generation === undefined ? undefined : { generation, seq: this.#progress.seq };
  }

  /** Everything up to there has come in another way than from the server. */
  restore({ generation, seq }: Position): void {
    this.#generation = generation;
    this.#progress.reset(seq);
  }

  /** The copy is about to get what was made here in an earlier life, under this clientID; what it has of it is in the log. */
  adopt(client: number): void {
    this.#own.adopt(client);
  }

  /** What a join tells of this copy. */
  joinRequest(clientId: number): JoinRequest {
    return { clientId, clientKey: clientKeyOf(this.#options.doc), ...this.position, ...this.#copy() };
  }

  /**
   * Takes what a join has brought. Throws what Yjs and lib0 throw if that makes no sense, and `generation-changed` if that is
   * of another generation than what the copy has.
   *
   * @returns `false` if the copy turned out to be wrong (`options.taken`)
   */
  enter({ content, generation, head }: Joined): boolean {
    if (this.#generation !== undefined && this.#generation !== generation)
      throw new CoscribeError('generation-changed');
    const applied = this.#apply(decodeUpdateList(content));
    if (applied === undefined) return false;
    this.#generation = generation;
    this.#progress.reset(head);
    this.#reached(applied, false);
    return true;
  }

  /** Takes a frame. @returns `false` if something before it is missing */
  receive(bytes: Uint8Array): boolean {
    const frame = decodeFrame(bytes);
    const follows = this.#progress.received(frame.from, frameEnd(frame));
    const applied = follows ? this.#apply(frame.updates) : undefined;
    if (applied !== undefined) this.#reached(applied, false);
    return follows;
  }

  /** The document has written something of its own. */
  wrote(): void {
    this.#own.wrote();
  }

  /** An update of its own is number `seq`. */
  confirmed(seq: number, update: Uint8Array): void {
    this.#progress.confirmed(seq);
    this.#own.confirmed(seq, update);
    this.#reached([update], true);
  }

  /** Whether it has everything up to `seq`, and nothing that was saved later. */
  isExactly(seq: number): boolean {
    return this.#progress.isExactly(seq);
  }

  /** It is further than it was, by these. */
  #reached(updates: readonly Uint8Array[], own: boolean): void {
    this.#own.reached(this.#progress.seq);
    this.#options.logged(updates, own);
  }

  /**
   * In one transaction, so that an editor is told once; nothing of it if the copy turns out to be wrong.
   *
   * @returns what the copy has got by it
   */
  #apply(updates: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
    const own = this.#own;
    const { doc, origin } = this.#options;
    for (const update of updates) {
      const lost = own.lostTo(update);
      if (lost === undefined) continue;
      this.#options.taken(lost);
      return undefined;
    }
    const deletions = own.takeDeletions();
    const all = deletions === undefined ? updates : [...updates, deletions];
    applyUpdates(doc, all, origin);
    return all;
  }

  /** What the server may leave out of its answer because the copy has it. */
  #copy(): Pick<JoinRequest, 'stateVector'> {
    if (this.#options.doc.store.clients.size === 0) return {};
    const stateVector = this.#own.stateVector();
    return stateVector.length > MAX_STATE_VECTOR_BYTES ? {} : { stateVector };
  }
}
