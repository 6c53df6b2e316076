import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** An awareness update that says who writes in this copy. */
export function caretOf(doc: Y.Doc, name: string): Uint8Array {
  const awareness = new Awareness(doc);
  awareness.setLocalState({ user: { name } });
  const update = encodeAwarenessUpdate(awareness, [doc.clientID]);
  awareness.destroy();
  return update;
}
