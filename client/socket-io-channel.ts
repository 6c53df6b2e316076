import type { Socket } from 'socket.io-client';
import { documentNamespace } from '../shared/ids.js';
import { type ConnectAuth, PROTOCOL_VERSION, readWireError } from '../shared/protocol.js';
import type { Channel, ChannelEvents, Connect } from './channel.js';
import { type Connection, freeConnection } from './socket-io-connection.js';

/** Channels to the server at `url`, by default the one that the page came from. */
export function connectTo(url?: string): Connect {
  return (document, events) => {
    const namespace = documentNamespace(document);
    const connection = freeConnection(url ?? globalThis.location.origin, namespace);
    return new SocketIoChannel(connection, namespace, events);
  };
}

/** Our protocol over Socket.IO: the document's namespace on a connection that documents share. */
class SocketIoChannel implements Channel {
  private readonly socket: Socket;
  private readonly detach: () => void;

  constructor(
    private readonly connection: Connection,
    private readonly namespace: string,
    events: ChannelEvents,
  ) {
    const auth: ConnectAuth = { protocol: PROTOCOL_VERSION };
    this.socket = connection.manager.socket(namespace);
    this.socket.auth = { ...auth };
    // What an honest server sends; the provider checks it all the same.
    const listeners: Record<string, (...args: unknown[]) => void> = {
      connect: () => events.opened(),
      disconnect: () => events.closed(),
      connect_error: (error) => {
        const refusal =
          typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
        // Without data it was the network, or something that is no Coscribe server.
        if (refusal === undefined) events.closed();
        else events.refused(readWireError(refusal));
      },
      updates: (frame) => events.updates(frame),
      awareness: (update) => events.awareness(update),
      resync: (reason) => events.resync(readWireError(reason)),
      saving: (possible) => events.saving(possible !== false),
      refused: (error) => events.messageRefused(readWireError(error)),
      bye: (reason, delay) => events.bye(readWireError(reason), typeof delay === 'number' ? delay : 0),
    };
    for (const [name, listener] of Object.entries(listeners)) this.socket.on(name, listener);
    const unwatch = connection.watch(() => events.reachable());
    this.detach = () => {
      unwatch();
      for (const [name, listener] of Object.entries(listeners)) this.socket.off(name, listener);
    };
  }

  open(): void {
    this.socket.connect();
  }

  close(): void {
    this.socket.disconnect();
  }

  destroy(): void {
    this.detach();
    this.socket.disconnect();
    this.connection.release(this.namespace);
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

  /** Socket.IO would keep a message for the next connection, where it means nothing. */
  private send(event: string, ...args: unknown[]): void {
    if (this.socket.connected) this.socket.emit(event, ...args);
  }
}
