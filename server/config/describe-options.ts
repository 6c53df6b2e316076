import { OPTIONS, type Option } from './options.js';

const ALL: readonly Option<string | number>[] = Object.values(OPTIONS);

/** What `coscribe --help` prints. */
export function helpText(): string {
  const rows: [string, string][] = ALL.map((option) => [
    `--${option.flag} ${option.placeholder}`,
    `${option.sentence}\n${option.env}, default ${option.default}`,
  ]);
  rows.push(['-h, --help', 'Print this text and exit.'], ['-v, --version', 'Print the version and exit.']);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 4;
  const lines = rows.map(([flag, text]) => {
    const [first, ...others] = text.split('\n');
    return [
      `  ${flag.padEnd(width)}${first}`,
      ...others.map((line) => `${' '.repeat(width + 2)}${line}`),
    ].join('\n');
  });
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
    ({ env, flag, sentence, default: value }) =>
      `| \`${env}\` | \`--${flag}\` | \`${value}\` | ${sentence} |`,
  );
  return ['| variable | flag | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
