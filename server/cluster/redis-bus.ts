import { type DocumentId, documentNamespace } from '../../shared/ids.js';
import type { Clock, Random } from '../../shared/time.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { Bus, BusChannel, BusEvents, BusListener, BusMessage, NodesBus } from './bus.js';
import { BusEcho } from './bus-echo.js';
import { decodeEnvelope, type Envelope, encodeEnvelope, type NodeMessage } from './bus-message.js';
import { BusNodes } from './bus-nodes.js';
import { RedisChannel } from './redis-channel.js';
import type { RedisAddress } from './redis-url.js';
import { RedisWire } from './redis-wire.js';

export interface RedisBusOptions {
  readonly addresses: readonly RedisAddress[];
  /** The addresses belong to a Redis Cluster. */
  readonly cluster: boolean;
  readonly node: string;
  readonly prefix: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
}

/** The namespace on which nodes speak of themselves; no document's name leads to it. */
export const NODES_NAMESPACE = '/nodes';

/** The bus of several nodes: a sharded adapter of Socket.IO for each document, over Redis. `openRedisBus` makes one. */
export class RedisBus implements Bus, NodesBus {
  readonly node: string;
  readonly alone = false;
  private readonly options: RedisBusOptions;
  private readonly wire: RedisWire;
  private readonly nodes: BusNodes;
  private readonly nodesChannel: RedisChannel;
  private readonly echo: BusEcho;
  private events: BusEvents | undefined;
  private told: ((text: string, from: string) => void) | undefined;
  private closed = false;

  constructor(options: RedisBusOptions) {
    const { addresses, cluster, clock, random, log, counters } = options;
    this.options = options;
    this.node = options.node;
    this.wire = new RedisWire({
      ...{ addresses, cluster, clock, random, log, counters },
      connected: (connected) => this.connection(connected),
    });
    this.echo = new BusEcho(clock, (ms) => counters.observe('bus-echo', ms));
    const hear = ({ from, message }: Envelope): void => {
      if (message.kind === 'node-goodbye') this.nodes.left(from);
      if (message.kind === 'node-tells' && (message.to === '' || message.to === this.node))
        this.told?.(message.text, from);
    };
    this.nodesChannel = this.channel(NODES_NAMESPACE, hear, () => this.echo.heard());
    this.nodes = new BusNodes({
      clock,
      announce: () => this.announce('node-here'),
      connected: () => this.connected,
      gone: (node) => this.gone(node),
      stoodStill: () => this.stoodStill(),
    });
    // The others must not wait for the next announcement: who is about to stop looks for somebody who goes on.
    void this.wire.started.then(() => {
      if (!this.closed) this.announce('node-here');
    });
  }

  get connected(): boolean {
    return this.wire.connected;
  }

  get others(): readonly string[] {
    return this.nodes.names;
  }

  get hasOthers(): boolean {
    return !this.connected || this.nodes.any;
  }

  /** Messages that were not sent because Redis was away, or slower than they came. */
  get dropped(): number {
    return this.wire.dropped;
  }

  /** Fulfils when Redis is there for the first time and everything is subscribed. Never rejects. */
  get started(): Promise<void> {
    return this.wire.started;
  }

  /** Why Redis is away, as far as is known. */
  get reason(): string | undefined {
    return this.wire.reason?.message;
  }

  /** Tells the operator that Redis was away from the start. */
  sayAway(): void {
    this.wire.sayAway();
  }

  listen(listener: (text: string, from: string) => void): void {
    this.told = listener;
  }

  tell(text: string, to = ''): void {
    if (this.closed) return;
    this.say({ kind: 'node-tells', to, text });
  }

  watch(events: BusEvents): void {
    this.events = events;
  }

  async open(id: DocumentId, listener: BusListener): Promise<BusChannel> {
    let open = !this.closed;
    if (!open) return CLOSED;
    const channel = this.channel(documentNamespace(id), ({ from, message }) => {
      if (message.kind === 'node-here' || message.kind === 'node-goodbye' || message.kind === 'node-tells') {
        throw new Error(`a document has no message ${message.kind}`);
      }
      if (open) listener(message, from);
    });
    await channel.confirmed;
    return {
      publish: (message: BusMessage) => {
        if (open) channel.send(encodeEnvelope({ from: this.node, message }));
      },
      close: () => {
        if (open) channel.close();
        open = false;
      },
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.nodes.close();
    this.announce('node-goodbye');
    await this.wire.close();
  }

  private channel(name: string, receive: (envelope: Envelope) => void, echoed?: () => void): RedisChannel {
    const { prefix, log, counters } = this.options;
    return new RedisChannel({
      ...{ wire: this.wire, prefix, name, echoed },
      listener: (bytes) => {
        const envelope = decodeEnvelope(bytes);
        // Two channels of one document may be open here while one takes the other's place.
        if (envelope.from === this.node) return;
        counters.add('bus-received', 1);
        counters.add('bus-received-bytes', bytes.length);
        if (envelope.message.kind !== 'node-goodbye') this.nodes.heard(envelope.from);
        receive(envelope);
      },
      ignored: (error) => {
        const reason = error instanceof Error ? error.message : String(error);
        log.debug({ channel: name, reason }, 'a message of another node is ignored');
      },
    });
  }

  private announce(kind: 'node-here' | 'node-goodbye'): void {
    this.say({ kind });
  }

  private say(message: NodeMessage): void {
    this.echo.sent();
    this.nodesChannel.send(encodeEnvelope({ from: this.node, message }));
  }

  private connection(connected: boolean): void {
    if (this.closed) return;
    this.echo.forget();
    if (connected) {
      this.nodes.forgive();
      this.announce('node-here');
    }
    this.events?.connected(connected);
  }

  private gone(node: string): void {
    this.options.log.info({ node }, 'another node is gone');
    this.events?.gone(node);
  }

  /** For the documents this is what a Redis that was away would have been. */
  private stoodStill(): void {
    if (!this.connected) return;
    this.events?.connected(false);
    this.events?.connected(true);
  }
}

const CLOSED: BusChannel = {
  publish(): void {},
  close(): void {},
};
