import { readTokens } from './tokens.js';

/** One Yjs transaction of a typist. */
export interface Edit {
  readonly inserted: readonly string[];
  readonly deleted: readonly string[];
}

/** Somebody's edits, in the order in which they were made. */
export interface EditRecord {
  readonly edits: readonly Edit[];
  /** So many of them, the first ones, were confirmed. */
  readonly acked: number;
  /** Forgets the edits: they are part of what the document started from now. */
  forget(): void;
}

/** Everything that was ever typed into one document, and by whom it was confirmed. */
export class Ledger {
  /** What the text was when all was well the last time. */
  private base: ReadonlySet<string> = new Set();
  private readonly records: EditRecord[] = [];

  add(record: EditRecord): void {
    this.records.push(record);
  }

  /** How much of what each has typed is confirmed at this moment. */
  confirmed(): readonly number[] {
    return this.records.map(({ acked }) => acked);
  }

  /**
   * What is wrong with a text that was read after these edits were confirmed: what is lost, back again after it was
   * deleted, or was typed by nobody. Edits that were not confirmed may be there or not.
   */
  check(text: string, confirmed: readonly number[]): string[] {
    const { tokens, problems } = readTokens(text);
    const { typed, acked, deleted, ackedDeleted } = this.sums(confirmed);
    for (const token of acked) {
      if (!deleted.has(token) && !tokens.has(token)) problems.push(`lost, though it was confirmed: ${token}`);
    }
    for (const token of tokens) {
      if (!typed.has(token)) problems.push(`typed by nobody: ${token}`);
      if (ackedDeleted.has(token)) problems.push(`there again after it was deleted: ${token}`);
    }
    return problems;
  }

  /** All is well with this text: from here on it is what the document starts from. */
  settle(text: string): void {
    this.base = readTokens(text).tokens;
    for (const record of this.records) record.forget();
  }

  private sums(confirmed: readonly number[]) {
    const typed = new Set(this.base);
    const acked = new Set(this.base);
    const deleted = new Set<string>();
    const ackedDeleted = new Set<string>();
    for (const [who, { edits }] of this.records.entries()) {
      const count = confirmed[who] ?? 0;
      for (const [place, edit] of edits.entries()) {
        for (const token of edit.inserted) typed.add(token);
        for (const token of edit.deleted) deleted.add(token);
        if (place >= count) continue;
        for (const token of edit.inserted) acked.add(token);
        for (const token of edit.deleted) ackedDeleted.add(token);
      }
    }
    return { typed, acked, deleted, ackedDeleted };
  }
}
