import { type CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { UpdateKind } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import type { EditTraces } from '../telemetry/edit-traces.js';
import { type AdmissionFacts, admit, type DocumentLimits } from './admission.js';
import type { Clients } from './clients.js';
import type { Portion } from './commit-queue.js';
import type { LogReplica } from './log-replica.js';
import type { Session } from './session.js';
import { storedBytes } from './stored-state.js';
import type { PendingUpdate, UpdateLog } from './update-log.js';
import type { ChainedEdit, WriteGuard } from './write-guard.js';

interface IntakeParts {
  readonly replica: LogReplica<Session>;
  readonly log: UpdateLog<Session>;
  readonly clients: Clients;
  readonly limits: DocumentLimits;
  readonly clock: Clock;
  /** Absent unless edits are traced. */
  readonly traces?: EditTraces | undefined;
}

/** What is the same for all updates that come together. */
interface CommonFacts {
  readonly session: Session;
  readonly kind: UpdateKind;
  readonly author: string;
  readonly receivedAt: number;
}

/** What a document has, and the updates that come together: each may build on those before it. */
class ChainIndex {
  /** Bytes that they have brought. */
  bytes = 0;
  private last: CheckedUpdate | undefined;
  private own: DocumentIndex | undefined;

  constructor(private readonly document: DocumentIndex) {}

  get index(): DocumentIndex {
    if (this.last === undefined) return this.own ?? this.document;
    // Most chains are of one edit, after which nobody asks.
    this.own ??= DocumentIndex.decode(this.document.encode());
    this.own.admit(this.last);
    this.last = undefined;
    return this.own;
  }

  add(checked: CheckedUpdate): void {
    this.last = checked;
    this.bytes += checked.update.length;
  }
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
    const { replica, clients, clock } = this.parts;
    const facts = { session, kind, author: clients.authorOf(session), receivedAt: clock.monotonic() };
    this.append(this.admitted(session, update, kind, replica.index), facts, settle);
  }

  /**
   * Checks updates of which each may build on those before it, and puts them in line: all of them or none. As after `submit`,
   * others may build on them at once.
   *
   * @param settle told the number of the last one once all are durable, or why none ever will be
   * @throws CoscribeError as `submit`
   */
  submitWhole(
    session: Session,
    updates: readonly Uint8Array[],
    kind: UpdateKind,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    const { replica, clients, clock } = this.parts;
    const facts = { session, kind, author: clients.authorOf(session), receivedAt: clock.monotonic() };
    const known = new ChainIndex(replica.index);
    const all = updates.map((update) => {
      const checked = this.admitted(session, update, kind, known.index, { before: known.bytes });
      known.add(checked);
      return checked;
    });
    // What is put in line without a pause goes to the disk in one batch.
    for (const [n, checked] of all.entries())
      this.append(checked, facts, n === all.length - 1 ? settle : () => {});
  }

  private append(
    checked: CheckedUpdate,
    { session, author, receivedAt }: CommonFacts,
    settle: (outcome: number | CoscribeError) => void,
  ): void {
    const { replica, log, clock, traces } = this.parts;
    const { clientId } = session;
    const { added } = checked;
    replica.admitted(checked);
    // A copy: its buffer may be used again, and is often much larger, while this one waits for the disk.
    const update = new Uint8Array(checked.update);
    const admittedAt = traces === undefined ? receivedAt : clock.monotonic();
    log.append({ update, clientId, author, added, owner: session, receivedAt, admittedAt, settle });
  }

  /**
   * Checks edits that share a commit, up to the first that is refused, and puts them in line. Those after it are told
   * `precondition-failed`.
   *
   * The document's index takes them up when they are committed, as it does with rows of other nodes: until then nothing else
   * can build on them, so that nothing has to be undone if the store refuses them. Nobody waits for that.
   *
   * @param after where the document has to be
   * @throws CoscribeError `not-joined`, `precondition-failed`, `bad-request`; then none of them is told
   */
  submitChain(
    session: Session,
    edits: readonly ChainedEdit[],
    kind: UpdateKind,
    after: WriteGuard['after'],
  ): void {
    const author = this.parts.clients.authorOf(session);
    if (after !== undefined && !this.isAt(after)) throw new CoscribeError('precondition-failed');
    if (edits.some(({ updates }) => updates.length === 0))
      throw new CoscribeError('bad-request', 'there is nothing to store');
    const facts = { session, kind, author, receivedAt: this.parts.clock.monotonic() };
    const known = new ChainIndex(this.parts.replica.index);
    const portions: Portion<PendingUpdate<Session>>[] = [];
    let refused: CoscribeError | undefined;
    for (const edit of edits) {
      if (refused !== undefined) {
        edit.settle(new CoscribeError('precondition-failed'));
        continue;
      }
      try {
        const { receipt } = edit;
        const head = portions.length === 0 ? after?.seq : undefined;
        const guard = { ...(head !== undefined && { head }), ...(receipt !== undefined && { receipt }) };
        portions.push({ updates: this.rowsOf(edit, facts, known), guard });
      } catch (error) {
        refused = toCoscribeError(error);
        edit.settle(refused);
      }
    }
    if (portions.length > 0) this.parts.log.appendChain(portions);
  }

  /** @throws CoscribeError as `submit` */
  private rowsOf(
    { updates, bytesAfter, settle }: ChainedEdit,
    { session, kind, author, receivedAt }: CommonFacts,
    known: ChainIndex,
  ): readonly PendingUpdate<Session>[] {
    const { clock, traces } = this.parts;
    const { clientId } = session;
    return updates.map((bytes, n) => {
      const checked = this.admitted(session, bytes, kind, known.index, { before: known.bytes, bytesAfter });
      known.add(checked);
      const update = new Uint8Array(checked.update);
      const told = n === updates.length - 1 ? settle : () => {};
      const times = { receivedAt, admittedAt: traces === undefined ? receivedAt : clock.monotonic() };
      return { update, clientId, author, added: undefined, owner: session, ...times, settle: told };
    });
  }

  /** Whether the document is at this position, and nothing that may change that is under way here. */
  private isAt({ generation, seq }: NonNullable<WriteGuard['after']>): boolean {
    const { replica, log } = this.parts;
    return generation === replica.generation && seq === replica.head && log.isSettled;
  }

  /** @param edit how many bytes it has brought already, and what comes of it, as `ChainedEdit.bytesAfter` */
  private admitted(
    session: Session,
    update: Uint8Array,
    kind: UpdateKind,
    index: DocumentIndex,
    { before = 0, bytesAfter }: { readonly before?: number; readonly bytesAfter?: number | undefined } = {},
  ): CheckedUpdate {
    const { replica, log, limits, clients } = this.parts;
    const { stored, compaction } = replica;
    const { clientId, role } = session;
    const { pendingBytes } = log;
    const facts: AdmissionFacts = {
      index,
      role,
      clientId,
      kind,
      documentBytes: storedBytes(stored) + pendingBytes + before,
      mergeableBytes: stored.tail.bytes + pendingBytes,
      bytesAfter,
      pendingBytes,
    };
    try {
      const checked = admit(update, facts, limits);
      for (const { client } of checked.added) {
        if (client !== clientId && clients.belongsToAnother(session, client)) {
          throw new CoscribeError('missing-dependencies', `client ${client} is here and sends its own edits`);
        }
      }
      return checked;
    } catch (error) {
      if (error instanceof CoscribeError && error.code === 'document-busy') compaction.hurry();
      throw error;
    }
  }
}
