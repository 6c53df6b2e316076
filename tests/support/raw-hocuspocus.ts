import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import { until } from './until.js';

/** A WebSocket to `/hocuspocus` without a provider: it sends any bytes, and keeps what comes. */
export class RawHocuspocus {
  readonly received: Buffer[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.received.push(data));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    socket.on('error', () => {
      // The close that follows says all that a test wants to know.
    });
  }

  /** @param url of the server, without a path */
  static async open(url: string): Promise<RawHocuspocus> {
    const raw = new RawHocuspocus(new WebSocket(`${url.replace('http', 'ws')}/hocuspocus`));
    await until(() => raw.socket.readyState === WebSocket.OPEN, 'the connection');
    return raw;
  }

  /** Messages for an address: type, and what follows it. */
  messagesFor(address: string): Buffer[] {
    const head = messageFor(address);
    return this.received.flatMap((message) =>
      message.subarray(0, head.length).equals(head) ? [message.subarray(head.length)] : [],
    );
  }

  send(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.socket.send(message);
  }

  /** Shows a token, and asks for everything. */
  ask(address: string, token = ''): void {
    this.send(authFor(address, token), messageFor(address, 0, 0, Uint8Array.of(0)));
  }
}

/** A message as lib0 writes it: numbers as varUint, texts as varString, bytes as varUint8Array. */
export function messageFor(address: string, ...parts: readonly (number | string | Uint8Array)[]): Buffer {
  const encoder = encoding.createEncoder();
  for (const part of [address, ...parts]) {
    if (typeof part === 'number') encoding.writeVarUint(encoder, part);
    else if (typeof part === 'string') encoding.writeVarString(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  }
  return Buffer.from(encoding.toUint8Array(encoder));
}

export function authFor(address: string, token: string, ...more: readonly string[]): Buffer {
  return messageFor(address, 2, 0, token, ...more);
}
