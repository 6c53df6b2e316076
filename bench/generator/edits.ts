import * as encoding from 'lib0/encoding';

/** The root type that people type into. */
export const ROOT_NAME = 'text';

/**
 * clientIDs of typists follow one another from here, so that a client's number is a subtraction. As large as most of
 * the ones that Yjs draws by lot, which are below 2^32: they take five bytes.
 */
export const FIRST_CLIENT_ID = 0x4000_0000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** First byte of a struct: text, without and with an origin (`Item.write` of yjs 13.6). */
const TEXT = 4;
const TEXT_WITH_ORIGIN = 0x84;

/** The character that the typist with this clientID writes at this clock: told apart in a text by eye and by test. */
export function letterOf(clientId: number, clock: number): string {
  return LETTERS.charAt((clientId + clock) % LETTERS.length);
}

/** The edit that adds one character, the one at `clock`, behind the last one of the same typist: a Yjs update. */
export function oneCharacter(clientId: number, clock: number): Uint8Array {
  return run(clientId, clock, letterOf(clientId, clock));
}

/** All that a typist has written up to `count` characters, as one update. `count` is at least 1. */
export function wholeRun(clientId: number, count: number): Uint8Array {
  return run(clientId, 0, letters(clientId, 0, count));
}

/** The edit with which a typist replaces its last `length` characters by as many new ones; the `index`-th of them. */
export function replacement(clientId: number, index: number, length: number): Uint8Array {
  const clock = index * length;
  const deleted = index === 0 ? undefined : { clock: clock - length, length };
  return run(clientId, clock, letters(clientId, clock, length), deleted);
}

function letters(clientId: number, clock: number, count: number): string {
  return Array.from({ length: count }, (_, index) => letterOf(clientId, clock + index)).join('');
}

/** The first character stands in the root type; every other one behind the one before it. */
function run(
  clientId: number,
  clock: number,
  text: string,
  deleted?: { readonly clock: number; readonly length: number },
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, clientId);
  encoding.writeVarUint(encoder, clock);
  if (clock === 0) {
    encoding.writeUint8(encoder, TEXT);
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarString(encoder, ROOT_NAME);
  } else {
    encoding.writeUint8(encoder, TEXT_WITH_ORIGIN);
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock - 1);
  }
  encoding.writeVarString(encoder, text);
  encoding.writeVarUint(encoder, deleted === undefined ? 0 : 1);
  if (deleted !== undefined) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, deleted.clock);
    encoding.writeVarUint(encoder, deleted.length);
  }
  return encoding.toUint8Array(encoder);
}
