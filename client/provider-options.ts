import type * as Y from 'yjs';
import type { WireError } from '../shared/errors.js';
import type { ContentCheck } from '../shared/protocol.js';
import type { Clock, Random } from '../shared/time.js';
import type { Connect } from './channel.js';

export interface ProviderOptions {
  /** `{workspace}/{name}` or `{name}`. */
  readonly document: string;
  /** Where the server is; by default where the page came from. */
  readonly url?: string;
  /** The document to keep in step; by default a new one. */
  readonly doc?: Y.Doc;
  /** How others see this person. */
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
  /** A local change was refused for good; it is in this copy and will never be in anybody else's. */
  rejected(error: WireError): void;
  /**
   * This copy shows something else than the document does at `seq`, though it has all of the log and nothing unsaved. It
   * has stopped taking part, for good. What to do: destroy the provider at once, and let a new one with a new `Y.Doc`
   * take its place; nothing is lost. The page does so by itself.
   */
  diverged(check: ContentCheck, ownHash: string): void;
}
