import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface RelayOptions {
  /** A port of 127.0.0.1. */
  readonly port: number;
  /** `false`: a WebSocket's first request is refused, as some networks do. */
  readonly upgrades?: boolean;
}

/** Told of every piece of bytes that goes to the server, before it does. */
export interface RelayListener {
  sent(link: Link, bytes: Buffer): void;
}

/** One connection through the relay: `client` is our end of the client's, `server` of the server's. */
export interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** A network between a client and a server, which can be slow, swallow everything or be cut. */
export class Relay {
  /** What every piece of bytes takes, in each direction, in milliseconds. */
  delayMs = 0;
  listener: RelayListener | undefined;
  private readonly links = new Set<Link>();
  /** Of connections over which nothing will ever pass again. */
  private readonly dead = new Set<Socket>();
  private waiting: (() => void)[] = [];
  private silent = false;
  private refusing = false;

  private constructor(
    private readonly options: RelayOptions,
    private readonly listening: Server,
  ) {
    listening.on('connection', (client) => this.accept(client));
  }

  static async open(options: RelayOptions): Promise<Relay> {
    const server = createServer({ pauseOnConnect: true });
    const relay = new Relay(options, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.listening.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get openLinks(): number {
    return this.links.size;
  }

  /** Nothing passes any more, and nobody is told; new connections seem to be made. */
  hold(): void {
    this.silent = true;
    for (const { client, server } of this.links) for (const socket of [client, server]) socket.pause();
  }

  /** Resets every connection that is there or comes. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  /** What was held back passes, and everything after it; connections are made again. */
  release(): void {
    this.silent = false;
    this.refusing = false;
    for (const { client, server } of this.links) for (const socket of [client, server]) socket.resume();
    const { waiting } = this;
    this.waiting = [];
    for (const go of waiting) go();
  }

  /** Resets every connection. */
  cut(): void {
    for (const link of this.links) end(link);
  }

  /** Nothing passes over the connections that are there, ever, and nobody is told; new ones work. */
  forget(): void {
    for (const { client, server } of this.links) {
      for (const socket of [client, server]) {
        socket.pause();
        this.dead.add(socket);
      }
    }
    this.links.clear();
  }

  async close(): Promise<void> {
    // Who waits to be let in is not: his connection would hold the end up.
    this.refuse();
    for (const socket of this.dead) socket.destroy();
    for (const go of this.waiting) go();
    await new Promise((resolve) => this.listening.close(resolve));
  }

  private accept(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.refusing) client.resetAndDestroy();
    else if (!this.silent) this.connect(client);
    else {
      this.waiting.push(() => {
        if (!this.refusing && !client.destroyed) this.connect(client);
        else client.destroy();
      });
    }
  }

  private connect(client: Socket): void {
    const server = connect(this.options.port, '127.0.0.1');
    const link = { client, server };
    this.links.add(link);
    for (const socket of [client, server]) {
      socket.on('error', () => end(link));
      socket.on('close', () => {
        this.links.delete(link);
        this.dead.delete(socket);
        end(link);
      });
    }
    this.pass(link, client, server);
    this.pass(link, server, client);
    client.resume();
  }

  private pass(link: Link, from: Socket, to: Socket): void {
    const mayRefuse = from === link.client && this.options.upgrades === false;
    let isFirst = true;
    /** What is on its way, in order: the last may have been sent when it took less than the first. */
    const onTheWay: (() => void)[] = [];
    const send = (arrive: () => void): void => {
      if (this.delayMs === 0 && onTheWay.length === 0) {
        arrive();
        return;
      }
      onTheWay.push(arrive);
      setTimeout(() => onTheWay.shift()?.(), this.delayMs);
    };
    from.on('data', (bytes) => {
      if (mayRefuse && isFirst && isUpgrade(bytes)) {
        from.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      isFirst = false;
      if (from === link.client) this.listener?.sent(link, bytes);
      send(() => this.write(bytes, from, to));
    });
    from.on('end', () => send(() => to.end()));
  }

  private write(bytes: Buffer, from: Socket, to: Socket): void {
    if (to.destroyed || this.dead.has(to) || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => {
      if (!this.silent && !this.dead.has(from)) from.resume();
    });
  }
}

function isUpgrade(bytes: Buffer): boolean {
  return /^upgrade: *websocket/im.test(bytes.toString('latin1'));
}

/** Not an orderly end: whoever is cut off gets a reset. */
function end({ client, server }: Link): void {
  for (const socket of [client, server]) {
    if (socket.destroyed) continue;
    // libuv refuses to reset a socket that is being shut down; Node then never closes it, and spins when it exits.
    if (socket.writableEnded) socket.destroy();
    else socket.resetAndDestroy();
  }
}
