import * as encoding from 'lib0/encoding';
import { ByteCursor, malformed } from '../../shared/byte-cursor.js';
import type { BusMessage } from './bus.js';

/** What nodes tell one another about themselves, on a channel of its own. */
export type NodeMessage =
  /** The sender runs. */
  | { readonly kind: 'node-here' }
  /** The sender stops. */
  | { readonly kind: 'node-goodbye' }
  /** For the node of this name, or for all if it is empty: what `NodesBus` carries. */
  | { readonly kind: 'node-tells'; readonly to: string; readonly text: string };

export interface Envelope {
  /** The sender's `Bus.node`. */
  readonly from: string;
  readonly message: BusMessage | NodeMessage;
}

/** Nodes of different versions meet while they are replaced one by one: what a number means is never changed. */
const FORMAT = 1;
const KINDS = [
  'updates',
  'awareness',
  'awareness-wanted',
  'snapshot',
  'generation',
  'access',
  'check',
  'node-here',
  'node-goodbye',
  'stateless',
  'node-tells',
] as const satisfies readonly Envelope['message']['kind'][];

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Format, sender, kind, then the kind's fields in the order of its declaration, in lib0's encoding. */
export function encodeEnvelope({ from, message }: Envelope): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, FORMAT);
  encoding.writeVarString(encoder, from);
  encoding.writeVarUint(encoder, KINDS.indexOf(message.kind));
  switch (message.kind) {
    case 'updates':
      encoding.writeVarString(encoder, message.generation);
      encoding.writeVarUint8Array(encoder, message.frame);
      break;
    case 'awareness':
      encoding.writeVarUint8Array(encoder, message.update);
      break;
    case 'snapshot':
      encoding.writeVarString(encoder, message.generation);
      encoding.writeVarUint(encoder, message.seq);
      encoding.writeVarUint(encoder, message.bytes);
      encoding.writeVarUint(encoder, message.firstRow);
      break;
    case 'generation':
      encoding.writeVarString(encoder, message.generation);
      break;
    case 'check':
      encoding.writeVarString(encoder, message.generation);
      encoding.writeVarUint(encoder, message.seq);
      encoding.writeVarString(encoder, message.hash);
      break;
    case 'stateless':
      encoding.writeVarString(encoder, message.payload);
      break;
    case 'node-tells':
      encoding.writeVarString(encoder, message.to);
      encoding.writeVarString(encoder, message.text);
      break;
    default: // nothing but its kind
  }
  return encoding.toUint8Array(encoder);
}

/**
 * Bytes in the message are a copy: those that came in lie in a chunk of a socket, which is much larger.
 *
 * @throws Error that says what is wrong with it; of a newer version's messages too
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const cursor = new ByteCursor(bytes);
  const format = cursor.uint();
  if (format !== FORMAT) throw malformed(`a message has format ${format}`);
  const from = readText(cursor);
  const kind = cursor.uint();
  const envelope = { from, message: readMessage(cursor, kind) };
  if (cursor.pos !== bytes.length) throw malformed('bytes left over');
  return envelope;
}

function readMessage(cursor: ByteCursor, number: number): Envelope['message'] {
  const kind = KINDS[number];
  switch (kind) {
    case undefined:
      throw malformed(`there is no message of kind ${number}`);
    case 'updates':
      return { kind, generation: readText(cursor), frame: readBytes(cursor) };
    case 'awareness':
      return { kind, update: readBytes(cursor) };
    case 'snapshot':
      return {
        kind,
        generation: readText(cursor),
        seq: cursor.uint(),
        bytes: cursor.uint(),
        firstRow: cursor.uint(),
      };
    case 'generation':
      return { kind, generation: readText(cursor) };
    case 'check':
      return { kind, generation: readText(cursor), seq: cursor.uint(), hash: readText(cursor) };
    case 'stateless':
      return { kind, payload: readText(cursor) };
    case 'node-tells':
      return { kind, to: readText(cursor), text: readText(cursor) };
    default:
      return { kind };
  }
}

function readBytes(cursor: ByteCursor): Uint8Array {
  const start = skipCounted(cursor);
  return Uint8Array.prototype.slice.call(cursor.bytes, start, cursor.pos);
}

function readText(cursor: ByteCursor): string {
  const start = skipCounted(cursor);
  return utf8.decode(cursor.bytes.subarray(start, cursor.pos));
}

/** Walks over a length and so many bytes; returns where these begin. */
function skipCounted(cursor: ByteCursor): number {
  const length = cursor.count();
  const start = cursor.pos;
  cursor.skip(length);
  return start;
}
