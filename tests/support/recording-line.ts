import type { ConversationEvents, Line } from '../../load/wire/protocol.js';

/** The client's end of a WebSocket that leads nowhere: keeps what is sent. */
export class RecordingLine implements Line {
  sent: (string | Uint8Array)[] = [];
  closed = false;

  sendText(text: string): void {
    this.sent.push(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  sendTextAndBinary(text: string, bytes: Uint8Array): void {
    this.sent.push(text, bytes);
  }

  close(): void {
    this.closed = true;
  }

  /** What was sent since the last call. */
  take(): (string | Uint8Array)[] {
    return this.sent.splice(0);
  }
}

/** What a conversation tells the generator, as lists; views are copied. */
export class RecordingEvents implements ConversationEvents {
  readonly joins: { readonly content: Uint8Array[]; readonly place: unknown }[] = [];
  readonly received: Uint8Array[] = [];
  readonly acks: number[] = [];
  readonly carets: Uint8Array[] = [];
  readonly failures: string[] = [];

  joined(content: readonly Uint8Array[], place?: unknown): void {
    this.joins.push({ content: content.map((update) => Uint8Array.from(update)), place });
  }

  updates(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    // From a copy: what the generator knows of a message must be in the message.
    this.received.push(...decode(Buffer.from(message)).map((update) => Uint8Array.from(update)));
  }

  acked(tag: number): void {
    this.acks.push(tag);
  }

  awareness(update: Buffer): void {
    this.carets.push(Uint8Array.from(update));
  }

  failed(reason: string): void {
    this.failures.push(reason);
  }
}
