import type { DocumentId } from '../../shared/ids.js';
import type { Admission } from '../documents/admitted.js';
import type { Meter } from '../documents/meter.js';
import type { DocumentSocket } from './socket-types.js';

/** A protocol that has a namespace for each document. */
export interface NamespaceProtocol {
  /** The document that a namespace of this protocol carries; `undefined` if the namespace is none. */
  documentOf(namespace: string): DocumentId | undefined;
  /** Looks at what a client says in Socket.IO's `auth`, beside the token. @throws CoscribeError */
  check(auth: object): void;
  /** Somebody is let in. @returns whom to tell when he is gone */
  connect(socket: DocumentSocket, id: DocumentId, admission: Admission, meter: Meter): { leave(): void };
}
