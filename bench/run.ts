/** One case against one server, in a process of its own: starts the server, runs the case, reports to the parent. */

import { seededRandom } from '../tools/seeded-random.js';
import type { Job, JobResult } from './job.js';
import { SCENARIOS } from './scenarios/all.js';
import { ServerCluster } from './server-cluster.js';
import { ServerProcess } from './server-process.js';
import { SERVERS } from './servers.js';

const job = JSON.parse(process.argv[2] ?? '') as Job;
const result = await run(job).catch(
  (error: unknown): JobResult => ({ failed: error instanceof Error ? error.message : String(error) }),
);
process.send?.(result, () => process.exit());

async function run({
  scenario,
  caseIndex,
  server: name,
  choices,
  root,
  dataDir,
  cores,
}: Job): Promise<JobResult> {
  const server = SERVERS.find((candidate) => candidate.name === name);
  const chosen = SCENARIOS.find((candidate) => candidate.name === scenario)?.cases(choices)[caseIndex];
  if (server === undefined || chosen === undefined)
    throw new Error(`there is no ${scenario} ${caseIndex} of ${name}`);
  const options = { server, root, dataDir, core: cores.server };
  const circumstances = { server, choices, cores, random: seededRandom(choices.seed) };
  if (server.services !== undefined) {
    const cluster = await ServerCluster.start(options);
    try {
      return { outcome: await chosen.run({ ...circumstances, process: cluster.first, cluster }) };
    } finally {
      await cluster.kill();
    }
  }
  const child = new ServerProcess(options);
  try {
    await child.start();
    return { outcome: await chosen.run({ ...circumstances, process: child }) };
  } finally {
    await child.kill();
  }
}
