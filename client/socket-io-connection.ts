import { Manager } from 'socket.io-client';

const CONNECT_TIMEOUT_MS = 10_000;

/** One connection to a server. The documents of a page share it, each in its own Socket.IO namespace. */
export class Connection {
  readonly manager: Manager;
  private readonly namespaces = new Set<string>();
  private readonly watchers = new Set<() => void>();

  constructor(
    url: string,
    private readonly onUnused: () => void,
  ) {
    this.manager = new Manager(url, {
      autoConnect: false,
      // When to try again is the provider's decision: it knows what the server said.
      reconnection: false,
      timeout: CONNECT_TIMEOUT_MS,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    });
    this.manager.on('open', this.announce);
    // Only browsers have this event; elsewhere the retries find out.
    globalThis.addEventListener?.('online', this.announce);
  }

  /** @returns `false` if another copy of the same document uses the namespace already */
  claim(namespace: string): boolean {
    if (this.namespaces.has(namespace)) return false;
    this.namespaces.add(namespace);
    return true;
  }

  release(namespace: string): void {
    this.namespaces.delete(namespace);
    if (this.namespaces.size > 0) return;
    this.manager.off('open', this.announce);
    globalThis.removeEventListener?.('online', this.announce);
    this.onUnused();
  }

  /** Calls back when the server may be within reach again. @returns what ends that */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private readonly announce = (): void => {
    for (const watcher of [...this.watchers]) watcher();
  };
}

const connections = new Map<string, Connection[]>();

/** A connection to the server on which the namespace is still free: a second copy of a document gets its own. */
export function freeConnection(url: string, namespace: string): Connection {
  const known = connections.get(url) ?? [];
  connections.set(url, known);
  const shared = known.find((connection) => connection.claim(namespace));
  if (shared !== undefined) return shared;
  const connection: Connection = new Connection(url, () => {
    known.splice(known.indexOf(connection), 1);
    if (known.length === 0) connections.delete(url);
  });
  connection.claim(namespace);
  known.push(connection);
  return connection;
}
