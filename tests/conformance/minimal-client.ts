import * as decoding from 'lib0/decoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

type Json = Record<string, unknown>;
type Bytes = Uint8Array<ArrayBufferLike>;

/** A client written from docs/PROTOCOL.md alone: one document over a plain WebSocket, no code of ours, no Socket.IO. */
export class MinimalClient {
  readonly doc = new Y.Doc();
  /** What the last join asked for and was given. */
  readonly joins: { readonly since: unknown; readonly updates: number }[] = [];
  seq = 0;
  private readonly clientKey = crypto.randomUUID();
  private socket: WebSocket | undefined;
  private live = false;
  private generation: string | undefined;
  private readonly ahead = new Set<number>();
  private readonly unconfirmed: Bytes[] = [];
  private sending = false;
  private nextAck = 0;
  private readonly acks = new Map<number, (answer: Json) => void>();
  private partial: { text: string; missing: number; bytes: Bytes[] } | undefined;

  /** @param namespace `/docs/{workspace}/{name}` */
  constructor(
    private readonly url: string,
    private readonly namespace: string,
  ) {
    this.doc.on('update', (update: Bytes, origin: unknown) => {
      if (origin === this) return;
      this.unconfirmed.push(update);
      this.sendNext();
    });
  }

  get saved(): boolean {
    return this.live && this.unconfirmed.length === 0;
  }

  connect(): void {
    const socket = new WebSocket(`${this.url}/socket.io/?EIO=4&transport=websocket`);
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (socket !== this.socket) return;
      if (isBinary) this.attachment(data);
      else this.frame(data.toString());
    });
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.socket?.terminate();
    this.socket = undefined;
    this.live = false;
    this.sending = false;
    this.partial = undefined;
    this.acks.clear();
  }

  private frame(text: string): void {
    if (text.startsWith('0')) this.socket?.send(`40${this.namespace},{"protocol":1}`);
    else if (text === '2') this.socket?.send('3');
    else if (text.startsWith('4')) {
      const missing = /^4[56](\d+)-/.exec(text)?.[1];
      if (missing === undefined) this.packet(text.slice(1), []);
      else
        this.partial = {
          text: text[1] + text.slice(3 + missing.length),
          missing: Number(missing),
          bytes: [],
        };
    }
  }

  private attachment(data: Bytes): void {
    if (this.partial?.bytes.push(data) !== this.partial?.missing || this.partial === undefined) return;
    const { text, bytes } = this.partial;
    this.partial = undefined;
    this.packet(text, bytes);
  }

  private packet(text: string, bytes: readonly Bytes[]): void {
    const [, type, id, json = ''] = /^(\d)\/[^,]*,(\d*)(.*)$/s.exec(text) ?? [];
    const fill = (_key: string, value: Json | null): unknown =>
      value?._placeholder === true ? bytes[Number(value.num)] : value;
    const args: unknown = JSON.parse(json || '[]', fill);
    if (type === '0') this.join();
    else if (type === '3' || type === '6') this.acks.get(Number(id))?.((args as Json[])[0] ?? {});
    else if (type === '2' || type === '5') this.event(args as [string, ...unknown[]]);
  }

  private event([name, argument]: [string, ...unknown[]]): void {
    if (name === 'resync') this.join();
    if (name !== 'updates' || !this.live) return;
    const decoder = decoding.createDecoder(argument as Bytes);
    const from = decoding.readVarUint(decoder);
    if (from > this.seq + 1) this.join();
    else this.advance(Math.max(this.seq, from + this.apply(decoder) - 1));
  }

  private join(): void {
    this.live = false;
    this.sending = false;
    const since = this.generation === undefined ? {} : { generation: this.generation, seq: this.seq };
    const request = { clientId: this.doc.clientID, clientKey: this.clientKey, ...since };
    this.emit('2', ['join', request], ({ ok, generation, head, content }) => {
      if (ok !== true) return;
      this.generation = generation as string;
      const updates = this.apply(decoding.createDecoder(content as Bytes));
      this.joins.push({ since, updates });
      this.ahead.clear();
      this.seq = head as number;
      this.live = true;
      this.sendNext();
    });
  }

  private sendNext(): void {
    const [update] = this.unconfirmed;
    if (!this.live || this.sending || update === undefined) return;
    this.sending = true;
    this.emit('51-', ['update', { _placeholder: true, num: 0 }, 'live'], ({ ok, seq }) => {
      this.sending = false;
      if (ok !== true) return;
      this.unconfirmed.shift();
      this.ahead.add(seq as number);
      this.advance(this.seq);
      this.sendNext();
    });
    this.socket?.send(update);
  }

  private advance(seq: number): void {
    this.seq = seq;
    while (this.ahead.delete(this.seq + 1)) this.seq++;
  }

  private apply(decoder: decoding.Decoder): number {
    const count = decoding.readVarUint(decoder);
    for (let i = 0; i < count; i++) Y.applyUpdate(this.doc, decoding.readVarUint8Array(decoder), this);
    return count;
  }

  private emit(type: string, payload: unknown[], answer: (answer: Json) => void): void {
    const id = this.nextAck++;
    this.acks.set(id, answer);
    this.socket?.send(`4${type}${this.namespace},${id}${JSON.stringify(payload)}`);
  }
}
