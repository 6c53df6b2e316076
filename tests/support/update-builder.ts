import * as encoding from 'lib0/encoding';

type Id = readonly [client: number, clock: number];

/** Where an item goes: beside others, or first in a parent. */
export interface Place {
  readonly origin?: Id;
  readonly right?: Id;
  /** Name of a root type, or the item of a shared type. */
  readonly parent?: string | Id;
  readonly sub?: string;
}

type Write = (encoder: encoding.Encoder) => void;

export interface SectionPlan {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly Write[];
  /** Number of structs to announce, if it is to be a lie. */
  readonly announced?: number;
}

export interface DeletesPlan {
  readonly client: number;
  readonly ranges: readonly (readonly [clock: number, length: number])[];
}

/** Any update that the format can express, honest or not, written struct by struct. */
export function buildUpdate(
  sections: readonly SectionPlan[],
  deletes: readonly DeletesPlan[] = [],
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, sections.length);
  for (const { client, clock, structs, announced } of sections) {
    encoding.writeVarUint(encoder, announced ?? structs.length);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    for (const write of structs) write(encoder);
  }
  encoding.writeVarUint(encoder, deletes.length);
  for (const { client, ranges } of deletes) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, ranges.length);
    for (const [clock, length] of ranges) {
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint(encoder, length);
    }
  }
  return encoding.toUint8Array(encoder);
}

export const ROOT: Place = { parent: 'text' };

export function gc(length: number): Write {
  return plain(0, length);
}

export function skip(length: number): Write {
  return plain(10, length);
}

export function deleted(length: number, place: Place = ROOT): Write {
  return item(1, place, (encoder) => encoding.writeVarUint(encoder, length));
}

export function string(text: string, place: Place = ROOT): Write {
  return item(4, place, (encoder) => encoding.writeVarString(encoder, text));
}

export function rawString(bytes: Uint8Array, place: Place = ROOT): Write {
  return item(4, place, (encoder) => encoding.writeVarUint8Array(encoder, bytes));
}

export function binary(bytes: Uint8Array, place: Place = ROOT): Write {
  return item(3, place, (encoder) => encoding.writeVarUint8Array(encoder, bytes));
}

export function embed(json: string, place: Place = ROOT): Write {
  return item(5, place, (encoder) => encoding.writeVarString(encoder, json));
}

export function format(key: string, json: string, place: Place = ROOT): Write {
  return item(6, place, (encoder) => {
    encoding.writeVarString(encoder, key);
    encoding.writeVarString(encoder, json);
  });
}

/** A shared type; 1 is a `Y.Map`. */
export function type(ref = 1, place: Place = ROOT): Write {
  return item(7, place, (encoder) => encoding.writeVarUint(encoder, ref));
}

export function any(values: readonly unknown[], place: Place = ROOT): Write {
  return item(8, place, (encoder) => {
    encoding.writeVarUint(encoder, values.length);
    for (const value of values) encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1]);
  });
}

/** Values as Yjs wrote them before it had `any`. */
export function legacyJson(values: readonly string[], place: Place = ROOT): Write {
  return item(2, place, (encoder) => {
    encoding.writeVarUint(encoder, values.length);
    for (const value of values) encoding.writeVarString(encoder, value);
  });
}

/** An item with content that is given as bytes. */
export function item(kind: number, place: Place, content: Write): Write {
  return (encoder) => {
    const { origin, right, parent, sub } = place;
    const flags = (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (sub === undefined ? 0 : 0x20);
    encoding.writeUint8(encoder, kind | flags);
    if (origin) writeId(encoder, origin);
    if (right) writeId(encoder, right);
    if (!origin && !right) {
      encoding.writeVarUint(encoder, typeof parent === 'string' ? 1 : 0);
      if (typeof parent === 'string') encoding.writeVarString(encoder, parent);
      else if (parent) writeId(encoder, parent);
      if (sub !== undefined) encoding.writeVarString(encoder, sub);
    }
    content(encoder);
  };
}

function plain(info: number, length: number): Write {
  return (encoder) => {
    encoding.writeUint8(encoder, info);
    encoding.writeVarUint(encoder, length);
  };
}

function writeId(encoder: encoding.Encoder, [client, clock]: Id): void {
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
}
