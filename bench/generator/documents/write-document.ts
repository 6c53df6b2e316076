import type { Protocol } from '../../../load/wire/protocol.js';
import type { Address } from '../../../load/wire/websocket-client.js';
import { FollowingClient } from '../following-client.js';
import { until } from '../waiting.js';
import { Completion } from './completion.js';
import { untilComplete, Watcher } from './watcher.js';

const TIMEOUT_MS = 60_000;
/** Edits, and bytes, that one writer sends without an answer. */
const UNDER_WAY = 50;
const BYTES_UNDER_WAY = 500_000;

export interface Writing {
  readonly protocol: Protocol;
  readonly address: Address;
  readonly document: string;
  /** clientID of the connection that writes; the next one belongs to a reader. */
  readonly clientId: number;
  /** Yjs updates, in order, each small enough for the server. */
  readonly updates: readonly Uint8Array[];
  /** The text that is there afterwards, and what was there before. */
  readonly text: string;
  readonly before?: Uint8Array;
}

/**
 * Writes into a document through the server's own protocol. Fulfils when a second client has got all of it, and the
 * server, if it does, has acknowledged all of it.
 *
 * @throws Error if that does not happen
 */
export async function writeDocument(writing: Writing): Promise<void> {
  const { protocol, address, document, clientId, updates, text, before } = writing;
  const reader = new Watcher(protocol, address, { document, clientId: clientId + 1 });
  const writer = new FollowingClient(protocol, address, { document, clientId, catchUp: true }, () => {});
  try {
    await Promise.all([reader.client.opened, writer.opened]);
    const fine = (condition: () => boolean): boolean => {
      if (writer.failures[0] !== undefined) throw new Error(writer.failures[0]);
      return condition();
    };
    const atOnce = Math.max(1, Math.min(UNDER_WAY, Math.floor(BYTES_UNDER_WAY / longest(updates))));
    for (const [tag, update] of updates.entries()) {
      if (protocol.acknowledges)
        await until(() => fine(() => writer.acks.length > tag - atOnce), 'answers', TIMEOUT_MS);
      writer.sendUpdate(update, tag);
    }
    if (protocol.acknowledges)
      await until(() => fine(() => writer.acks.length === updates.length), 'the last answer', TIMEOUT_MS);
    await untilComplete([reader], new Completion(text, before), TIMEOUT_MS);
  } finally {
    reader.client.close();
    writer.close();
  }
}

function longest(updates: readonly Uint8Array[]): number {
  return Math.max(1, ...updates.map(({ length }) => length));
}
