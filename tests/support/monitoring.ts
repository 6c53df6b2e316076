import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { readProjectFile } from './project-files.js';

export const RULES = 'deploy/prometheus/rules/coscribe.yml';
export const DASHBOARD = 'deploy/grafana/dashboards/coscribe.json';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function alertRules(): readonly AlertRule[] {
  const { groups } = parse(readProjectFile(RULES)) as { groups: readonly { rules: readonly AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

export interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly id: null;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}

export function dashboard(): Dashboard {
  return JSON.parse(readProjectFile(DASHBOARD)) as Dashboard;
}

/** Everything that the dashboard asks Prometheus for, with a time instead of Grafana's variables. */
export function dashboardQueries(): readonly string[] {
  const { panels, annotations, templating } = dashboard();
  return [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...annotations.list.flatMap(({ expr }) => expr ?? []),
    ...templating.list.flatMap(({ definition }) => /^label_values\((\w+),/.exec(definition ?? '')?.[1] ?? []),
  ].map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
}

/** The names of metrics in a query. Labels, functions and what is between quotes are none. */
export function metricsIn(query: string): readonly string[] {
  const bare = query
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(?:by|on|without|ignoring)\s*\([^)]*\)/g, ' ');
  const words = [...bare.matchAll(/[A-Za-z_:][\w:]*(?=\s*(\()?)/g)];
  return words
    .filter(([, call]) => call === undefined)
    .map(([word]) => word)
    .filter((word) => word.length > 3);
}

/** Runs promtool; `input` is what it reads. */
export function promtool(
  args: readonly string[],
  input = '',
): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync(process.env.PROMTOOL || 'promtool', args, {
    input,
    encoding: 'utf8',
  });
  if (error !== undefined)
    throw new Error(
      `Prometheus' promtool is needed here (Debian: prometheus; "npm test" gets it): ${error.message}`,
    );
  return { ok: status === 0, output: stdout + stderr };
}
