import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../usage-error.js';
import { type FuzzReport, fuzz, fuzzLine } from './fuzz/fuzz.js';
import { readOptions, type SoakOptions, USAGE } from './options.js';
import { lineOf, summarize, tableOf } from './report.js';
import type { RunResult } from './run-fault.js';
import { soak } from './soak.js';

/** How often a fuzz tells how it goes, in milliseconds. */
const TELL_EVERY_MS = 10_000;

/** @returns the exit code */
async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stop.signal.aborted) process.stdout.write('Ending, with the report so far.\n');
      stop.abort();
    });
  }
  if (options.fuzz !== undefined) return fuzzOneNode(options, options.fuzz, stop);
  process.stdout.write(`Seed ${options.seed}, ${options.nodes} nodes\n`);
  const results: RunResult[] = [];
  let failures = 0;
  for await (const { result, output } of soak(options, stop.signal)) {
    results.push(result);
    process.stdout.write(`${lineOf(result)}\n`);
    if (output !== undefined)
      process.stdout.write(`     what the processes wrote: ${keep(++failures, output)}\n`);
    if (options.json !== undefined) writeFileSync(options.json, reportOf(options, results));
  }
  process.stdout.write(`\n${tableOf(summarize(results))}\n`);
  return results.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

/** @returns the exit code */
async function fuzzOneNode(
  { seed, minutes, json }: SoakOptions,
  messages: number,
  stop: AbortController,
): Promise<number> {
  process.stdout.write(`Seed ${seed}, ${messages} messages\n`);
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
  let toldAt = Number.NEGATIVE_INFINITY;
  const onPart = (report: FuzzReport): void => {
    if (performance.now() > end) stop.abort();
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    process.stdout.write(`${fuzzLine(report)}\n`);
  };
  const report = await fuzz({ seed, messages, signal: stop.signal, onPart });
  process.stdout.write(`\n${fuzzLine(report)}\n${report.problems.map((problem) => `${problem}\n`).join('')}`);
  if (json !== undefined) writeFileSync(json, JSON.stringify(report, null, 2));
  return report.problems.length > 0 ? 1 : 0;
}

function keep(number: number, output: string): string {
  const file = join(tmpdir(), `coscribe-soak-${process.pid}-${number}.log`);
  writeFileSync(file, output);
  return file;
}

function reportOf({ seed, nodes, redisCluster }: SoakOptions, results: readonly RunResult[]): string {
  return JSON.stringify({ seed, nodes, redisCluster, summary: summarize(results), runs: results }, null, 2);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    process.stderr.write(`${usage ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exit(usage ? 2 : 1);
  },
);
