import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.js';
import { type Row, rowOf, TABLE } from './faults/table.js';

const NAMES = TABLE.map(({ name, inSoak }) => `${name}=${inSoak}`).join(',');

export const USAGE = `Usage: npm run soak -- [--faults LIST] [--minutes M] [--nodes N] [--redis-cluster] [--seed S] [--json FILE]
       npm run soak -- --fuzz MESSAGES [--minutes M] [--seed S] [--json FILE]

Starts a cluster on this machine, has many clients type, lets things go wrong, and looks after each fault whether
everything that was confirmed is everywhere within 10 seconds.

  --faults LIST    Which, and how often: node-kill=100,storm. Without numbers, and without --faults, as often as
                   ${NAMES}.
  --minutes M      Goes through the faults in turn until the time is up, instead of so often.
  --nodes N        How many nodes, 2 to 8; 3 unless given.
  --redis-cluster  A Redis Cluster of three masters instead of one Redis.
  --quick          Faults last some seconds at most, as in npm test.
  --fuzz MESSAGES  Instead of all that: sends one node so many messages that no client sends, beside honest people, and
                   ends at the first problem. 10000000 take hours.
  --seed S         Decides what happens; the first run has this seed, the next one more. By default chance does.
  --json FILE      Writes a report there, also when it is interrupted.
  -h, --help       Print this text and exit.

Ctrl-C ends it with the report so far. Exit codes: 0 all was well, 1 something was not, 2 the options make no sense.`;

export interface Planned {
  readonly row: Row;
  readonly times: number;
}

export interface SoakOptions {
  readonly plan: readonly Planned[];
  /** Goes through the rows in turn until then, however often. */
  readonly minutes: number | undefined;
  /** Messages to fuzz one node with, instead of faults. */
  readonly fuzz: number | undefined;
  readonly nodes: number;
  readonly redisCluster: boolean;
  readonly quick: boolean;
  readonly seed: number;
  readonly json: string | undefined;
}

/** @returns `undefined` if the help is asked for. @throws UsageError */
export function readOptions(argv: readonly string[]): SoakOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  return {
    plan: values.faults === undefined ? TABLE.map(planned) : values.faults.split(',').map(readFault),
    minutes: values.minutes === undefined ? undefined : amount('--minutes', values.minutes),
    fuzz:
      values.fuzz === undefined ? undefined : wholeNumber('--fuzz', values.fuzz, 1, Number.MAX_SAFE_INTEGER),
    nodes: wholeNumber('--nodes', values.nodes ?? '3', 2, 8),
    redisCluster: values['redis-cluster'] === true,
    quick: values.quick === true,
    seed: values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
    json: values.json,
  };
}

function planned(row: Row): Planned {
  return { row, times: row.inSoak };
}

function readFault(text: string): Planned {
  const [name = '', times] = text.split('=');
  let row: Row;
  try {
    row = rowOf(name);
  } catch {
    throw new UsageError(
      `--faults: there is no fault "${name}"; there are ${TABLE.map((one) => one.name).join(', ')}.`,
    );
  }
  return times === undefined
    ? planned(row)
    : { row, times: wholeNumber(`--faults ${name}`, times, 1, 1_000_000) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        faults: { type: 'string' },
        minutes: { type: 'string' },
        fuzz: { type: 'string' },
        nodes: { type: 'string' },
        'redis-cluster': { type: 'boolean' },
        quick: { type: 'boolean' },
        seed: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.replace(/\.?$/, '.')} See --help.`);
  }
}

function wholeNumber(what: string, text: string, from: number, to: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new UsageError(`${what} must be a whole number from ${from} to ${to}.`);
}

function amount(what: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`${what} must be a number above 0.`);
}
