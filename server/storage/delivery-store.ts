import type { DocumentId } from '../../shared/ids.js';

/** Of how many of the newest changes a delivery names the authors. */
export const AUTHORS_OF_CHANGES = 256;

/**
 * What a store keeps of which changes a webhook was told: for each hook and document the last `seq`. What comes after it
 * is due, so that no commit has anything to write for it. `contracts/delivery-store-contract.ts` is the
 * specification; the methods reject as those of a `DocumentStore` do.
 *
 * A document counts whether it is deleted or not, until it is erased: a change was made, and is told.
 */
export interface DeliveryStore {
  /** Where it is kept what became of documents. With a store without it webhooks are told of changes only. */
  readonly life?: LifeStore;

  /**
   * Makes a hook known that is not: what is committed from `now` on is due, and nothing before.
   *
   * @param hook its name, 1 to 64 characters
   */
  beginHook(hook: string, now: number): Promise<HookRecord>;

  /**
   * For each document the next delivery, which nobody else gets until it is completed or the lease ends. What was claimed
   * once and not completed is given again with the same `from` and `to`, whatever was committed since and whoever asks, as far
   * as `upTo` lets it.
   *
   * @returns the outcomes, in the order of `wanted`
   * @throws CoscribeError `internal` if the hook was not begun
   */
  claimDeliveries(
    hook: string,
    wanted: readonly WantedDelivery[],
    lease: DeliveryLease,
  ): Promise<readonly ClaimOutcome[]>;

  /**
   * What was claimed was told: it is not due any more, and the leases of this owner end. A document that has another
   * generation by now is passed over.
   */
  completeDeliveries(hook: string, told: readonly ToldDelivery[], owner: string): Promise<void>;

  /**
   * Documents with something due, claimed or not, in the order of the minutes of their last edits.
   *
   * @param after looks at documents behind this place
   * @param limit how many documents are looked at, at most
   * @throws CoscribeError `internal` if the hook was not begun
   */
  dueDocuments(hook: string, after: DuePlace, limit: number): Promise<DuePage>;

  /** Notes that nothing is due that was edited before this minute. An earlier minute than the one noted changes nothing. */
  hookChecked(hook: string, minute: number): Promise<void>;
}

/** What the store remembers of a webhook. */
export interface HookRecord {
  /** What was committed earlier is not due. Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Nothing is due that was edited before this minute, in minutes since the Unix epoch. */
  readonly checkedMinute: number;
}

export interface WantedDelivery {
  readonly id: DocumentId;
  /**
   * A commit that must be told if the hook was told nothing about this document so far; without it, that goes by the
   * time at which the hook was begun, and clocks may differ.
   */
  readonly commit?: { readonly generation: string; readonly from: number } | undefined;
  /** Changes after this one are left for a later delivery. */
  readonly upTo?: number | undefined;
}

/** Until when a delivery belongs to whom. Times in milliseconds since the Unix epoch. */
export interface DeliveryLease {
  /** Who claims; what it holds already it gets again. 1 to 64 characters. */
  readonly owner: string;
  readonly now: number;
  readonly until: number;
}

/** Changes `from` to `to` of a document's log. */
export interface Delivery {
  readonly generation: string;
  readonly from: number;
  readonly to: number;
  /** Last `seq` of the log; beyond `to` there is another delivery. */
  readonly head: number;
  /** When change `to` was committed; if its row is gone, when the document was last edited. */
  readonly at: number;
  /** Who wrote the last `AUTHORS_OF_CHANGES` of the changes, as far as their rows are there; each once, the last one first. */
  readonly authors: readonly string[];
}

/** What came of the wish to deliver the edits of a document. */
export type ClaimOutcome =
  | { readonly state: 'claimed'; readonly delivery: Delivery }
  /** It belongs to somebody else, until then at most. */
  | { readonly state: 'held'; readonly until: number }
  /** Nothing is due, or there is no such document, or it is damaged. */
  | { readonly state: 'nothing' };

/** A delivery that has arrived. */
export interface ToldDelivery {
  readonly id: DocumentId;
  readonly generation: string;
  readonly to: number;
}

/** A place in the order in which `dueDocuments` looks at documents. `key` is the store's; 0 is before all of the minute. */
export interface DuePlace {
  readonly minute: number;
  readonly key: number;
}

/** Some of the documents that may be due. */
export interface DuePage {
  readonly documents: readonly DueDocument[];
  /** Where to go on; `undefined` if all were looked at. */
  readonly next?: DuePlace | undefined;
}

/** A document of which a webhook may not have heard everything. */
export interface DueDocument {
  readonly id: DocumentId;
  /** Milliseconds since the Unix epoch, as `DocumentSummary.updatedAt`. */
  readonly updatedAt: number;
}

/** What can become of a document, besides that it changes. */
export const LIFE_KINDS = ['created', 'deleted', 'restored', 'moved', 'purged'] as const;

/** One of them. */
export type LifeKind = (typeof LIFE_KINDS)[number];

/**
 * What a store keeps of what became of documents, for each hook until it was told. Whatever creates, deletes, restores,
 * renames or erases a document writes it, in the same transaction: a document that `open` made was created, too.
 *
 * An event is not given before an earlier one of the same document, or one that names one of its names.
 */
export interface LifeStore {
  /**
   * Keeps what happens from now on for this hook, if it is of these kinds. What was kept stays, unless there are none: then
   * the hook is forgotten, and so is one for which this was not called for `FORGET_HOOK_MS`.
   */
  keepEvents(hook: string, kinds: readonly LifeKind[], now: number): Promise<void>;

  /**
   * For each name the next event of the document that has it, or of one that had it; nobody else gets that until it is
   * completed or the lease ends. An owner gets again what it holds, and the same event under several names.
   *
   * @returns the outcomes, in the order of `ids`
   */
  claimEvents(
    hook: string,
    ids: readonly DocumentId[],
    lease: DeliveryLease,
  ): Promise<readonly LifeOutcome[]>;

  /** They were told, and are forgotten. */
  completeEvents(hook: string, keys: readonly number[]): Promise<void>;

  /** What waits, claimed or not, behind this key, in the order of the keys; `limit` at most. */
  dueEvents(hook: string, after: number, limit: number): Promise<readonly LifeEvent[]>;
}

/** A hook that no node has had for so long is not kept anything for, in milliseconds. */
export const FORGET_HOOK_MS = 30 * 86_400_000;

/** Something that became of a document. */
export interface LifeEvent {
  /** Larger than those of all events that wait already. */
  readonly key: number;
  readonly kind: LifeKind;
  /** The name that the document had from then on, or last. */
  readonly id: DocumentId;
  /** Of one that was moved, the name that it had before. */
  readonly former?: DocumentId;
  readonly generation: string;
  /** Last `seq` of its log then. */
  readonly head: number;
  /** Milliseconds since the Unix epoch, by the clock of whoever did it, or of the store. */
  readonly at: number;
}

/** What came of the wish to tell what became of a document. */
export type LifeOutcome =
  /** `now` is the name of the document, unless it is erased, or another one has taken the name that it had. */
  | { readonly state: 'claimed'; readonly event: LifeEvent; readonly now?: DocumentId }
  /** It belongs to somebody else, until then at most. */
  | { readonly state: 'held'; readonly until: number }
  | { readonly state: 'nothing' };
