import type { Socket } from 'socket.io-client';
import type { WireError } from '../shared/errors.js';
import { documentNamespace } from '../shared/ids.js';
import { type ConnectAuth, PROTOCOL_VERSION, readWireError } from '../shared/protocol.js';
import type { Channel, ChannelEvents, Connect } from './channel.js';
import { type Connection, connectionsTo, type ServerConnections } from './socket-io-connection.js';

/** Channels to the server at `url`, by default the one that the page came from. */
export function connectTo(url?: string): Connect {
  return (document, events) =>
    new SocketIoChannel(
      connectionsTo(url ?? globalThis.location.origin),
      documentNamespace(document),
      events,
    );
}

/** The document's namespace on a connection: there from `open` to `close`. */
interface Line {
  readonly connection: Connection;
  readonly socket: Socket;
}

type Listeners = Record<string, (...args: unknown[]) => void>;

/** Our protocol over Socket.IO: the document's namespace on a connection that documents share. */
class SocketIoChannel implements Channel {
  private line: Line | undefined;
  /** What the server has said in the end. */
  private goodbye: (() => void) | undefined;
  private readonly listeners: Listeners;
  private readonly unwatch: () => void;

  constructor(
    private readonly server: ServerConnections,
    private readonly namespace: string,
    private readonly events: ChannelEvents,
  ) {
    this.listeners = this.listenersOf(events);
    this.unwatch = server.watch(() => events.reachable());
  }

  open(token?: string): void {
    if (this.line === undefined) {
      const connection = this.server.claim(this.namespace);
      const socket = connection.manager.socket(this.namespace);
      for (const [name, listener] of Object.entries(this.listeners)) socket.on(name, listener);
      this.line = { connection, socket };
    }
    this.goodbye = undefined;
    const auth: ConnectAuth = { protocol: PROTOCOL_VERSION, ...(token !== undefined && { token }) };
    this.line.socket.auth = { ...auth };
    this.line.socket.connect();
  }

  close(): void {
    if (this.line === undefined) return;
    const { connection, socket } = this.line;
    this.line = undefined;
    for (const [name, listener] of Object.entries(this.listeners)) socket.off(name, listener);
    socket.disconnect();
    connection.release(this.namespace);
  }

  destroy(): void {
    this.close();
    this.unwatch();
  }

  join(...message: Parameters<Channel['join']>): void {
    this.send('join', ...message);
  }

  update(...message: Parameters<Channel['update']>): void {
    this.send('update', ...message);
  }

  awareness(update: Uint8Array): void {
    this.send('awareness', update);
  }

  token(...message: Parameters<Channel['token']>): void {
    this.send('token', ...message);
  }

  diverged(...message: Parameters<Channel['diverged']>): void {
    this.send('diverged', ...message);
  }

  /** What an honest server sends; the provider checks it all the same. */
  private listenersOf(events: ChannelEvents): Listeners {
    return {
      connect: () => events.opened(),
      disconnect: () => {
        if (this.goodbye === undefined) events.closed();
        else this.goodbye();
      },
      connect_error: (error) => {
        const refusal =
          typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
        // Without data it was the network, or something that is no Coscribe server.
        if (refusal === undefined) events.closed();
        else this.refused(readWireError(refusal));
      },
      updates: (frame) => events.updates(frame),
      awareness: (update) => events.awareness(update),
      resync: (reason) => events.resync(readWireError(reason)),
      saving: (possible) => events.saving(possible !== false),
      access: (role) => events.access(role),
      renew: () => events.renew(),
      check: (seq, hash) => events.check(seq, hash),
      refused: (error) => events.messageRefused(readWireError(error)),
      move: (afterMs) => {
        this.leave();
        events.move(typeof afterMs === 'number' ? afterMs : 0);
      },
      bye: (reason, delay) => {
        // Told when the disconnect is here that follows. One of our own would cross it, and to the server be a message for a
        // document that is not open: for that it closes the whole connection.
        this.goodbye = () => events.bye(readWireError(reason), typeof delay === 'number' ? delay : 0);
      },
    };
  }

  private refused(error: WireError): void {
    if (error.code === 'shutting-down') this.leave();
    this.events.refused(error);
  }

  /** The server at the other end will stop: no other document begins over this connection. */
  private leave(): void {
    if (this.line !== undefined) this.line.connection.leaving = true;
  }

  /** Socket.IO would keep a message for the next connection, where it means nothing. */
  private send(event: string, ...args: unknown[]): void {
    if (this.line?.socket.connected) this.line.socket.emit(event, ...args);
  }
}
