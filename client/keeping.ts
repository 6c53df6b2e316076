import type * as Y from 'yjs';
import type { ErrorCode } from '../shared/errors.js';
import type { DocumentId } from '../shared/ids.js';
import type { Role } from '../shared/protocol.js';
import type { Clock } from '../shared/time.js';
import type { Change } from './outbox.js';
import type { ReplacedCopy } from './rejected-edits.js';
import type { Position } from './replica.js';

/**
 * Whether a copy of the document is kept on this device. `off`: nobody asked for that, or it was forgotten. `loading`: what was kept is on its
 * way into the document. `kept`: every change is kept until the server has it. `failed`: it can't be (there is no IndexedDB
 * here, or no room in it); everything else works.
 */
export type Keeping = 'off' | 'loading' | 'kept' | 'failed';

/** Why a provider takes part no longer, and what its application was told. */
export interface Ending {
  readonly code: ErrorCode;
  /** The application has got what was not saved, or nothing was unsaved. */
  readonly handedBack: boolean;
  /** With `generation-changed`: what the copy was. */
  readonly copy?: ReplacedCopy | undefined;
  /** The application has got that. */
  readonly handedOver?: boolean;
}

/** What a provider lends to whoever keeps its copy. */
export interface KeepHost {
  /** Where the server is: address and path. */
  readonly server: string;
  readonly document: DocumentId;
  readonly doc: Y.Doc;
  readonly clock: Clock;
  /** It sends to the server, and gets what others send. */
  isLive(): boolean;
  position(): Position | undefined;
  role(): Role | undefined;
  /** What the server may not have. */
  unsaved(): readonly Change[];
  /** The copy has everything up to there. */
  restore(position: Position, role: Role | undefined): void;
  /** The copy is about to get what was made here in an earlier life, under this clientID. */
  adopt(clientId: number): void;
  /** Something that the copy has got, and the server may not have. */
  add(change: Change): void;
  /** The application is to hear of a copy of an earlier generation. @returns whether it listens */
  replaced(copy: ReplacedCopy): boolean;
  /** `keeping` has changed. */
  changed(): void;
}

/** Keeps the copy of one provider. None of this throws. */
export interface KeptCopy {
  readonly keeping: Keeping;
  /** Puts what is kept into the document. @param loaded called once, also if there was nothing, or it failed */
  load(loaded: () => void): void;
  /** Something that the server may not have. */
  added(change: Change): void;
  /** The server has these. */
  saved(changes: readonly Change[]): void;
  /** These are in the server's log, and the copy is at `host.position()` with them. `own`: they were made here. */
  logged(updates: readonly Uint8Array[], own: boolean): void;
  /** The provider has become live, or is so no longer. */
  lineChanged(): void;
  /** The provider takes part no longer, as it is. */
  ended(ending: Ending): void;
  /** Wipes what is kept of the document, and keeps nothing more. */
  forget(): Promise<void>;
  /** Lets go of everything; what is kept stays. */
  destroy(): void;
}

/** What `keepOffline` gives to a provider. */
export type KeepOffline = (host: KeepHost) => KeptCopy;
