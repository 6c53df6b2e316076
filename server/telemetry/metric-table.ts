import type { AmountName, CounterName, MeasureName } from './counters.js';

/** How something is called at `/metrics`. What is of one kind has one name, and a label that says which it is. */
export interface MetricRow {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface MeasureRow extends MetricRow {
  readonly bounds: readonly number[];
  /** How many of what is observed make one of what Prometheus is shown: it wants seconds. */
  readonly scale: number;
}

const MS_PER_SECOND = 1_000;

/** Of what people wait for, in milliseconds: fine enough to read a percentile between two of them. */
const WAITS = [
  0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000,
  1_500, 2_000, 3_000, 5_000, 10_000, 30_000,
];
/** Of work that nobody waits for, in milliseconds. */
const WORK = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];
const AMOUNTS_OF_ONE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** Of answers to HTTP requests, in milliseconds: there is one for each route. */
export const REQUEST_BOUNDS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

const MISMATCHES = {
  name: 'coscribe_content_mismatches_total',
  help: 'Copies that showed another content than the store, and were loaded again: of this node, or of a client.',
};
const WEBHOOKS = {
  name: 'coscribe_webhook_requests_total',
  help: 'Requests with which webhooks were told of changes; what was not taken is tried again.',
};
const THREAD_FAILURES = {
  name: 'coscribe_worker_job_failures_total',
  help: 'Jobs of a thread that failed, took too long, or found too much waiting.',
};

export const EVENTS: Readonly<Record<CounterName, MetricRow>> = {
  'content-check': {
    name: 'coscribe_content_checks_total',
    help: 'Checks in a quiet time for which this node hashed a document.',
  },
  'content-mismatch-node': { ...MISMATCHES, labels: { side: 'node' } },
  'content-mismatch-client': { ...MISMATCHES, labels: { side: 'client' } },
  'bus-gap': {
    name: 'coscribe_bus_gaps_total',
    help: 'Readings from the store because updates of other nodes were missing.',
  },
  'bus-dropped': {
    name: 'coscribe_bus_messages_dropped_total',
    help: 'Messages to other nodes that could not be sent.',
  },
  'connection-held': {
    name: 'coscribe_connections_held_total',
    help: 'Times that a connection was not read for a while because it sent much too much.',
  },
  'flood-ended': {
    name: 'coscribe_connections_flooded_total',
    help: 'Connections that were cut because they sent much too much at once.',
  },
  'never-joined': {
    name: 'coscribe_connections_unjoined_total',
    help: 'Connections to documents that were closed because they did not join in time.',
  },
  'hook-failed': {
    name: 'coscribe_hook_failures_total',
    help: "Calls of the application's hooks that threw or took too long.",
  },
  'webhook-delivered': { ...WEBHOOKS, labels: { outcome: 'taken' } },
  'webhook-failed': { ...WEBHOOKS, labels: { outcome: 'failed' } },
};

export const AMOUNTS: Readonly<Record<AmountName, MetricRow>> = {
  joins: { name: 'coscribe_joins_total', help: 'Joins that were answered with the document.' },
  edits: {
    name: 'coscribe_edits_total',
    help: 'Updates that were made at this node, and that are saved.',
  },
  'edit-bytes': {
    name: 'coscribe_edit_bytes_total',
    help: 'Size of the updates that were made at this node and that are saved, in bytes.',
  },
  deliveries: {
    name: 'coscribe_deliveries_total',
    help: 'Updates sent to others than their author: one for each update and session.',
  },
  'commit-failures': {
    name: 'coscribe_commit_failures_total',
    help: 'Attempts to save that the store did not answer; each is tried again.',
  },
  'compaction-failures': {
    name: 'coscribe_compaction_failures_total',
    help: 'Compactions that failed; the log stays as it is, and it is tried again.',
  },
  'sessions-slow': {
    name: 'coscribe_sessions_slow_total',
    help: 'Times that a session was sent no updates for a while, because more than 1 MB waited for it.',
  },
  'presence-dropped': {
    name: 'coscribe_presence_dropped_total',
    help: "Times that a session missed somebody's presence, because more than 256 KB waited for it.",
  },
  resyncs: {
    name: 'coscribe_resyncs_total',
    help: 'Sessions that were told to join again, as they had missed something.',
  },
  'sessions-cut': {
    name: 'coscribe_sessions_cut_total',
    help: 'Sessions that were ended because they took nothing for 10 s, or more than 4 MB waited for them.',
  },
  'bus-sent': { name: 'coscribe_bus_messages_sent_total', help: 'Messages sent to other nodes.' },
  'bus-sent-bytes': {
    name: 'coscribe_bus_sent_bytes_total',
    help: 'Size of the messages to other nodes, in bytes.',
  },
  'bus-received': { name: 'coscribe_bus_messages_received_total', help: 'Messages heard of other nodes.' },
  'bus-received-bytes': {
    name: 'coscribe_bus_received_bytes_total',
    help: 'Size of the messages of other nodes, in bytes.',
  },
  'bus-losses': {
    name: 'coscribe_bus_losses_total',
    help: 'Times that Redis was lost; the node connects again by itself.',
  },
  'crdt-job-failures': { ...THREAD_FAILURES, labels: { worker: 'crdt' } },
  'copy-job-failures': { ...THREAD_FAILURES, labels: { worker: 'copies' } },
};

const THREAD_TIMES = {
  name: 'coscribe_worker_job_duration_seconds',
  help: 'What a thread took for a job, without the time that the job waited.',
  bounds: WORK,
  scale: MS_PER_SECOND,
};

export const MEASURES: Readonly<Record<MeasureName, MeasureRow>> = {
  ack: {
    name: 'coscribe_ack_duration_seconds',
    help: 'From the arrival of an update at this node to its acknowledgement.',
    bounds: WAITS,
    scale: MS_PER_SECOND,
  },
  join: {
    name: 'coscribe_join_duration_seconds',
    help: 'From a join to its answer.',
    bounds: WAITS,
    scale: MS_PER_SECOND,
  },
  commit: {
    name: 'coscribe_commit_duration_seconds',
    help: 'What the store took to save what had gathered.',
    bounds: WAITS,
    scale: MS_PER_SECOND,
  },
  'commit-rows': {
    name: 'coscribe_commit_edits',
    help: 'Updates in one commit.',
    bounds: AMOUNTS_OF_ONE,
    scale: 1,
  },
  'commit-documents': {
    name: 'coscribe_commit_documents',
    help: 'Documents in one commit.',
    bounds: AMOUNTS_OF_ONE,
    scale: 1,
  },
  compaction: {
    name: 'coscribe_compaction_duration_seconds',
    help: "What it took to merge a document's log into a snapshot, and to save that.",
    bounds: WORK,
    scale: MS_PER_SECOND,
  },
  'bus-echo': {
    name: 'coscribe_bus_echo_duration_seconds',
    help: 'From sending a message to the other nodes until this node heard it itself, over the same way; every two seconds.',
    bounds: WAITS,
    scale: MS_PER_SECOND,
  },
  'crdt-job': { ...THREAD_TIMES, labels: { worker: 'crdt' } },
  'copy-job': { ...THREAD_TIMES, labels: { worker: 'copies' } },
};
