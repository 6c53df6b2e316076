import type { RunContext } from '../scenarios/scenario.js';
import { type LongText, type LongTextSize, writeLongText } from './documents/long-text.js';
import { writeDocument } from './documents/write-document.js';
import { FIRST_CLIENT_ID } from './edits.js';
import type { Seat } from './fleet.js';
import { FollowingClient } from './following-client.js';
import { TypingRun } from './typing-run.js';
import { median, sleep } from './waiting.js';

export interface BigDocumentOptions {
  readonly size: LongTextSize;
  /** What one edit of it replaces: so many pieces of so many characters. */
  readonly pieces: number;
  readonly pieceLength: number;
  /** The others: documents, and typists of each. */
  readonly documents: number;
  readonly typists: number;
  /** Edits a second of each. */
  readonly rate: number;
  /** How often the big document is changed, and how often a client with an old copy comes back to it, in milliseconds. */
  readonly editEveryMs: number;
  readonly returnEveryMs: number;
}

/** What the others felt. Times in milliseconds. */
export type BigDocumentFigures = Awaited<ReturnType<typeof measureBigDocument>>;

const DOCUMENT = 'big';
/** Of the second run: the server is warm. */
const WARM_UP_MS = 2_000;
/** Measured with the big document moving, for each second without. */
const LONGER = 2;
const CLIENTS = FIRST_CLIENT_ID + 0x100_0000;

/** @throws Error if clients do not get in, or the big document cannot be written */
export async function measureBigDocument(context: RunContext, options: BigDocumentOptions) {
  const { choices, random, server, process } = context;
  const text = writeLongText(options.size, random);
  const bytes = text.state.length;
  await writeDocument({
    protocol: server.protocol,
    address: process.address,
    document: DOCUMENT,
    clientId: CLIENTS,
    updates: text.parts(),
    text: text.text,
  });
  const before = await typing(context, 'before', options);
  const measureMs = choices.measureMs * LONGER;
  const load = new BigDocumentLoad(context, text, options, WARM_UP_MS + measureMs);
  await load.start();
  try {
    const during = await typing(
      { ...context, choices: { ...choices, warmUpMs: WARM_UP_MS, measureMs } },
      'during',
      options,
    );
    return { bytes, before, during, load: await load.stop() };
  } finally {
    await load.stop();
  }
}

function typing(context: RunContext, name: string, { documents, typists, rate }: BigDocumentOptions) {
  const seats: Seat[] = Array.from({ length: documents * typists }, (_, number) => ({
    number,
    document: `${name}-${Math.floor(number / typists)}`,
  }));
  const numbers = seats.map(({ number }) => number);
  return new TypingRun(context, { seats, typists: numbers, rate, checked: numbers.slice(0, typists) }).run();
}

/** Changes the big document again and again, while clients with an old copy come back to it. */
class BigDocumentLoad {
  private readonly edits: readonly (readonly Uint8Array[])[];
  private readonly stateVector: Uint8Array;
  private readonly writer: FollowingClient;
  private readonly returns: { readonly ms: number; readonly bytes: number }[] = [];
  private readonly failures: string[] = [];
  private sent = 0;
  private stopped = false;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: RunContext,
    text: LongText,
    private readonly options: BigDocumentOptions,
    lastsMs: number,
  ) {
    this.stateVector = text.stateVector;
    const writerId = CLIENTS + 2;
    // Made before: the generator has to be punctual meanwhile.
    this.edits = Array.from({ length: Math.ceil(lastsMs / options.editEveryMs) + 1 }, () =>
      text.rewrite(writerId, options.pieces, options.pieceLength),
    );
    this.writer = new FollowingClient(
      context.server.protocol,
      context.process.address,
      { document: DOCUMENT, clientId: writerId, catchUp: true },
      () => {},
    );
  }

  async start(): Promise<void> {
    await this.writer.opened;
    this.loops = Promise.all([this.edit(), this.comeBack()]);
  }

  async stop() {
    this.stopped = true;
    await this.loops;
    this.writer.close();
    const ms = this.returns.map((one) => one.ms);
    return {
      edits: this.sent,
      acknowledged: this.writer.acks.length,
      returns: this.returns.length,
      returnMs: median(ms) ?? null,
      longestReturnMs: ms.length === 0 ? null : Math.max(...ms),
      returnBytes: median(this.returns.map((one) => one.bytes)) ?? null,
      failures: [...this.failures, ...this.writer.failures],
    };
  }

  private async edit(): Promise<void> {
    for (const parts of this.edits) {
      if (this.stopped) return;
      for (const part of parts) this.writer.sendUpdate(part, this.sent++);
      await this.rest(this.options.editEveryMs);
    }
  }

  private async comeBack(): Promise<void> {
    const { server, process } = this.context;
    // A generation without a number: it knows the document and not where it stood.
    const known = { stateVector: this.stateVector, generation: this.writer.place?.generation ?? '', seq: 0 };
    for (let clientId = CLIENTS + 3; !this.stopped; clientId++) {
      const startedAt = performance.now();
      const request = { document: DOCUMENT, clientId, known };
      const client = new FollowingClient(server.protocol, process.address, request, () => {});
      try {
        const bytes = await client.opened;
        this.returns.push({ ms: performance.now() - startedAt, bytes });
      } catch (error) {
        this.failures.push(String(error));
      } finally {
        client.close();
      }
      await this.rest(this.options.returnEveryMs);
    }
  }

  /** Ends early when all of it is to stop. */
  private async rest(ms: number): Promise<void> {
    const endsAt = performance.now() + ms;
    while (!this.stopped && performance.now() < endsAt)
      await sleep(Math.min(100, Math.max(1, endsAt - performance.now())));
  }
}
