import type * as Y from 'yjs';
import type { DocumentId } from '../../shared/ids.js';
import type { Role } from '../../shared/protocol.js';
import type { Identity } from '../auth/access.js';

/**
 * Where an application takes part in what happens to documents. Each is optional, may return a promise, and has ten seconds
 * unless told otherwise; what comes later is not waited for. A hook that throws or takes too long is written to the log and
 * counted (`coscribe_hook_failures_total`), and harms nobody but those who wait for it.
 *
 * Hooks are told of what happens on their own node: each node of several has its own.
 */
export interface Hooks {
  /**
   * A document is about to be opened on this node: nobody gets in before this is done. What it returns is what an empty
   * document begins with. It is written once, also if two nodes load the document at the same moment, or the process ends
   * in between; of a document in which anything was ever written it is ignored.
   *
   * If this fails, the document is not opened, and nothing is written: whoever wants in is refused with the `CoscribeError`
   * that was thrown, else with `document-not-ready`, and may try again. Don't wait here for an edit of the same document.
   *
   * The seed is in the log under an author of its own, `seed:…`.
   */
  onLoad?(event: LoadEvent): Seed | undefined | Promise<Seed | undefined>;

  /**
   * Somebody has been let in, and is about to be shown the document. If this throws a `CoscribeError`, he is refused with it;
   * whatever else goes wrong, a `false` that is returned among it, refuses him with `internal`, and he tries again. Called once for a session: not when it
   * catches up after an interruption, and not for the application's own edits.
   */
  onJoin?(event: JoinEvent): unknown;

  /** Somebody has left for whom `onJoin` went well, or would have if there was one. Nobody waits for it. */
  onLeave?(event: LeaveEvent): unknown;

  /**
   * This node has saved edits of a document. Nobody waits for it, and there is one call at a time for a document, in the order
   * of the log. What is saved meanwhile comes together in the next call.
   *
   * It is a hint and not a queue: a process that ends takes with it what it has not told. A stop waits for it, as long as
   * it may take.
   */
  onCommit?(event: CommitEvent): unknown;

  /**
   * Somebody who has the document open has sent a message that is beside it: with Hocuspocus' provider, `sendStateless`.
   * What this returns goes back to him; as `{ reply, broadcast }`, the one to him, the other to all others who have the
   * document open with such a provider, on whichever node. Nothing of it is kept. Who says too much, or more than 16 at a
   * time, is not heard.
   */
  onStateless?(event: StatelessEvent): StatelessAnswer | Promise<StatelessAnswer>;
}

/** What a document begins with: a Yjs update (version 1), or what fills a new `Y.Doc`, at once and not later. */
export type Seed = Uint8Array | ((doc: Y.Doc) => void);

/** A document that is about to be opened. */
export interface LoadEvent {
  readonly document: DocumentId;
  /** Nothing was ever written in it. */
  readonly isEmpty: boolean;
}

/** Somebody who leaves. */
export interface LeaveEvent {
  readonly document: DocumentId;
  /** Names this one stay of one client in one document, on this node. */
  readonly session: string;
  /** What the authenticator said; empty for whoever came with a link, or where everybody is let in. */
  readonly identity: Identity;
  /** The share link that he came with, if he did: its name, not its secret. */
  readonly link?: string;
}

/** Somebody who comes. */
export interface JoinEvent extends LeaveEvent {
  readonly role: Role;
  /** Where he comes from; behind proxies that are trusted, what they say. */
  readonly address?: string;
}

/** A message beside the document. */
export interface StatelessEvent extends LeaveEvent {
  readonly role: Role;
  /** What he said: any text, of 16 KB at most. */
  readonly payload: string;
}

/** To whoever sent a message, and to all others; nobody hears of what is absent. */
export type StatelessAnswer =
  | string
  | { readonly reply?: string | undefined; readonly broadcast?: string | undefined }
  | undefined;

/** Edits that were saved. */
export interface CommitEvent {
  readonly document: DocumentId;
  /** Changes when the document is deleted, reset or restored from outside; then numbers begin anew. */
  readonly generation: string;
  /** First and last number in the document's log. Numbers between that are not in `edits` other nodes have saved. */
  readonly from: number;
  readonly to: number;
  /** When the last of it was saved, in milliseconds since the Unix epoch. */
  readonly committedAt: number;
  /** How many commits came together in this: 1, unless the hook took longer than the documents' edits. */
  readonly commits: number;
  /**
   * Whether `edits` is all that this node has saved from `from` to `to`. If so much came while the hook was busy that it
   * was not kept, `edits` is empty.
   */
  readonly isComplete: boolean;
  readonly edits: readonly CommittedEdit[];
}

/** One row of a document's log. */
export interface CommittedEdit {
  readonly seq: number;
  /** `user:…`, `anonymous:…`, `seed:…`; `server` for an edit of the application that names nobody. */
  readonly author: string;
  /** Yjs clientID of the session that made it. */
  readonly clientId: number;
  /** A Yjs update (version 1). It must not be changed. */
  readonly update: Uint8Array;
}
