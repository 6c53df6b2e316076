import type { Clock, Random } from '../../shared/time.js';
import type { Admin } from '../admin/admin.js';
import type { DocumentCopies } from '../copies/copies.js';
import type { Documents } from '../documents/documents.js';
import type { LinkManagement } from '../documents/link-management.js';
import type { Making } from '../documents/making.js';
import type { Management } from '../documents/management.js';
import type { Edge } from '../edge/edge.js';
import type { ReceiptStore } from '../storage/receipts.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { WaysIn } from '../telemetry/node-sources.js';
import type { FollowerLimits } from './events/event-streams.js';
import type { RequestLimits } from './request-rates.js';

/** Sizes in bytes. */
export interface ApiLimits extends RequestLimits, FollowerLimits {
  /** Of what is said about documents. */
  readonly maxBodyBytes: number;
  /** Of updates, and of what tells how a document is to be changed. */
  readonly maxUpdateBytes: number;
  /** Of texts, too. */
  readonly maxDocumentBytes: number;
  readonly maxStateVectorBytes: number;
  /** Of archives that are brought. */
  readonly maxArchiveBytes: number;
}

/** What the HTTP API works with. */
export interface ApiDeps {
  readonly admin: Admin;
  readonly management: Management;
  readonly making: Making;
  readonly links: LinkManagement;
  readonly documents: Documents;
  readonly copies: DocumentCopies;
  /** Where it is kept which requests were carried out. */
  readonly receipts: Pick<ReceiptStore, 'readReceipt' | 'keepReceipt'>;
  readonly edge: Edge;
  /** Addresses beyond `/api/` at which it is asked as well where a request comes from, and how often. */
  readonly alsoAtEdge?: readonly string[];
  readonly limits: ApiLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Where connections are counted; nowhere if not given. */
  readonly ways?: WaysIn | undefined;
  readonly log: Log;
  readonly version: string;
}
