import type { Channel, ChannelEvents, Connect } from '../../client/channel.js';
import { Progress } from '../../client/progress.js';
import { readBytes, readCommitted, readJoined } from '../../client/read-messages.js';
import { decodeFrame, encodeFrame } from '../../shared/frames.js';
import type { JoinRequest, UpdateKind } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { Latencies } from './latencies.js';

/** What all lines of a replay count together. */
export interface Counters {
  readonly latencies: Latencies;
  /** Messages with updates, and the bytes of the updates in them. */
  messages: number;
  bytes: number;
}

export interface HeldRow {
  readonly seq: number;
  readonly update: Uint8Array;
  /** Whether it was merged into the document ahead of its turn. */
  merged: boolean;
}

/**
 * A provider's line to the server, listened to: what is sent, how long the answers take, and how far the server's log has come.
 * A line that holds plays a slow network: what the server sends stays here until it is let through, row by row.
 */
export class Line {
  /** `seq` of the last message of this client that is on the server's disk. */
  lastAcked = 0;
  /** Told after every message from the server. */
  onMessage: () => void = () => {};
  /** Told which row of the log a message of this client has become. */
  onAcked: (seq: number) => void = () => {};
  private events: ChannelEvents | undefined;
  private rows: HeldRow[] = [];
  private joins = 0;
  private readonly progress = new Progress();

  constructor(
    private holding: boolean,
    private readonly clock: Clock,
    private readonly counters: Counters,
  ) {}

  /** Last `seq` up to which everything has come, let through or not. */
  get seq(): number {
    return this.progress.seq;
  }

  get holds(): boolean {
    return this.holding;
  }

  /** Whether the provider joined again, which brings everything at once, past what is held. */
  get joinedAgain(): boolean {
    return this.joins > 1;
  }

  /** What has come and was not let through. */
  get held(): readonly HeldRow[] {
    return this.rows;
  }

  /** Puts this line between a provider and `connect`. */
  over(connect: Connect): Connect {
    return (document, events) => {
      this.events = events;
      return this.wrap(connect(document, { ...events, updates: (frame) => this.arrived(frame) }));
    };
  }

  /** Lets the first `count` held rows through, in order. */
  letThrough(count: number): void {
    const rows = this.rows.slice(0, count);
    this.rows = this.rows.slice(count);
    for (const { seq, update } of rows) this.events?.updates(encodeFrame({ from: seq, updates: [update] }));
  }

  /** Holds nothing any more. */
  open(): void {
    this.holding = false;
    this.letThrough(this.rows.length);
  }

  private arrived(raw: unknown): void {
    const { from, updates } = decodeFrame(readBytes(raw));
    this.progress.received(from, from + updates.length - 1);
    if (this.holding)
      this.rows.push(...updates.map((update, offset) => ({ seq: from + offset, update, merged: false })));
    else this.events?.updates(raw);
    this.onMessage();
  }

  private wrap(channel: Channel): Channel {
    return {
      open: (token) => channel.open(token),
      close: () => channel.close(),
      destroy: () => channel.destroy(),
      awareness: (update) => channel.awareness(update),
      token: (token, answer) => channel.token(token, answer),
      diverged: (seq, hash) => channel.diverged(seq, hash),
      join: (request, answer) => this.join(channel, request, answer),
      update: (update, kind, answer) => this.update(channel, update, kind, answer),
    };
  }

  private join(channel: Channel, request: JoinRequest, answer: (reply: unknown) => void): void {
    this.joins++;
    channel.join(request, (raw) => {
      const reply = readJoined(raw);
      if (reply.ok) this.progress.reset(reply.value.head);
      answer(raw);
      this.onMessage();
    });
  }

  private update(
    channel: Channel,
    update: Uint8Array,
    kind: UpdateKind,
    answer: (reply: unknown) => void,
  ): void {
    const { clock, counters } = this;
    const sentAt = clock.monotonic();
    counters.messages++;
    counters.bytes += update.length;
    channel.update(update, kind, (raw) => {
      const reply = readCommitted(raw);
      if (reply.ok) {
        counters.latencies.add(clock.monotonic() - sentAt);
        this.lastAcked = Math.max(this.lastAcked, reply.value.seq);
        this.onAcked(reply.value.seq);
        this.progress.confirmed(reply.value.seq);
      }
      answer(raw);
      this.onMessage();
    });
  }
}
