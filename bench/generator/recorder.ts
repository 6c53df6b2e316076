import { Durations } from '../../load/histogram.js';
import type { Seat } from './fleet.js';
import type { WindowFigures } from './progress.js';
import type { Schedule } from './schedule.js';

export interface RecorderOptions {
  readonly seats: readonly Seat[];
  /** Numbers of the seats that type. */
  readonly typists: readonly number[];
  readonly schedule: Schedule;
  /** Latencies are of characters that were due from `from` up to `to`, by `performance.now()`. */
  readonly window: { readonly from: number; readonly to: number };
  /** Latency is taken at one client of so many for each frame, in turn; deliveries are counted at all. */
  readonly sampleEvery: number;
}

/** A client that listens. */
interface Receiver {
  readonly document: number;
  /** Next clock of each typist of the document, up to which everything came. */
  readonly next: Int32Array;
  readonly node: number;
  /** Clocks that came out of turn, by typist. */
  readonly ahead: Map<number, Set<number>>;
  frames: number;
}

/**
 * Counts what was typed and what came of it at every other client of the document, by typist and clock: a lost character is
 * missing at somebody, a duplicate came twice.
 */
export class Recorder {
  readonly latency = new Durations();
  readonly ackLatency = new Durations();
  /** How much later than it was due a character was sent. */
  readonly slip = new Durations();
  /** Characters sent; those due in the window. */
  sent = 0;
  sentInWindow = 0;
  /** Acknowledgements that came; those of characters due in the window. */
  acks = 0;
  acksInWindow = 0;
  /** Deliveries (one character at one other client) that should come of what was sent; and that came. */
  expected = 0;
  delivered = 0;
  expectedInWindow = 0;
  deliveredInWindow = 0;
  /** Characters that came to a client again; a client's own do not count. */
  duplicates = 0;
  /** Characters that came out of turn. */
  outOfTurn = 0;
  /** Characters that came although they are of another document, or of nobody who types. */
  foreign = 0;
  /** The same for receivers at the typist's own node, and for those at other nodes. */
  readonly near: WindowFigures = { latency: new Durations(), expected: 0, delivered: 0 };
  readonly far: WindowFigures = { latency: new Durations(), expected: 0, delivered: 0 };

  /** By number of the seat. */
  private readonly receivers: Receiver[] = [];
  /** By typist: place among the typists of its document, its document, its characters, its clocks of the window. */
  private readonly column: Int32Array;
  private readonly documentOf: Int32Array;
  private readonly nodeOf: Int32Array;
  private readonly typed: Int32Array;
  private readonly firstClock: Int32Array;
  private readonly lastClock: Int32Array;
  /** Clients by document; and at each node. */
  private readonly audience: number[] = [];
  private readonly audienceAt: number[][] = [];
  /** Of the message at hand: when it came, at which node, and whether latencies are taken of it. */
  private now = 0;
  private node = 0;
  private sampled = false;

  readonly sampleEvery: number;

  constructor(private readonly options: RecorderOptions) {
    this.sampleEvery = options.sampleEvery;
    const { seats, typists, schedule, window } = options;
    const room = Math.max(-1, ...seats.map(({ number }) => number)) + 1;
    this.column = new Int32Array(room).fill(-1);
    this.documentOf = new Int32Array(room);
    this.nodeOf = new Int32Array(room);
    this.typed = new Int32Array(room);
    this.firstClock = new Int32Array(room);
    this.lastClock = new Int32Array(room);
    const documents = new Map<string, number>();
    for (const { number, document, node = 0 } of seats) {
      const index = documents.get(document) ?? documents.size;
      documents.set(document, index);
      this.documentOf[number] = index;
      this.nodeOf[number] = node;
      this.audience[index] = (this.audience[index] ?? 0) + 1;
      const audienceAt = this.audienceAt[index] ?? [];
      audienceAt[node] = (audienceAt[node] ?? 0) + 1;
      this.audienceAt[index] = audienceAt;
    }
    const columns = new Int32Array(documents.size);
    for (const typist of typists) {
      const document = this.documentOf[typist] as number;
      this.column[typist] = columns[document] as number;
      columns[document] = (columns[document] as number) + 1;
      this.firstClock[typist] = schedule.clockAt(typist, window.from);
      this.lastClock[typist] = schedule.clockAt(typist, window.to);
    }
    for (const { number, node = 0 } of seats) {
      const document = this.documentOf[number] as number;
      const next = new Int32Array(columns[document] as number);
      this.receivers[number] = { document, node, next, ahead: new Map(), frames: 0 };
    }
  }

  /** Deliveries that have not come. */
  get missing(): number {
    return this.expected - this.delivered;
  }

  /** How many characters a typist has sent. */
  typedBy(typist: number): number {
    return this.typed[typist] ?? 0;
  }

  noteSent(typist: number, clock: number, due: number, now: number): void {
    const document = this.documentOf[typist] as number;
    const others = (this.audience[document] as number) - 1;
    this.typed[typist] = clock + 1;
    this.sent++;
    this.expected += others;
    if (this.inWindow(typist, clock) === 0) return;
    this.sentInWindow++;
    this.expectedInWindow += others;
    const near = (this.audienceAt[document]?.[this.nodeOf[typist] as number] as number) - 1;
    this.near.expected += near;
    this.far.expected += others - near;
    this.slip.add(now - due);
  }

  noteAcked(typist: number, clock: number, now: number): void {
    this.acks++;
    if (this.inWindow(typist, clock) === 0) return;
    this.acksInWindow++;
    this.ackLatency.add(now - this.options.schedule.due(typist, clock));
  }

  /** A message came. @param runs see `SeenMessage.runs` */
  noteReceived(number: number, runs: readonly number[], now: number): void {
    const receiver = this.receivers[number] as Receiver;
    const { next, document } = receiver;
    this.now = now;
    this.node = receiver.node;
    this.sampled = (number + receiver.frames++) % this.sampleEvery === 0;
    for (let at = 0; at < runs.length; at += 3) {
      const typist = runs[at] as number;
      if (typist === number) continue;
      const clock = runs[at + 1] as number;
      const length = runs[at + 2] as number;
      const column = this.column[typist];
      if (column === undefined || column < 0 || this.documentOf[typist] !== document) {
        this.foreign += length;
      } else if (next[column] === clock && !receiver.ahead.has(column)) {
        next[column] = clock + length;
        this.count(typist, clock, length);
      } else {
        this.takeOneByOne(receiver, typist, clock, length);
      }
    }
  }

  private count(typist: number, clock: number, length: number): void {
    this.delivered += length;
    const inside = this.inWindow(typist, clock, length);
    if (inside === 0) return;
    this.deliveredInWindow += inside;
    const side = this.nodeOf[typist] === this.node ? this.near : this.far;
    side.delivered += inside;
    if (!this.sampled) return;
    const from = Math.max(clock, this.firstClock[typist] as number);
    for (let c = from; c < from + inside; c++) {
      const latency = this.now - this.options.schedule.due(typist, c);
      this.latency.add(latency);
      side.latency.add(latency);
    }
  }

  private takeOneByOne(receiver: Receiver, typist: number, clock: number, length: number): void {
    const column = this.column[typist] as number;
    for (let c = clock; c < clock + length; c++) {
      const ahead = receiver.ahead.get(column);
      const next = receiver.next[column] as number;
      if (c < next || ahead?.has(c)) {
        this.duplicates++;
        continue;
      }
      this.count(typist, c, 1);
      if (c === next) {
        receiver.next[column] = next + 1;
        this.catchUp(receiver, column);
      } else {
        this.outOfTurn++;
        receiver.ahead.set(column, (ahead ?? new Set()).add(c));
      }
    }
  }

  /** Goes over what came before its turn. */
  private catchUp(receiver: Receiver, column: number): void {
    const ahead = receiver.ahead.get(column);
    if (ahead === undefined) return;
    let next = receiver.next[column] as number;
    while (ahead.delete(next)) next++;
    receiver.next[column] = next;
    if (ahead.size === 0) receiver.ahead.delete(column);
  }

  /** How many of these clocks were due in the window. */
  private inWindow(typist: number, clock: number, length = 1): number {
    const from = Math.max(clock, this.firstClock[typist] as number);
    const to = Math.min(clock + length, this.lastClock[typist] as number);
    return Math.max(0, to - from);
  }
}
