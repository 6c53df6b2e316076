import * as random from 'lib0/random';
import type * as Y from 'yjs';

const keys = new WeakMap<Y.Doc, string>();

/**
 * The secret that lets a document keep its clientID when it reconnects. It belongs to the `Y.Doc` and not to the
 * provider, as the clientID does, and is never kept longer: a clientID must not be used by two copies.
 */
export function clientKeyOf(doc: Y.Doc): string {
  const key = keys.get(doc) ?? random.uuidv4();
  keys.set(doc, key);
  return key;
}
