import type { AdminOverview, NodeReport } from '../../../shared/admin.js';
import { countOf, timeOfDay } from './format.js';
import type { SeenNode } from './roll-call.js';

export type Severity = 'good' | 'warn' | 'bad';

/** How all nodes are together, in a sentence or two. */
export interface ClusterState {
  readonly severity: Severity;
  readonly sentence: string;
}

type Moment = Pick<AdminOverview, 'at' | 'silent'>;

/** A node that vanished is spoken of for so many milliseconds. */
const SPOKEN_OF_MS = 60_000;

/** What the overview says of all nodes, the worst first. */
export function clusterState(seen: readonly SeenNode[], { at, silent }: Moment): ClusterState {
  const nodes = seen.filter(({ silentSince }) => silentSince === undefined).map(({ report }) => report);
  const bad = [
    ...unsaving(nodes),
    ...notReady(nodes),
    ...mute(silent ?? []),
    ...lost(seen, silent ?? [], at),
  ];
  const warn = [...withoutBus(nodes), ...draining(nodes)];
  const problems = [...bad, ...warn];
  if (problems.length > 0) return { severity: bad.length > 0 ? 'bad' : 'warn', sentence: problems.join(' ') };
  return {
    severity: 'good',
    sentence:
      nodes.length === 1
        ? 'All is well: the node takes work.'
        : `All is well: ${nodes.length} nodes take work.`,
  };
}

function unsaving(nodes: readonly NodeReport[]): string[] {
  const those = nodes.filter(({ store }) => store.saving === false);
  if (those.length === 0) return [];
  if (those.length === nodes.length) return ['Nothing can be saved at the moment; clients keep their edits.'];
  return [`${names(those)} cannot save at the moment; clients there keep their edits.`];
}

function notReady(nodes: readonly NodeReport[]): string[] {
  const those = nodes.filter(({ state, store }) => state === 'not ready' && store.saving !== false);
  return those.length === 0 ? [] : [`${names(those)} ${those.length === 1 ? 'is' : 'are'} not ready.`];
}

function mute(silent: readonly string[]): string[] {
  if (silent.length === 0) return [];
  return [`${listed(silent)} ${silent.length === 1 ? 'does' : 'do'} not answer.`];
}

/** One that had said it would go is not missed. */
function lost(seen: readonly SeenNode[], silent: readonly string[], at: number): string[] {
  return seen.flatMap(({ report, silentSince }) =>
    silentSince === undefined ||
    at - silentSince > SPOKEN_OF_MS ||
    report.state === 'draining' ||
    silent.includes(report.node)
      ? []
      : [`${report.node} has not been heard of since ${timeOfDay(silentSince)}.`],
  );
}

function withoutBus(nodes: readonly NodeReport[]): string[] {
  const away = nodes.filter(({ bus }) => bus === 'away');
  if (away.length === 0) return [];
  const who = away.length === nodes.length ? 'Redis is away' : `${names(away)} cannot reach Redis`;
  return [`${who}: edits need up to two seconds between nodes, and other nodes are not seen here.`];
}

function draining(nodes: readonly NodeReport[]): string[] {
  const those = nodes.filter(({ state }) => state === 'draining');
  if (those.length === 0) return [];
  const verb = those.length === 1 ? 'sends its' : 'send their';
  return [`${names(those)} ${verb} clients to other nodes.`];
}

function names(nodes: readonly NodeReport[]): string {
  return listed(nodes.map(({ node }) => node));
}

function listed(names: readonly string[]): string {
  return names.length > 3 ? countOf(names.length, 'node') : names.join(', ');
}
