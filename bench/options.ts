import { parseArgs } from 'node:util';
import type { Choices } from './scenarios/scenario.js';

/** What the command line asks for. */
export interface BenchOptions {
  readonly scenarios: readonly string[];
  readonly servers: readonly string[];
  readonly choices: Choices;
  /** Where the results go: a folder. */
  readonly out: string;
}

export interface Available {
  readonly scenarios: readonly string[];
  readonly servers: readonly string[];
}

const DEFAULT_TYPISTS = [50, 200, 400, 1_000];
const DEFAULT_DOCUMENTS = [200, 1_000, 5_000];
/** At two edits a second a server takes so long until its code is compiled for good. */
const DEFAULT_WARM_UP_S = 15;
const DEFAULT_SECONDS = 10;
const DEFAULT_OUT = 'bench/results';
const DEFAULT_SEED = 1;

/** The text of `--help`. */
export function helpText({ scenarios, servers }: Available): string {
  return `Runs scenarios against servers, side by side: the server on core 0, the load generator on core 1.

  npm run bench -- [--scenario a,b] [--servers a,b] [--typists 50,200] [--seconds 10] [--out DIR]

  --scenario LIST   ${scenarios.join(', ')} (default: all)
  --servers LIST    ${servers.join(', ')} (default: all)
  --typists LIST    sizes of the hot document (default: ${DEFAULT_TYPISTS.join(',')})
  --documents LIST  numbers of documents in many (default: ${DEFAULT_DOCUMENTS.join(',')})
  --seconds N       measured seconds of each run (default: ${DEFAULT_SECONDS})
  --warm-up N       seconds of typing before them (default: ${DEFAULT_WARM_UP_S})
  --trace FILE      the long text of cold-open is the one of this recording, as \`npm run replay\` takes it
  --seed N          draws the moments at which people type (default: ${DEFAULT_SEED})
  --out DIR         where the results go, as JSON and as Markdown (default: ${DEFAULT_OUT})
  --help            this text`;
}

/**
 * @returns `'help'` if that is what was asked for
 * @throws Error with a sentence for people if the arguments make no sense
 */
export function readOptions(args: readonly string[], available: Available): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      servers: { type: 'string' },
      typists: { type: 'string' },
      documents: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'string' },
      out: { type: 'string', default: DEFAULT_OUT },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    scenarios: choose('--scenario', values.scenario, available.scenarios),
    servers: choose('--servers', values.servers, available.servers),
    choices: {
      typists: sizes('--typists', values.typists, DEFAULT_TYPISTS),
      documents: sizes('--documents', values.documents, DEFAULT_DOCUMENTS),
      warmUpMs: 1000 * positive('--warm-up', values['warm-up'], DEFAULT_WARM_UP_S),
      measureMs: 1000 * positive('--seconds', values.seconds, DEFAULT_SECONDS),
      seed: positive('--seed', values.seed, DEFAULT_SEED),
      ...(values.trace === undefined ? {} : { trace: values.trace }),
    },
    out: values.out,
  };
}

function choose(flag: string, list: string | undefined, names: readonly string[]): readonly string[] {
  if (list === undefined) return names;
  const chosen = list.split(',');
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`${flag}: there is no "${unknown}"; there are ${names.join(', ')}`);
  return names.filter((name) => chosen.includes(name));
}

function sizes(flag: string, list: string | undefined, otherwise: readonly number[]): readonly number[] {
  const counts = list === undefined ? otherwise : list.split(',').map(Number);
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 2)
      throw new Error(`${flag}: whole numbers from 2, such as 50,200`);
  }
  return [...counts].sort((a, b) => a - b);
}

function positive(flag: string, value: string | undefined, otherwise: number): number {
  const number = value === undefined ? otherwise : Number(value);
  if (!(number > 0 && number < 1e6)) throw new Error(`${flag}: a number above 0`);
  return number;
}
