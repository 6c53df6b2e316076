import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { ROOT } from './project-files.js';

/** The published client of y-socket.io, as far as tests use it. */
export interface YSocketIoProvider {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly synced: boolean;
  readonly socket: {
    readonly connected: boolean;
    readonly io: { readonly engine: { close(): void } };
    on(event: string, listener: (...args: unknown[]) => void): unknown;
    connect(): unknown;
  };
  on(event: string, listener: (...args: never[]) => void): void;
  disconnect(): void;
  destroy(): void;
}

interface Published {
  readonly SocketIOProvider: new (
    url: string,
    room: string,
    doc: Y.Doc,
    options: { readonly auth?: Readonly<Record<string, unknown>>; readonly disableBc?: boolean },
    socketOptions?: object,
  ) => YSocketIoProvider;
}

const fromPeers = createRequire(join(ROOT, 'tests/peers/package.json'));

/**
 * Connects with y-socket.io's own client. Unless it is a tab, it talks to the server only, and not to other tabs of one browser.
 */
export function connectYSocketIo(
  url: string,
  room: string,
  doc: Y.Doc,
  auth: Readonly<Record<string, unknown>> = {},
  isTab = false,
): YSocketIoProvider {
  const { SocketIOProvider } = fromPeers('y-socket.io') as Published;
  const quick = { reconnectionDelay: 50, reconnectionDelayMax: 200 };
  return new SocketIOProvider(url, room, doc, { auth, disableBc: !isTab }, quick);
}

/** The published class, as it stands in the guide, with this server in place of the one that is named there. */
export function publishedYSocketIo(url: string): Published['SocketIOProvider'] {
  const { SocketIOProvider } = fromPeers('y-socket.io') as Published;
  return class extends SocketIOProvider {
    constructor(_url: string, ...rest: [string, Y.Doc, object]) {
      super(url, ...rest);
    }
  };
}
