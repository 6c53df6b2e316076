import * as Y from 'yjs';
import type { RunContext } from '../scenarios/scenario.js';
import { ROOT_NAME } from './edits.js';
import { Fleet, type Seat } from './fleet.js';
import { copied } from './text-check.js';
import { sleep } from './waiting.js';

const LOOK_EVERY_MS = 100;

/**
 * The text that a client gets that has nothing: as soon as it is the expected one, or what is there of it after `patienceMs`.
 *
 * @throws Error if it does not get in
 */
export async function freshText(
  { server, process }: Pick<RunContext, 'server' | 'process'>,
  seat: Seat,
  expected: string,
  patienceMs: number,
): Promise<string> {
  const doc = new Y.Doc();
  const take = (updates: readonly Uint8Array[]): void => {
    for (const update of updates) Y.applyUpdate(doc, copied(update));
  };
  const fleet = new Fleet({
    addresses: process.addresses,
    protocol: server.protocol,
    events: {
      joined: (_member, content) => take(content),
      updates: (_member, { updates }) => take(updates),
    },
  });
  const text = doc.getText(ROOT_NAME);
  try {
    await fleet.open([seat]);
    const endsAt = performance.now() + patienceMs;
    while (text.toString() !== expected && performance.now() < endsAt) await sleep(LOOK_EVERY_MS);
    return text.toString();
  } finally {
    await fleet.close();
    doc.destroy();
  }
}
