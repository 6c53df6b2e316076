import type { Clock, Random } from '../../shared/time.js';
import type { DocumentStore } from '../storage/store.js';
import type { Log } from '../telemetry/log.js';
import type { Compactor } from '../workers/compactor.js';
import type { DocumentLimits } from './admission.js';
import type { CompactionPolicy } from './compaction-policy.js';
import type { GroupCommit } from './group-commit.js';
import type { Session } from './session.js';
import type { SlowSessions } from './slow-sessions.js';
import type { SnapshotCache } from './snapshot-cache.js';
import type { UpdateLog, UpdateLogOptions } from './update-log.js';

/** What every document of a node shares. */
export interface DocumentServices {
  readonly store: DocumentStore;
  readonly commits: GroupCommit;
  readonly snapshots: SnapshotCache;
  readonly compactor: Compactor;
  readonly compaction: CompactionPolicy;
  readonly slow: SlowSessions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: DocumentLimits;
  /** The order of commit, answer and broadcast is here; the simulation puts wrong ones in its place. */
  createLog(options: UpdateLogOptions<Session>): UpdateLog<Session>;
}
