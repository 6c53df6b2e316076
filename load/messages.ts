import type { GeneratorPlan } from './plan.js';

/** What the coordinator tells a generator process. */
export type Command =
  /** Everybody comes. Answered by `arrived`, after `failed` if that is not possible at all. */
  | { readonly kind: 'begin'; readonly plan: GeneratorPlan }
  /** So many of this process' typists type from now on, and the others of them rest. All of them unless told otherwise. */
  | { readonly kind: 'typists'; readonly active: number }
  /** A sample is to be taken at once: something begins that is measured by itself. */
  | { readonly kind: 'sample' }
  /** Nobody types, comes or goes any more; those without a network get it back. Answered by `settled`, after all samples until then. */
  | { readonly kind: 'settle'; readonly timeoutMs: number }
  /** What all processes' people have written. Answered by `checked`. */
  | { readonly kind: 'check'; readonly truth: readonly DocumentTruth[]; readonly timeoutMs: number }
  /** Everybody goes, and the process ends. */
  | { readonly kind: 'end' };

/** What a generator process tells the coordinator. */
export type Report =
  | { readonly kind: 'arrived' }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'settled'; readonly truth: readonly DocumentTruth[] }
  | { readonly kind: 'checked'; readonly problems: readonly Problem[]; readonly checked: Checked }
  /** It can't go on: a sentence. */
  | { readonly kind: 'failed'; readonly message: string };

/** Counts of the time since the sample before, which is about a second. */
export interface Sample {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** How much time it is about, in milliseconds. */
  readonly spanMs: number;
  /** Clients that are in at this moment, and those of them that type. */
  readonly joined: number;
  readonly typing: number;
  /** Clients without a network at this moment, as planned. */
  readonly offline: number;
  /** Clients that come no more, by the code with which they were refused for good. */
  readonly denied: Readonly<Record<string, number>>;
  /** Edits typed, sent, acknowledged as durable, and arrivals of edits at others. */
  readonly typed: number;
  readonly acked: number;
  readonly delivered: number;
  /** Edits sent and not acknowledged at this moment. */
  readonly unacked: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly joins: number;
  readonly reconnects: number;
  /** How often a server said that it is about to stop: to clients that were in, and to those that came. No errors. */
  readonly goodbyes: number;
  /**
   * Durations as `Durations.encode` gives them: from the moment an edit was due to its acknowledgement, to its arrival at
   * each other client of the same process, and from a connection's beginning to the document.
   */
  readonly ackMs: string;
  readonly shownMs: string;
  readonly joinMs: string;
  /** By the error's code, or by what a sentence about a connection begins with. A bounded number of different ones. */
  readonly errors: Readonly<Record<string, number>>;
  /** By how much this process' own event loop was late, in milliseconds at most: figures are its own fault above some 20. */
  readonly lagMs: number;
  /** Of this process: share of one core, and bytes. */
  readonly cpu: number;
  readonly rss: number;
}

/** What the people of one process have written in a document. */
export interface DocumentTruth {
  readonly name: string;
  readonly typists: readonly TypistTruth[];
}

export interface TypistTruth {
  /** Yjs clientID; a person has one for each time that he came as somebody new. */
  readonly clientId: number;
  /** Characters written (UTF-16 units: Yjs' clock), and up to where they were acknowledged as durable. */
  readonly written: number;
  readonly acked: number;
  /** Of the places at which he put all of them (`Runs.hash`): two processes can't each look at the other's text. */
  readonly places: number;
  /** Of his own text: first clock and length of each range, ascending and apart, of what he deleted, and of what of that was acknowledged. */
  readonly deleted: readonly number[];
  readonly ackedDeleted: readonly number[];
  /**
   * He was told by the server to begin as somebody new, or was refused for good. What he had written and what was not
   * acknowledged may be there or not.
   */
  readonly sentAway?: true;
}

export type ProblemKind =
  /** A client has not what the others have. */
  | 'differs'
  /** An acknowledged edit is gone. */
  | 'acked-lost'
  /** There is something that nobody has typed, or in another place. */
  | 'not-typed'
  /** Text is gone that nobody has deleted. */
  | 'gone'
  /** An edit was never acknowledged, or never arrived, though there was time. */
  | 'unfinished'
  /** A client was refused for good; what it lacks is not held against the servers. */
  | 'refused'
  /** A document could not be read again at the end. */
  | 'unreadable';

/** What is wrong at the end: a sentence that names document, client and node. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly document: string;
  readonly message: string;
}

/** What was looked at. */
export interface Checked {
  readonly documents: number;
  readonly clients: number;
  /** Documents read again by somebody who had nothing, once at every target. */
  readonly freshReads: number;
  /** Edits whose acknowledgement was held against what is there. */
  readonly ackedEdits: number;
  readonly characters: number;
}

/** A generator process, or one inside this process: what the coordinator sees of it. */
export interface Generator {
  send(command: Command): void;
  /** Called once, before the first command. `ended` when it has ended, by itself or not. */
  listen(report: (report: Report) => void, ended: (reason: string) => void): void;
  /** Ends it at once. */
  kill(): void;
}
