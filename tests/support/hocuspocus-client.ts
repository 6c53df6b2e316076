import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { ROOT } from './project-files.js';

/** The versions of the published provider that are in use, under the names that tests/peers/package.json gives them. */
export const HOCUSPOCUS = {
  '4.8.0': '@hocuspocus/provider',
  '3.4.4': 'hocuspocus-provider-3',
  '2.15.3': 'hocuspocus-provider-2',
} as const;
export type HocuspocusVersion = keyof typeof HOCUSPOCUS;
export const HOCUSPOCUS_VERSIONS = Object.keys(HOCUSPOCUS) as readonly HocuspocusVersion[];

/** The published provider, as far as tests use it. */
export interface Provider {
  readonly document: Y.Doc;
  readonly awareness: Awareness;
  readonly synced: boolean;
  readonly isAuthenticated: boolean;
  readonly authorizedScope: string | undefined;
  readonly hasUnsyncedChanges: boolean;
  readonly unsyncedChanges: number;
  on(event: string, listener: (data: never) => void): void;
  sendStateless(payload: string): void;
  sendToken?(): Promise<void>;
  forceSync(): void;
  attach?(): void;
  detach?(): void;
  disconnect(): void;
  destroy(): void;
}

interface Connection {
  readonly status: string;
  readonly webSocket: WebSocket | null;
  on(event: string, listener: (data: never) => void): void;
  connect(): Promise<unknown>;
  disconnect(): void;
  destroy(): void;
}

interface Published {
  readonly HocuspocusProvider: new (options: object) => Provider;
  readonly HocuspocusProviderWebsocket: new (options: object) => Connection;
}

const fromPeers = createRequire(join(ROOT, 'tests/peers/package.json'));
const published = (version: HocuspocusVersion): Published => fromPeers(HOCUSPOCUS[version]) as Published;

/** The provider takes its listeners away before it closes a connection; what still goes wrong then nobody hears. */
class QuietWebSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    this.on('error', () => {
      // As in a browser.
    });
  }
}

/** One connection of Hocuspocus' own client, for any number of documents. */
export class HocuspocusConnection {
  readonly connection: Connection;
  /** How it was closed, each time. */
  readonly closed: { readonly code: number; readonly reason: string }[] = [];
  /** Received by this connection, in messages. */
  received = 0;
  private readonly clients: HocuspocusClient[] = [];

  /** @param url of the server, without a path */
  constructor(
    readonly version: HocuspocusVersion,
    url: string,
    options: Readonly<Record<string, unknown>> = {},
  ) {
    const { HocuspocusProviderWebsocket } = published(version);
    this.connection = new HocuspocusProviderWebsocket({
      url: `${url.replace('http', 'ws')}/hocuspocus`,
      WebSocketPolyfill: QuietWebSocket,
      // In a hurry, but as the client does it: it waits for a moment before it connects again.
      delay: 50,
      minDelay: 50,
      maxDelay: 200,
      quiet: true,
      ...options,
    });
    this.connection.on('close', ({ event }: { event: { code: number; reason: string } }) => {
      this.closed.push({ code: event.code, reason: event.reason });
    });
    this.connection.on('message', () => {
      this.received++;
    });
  }

  open(name: string, options: ClientOptions = {}): HocuspocusClient {
    const client = new HocuspocusClient(this, name, options);
    this.clients.push(client);
    return client;
  }

  destroy(): void {
    for (const client of this.clients) client.destroy();
    this.connection.destroy();
  }
}

export interface ClientOptions {
  readonly token?: string | (() => string | Promise<string>);
  readonly doc?: Y.Doc;
  readonly sessionAwareness?: boolean;
  readonly flushDelay?: number;
}

/** One of Hocuspocus' own providers, with what it was told. */
export class HocuspocusClient {
  readonly doc: Y.Doc;
  readonly provider: Provider;
  /** Each scope that it was given. */
  readonly scopes: string[] = [];
  /** Why it was denied, each time. */
  readonly denied: string[] = [];
  readonly stateless: string[] = [];
  /** Why the document was closed, each time; with 2.x never. */
  readonly closed: string[] = [];
  /** The text at each moment at which it counted as synced. */
  readonly syncedWith: string[] = [];
  /** `unsyncedChanges` at each change. */
  readonly counts: number[] = [];

  constructor(
    readonly socket: HocuspocusConnection,
    name: string,
    { doc = new Y.Doc(), token, ...more }: ClientOptions = {},
  ) {
    const { HocuspocusProvider } = published(socket.version);
    this.doc = doc;
    this.provider = new HocuspocusProvider({
      websocketProvider: socket.connection,
      name,
      document: doc,
      // Tabs of one browser would talk past the server.
      broadcast: false,
      ...(token !== undefined && { token }),
      ...more,
    });
    const { provider } = this;
    provider.on('authenticated', () => this.scopes.push(provider.authorizedScope ?? ''));
    provider.on('authenticationFailed', ({ reason }: { reason: string }) => this.denied.push(reason));
    provider.on('stateless', ({ payload }: { payload: string }) => this.stateless.push(payload));
    provider.on('close', ({ event }: { event: { code: number; reason: string } }) => {
      if (event.code === 1000) this.closed.push(event.reason);
    });
    provider.on('synced', () => {
      if (provider.synced) this.syncedWith.push(this.text);
    });
    provider.on('unsyncedChanges', () => this.counts.push(provider.unsyncedChanges));
    // 2.x attaches itself.
    provider.attach?.();
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  /** Synced, and everything saved, as the provider says it. */
  get isSaved(): boolean {
    return this.provider.synced && !this.provider.hasUnsyncedChanges;
  }

  /** Names of all who show themselves, itself among them. */
  get names(): string[] {
    const states = [...this.provider.awareness.getStates().values()] as { user?: { name?: string } }[];
    return states.flatMap(({ user }) => user?.name ?? []).sort();
  }

  type(words: string): void {
    const text = this.doc.getText('text');
    text.insert(text.length, words);
  }

  /** Deletes so many characters at the beginning. */
  erase(length: number): void {
    this.doc.getText('text').delete(0, length);
  }

  show(name: string): void {
    this.provider.awareness.setLocalStateField('user', { name });
  }

  destroy(): void {
    this.provider.destroy();
    this.provider.awareness.destroy();
  }
}
