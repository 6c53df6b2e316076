import type { AdminSession, DocumentTraffic, NodeReport, RecentError } from '../../shared/admin.js';

/** What a node asks another one, or all. */
export type Question =
  /** Whether it takes work. */
  | { readonly about: 'state' }
  /** Whom it has in a document. */
  | { readonly about: 'sessions'; readonly document: string }
  /** To end the session of this number. */
  | { readonly about: 'end'; readonly session: string }
  /** To send its clients to other nodes, or to take clients again. */
  | { readonly about: 'drain' | 'resume' };

/** Whom a node has in a document. */
export interface SessionsHere {
  /** It has the document in memory. */
  readonly open: boolean;
  /** Of the log after the snapshot, if it has; nodes of older versions don't tell. */
  readonly tailBytes?: number;
  readonly sessions: readonly AdminSession[];
  /** How many more there are. */
  readonly more: number;
}

/** What is answered, by what it is about. */
export interface Answers {
  readonly state: NodeReport['state'];
  readonly sessions: SessionsHere;
  /** Whether there was such a session. */
  readonly end: boolean;
  readonly drain: true;
  readonly resume: true;
}

export type NodeMessage =
  /** The sender wants reports for the next few seconds; all errors with them if it is `fresh`. */
  | { readonly type: 'watch'; readonly fresh: boolean }
  /** How the sender fares, how many errors it has had, and which ones if there are new ones. */
  | {
      readonly type: 'report';
      readonly report: NodeReport;
      readonly errorCount: number;
      readonly errors?: readonly RecentError[];
    }
  | { readonly type: 'ask'; readonly number: number; readonly question: Question }
  | { readonly type: 'answer'; readonly number: number; readonly answer: unknown };

const TYPES: readonly string[] = ['watch', 'report', 'ask', 'answer'] satisfies NodeMessage['type'][];
const MAX_ERRORS = 100;
const MAX_BUSIEST = 20;

/**
 * A message of another node. Nodes are of one house: only what would do harm here is looked at, and what a newer one says is
 * passed over.
 *
 * @returns `undefined` for what is no message, or none that this version knows
 */
export function readNodeMessage(text: string, from: string): NodeMessage | undefined {
  const value = parsed(text);
  if (!isObject(value) || !TYPES.includes(value.type as string)) return undefined;
  const message = value as unknown as NodeMessage;
  switch (message.type) {
    case 'watch':
      return { type: 'watch', fresh: message.fresh === true };
    case 'report':
      return readReport(message, from);
    case 'ask':
      return isObject(message.question) && Number.isSafeInteger(message.number) ? message : undefined;
    case 'answer':
      return Number.isSafeInteger(message.number) ? message : undefined;
  }
}

/** Whoever reads `answer` as what was asked for has to look whether it is. */
export function isSessionsHere(answer: unknown): answer is SessionsHere {
  return isObject(answer) && Array.isArray(answer.sessions) && typeof answer.more === 'number';
}

function readReport(
  message: Extract<NodeMessage, { type: 'report' }>,
  from: string,
): NodeMessage | undefined {
  const { report, errorCount, errors } = message;
  const isReport =
    isObject(report) && isObject(report.store) && isObject(report.ackMs) && Array.isArray(report.busiest);
  if (!isReport || !Number.isSafeInteger(errorCount)) return undefined;
  return {
    type: 'report',
    report: { ...report, node: from, busiest: report.busiest.filter(isTraffic).slice(0, MAX_BUSIEST) },
    errorCount,
    ...(Array.isArray(errors) && {
      errors: (errors as RecentError[]).filter(isObject).slice(-MAX_ERRORS),
    }),
  };
}

function isTraffic(value: unknown): value is DocumentTraffic {
  return isObject(value) && typeof value.id === 'string';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
