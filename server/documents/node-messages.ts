import type { BusMessage } from '../cluster/bus.js';
import type { Log } from '../telemetry/log.js';
import type { DocumentPresence } from './document-presence.js';
import type { LogReplica } from './log-replica.js';
import type { QuietCheck } from './quiet-check.js';
import type { Session } from './session.js';
import type { Stateless } from './stateless.js';

/** The parts of a document that hear of other nodes. */
export interface MessageReceivers {
  readonly replica: LogReplica<Session>;
  readonly presence: DocumentPresence;
  readonly check: QuietCheck;
  readonly stateless: Stateless;
  readonly log: Log;
  /** Who may do what may have changed. */
  accessChanged(): void;
}

/** Gives a message of another node to the part of the document that it is for. One that makes no sense is passed over. */
export function receiveMessage(message: BusMessage, from: string, receivers: MessageReceivers): void {
  try {
    dispatch(message, from, receivers);
  } catch (err) {
    const { replica, log } = receivers;
    log.debug({ document: replica.id, node: from, err }, 'a message of another node made no sense');
  }
}

function dispatch(message: BusMessage, from: string, receivers: MessageReceivers): void {
  const { replica, presence, check } = receivers;
  switch (message.kind) {
    case 'updates':
      replica.received(message);
      break;
    case 'awareness':
      presence.receiveFrom(from, message.update);
      break;
    case 'awareness-wanted':
      presence.tell();
      break;
    case 'snapshot':
      if (message.generation === replica.generation) replica.adopt(message);
      break;
    case 'generation':
      if (message.generation === replica.generation) replica.lookAtStore();
      break;
    case 'access':
      receivers.accessChanged();
      break;
    case 'check':
      if (message.generation === replica.generation) check.heard(message);
      break;
    case 'stateless':
      receivers.stateless.receiveFrom(message.payload);
      break;
  }
}
