import type { ErrorCode } from '../../shared/errors.js';

/** What happens now and then, and is worth to be known. */
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
  /** Times that a connection was not read for a while, because it sent much more than it may. */
  | 'connection-held'
  /** Connections that were cut because they sent much too much at once. */
  | 'flood-ended'
  /** Connections to documents that were closed because they had not joined in time. */
  | 'never-joined'
  /** Calls of the application's hooks that threw or took too long. */
  | 'hook-failed'
  /** Requests that webhooks took. */
  | 'webhook-delivered'
  /** Requests that webhooks did not take. */
  | 'webhook-failed';

/** What passes through a node all the time. */
export type AmountName =
  /** Joins that were answered with the document. */
  | 'joins'
  /** Updates that were committed here, and their bytes. */
  | 'edits'
  | 'edit-bytes'
  /** Updates sent to sessions other than their author's: one for each update and session. */
  | 'deliveries'
  /** Attempts to commit that the store did not answer. */
  | 'commit-failures'
  | 'compaction-failures'
  /** Sessions that were sent nothing for a while, as too much waited for them. */
  | 'sessions-slow'
  /** Sessions that missed somebody's presence, as too much waited for them. */
  | 'presence-dropped'
  /** Sessions that were told to join again, as they had missed something. */
  | 'resyncs'
  /** Sessions that were ended because they took nothing for too long. */
  | 'sessions-cut'
  /** Messages to and from other nodes, and their bytes. */
  | 'bus-sent'
  | 'bus-sent-bytes'
  | 'bus-received'
  | 'bus-received-bytes'
  /** Times that the other nodes could not be reached any more. */
  | 'bus-losses'
  /** Jobs of the threads that failed: compactions, comparisons, hashes; copies of documents. */
  | 'crdt-job-failures'
  | 'copy-job-failures';

/** What is measured; durations in milliseconds. */
export type MeasureName =
  /** From an update's arrival to its acknowledgement. */
  | 'ack'
  /** From a join to its answer. */
  | 'join'
  /** What the store takes for a commit, and how much goes into one. */
  | 'commit'
  | 'commit-rows'
  | 'commit-documents'
  | 'compaction'
  /** From sending a message to the bus until this node hears it itself. */
  | 'bus-echo'
  /** What the threads take for a job, without the time that it waited. */
  | 'crdt-job'
  | 'copy-job';

/** What was refused. */
export type RefusedThing =
  /** A connection, or a document over it, before any join. */
  | 'connection'
  | 'join'
  | 'update'
  /** What somebody shows of himself. */
  | 'awareness'
  /** A request to the HTTP API, or for a page. */
  | 'request';

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern that its address fits, never the address: `/api/documents/:workspace/:name`. */
  readonly route: string;
  readonly status: number;
  /** Until the answer began, in milliseconds. */
  readonly ms: number;
}

/** Counts and measures; called on the hottest of paths. `node-counters.ts` is the implementation that runs. */
export interface Counters {
  /** @param by 1 if absent */
  count(name: CounterName, by?: number): void;
  add(name: AmountName, by: number): void;
  /** @param times how many had this value; 1 if absent */
  observe(name: MeasureName, value: number, times?: number): void;
  refuse(what: RefusedThing, code: ErrorCode): void;
  answered(request: AnsweredRequest): void;
}

/** Counts nothing: for whatever is used without a node around it. */
export const UNCOUNTED: Counters = { count() {}, add() {}, observe() {}, refuse() {}, answered() {} };
