import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { Fault } from '../../../tools/soak/faults/fault.js';
import { FaultRunner } from '../../../tools/soak/run-fault.js';
import { Stage } from '../../../tools/soak/stage.js';

/** What would take a minute to be called late is called so at once. */
const WATCH_MS = 3_000;

let stage: Stage;
/** Documents have names that come out of it. */
let seed = 1;

beforeAll(async () => {
  stage = await Stage.open({ nodes: 2, redisCluster: false, directStore: false });
});

afterAll(() => stage?.close());

async function problemsAfter(fault: Fault): Promise<string> {
  const runner = new FaultRunner(stage, 'test', 'usual', WATCH_MS);
  try {
    const row = { name: 'test', inTest: 1, inSoak: 1, faults: [fault], crowd: 'usual' } as const;
    const { problems } = await runner.run(row, seed++);
    return problems.join('\n');
  } finally {
    await runner.close();
  }
}

test('[NODES9] a run fails when an edit that nobody typed is in a copy', async () => {
  const problems = await problemsAfter({
    name: 'a copy is spoilt',
    run: async ({ crowd }) => {
      const [member] = crowd.members;
      member?.provider.doc.transact(
        () => member.provider.doc.getText('text').insert(0, '!'),
        member.provider,
      );
    },
  });
  expect(problems).toMatch(/not well after 3000 ms:\n.*another text/);
  expect(problems).toContain('the text holds what nobody typed');
});

test('[NODES9] a run fails when a node has ended by itself, or complains', async () => {
  const problems = await problemsAfter({
    name: 'somebody else kills a node',
    run: async () => {
      const [node] = stage.nodes;
      await node?.kill();
    },
  });
  expect(problems).toContain('node 1 ended by itself');
  await stage.nodes[0]?.start();
});

test('[NODES9] a run fails when the store loses what was confirmed', async () => {
  const problems = await problemsAfter({
    name: 'the logs are emptied while the nodes are down',
    run: async () => {
      await Promise.all(stage.nodes.map((node) => stage.killNode(node)));
      const client = new Client({ connectionString: stage.postgres.url });
      await client.connect();
      await client.query('UPDATE coscribe.documents SET head = 0; DELETE FROM coscribe.log');
      await client.end();
      await Promise.all(stage.nodes.map((node) => node.start()));
    },
  });
  expect(problems).toMatch(/in the store at once: lost, though it was confirmed/);
  expect(problems).toMatch(/not well after 3000 ms/);
});
