import type { StoredDocument, StoredRest } from '../check/store-reader.js';
import type { Migration } from '../unfinished.js';

export interface WriterOptions {
  /** Keeps nodes out of a PostgreSQL store meanwhile. A SQLite file is always had alone. */
  readonly alone: boolean;
  wait(milliseconds: number): Promise<void>;
}

/** How documents get into a store with everything that belongs to them: generations, numbers, times, deletion. */
export interface StoreWriter {
  /** Without secrets. */
  readonly description: string;
  /** Whether there is no document, deleted or not. */
  isEmpty(): Promise<boolean>;
  /** What of a document of this name is there: its generation and the end of its log. One that was set aside is not. */
  find(id: string): Promise<WrittenDocument | undefined>;
  /**
   * Webhooks, changes of access, and receipts of no document. Has to come before the documents.
   *
   * @param again whether all that is there was written by an earlier attempt
   */
  writeRest(rest: StoredRest, again: boolean): Promise<void>;
  /**
   * Keeps a document, in one transaction, instead of one of its name that was set aside.
   *
   * @param replace instead of any one of its name
   * @returns `false`, and nothing is changed, if there is one by now
   */
  write(document: StoredDocument, replace: boolean): Promise<boolean>;
  /** Makes a document that cannot be opened, so that nobody begins an empty one of its name; nothing if there is one. */
  setAside(id: string, now: number): Promise<void>;
  /** The names of documents that were set aside. */
  listAside(): Promise<readonly string[]>;
  /** Takes one away that was set aside, so that its name is free; nothing of any other one. */
  forgetAside(id: string): Promise<void>;
  /** The migration into this store that was begun and is not finished, if there is one. */
  unfinished(): Promise<Migration | undefined>;
  /** Marks the store: until `finish` no server starts with it. */
  begin(migration: Migration): Promise<void>;
  finish(): Promise<void>;
  /** Everything is on disk when this fulfils. */
  close(): Promise<void>;
}

export interface WrittenDocument {
  readonly generation: string;
  readonly head: number;
  /** Milliseconds since the Unix epoch, if it is deleted. */
  readonly deletedAt: number | undefined;
}
