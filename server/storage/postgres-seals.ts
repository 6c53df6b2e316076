import type { DocumentId } from '../../shared/ids.js';
import type { Query } from './postgres-log.js';
import { READ_SEALS } from './postgres-statements.js';
import { textList } from './postgres-values.js';

/** About 150 bytes each. */
const MAX_KNOWN = 16_384;

/** The name that checksums of a document are made with; `undefined` if there is none of this generation. @throws CoscribeError */
export async function readSeal(
  query: Query,
  id: DocumentId,
  generation: string,
): Promise<string | undefined> {
  const { rows } = await query(READ_SEALS, [textList([id])]);
  const row = rows.find(([found]) => found === generation);
  return row && String(row[1]);
}

/** The names that checksums are made with, of documents that have another one by now. They never change. */
export class KnownSeals {
  private readonly seals = new Map<string, string>();

  /** @param id what it is, unless it is known that it is another one */
  sealOf(generation: string, id: DocumentId): string {
    return this.seals.get(generation) ?? id;
  }

  add(generation: string, id: DocumentId, sealedAs: string): void {
    if (sealedAs === id) return;
    if (this.seals.size >= MAX_KNOWN) this.seals.clear();
    this.seals.set(generation, sealedAs);
  }

  /** Asks the database about these documents. @returns the generations of those that are there. @throws CoscribeError */
  async learn(query: Query, ids: readonly DocumentId[]): Promise<ReadonlySet<string>> {
    const { rows } = await query(READ_SEALS, [textList(ids)]);
    if (this.seals.size + rows.length > MAX_KNOWN) this.seals.clear();
    for (const [generation, sealedAs] of rows) this.seals.set(String(generation), String(sealedAs));
    return new Set(rows.map(([generation]) => String(generation)));
  }
}
