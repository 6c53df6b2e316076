import { ERRORS, isWireError, type WireError } from './errors.js';

/**
 * Our Socket.IO messages, one namespace per document. docs/PROTOCOL.md tells the same to people who write a
 * client in another language; a change here is a change there.
 */
export const PROTOCOL_VERSION = 1;

/** Root name of the `Y.Text` that text areas bind to. */
export const DEFAULT_TEXT = 'text';

/**
 * What somebody may do in a document, each role what those before it may: a `viewer` reads and may show himself, an
 * `editor` changes the text, an `owner` also shares, deletes and restores.
 */
export type Role = 'viewer' | 'editor' | 'owner';

export const ROLES: readonly Role[] = ['viewer', 'editor', 'owner'];

/** Whether `role` may do what `least` may. */
export function roleReaches(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** What a client says in Socket.IO's `auth` when it connects to a document's namespace. */
export interface ConnectAuth {
  readonly protocol: number;
  /** What shows who somebody is: of a share link, or of whoever the server trusts for that. */
  readonly token?: string | undefined;
}

/** What a client asks for when it joins a document. */
export interface JoinRequest {
  /** `clientID` of the client's `Y.Doc`. */
  readonly clientId: number;
  /**
   * A random secret of the client's `Y.Doc`, 16 to 64 characters: whoever knows it may use `clientId`, so that a
   * reconnecting client takes its own place and nobody takes another's.
   */
  readonly clientKey: string;
  /** Generation of the copy that the client has; absent if it has none. */
  readonly generation?: string;
  /** Last `seq` up to which the client has everything. */
  readonly seq?: number;
  /**
   * What the client's copy has (`Y.encodeStateVector`), `MAX_STATE_VECTOR_BYTES` at most; absent if the copy is empty.
   * It counts where `seq` does not help: then only what the copy lacks is sent, if that is much less than everything.
   */
  readonly stateVector?: Uint8Array;
}

/** Bounds that the server tells a client which joins. Sizes in bytes. */
export interface SessionLimits {
  readonly maxUpdateBytes: number;
  readonly maxDeleteRanges: number;
  readonly maxAwarenessBytes: number;
}

/** A name and a colour that a client can't choose. */
export interface JoinedUser {
  readonly name?: string;
  /** `#rrggbb` */
  readonly color?: string;
}

/** The client is in the document, and this is what it lacks of it. */
export interface Joined {
  readonly ok: true;
  readonly session: string;
  readonly generation: string;
  /** `seq` of the newest update in `content`. */
  readonly head: number;
  readonly role: Role;
  /** How the others see this client, as far as the server has it from elsewhere than from the client. */
  readonly user?: JoinedUser;
  readonly limits: SessionLimits;
  /** `false` while the server cannot save. */
  readonly saving: boolean;
  /** Updates (`encodeUpdateList`): everything after `seq`, or the whole document. */
  readonly content: Uint8Array;
  /** A y-protocols awareness update with everybody's state; empty if nobody has one. */
  readonly awareness: Uint8Array;
}

/** The server did not do what it was asked. */
export interface Refused {
  readonly ok: false;
  readonly error: WireError;
}

/** The update is on disk as number `seq` of the log. */
export interface Committed {
  readonly ok: true;
  readonly seq: number;
}

/** The new token is taken. */
export interface Renewed {
  readonly ok: true;
  readonly role: Role;
}

/** `live`: only what this `Y.Doc` itself made. `catch-up`: also what it got elsewhere, while it was offline. */
export type UpdateKind = 'live' | 'catch-up';

/** What a document shows: its content hashes to this (`hashContent`) once everything up to `seq` is applied. */
export interface ContentCheck {
  readonly seq: number;
  readonly hash: string;
}

/** Messages of the client. */
export interface ClientToServerEvents {
  join(request: JoinRequest, answer: (reply: Joined | Refused) => void): void;
  update(update: Uint8Array, kind: UpdateKind, answer: (reply: Committed | Refused) => void): void;
  awareness(update: Uint8Array): void;
  /** A new token of the same user, before the old one ends. */
  token(token: string, answer: (reply: Renewed | Refused) => void): void;
  /** The client has everything up to `seq` of a `check` and nothing else, and its content hashes to this instead. */
  diverged(seq: number, hash: string): void;
}

/** Messages of the server. */
export interface ServerToClientEvents {
  /** A frame of committed updates (`encodeFrame`). */
  updates(frame: Uint8Array): void;
  awareness(update: Uint8Array): void;
  /** The stream is interrupted; nothing more comes until the client joins again. */
  resync(reason: WireError): void;
  /** Whether the server can save at the moment. */
  saving(possible: boolean): void;
  /** The client may do something else from now on. */
  access(role: Role): void;
  /** The client's token ends soon: it is to send a new one (`token`), or the session ends with it. */
  renew(): void;
  /** A message of this client was refused that has no answer of its own. */
  refused(error: WireError): void;
  /** Nothing is new for a while. Whoever has everything up to `seq` and nothing else has to show what hashes to this. */
  check(seq: number, hash: string): void;
  /**
   * This server is about to stop and others go on. The session stays as it is; the client joins over another connection
   * in so many milliseconds, and then ends this one.
   */
  move(afterMs: number): void;
  /** The server ends this session; the client may come back after so many milliseconds, or never (-1). */
  bye(reason: WireError, reconnectAfterMs: number): void;
}

/** Reads a `connect_error`, a `Refused` and whatever else claims to be an error, so that a client shows a sentence. */
export function readWireError(value: unknown): WireError {
  if (isWireError(value))
    return { code: value.code, message: value.message, retryable: value.retryable === true };
  const message = typeof value === 'string' ? value : ERRORS.internal.sentence;
  return { code: 'internal', message, retryable: true };
}
