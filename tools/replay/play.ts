import * as random from 'lib0/random';
import type { Connect } from '../../client/channel.js';
import type { Clock } from '../../shared/time.js';
import { Latencies } from './latencies.js';
import type { Counters } from './line.js';
import { ReplayClient } from './replay-client.js';
import type { Trace, Transaction } from './trace.js';
import { Waiting } from './waiting.js';

/**
 * Plays a recording through real providers over real sockets, one for each author and one for a reader.
 *
 * A recorded transaction applies in the document as it stood when its author made it: with what he had seen of the
 * others, and nothing more. So that every provider has exactly that document, it gets what the others typed when
 * the recording says so, as if its network were slow: its line holds the rows that the server sends, and lets them
 * through when a transaction is due that was made with them. The edit itself is then an ordinary local one.
 *
 *   - Providers merge what they send. Where somebody saw a transaction and not yet the next one by the same author,
 *     that author waits until everything is on disk before he goes on: so the two are in different rows of the log.
 *   - With three authors or more, somebody may have seen a row and not yet one that the server numbered before it. A provider
 *     takes rows in order only, so such a row is merged into its document directly; it comes once more, in order, later.
 *   - Where two inserted at the same place, Yjs puts the text of the lower clientID first, and the recordings
 *     that of the lower author: so the clientIDs, which are chance, are handed out in ascending order.
 *   - A provider that joins again gets everything at once, so a recording of several authors ends there.
 */

/** Changes of one author that may wait for the server, so that memory is bounded; twice what one message merges. */
const MAX_UNSAVED = 200;
/** Nobody watches somebody think for longer than this, in milliseconds of the recording. */
const MAX_PAUSE_MS = 60_000;

export interface PlayOptions {
  readonly connect: Connect;
  readonly document: string;
  /** How many times faster than recorded; as fast as the server saves if absent. */
  readonly speed: number | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly unsaved: number;
  readonly elapsedMs: number;
}

export interface Played {
  /** The text of every client, by its name. */
  readonly contents: ReadonlyMap<string, string>;
  readonly elapsedMs: number;
  /** Last `seq` of the document's log. */
  readonly rows: number;
  readonly counters: Counters;
}

/** The document that a recording is to be played into has content already. */
export class NotEmptyError extends Error {
  override readonly name = 'NotEmptyError';
}

/** @throws TraceError, NotEmptyError, StalledError, what `signal` was aborted with */
export async function play(trace: Trace, options: PlayOptions): Promise<Played> {
  const player = new Player(trace, options);
  try {
    return await player.run();
  } finally {
    player.end();
  }
}

class Player {
  private readonly authors: readonly ReplayClient[];
  private readonly clients: ReadonlyMap<string, ReplayClient>;
  private readonly counters: Counters = { latencies: new Latencies(), messages: 0, bytes: 0 };
  private readonly waiting: Waiting;
  /** Which author wrote a row of the log, by `seq`. */
  private readonly owners: number[] = [];
  /** How many transactions each author has made. */
  private readonly made: number[];
  /** For each author: after how many of his transactions the log stood at which row. */
  private readonly marks: readonly Map<number, number>[];
  /** Whether an author's last transaction has to be on disk before he makes the next one. */
  private readonly apart: boolean[];

  constructor(
    private readonly trace: Trace,
    private readonly options: PlayOptions,
  ) {
    const { connect, document, clock, signal } = options;
    const clientIds = Array.from({ length: trace.authors }, () => random.uint32()).sort((a, b) => a - b);
    const common = { connect, document, clock, counters: this.counters };
    this.authors = clientIds.map(
      (clientId, author) =>
        new ReplayClient({ ...common, clientId, name: `author ${author}`, holding: trace.authors > 1 }),
    );
    const reader = new ReplayClient({ ...common, name: 'reader', holding: false });
    this.clients = new Map([
      ...this.authors.map((client, author): [string, ReplayClient] => [`author ${author}`, client]),
      ['reader', reader],
    ]);
    this.made = this.authors.map(() => 0);
    this.marks = this.authors.map(() => new Map());
    this.apart = this.authors.map(() => false);
    this.waiting = new Waiting([...this.clients.values()], clock, signal);
    for (const [author, { line }] of this.authors.entries()) {
      line.onAcked = (seq) => {
        this.owners[seq] = author;
      };
    }
  }

  async run(): Promise<Played> {
    const { trace, options } = this;
    const { clock } = options;
    await this.waiting.connected();
    for (const client of this.clients.values()) if (client.content !== '') throw new NotEmptyError();
    const startedAt = clock.monotonic();
    await this.writeStart();
    let due = clock.monotonic();
    let previous = trace.transactions[0]?.time ?? 0;
    for (const [done, transaction] of trace.transactions.entries()) {
      if (options.speed !== undefined) {
        const pause = Math.min(Math.max(transaction.time - previous, 0), MAX_PAUSE_MS);
        previous = Math.max(previous, transaction.time);
        due += pause / options.speed;
        await this.waiting.time(due);
      }
      await this.make(transaction, `Transaction ${done}`);
      this.report(done + 1, startedAt);
    }
    await this.settle();
    const elapsedMs = clock.monotonic() - startedAt;
    this.report(trace.transactions.length, startedAt);
    return {
      contents: new Map(Array.from(this.clients, ([name, client]) => [name, client.content])),
      elapsedMs,
      rows: this.head(),
      counters: this.counters,
    };
  }

  end(): void {
    this.waiting.end();
    for (const { provider } of this.clients.values()) provider.destroy();
  }

  /** The text that the recording begins with is the first author's, and everybody has it. */
  private async writeStart(): Promise<void> {
    const [first] = this.authors;
    if (this.trace.startContent === '' || first === undefined) return;
    first.edit([[0, 0, this.trace.startContent]], 'The start');
    await this.saved(first);
    for (const { line } of this.authors) {
      await this.waiting.until(() => line.seq >= first.line.lastAcked);
      line.letThrough(line.held.length);
    }
  }

  private async make({ author, patches, sees, seenApart }: Transaction, what: string): Promise<void> {
    const client = this.authors[author];
    if (client === undefined) return;
    if (this.apart[author]) await this.mark(author);
    const limits = new Map<number, number>();
    for (const seen of sees) limits.set(seen.author, await this.rowAfter(seen.author, seen.count));
    if (limits.size > 0) await this.see(client, author, limits);
    client.edit(patches, what);
    this.made[author] = (this.made[author] ?? 0) + 1;
    this.apart[author] = seenApart;
    if (client.unsaved >= MAX_UNSAVED) await this.waiting.until(() => client.unsaved <= MAX_UNSAVED / 2);
  }

  /** The row of the log at which everything up to an author's transaction `count`, and nothing later, is on disk. */
  private async rowAfter(author: number, count: number): Promise<number> {
    if (this.made[author] === count) await this.mark(author);
    return this.marks[author]?.get(count) ?? 0;
  }

  private async mark(author: number): Promise<void> {
    const client = this.authors[author];
    if (client === undefined) return;
    await this.saved(client);
    this.marks[author]?.set(this.made[author] ?? 0, client.line.lastAcked);
    this.apart[author] = false;
  }

  /** Lets through what the others had written up to these rows. */
  private async see(client: ReplayClient, self: number, limits: ReadonlyMap<number, number>): Promise<void> {
    const { line } = client;
    const last = Math.max(...limits.values());
    await this.waiting.until(() => line.seq >= last);
    const isSeen = ({ seq }: { readonly seq: number }): boolean => {
      const owner = this.owners[seq];
      return owner === self || (owner !== undefined && seq <= (limits.get(owner) ?? 0));
    };
    const unseen = line.held.findIndex((row) => !isSeen(row));
    line.letThrough(unseen === -1 ? line.held.length : unseen);
    for (const row of line.held) if (isSeen(row)) client.mergeEarly(row);
  }

  private saved(client: ReplayClient): Promise<void> {
    return this.waiting.until(() => client.unsaved === 0);
  }

  /** Everything is on disk, and everybody has everything. */
  private async settle(): Promise<void> {
    for (const client of this.authors) await this.saved(client);
    const head = this.head();
    for (const { line } of this.clients.values()) {
      await this.waiting.until(() => line.seq >= head);
      line.open();
    }
  }

  private head(): number {
    return Math.max(...this.authors.map(({ line }) => line.lastAcked));
  }

  private report(done: number, startedAt: number): void {
    this.options.onProgress({
      done,
      total: this.trace.transactions.length,
      unsaved: this.authors.reduce((sum, { unsaved }) => sum + unsaved, 0),
      elapsedMs: this.options.clock.monotonic() - startedAt,
    });
  }
}
