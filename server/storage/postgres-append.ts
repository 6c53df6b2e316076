import { checksum } from './checksum.js';
import type { KnownSeals } from './postgres-seals.js';
import { authorSum, rowSum } from './postgres-sums.js';
import { numberList, optionalNumbers, optionalTexts, textList } from './postgres-values.js';
import { receiptFacts } from './receipt-records.js';
import type { AppendBatch, AppendRefusal, AppendResult } from './store.js';

/** About 60 bytes each. */
const MAX_KNOWN = 65_536;

/**
 * Clients of which the database has said that they are their author's; that never changes, so no append has to ask again.
 * Generations are unique, so they stand for documents.
 */
export class KnownClients {
  private readonly documents = new Map<string, Map<number, string>>();
  private count = 0;

  authorOf(generation: string, clientId: number): string | undefined {
    return this.documents.get(generation)?.get(clientId);
  }

  add({ generation, rows }: AppendBatch): void {
    const clients = this.documents.get(generation) ?? new Map<number, string>();
    for (const { clientId, author } of rows) {
      if (clients.has(clientId)) continue;
      clients.set(clientId, author);
      this.count++;
    }
    this.documents.set(generation, clients);
    if (this.count > MAX_KNOWN) this.forget();
  }

  /** After a failure it may be another database that answers next, such as one restored from a backup. */
  forget(): void {
    this.documents.clear();
    this.count = 0;
  }
}

/** What the database answers instead of a number of a row. */
const REFUSALS: ReadonlyMap<number, AppendRefusal> = new Map([
  [0, 'generation-changed'],
  [-1, 'client-id-in-use'],
  [-2, 'precondition-failed'],
  [-3, 'already-done'],
  // A seal that is not what the database has just said that it is.
  [-4, 'document-unreadable'],
]);
const SEALED_OTHERWISE = -4;

/** What is known of documents, so that the database need not be asked. */
export interface KnownFacts {
  readonly clients: KnownClients;
  readonly seals: KnownSeals;
}

/** The batches of one call, as the parameters of the function `append`. */
export class PackedAppend {
  readonly values: readonly unknown[];
  private readonly bytes: Buffer;
  /** Those that the database is asked about. */
  private readonly asked: readonly AppendBatch[];
  private readonly sound: readonly boolean[];

  /** Copies the updates, so that the caller may reuse its buffers at once. */
  constructor(
    private readonly batches: readonly AppendBatch[],
    { clients, seals }: KnownFacts,
  ) {
    this.sound = batches.map((batch) => !contradictsItself(batch));
    this.asked = batches.filter((_, n) => this.sound[n]);
    const rows = this.asked.flatMap((batch) => batch.rows);
    const lengths = rows.map(({ update }) => update.length);
    const offsets: number[] = [];
    let size = 0;
    for (const length of lengths) {
      offsets.push(size);
      size += length;
    }
    this.bytes = Buffer.allocUnsafe(size);
    for (const [n, { update }] of rows.entries()) this.bytes.set(update, offsets[n]);
    const names = this.asked.map(({ id, generation }) => seals.sealOf(generation, id));
    this.values = [
      textList(this.asked.map(({ id }) => id)),
      textList(this.asked.map(({ generation }) => generation)),
      numberList(this.asked.map(({ committedAt }) => committedAt)),
      numberList(this.asked.map((batch) => batch.rows.length)),
      numberList(rows.map(({ clientId }) => clientId)),
      textList(rows.map(({ author }) => author)),
      numberList(this.asked.flatMap((batch, n) => rowSums(batch, names[n] ?? batch.id))),
      numberList(offsets),
      numberList(lengths),
      this.bytes,
      ...claims(this.asked, names, clients),
      textList(this.asked.some(({ id }, n) => names[n] !== id) ? names : []),
      ...guards(this.asked),
    ];
  }

  get empty(): boolean {
    return this.asked.length === 0;
  }

  /** @param firsts what the database answered */
  results(firsts: readonly number[], { clients }: KnownFacts): AppendResult[] {
    let place = 0;
    return this.batches.map((batch, n): AppendResult => {
      if (!this.sound[n]) return { ok: false, code: 'client-id-in-use' };
      const firstSeq = firsts[place++] ?? 0;
      const code = REFUSALS.get(firstSeq);
      if (code !== undefined) return { ok: false, code };
      clients.add(batch);
      return { ok: true, firstSeq };
    });
  }

  /** The batches that were refused because their documents are sealed with other names than was known, with their places. */
  sealedOtherwise(
    firsts: readonly number[],
  ): readonly { readonly place: number; readonly batch: AppendBatch }[] {
    if (!firsts.includes(SEALED_OTHERWISE)) return [];
    let asked = 0;
    return this.copies().flatMap((batch, place) =>
      this.sound[place] && firsts[asked++] === SEALED_OTHERWISE ? [{ place, batch }] : [],
    );
  }

  /** The batches again, with the copies of the updates. */
  copies(): readonly AppendBatch[] {
    let offset = 0;
    return this.batches.map((batch, n) => {
      if (!this.sound[n]) return batch;
      const rows = batch.rows.map((row) => {
        const update = this.bytes.subarray(offset, offset + row.update.length);
        offset += row.update.length;
        return { ...row, update };
      });
      return { ...batch, rows };
    });
  }
}

/** Whether two authors write under one clientID in it. */
function contradictsItself({ rows }: AppendBatch): boolean {
  const authors = new Map<number, string>();
  return rows.some(({ clientId, author }) => {
    const first = authors.get(clientId);
    authors.set(clientId, author);
    return first !== undefined && first !== author;
  });
}

function rowSums({ committedAt, rows }: AppendBatch, sealedAs: string): number[] {
  return rows.map(({ clientId, author, update }) => rowSum(sealedAs, clientId, author, committedAt, update));
}

/** For each client that is not known yet: the number of its batch from 1 on, itself, its author, the checksum. */
function claims(
  batches: readonly AppendBatch[],
  names: readonly string[],
  known: KnownClients,
): readonly string[] {
  const numbers: number[] = [];
  const clients: number[] = [];
  const authors: string[] = [];
  const sums: number[] = [];
  for (const [n, { id, generation, rows }] of batches.entries()) {
    const sealedAs = names[n] ?? id;
    const claimed = new Set<number>();
    for (const { clientId, author } of rows) {
      if (claimed.has(clientId) || known.authorOf(generation, clientId) === author) continue;
      claimed.add(clientId);
      numbers.push(n + 1);
      clients.push(clientId);
      authors.push(author);
      sums.push(authorSum(sealedAs, clientId, author));
    }
  }
  return [numberList(numbers), numberList(clients), textList(authors), numberList(sums)];
}

/** Heads, and receipts' keys, digests and checksums, of each batch; nothing at all if no batch has a guard. */
function guards(batches: readonly AppendBatch[]): readonly string[] {
  const guarded = batches.some(({ guard }) => guard !== undefined) ? batches : [];
  const receipts = guarded.some(({ guard }) => guard?.receipt !== undefined)
    ? guarded.map(({ guard }) => guard?.receipt)
    : [];
  return [
    optionalNumbers(guarded.map(({ guard }) => guard?.head)),
    optionalTexts(receipts.map((receipt) => receipt?.key)),
    optionalTexts(receipts.map((receipt) => receipt?.digest)),
    optionalNumbers(guarded.map(receiptSum)),
  ];
}

/** Without the `seq`: `append` adds it with an exclusive or. */
function receiptSum({ generation, committedAt: createdAt, guard }: AppendBatch): number | undefined {
  const receipt = guard?.receipt;
  return receipt && checksum(receiptFacts({ ...receipt, generation, createdAt }));
}
