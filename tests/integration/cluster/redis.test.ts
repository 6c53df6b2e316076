import { afterAll, test } from '@jest/globals';
import { FAULTS_TIMEOUT_MS, FaultCluster } from '../../support/fault-cluster.js';

const cluster = new FaultCluster({ nodes: 2 });

afterAll(() => cluster.close());

test(
  '[NODES2] Redis is killed and away, the load going on or ended meanwhile',
  () => cluster.run('redis-kill'),
  FAULTS_TIMEOUT_MS,
);

test(
  '[NODES2] Redis is stopped, its connections or its subscribers are cut',
  () => cluster.run('redis-disturb'),
  FAULTS_TIMEOUT_MS,
);
