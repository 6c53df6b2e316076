import { parseExposition } from './exposition.js';

/** The table of docs/OPERATIONS.md: everything of ours that a node tells, in the order of its names. */
export function metricsTable(text: string): string {
  const rows = [...parseExposition(text).values()]
    .filter(({ name }) => name.startsWith('coscribe_'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help, samples }) => {
      const labels = new Set(
        samples.flatMap((sample) => Object.keys(sample.labels)).filter((key) => key !== 'le'),
      );
      const named = [...labels].map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${named} | ${help} |`;
    });
  return ['| metric | kind | labels | what it tells |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
