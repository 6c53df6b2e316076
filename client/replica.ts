import * as Y from 'yjs';
import { decodeFrame, decodeUpdateList, frameEnd } from '../shared/frames.js';
import type { Joined, JoinRequest } from '../shared/protocol.js';
import { MAX_STATE_VECTOR_BYTES } from '../shared/state-vector.js';
import { clientKeyOf } from './client-key.js';
import { OwnClocks } from './own-clocks.js';
import { Progress } from './progress.js';

interface ReplicaOptions {
  readonly doc: Y.Doc;
  /** Of the transactions that bring what the server sends. */
  readonly origin: unknown;
  /** Somebody else has used up clocks of this copy, which is wrong for good; `lost` is what it made of them. */
  taken(lost: Uint8Array): void;
}

/** The copy of the server's document: puts what the server sends into the `Y.Doc`, and knows how far it has got. */
export class Replica {
  private readonly progress = new Progress();
  private readonly own: OwnClocks;
  private generation: string | undefined;

  constructor(private readonly options: ReplicaOptions) {
    this.own = new OwnClocks(options.doc);
  }

  /** What a join tells of this copy. */
  joinRequest(clientId: number): JoinRequest {
    const { generation, progress } = this;
    const known = generation === undefined ? {} : { generation, seq: progress.seq };
    return { clientId, clientKey: clientKeyOf(this.options.doc), ...known, ...this.copy() };
  }

  /**
   * Takes what a join has brought. Throws what Yjs and lib0 throw if that makes no sense.
   *
   * @returns `false` if the copy turned out to be wrong (`options.taken`)
   */
  enter({ content, generation, head }: Joined): boolean {
    if (!this.apply(decodeUpdateList(content))) return false;
    this.generation = generation;
    this.progress.reset(head);
    this.own.reached(this.progress.seq);
    return true;
  }

  /** Takes a frame. @returns `false` if something before it is missing */
  receive(bytes: Uint8Array): boolean {
    const frame = decodeFrame(bytes);
    const follows = this.progress.received(frame.from, frameEnd(frame));
    if (follows && this.apply(frame.updates)) this.own.reached(this.progress.seq);
    return follows;
  }

  /** The document has written something of its own. */
  wrote(): void {
    this.own.wrote();
  }

  /** An update of its own is number `seq`. */
  confirmed(seq: number, update: Uint8Array): void {
    this.progress.confirmed(seq);
    this.own.confirmed(seq, update);
    this.own.reached(this.progress.seq);
  }

  /** Whether it has everything up to `seq`, and nothing that was saved later. */
  isExactly(seq: number): boolean {
    return this.progress.isExactly(seq);
  }

  /** In one transaction, so that an editor is told once; nothing of it if the copy turns out to be wrong. */
  private apply(updates: readonly Uint8Array[]): boolean {
    const { own } = this;
    const { doc, origin } = this.options;
    for (const update of updates) {
      const lost = own.lostTo(update);
      if (lost === undefined) continue;
      this.options.taken(lost);
      return false;
    }
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update, origin);
      const deletions = own.takeDeletions();
      if (deletions !== undefined) Y.applyUpdate(doc, deletions, origin);
    }, origin);
    return true;
  }

  /** What the server may leave out of its answer because the copy has it. */
  private copy(): Pick<JoinRequest, 'stateVector'> {
    if (this.options.doc.store.clients.size === 0) return {};
    const stateVector = this.own.stateVector();
    return stateVector.length > MAX_STATE_VECTOR_BYTES ? {} : { stateVector };
  }
}
