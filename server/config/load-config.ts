import { parseArgs } from 'node:util';
import { withoutPassword } from '../../shared/without-password.js';
import { crossChecks } from './check-config.js';
import { ConfigError } from './config-error.js';
import type { Option, OptionValue } from './option.js';
import { type Config, OPTIONS } from './options.js';

export { type Config, ConfigError };

/** What the command line asks for instead of a running server, if it does. */
export type Information = 'help' | 'version';

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
type Key = keyof Config;

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
  const config: Partial<Record<Key, OptionValue>> = {};
  const unread = new Set<Key>();
  for (const key of KEYS) {
    const option: Option<OptionValue> = OPTIONS[key];
    const flag = values.get(option.flag);
    const raw = flag ?? (env[option.env] || undefined);
    const parsed = raw === undefined ? { value: option.default } : option.parse(raw);
    config[key] = 'value' in parsed ? parsed.value : option.default;
    if ('problem' in parsed) {
      unread.add(key);
      const name = flag === undefined ? option.env : `--${option.flag}`;
      problems.push(`${name} ${parsed.problem}${option.secret ? '' : `, not "${raw}"`}.`);
    }
  }
  const complete = config as Config;
  problems.push(...crossChecks(complete, unread));
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
      problems.push(`"${withoutPassword(token.value)}" is not a flag; see --help.`);
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
