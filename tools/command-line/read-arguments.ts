import { parseArgs } from 'node:util';
import { withoutPassword } from '../../shared/without-password.js';
import { UsageError } from '../usage-error.js';
import { suggestion } from './nearest.js';
import type { OptionHelp } from './option-help.js';

/** What each option has: a switch whether it is given, others their text, `''` where a value was left out. */
export type Values<O extends readonly OptionHelp[]> = {
  readonly [K in O[number] as K['name']]: K extends { value: string }
    ? K extends { multiple: true }
      ? readonly string[]
      : string | undefined
    : boolean;
};

/** What is no option: files, addresses. */
export interface Operands {
  /** What one is called in the help: `URL`. */
  readonly name: string;
  /** How many there must be; none if not given. */
  readonly min?: number;
  /** How many there may be. */
  readonly max: number;
}

export interface Arguments<O extends readonly OptionHelp[]> {
  readonly values: Values<O>;
  readonly operands: readonly string[];
}

const NONE: Operands = { name: '', max: 0 };

/**
 * Reads a command's line by the table that its help is made of. Declare the table `as const satisfies readonly OptionHelp[]`,
 * so that the names of `values` are checked. What follows `--` is no option.
 *
 * @throws UsageError with one sentence about the first thing that makes no sense
 */
export function readArguments<const O extends readonly OptionHelp[]>(
  options: O,
  argv: readonly string[],
  operands: Operands = NONE,
): Arguments<O> {
  const given = new Map<string, string[]>();
  const others: string[] = [];
  // Not in strict mode, whose messages say less. An optional value stands behind "=", which this takes of a switch, too.
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(options.map((option) => [option.name, shapeOf(option)])),
  });
  for (const token of tokens) {
    if (token.kind === 'positional') others.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw unknown(token.rawName, options);
    const list = given.get(option.name) ?? [];
    given.set(option.name, [...list, givenValue(option, token)]);
  }
  checkCount(others, operands);
  const values = Object.fromEntries(options.map((option) => [option.name, result(option, given)]));
  return { values: values as Values<O>, operands: others };
}

function shapeOf({ value, optional, short }: OptionHelp): { type: 'string' | 'boolean'; short?: string } {
  const type = value === undefined || optional ? 'boolean' : 'string';
  return short === undefined ? { type } : { type, short };
}

interface Given {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function givenValue(
  { value, optional, choices }: OptionHelp,
  { rawName, value: raw, inlineValue }: Given,
): string {
  if (value === undefined) {
    if (raw !== undefined) throw new UsageError(`${rawName} takes no value.`);
    return '';
  }
  if (optional && raw === undefined) return '';
  // "--token --user ann" would otherwise be a token called "--user".
  if (!raw || (!inlineValue && /^--?[a-z]/i.test(raw)))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${value}.`);
  if (choices !== undefined && !choices.includes(raw))
    throw new UsageError(
      `${rawName} is one of ${choices.join(', ')}, not "${raw}"${suggestion(raw, choices) || '.'}`,
    );
  return raw;
}

function unknown(rawName: string, options: readonly OptionHelp[]): UsageError {
  const names = [...options.map(({ name }) => `--${name}`), '--help'];
  return new UsageError(`${rawName} is no option of it${suggestion(rawName, names) || '.'}`);
}

function checkCount(given: readonly string[], { name, min = 0, max }: Operands): void {
  if (given.length < min) throw new UsageError(`${name} is missing.`);
  const extra = given[max];
  if (extra === undefined) return;
  const bound = max === 0 ? 'it takes options only' : `it takes at most ${max} ${name}`;
  throw new UsageError(`"${withoutPassword(extra)}" is too much: ${bound}.`);
}

function result(
  { name, value, multiple }: OptionHelp,
  given: ReadonlyMap<string, readonly string[]>,
): boolean | string | readonly string[] | undefined {
  const list = given.get(name);
  if (value === undefined) return list !== undefined;
  return multiple ? (list ?? []) : list?.at(-1);
}
