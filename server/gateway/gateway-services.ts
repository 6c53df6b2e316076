import type { Clock, Random } from '../../shared/time.js';
import type { Documents } from '../documents/documents.js';
import type { MeterLimits } from '../documents/meter.js';
import type { Edge } from '../edge/edge.js';
import type { Counters } from '../telemetry/counters.js';
import type { Log } from '../telemetry/log.js';
import type { WaysIn } from '../telemetry/node-sources.js';

/** Sizes in bytes, times in milliseconds. */
export interface GatewayLimits extends MeterLimits {
  readonly maxUpdateBytes: number;
  readonly maxDocumentBytes: number;
  readonly maxDocumentsPerConnection: number;
  /** From the connection to its first document. */
  readonly handshakeTimeoutMs: number;
  /** From the connection to a document to the join. */
  readonly joinTimeoutMs: number;
}

/** What a gateway works with, whatever protocol it speaks. */
export interface GatewayServices {
  readonly documents: Documents;
  readonly edge: Edge;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Where connections are counted; nowhere if not given. */
  readonly ways?: WaysIn | undefined;
  readonly log: Log;
}
