import type { DocumentId } from '../../shared/ids.js';
import type { Clock, Random } from '../../shared/time.js';
import type { Bus } from '../cluster/bus.js';
import type { DocumentStore } from '../storage/store.js';
import type { Counters } from '../telemetry/counters.js';
import type { EditTraces } from '../telemetry/edit-traces.js';
import type { Log } from '../telemetry/log.js';
import type { CrdtWork } from '../workers/crdt-work.js';
import type { AccessWatch } from './access-watch.js';
import type { DocumentLimits } from './admission.js';
import type { CompactionPolicy } from './compaction-policy.js';
import type { DocumentHooks } from './document-hooks.js';
import type { GroupCommit } from './group-commit.js';
import type { JoinContents } from './join-contents.js';
import type { PresenceRoom } from './presence-room.js';
import type { QuietChecks } from './quiet-checks.js';
import type { Session } from './session.js';
import type { SlowSessions } from './slow-sessions.js';
import type { SnapshotCache } from './snapshot-cache.js';
import type { UpdateLog, UpdateLogHome } from './update-log.js';

/** What every document of a node shares. */
export interface DocumentServices {
  readonly store: DocumentStore;
  readonly bus: Bus;
  readonly commits: GroupCommit;
  readonly snapshots: SnapshotCache;
  readonly contents: JoinContents;
  readonly crdt: CrdtWork;
  /** Size from which on a snapshot is compared with the copy of a returning client before it is sent. */
  readonly diffAtBytes: number;
  readonly compaction: CompactionPolicy;
  readonly slow: SlowSessions;
  readonly presence: PresenceRoom;
  readonly checks: QuietChecks;
  readonly people: AccessWatch;
  /** Absent unless the application has given some. */
  readonly hooks: DocumentHooks | undefined;
  /** Hears at once of every batch of rows that this node has committed, once it is durable. Must not throw. */
  onCommitted?(
    document: DocumentId,
    rows: { readonly generation: string; readonly from: number; readonly to: number },
  ): void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  /** Absent unless traces are sent. */
  readonly traces?: EditTraces | undefined;
  readonly limits: DocumentLimits;
  /** The order of commit, answer and broadcast is here; the simulation puts wrong ones in its place. */
  createLog(home: UpdateLogHome<Session>): UpdateLog<Session>;
}
