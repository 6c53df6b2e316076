import { crossChecks } from './check-config.js';
import { ConfigError } from './config-error.js';
import type { Option, OptionValue } from './option.js';
import { type Config, OPTIONS } from './options.js';

const KEYS = Object.keys(OPTIONS) as (keyof Config)[];

/** Options about a server that is Coscribe's own: a program that brings Coscribe along has its own server. */
const OF_OWN_SERVER = ['port', 'host', 'tlsCert', 'tlsKey', 'offlinePages'] as const;
export type OfOwnServer = (typeof OF_OWN_SERVER)[number];

/**
 * Settings of a program that brings Coscribe along: what is not given has its default. Nothing is read from the
 * environment, and nothing that is given is taken on trust.
 *
 * @throws ConfigError with every problem at once, in the names that the program uses
 */
export function completeConfig(given: Readonly<Partial<Record<string, unknown>>>): Config {
  const problems: string[] = Object.keys(given)
    .filter((key) => !Object.hasOwn(OPTIONS, key))
    .map((key) => `"${key}" is not an option.`);
  for (const key of OF_OWN_SERVER)
    if (given[key] !== undefined)
      problems.push(`${key} is for a server of Coscribe's own: startServer(), or the command line.`);
  const config: Partial<Record<keyof Config, OptionValue>> = {};
  const unread = new Set<keyof Config>();
  for (const key of KEYS) {
    const option: Option<OptionValue> = OPTIONS[key];
    const value = given[key];
    const parsed = value === undefined ? { value: option.default } : parse(option, value);
    config[key] = 'value' in parsed ? parsed.value : option.default;
    if ('value' in parsed) continue;
    unread.add(key);
    problems.push(`${key} ${parsed.problem}${option.secret ? '' : `, not ${JSON.stringify(value)}`}.`);
  }
  const complete = config as Config;
  problems.push(...crossChecks(complete, unread).map(inOwnNames));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(complete);
}

function parse(option: Option<OptionValue>, value: unknown): ReturnType<Option<OptionValue>['parse']> {
  // What is empty means "not set", as an empty variable does.
  if (value === '' || (Array.isArray(value) && value.length === 0)) return { value: option.default };
  const kind = Array.isArray(option.default) ? 'array' : typeof option.default;
  if (kind !== (Array.isArray(value) ? 'array' : typeof value)) return { problem: `must be of type ${kind}` };
  return option.parse(String(value));
}

/** A sentence about environment variables, said of the options that they stand for. */
function inOwnNames(sentence: string): string {
  return KEYS.reduce(
    (said, key) => said.replace(new RegExp(`\\b${OPTIONS[key].env}\\b`, 'g'), key),
    sentence,
  );
}
