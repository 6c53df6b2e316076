import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** `[position, number of characters to delete, text to insert]`; positions count Unicode code points. */
export type Patch = readonly [position: number, deleteCount: number, insert: string];

/** "The first `count` transactions of `author`". */
export interface Seen {
  readonly author: number;
  readonly count: number;
}

export interface Transaction {
  readonly author: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly patches: readonly Patch[];
  /** What its author saw of the others since his transaction before. */
  readonly sees: readonly Seen[];
  /** Whether somebody else sees it and not yet what its author does next. */
  seenApart: boolean;
}

/** A recorded editing session. */
export interface Trace {
  readonly authors: number;
  readonly startContent: string;
  readonly endContent: string;
  /** In an order in which each comes after those that its author had seen. */
  readonly transactions: readonly Transaction[];
}

/** The recording cannot be played; the message is a sentence for the person who named the file. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

const MAX_BYTES = 512 * 1024 * 1024;
const MAX_AUTHORS = 100;

/** Reads a recording, as JSON or as gzipped JSON. @throws TraceError */
export async function readTrace(file: string): Promise<Trace> {
  const text = (await readBytes(file)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TraceError(`${file} is no JSON, gzipped or not.`);
  }
  try {
    return parseTrace(json);
  } catch (error) {
    if (error instanceof TraceError) throw new TraceError(`${file} is no recording: ${error.message}`);
    throw error;
  }
}

async function readBytes(file: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new TraceError(missing ? `There is no file ${file}.` : `${file} cannot be read: ${String(error)}.`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw new TraceError(`${file} cannot be decompressed: ${(error as Error).message}.`);
  }
}

/**
 * Reads the two forms of the public data set josephg/editing-traces: sequential (one author) and concurrent (several,
 * each transaction with the `parents` that it was made upon).
 *
 * @throws TraceError
 */
export function parseTrace(json: unknown): Trace {
  const { kind, startContent = '', endContent, txns, numAgents = 1 } = record(json, 'it');
  if (kind !== undefined && kind !== 'concurrent') throw new TraceError(`the kind "${kind}" is not known.`);
  if (typeof startContent !== 'string') throw new TraceError('startContent is no text.');
  if (typeof endContent !== 'string') throw new TraceError('endContent is no text.');
  if (!Array.isArray(txns)) throw new TraceError('txns is no list.');
  if (!isCount(numAgents) || numAgents < 1 || numAgents > MAX_AUTHORS)
    throw new TraceError(`numAgents is not a number from 1 to ${MAX_AUTHORS}.`);
  const concurrent = kind === 'concurrent';
  const authors = concurrent ? numAgents : 1;
  const history = new History(authors);
  const transactions = txns.map((txn: unknown, index): Transaction => {
    const what = `transaction ${index}`;
    const { agent, parents, time, patches } = record(txn, what);
    const author = concurrent ? agent : 0;
    if (!isCount(author) || author >= authors)
      throw new TraceError(`the agent of ${what} is none of ${authors}.`);
    return {
      author,
      time: typeof time === 'string' ? Date.parse(time) || 0 : 0,
      patches: readPatches(patches, what),
      sees: history.add(author, concurrent ? readParents(parents, what) : history.latest(), what),
      seenApart: false,
    };
  });
  markSeenApart(transactions, authors);
  return { authors, startContent, endContent, transactions };
}

/** Who had seen what. Each author's own transactions are a chain, so a version is one count for each author. */
class History {
  private readonly versions: Uint32Array[] = [];
  private readonly latestOf: Uint32Array[];

  constructor(private readonly authors: number) {
    this.latestOf = Array.from({ length: authors }, () => new Uint32Array(authors));
  }

  /** Parents of a transaction that follows everything before it. */
  latest(): number[] {
    return this.versions.length === 0 ? [] : [this.versions.length - 1];
  }

  /** Adds a transaction. @returns what its author saw of the others since his last one */
  add(author: number, parents: readonly number[], what: string): Seen[] {
    const version = new Uint32Array(this.authors);
    for (const parent of parents) {
      const of = this.versions[parent];
      if (of === undefined) throw new TraceError(`a parent of ${what} does not come before it.`);
      for (const [other, count] of of.entries()) if (count > at(version, other)) version[other] = count;
    }
    const before = this.latestOf[author] ?? version;
    const sees: Seen[] = [];
    for (const [other, count] of version.entries()) {
      if (count < at(before, other)) {
        throw new TraceError(`${what} was made without something that its author had seen before.`);
      }
      if (other !== author && count > at(before, other)) sees.push({ author: other, count });
    }
    version[author] = at(version, author) + 1;
    this.versions.push(version);
    this.latestOf[author] = version;
    return sees;
  }
}

function at(version: Uint32Array, author: number): number {
  return version[author] ?? 0;
}

function markSeenApart(transactions: readonly Transaction[], authors: number): void {
  const byAuthor: Transaction[][] = Array.from({ length: authors }, () => []);
  for (const transaction of transactions) byAuthor[transaction.author]?.push(transaction);
  for (const { sees } of transactions) {
    for (const { author, count } of sees) {
      const seen = byAuthor[author]?.[count - 1];
      if (seen !== undefined) seen.seenApart = true;
    }
  }
}

function readParents(value: unknown, what: string): number[] {
  if (!Array.isArray(value) || !value.every(isCount))
    throw new TraceError(`the parents of ${what} are none.`);
  return value;
}

function readPatches(value: unknown, what: string): Patch[] {
  if (!Array.isArray(value)) throw new TraceError(`the patches of ${what} are no list.`);
  return value.map((patch: unknown): Patch => {
    const [position, deleteCount, insert] = Array.isArray(patch) ? patch : [];
    if (!isCount(position) || !isCount(deleteCount) || typeof insert !== 'string') {
      throw new TraceError(`a patch of ${what} is not [position, deleteCount, insertText].`);
    }
    // Yjs replaces half a surrogate pair, so the text could not end as recorded.
    if (!/^\P{Surrogate}*$/u.test(insert)) throw new TraceError(`${what} inserts half a character.`);
    return [position, deleteCount, insert];
  });
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new TraceError(`${what} is no object.`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
