import type * as Y from 'yjs';
import type { WireError } from '../shared/errors.js';
import type { ContentCheck } from '../shared/protocol.js';
import type { Clock, Random } from '../shared/time.js';
import type { Connect } from './channel.js';
import type { ProviderStatus } from './connection-state.js';
import type { KeepOffline } from './keeping.js';
import type { RejectedEdits, ReplacedCopy } from './rejected-edits.js';
import type { GetToken } from './token-source.js';

/** Which document a provider keeps in step, where it is, and who asks for it. */
export interface ProviderOptions {
  /** `{workspace}/{name}` or `{name}`. */
  readonly document: string;
  /** Where the server is (`https://…`, without a path); by default where the page came from. */
  readonly url?: string | undefined;
  /** The path of Socket.IO on that server, if it is not `/socket.io`. */
  readonly path?: string | undefined;
  /** The document to keep in step; by default a new one. */
  readonly doc?: Y.Doc | undefined;
  /** What shows who this is, to a server that asks: of a share link, or of the application's own users. */
  readonly token?: string | undefined;
  /**
   * The same where tokens end: asked before each attempt to connect, and when the server says that the token in use ends
   * soon. `undefined` is for nobody in particular. It has 10 s, and is asked one question at a time; one that rejects, or
   * gives tokens that are refused, is asked again after growing pauses. It goes before `token`.
   */
  readonly getToken?: GetToken | undefined;
  /**
   * How others see this person, where the server does not say. `awareness.setLocalState(null)` hides one from the others,
   * over reconnects too, and `awareness.setLocalState({})` shows one again.
   */
  readonly presence?: { readonly name: string; readonly color: string } | undefined;
  /** `false`: don't connect before `connect` is called. */
  readonly autoConnect?: boolean | undefined;
  /**
   * What `keepOffline()` returns: keeps the document, and what is not saved, on this device, so that both are there when the
   * page is opened without a network.
   */
  readonly offline?: KeepOffline | undefined;
  /** How the server is reached; by default Socket.IO, one connection for all documents of a server. */
  readonly connectChannel?: Connect | undefined;
  /** Time and chance, where a program brings its own: in its tests. */
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** What a provider tells, by `provider.on(name, …)`. */
export interface ProviderEvents {
  /** One of `status`, `unsavedChanges`, `saving`, `role`, `error` and `keeping` has changed. */
  change(): void;
  /** `status` is another one. */
  status(status: ProviderStatus): void;
  /** Whether the document has everything that the server has, and sends as it goes. */
  synced(isSynced: boolean): void;
  /** The number of changes that are not saved is another one, and not 0. */
  unsaved(count: number): void;
  /** Everything is on the server's disk. */
  saved(): void;
  /**
   * The server has refused the document, or a change to it, for good, and this is what was not saved: it is in this copy
   * only. `status` is `denied`. What to do: keep it for the person. `connect` tries once more, and then sends it again.
   *
   * With `copy-diverged`, and `status` `diverged`: somebody else has taken the place of what was written here, also of what
   * was called saved already. What to do: keep it for the person. Parts of it may be in the document all the same.
   */
  rejected(error: WireError, edits: RejectedEdits): void;
  /**
   * The document was reset, or restored from elsewhere, and this is what this copy of the earlier one was, or what was kept of
   * one here; it is nowhere else any more. It comes after `rejected`, if anything was not saved. What to do: keep it for the
   * person, destroy the provider, and let a new one with a new `Y.Doc` take its place. Of a copy that was kept it may come
   * from a provider that has nothing to do with it, and goes on: `status` says so. A listener that returns `false` has not
   * taken it: what is kept stays kept, and comes again with the next provider of the document.
   */
  replaced(copy: ReplacedCopy): void;
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
