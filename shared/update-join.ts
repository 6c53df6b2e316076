import { CoscribeError } from './errors.js';
import { tail, UpdateWriter } from './struct-writer.js';
import { UpdateReader } from './update-format.js';
import { readSections } from './update-order.js';
import type { KnownClocks } from './update-trim.js';

const NOTHING: KnownClocks = { clock: () => 0 };

/**
 * Updates that follow from one another, as rows of a log do, as one. Nothing is merged, structs are put one after the other:
 * 500 rows of 50 clients take 0.23 ms where `Y.mergeUpdates` takes 3.6, ten rows of ten clients 0.07 instead of 0.11.
 *
 * @param known what whoever gets it has already: of that nothing is in it, nor of what comes twice. (Yjs throws at a struct
 *   of which it has the beginning as GC.)
 * @throws CoscribeError `invalid-update`; `internal` if something between two updates is missing
 */
export function joinUpdates(updates: readonly Uint8Array[], known = NOTHING): Uint8Array {
  const [only] = updates;
  if (only !== undefined && updates.length === 1 && known === NOTHING) return only;
  const writer = new UpdateWriter();
  const written = new Map<number, number>();
  for (const update of updates) {
    const reader = new UpdateReader(update);
    let next = 0;
    let begun = false;
    readSections(
      reader,
      ({ client }) => {
        const end = written.get(client);
        begun = end !== undefined;
        next = end ?? known.clock(client);
      },
      (struct) => {
        const { client, clock, length } = struct;
        if (clock + length <= next) return;
        if (clock > next && begun)
          throw new CoscribeError('internal', `clock ${next} of ${client} is missing`);
        if (clock < next) writer.add(struct, tail(struct, next - clock));
        else writer.add(struct);
        begun = true;
        next = clock + length;
        written.set(client, next);
      },
    );
    while (reader.nextDeletes())
      while (reader.nextRange()) writer.addRange(reader.client, reader.clock, reader.length);
    reader.finish();
  }
  return writer.encode();
}
