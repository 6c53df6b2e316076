import { randomInt } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { readCount, readDuration } from '../../tools/command-line/quantities.js';
import { readArguments, type Values } from '../../tools/command-line/read-arguments.js';
import { readToken } from '../../tools/command-line/read-token.js';
import { UsageError } from '../../tools/usage-error.js';
import type { TypingPlan } from '../plan.js';
import { readChaos } from './chaos.js';
import { readObjective } from './objective.js';
import type { FindOption, LoadOptions } from './options.js';
import { readServers } from './read-servers.js';
import { MODELS, OPTIONS, PROTOCOLS, REPORT_FILE } from './table.js';
import { readNumber, readPause, readRate, readShare, readSpells } from './values.js';

/** Where the command is called. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Whether people look at what it writes. */
  readonly isTerminal: boolean;
}

type Given = Values<typeof OPTIONS>;

const MAX_CLIENTS = 100_000;
const MAX_URLS = 64;

/** Reads the command line of `coscribe load`. @throws UsageError with a sentence that says what to write instead */
export function readLoadOptions(argv: readonly string[], { env, isTerminal }: Surroundings): LoadOptions {
  const { values, operands } = readArguments(OPTIONS, argv, { name: 'URL', max: MAX_URLS });
  const servers = readServers(values, operands);
  const docs = readCount('--docs', values.docs ?? '10', 1, MAX_CLIENTS);
  const clients = readCount('--clients', values.clients ?? `${5 * docs}`, 1, MAX_CLIENTS);
  if (clients < docs)
    throw new UsageError(
      `--clients ${clients} leaves documents without anybody; give at least ${docs}, or fewer --docs.`,
    );
  const typists = readShare(
    '--typists',
    values.typists ?? (values.find === undefined ? '50%' : '100%'),
    clients,
  );
  if (typists === 0) throw new UsageError('--typists leaves nobody to type; give at least 1.');
  const token = readToken(values.token ?? env.COSCRIBE_TOKEN);
  const find = readFind(values, typists);
  const report =
    values.report ?? (isTerminal && values.json !== '' && values.json !== '-' ? REPORT_FILE : undefined);
  return {
    servers,
    protocol: PROTOCOLS.find((name) => name === values.protocol) ?? 'coscribe',
    workspace: readWorkspace(values.workspace ?? 'load'),
    docs,
    clients,
    typists,
    typing: readTyping(values),
    churnPerSecond: values.churn === undefined ? 0 : readRate('--churn', values.churn, 's') / 60,
    offline:
      values.offline === undefined ? { perMinute: 0, forMs: 0 } : readSpells('--offline', values.offline),
    presencePerSecond: values.presence === undefined ? 0 : readRate('--presence', values.presence, 's') / 60,
    arrivalsPerSecond: readArrivals(values.arrive ?? '100/s', clients),
    warmUpMs: readPause('--warm-up', values['warm-up'] ?? '5s'),
    durationMs: readDuration('--duration', values.duration ?? '30s'),
    ...(find === undefined ? {} : { find }),
    slo: values.slo.map((text) => readObjective('--slo', text).text),
    chaos: readChaos(values.chaos, values.every, servers),
    settleTimeoutMs: readDuration('--settle-timeout', values['settle-timeout'] ?? '30s'),
    lostAfterMs: readDuration('--lost-after', values['lost-after'] ?? '30s'),
    processes: readCount(
      '--processes',
      values.processes ?? `${Math.min(64, clients, Math.max(1, availableParallelism() - 1))}`,
      1,
      64,
    ),
    ...(token === undefined ? {} : { token }),
    seed: values.seed === undefined ? randomInt(2 ** 31) : readCount('--seed', values.seed, 0, 2 ** 32 - 1),
    ...(report === undefined || report === 'none' ? {} : { report: outputFile('--report', report) }),
    ...(values.json === undefined ? {} : { json: readJson(values.json) }),
  };
}

function readJson(raw: string): string {
  return raw === '' || raw === '-' ? '-' : outputFile('--json', raw);
}

/** A file to be written in the end: it would be a pity to find out only then that it can't be. */
function outputFile(flag: string, raw: string): string {
  const file = resolve(raw);
  try {
    accessSync(dirname(file), constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
  } catch (error) {
    throw new UsageError(`${flag}=${raw} can't be written: ${(error as Error).message}.`);
  }
  return file;
}

function readTyping(values: Given): TypingPlan {
  const { trace } = values;
  const model = MODELS.find((name) => name === values.model) ?? (trace === undefined ? 'keys' : 'trace');
  if (model === 'trace' && trace === undefined)
    throw new UsageError('--model trace needs a recorded session: --trace FILE.');
  if (model !== 'trace' && trace !== undefined)
    throw new UsageError(`--trace is for --model trace, not for --model ${model}; leave one of them out.`);
  if (trace !== undefined) checkReadable(trace);
  return {
    model,
    charactersPerSecond: readNumber('--rate', values.rate ?? '3', 0.01, 1_000, '3'),
    thinkMs: readPause('--think', values.think ?? '0'),
    maxCharacters: readCount('--max-characters', values['max-characters'] ?? '2000', 10, 1_000_000),
    ...(trace === undefined ? {} : { trace: resolve(trace) }),
  };
}

function checkReadable(file: string): void {
  try {
    readFileSync(file);
  } catch (error) {
    throw new UsageError(`--trace ${file} can't be read: ${(error as Error).message}.`);
  }
}

function readFind(values: Given, typists: number): FindOption | undefined {
  if (values.find === undefined) {
    const alone = (['from', 'step', 'level'] as const).find((name) => values[name] !== undefined);
    if (alone !== undefined) throw new UsageError(`--${alone} is for --find "p99<250ms".`);
    return undefined;
  }
  if (values.duration !== undefined)
    throw new UsageError(
      '--duration is for runs without --find, which takes as long as it needs; --level says how long it looks at one number of typists.',
    );
  const from = values.from ?? `${Math.max(1, Math.round(typists / 32))}`;
  return {
    objective: readObjective('--find', values.find).text,
    from: readCount('--from', from, 1, typists),
    step: readNumber('--step', values.step ?? '2', 1.1, 10, '2'),
    levelMs: Math.max(4_000, readDuration('--level', values.level ?? '10s')),
  };
}

function readWorkspace(raw: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(raw)) return raw;
  throw new UsageError(
    `--workspace has 1 to 64 characters out of A-Z a-z 0-9 . _ - and does not start with a dot, not "${raw}".`,
  );
}

/** @returns clients a second */
function readArrivals(raw: string, clients: number): number {
  const perSecond = raw.includes('/')
    ? readRate('--arrive', raw, 's') / 60
    : clients / (readDuration('--arrive', raw) / 1_000);
  if (perSecond > 0) return perSecond;
  throw new UsageError('--arrive must let somebody come: 50/s, or 20s for all of them.');
}
