import { checksum } from './checksum.js';
import { numberList, textList } from './postgres-values.js';
import type { AppendBatch, AppendResult } from './store.js';

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
    known: KnownClients,
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
    this.values = [
      textList(this.asked.map(({ id }) => id)),
      textList(this.asked.map(({ generation }) => generation)),
      numberList(this.asked.map(({ committedAt }) => committedAt)),
      numberList(this.asked.map((batch) => batch.rows.length)),
      numberList(rows.map(({ clientId }) => clientId)),
      textList(rows.map(({ author }) => author)),
      numberList(this.asked.flatMap(rowSums)),
      numberList(offsets),
      numberList(lengths),
      this.bytes,
      ...claims(this.asked, known),
    ];
  }

  get empty(): boolean {
    return this.asked.length === 0;
  }

  /** @param firsts what the database answered */
  results(firsts: readonly number[], known: KnownClients): readonly AppendResult[] {
    let place = 0;
    return this.batches.map((batch, n): AppendResult => {
      if (!this.sound[n]) return { ok: false, code: 'client-id-in-use' };
      const firstSeq = firsts[place++] ?? 0;
      if (firstSeq === 0) return { ok: false, code: 'generation-changed' };
      if (firstSeq < 0) return { ok: false, code: 'client-id-in-use' };
      known.add(batch);
      return { ok: true, firstSeq };
    });
  }

  /** The same batches, each in a call of its own, with the copies of the updates. */
  split(known: KnownClients): readonly PackedAppend[] {
    let offset = 0;
    return this.batches.map((batch, n) => {
      if (!this.sound[n]) return new PackedAppend([batch], known);
      const rows = batch.rows.map((row) => {
        const update = this.bytes.subarray(offset, offset + row.update.length);
        offset += row.update.length;
        return { ...row, update };
      });
      return new PackedAppend([{ ...batch, rows }], known);
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

/** Without the `seq`: `append` adds it with an exclusive or. */
export function rowSum(
  id: string,
  clientId: number,
  author: string,
  committedAt: number,
  update: Uint8Array,
): number {
  return checksum([id, clientId, author, committedAt], update);
}

function rowSums({ id, committedAt, rows }: AppendBatch): number[] {
  return rows.map(({ clientId, author, update }) => rowSum(id, clientId, author, committedAt, update));
}

export function authorSum(id: string, clientId: number, author: string): number {
  return checksum([id, clientId, author]);
}

/** For each client that is not known yet: the number of its batch from 1 on, itself, its author, the checksum. */
function claims(batches: readonly AppendBatch[], known: KnownClients): readonly string[] {
  const numbers: number[] = [];
  const clients: number[] = [];
  const authors: string[] = [];
  const sums: number[] = [];
  for (const [n, { id, generation, rows }] of batches.entries()) {
    const claimed = new Set<number>();
    for (const { clientId, author } of rows) {
      if (claimed.has(clientId) || known.authorOf(generation, clientId) === author) continue;
      claimed.add(clientId);
      numbers.push(n + 1);
      clients.push(clientId);
      authors.push(author);
      sums.push(authorSum(id, clientId, author));
    }
  }
  return [numberList(numbers), numberList(clients), textList(authors), numberList(sums)];
}
