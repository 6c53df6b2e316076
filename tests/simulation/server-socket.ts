import { WebSocket } from 'ws';
import { codedParser } from '../../server/gateway/socket-io-parser.js';
import type { DocumentSocket } from '../../server/gateway/socket-types.js';
import { type DocumentId, documentNamespace } from '../../shared/ids.js';
import { delivered } from './messages.js';
import type { Wire } from './wire.js';

type Middleware = (event: unknown[]) => void;

/** The client's end: what comes to it over the wire. */
export interface ClientEnd {
  event(name: string, args: unknown[]): void;
  disconnected(): void;
}

/** Sees what leaves the server, at the moment it does. */
export interface Witness {
  sent(id: DocumentId, name: string, args: readonly unknown[]): void;
  answered(id: DocumentId, name: string, reply: unknown): void;
}

/** As much of a Socket.IO server socket as a `DocumentConnection` uses, over a simulated wire. */
export class ServerSocket {
  connected = true;
  readonly nsp: { readonly name: string };
  readonly conn: {
    write(part: string | Uint8Array): void;
    close(): void;
    readonly request: { readonly headers: object };
    readonly remoteAddress: string;
    readonly transport: object;
  };
  /** What Socket.IO tells who listens to `disconnect`. */
  onDisconnect: () => void = () => {};
  /** Content of the document is about to be sent. */
  onShow: () => void = () => {};
  #middleware: Middleware = () => {};
  readonly #decoder = new codedParser.Decoder();

  constructor(
    private readonly id: DocumentId,
    private readonly wire: Wire,
    private readonly client: ClientEnd,
    /** `false` once the server process is gone: nothing leaves it any more. */
    private readonly alive: () => boolean,
    private readonly witness: Witness,
  ) {
    this.nsp = { name: documentNamespace(id) };
    this.conn = {
      write: (part) => this.#decoder.add(part),
      close: () => wire.closeByServer(),
      request: { headers: {} },
      remoteAddress: '127.0.0.1',
      // Never writable: everything goes through `write`.
      transport: {
        name: 'websocket',
        writable: false,
        socket: {
          readyState: WebSocket.OPEN,
          _socket: {
            get writableLength() {
              return wire.congestion.length;
            },
            destroy: () => wire.closeByServer(),
          },
        },
      },
    };
    this.#decoder.on('decoded', ({ data }) => {
      const [name, ...args] = data as unknown[];
      this.emit(String(name), ...args);
    });
    wire.onServerNotices.push(() => this.#close());
  }

  /** This is all that `DocumentConnection` needs of a socket. */
  asSocket(): DocumentSocket {
    return this as unknown as DocumentSocket;
  }

  use(middleware: Middleware): void {
    this.#middleware = middleware;
  }

  emit(name: string, ...args: unknown[]): void {
    if (!this.connected || !this.alive()) return;
    const message = args.map(delivered);
    if (name === 'updates') this.onShow();
    this.witness.sent(this.id, name, message);
    this.wire.carry('down', () => this.client.event(name, message));
  }

  disconnect(): void {
    if (this.connected && this.alive()) this.wire.carry('down', () => this.client.disconnected());
    this.#close();
  }

  /** Something arrives from the client; `answer` carries a reply back, at most once. */
  receive(name: string, args: unknown[], answer?: (reply: unknown) => void): void {
    if (!this.connected || !this.alive()) return;
    let answered = false;
    const acknowledge = (reply: unknown): void => {
      if (answered || !this.connected || !this.alive()) return;
      answered = true;
      const message = delivered(reply);
      if (name === 'join' && isOk(reply)) this.onShow();
      this.witness.answered(this.id, name, message);
      this.wire.carry('down', () => answer?.(message));
    };
    this.#middleware([name, ...args, ...(answer === undefined ? [] : [acknowledge])]);
  }

  /** The client left this document. */
  left(): void {
    this.#close();
  }

  #close(): void {
    if (!this.connected) return;
    this.connected = false;
    if (this.alive()) this.onDisconnect();
  }
}

function isOk(reply: unknown): boolean {
  return (reply as { readonly ok?: unknown }).ok === true;
}
