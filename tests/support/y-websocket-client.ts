import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Decoder } from 'lib0/decoding';
import { WebSocket } from 'ws';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { ROOT } from './project-files.js';

/** The published client of y-websocket, as far as tests use it. */
export interface YWebSocketProvider {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly synced: boolean;
  readonly wsconnected: boolean;
  readonly shouldConnect: boolean;
  /** When the last message came, in milliseconds since the Unix epoch. */
  readonly wsLastMessageReceived: number;
  /** What it does with a message, by type. */
  readonly messageHandlers: ((answer: unknown, decoder: Decoder) => void)[];
  /** Of the query; from 2.1 on they may be changed. */
  readonly params: Record<string, string>;
  on(event: string, listener: (...args: never[]) => void): void;
  connect(): void;
  disconnect(): void;
  destroy(): void;
}

interface Published {
  readonly WebsocketProvider: new (
    url: string,
    room: string,
    doc: Y.Doc,
    options: object,
  ) => YWebSocketProvider;
}

/** The versions in use, each under the name that tests/peers/package.json gives it. */
export const Y_WEBSOCKETS = {
  '3.1.0': 'y-websocket',
  '2.1.0': 'y-websocket-2',
  '1.5.4': 'y-websocket-1',
} as const;
export type YWebSocketVersion = keyof typeof Y_WEBSOCKETS;
export const VERSIONS = Object.keys(Y_WEBSOCKETS) as readonly YWebSocketVersion[];

const fromPeers = createRequire(join(ROOT, 'tests/peers/package.json'));

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/**
 * One of y-websocket's own clients, with what it was told. Unless it is a tab, it talks to the server only, and not to other
 * tabs of one browser.
 */
export class YWebSocketClient {
  readonly doc: Y.Doc;
  readonly provider: YWebSocketProvider;
  /** How each of its connections ended, as far as the server said so. */
  readonly closed: Closed[] = [];
  /** The text at each moment at which it counted as synced. */
  readonly syncedWith: string[] = [];

  /** @param url of the server, without a path */
  constructor(
    version: YWebSocketVersion,
    url: string,
    options: {
      readonly room?: string;
      readonly token?: string;
      readonly doc?: Y.Doc;
      readonly isTab?: boolean;
    } = {},
  ) {
    const { room = 'acme/notes', token, doc = new Y.Doc(), isTab = false } = options;
    const { WebsocketProvider } = fromPeers(Y_WEBSOCKETS[version]) as Published;
    this.doc = doc;
    this.provider = new WebsocketProvider(`${url.replace('http', 'ws')}/yjs`, room, doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: !isTab,
      maxBackoffTime: 200,
      ...(token !== undefined && { params: { token } }),
    });
    this.provider.on('connection-close', (event: Closed | null) => {
      if (event !== null) this.closed.push({ code: event.code, reason: event.reason });
    });
    this.provider.on('connection-error', () => {
      // What follows says what a test wants to know.
    });
    this.provider.on('sync', (isSynced: boolean) => {
      if (isSynced) this.syncedWith.push(this.text);
    });
  }

  get text(): string {
    return this.doc.getText('text').toString();
  }

  get synced(): boolean {
    return this.provider.synced;
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

  show(name: string): void {
    this.provider.awareness.setLocalStateField('user', { name });
  }

  destroy(): void {
    this.provider.destroy();
    this.provider.awareness.destroy();
  }
}
