import type { AddressInfo } from 'node:net';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type WebSocket, WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { encodeUpdate } from '../../load/generator/author/encode-update.js';
import { NOTHING } from '../../load/generator/author/paragraph.js';
import { Runs } from '../../load/generator/author/runs.js';
import { PROSE } from '../../load/generator/text/prose.js';
import { WrittenText } from '../../load/generator/text/written-text.js';
import { Kind, NONE, UpdateReader } from '../../shared/update-format.js';

/** What it does wrong; each of these it does from the time on at which the documents have some text. */
export type Lie =
  /** One client is never sent a certain edit. */
  | 'drops'
  /** One client is sent a text of which one byte is another. */
  | 'alters'
  /** It writes a word itself. */
  | 'injects'
  /** It deletes what nobody has deleted. */
  | 'deletes'
  /** One of its two addresses shows an older state to whoever comes later. */
  | 'is late'
  /** To whoever comes later it sends a word of its own, after the document. */
  | 'adds'
  /** It lets nobody in who comes after the others. */
  | 'closes'
  /** At its second address everybody is shown a piece in another place than at the first. */
  | 'moves'
  /** At its second address one of them is. */
  | 'moves for one'
  /** Whoever comes later is shown a piece of one author where one of another author belongs, and the other way round. */
  | 'swaps';

export interface LyingServer {
  /** Two addresses with the same documents. */
  readonly urls: readonly string[];
  /** How often it has lied. */
  readonly lies: number;
  /** From now on it lets nobody in, or shows the old: what it lies to readers. */
  close(): void;
  stop(): Promise<void>;
}

const ENOUGH = 30;
const MOVING: readonly (Lie | undefined)[] = ['moves', 'moves for one'];
const TEXT = new WrittenText(PROSE, true);
/** A piece is moved by so many characters. */
const AWAY = 3;

/** A y-websocket server in a few lines, which does one thing wrong. */
export async function startLyingServer(lie: Lie | undefined): Promise<LyingServer> {
  const rooms = new Map<string, Room>();
  const state = { lies: 0, closed: false };
  const servers = [0, 1].map((number) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket, { url = '/' }) => {
      if (state.closed && lie === 'closes') {
        socket.close();
        return;
      }
      const room = rooms.get(url) ?? new Room(lie, state);
      rooms.set(url, room);
      room.enter(socket, number);
    });
    return server;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    get lies() {
      return state.lies;
    },
    close() {
      state.closed = true;
    },
    async stop() {
      for (const server of servers) for (const socket of server.clients) socket.terminate();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

class Room {
  private readonly doc = new Y.Doc();
  private readonly sockets: WebSocket[] = [];
  /** Those that came to the second address. */
  private readonly seconds = new Set<WebSocket>();
  private old: Uint8Array | undefined;
  private lied = false;

  constructor(
    private readonly lie: Lie | undefined,
    private readonly state: { lies: number; closed: boolean },
  ) {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => this.tell(update, origin));
  }

  enter(socket: WebSocket, server: number): void {
    this.sockets.push(socket);
    if (server === 1) this.seconds.add(socket);
    socket.on('close', () => this.sockets.splice(this.sockets.indexOf(socket), 1));
    socket.on('message', (data: Buffer) => this.receive(socket, server, Uint8Array.from(data)));
    socket.send(message(0, Y.encodeStateVector(this.doc)));
  }

  /** To whoever has got the document a moment ago. */
  private add(socket: WebSocket): void {
    const before = Y.encodeStateVector(this.doc);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(this.doc));
    other.getText('text').insert(0, 'nobody');
    setTimeout(() => socket.send(message(2, Y.encodeStateAsUpdate(other, before))), 30);
    this.state.lies++;
  }

  private receive(socket: WebSocket, server: number, data: Uint8Array): void {
    const decoder = decoding.createDecoder(data);
    if (decoding.readVarUint(decoder) !== 0) return;
    const type = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (type !== 0) Y.applyUpdate(this.doc, payload, socket);
    else if (this.state.closed && this.lie === 'is late' && server === 1 && this.old !== undefined) {
      this.state.lies++;
      socket.send(message(1, this.old));
    } else if (this.state.closed && this.lie === 'swaps') {
      this.state.lies++;
      socket.send(message(1, swapped(this.doc)));
    } else socket.send(message(1, Y.encodeStateAsUpdate(this.doc, payload)));
    if (type === 0 && this.state.closed && this.lie === 'adds') this.add(socket);
  }

  private tell(update: Uint8Array, origin: unknown): void {
    if (MOVING.includes(this.lie)) this.move(update, origin);
    else if (this.lie === 'swaps') this.pass(update, origin);
    else this.tellWrong(update, origin);
  }

  private pass(update: Uint8Array, origin: unknown): void {
    for (const socket of this.sockets) if (socket !== origin) socket.send(message(2, update));
  }

  /** What somebody wrote who is at the first address, to those who are at the second. */
  private move(update: Uint8Array, origin: unknown): void {
    const isFirst = !this.seconds.has(origin as WebSocket);
    const wrong = isFirst && !this.lied && this.seconds.size > 1 ? moved(update) : undefined;
    if (wrong === undefined) {
      this.pass(update, origin);
      return;
    }
    this.lied = true;
    this.state.lies++;
    // The last one of them, if it is one: what is shown first is believed first.
    const victims = this.lie === 'moves' ? [...this.seconds] : [...this.seconds].slice(-1);
    for (const socket of this.sockets)
      if (socket !== origin) socket.send(message(2, victims.includes(socket) ? wrong : update));
  }

  private tellWrong(update: Uint8Array, origin: unknown): void {
    const text = this.doc.getText('text');
    const liesNow = this.lie !== undefined && !this.lied && text.length > ENOUGH && this.sockets.length > 1;
    const victim =
      liesNow && (this.lie !== 'alters' || endsWithLetter(update))
        ? this.sockets.find((socket) => socket !== origin)
        : undefined;
    for (const socket of this.sockets) {
      if (socket === origin) continue;
      const told = socket === victim ? this.wrong(update) : update;
      if (told !== undefined) socket.send(message(2, told));
    }
    if (victim === undefined) return;
    this.lied = true;
    if (this.lie === 'is late') this.old = Y.encodeStateAsUpdate(this.doc);
    else if (this.lie === 'injects') text.insert(text.length, 'nobody');
    // Not where people correct what they have just typed.
    else if (this.lie === 'deletes') text.delete(Math.floor(text.length / 3), 2);
    if (this.lie !== 'is late' && this.lie !== 'closes' && this.lie !== 'adds') this.state.lies++;
  }

  /** What the victim is told in place of this; `undefined`: nothing. */
  private wrong(update: Uint8Array): Uint8Array | undefined {
    if (this.lie === 'drops') return undefined;
    if (this.lie !== 'alters') return update;
    const altered = Uint8Array.from(update);
    const at = altered.length - 2;
    altered[at] = altered[at] === 0x78 ? 0x79 : 0x78;
    return altered;
  }
}

/** The same update, with what it writes a little further to the left; `undefined` if there is no such place. */
function moved(update: Uint8Array): Uint8Array | undefined {
  const reader = new UpdateReader(update);
  if (!reader.nextSection() || !reader.nextStruct() || reader.kind !== Kind.string) return undefined;
  const { client, clock, length, originClient, originClock, rightClient, rightClock } = reader;
  if (originClient !== client || originClock < AWAY) return undefined;
  const runs = new Runs();
  runs.add(clock, originClock - AWAY, rightClient === NONE ? NOTHING : rightClock);
  if (reader.nextStruct() || reader.nextSection() || reader.nextDeletes()) return undefined;
  return encodeUpdate([{ clientId: client, runs, from: clock, to: clock + length, deleted: [] }], TEXT);
}

/** The whole document, in which a piece of one author stands where one of another belongs: of the two last of them. */
function swapped(doc: Y.Doc): Uint8Array {
  const other = new Y.Doc({ gc: false });
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const items = [...other.store.clients.keys()]
    .sort((a, b) => b - a)
    .slice(0, 2)
    .map((client) =>
      (other.store.clients.get(client) ?? []).find(
        (struct) => struct instanceof Y.Item && !struct.deleted && struct.origin !== null,
      ),
    );
  const [a, b] = items;
  if (!(a instanceof Y.Item) || !(b instanceof Y.Item)) throw new Error('nobody has written enough');
  [a.origin, b.origin] = [b.origin, a.origin];
  [a.rightOrigin, b.rightOrigin] = [b.rightOrigin, a.rightOrigin];
  return Y.encodeStateAsUpdate(other);
}

/** An update that writes something: the empty delete set at its end, and before it the text, of ASCII at its end. */
function endsWithLetter(update: Uint8Array): boolean {
  return update.at(-1) === 0 && (update.at(-2) ?? 0) >= 0x20 && (update.at(-2) ?? 0) < 0x7f;
}

function message(type: number, payload: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint8Array(encoder, payload);
  });
}
