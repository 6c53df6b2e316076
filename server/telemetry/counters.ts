/** What is counted since the start of a node, by the name that its operators know it by. */
export type CounterName =
  /** Quiet-time checks in which this node's content was hashed. */
  | 'content-check'
  /** This node held another content than the store, and loaded the document again. */
  | 'content-mismatch-node'
  /** A client showed another content than this node, and started with a new copy. */
  | 'content-mismatch-client'
  /** Updates of other nodes were missing, and read from the store. */
  | 'bus-gap'
  /** Messages for other nodes that could not be sent. */
  | 'bus-dropped'
  /** Requests of pages whose origin is not allowed. */
  | 'refused-origin'
  /** Connections beyond what one address or one user may have. */
  | 'refused-connection'
  /** Connections to documents and joins that came while the event loop was late. */
  | 'refused-busy'
  /** Connections to documents and joins beyond what one connection may ask for in a time. */
  | 'refused-join'
  /** Updates beyond what one connection may send in a time. */
  | 'refused-update'
  /** Times that a connection was not read for a while, because it sent much more than it may. */
  | 'connection-held'
  /** Connections that were cut because they sent much too much at once. */
  | 'flood-ended'
  /** Connections to documents that were closed because they had not joined in time. */
  | 'never-joined';

/** Counts. `prom-metrics.ts` is the implementation that runs. */
export interface Counters {
  /** @param by 1 if absent */
  count(name: CounterName, by?: number): void;
}
