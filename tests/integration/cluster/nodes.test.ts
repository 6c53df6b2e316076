import { afterAll, test } from '@jest/globals';
import { FAULTS_TIMEOUT_MS, FaultCluster } from '../../support/fault-cluster.js';

const cluster = new FaultCluster({ nodes: 2 });

afterAll(() => cluster.close());

test('[NODES1] nodes are killed with -9 under load', () => cluster.run('node-kill'), FAULTS_TIMEOUT_MS);

test('[NODES1] a node is stopped for seconds under load', () => cluster.run('node-stop'), FAULTS_TIMEOUT_MS);
