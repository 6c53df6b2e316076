import type { Option, OptionValue } from './option.js';
import { OPTIONS } from './options.js';

const ALL: readonly Option<OptionValue>[] = Object.values(OPTIONS);

/** What `coscribe --help` prints. */
export function helpText(): string {
  const rows: [string, string][] = ALL.map((option) => [
    `--${option.flag} ${option.placeholder}`,
    `${option.sentence}\n${option.env}, ${isEmpty(option) ? 'not set' : `default ${option.default}`}`,
  ]);
  rows.push(['-h, --help', 'Print this text and exit.'], ['-v, --version', 'Print the version and exit.']);
  const lines = rows.map(([flag, text]) => `  ${flag}\n${text.replace(/^/gm, '      ')}`);
  return [
    'Usage: coscribe [options]',
    '',
    'Serves collaborative documents. Each option is a flag or an environment variable; the flag wins.',
    '',
    ...lines,
  ].join('\n');
}

/** The options as a Markdown table, as docs/OPERATIONS.md shows it. */
export function optionsTable(): string {
  const rows = ALL.map(
    (option) =>
      `| \`${option.env}\` | \`--${option.flag}\` | ${isEmpty(option) ? 'not set' : `\`${option.default}\``} | ${option.sentence} |`,
  );
  return ['| variable | flag | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function isEmpty({ default: value }: Option<OptionValue>): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}
