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
  | 'bus-dropped';

/** Counts. `prom-counters.ts` is the implementation that runs. */
export interface Counters {
  /** @param by 1 if absent */
  count(name: CounterName, by?: number): void;
}
