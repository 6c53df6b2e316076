import * as Y from 'yjs';
import { decodeFrame, decodeUpdateList, frameEnd } from '../shared/frames.js';
import type { Joined, JoinRequest } from '../shared/protocol.js';
import { MAX_STATE_VECTOR_BYTES } from '../shared/state-vector.js';
import { clientKeyOf } from './client-key.js';
import { Progress } from './progress.js';

/** The copy of the server's document: puts what the server sends into the `Y.Doc`, and knows how far it has got. */
export class Replica {
  private readonly progress = new Progress();
  private generation: string | undefined;

  /** @param origin of the transactions that bring what the server sends */
  constructor(
    private readonly doc: Y.Doc,
    private readonly origin: unknown,
  ) {}

  /** What a join tells of this copy. */
  joinRequest(clientId: number): JoinRequest {
    const { doc, generation, progress } = this;
    const known = generation === undefined ? {} : { generation, seq: progress.seq };
    return { clientId, clientKey: clientKeyOf(doc), ...known, ...copyOf(doc) };
  }

  /** Takes what a join has brought. Throws what Yjs and lib0 throw if that makes no sense. */
  enter({ content, generation, head }: Joined): void {
    this.apply(decodeUpdateList(content));
    this.generation = generation;
    this.progress.reset(head);
  }

  /** Takes a frame. @returns `false` if something before it is missing */
  receive(bytes: Uint8Array): boolean {
    const frame = decodeFrame(bytes);
    const follows = this.progress.received(frame.from, frameEnd(frame));
    if (follows) this.apply(frame.updates);
    return follows;
  }

  /** An update of its own is number `seq`. */
  confirmed(seq: number): void {
    this.progress.confirmed(seq);
  }

  /** Whether it has everything up to `seq`, and nothing that was saved later. */
  isExactly(seq: number): boolean {
    return this.progress.isExactly(seq);
  }

  /** In one transaction, so that an editor is told once. */
  private apply(updates: readonly Uint8Array[]): void {
    this.doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.doc, update, this.origin);
    }, this.origin);
  }
}

/** What the server may leave out of its answer because the copy has it. */
function copyOf(doc: Y.Doc): Pick<JoinRequest, 'stateVector'> {
  if (doc.store.clients.size === 0) return {};
  const stateVector = Y.encodeStateVector(doc);
  return stateVector.length > MAX_STATE_VECTOR_BYTES ? {} : { stateVector };
}
