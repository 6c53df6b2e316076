import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { FIRST_CLIENT_ID, ROOT_NAME } from './edits.js';

/** An awareness update as the page sends it when its caret moves: 200 bytes and some. */
export function caretUpdate(clientId: number, clock: number): Uint8Array {
  // Somewhere in a text that somebody wrote; no server looks there.
  const place = { type: null, tname: ROOT_NAME, item: { client: FIRST_CLIENT_ID, clock }, assoc: 0 };
  const state = {
    user: { name: `Person ${clientId - FIRST_CLIENT_ID}`, color: '#30bced' },
    cursor: { anchor: place, head: place },
  };
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, JSON.stringify(state));
  });
}

/** Numbers of the fleet's clients in an awareness update, and the clock of each: number, clock, number, clock … */
export function caretsIn(update: Uint8Array): number[] {
  const decoder = decoding.createDecoder(update);
  const carets: number[] = [];
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    carets.push(decoding.readVarUint(decoder) - FIRST_CLIENT_ID, decoding.readVarUint(decoder));
    const length = decoding.readVarUint(decoder);
    decoder.pos += length;
  }
  return carets;
}

/** Messages that are remembered at once. */
const KEPT = 2_048;

/** Takes each awareness message apart once, however many clients get it. */
export class SeenCarets {
  private readonly byHash = new Map<number, { readonly bytes: Buffer; readonly carets: readonly number[] }>();

  see(update: Buffer): readonly number[] {
    const hash = hashOf(update);
    const known = this.byHash.get(hash);
    if (known?.bytes.equals(update)) return known.carets;
    const carets = caretsIn(update);
    this.byHash.delete(hash);
    this.byHash.set(hash, { bytes: Buffer.from(update), carets });
    if (this.byHash.size > KEPT) {
      for (const oldest of this.byHash.keys()) {
        this.byHash.delete(oldest);
        break;
      }
    }
    return carets;
  }
}

/** Over the length and the beginning, where client and clock of the first state are: FNV-1a. */
function hashOf(message: Buffer): number {
  let hash = 0x811c9dc5 ^ message.length;
  for (let at = Math.min(message.length, 24) - 1; at >= 0; at--) {
    hash = Math.imul(hash ^ (message[at] as number), 0x01000193);
  }
  return hash;
}
