import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { PayloadListener, RedisWire } from './redis-wire.js';

type Adapter = ReturnType<ReturnType<typeof createShardedAdapter>>;

/** Takes the bytes that another node has sent on this channel. */
export type BytesListener = (bytes: Uint8Array) => void;

/** A namespace of Socket.IO as far as its adapters need one: it has no sockets, and hears what servers emit. */
class ServerNamespace {
  readonly name: string;
  readonly sockets = NO_SOCKETS;
  readonly server = SERVER;
  private readonly listener: BytesListener;

  constructor(name: string, listener: BytesListener) {
    this.name = name;
    this.listener = listener;
  }

  _onServerSideEmit([bytes]: readonly unknown[]): void {
    if (!ArrayBuffer.isView(bytes)) throw new Error('a message is no bytes');
    this.listener(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

const NO_SOCKETS: ReadonlyMap<string, never> = new Map<string, never>();
const SERVER = { opts: {}, encoder: undefined };
const DONE = Promise.resolve(0);

/**
 * What the adapter takes for a client of Redis. The adapter neither awaits nor catches what subscribing brings, and
 * knows nothing of a Redis that is away; this never rejects, and `confirmed` tells when the channel is subscribed.
 */
class AdapterClient {
  confirmed: Promise<void> = DONE.then();
  private readonly wire: RedisWire;
  private readonly channel: string;
  private readonly ignored: (error: unknown) => void;
  private readonly echoed: (() => void) | undefined;
  private listener: PayloadListener | undefined;
  /** The adapter's name for itself, which ends whatever it sends, followed by the name of the namespace. */
  private uid = '';
  private readonly tail: number;

  constructor({ wire, prefix, name, ignored, echoed }: RedisChannelOptions) {
    this.wire = wire;
    this.echoed = echoed;
    this.channel = `${prefix}#${name}#`;
    this.tail = 64 + name.length;
    this.ignored = ignored;
  }

  sSubscribe(channel: string, handler: (payload: Buffer, channel: string) => void): void {
    if (channel !== this.channel) {
      // For answers, and nobody here asks: not subscribed, but it tells the uid.
      this.uid = channel.slice(this.channel.length, -1);
      return;
    }
    this.listener = (payload) => {
      // Redis sends a message to its sender too.
      if (this.uid !== '' && payload.subarray(-this.tail).includes(this.uid, 0, 'latin1')) {
        this.echoed?.();
        return;
      }
      try {
        handler(payload, channel);
      } catch (error) {
        this.ignored(error);
      }
    };
    this.confirmed = this.wire.subscribe(channel, this.listener);
  }

  sUnsubscribe(channel: string): void {
    if (channel !== this.channel || !this.listener) return;
    this.wire.unsubscribe(channel, this.listener);
    this.listener = undefined;
  }

  sPublish(channel: string, payload: Buffer | string): Promise<number> {
    // Answers to questions of whoever else has access to Redis are not given.
    if (channel === this.channel && this.listener) {
      this.wire.publish(channel, typeof payload === 'string' ? Buffer.from(payload) : payload);
    }
    return DONE;
  }
}

export interface RedisChannelOptions {
  readonly wire: RedisWire;
  readonly prefix: string;
  /** The namespace's name. */
  readonly name: string;
  /** Takes what another sender than this channel has sent, in a view of a larger buffer. May throw. */
  listener(bytes: Uint8Array): void;
  /** Something came in that could not be used. */
  ignored(error: unknown): void;
  /** What this channel has sent has come back to it, as it goes to the others. */
  echoed?: (() => void) | undefined;
}

/** One channel, which a sharded adapter of Socket.IO serves. */
export class RedisChannel {
  private readonly client: AdapterClient;
  private readonly adapter: Adapter;

  constructor(channel: RedisChannelOptions) {
    const { prefix, name, listener } = channel;
    this.client = new AdapterClient(channel);
    const options = { channelPrefix: prefix, subscriptionMode: 'static' } as const;
    const adapt = createShardedAdapter(this.client, this.client, options);
    this.adapter = adapt(new ServerNamespace(name, listener));
  }

  /** Fulfils when the channel is subscribed, at once if Redis is away. Never rejects. */
  get confirmed(): Promise<void> {
    return this.client.confirmed;
  }

  /** The bytes are copied before this returns. Never throws. */
  send(bytes: Uint8Array): void {
    // Of a Buffer the adapter makes one copy, of any other array two.
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    void this.adapter.serverSideEmit([buffer]);
  }

  close(): void {
    void this.adapter.close();
  }
}
