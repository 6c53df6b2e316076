import { bigDocument } from './big-document.js';
import { coldOpen } from './cold-open.js';
import { durability } from './durability.js';
import { followers } from './followers.js';
import { hotDocument } from './hot-document.js';
import { idleConnections } from './idle-connections.js';
import { manyDocuments } from './many-documents.js';
import { memory } from './memory.js';
import { presence } from './presence.js';
import { redisOutage } from './redis-outage.js';
import type { Scenario } from './scenario.js';
import { slowReader } from './slow-reader.js';
import { twoNodes } from './two-nodes.js';

/** All scenarios, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  hotDocument,
  manyDocuments,
  coldOpen,
  durability,
  presence,
  followers,
  slowReader,
  idleConnections,
  memory,
  bigDocument,
  twoNodes,
  redisOutage,
];
