import { parseArgs } from 'node:util';
import { OPTIONS, type Option, type Options } from './options.js';

/** The server's settings, checked. */
export type Config = {
  readonly [K in keyof Options]: Options[K] extends Option<infer T> ? T : never;
};

/** Why the server cannot start with the settings that it was given; `problems` are whole sentences. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** What the command line asks for instead of a running server, if it does. */
export type Information = 'help' | 'version';

type Environment = Readonly<Record<string, string | undefined>>;
type Key = keyof Options;

const KEYS = Object.keys(OPTIONS) as Key[];

/** `argv` without the program's own name (`process.argv.slice(2)`). */
export function informationAsked(argv: readonly string[]): Information | undefined {
  const { asked } = readFlags(argv);
  return asked;
}

/**
 * Settings from flags (first), environment (second; an empty variable counts as not set) and defaults.
 *
 * @throws ConfigError with every problem at once
 */
export function loadConfig(argv: readonly string[], env: Environment): Config {
  const { values, problems } = readFlags(argv);
  const config: Partial<Record<Key, string | number>> = {};
  for (const key of KEYS) {
    const option: Option<string | number> = OPTIONS[key];
    const flag = values.get(option.flag);
    const raw = flag ?? (env[option.env] || undefined);
    const parsed = raw === undefined ? { value: option.default } : option.parse(raw);
    if ('value' in parsed) config[key] = parsed.value;
    else {
      const name = flag === undefined ? option.env : `--${option.flag}`;
      problems.push(`${name} ${parsed.problem}${option.secret ? '' : `, not "${raw}"`}.`);
    }
  }
  const complete = config as Config;
  if (complete.maxUpdateBytes > complete.maxDocumentBytes) {
    problems.push(
      `${OPTIONS.maxUpdateBytes.env} (${complete.maxUpdateBytes}) must not exceed ${OPTIONS.maxDocumentBytes.env} (${complete.maxDocumentBytes}).`,
    );
  }
  if (complete.drainDelayMs > complete.stopTimeoutMs) {
    problems.push(
      `${OPTIONS.drainDelayMs.env} (${complete.drainDelayMs}) must not exceed ${OPTIONS.stopTimeoutMs.env} (${complete.stopTimeoutMs}), which counts from the signal on.`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(complete);
}

interface Flags {
  readonly values: ReadonlyMap<string, string>;
  readonly problems: string[];
  readonly asked: Information | undefined;
}

/** Not in parseArgs' strict mode, which stops at the first problem; its tokens show all of them. */
function readFlags(argv: readonly string[]): Flags {
  const values = new Map<string, string>();
  const problems: string[] = [];
  let asked: Information | undefined;
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      ...Object.fromEntries(KEYS.map((key) => [OPTIONS[key].flag, { type: 'string' as const }])),
    },
  });
  const known = new Set<string>(KEYS.map((key) => OPTIONS[key].flag));
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push(`"${token.value}" is not a flag; see --help.`);
    } else if (token.kind === 'option') {
      if (token.name === 'help' || token.name === 'version') asked ??= token.name;
      else if (!known.has(token.name)) problems.push(`${token.rawName} is not an option; see --help.`);
      // `--host --port 1` would otherwise listen on an address called "--port".
      else if (!token.value || (!token.inlineValue && token.value.startsWith('--'))) {
        problems.push(`${token.rawName} needs a value.`);
      } else values.set(token.name, token.value);
    }
  }
  return { values, problems, asked };
}
