import * as Y from 'yjs';
import type { Joined, JoinRequest } from '../shared/protocol.js';
import { MAX_STATE_VECTOR_BYTES } from '../shared/state-vector.js';
import { readJoined } from './read-messages.js';

/** What the server may leave out of its answer because the copy has it. */
export function copyOf(doc: Y.Doc): Pick<JoinRequest, 'stateVector'> {
  if (doc.store.clients.size === 0) return {};
  const stateVector = Y.encodeStateVector(doc);
  return stateVector.length > MAX_STATE_VECTOR_BYTES ? {} : { stateVector };
}

/** The answer to a join that went well; one that did not, or makes no sense, is none. */
export function joinedOf(raw: unknown): Joined | undefined {
  try {
    const reply = readJoined(raw);
    return reply.ok ? reply.value : undefined;
  } catch {
    return undefined;
  }
}
