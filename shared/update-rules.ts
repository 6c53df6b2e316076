import { decodeUtf8 } from 'lib0/string';
import { malformed } from './byte-cursor.js';
import { CoscribeError } from './errors.js';
import { Kind, NONE, type UpdateReader } from './update-format.js';

/** Most clients that one update may bring into a document: each costs every state vector some bytes for ever. */
export const MAX_NEW_CLIENTS = 1_000;

/** How deep shared types may lie in one another: Yjs walks them by recursion. */
export const MAX_TYPE_DEPTH = 64;

/** Longest name of a root type, in UTF-16 units. The empty name is what `doc.getText()` uses. */
export const MAX_ROOT_NAME = 128;

/** How deep arrays and objects in a value may lie in one another. */
export const MAX_VALUE_DEPTH = 32;

/**
 * Checks what a single struct says by itself.
 *
 * @throws CoscribeError `update-refused`; `invalid-update` if JSON in it is none
 */
export function checkContent(reader: UpdateReader): void {
  switch (reader.kind) {
    case Kind.string:
    case Kind.deleted:
    case Kind.gc:
    case Kind.binary:
    case Kind.type:
      break;
    case Kind.any:
      if (reader.protoKey) throw protoKey();
      if (reader.valueDepth > MAX_VALUE_DEPTH) throw tooDeep();
      break;
    case Kind.embed:
      checkJson(reader);
      break;
    case Kind.format:
      if (reader.isProto(reader.bodyStart, reader.keyEnd)) throw protoKey();
      checkJson(reader);
      break;
    case Kind.skip:
      throw refused('a part of it is missing');
    case Kind.doc:
      throw refused('subdocuments');
    case Kind.json:
      throw refused('values in an old form of Yjs (ContentJSON)');
    default:
      throw refused('content of a kind that Yjs does not have');
  }
  if (reader.rootLength !== NONE) {
    if (reader.rootLength > MAX_ROOT_NAME)
      throw refused(`the name of a root type is longer than ${MAX_ROOT_NAME}`);
    if (reader.isProto(reader.rootStart, reader.rootEnd)) throw protoKey();
  }
  if (reader.isProto(reader.subStart, reader.subEnd)) throw protoKey();
}

function checkJson(reader: UpdateReader): void {
  if (jsonDepth(reader) > MAX_VALUE_DEPTH) throw tooDeep();
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(reader.bytes.subarray(reader.jsonStart, reader.pos)));
  } catch {
    throw malformed('JSON that is none');
  }
  checkKeys(value);
}

/** How deep the JSON nests at most, without parsing it: parsing what is deep costs much. */
function jsonDepth({ bytes, jsonStart, pos: end }: UpdateReader): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let pos = jsonStart; pos < end; pos++) {
    const byte = bytes[pos];
    if (byte === 0x22) inString = !inString;
    else if (inString)
      pos += byte === 0x5c ? 1 : 0; // a backslash and what it escapes
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

function checkKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw protoKey();
  for (const inner of Object.values(value)) checkKeys(inner);
}

export function refused(detail: string): CoscribeError {
  return new CoscribeError('update-refused', detail);
}

function protoKey(): CoscribeError {
  return refused('the key __proto__');
}

function tooDeep(): CoscribeError {
  return refused(`a value nested deeper than ${MAX_VALUE_DEPTH}`);
}
