import type { DocumentIndex } from './document-index.js';
import { tail, UpdateWriter } from './struct-writer.js';
import { UpdateReader } from './update-format.js';
import { readSections } from './update-order.js';

/**
 * An update without the structs, and the beginnings of structs, that the document has already. Its delete set stays.
 *
 * @throws CoscribeError `invalid-update`; `update-refused` if the clients do not descend
 */
export function trimKnown(update: Uint8Array, index: DocumentIndex): Uint8Array {
  const reader = new UpdateReader(update);
  const writer = new UpdateWriter();
  let known = 0;
  readSections(
    reader,
    ({ client }) => {
      known = index.clock(client);
    },
    (struct) => {
      if (struct.clock >= known) writer.add(struct);
      else if (struct.clock + struct.length > known) writer.add(struct, tail(struct, known - struct.clock));
    },
  );
  while (reader.nextDeletes())
    while (reader.nextRange()) writer.addRange(reader.client, reader.clock, reader.length);
  reader.finish();
  return writer.encode();
}
