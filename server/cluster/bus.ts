import type { DocumentId } from '../../shared/ids.js';

/**
 * What nodes tell one another. A message is a hint: it may be lost, come twice, come late or out of order, and nobody
 * is told. What is true is in the store; the bus only makes it quick.
 */
export interface Bus {
  /** Names this node among all that there are and were. */
  readonly node: string;

  /** There can be no other node on this store: nothing has to be looked for in it. */
  readonly alone: boolean;

  /** There are other nodes to which clients can go, as far as can be known. */
  readonly hasOthers: boolean;

  /** `false` while messages can be neither sent nor received. */
  readonly connected: boolean;

  /**
   * Opens the document's channel. Fulfils once whatever another node publishes from now on is received, or at once while
   * the bus is away: then, and whenever it was away, `BusEvents.connected` says from when on it is.
   *
   * Never rejects.
   */
  open(id: DocumentId, listener: BusListener): Promise<BusChannel>;

  /** Sets who is told how the bus and the other nodes fare. Called once, before the first `open`. */
  watch(events: BusEvents): void;

  /** Lets go of connections and timers. Channels are closed with it. Never rejects. */
  close(): Promise<void>;
}

/**
 * What nodes tell one another about themselves: to all others, or to one. As with documents it is a hint, and may be lost.
 * Nodes of an earlier version pass it over.
 */
export interface NodesBus extends Pick<Bus, 'node' | 'connected'> {
  /** The other nodes that run, as far as is known, by name. */
  readonly others: readonly string[];
  /** Sets who hears what the others tell this node, or all. Called once; the listener must not throw. */
  listen(listener: (text: string, from: string) => void): void;
  /** @param to one node; all others if it is not given. What cannot be sent now is dropped. Never throws */
  tell(text: string, to?: string): void;
}

/** A document's line to the other nodes that have it open. */
export interface BusChannel {
  /** Sends to the other nodes, not to this one. What cannot be sent now is dropped. Never throws. */
  publish(message: BusMessage): void;
  /** Nothing is received any more. Never throws. */
  close(): void;
}

/** Takes messages of one document. Must not throw. */
export type BusListener = (message: BusMessage, from: string) => void;

export interface BusEvents {
  /** The bus is away (`false`), or it is back and every channel receives again (`true`). */
  connected(connected: boolean): void;
  /** Another node has stopped, or has not been heard of for so long that it must be taken for dead. */
  gone(node: string): void;
}

export type BusMessage =
  /** Committed updates (`encodeFrame`) of this generation's log. */
  | { readonly kind: 'updates'; readonly generation: string; readonly frame: Uint8Array }
  /** Awareness of the sending node's own sessions (y-protocols' format), changed or all of it. */
  | { readonly kind: 'awareness'; readonly update: Uint8Array }
  /** Asks the others for the awareness of their sessions. */
  | { readonly kind: 'awareness-wanted' }
  /** There is a snapshot up to `seq` in the store, with a state of so many bytes, and log rows from `firstRow` on. */
  | {
      readonly kind: 'snapshot';
      readonly generation: string;
      readonly seq: number;
      readonly bytes: number;
      readonly firstRow: number;
    }
  /** This generation of the document has ended: it was reset or removed. */
  | { readonly kind: 'generation'; readonly generation: string }
  /** Who may do what in the document has changed, or it was deleted: the store knows more. */
  | { readonly kind: 'access' }
  /** What the document's content hashes to (`hashContent`) at `seq`. */
  | { readonly kind: 'check'; readonly generation: string; readonly seq: number; readonly hash: string }
  /** What the application tells all who have the document open, and know such messages. */
  | { readonly kind: 'stateless'; readonly payload: string };
