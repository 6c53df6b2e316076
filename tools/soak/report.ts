import type { RunResult } from './run-fault.js';

export interface RowSummary {
  readonly row: string;
  readonly runs: number;
  readonly failures: number;
  /** In milliseconds; of the runs that converged. */
  readonly medianMs: number;
  readonly longestMs: number;
  readonly largestMiB: number;
  readonly acked: number;
  readonly seeds: string;
  readonly failedSeeds: readonly number[];
}

/** What came of it, row by row. */
export function summarize(results: readonly RunResult[]): RowSummary[] {
  return [...new Set(results.map(({ row }) => row))].map((row) => {
    const runs = results.filter((result) => result.row === row);
    const failed = runs.filter(({ problems }) => problems.length > 0);
    const times = runs
      .flatMap(({ convergedMs }) => (convergedMs === undefined ? [] : [convergedMs]))
      .sort((a, b) => a - b);
    const seeds = runs.map(({ seed }) => seed);
    return {
      row,
      runs: runs.length,
      failures: failed.length,
      medianMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
      longestMs: Math.round(times.at(-1) ?? 0),
      largestMiB: Math.round(Math.max(...runs.map(({ residentBytes }) => residentBytes)) / 2 ** 20),
      acked: runs.reduce((sum, { acked }) => sum + acked, 0),
      seeds: `${Math.min(...seeds)}–${Math.max(...seeds)}`,
      failedSeeds: failed.map(({ seed }) => seed),
    };
  });
}

/** A table in Markdown. */
export function tableOf(summaries: readonly RowSummary[]): string {
  const rows = summaries.map((one) => [
    one.row,
    `${one.runs}`,
    `${one.failures}`,
    `${one.medianMs} ms`,
    `${one.longestMs} ms`,
    `${one.acked}`,
    `${one.largestMiB} MiB`,
    one.seeds,
    one.failedSeeds.join(' '),
  ]);
  const head = [
    'fault',
    'runs',
    'failures',
    'median to converge',
    'longest',
    'confirmed edits',
    'largest node',
    'seeds',
    'failed seeds',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** One run, in a line; what was wrong below it. */
export function lineOf({ row, fault, seed, convergedMs, acked, tookMs, problems }: RunResult): string {
  const converged = convergedMs === undefined ? 'never well' : `well after ${Math.round(convergedMs)} ms`;
  const head = `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${row} seed ${seed}: ${fault}; ${converged}, ${acked} edits confirmed, ${(tookMs / 1000).toFixed(1)} s`;
  return [head, ...problems.map((problem) => `     ${problem}`)].join('\n');
}
