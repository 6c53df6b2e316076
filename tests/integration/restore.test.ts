import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import { type CoscribeNode, startNode } from '../../tools/services/node.js';
import { Clients, textOf, type } from '../support/clients.js';
import { testPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const postgres = testPostgres();
const nodes: CoscribeNode[] = [];
let clients = new Clients();

afterEach(async () => {
  clients.destroy();
  clients = new Clients();
  for (const node of nodes.splice(0)) await node.kill();
});

async function node(store: string): Promise<CoscribeNode> {
  const started = await startNode({ store });
  nodes.push(started);
  return started;
}

test('[FOLLOW14] a backup made while people type is restored; copies that have seen more are not merged into it', async () => {
  const before = await postgres.emptyDatabase();
  const first = await node(before);
  const ann = clients.connect(first.url);
  await until(() => ann.synced, 'Ann is in');
  type(ann, 'in the backup');
  await until(() => ann.unsavedChanges === 0, 'it is saved');
  const dump = execFileSync('pg_dump', ['--no-owner', '--schema=coscribe', before], {
    maxBuffer: 2 ** 26,
  });
  type(ann, ', and after it');
  await until(() => ann.unsavedChanges === 0, 'it is saved');
  await first.stop();

  const after = await postgres.emptyDatabase();
  execFileSync('psql', ['--quiet', '--set=ON_ERROR_STOP=1', after], {
    input: dump,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const second = await startNode({ store: after, port: Number(new URL(first.url).port) });
  nodes.push(second);
  await until(() => ann.status === 'denied', 'Ann is told');
  expect(ann.error?.code).toBe('generation-changed');
  // What she has is not lost: it is in her copy.
  expect(textOf(ann)).toBe('in the backup, and after it');
  const bob = clients.connect(second.url);
  await until(() => bob.synced, 'Bob is in');
  expect(textOf(bob)).toBe('in the backup');
  type(bob, '!');
  await until(() => bob.unsavedChanges === 0, 'it is saved');
});
