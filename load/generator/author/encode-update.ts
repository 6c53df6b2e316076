import * as encoding from 'lib0/encoding';
import { DEFAULT_TEXT } from '../../../shared/protocol.js';
import { HAS_ORIGIN, HAS_RIGHT_ORIGIN, Kind } from '../../../shared/update-format.js';
import type { WrittenText } from '../text/written-text.js';
import { NOTHING } from './paragraph.js';
import type { Runs } from './runs.js';

/** What is to be sent of one author. */
export interface Part {
  readonly clientId: number;
  readonly runs: Runs;
  /** Of his characters, from this clock to before that one. */
  readonly from: number;
  readonly to: number;
  /** Of what he deleted: clock and length of each range, ascending and apart. */
  readonly deleted: readonly number[];
}

/** A Yjs update (version 1) in which everybody writes into the root text. */
export function encodeUpdate(parts: readonly Part[], text: WrittenText): Uint8Array {
  const descending = parts.length < 2 ? parts : [...parts].sort((a, b) => b.clientId - a.clientId);
  const encoder = encoding.createEncoder();
  const writing = descending.filter(({ from, to }) => to > from);
  encoding.writeVarUint(encoder, writing.length);
  for (const part of writing) writeSection(encoder, part, text);
  const deleting = descending.filter(({ deleted }) => deleted.length > 0);
  encoding.writeVarUint(encoder, deleting.length);
  for (const { clientId, deleted } of deleting) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, deleted.length / 2);
    for (const number of deleted) encoding.writeVarUint(encoder, number);
  }
  return encoding.toUint8Array(encoder);
}

function writeSection(
  encoder: encoding.Encoder,
  { clientId, runs, from, to }: Part,
  text: WrittenText,
): void {
  const first = runs.indexOf(from);
  const last = runs.indexOf(to - 1);
  encoding.writeVarUint(encoder, last - first + 1);
  encoding.writeVarUint(encoder, clientId);
  encoding.writeVarUint(encoder, from);
  for (let run = first; run <= last; run++) {
    const clock = Math.max(from, runs.clock(run));
    const end = run === last ? to : runs.clock(run + 1);
    const left = clock === runs.clock(run) ? runs.left(run) : clock - 1;
    writeStruct(encoder, clientId, left, runs.right(run));
    writeText(encoder, clientId, clock, end - clock, text);
  }
}

/** All but the content (`Item.write` of yjs 13.6). */
function writeStruct(encoder: encoding.Encoder, clientId: number, left: number, right: number): void {
  const info = Kind.string | (left === NOTHING ? 0 : HAS_ORIGIN) | (right === NOTHING ? 0 : HAS_RIGHT_ORIGIN);
  encoding.writeUint8(encoder, info);
  if (left !== NOTHING) writeId(encoder, clientId, left);
  if (right !== NOTHING) writeId(encoder, clientId, right);
  if (left !== NOTHING || right !== NOTHING) return;
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarString(encoder, DEFAULT_TEXT);
}

function writeId(encoder: encoding.Encoder, clientId: number, clock: number): void {
  encoding.writeVarUint(encoder, clientId);
  encoding.writeVarUint(encoder, clock);
}

function writeText(
  encoder: encoding.Encoder,
  clientId: number,
  clock: number,
  length: number,
  text: WrittenText,
): void {
  if (length <= text.period) encoding.writeVarUint8Array(encoder, text.bytes(clientId, clock, length));
  else encoding.writeVarString(encoder, text.slice(clientId, clock, length));
}
