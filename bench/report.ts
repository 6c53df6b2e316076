import type { Row } from './job.js';
import type { Machine } from './machine.js';
import type { Scenario } from './scenarios/scenario.js';

/** Everything that a run of the benchmark leaves behind. */
export interface Results {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

const LABEL_WIDTH = 26;
const CASE_WIDTH = 14;
const MIN_CELL_WIDTH = 8;

/** The heading of a scenario's table in a terminal. */
export function headLine(scenario: Scenario): string {
  const titles = scenario.columns.map(({ title }) => title.padStart(cellWidth(title)));
  return ['case'.padEnd(CASE_WIDTH), 'server'.padEnd(LABEL_WIDTH), ...titles].join('  ');
}

/** A row of it, with its notes below. */
export function rowLine(scenario: Scenario, row: Row): string {
  const start = [row.case.padEnd(CASE_WIDTH), row.label.padEnd(LABEL_WIDTH)];
  if (row.outcome === undefined) return [...start, row.failed ?? ''].join('  ');
  const { figures, notes } = row.outcome;
  const cells = scenario.columns.map((column) => column.of(figures).padStart(cellWidth(column.title)));
  return [[...start, ...cells].join('  '), ...notes.map((note) => `    ${note}`)].join('\n');
}

function cellWidth(title: string): number {
  return Math.max(MIN_CELL_WIDTH, title.length);
}

/** The whole run as a Markdown document. */
export function markdown(results: Results, scenarios: readonly Scenario[]): string {
  const { cpu, cores, memoryGb, kernel, node } = results.machine;
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    '# Benchmark',
    [
      `- Date: ${results.date}`,
      `- Command: \`${results.command}\``,
      `- Machine: ${cpu}, ${cores} cores, ${memoryGb} GB; ${kernel}; Node ${node}. The server has one core, the generator another.`,
      `- Coscribe: ${results.commit}`,
      `- Packages: ${versions.join(', ')}`,
    ].join('\n'),
  ];
  for (const scenario of scenarios) {
    const rows = results.rows.filter((row) => row.scenario === scenario.name);
    if (rows.length > 0) parts.push(`## ${scenario.title}`, scenario.about, table(scenario, rows));
  }
  return `${parts.join('\n\n')}\n`;
}

function table(scenario: Scenario, rows: readonly Row[]): string {
  const titles = ['case', 'server', ...scenario.columns.map(({ title }) => title), 'notes'];
  const isText = (column: number): boolean => column < 2 || column === titles.length - 1;
  const lines = [titles, titles.map((_title, column) => (isText(column) ? '---' : '---:'))];
  for (const row of rows) {
    const { figures, notes } = row.outcome ?? { figures: undefined, notes: [row.failed ?? ''] };
    const cells = scenario.columns.map((column) => (figures === undefined ? '' : column.of(figures)));
    lines.push([row.case, row.label, ...cells, notes.join('; ')]);
  }
  return lines.map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
