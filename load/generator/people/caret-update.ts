import * as encoding from 'lib0/encoding';
import { DEFAULT_TEXT } from '../../../shared/protocol.js';

/**
 * An awareness update as a page sends it when the caret moves: 200 bytes and some.
 *
 * @param clock of the character that the caret is behind; -1 if it is at the beginning
 */
export function caretUpdate(clientId: number, stateClock: number, clock: number): Uint8Array {
  const place =
    clock < 0
      ? { type: null, tname: DEFAULT_TEXT, item: null, assoc: 0 }
      : { type: null, tname: null, item: { client: clientId, clock }, assoc: 0 };
  const state = {
    user: { name: `Person ${clientId}`, color: '#30bced' },
    cursor: { anchor: place, head: place },
  };
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, stateClock);
    encoding.writeVarString(encoder, JSON.stringify(state));
  });
}
