/** `npm run bench`: every scenario against every server, one after the other; see `--help`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './job.js';
import { installedVersions, thisMachine } from './machine.js';
import { type BenchOptions, helpText, readOptions } from './options.js';
import { headLine, markdown, type Results, rowLine } from './report.js';
import { jobRunner } from './run-job.js';
import { SCENARIOS } from './scenarios/all.js';
import { isAsked } from './scenarios/scenario.js';
import { SERVERS } from './servers.js';

const CORES = { server: 0, generator: 1 };

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const available = {
  scenarios: SCENARIOS.map(({ name }) => name),
  servers: SERVERS.map(({ name }) => name),
};

try {
  const options = readOptions(process.argv.slice(2), available);
  if (options === 'help') console.log(helpText(available));
  else await bench(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error('The benchmark needs Linux: it pins processes and reads /proc.');
  if (availableParallelism() < 2)
    throw new Error('The benchmark needs two cores: one for the server, one for the load.');
  const scenarios = SCENARIOS.filter(({ name }) => options.scenarios.includes(name));
  const servers = SERVERS.filter(({ name }) => options.servers.includes(name));
  const runner = jobRunner(join(here, 'run.js'));
  const rows: Row[] = [];
  const results = (): Results => ({
    date: startedAt.toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: thisMachine(),
    commit: commit(),
    versions: installedVersions(
      root,
      servers.flatMap(({ packages }) => packages),
    ),
    rows,
  });
  const startedAt = new Date();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      runner.abort();
      if (rows.length > 0) save(options.out, results());
      process.exit(130);
    });
  }

  for (const scenario of scenarios) {
    console.log(`\n${scenario.title}\n${headLine(scenario)}`);
    const hopeless = new Map<string, string>();
    for (const [caseIndex, { label }] of scenario.cases(options.choices).entries()) {
      for (const server of servers) {
        if (!isAsked(scenario, server)) continue;
        const row = { scenario: scenario.name, case: label, server: server.name, label: server.label };
        const before = hopeless.get(server.name);
        const result =
          before === undefined
            ? await runner.run({
                scenario: scenario.name,
                caseIndex,
                server: server.name,
                choices: options.choices,
                root,
                cores: CORES,
              })
            : { failed: `not tried: it did not keep up with ${before}` };
        if (before === undefined && ('failed' in result || result.outcome.hopeless))
          hopeless.set(server.name, label);
        rows.push({ ...row, ...result });
        console.log(rowLine(scenario, { ...row, ...result }));
      }
    }
  }
  console.log(`\nSaved as ${save(options.out, results()).join(' and ')}`);
}

function save(folder: string, results: Results): string[] {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, results.date.replaceAll(':', '-'));
  writeFileSync(`${file}.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(`${file}.md`, markdown(results, SCENARIOS));
  return [`${file}.json`, `${file}.md`];
}

/** The commit that is measured, and whether the files are those of the commit. */
function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain') === '' ? '' : ', with changes';
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return 'unknown';
  }
}
