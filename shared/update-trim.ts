import type { StateVector } from './state-vector.js';
import { tail, UpdateWriter } from './struct-writer.js';
import { UpdateReader } from './update-format.js';
import { readSections } from './update-order.js';

/** What somebody has: the next clock of each client. */
export interface KnownClocks {
  clock(client: number): number;
}

/** What somebody has by a state vector; what is added to that later counts as well. */
export function knownBy(clocks: StateVector): KnownClocks {
  return { clock: (client) => clocks.get(client) ?? 0 };
}

/**
 * An update without the structs, and the beginnings of structs, that are known already. Its delete set stays.
 *
 * @throws CoscribeError `invalid-update`; `update-refused` if the clients do not descend
 */
export function trimKnown(update: Uint8Array, known: KnownClocks): Uint8Array {
  const reader = new UpdateReader(update);
  const writer = new UpdateWriter();
  let next = 0;
  readSections(
    reader,
    ({ client }) => {
      next = known.clock(client);
    },
    (struct) => {
      if (struct.clock >= next) writer.add(struct);
      else if (struct.clock + struct.length > next) writer.add(struct, tail(struct, next - struct.clock));
    },
  );
  while (reader.nextDeletes())
    while (reader.nextRange()) writer.addRange(reader.client, reader.clock, reader.length);
  reader.finish();
  return writer.encode();
}
