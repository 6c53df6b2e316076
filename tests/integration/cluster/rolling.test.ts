import { afterAll, test } from '@jest/globals';
import { FAULTS_TIMEOUT_MS, FaultCluster } from '../../support/fault-cluster.js';

const cluster = new FaultCluster({ nodes: 3 });

afterAll(() => cluster.close());

test(
  '[NODES5] three nodes are restarted one after the other under load',
  () => cluster.run('rolling'),
  FAULTS_TIMEOUT_MS,
);

test(
  '[NODES6] 2,000 clients lose their connections and come back at once',
  () => cluster.run('storm'),
  FAULTS_TIMEOUT_MS,
);
