import type { FaultRecord, NodeSample, PhaseName, Second, Step } from '../result.js';
import { amount, bar, count, megabytes, milliseconds, span, sparkline } from './words.js';

/** What all processes of the generator use at this moment. */
export interface GeneratorUse {
  /** Share of one core: of the process that works hardest, and of all together. */
  readonly mostCpu: number;
  readonly cpu: number;
  /** Bytes, of all together. */
  readonly rss: number;
  /** By how much an event loop was late, in milliseconds at most. */
  readonly lagMs: number;
}

/** Everything that the view of a run shows at one moment. */
export interface RunState {
  readonly phase: PhaseName;
  /** Seconds since this phase began, and how long it takes if that is known. */
  readonly phaseSeconds: number;
  readonly phaseOf: number | undefined;
  readonly clients: number;
  /** The last seconds, the newest one last. */
  readonly seconds: readonly Second[];
  readonly acknowledges: boolean;
  readonly errors: Readonly<Record<string, number>>;
  /** How often servers have said that they are about to stop. */
  readonly goodbyes: number;
  /** What the load generator itself uses; `undefined` before that is known. */
  readonly generator: GeneratorUse | undefined;
  readonly nodes: readonly { readonly name: string; readonly sample: NodeSample | undefined }[];
  readonly faults: readonly FaultRecord[];
  /** Of a search: the level that is measured, and what was found before. */
  readonly search?: { readonly objective: string; readonly level: number; readonly steps: readonly Step[] };
}

/** What people read instead of a phase's name. */
export const PHASES: Readonly<Record<PhaseName, string>> = {
  arrive: 'clients arrive',
  'warm-up': 'warming up',
  measure: 'measuring',
  settle: 'everything arrives',
  check: 'comparing',
};

/** More nodes than this are not shown one by one. */
const MAX_NODES = 8;
const LABEL = 10;
/** Share of a core from which on a process of the generator is said to be busy. */
const BUSY = 0.9;

/** The view on a terminal: as many lines as there is something to say, none wider than the terminal. */
export function viewLines(state: RunState, columns: number): string[] {
  const second = state.seconds.at(-1);
  const lines = [
    progress(state, columns),
    ...(second === undefined ? [] : secondLines(state, second, columns)),
    ...searchLine(state),
    ...state.nodes.slice(0, MAX_NODES).map(nodeLine),
    ...generatorLine(state.generator),
    ...faultLine(state.faults),
    ...(state.goodbyes === 0 ? [] : [row('goodbyes', `${amount(state.goodbyes)}, of nodes that stopped`)]),
    ...errorLine(state.errors),
  ];
  return ['', ...lines.map((line) => cut(line, columns - 1))];
}

/** The same in one line, for logs. */
export function plainLine(state: RunState): string {
  const second = state.seconds.at(-1);
  const left = state.phaseOf === undefined ? '' : ` of ${span(state.phaseOf)}`;
  const head = `${PHASES[state.phase]} ${span(state.phaseSeconds)}${left}`;
  if (second === undefined) return head;
  const errors = Object.values(state.errors).reduce((sum, number) => sum + number, 0);
  const parts = [
    `${amount(second.joined)} of ${count(state.clients, 'client')} in`,
    ...(state.search === undefined ? [] : [`${state.search.level} typists for ${state.search.objective}`]),
    `${amount(second.typed)} typed/s`,
    `${amount(second.delivered)} shown/s`,
    ...(state.acknowledges ? [`saved p99 ${milliseconds(second.ackP99)}`] : []),
    `shown p99 ${milliseconds(second.shownP99)}`,
    `${amount(second.unacked)} waiting`,
    ...(state.goodbyes === 0 ? [] : [count(state.goodbyes, 'goodbye')]),
    ...(errors === 0 ? [] : [count(errors, 'error')]),
    ...(state.generator === undefined || state.generator.mostCpu < BUSY
      ? []
      : [`the generator is at its limit (${Math.round(100 * state.generator.mostCpu)} %)`]),
  ];
  return `${head}: ${parts.join(', ')}`;
}

function progress({ phase, phaseSeconds, phaseOf }: RunState, columns: number): string {
  const name = PHASES[phase].padEnd(20);
  if (phaseOf === undefined || phaseOf === 0) return `${name}${span(phaseSeconds)}`;
  const width = Math.max(4, Math.min(40, columns - 45));
  return `${name}${bar(phaseSeconds / phaseOf, width)}  ${span(Math.min(phaseSeconds, phaseOf))} of ${span(phaseOf)}`;
}

function secondLines(state: RunState, second: Second, columns: number): string[] {
  const width = Math.max(10, Math.min(60, columns - 46));
  const latency = (label: string, p50: number | null, p99: number | null, key: 'ackP99' | 'shownP99') =>
    label.padEnd(LABEL) +
    `p50 ${milliseconds(p50)}`.padEnd(14) +
    `p99 ${milliseconds(p99)}`.padEnd(16) +
    sparkline(
      state.seconds.map((one) => one[key]),
      width,
    );
  const people = [
    `${amount(second.joined)} of ${amount(state.clients)} in`,
    `${amount(second.typing)} type`,
    ...(second.offline === 0 ? [] : [`${amount(second.offline)} offline`]),
    ...(second.reconnects === 0 ? [] : [`${amount(Math.ceil(second.reconnects))} came back`]),
  ];
  return [
    row('clients', people.join(', ')),
    row(
      'edits',
      [
        `${amount(second.typed)}/s typed`,
        ...(state.acknowledges ? [`${amount(second.acked)}/s saved`, `${amount(second.unacked)} wait`] : []),
        `${amount(second.delivered)}/s shown to others`,
      ].join(', '),
    ),
    ...(state.acknowledges ? [latency('saved', second.ackP50, second.ackP99, 'ackP99')] : []),
    latency('shown', second.shownP50, second.shownP99, 'shownP99'),
  ];
}

function searchLine({ search }: RunState): string[] {
  if (search === undefined) return [];
  const steps = search.steps.slice(-12).map(({ typists, held }) => `${typists}${held ? '✓' : '✗'}`);
  return [row('limit', `${search.objective}: ${[...steps, `${search.level}…`].join(' ')}`)];
}

function nodeLine({ name, sample }: { name: string; sample: NodeSample | undefined }): string {
  if (sample === undefined) return row(name, 'not looked at yet');
  const told = [
    ...(sample.cpu === undefined ? [] : [`processor ${Math.round(100 * sample.cpu)} %`]),
    ...(sample.rss === undefined ? [] : [`memory ${megabytes(sample.rss)}`]),
    ...(sample.lagMs === undefined ? [] : [`late ${milliseconds(sample.lagMs)}`]),
    ...(sample.sessions === undefined ? [] : [count(sample.sessions, 'session')]),
  ];
  if (!sample.up) return row(name, ['does not answer', ...told].join(', '));
  return row(name, told.length === 0 ? 'answers' : told.join(', '));
}

/** Whoever watches has to see when it is the generator that has no time left. */
function generatorLine(use: GeneratorUse | undefined): string[] {
  if (use === undefined) return [];
  const { mostCpu, cpu, rss, lagMs } = use;
  const warning = mostCpu < BUSY ? '' : 'at its limit: ';
  const share = `processor ${Math.round(100 * cpu)} %, busiest process ${Math.round(100 * mostCpu)} %`;
  return [row('generator', `${warning}${share}, memory ${megabytes(rss)}, late ${milliseconds(lagMs)}`)];
}

function faultLine(faults: readonly FaultRecord[]): string[] {
  const last = faults.at(-1);
  if (last === undefined) return [];
  const how = last.until === undefined ? 'now' : `over after ${(last.until - last.at).toFixed(1)} s`;
  return [row('faults', `${faults.length}, last: ${last.kind} ${last.what} at ${span(last.at)}, ${how}`)];
}

function errorLine(errors: Readonly<Record<string, number>>): string[] {
  const most = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (most.length === 0) return [];
  return [row('errors', most.map(([code, number]) => `${code} ${amount(number)}`).join(', '))];
}

function row(label: string, text: string): string {
  return `${label.padEnd(LABEL)}${text}`;
}

/** Never wider than the terminal: a line that breaks could not be drawn over. */
function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
