import type { Command, OptionHelp } from './command.js';
import type { ListedCommand } from './command-list.js';
import { GROUPS } from './groups.js';
import type { Paint } from './paint.js';
import { describeTerm, wrap, wrapParagraphs } from './wrap.js';

export interface Page {
  /** How wide lines may be. */
  readonly width: number;
  readonly paint: Paint;
}

const FIRST_USES = [
  ['coscribe', 'serves documents at http://127.0.0.1:8080, kept in ./data/coscribe.db'],
  [
    'coscribe start --host 0.0.0.0 --auth links',
    'shares documents by links; COSCRIBE_… variables do the same',
  ],
  ['coscribe load --duration 30', 'tries out how much this machine takes, and whether anything is lost'],
] as const;

/** Column at which explanations of options begin. */
const COLUMN = 26;

/** What `coscribe --help` prints. */
export function overview(commands: readonly ListedCommand[], { width, paint }: Page): string {
  const longest = Math.max(...commands.map(({ command }) => command.name.length));
  const blocks = Object.entries(GROUPS).map(([group, title]) => {
    const rows = commands
      .filter((listed) => listed.group === group)
      .flatMap(({ command }) => describeTerm(`  ${command.name}`, command.summary, longest + 4, width));
    return rows.length === 0 ? '' : [paint.bold(title), ...rows].join('\n');
  });
  return [
    'Usage: coscribe [COMMAND] [options]',
    wrap(
      'Collaborative editing in which "Saved" is true. Without a command it starts the server.',
      width,
    ).join('\n'),
    ...blocks.filter((block) => block !== ''),
    examples(
      FIRST_USES.map(([line, does]) => ({ line, does })),
      { width, paint },
    ),
    wrap(
      'coscribe COMMAND --help tells what a command does, and its options; coscribe --version the version.',
      width,
    ).join('\n'),
  ].join('\n\n');
}

/** What `coscribe NAME --help` prints. */
export function commandHelp(command: Command, page: Page): string {
  const { width, paint } = page;
  const options = [...command.options, { name: 'help', short: 'h', help: 'Print this text and exit.' }];
  const codes = Object.entries({
    0: 'all is well',
    ...command.exitCodes,
    2: 'the options make no sense, or it could not begin',
  });
  return [
    wrap(`Usage: coscribe ${command.name} ${command.synopsis}`.trimEnd(), width).join('\n'),
    wrapParagraphs(command.description, width),
    [paint.bold('Options'), ...options.flatMap((option) => optionRows(option, width))].join('\n'),
    [
      paint.bold('Exit codes'),
      ...codes.flatMap(([code, means]) => describeTerm(`  ${code}`, means, 7, width)),
    ].join('\n'),
    ...(command.examples.length > 0 ? [examples(command.examples, page)] : []),
  ].join('\n\n');
}

function optionRows(option: OptionHelp, width: number): string[] {
  const { help, choices = [] } = option;
  const text = choices.every((choice) => help.includes(choice)) ? help : `${help} (${choices.join(', ')})`;
  return describeTerm(`  ${written(option)}`, text, COLUMN, width);
}

/** `-h, --help`, `--json[=FILE]`, `--store STORE`. */
export function written({ name, short, value, optional, multiple }: OptionHelp): string {
  const long = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (value === undefined) return long;
  return `${long}${optional ? `[=${value}]` : ` ${value}`}${multiple ? ' …' : ''}`;
}

function examples(list: Command['examples'], { width, paint }: Page): string {
  const rows = list.flatMap(({ line, does }) => [
    `  ${line}`,
    ...wrap(does, width - 6).map((part) => paint.dim(`      ${part}`)),
  ]);
  return [paint.bold('Examples'), ...rows].join('\n');
}
