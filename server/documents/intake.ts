import type { CheckedUpdate } from '../../shared/document-index.js';
import { CoscribeError } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import { type AdmissionFacts, admit, type DocumentLimits } from './admission.js';
import type { Clients } from './clients.js';
import type { LogReplica } from './log-replica.js';
import type { Session } from './session.js';
import { storedBytes } from './stored-state.js';
import type { UpdateLog } from './update-log.js';

interface IntakeParts {
  readonly replica: LogReplica<Session>;
  readonly log: UpdateLog<Session>;
  readonly clients: Clients;
  readonly limits: DocumentLimits;
}

/** The way of an update from a session of this node into the document's log. */
export class Intake {
  constructor(private readonly parts: IntakeParts) {}

  /** Checks an update and puts it in line for the disk. @throws CoscribeError as `admit`, `not-joined` */
  submit(
    session: Session,
    update: Uint8Array,
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    const { replica, log, clients } = this.parts;
    const author = clients.authorOf(session);
    const { clientId } = session;
    const checked = this.admitted(session, update, kind);
    const { added } = checked;
    for (const { client } of added) {
      if (client !== clientId && clients.belongsToAnother(session, client)) {
        throw new CoscribeError('missing-dependencies', `client ${client} is here and sends its own edits`);
      }
    }
    replica.admitted(checked);
    // A copy: its buffer may be used again, and is often much larger, while this one waits for the disk.
    const copy = new Uint8Array(checked.update);
    log.append({ update: copy, clientId, author, added, owner: session, settle });
  }

  private admitted({ clientId, role }: Session, update: Uint8Array, kind: UpdateKind): CheckedUpdate {
    const { replica, log, limits } = this.parts;
    const { index, stored, compaction } = replica;
    const { pendingBytes } = log;
    const facts: AdmissionFacts = {
      index,
      role,
      clientId,
      kind,
      documentBytes: storedBytes(stored) + pendingBytes,
      mergeableBytes: stored.tail.bytes + pendingBytes,
      pendingBytes,
    };
    try {
      return admit(update, facts, limits);
    } catch (error) {
      if (error instanceof CoscribeError && error.code === 'document-busy') compaction.hurry();
      throw error;
    }
  }
}
