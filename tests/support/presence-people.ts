import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { PresenceRoom } from '../../server/documents/presence-room.js';
import { PresenceTable } from '../../server/documents/presence-table.js';
import type { CoscribeError } from '../../shared/errors.js';
import type { ManualClock } from './manual-clock.js';

export const MAX_AWARENESS_BYTES = 1_024;

export type State = Record<string, unknown>;

/** An `Awareness` without its timer, of a given clientID or of one by chance. */
export function awarenessOf(state: State | null, clientId?: number): Awareness {
  const doc = new Y.Doc();
  if (clientId !== undefined) doc.clientID = clientId;
  const awareness = new Awareness(doc);
  clearInterval(awareness._checkInterval);
  awareness.setLocalState(state);
  return awareness;
}

export function ownUpdate(awareness: Awareness): Uint8Array {
  return encodeAwarenessUpdate(awareness, [awareness.clientID]);
}

/** A session as the table knows it. */
export class PresenceSession {
  readonly refused: CoscribeError[] = [];

  constructor(readonly clientId: number) {}

  refuse(error: CoscribeError): void {
    this.refused.push(error);
  }
}

/** A document's table on one node, with somebody who looks at what its sessions are sent. */
export class PresenceNode {
  readonly table: PresenceTable;
  readonly viewer = awarenessOf(null);
  readonly sent: Uint8Array[] = [];
  readonly published: Uint8Array[] = [];

  constructor(
    readonly name: string,
    clock: ManualClock,
  ) {
    this.table = new PresenceTable({
      clock,
      maxBytes: MAX_AWARENESS_BYTES,
      maxDepth: 4,
      room: new PresenceRoom(),
      send: ({ bytes }) => {
        this.sent.push(bytes);
        applyAwarenessUpdate(this.viewer, bytes, 'server');
      },
      publish: (update) => this.published.push(update),
    });
  }

  /** States of the people whom the viewer sees, by clientID. */
  get seen(): Map<number, State> {
    return this.viewer.states as Map<number, State>;
  }

  /** States of the people whom somebody would be told of who joins now. */
  get everybody(): Map<number, State> {
    const joiner = awarenessOf(null);
    const update = this.table.everybody();
    if (update.length > 0) applyAwarenessUpdate(joiner, update, 'server');
    return joiner.states as Map<number, State>;
  }
}

/** A person's session on a node: shows the state of the `Awareness` right away. */
export function comeTo(node: PresenceNode, person: Awareness): PresenceSession {
  const session = new PresenceSession(person.clientID);
  node.table.receive(session, ownUpdate(person));
  return session;
}
