import { Manager, type Socket } from 'socket.io-client';
import * as Y from 'yjs';
import { decodeFrame, decodeUpdateList, frameEnd } from '../../shared/frames.js';
import type { Committed, Joined, JoinRequest, Refused, UpdateKind } from '../../shared/protocol.js';
import { until } from './until.js';

export type TransportName = 'websocket' | 'polling';
export const TRANSPORTS: readonly TransportName[] = ['websocket', 'polling'];

/** A connection of its own, which never comes back by itself. */
export function newManager(url: string, transport: TransportName = 'websocket'): Manager {
  return new Manager(url, { transports: [transport], reconnection: false, autoConnect: false });
}

export interface Refusal {
  readonly message: string;
  readonly data?: { readonly code?: string };
}

export interface Received {
  readonly event: string;
  readonly args: readonly unknown[];
}

interface ConnectOptions {
  readonly document?: string;
  readonly transport?: TransportName;
  readonly manager?: Manager;
  readonly auth?: Record<string, unknown>;
}

/** A stock Socket.IO client in a document's namespace, with a `Y.Doc`: it sends whatever a test wants it to. */
export class RawClient {
  readonly doc = new Y.Doc();
  readonly received: Received[] = [];
  /** `seq` of everything in the copy, as far as frames and joins tell. */
  seq = 0;

  private constructor(readonly socket: Socket) {
    socket.onAny((event: string, ...args: unknown[]) => this.received.push({ event, args }));
    socket.on('updates', (bytes: Uint8Array) => {
      const frame = decodeFrame(bytes);
      this.take(frame.updates);
      this.seq = frameEnd(frame);
    });
  }

  /** @throws the `connect_error` */
  static async connect(url: string, options: ConnectOptions = {}): Promise<RawClient> {
    const { document = 'acme/notes', transport, manager, auth = { protocol: 1 } } = options;
    const socket = (manager ?? newManager(url, transport)).socket(`/docs/${document}`, { auth });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
      socket.connect();
    });
    return client;
  }

  static async joined(url: string, options: ConnectOptions = {}): Promise<RawClient> {
    const client = await RawClient.connect(url, options);
    const reply = await client.join();
    if (!reply.ok) throw new Error(reply.error.message);
    return client;
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  get clientKey(): string {
    return `key of the client ${this.doc.clientID}`;
  }

  async join(request: Partial<JoinRequest> = {}): Promise<Joined | Refused> {
    const reply: Joined | Refused = await this.socket.emitWithAck('join', {
      clientId: this.doc.clientID,
      clientKey: this.clientKey,
      ...request,
    });
    if (reply.ok) {
      this.take(decodeUpdateList(reply.content));
      this.seq = reply.head;
    }
    return reply;
  }

  update(update: Uint8Array, kind: UpdateKind = 'live'): Promise<Committed | Refused> {
    return this.socket.emitWithAck('update', update, kind);
  }

  /** Changes the text and gives the update that this makes. */
  edit(change: (text: Y.Text) => void): Uint8Array {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => change(this.doc.getText('text')));
    return Y.encodeStateAsUpdate(this.doc, before);
  }

  type(words: string): Promise<Committed | Refused> {
    return this.update(this.edit((text) => text.insert(text.length, words)));
  }

  /** Arguments of what came under this name, in order. */
  got(event: string): (readonly unknown[])[] {
    return this.received.filter((one) => one.event === event).map(({ args }) => args);
  }

  /** Codes of the errors that came as `refused`. */
  get refusals(): unknown[] {
    return this.got('refused').map(([error]) => (error as { code: unknown }).code);
  }

  async next(event: string, ms?: number): Promise<readonly unknown[]> {
    const before = this.got(event).length;
    await until(() => this.got(event).length > before, `the event "${event}"`, ms);
    return this.got(event)[before] ?? [];
  }

  /** Fulfils when everything that the server sent up to now has come. */
  async settled(): Promise<void> {
    // An update that is none is answered at once, and the answer comes after what was sent before.
    await this.socket.emitWithAck('update', 'none', 'live');
  }

  close(): void {
    this.socket.disconnect();
    this.socket.io._close();
  }

  private take(updates: readonly Uint8Array[]): void {
    for (const update of updates) Y.applyUpdate(this.doc, update);
  }
}

/** The error with which a connection is refused. */
export async function refusalOf(connecting: Promise<RawClient>): Promise<Refusal> {
  return connecting.then(
    () => {
      throw new Error('the connection was accepted');
    },
    (error: unknown) => error as Refusal,
  );
}
