import type { Socket } from 'socket.io-client';
import { CoscribeError, type WireError } from '../shared/errors.js';
import { documentNamespace } from '../shared/ids.js';
import { type ConnectAuth, PROTOCOL_VERSION, readWireError } from '../shared/protocol.js';
import type { Channel, ChannelEvents, Connect } from './channel.js';
import { type Connection, connectionsTo, type ServerConnections } from './socket-io-connection.js';
import { readStrangeAnswer } from './strange-answer.js';

/** Where a server's Socket.IO is, unless it was put elsewhere. */
export const DEFAULT_PATH = '/socket.io';
/** Answers in a row of something that is no Coscribe server before that is said: during a deployment there may be one. */
const STRANGE_AT_LEAST = 2;

/** Channels to the server at `url`, by default the one that the page came from. */
export function connectTo(url?: string, path = DEFAULT_PATH): Connect {
  return (document, events) =>
    new SocketIoChannel(
      connectionsTo(url ?? globalThis.location.origin, path),
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
  readonly #server: ServerConnections;
  readonly #namespace: string;
  readonly #events: ChannelEvents;
  #line: Line | undefined;
  /** What the server has said in the end. */
  #goodbye: (() => void) | undefined;
  /** Attempts in a row that something else answered. */
  #strange = 0;
  readonly #listeners: Listeners;
  readonly #unwatch: () => void;

  constructor(server: ServerConnections, namespace: string, events: ChannelEvents) {
    this.#server = server;
    this.#namespace = namespace;
    this.#events = events;
    this.#listeners = this.#listenersOf(events);
    this.#unwatch = server.watch(() => events.reachable());
  }

  open(token?: string): void {
    if (this.#line === undefined) {
      const connection = this.#server.claim(this.#namespace);
      const socket = connection.manager.socket(this.#namespace);
      for (const [name, listener] of Object.entries(this.#listeners)) socket.on(name, listener);
      this.#line = { connection, socket };
    }
    this.#goodbye = undefined;
    this.#line.socket.auth = { protocol: PROTOCOL_VERSION, token } satisfies ConnectAuth;
    this.#line.socket.connect();
  }

  close(): void {
    if (this.#line === undefined) return;
    const { connection, socket } = this.#line;
    this.#line = undefined;
    for (const [name, listener] of Object.entries(this.#listeners)) socket.off(name, listener);
    socket.disconnect();
    connection.release(this.#namespace);
  }

  destroy(): void {
    this.close();
    this.#unwatch();
  }

  join(...message: Parameters<Channel['join']>): void {
    this.#send('join', ...message);
  }

  update(...message: Parameters<Channel['update']>): void {
    this.#send('update', ...message);
  }

  awareness(update: Uint8Array): void {
    this.#send('awareness', update);
  }

  token(...message: Parameters<Channel['token']>): void {
    this.#send('token', ...message);
  }

  diverged(...message: Parameters<Channel['diverged']>): void {
    this.#send('diverged', ...message);
  }

  /** What an honest server sends; the provider checks it all the same. */
  #listenersOf(events: ChannelEvents): Listeners {
    return {
      connect: () => {
        this.#strange = 0;
        events.opened();
      },
      disconnect: () => {
        if (this.#goodbye === undefined) events.closed();
        else this.#goodbye();
      },
      connect_error: (error) => {
        const { data } = Object(error) as { readonly data?: unknown };
        if (data === undefined) this.#failed(error);
        else this.#refused(readWireError(data));
      },
      updates: events.updates,
      awareness: events.awareness,
      resync: (reason) => events.resync(readWireError(reason)),
      saving: (possible) => events.saving(possible !== false),
      access: events.access,
      renew: events.renew,
      check: events.check,
      refused: (error) => events.messageRefused(readWireError(error)),
      move: (afterMs) => {
        this.#leave();
        events.move(typeof afterMs === 'number' ? afterMs : 0);
      },
      bye: (reason, delay) => {
        // Told when the disconnect is here that follows. One of our own would cross it, and to the server be a message for a
        // document that is not open: for that it closes the whole connection.
        this.#goodbye = () => events.bye(readWireError(reason), typeof delay === 'number' ? delay : 0);
      },
    };
  }

  /** No server's refusal: it was the network, or something that is no Coscribe server. */
  #failed(error: unknown): void {
    const answer = readStrangeAnswer(error);
    this.#strange = typeof answer === 'string' ? this.#strange + 1 : 0;
    if (answer === undefined || (typeof answer === 'string' && this.#strange < STRANGE_AT_LEAST)) {
      this.#events.closed();
      return;
    }
    const { url, path } = this.#server;
    this.#events.refused(
      typeof answer === 'string'
        ? new CoscribeError('not-coscribe', `${url}${path}: ${answer}`).toWire()
        : answer,
    );
  }

  #refused(error: WireError): void {
    this.#strange = 0;
    if (error.code === 'shutting-down') this.#leave();
    this.#events.refused(error);
  }

  /** The server at the other end will stop: no other document begins over this connection. */
  #leave(): void {
    if (this.#line !== undefined) this.#line.connection.leaving = true;
  }

  /** Socket.IO would keep a message for the next connection, where it means nothing. */
  #send(event: string, ...args: unknown[]): void {
    if (this.#line?.socket.connected) this.#line.socket.emit(event, ...args);
  }
}
