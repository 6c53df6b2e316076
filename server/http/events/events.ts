import * as decoding from 'lib0/decoding';
import type { CoscribeError } from '../../../shared/errors.js';
import type { Role } from '../../../shared/protocol.js';
import type { Followed, FollowedChange, Viewed } from '../../copies/copies.js';
import { Chunk } from './chunk.js';

/**
 * The events of docs/PROTOCOL.md, in the format of the HTML standard
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). JSON has no line breaks, so that each is one line.
 */

/** Keeps proxies and clients from taking a stream on which nothing happens for a dead one. */
export const HEARTBEAT = new Chunk([':\n\n']);

/** An `EventSource` that loses its connection comes back after so many milliseconds. */
export function retryLine(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`;
}

/** Everything that is followed, as it is at a position. */
export function snapshotEvent(as: Followed['as'], { generation, seq, body }: Viewed): Chunk {
  const id = idLine(seq, generationInId(generation));
  const begin = `${id}event: snapshot\ndata: {"generation":${JSON.stringify(generation)},"seq":${seq},`;
  // What it was looked at as is an object of its own, into which the position goes.
  return as === 'text'
    ? new Chunk([begin, body.subarray(1), '\n\n'])
    : new Chunk([begin, '"json":', body, '}\n\n']);
}

/** What updates did to what is followed. @param generation as `generationInId` gives it */
export function changeEvent(as: Followed['as'], generation: string, { seq, json }: FollowedChange): Buffer {
  const name = as === 'text' ? 'delta' : 'patch';
  return Buffer.from(`${idLine(seq, generation)}event: ${name}\ndata: {"seq":${seq},"${name}":${json}}\n\n`);
}

/**
 * Who is here.
 *
 * @param update awareness as y-protocols writes it: how many, then clientID, clock and JSON of each
 * @param whole whether these are all
 */
export function presenceEvent(update: Uint8Array, whole: boolean): Chunk {
  const states: string[] = [];
  if (update.length > 0) {
    const decoder = decoding.createDecoder(update);
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const clientId = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      states.push(`"${clientId}":${decoding.readVarString(decoder)}`);
    }
  }
  return new Chunk([
    `event: presence\ndata: {${whole ? '"whole":true,' : ''}"states":{${states.join(',')}}}\n\n`,
  ]);
}

/** The follower may do something else from now on. */
export function accessEvent(role: Role): Chunk {
  return new Chunk([`event: access\ndata: ${JSON.stringify({ role })}\n\n`]);
}

/** The follower's token ends soon. */
export function renewEvent(): Chunk {
  return new Chunk(['event: renew\ndata: {}\n\n']);
}

/** Why nothing more comes, and after how many milliseconds an `EventSource` asks again. */
export function endEvent(error: CoscribeError, retryMs: number): string {
  return `retry: ${Math.round(retryMs)}\nevent: end\ndata: ${JSON.stringify(error.toWire())}\n\n`;
}

/** A position as it comes back in `Last-Event-ID`; without a generation it is one of the present one. */
export interface LastSeen {
  readonly seq: number;
  /** As `generationInId` gives it. */
  readonly generation?: string;
}

/** @returns `undefined` for what is no id of ours: whoever brings it has seen nothing */
export function parseEventId(id: string): LastSeen | undefined {
  const [, seq, generation] = /^(0|[1-9]\d{0,15})(?:-(.+))?$/.exec(id) ?? [];
  if (seq === undefined) return undefined;
  return { seq: Number(seq), ...(generation !== undefined && { generation }) };
}

/** A generation as it stands in an id: a store of somebody else's may put anything into one. */
export function generationInId(generation: string): string {
  return encodeURIComponent(generation);
}

function idLine(seq: number, generation: string): string {
  return `id: ${seq}-${generation}\n`;
}
