import type { Census } from '../telemetry/node-sources.js';
import type { ClientProtocol } from './session-transport.js';

/** A document, as far as it is counted here. */
interface CountedDocument {
  readonly waiting: { readonly edits: number; readonly bytes: number };
  eachSession(
    look: (session: { readonly protocol: ClientProtocol | undefined; readonly isBehind: boolean }) => void,
  ): void;
}

/** Walks once over everything that is loaded. */
export function takeCensus(loaded: Iterable<CountedDocument>): Census {
  const sessions = { coscribe: 0, 'y-socket.io': 0, 'y-websocket': 0, hocuspocus: 0, events: 0 };
  let documents = 0;
  let behind = 0;
  let waitingEdits = 0;
  let waitingBytes = 0;
  for (const document of loaded) {
    documents++;
    const { edits, bytes } = document.waiting;
    waitingEdits += edits;
    waitingBytes += bytes;
    document.eachSession(({ protocol, isBehind }) => {
      if (protocol !== undefined) sessions[protocol]++;
      if (isBehind) behind++;
    });
  }
  return { documents, sessions, behind, waitingEdits, waitingBytes };
}
