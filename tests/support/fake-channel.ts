import type { Channel, ChannelEvents, Connect } from '../../client/channel.js';
import { encodeFrame, encodeUpdateList } from '../../shared/frames.js';
import type { ContentCheck, Joined, JoinRequest, UpdateKind } from '../../shared/protocol.js';

interface Sent<T> {
  readonly message: T;
  readonly answer: (reply: unknown) => void;
}

/** The server's end of a provider's channel, in the test's hands. */
export class FakeChannel implements Channel {
  events: ChannelEvents | undefined;
  /** The token of each attempt. */
  readonly tokens: (string | undefined)[] = [];
  closes = 0;
  destroyed = false;
  readonly joins: Sent<JoinRequest>[] = [];
  readonly updates: Sent<{ update: Uint8Array; kind: UpdateKind }>[] = [];
  readonly awarenessSent: Uint8Array[] = [];
  readonly renewals: Sent<string>[] = [];
  readonly divergedSent: ContentCheck[] = [];

  readonly connect: Connect = (_document, events) => {
    this.events = events;
    return this;
  };

  get opens(): number {
    return this.tokens.length;
  }

  get server(): ChannelEvents {
    if (this.events === undefined) throw new Error('no provider has connected');
    return this.events;
  }

  open(token?: string): void {
    this.tokens.push(token);
  }

  close(): void {
    this.closes++;
  }

  destroy(): void {
    this.destroyed = true;
  }

  join(message: JoinRequest, answer: (reply: unknown) => void): void {
    this.joins.push({ message, answer });
  }

  update(update: Uint8Array, kind: UpdateKind, answer: (reply: unknown) => void): void {
    this.updates.push({ message: { update, kind }, answer });
  }

  awareness(update: Uint8Array): void {
    this.awarenessSent.push(update);
  }

  token(message: string, answer: (reply: unknown) => void): void {
    this.renewals.push({ message, answer });
  }

  diverged(seq: number, hash: string): void {
    this.divergedSent.push({ seq, hash });
  }

  // What a test does as the server.

  /** Accepts the connection and answers the join that follows. */
  welcome(joined: Partial<Omit<Joined, 'content'>> & { updates?: readonly Uint8Array[] } = {}): void {
    this.server.opened();
    this.answerJoin(joined);
  }

  answerJoin({
    updates = [],
    ...joined
  }: Partial<Omit<Joined, 'content'>> & { updates?: readonly Uint8Array[] } = {}): void {
    const join = this.joins.at(-1);
    if (join === undefined) throw new Error('no join was sent');
    const reply: Joined = {
      ok: true,
      session: '1',
      generation: 'generation-1',
      head: updates.length,
      role: 'editor',
      limits: { maxUpdateBytes: 1_000, maxDeleteRanges: 100, maxAwarenessBytes: 1_000 },
      saving: true,
      content: encodeUpdateList(updates),
      awareness: new Uint8Array(),
      ...joined,
    };
    join.answer(reply);
  }

  frame(from: number, updates: readonly Uint8Array[]): void {
    this.server.updates(encodeFrame({ from, updates }));
  }

  /** Confirms the last update as number `seq`. */
  confirm(seq: number): void {
    this.updates.at(-1)?.answer({ ok: true, seq });
  }

  refuse(code: string, retryable: boolean): void {
    this.updates.at(-1)?.answer({ ok: false, error: { code, message: code, retryable } });
  }
}
