import { afterAll, test } from '@jest/globals';
import { FAULTS_TIMEOUT_MS, FaultCluster } from '../../support/fault-cluster.js';

const cluster = new FaultCluster({ nodes: 2 });

afterAll(() => cluster.close());

test(
  '[NODES3] PostgreSQL is stopped, killed, killed in a commit, slow, or out of reach',
  () => cluster.run('postgres'),
  FAULTS_TIMEOUT_MS,
);

test('[NODES4] clients are cut off, or half-open', () => cluster.run('client-cut'), FAULTS_TIMEOUT_MS);
