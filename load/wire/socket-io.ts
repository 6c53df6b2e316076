import type { Line, Refusal } from './protocol.js';

/** Where Socket.IO servers listen unless told otherwise; Engine.IO 4, WebSocket from the start. */
export const SOCKET_IO_PATH = '/socket.io/?EIO=4&transport=websocket';

/** Engine.IO's own `pingInterval` and `pingTimeout`, in milliseconds. */
const DEFAULT_SILENCE_MS = 45_000;

/** Of what a server says that has no sentence in it. */
const MAX_WORDS = 80;

/** Stands in the JSON for the one attachment. */
export const PLACEHOLDER = { _placeholder: true, num: 0 };

/** What one namespace says. Buffers are good during the call only, unless said otherwise. */
export interface NamespaceEvents {
  connected(): void;
  /** An event of one of the names that were asked for, with bytes as its only argument. */
  bytes(name: string, argument: Buffer): void;
  /** Any other event. Byte arguments are copies. `id` is there if the server wants an answer. */
  event(name: string, args: readonly unknown[], id: number | undefined): void;
  /** The answer to what was emitted under `id`. Byte arguments are copies. */
  answered(id: number, args: readonly unknown[]): void;
  failed(reason: string, why?: Refusal): void;
}

export interface NamespaceOptions {
  /** `/` or `/…`, without a comma. */
  readonly namespace: string;
  readonly auth?: Readonly<Record<string, unknown>>;
  /** Events that come so often that their text is not parsed but compared; the most frequent first. */
  readonly byteEvents: readonly string[];
}

interface Packet {
  readonly type: string;
  readonly id: number | undefined;
  readonly json: string;
}

const PACKET = /^4([0-6])(?:(\d+)-)?(?:(\/[^,]*),)?(\d*)(.*)$/s;

/**
 * One namespace over a WebSocket of its own: Socket.IO protocol 5 with the default parser
 * (https://socket.io/docs/v4/socket-io-protocol/) on Engine.IO 4 (https://socket.io/docs/v4/engine-io-protocol/).
 */
export class SocketIoNamespace {
  readonly #line: Line;
  readonly #events: NamespaceEvents;
  readonly #namespace: string;
  /** The namespace as packets carry it: nothing for `/`. */
  readonly #prefix: string;
  readonly #auth: string;
  readonly #byteEvents: readonly string[];
  readonly #headers: readonly Buffer[];
  /** See `Conversation.silenceMs`; the server says it at the beginning. */
  silenceMs = DEFAULT_SILENCE_MS;
  /** Name of the event whose bytes come next. */
  #awaited: string | undefined;
  #partial: { readonly packet: Packet; readonly missing: number; readonly bytes: Buffer[] } | undefined;

  constructor(line: Line, options: NamespaceOptions, events: NamespaceEvents) {
    this.#line = line;
    this.#events = events;
    this.#namespace = options.namespace;
    this.#prefix = options.namespace === '/' ? '' : `${options.namespace},`;
    this.#auth = options.auth === undefined ? '' : JSON.stringify(options.auth);
    this.#byteEvents = options.byteEvents;
    this.#headers = options.byteEvents.map((name) => Buffer.from(`451-${this.#prefix}${withBytes(name)}`));
  }

  text(message: Buffer): void {
    if (this.#awaited !== undefined || this.#partial !== undefined) {
      this.#events.failed('text came where bytes were announced');
      return;
    }
    for (let i = 0; i < this.#headers.length; i++) {
      if (this.#headers[i]?.equals(message) === true) {
        this.#awaited = this.#byteEvents[i];
        return;
      }
    }
    this.#frame(message.toString());
  }

  binary(message: Buffer): void {
    const awaited = this.#awaited;
    if (awaited !== undefined) {
      this.#awaited = undefined;
      this.#events.bytes(awaited, message);
      return;
    }
    const partial = this.#partial;
    if (partial === undefined) {
      this.#events.failed('bytes came that no packet announced');
      return;
    }
    partial.bytes.push(Buffer.from(message));
    if (partial.bytes.length < partial.missing) return;
    this.#partial = undefined;
    this.#packet(partial.packet, partial.bytes);
  }

  /** @param json the event's name and its arguments, as JSON */
  emit(json: string, id?: number): void {
    this.#line.sendText(`42${this.#prefix}${id ?? ''}${json}`);
  }

  /** @param json an event with `PLACEHOLDER` where the bytes belong */
  emitBytes(json: string, bytes: Uint8Array, id?: number): void {
    this.#line.sendTextAndBinary(`451-${this.#prefix}${id ?? ''}${json}`, bytes);
  }

  /** Answers the server's event `id` with one argument, bytes. */
  answerBytes(id: number, bytes: Uint8Array): void {
    this.#line.sendTextAndBinary(`461-${this.#prefix}${id}${JSON.stringify([PLACEHOLDER])}`, bytes);
  }

  #frame(text: string): void {
    if (text[0] === '2') this.#line.sendText('3');
    else if (text[0] === '0') this.#opened(text);
    else if (text[0] === '4') this.#header(text);
    // 6 is "nothing to say".
    else if (text[0] !== '6') this.#events.failed(`the server sent ${JSON.stringify(text.slice(0, 80))}`);
  }

  #opened(text: string): void {
    const { pingInterval, pingTimeout } = JSON.parse(text.slice(1)) as Record<string, unknown>;
    const silence = Number(pingInterval) + Number(pingTimeout);
    if (silence > 0) this.silenceMs = silence;
    this.#line.sendText(`40${this.#prefix}${this.#auth}`);
  }

  #header(text: string): void {
    const [, type = '', attachments, namespace = '/', id, json = ''] = PACKET.exec(text) ?? [];
    if (namespace !== this.#namespace || type === '') {
      this.#events.failed(`the server sent ${JSON.stringify(text.slice(0, 80))}`);
      return;
    }
    const packet = { type, id: id ? Number(id) : undefined, json };
    if (Number(attachments) > 0) this.#partial = { packet, missing: Number(attachments), bytes: [] };
    else this.#packet(packet, []);
  }

  #packet({ type, id, json }: Packet, bytes: readonly Buffer[]): void {
    if (type === '0') this.#events.connected();
    else if (type === '1') this.#events.failed('the server disconnected the client');
    else if (type === '4')
      this.#events.failed(`the server refused the client: ${wordsIn(json)}`, refusalIn(json));
    else {
      const args = JSON.parse(json, (_key, value) => fill(value, bytes)) as unknown[];
      if (type === '2' || type === '5') this.#events.event(String(args[0]), args.slice(1), id);
      else this.#events.answered(id ?? -1, args);
    }
  }
}

/** An event whose first argument is bytes, as JSON; `more` are the arguments after it. */
export function withBytes(name: string, ...more: readonly unknown[]): string {
  return JSON.stringify([name, PLACEHOLDER, ...more]);
}

/** A `connect_error` for people: `The server is busy. (server-busy)`. */
function wordsIn(json: string): string {
  const { message, data } = JSON.parse(json) as { message?: unknown; data?: { code?: unknown } };
  const words = [
    ...(typeof message === 'string' ? [message] : []),
    ...(typeof data?.code === 'string' ? [typeof message === 'string' ? `(${data.code})` : data.code] : []),
  ];
  return words.length === 0 ? json.slice(0, MAX_WORDS) : words.join(' ');
}

/** What our own servers say in a `connect_error`. */
function refusalIn(json: string): Refusal | undefined {
  const { data } = JSON.parse(json) as { data?: { code?: unknown; retryable?: unknown } };
  if (typeof data?.code !== 'string') return undefined;
  return { code: data.code, retryable: data.retryable === true };
}

/** Puts the attachment in the place that was kept for it. */
function fill(value: unknown, bytes: readonly Buffer[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { _placeholder, num } = value as { _placeholder?: unknown; num?: unknown };
  return _placeholder === true ? bytes[Number(num)] : value;
}
