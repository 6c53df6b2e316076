import * as Y from 'yjs';
import type { Protocol } from '../../wire/protocol.js';
import { EMPTY_UPDATE } from '../../wire/sync-messages.js';
import { Connection, type ConnectionOwner } from '../people/connection.js';
import type { TargetAddress } from '../people/target.js';

/** How often it is looked, and how long nothing may come, in milliseconds. */
const LOOK_EVERY_MS = 20;
const QUIET_MS = 2_000;
/** Who has everything stays so long, whatever comes: something that nobody typed may come after it. */
const STAY_MS = 100;
/** Before another attempt. */
const PAUSE_MS = 300;

export interface FreshReadOptions {
  readonly protocol: Protocol;
  readonly target: TargetAddress;
  readonly document: string;
  readonly clientId: number;
  readonly token: string | undefined;
  readonly timeoutMs: number;
}

/** Somebody who has nothing opens the document, and gets it into a real Y.Doc. */
class FreshReader implements ConnectionOwner {
  joined = false;
  lost: string | undefined;
  changedAt = performance.now();

  constructor(readonly doc: Y.Doc) {}

  entered(content: readonly Uint8Array[]): void {
    this.joined = true;
    this.#take(content);
  }

  got(message: Buffer, decode: (message: Buffer) => readonly Uint8Array[]): void {
    this.#take(decode(message));
  }

  acked(): void {
    // It sends nothing.
  }

  refused(): void {
    // It sends nothing.
  }

  wanted(): Uint8Array {
    return EMPTY_UPDATE;
  }

  ended(reason: string): void {
    this.lost = reason;
  }

  #take(updates: readonly Uint8Array[]): void {
    this.changedAt = performance.now();
    for (const update of updates) Y.applyUpdate(this.doc, update);
  }
}

/**
 * Reads a document as somebody new does, again if that fails.
 *
 * @param isWhole whether it may be read no further; some servers let a client in first and send the document afterwards
 * @throws Error with the last reason if nobody gets in within the time
 */
export async function readFresh(options: FreshReadOptions, isWhole: (doc: Y.Doc) => boolean): Promise<Y.Doc> {
  const { protocol, target, document, clientId, token, timeoutMs } = options;
  const endsAt = performance.now() + timeoutMs;
  let reason = 'no answer';
  for (;;) {
    const reader = new FreshReader(new Y.Doc());
    const request = { document, clientId, ...(token === undefined ? {} : { token }) };
    const connection = new Connection(target, protocol, request, reader);
    let wholeAt: number | undefined;
    try {
      while (reader.lost === undefined && performance.now() < endsAt) {
        const now = performance.now();
        if (reader.joined && isWhole(reader.doc)) wholeAt ??= now;
        const stayed = wholeAt !== undefined && now - wholeAt >= STAY_MS;
        if (reader.joined && (stayed || now - reader.changedAt > QUIET_MS)) return reader.doc;
        await sleep(LOOK_EVERY_MS);
      }
      if (reader.joined && reader.lost === undefined) return reader.doc;
      reason = reader.lost ?? reason;
      if (performance.now() > endsAt) throw new Error(reason);
    } finally {
      connection.close();
    }
    await sleep(PAUSE_MS);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
