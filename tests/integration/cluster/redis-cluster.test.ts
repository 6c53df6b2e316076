import { afterAll, test } from '@jest/globals';
import { FAULTS_TIMEOUT_MS, FaultCluster } from '../../support/fault-cluster.js';

const cluster = new FaultCluster({ nodes: 2, redisCluster: true });

afterAll(() => cluster.close());

test(
  '[NODES7] with a Redis Cluster: nodes are killed with -9 under load',
  () => cluster.run('node-kill', 1),
  FAULTS_TIMEOUT_MS,
);

test(
  '[NODES7] with a Redis Cluster: a master is killed and away',
  () => cluster.run('redis-kill', 1),
  FAULTS_TIMEOUT_MS,
);

test(
  '[NODES7] with a Redis Cluster: a master is stopped, its connections or its subscribers are cut',
  () => cluster.run('redis-disturb', 3),
  FAULTS_TIMEOUT_MS,
);
