import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { packageFile } from '../../tools/services/package-root.js';
import type { LoadOptions } from '../options/options.js';
import type { FaultRecord, LoadResult, NodeSeries, ProcessSeries } from '../result.js';
import type { CourseResult } from './course-types.js';
import { generatorNote, isGenerators, isGeneratorsLimit } from './generator-limit.js';
import { isBad, notesOf, objectivesOf, verdictOf } from './verdict.js';

export interface ResultParts {
  readonly options: LoadOptions;
  readonly targets: readonly string[];
  readonly acknowledges: boolean;
  readonly course: CourseResult;
  readonly startedAt: Date;
  readonly seconds: number;
  /** What is to be said besides, before all else. */
  readonly remarks: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly nodes: readonly NodeSeries[];
  readonly generators: readonly ProcessSeries[];
}

/** Everything that a run has found out, in the form in which it is written. */
export function makeResult(parts: ResultParts): LoadResult {
  const { options, targets, acknowledges, course, startedAt, seconds, remarks, faults, nodes, generators } =
    parts;
  const { recorder, ending, limit } = course;
  const { errors, goodbyes } = recorder;
  const verdict = verdictOf(course.findings, acknowledges);
  const objectives = objectivesOf(options.slo, course.total);
  const broken = isBad(verdict) || objectives.some(({ held }) => !held);
  const total = course.total.figures(recorder.joins);
  const limitedByGenerator =
    limit === undefined ? isGenerators(total) : isGeneratorsLimit(limit, course.steps);
  const note = generatorNote(total, {
    isLimit: limitedByGenerator,
    isSearch: options.find !== undefined,
    machineBusy: course.machineBusy,
  });
  const lost = course.findings === undefined && ending === undefined;
  const reason = ending?.reason ?? (lost ? LOST : undefined);
  return {
    format: 1,
    version: version(),
    startedAt: startedAt.toISOString(),
    seconds: Math.round(seconds * 10) / 10,
    settings: settingsOf(options),
    machine: machine(),
    targets,
    outcome: ending?.outcome ?? (lost ? 'target-lost' : broken ? 'failed' : 'passed'),
    ...(reason === undefined ? {} : { reason }),
    verdict,
    objectives,
    notes: [...remarks, ...course.notes, ...notesOf(errors, acknowledges, options.protocol, note)],
    total,
    pointSeconds: recorder.timeline.pointSeconds,
    series: recorder.timeline.points,
    phases: course.phases,
    steps: course.steps,
    ...(limit === undefined || options.find === undefined
      ? {}
      : { limit: { objective: options.find.objective, ...limit } }),
    faults,
    nodes,
    generators,
    limitedByGenerator,
    errors,
    goodbyes,
  };
}

const LOST = 'The processes that play the clients did not answer in the end, so nothing could be compared.';

/** Every option as it was in force, under its name on the command line; no secrets. */
export function settingsOf(options: LoadOptions): Record<string, string | number | boolean> {
  const { servers, typing, find, token, offline } = options;
  return {
    ...(servers.kind === 'urls'
      ? {}
      : { nodes: servers.nodes, cluster: servers.cluster, proxy: servers.proxy }),
    ...(servers.kind === 'own' && servers.command !== undefined ? { start: servers.command } : {}),
    protocol: options.protocol,
    docs: options.docs,
    clients: options.clients,
    typists: options.typists,
    model: typing.model,
    ...(typing.trace === undefined ? {} : { trace: typing.trace }),
    rate: typing.charactersPerSecond,
    think: `${typing.thinkMs} ms`,
    'max-characters': typing.maxCharacters,
    churn: `${hundredth(options.churnPerSecond)}/s`,
    offline: offline.perMinute === 0 ? 'never' : `${offline.perMinute}x${offline.forMs}ms`,
    presence: `${hundredth(options.presencePerSecond)}/s`,
    arrive: `${Math.round(options.arrivalsPerSecond * 10) / 10}/s`,
    'warm-up': `${options.warmUpMs} ms`,
    ...(find === undefined
      ? { duration: `${options.durationMs} ms` }
      : { find: find.objective, from: find.from, step: find.step, level: `${find.levelMs} ms` }),
    ...(options.slo.length === 0 ? {} : { slo: options.slo.join(', ') }),
    ...(options.chaos.length === 0
      ? {}
      : {
          chaos: options.chaos.map(({ kind, perMinute }) => `${kind}=${hundredth(perMinute)}/min`).join(','),
        }),
    'settle-timeout': `${options.settleTimeoutMs} ms`,
    processes: options.processes,
    workspace: options.workspace,
    token: token !== undefined,
    seed: options.seed,
  };
}

/** A rate as people read it: none has more digits that mean something. */
function hundredth(rate: number): number {
  return rate < 0.01 ? Number(rate.toPrecision(2)) : Math.round(100 * rate) / 100;
}

function machine(): LoadResult['machine'] {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memory: totalmem(),
    node: process.version,
  };
}

function version(): string {
  const { version: own } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  return own;
}
