import type { WireError } from '../../shared/errors.js';
import type { KeepOffline } from '../keeping.js';
import type { RejectedEdits, ReplacedCopy } from '../rejected-edits.js';
import type { GetToken } from '../token-source.js';

/** What elements get that do not say otherwise. */
export interface AutoOptions {
  /** Where the server is; by default where the page came from. */
  readonly url?: string | undefined;
  /** The path of Socket.IO on that server, if it is not `/socket.io`. */
  readonly path?: string | undefined;
  /** For elements without `data-coscribe-token`: shows who this is. */
  readonly getToken?: GetToken | undefined;
  /** `keepOffline` of this library, for elements with `data-coscribe-offline`. Without it they cannot be had. */
  readonly keepOffline?: ((options: { readonly scope?: string }) => KeepOffline) | undefined;
  /**
   * `false`: the browser does not ask before it leaves the page while something is not saved, and not kept on this device
   * either. For one element `data-coscribe-ask="no"` says the same.
   */
  readonly askBeforeLeaving?: boolean | undefined;
}

/**
 * What the attribute `data-coscribe-status` says. `connecting`: on the way to the server. `saved`: everything is on
 * the server's disk. `saving`: something is not yet. `offline`: no connection; what is written is kept in the page, and
 * sent later, and what has not come yet is read-only until it comes. `read-only`: this person may read. `denied`: it is not open, and does not open by itself.
 */
export type AutoStatus = 'connecting' | 'saved' | 'saving' | 'offline' | 'read-only' | 'denied';

/** What the server refused for good: it is in this page only. */
export interface Rejected {
  readonly error: WireError;
  readonly edits: RejectedEdits;
}

/**
 * Why an element does not show its document, or cannot go on with it, in a sentence; `code` of the table of errors, if it is
 * one of those. While its status is `offline` the element tries again by itself, and does not repeat what it has said.
 */
export interface Problem {
  readonly message: string;
  readonly code?: string;
}

/** The events at elements with `data-coscribe`, by what their `detail` is; they bubble, and leave shadow trees. */
export interface AutoEvents {
  'coscribe:status': { readonly status: AutoStatus };
  'coscribe:rejected': Rejected;
  /**
   * What was kept on this device of a document that was reset. Who has put it in a safe place calls `preventDefault`; until
   * then it is told of again with every visit.
   */
  'coscribe:replaced': ReplacedCopy;
  'coscribe:error': { readonly error: Problem };
}

type AutoEventMap = { [Name in keyof AutoEvents]: CustomEvent<AutoEvents[Name]> };

declare global {
  /** `addEventListener` knows the events, at elements, the document and the window. */
  interface GlobalEventHandlersEventMap extends AutoEventMap {}
  interface ElementEventMap extends AutoEventMap {}
}
