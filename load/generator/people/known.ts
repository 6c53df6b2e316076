import * as encoding from 'lib0/encoding';
import { MAX_STATE_VECTOR_BYTES } from '../../../shared/state-vector.js';
import type { OpenRequest, Place } from '../../wire/protocol.js';
import type { Author } from '../author/author.js';
import type { LoadDocument } from '../view/load-document.js';
import type { View } from '../view/view.js';

/** What a client that comes back has; `undefined` if that is more than one may say: then he gets everything again. */
export function knownOf(
  client: { readonly document: LoadDocument; readonly view: View; readonly author: Author | undefined },
  place: Place | undefined,
): OpenRequest['known'] {
  const { document, view, author: own } = client;
  const clocks = document.writers.flatMap((writer): [number, number][] => {
    const isOwn = own !== undefined && writer.author === own;
    const clock = isOwn ? own.clock : view.clockOf(writer);
    return clock === 0 ? [] : [[writer.clientId, clock]];
  });
  const stateVector = encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, clocks.length);
    for (const [clientId, clock] of clocks) {
      encoding.writeVarUint(encoder, clientId);
      encoding.writeVarUint(encoder, clock);
    }
  });
  if (stateVector.length > MAX_STATE_VECTOR_BYTES) return undefined;
  return { stateVector, ...(place ?? { generation: '', seq: 0 }) };
}
