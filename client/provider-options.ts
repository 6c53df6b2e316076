import type * as Y from 'yjs';
import type { WireError } from '../shared/errors.js';
import type { ContentCheck } from '../shared/protocol.js';
import type { Clock, Random } from '../shared/time.js';
import type { Connect } from './channel.js';
import type { RejectedEdits } from './rejected-edits.js';
import type { GetToken } from './token-source.js';

export interface ProviderOptions {
  /** `{workspace}/{name}` or `{name}`. */
  readonly document: string;
  /** Where the server is; by default where the page came from. */
  readonly url?: string;
  /** The document to keep in step; by default a new one. */
  readonly doc?: Y.Doc;
  /** What shows who this is, to a server that asks: of a share link, or of the application's own users. */
  readonly token?: string;
  /**
   * The same where tokens end: asked before each attempt to connect, and when the server says that the token in use ends
   * soon. `undefined` is for nobody in particular. It has 10 s, and is asked one question at a time; one that rejects, or
   * gives tokens that are refused, is asked again after growing pauses. It goes before `token`.
   */
  readonly getToken?: GetToken;
  /**
   * How others see this person, where the server does not say. `awareness.setLocalState(null)` hides one from the others,
   * over reconnects too, and `awareness.setLocalState({})` shows one again.
   */
  readonly presence?: { readonly name: string; readonly color: string };
  /** `false`: don't connect before `connect` is called. */
  readonly autoConnect?: boolean;
  /** How the server is reached; by default Socket.IO, one connection for all documents of a server. */
  readonly connectChannel?: Connect;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface ProviderEvents {
  /** One of `status`, `unsavedChanges`, `saving`, `role` and `error` has changed. */
  change(): void;
  /**
   * The server has refused the document, or a change to it, for good, and this is what was not saved: it is in this copy
   * only. `status` is `denied`. What to do: keep it for the person. `connect` tries once more, and then sends it again.
   *
   * With `copy-diverged`, and `status` `diverged`: somebody else has taken the place of what was written here, also of what
   * was called saved already. What to do: keep it for the person. Parts of it may be in the document all the same.
   */
  rejected(error: WireError, edits: RejectedEdits): void;
  /**
   * This copy is wrong, and has stopped taking part, for good. What to do: destroy the provider at once, and let a new one
   * with a new `Y.Doc` take its place. The page does so by itself.
   *
   * Either it shows something else than the document does at the `seq` of `check`, though it has all of the log and
   * nothing unsaved: then nothing is lost. Or, without the two, somebody else has written in its place: what was lost by
   * that came with `rejected` right before.
   */
  diverged(check?: ContentCheck, ownHash?: string): void;
}
