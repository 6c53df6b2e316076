import { Manager } from 'socket.io-client';

const CONNECT_TIMEOUT_MS = 10_000;

/** One connection to a server. The documents of a page share it, each in its own Socket.IO namespace. */
export class Connection {
  readonly manager: Manager;
  /** Its server takes no more documents: who begins now needs another connection, which may lead to another server. */
  leaving = false;
  readonly #server: ServerConnections;
  readonly #namespaces = new Set<string>();

  constructor(server: ServerConnections) {
    this.#server = server;
    this.manager = new Manager(server.url, {
      path: server.path,
      autoConnect: false,
      // When to try again is the provider's decision: it knows what the server said.
      reconnection: false,
      timeout: CONNECT_TIMEOUT_MS,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    });
    this.manager.on('open', server.announce);
    globalThis.addEventListener?.('pagehide', this.#leave);
  }

  /** @returns `false` if another copy of the same document uses the namespace already */
  claim(namespace: string): boolean {
    if (this.leaving || this.#namespaces.has(namespace)) return false;
    this.#namespaces.add(namespace);
    return true;
  }

  release(namespace: string): void {
    this.#namespaces.delete(namespace);
    if (this.#namespaces.size > 0) return;
    this.manager.off('open', this.#server.announce);
    globalThis.removeEventListener?.('pagehide', this.#leave);
    this.#server.unused(this);
  }

  /**
   * The server sees a WebSocket end with its page, but takes whoever is between two polls for present, for half a minute. A page
   * that comes back connects anew.
   */
  readonly #leave = (): void => {
    const { id, transport } = this.manager.engine;
    const { url, path } = this.#server;
    // The packet with which engine.io closes, as a request that outlives the page.
    if (transport.name === 'polling')
      navigator.sendBeacon(new URL(`${path}/?EIO=4&transport=polling&sid=${id}`, url), '1');
  };
}

/** The connections of this page to one server, or to what stands for several of them. */
export class ServerConnections {
  readonly url: string;
  /** Where Socket.IO is on that server. */
  readonly path: string;
  readonly #connections = new Set<Connection>();
  readonly #watchers = new Set<() => void>();

  constructor(url: string, path: string) {
    this.url = url;
    this.path = path;
  }

  /** A connection on which the namespace is still free: a second copy of a document gets its own. */
  claim(namespace: string): Connection {
    for (const connection of this.#connections) if (connection.claim(namespace)) return connection;
    const connection = new Connection(this);
    connection.claim(namespace);
    this.#connections.add(connection);
    return connection;
  }

  unused(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Calls back when the server may be within reach again. @returns what ends that */
  watch(watcher: () => void): () => void {
    // Only browsers have this event; elsewhere the retries find out.
    if (this.#watchers.size === 0) globalThis.addEventListener?.('online', this.announce);
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      globalThis.removeEventListener?.('online', this.announce);
      servers.delete(keyOf(this.url, this.path));
    };
  }

  readonly announce = (): void => {
    for (const watcher of [...this.#watchers]) watcher();
  };
}

const servers = new Map<string, ServerConnections>();

function keyOf(url: string, path: string): string {
  return `${url} ${path}`;
}

/** The connections to the server at `url`. They are forgotten with their last watcher. */
export function connectionsTo(url: string, path: string): ServerConnections {
  const key = keyOf(url, path);
  const known = servers.get(key) ?? new ServerConnections(url, path);
  servers.set(key, known);
  return known;
}
